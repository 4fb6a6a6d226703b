//! What holds for every seed. Each promise is judged by the record alone, and says what broke it.

mod endings;
mod existing;
mod forbidden;
mod once;
mod outage;
pub(crate) mod pace;
mod resume;
mod times;
mod truth;
mod work;

use std::fmt;

use crate::record::Record;

/// What holds for every seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Promise {
    /// Every row has one ending, and the sums are those of the rows.
    Endings,
    /// What is told of contacts and texts is what the platform holds.
    Truth,
    /// A contact that existed is told as our own only where a ledger that holds all has sent it before.
    Existing,
    /// A 403 is about one row only where another one of its kind was carried out with the same token.
    Forbidden,
    /// In doubt is what left without an answer that was written down, and nothing else.
    Doubt,
    /// No contact is created twice.
    OneContact,
    /// No second text for a callback, unless somebody asked for it.
    OneText,
    /// A contact request that may have been carried out is repeated to the byte.
    SameBytes,
    /// No 60 s hold more requests than allowed, across restarts too.
    Pace,
    /// Nothing leaves while the platform asks to be left alone, in later runs too.
    Holds,
    /// No more requests in flight than allowed.
    Flight,
    /// No text without its contact, in other words than its time, or to another phone.
    TextAfterContact,
    /// No text outside its hours, or when the call is due.
    TextHours,
    /// A dispatch time lies in its window, in the opening hours, and ahead.
    DispatchTime,
    /// What follows in the ledger is what may follow.
    Order,
    /// A run that nothing hinders leaves nothing undone, and gives up nothing that was possible.
    NothingLeft,
    /// A finished input makes no request.
    Quiet,
    /// A resume takes up what is unfinished, by dispatch time, and nothing else.
    TakesUp,
    /// Nobody is accused wrongly of bad credentials, scopes or addresses.
    Accusation,
    /// Nothing is handed out after a stop, a deadline, or beyond a limit.
    Stopping,
    /// The report counts the requests that left.
    Counts,
    /// Nothing of a customer leaves while the platform is in trouble, and no text while texts are.
    HeldBack,
    /// An outage of texts leaves few of them in doubt.
    FewDoubts,
    /// Contacts are created while texts are held back.
    ContactsGoOn,
    /// No run, and no forecast, is given up before trouble has lasted as long as is borne.
    Patience,
}

/// A promise that was broken.
#[derive(Clone, Debug)]
pub(crate) struct Broken {
    pub(crate) promise: Promise,
    what: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.promise, self.what)
    }
}

/// Judges a record and collects what is broken.
pub(crate) struct Judge<'a> {
    record: &'a Record,
    broken: Vec<Broken>,
}

/// Every promise that a record breaks.
pub(crate) fn broken(record: &Record) -> Vec<Broken> {
    let mut judge = Judge { record, broken: Vec::new() };
    judge.endings();
    judge.truth();
    judge.doubt();
    judge.existing();
    judge.forbidden();
    judge.one_contact();
    judge.one_text();
    judge.same_bytes();
    judge.pace();
    judge.holds();
    judge.flight();
    judge.text_after_contact();
    judge.text_hours();
    judge.dispatch_time();
    judge.order();
    judge.nothing_left();
    judge.quiet();
    judge.takes_up();
    judge.accusation();
    judge.stopping();
    judge.counts();
    judge.held_back();
    judge.few_doubts();
    judge.contacts_go_on();
    judge.patience();
    judge.broken
}

/// The promises that outlive a ledger, where another one takes its place.
pub(crate) fn broken_by_a_loss(record: &Record) -> Vec<Broken> {
    let mut judge = Judge { record, broken: Vec::new() };
    judge.one_contact();
    judge.one_text_went_out();
    judge.text_after_contact();
    judge.flight();
    judge.order();
    judge.broken
}

impl Judge<'_> {
    fn must(&mut self, holds: bool, promise: Promise, what: impl FnOnce() -> String) {
        if !holds {
            self.broken.push(Broken { promise, what: what() });
        }
    }
}
