//! How far a run has come, in a line.

use std::time::Duration;

use super::plan_table::span;

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Callbacks that came to their end in this run.
    pub ended: u64,
    /// Callbacks that are to be sent, or finished; `None` where that is not known yet.
    pub planned: Option<u64>,
    /// Requests that left in the last minute, or would have, where the run is younger.
    pub requests_per_minute: f64,
    /// Since the first could be sent.
    pub elapsed: Duration,
    /// How long the platform is still to be left alone.
    pub held: Option<Duration>,
}

impl Pace {
    /// How long the rest takes if it goes on as it went so far; `None` where nobody can say.
    #[must_use]
    pub fn left(&self) -> Option<Duration> {
        let rest = self.planned?.saturating_sub(self.ended);
        #[expect(clippy::cast_precision_loss, reason = "counts of callbacks")]
        let (rest, ended) = (rest as f64, self.ended as f64);
        let left = (self.ended > 0).then(|| self.elapsed.as_secs_f64() * rest / ended)?;
        Duration::try_from_secs_f64(left).ok()
    }

    /// What stands behind the bar.
    #[must_use]
    pub fn brief(&self) -> String {
        let left = self.left().map(|left| format!(", {} left", words(left))).unwrap_or_default();
        let held = self.held.map(|held| format!(", held by the platform for {}", words(held))).unwrap_or_default();
        format!("{:.0} requests a minute{left}{held}", self.requests_per_minute)
    }

    /// The whole line.
    #[must_use]
    pub fn line(&self) -> String {
        match self.planned {
            Some(planned) => format!("{} of {planned} callbacks, {}", self.ended, self.brief()),
            None => format!("no callback is sent yet, {}", self.brief()),
        }
    }
}

/// Whole seconds, the begun one counted: what is left is never told as nothing.
fn words(duration: Duration) -> String {
    match duration.as_secs().saturating_add(u64::from(duration.subsec_nanos() > 0)) {
        seconds @ ..120 => format!("{seconds} s"),
        seconds => span(i64::try_from(seconds).unwrap_or(i64::MAX / 2)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALFWAY: Pace = Pace {
        ended: 500,
        planned: Some(2000),
        requests_per_minute: 98.7,
        elapsed: Duration::from_mins(10),
        held: None,
    };

    #[test]
    fn a_line_says_how_far_how_fast_how_long_and_what_is_in_the_way() {
        let check = |pace: Pace, expected: &str| assert_eq!(pace.line(), expected);
        check(HALFWAY, "500 of 2000 callbacks, 99 requests a minute, 30 minutes left");
        check(
            Pace { elapsed: Duration::from_mins(45), ..HALFWAY },
            "500 of 2000 callbacks, 99 requests a minute, 2 h 15 min left",
        );
        let held = Some(Duration::from_millis(11_001));
        check(
            Pace { held, requests_per_minute: 0.0, ..HALFWAY },
            "500 of 2000 callbacks, 0 requests a minute, 30 minutes left, held by the platform for 12 s",
        );
        check(Pace { ended: 0, ..HALFWAY }, "0 of 2000 callbacks, 99 requests a minute");
        check(Pace { ended: 2000, ..HALFWAY }, "2000 of 2000 callbacks, 99 requests a minute, 0 s left");
        check(Pace { planned: None, ended: 0, ..HALFWAY }, "no callback is sent yet, 99 requests a minute");
        let absurd = Pace { planned: Some(u64::MAX), elapsed: Duration::MAX, ended: 1, ..HALFWAY };
        assert_eq!(absurd.left(), None);
    }
}
