//! At which second of its hour a callback goes: evenly over what it may use, never all on the hour.

use crate::domain::time::{Interval, Timestamp};

use super::Wish;

/// Spreads the callbacks of one hour: the i-th of n stands at the (2 i + 1) ÷ 2 n-th part of the time that it may
/// use, so that callbacks with different windows do not meet either. Those whose time ends first come first.
pub(super) fn over<'a>(open: &'a [Interval], seated: &'a mut [Wish]) -> impl Iterator<Item = (u32, Timestamp)> + 'a {
    let end = open.last().map_or(Timestamp::EPOCH, |part| part.end);
    seated.sort_unstable_by_key(|wish| (wish.span.end.min(end), wish.member));
    #[expect(clippy::cast_precision_loss, reason = "a batch has fewer than 2^32 callbacks")]
    let share = |place: usize, count: usize| (2.0 * place as f64 + 1.0) / (2.0 * count as f64);
    let count = seated.len();
    let at = move |(place, wish): (usize, &Wish)| Some((wish.member, at_share(open, wish.span, share(place, count))?));
    seated.iter().enumerate().filter_map(at)
}

/// The second at a share, from 0 to 1, of the open time inside a span; `None` where there is none.
pub(super) fn at_share(open: &[Interval], span: Interval, share: f64) -> Option<Timestamp> {
    let parts = open.iter().map(|part| part.intersect(span)).filter(|part| !part.is_empty());
    let total: i64 = parts.clone().map(Interval::seconds).sum();
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "at most 3600 seconds")]
    let mut ahead = ((total as f64 * share) as i64).min(total - 1);
    for part in parts {
        if ahead < part.seconds() {
            return Some(part.start.plus(ahead));
        }
        ahead -= part.seconds();
    }
    None
}
