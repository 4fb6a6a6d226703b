//! The first walk through the ledger: which contacts it knows, and which runs are those of the inputs.

use hashbrown::{HashMap, HashSet};

use crate::domain::callback::{CallbackId, RunId};

use super::contact::{ContactKey, Contacts};
use super::finding::Scope;
use super::known::Known;
use super::reconciler::Reconciler;
use super::wanted::Wanted;

/// Whose a contact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    /// Nobody's, as far as ids tell.
    Stranger,
    /// Somebody's, by its id.
    Named,
    /// It was told of.
    Taken,
}

/// The three sides, and what is known of each: of the ledger, only what it claims of the others.
#[derive(Debug)]
pub(super) struct Sides<'a> {
    pub(super) contacts: Contacts,
    pub(super) claims: Vec<Claim>,
    pub(super) wanted: Wanted<'a>,
    /// Which of the inputs' callbacks the ledger has.
    met: Vec<bool>,
    runs: HashMap<RunId, Share, foldhash::fast::RandomState>,
}

/// The callbacks that a run brought to where they stand.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    all: u64,
    in_inputs: u64,
}

/// The first walk through the ledger.
#[derive(Debug)]
pub struct Survey<'a>(Sides<'a>);

impl<'a> Survey<'a> {
    /// Begins with what inputs and platform say.
    #[must_use]
    pub fn new(contacts: Contacts, wanted: Wanted<'a>) -> Self {
        let (claims, met) = (vec![Claim::Stranger; contacts.all().len()], vec![false; wanted.count()]);
        Self(Sides { contacts, claims, wanted, met, runs: HashMap::default() })
    }

    /// Takes note of a callback of the ledger. Each must come once, in any order.
    pub fn note(&mut self, known: &Known) {
        let sides = &mut self.0;
        let index = sides.wanted.index(&known.id);
        let share = sides.runs.entry(known.run).or_default();
        share.all += 1;
        if let Some(index) = index {
            share.in_inputs += 1;
            sides.met[index] = true;
        }
        let (sent, given) = known.keys();
        sides.name(&sent);
        if let Some(given) = given {
            sides.name(given);
        }
    }

    /// Ends the first walk. A contact that bears the id of a row of the inputs is that row's, not a stranger.
    #[must_use]
    pub fn end(mut self) -> Reconciler<'a> {
        let sides = &mut self.0;
        for (id, _) in sides.unmet() {
            sides.name(&ContactKey::Uuid(id));
        }
        let strangers = sides.contacts.all().iter().zip(&sides.claims);
        let strangers = strangers.filter(|(_, claim)| **claim == Claim::Stranger);
        let phones: HashSet<_, foldhash::fast::RandomState> =
            strangers.filter_map(|(contact, _)| contact.phone).collect();
        Reconciler::new(self.0, phones)
    }
}

impl Sides<'_> {
    fn name(&mut self, key: &ContactKey) {
        self.claims[self.contacts.with(key)].fill(Claim::Named);
    }

    /// The inputs' callbacks that the ledger should have and does not, with their places, in the order of the inputs.
    pub(super) fn unmet(&self) -> Vec<(CallbackId, u32)> {
        let mut unmet: Vec<_> = self.strange_to_ledger().filter(|(_, place)| !self.wanted.is_closed(*place)).collect();
        unmet.sort_unstable_by_key(|(_, place)| *place);
        unmet
    }

    /// How many of the inputs' callbacks the ledger rightly does not have: no opening hour meets them.
    pub(super) fn closed(&self) -> u64 {
        self.strange_to_ledger().filter(|(_, place)| self.wanted.is_closed(*place)).count() as u64
    }

    fn strange_to_ledger(&self) -> impl Iterator<Item = (CallbackId, u32)> {
        (0..self.wanted.count()).filter(|index| !self.met[*index]).map(|index| self.wanted.at(index))
    }

    /// Takes the contacts with an id that were not told of yet.
    pub(super) fn take(&mut self, key: &ContactKey) -> Vec<usize> {
        let places: Vec<usize> = self.contacts.with(key).filter(|place| self.claims[*place] != Claim::Taken).collect();
        for place in &places {
            self.claims[*place] = Claim::Taken;
        }
        places
    }

    /// The contacts that nobody knows by their ids, in the order of those.
    pub(super) fn strangers(&self) -> Vec<usize> {
        (0..self.claims.len()).filter(|place| self.claims[*place] == Claim::Stranger).collect()
    }

    /// Why a callback of the ledger is looked at. A run is one of these inputs where they hold at least half of the
    /// callbacks that it brought to where they stand.
    pub(super) fn scope(&self, known: &Known, is_on_platform: impl FnOnce() -> bool) -> Scope {
        if let Some(index) = self.wanted.index(&known.id) {
            return Scope::Input(self.wanted.at(index).1);
        }
        if is_on_platform() {
            return Scope::Platform;
        }
        let share = self.runs.get(&known.run).copied().unwrap_or_default();
        if share.in_inputs > 0 && share.in_inputs * 2 >= share.all { Scope::Run } else { Scope::Beyond }
    }
}
