//! A callback on its way, and what became of the last thing that was tried for it.

use std::cmp::Ordering;
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::callback::{Callback, CallbackId};
use crate::domain::entry::Bodies;
use crate::domain::outcome::Standing;
use crate::domain::progress::{Earlier, Progress};
use crate::domain::reply::Step;
use crate::domain::time::Timestamp;

use super::super::session::attempt::History;

/// A callback on its way.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its place in the batch.
    pub member: u32,
    /// Its business key.
    pub id: CallbackId,
    /// What the customer asked for.
    pub callback: Callback,
    /// What the ledger holds of it.
    pub standing: Standing,
    /// The bytes that were sent, or will be; read from the ledger when they are needed.
    pub bodies: Option<Bodies>,
    /// What was tried of the contact in this run.
    pub contact: Tries,
    /// What was tried of the text in this run.
    pub text: Tries,
    /// Times that a newer token was asked for on its behalf in this run.
    pub renewals: u32,
    /// Whether its text is to be made anew, for the old one was refused.
    pub wording: Wording,
    /// Whether this run knows hours in which it could be placed again.
    pub hours: Hours,
    /// Whether it goes before those that are late anyway.
    pub chance: Chance,
}

/// Whether a callback can be there in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Chance {
    /// As far as was known at the start.
    InTime,
    /// Only where others fall away: it takes no turn from them.
    Late,
}

/// What was tried of a step in this run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tries {
    /// Attempts that failed: they are limited.
    pub failed: u32,
    /// Requests that left.
    pub left: u32,
    /// When the first of those was written down that may have been carried out, where this run sent it.
    pub since: Option<Instant>,
}

impl Tries {
    fn history(&mut self, is_again: bool) -> History {
        if !is_again {
            self.since = Some(Instant::now());
        }
        let earlier = if is_again { Earlier::Open } else { Earlier::None };
        History { earlier, trying_for: self.lasted() }
    }

    /// For how long requests have been leaving that may have been carried out; `None` where an earlier run sent the first.
    pub(super) fn lasted(&self) -> Option<Duration> {
        self.since.map(|since| since.elapsed())
    }
}

/// Whether a run knows hours in which a callback could be placed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hours {
    /// It has asked for them.
    Asked,
    /// The callback had its time before this run, which asked for none.
    Unasked,
}

/// Which words a text has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wording {
    /// Those that were fixed when the contact was first sent.
    Stored,
    /// New ones, for the stored time.
    Anew,
}

/// What becomes of a job after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// The next step can be taken at once.
    Ready,
    /// The next step can be taken after a wait.
    Wait(Duration),
    /// Nothing more in this run.
    Ended,
}

impl Job {
    /// A callback that is to be sent, or finished.
    #[must_use]
    pub fn new(member: u32, id: CallbackId, callback: Callback, standing: Standing) -> Self {
        let (contact, text, renewals) = (Tries::default(), Tries::default(), 0);
        let (wording, hours, chance) = (Wording::Stored, Hours::Asked, Chance::InTime);
        Self { member, id, callback, standing, bodies: None, contact, text, renewals, wording, hours, chance }
    }

    /// The next step, or `None` where nothing is owed.
    #[must_use]
    pub fn step(&self) -> Option<Step> {
        self.standing.progress.owed()
    }

    /// When the platform is to dial; the earliest time of all where none is set, so that it comes first.
    #[must_use]
    pub fn dispatch_at(&self) -> Timestamp {
        self.standing.dispatch_at.unwrap_or(Timestamp::EPOCH)
    }

    /// What earlier requests for its contact have left behind, now that the next one is written down.
    pub(super) fn contact_history(&mut self) -> History {
        self.contact.history(self.is_repeat())
    }

    /// Whether its contact is asked for again that may have been created.
    pub(super) fn is_repeat(&self) -> bool {
        self.standing.progress == Progress::ContactInFlight { earlier: Earlier::Open }
    }

    /// The same of its text.
    pub(super) fn text_history(&mut self) -> History {
        self.text.history(self.standing.progress == Progress::TextInFlight { earlier: Earlier::Open })
    }

    fn order(&self) -> (Chance, Timestamp, u32) {
        (self.chance, self.dispatch_at(), self.member)
    }
}

/// Jobs in a heap: the one with the earliest dispatch time is the greatest.
#[derive(Debug)]
pub(super) struct ByDispatchTime(pub(super) Job);

impl Ord for ByDispatchTime {
    fn cmp(&self, other: &Self) -> Ordering {
        other.0.order().cmp(&self.0.order())
    }
}

impl PartialOrd for ByDispatchTime {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for ByDispatchTime {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for ByDispatchTime {}
