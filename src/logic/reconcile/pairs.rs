//! Contacts that nobody knows by their ids, held against callbacks by phone, campaign and window.

use std::collections::VecDeque;

use hashbrown::HashMap;

use super::finding::How;
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
/// before the others, and as many as can be; what fits only callbacks that have theirs is one too many. The outcome
/// does not depend on the order of the platform's export.
pub(super) fn pair_up(deferred: &mut [Deferred], sides: &mut Sides<'_>) {
    deferred.sort_by_key(|one| (one.known.phone, one.known.id));
    for round in [Round::ExactlyLacking, Round::Lacking, Round::Again] {
        let fitting = |place: usize| fitting(deferred, (place, sides), round);
        let pairs: Vec<(usize, usize)> = match round {
            Round::ExactlyLacking | Round::Lacking => most(sides, fitting),
            Round::Again => {
                let nearest = |place: usize| Some((place, fitting(place).first()?.1));
                sides.strangers().into_iter().filter_map(nearest).collect()
            }
        };
        for (place, index) in pairs {
            sides.claims[place] = Claim::Taken;
            let held = &mut deferred[index].held;
            match round {
                Round::ExactlyLacking | Round::Lacking => held.own = Some((place, How::Window)),
                Round::Again => held.again.push((place, How::Window)),
            }
        }
    }
}

/// The callbacks that a stranger may go to in a round, with their distances, the nearest first.
fn fitting(deferred: &[Deferred], (place, sides): (usize, &Sides<'_>), round: Round) -> Vec<(u64, usize)> {
    let contact = &sides.contacts.all()[place];
    let Some(phone) = contact.phone else { return Vec::new() };
    let first = deferred.partition_point(|one| one.known.phone < phone);
    let of_phone = deferred[first..].iter().zip(first..).take_while(|(one, _)| one.known.phone == phone);
    let taking_part = of_phone.filter(|(one, _)| takes_part(one, round));
    let distances =
        taking_part.filter_map(|(one, index)| Some((sides.contacts.distance(contact, &one.known.wish())?, index)));
    let is_meant = |index: usize| round != Round::ExactlyLacking || deferred[index].known.dispatch_at == contact.at;
    let mut fitting: Vec<_> = distances.filter(|(_, index)| is_meant(*index)).collect();
    fitting.sort_unstable();
    fitting
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

/// Gives each stranger to one that it fits, and none to two, so that as many as can be have one; the nearest first.
/// `fitting` tells whom a stranger fits and at which distance, the nearest first: none of another phone.
pub(super) fn most(sides: &Sides<'_>, fitting: impl Fn(usize) -> Vec<(u64, usize)>) -> Vec<(usize, usize)> {
    let phone = |place: &usize| sides.contacts.all()[*place].phone;
    let mut strangers = sides.strangers();
    strangers.sort_by_key(phone);
    let of_each_phone = strangers.chunk_by(|one, other| phone(one) == phone(other));
    of_each_phone.flat_map(|strangers| most_of_phone(strangers, &fitting)).collect()
}

fn most_of_phone(strangers: &[usize], fitting: impl Fn(usize) -> Vec<(u64, usize)>) -> Vec<(usize, usize)> {
    let of_some = strangers.iter().map(|place| (*place, fitting(*place))).filter(|(_, fitting)| !fitting.is_empty());
    let fits: HashMap<usize, Vec<(u64, usize)>> = of_some.collect();
    let mut order: Vec<(u64, usize)> = fits.iter().map(|(place, fitting)| (fitting[0].0, *place)).collect();
    order.sort_unstable();
    let mut pairs = Pairs::default();
    for (_, place) in order {
        pairs.add(place, &fits);
    }
    let mut pairs: Vec<(usize, usize)> = pairs.of_stranger.into_iter().collect();
    pairs.sort_unstable();
    pairs
}

/// Who has whom, from both sides.
#[derive(Debug, Default)]
struct Pairs {
    of_stranger: HashMap<usize, usize>,
    stranger_of: HashMap<usize, usize>,
}

impl Pairs {
    /// Gives a stranger to one that nobody has; where all that it fits are given away, some of those that have them
    /// move on to others that they fit, by the shortest way.
    fn add(&mut self, stranger: usize, fits: &HashMap<usize, Vec<(u64, usize)>>) {
        let (mut waiting, mut comes_from) = (VecDeque::from([stranger]), HashMap::new());
        while let Some(asking) = waiting.pop_front() {
            for (_, wanted) in &fits[&asking] {
                if comes_from.contains_key(wanted) {
                    continue;
                }
                comes_from.insert(*wanted, asking);
                match self.stranger_of.get(wanted) {
                    Some(holder) => waiting.push_back(*holder),
                    None => return self.move_on(*wanted, &comes_from),
                }
            }
        }
    }

    /// Gives what is free to whoever asked for it, what that one had to whoever asked for that, and so on.
    fn move_on(&mut self, free: usize, comes_from: &HashMap<usize, usize>) {
        let mut free = Some(free);
        while let Some(given) = free {
            let asking = comes_from[&given];
            self.stranger_of.insert(given, asking);
            free = self.of_stranger.insert(asking, given);
        }
    }
}
