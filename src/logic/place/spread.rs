//! At which second of its hour a callback goes: evenly over what it may use, never all on the hour.

use crate::domain::time::{Interval, Timestamp};
use crate::logic::group::Class;

/// A callback that goes into an hour.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seat {
    /// The place of its class.
    pub(super) class: usize,
    /// Its place in the batch.
    pub(super) member: u32,
}

/// Spreads the callbacks of one hour: the i-th of n stands at the (2 i + 1) ÷ 2 n-th part of the time that
/// it may use, so that callbacks with different windows do not meet either.
pub(super) fn over(hour: Interval, mut seats: Vec<Seat>, classes: &[Class]) -> Vec<(u32, Timestamp)> {
    let usable_end = |seat: &Seat| classes[seat.class].usable.iter().map(|part| part.intersect(hour).end).min();
    seats.sort_by_key(|seat| (usable_end(seat), seat.member));
    #[expect(clippy::cast_precision_loss, reason = "a batch has fewer than 2^32 callbacks")]
    let (count, places) = (seats.len() as f64, (0..seats.len()).map(|place| place as f64));
    let at = |(seat, place): (&Seat, f64)| {
        let share = (2.0 * place + 1.0) / (2.0 * count);
        Some((seat.member, at_share(hour, &classes[seat.class].usable, share)?))
    };
    seats.iter().zip(places).filter_map(at).collect()
}

/// The second at a share, from 0 to 1, of the usable time inside an hour; `None` where there is none.
pub(super) fn at_share(hour: Interval, usable: &[Interval], share: f64) -> Option<Timestamp> {
    let parts = usable.iter().map(|part| part.intersect(hour)).filter(|part| !part.is_empty());
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
