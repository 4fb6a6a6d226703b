//! Contacts that nobody knows by their ids, held against callbacks by phone, campaign and window.

use super::details::How;
use super::known::{Expected, Known};
use super::reconciler::Held;
use super::survey::{Claim, Sides};

/// A callback whose phone some stranger has too.
#[derive(Debug)]
pub(super) struct Deferred {
    pub(super) known: Known,
    pub(super) held: Held,
}

/// Which callbacks a stranger may go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Round {
    /// To one that lacks its contact, for its very time.
    ExactlyLacking,
    /// To one that lacks its contact.
    Lacking,
    /// To one that has its contact: it is one too many.
    Again,
}

/// Gives strangers to the callbacks that they fit: first to those that lack their contact, those of the very time
/// before the others; what fits only callbacks that have theirs is one too many. The outcome does not depend on the
/// order of the platform's export.
pub(super) fn pair_up(deferred: &mut [Deferred], sides: &mut Sides<'_>) {
    deferred.sort_by_key(|one| (one.known.phone, one.known.id));
    let strangers = sides.strangers();
    for round in [Round::ExactlyLacking, Round::Lacking, Round::Again] {
        for &place in &strangers {
            if sides.claims[place] == Claim::Stranger
                && let Some(index) = nearest(deferred, (place, sides), round)
            {
                sides.claims[place] = Claim::Taken;
                let held = &mut deferred[index].held;
                match round {
                    Round::ExactlyLacking | Round::Lacking => held.own = Some((place, How::Window)),
                    Round::Again => held.again.push((place, How::Window)),
                }
            }
        }
    }
}

/// The callback that a stranger goes to in a round: of several, the one whose time is the nearest.
fn nearest(deferred: &[Deferred], (place, sides): (usize, &Sides<'_>), round: Round) -> Option<usize> {
    let contact = &sides.contacts.all()[place];
    let phone = contact.phone?;
    let first = deferred.partition_point(|one| one.known.phone < phone);
    let of_phone = deferred[first..].iter().zip(first..).take_while(|(one, _)| one.known.phone == phone);
    let fitting = of_phone.filter(|(one, _)| takes_part(one, round));
    let distances =
        fitting.filter_map(|(one, index)| Some((sides.contacts.distance(contact, &one.known.wish())?, index)));
    distances.filter(|(distance, _)| round != Round::ExactlyLacking || *distance == 0).min().map(|(_, index)| index)
}

fn takes_part(one: &Deferred, round: Round) -> bool {
    match (round, one.known.expected()) {
        (Round::Again, _) => one.held.own.is_some(),
        (Round::ExactlyLacking | Round::Lacking, Expected::Nothing) => false,
        (Round::ExactlyLacking | Round::Lacking, Expected::Created | Expected::Doubted | Expected::Open) => {
            one.held.own.is_none()
        }
    }
}
