//! The callbacks of the inputs, found by their ids.

use crate::domain::callback::{Callback, CallbackId};
use crate::domain::interned::Names;

use super::contact::Wish;

/// The callbacks of the inputs that count, which duplicates do not.
#[derive(Debug)]
pub struct Wanted<'a> {
    callbacks: &'a [Callback],
    campaigns: &'a Names,
    /// The places of those that no opening hour meets, ascending: rejected rows, unless the ledger has them.
    closed: &'a [u32],
    /// By id, with the place among the callbacks.
    ids: Vec<(CallbackId, u32)>,
}

impl<'a> Wanted<'a> {
    /// The callbacks of a batch with the names of its campaigns; those that count by their ids, in any order, with
    /// their places.
    #[must_use]
    pub fn new(callbacks: &'a [Callback], campaigns: &'a Names, mut ids: Vec<(CallbackId, u32)>) -> Self {
        ids.sort_unstable();
        Self { callbacks, campaigns, closed: &[], ids }
    }

    /// The same, of which no opening hour meets those at some places, ascending.
    #[must_use]
    pub fn closed_at(self, closed: &'a [u32]) -> Self {
        Self { closed, ..self }
    }

    /// Whether no opening hour meets the callback at a place.
    pub(super) fn is_closed(&self, place: u32) -> bool {
        self.closed.binary_search(&place).is_ok()
    }

    /// Where an id stands in the list of ids.
    pub(super) fn index(&self, id: &CallbackId) -> Option<usize> {
        self.ids.binary_search_by_key(id, |(id, _)| *id).ok()
    }

    /// How many count.
    pub(super) fn count(&self) -> usize {
        self.ids.len()
    }

    /// The id and the place of one of the list of ids.
    pub(super) fn at(&self, index: usize) -> (CallbackId, u32) {
        self.ids[index]
    }

    /// The callback at a place.
    #[must_use]
    pub fn callback(&self, place: u32) -> &Callback {
        &self.callbacks[place as usize]
    }

    /// The name of a callback's campaign.
    #[must_use]
    pub fn campaign(&self, callback: &Callback) -> &'a str {
        self.campaigns.word(callback.campaign.0)
    }

    /// What a contact is held against that may be for the callback at a place.
    pub(super) fn wish(&self, place: u32) -> Wish<'_> {
        let callback = self.callback(place);
        let (phone, window, campaign) = (callback.phone, callback.window(), self.campaign(callback));
        Wish { phone, window, campaign, dispatch_at: None }
    }
}
