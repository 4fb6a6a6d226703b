//! What people are told of a status: its meaning, its colour, and whether the customer is called. A status that is added
//! has its line here.

use crate::domain::outcome::Status;

/// What a status is told as.
pub(super) struct Told {
    /// What it means, in a few words.
    pub(super) meaning: &'static str,
    /// Its colour on the page; its word always stands beside it.
    pub(super) tone: &'static str,
    /// Whether the customer is called.
    pub(super) call: Call,
}

/// Whether a customer is called because of a row.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    /// The callback is on the platform, or will be.
    Sure,
    /// Because of an earlier row.
    OfEarlierRow,
    /// Never.
    Never,
    /// Nobody knows.
    Unknown,
    /// It is not done yet.
    NotYet,
}

/// What a status is told as.
pub(super) fn told(status: Status) -> Told {
    use Call::{Never, NotYet, OfEarlierRow, Sure, Unknown};
    let (meaning, tone, call) = match status {
        Status::Confirmed => ("contact created, text accepted", "good", Sure),
        Status::Scheduled => ("contact created, no text on purpose", "good", Sure),
        Status::SmsWaiting => ("contact created, the text waits for texting hours", "wait", Sure),
        Status::AlreadyDone => ("done by an earlier run", "good", Sure),
        Status::Duplicate => ("the same callback stands on an earlier row", "plain", OfEarlierRow),
        Status::Valid => ("a callback", "plain", Sure),
        Status::Planned => ("has a dispatch time", "plain", Sure),
        Status::Rejected => ("not a callback; see the rejects file", "bad", Never),
        Status::Failed => ("refused by the platform, or no forecast", "bad", Never),
        Status::SmsFailed => ("contact created, text refused", "bad", Sure),
        Status::Expired => ("the window closed first", "bad", Never),
        Status::Pending => ("not attempted or not finished", "wait", NotYet),
        Status::InDoubt => ("the contact may or may not exist", "look", Unknown),
        Status::SmsInDoubt => ("contact created, the text may or may not have gone out", "look", Sure),
    };
    Told { meaning, tone, call }
}
