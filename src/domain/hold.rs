//! A pause that a platform asked for, by the wall clock, as it is kept across restarts.

use std::time::Duration;

/// The longest pause that is kept: what is written down must not stop the nights of a week.
pub const HOLD_KEPT_MAX: Duration = Duration::from_hours(24);

/// A pause that a platform asked for, in milliseconds of the Unix clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    /// When it was asked for.
    pub set_ms: i64,
    /// When it ends.
    pub until_ms: i64,
}

impl Hold {
    /// A pause that begins now, cut to the longest that is kept.
    #[must_use]
    pub fn from_now(now_ms: i64, length: Duration) -> Self {
        let length = i64::try_from(length.min(HOLD_KEPT_MAX).as_millis()).unwrap_or(i64::MAX);
        Self { set_ms: now_ms, until_ms: now_ms.saturating_add(length) }
    }

    /// What is left of it. A clock that was put back does not lengthen it: no more is left than was asked for. A pause
    /// longer than any that is kept comes from a damaged file and is not believed.
    #[must_use]
    pub fn left(&self, now_ms: i64) -> Duration {
        let asked = self.until_ms.saturating_sub(self.set_ms);
        let left = self.until_ms.saturating_sub(now_ms).min(asked);
        let left = Duration::from_millis(u64::try_from(left).unwrap_or(0));
        if u128::try_from(asked).is_ok_and(|asked| asked <= HOLD_KEPT_MAX.as_millis()) { left } else { Duration::ZERO }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_a_hold_is_never_more_than_was_asked_for() {
        let hold = Hold::from_now(1_000_000, Duration::from_mins(1));
        let check = |now_ms: i64, left_ms: u64| {
            assert_eq!(hold.left(now_ms), Duration::from_millis(left_ms), "{now_ms}");
        };
        check(1_000_000, 60_000);
        check(1_059_999, 1);
        check(1_060_000, 0);
        check(i64::MAX, 0);
        // The clock was put back, by a little or to the beginning.
        check(990_000, 60_000);
        check(i64::MIN, 60_000);
    }

    #[test]
    fn a_hold_beyond_the_longest_is_cut_when_it_is_kept_and_not_believed_when_it_is_read() {
        assert_eq!(Hold::from_now(0, Duration::MAX).left(0), HOLD_KEPT_MAX);
        for damaged in [Hold { set_ms: 0, until_ms: i64::MAX }, Hold { set_ms: i64::MIN, until_ms: i64::MAX }] {
            assert_eq!(damaged.left(0), Duration::ZERO);
        }
        assert_eq!(Hold { set_ms: 5, until_ms: 1 }.left(0), Duration::ZERO);
    }
}
