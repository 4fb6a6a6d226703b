//! What a status says: the table of answers.

use crate::domain::reply::{Probed, Reply, Step, Trouble, Unclear};

/// An answer that says that something was not done, or whose status leaves it open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The HTTP status; 2xx where the body says that it was not done.
    pub(super) status: u16,
    /// Seconds that the platform asks to be left alone, where it says so.
    pub(super) retry_after: Option<u64>,
    /// What stood there, cut and cleaned.
    pub(super) words: String,
    /// Whether a token was refused for the client's id or secret (`invalid_client`, RFC 6749, 5.2).
    pub(super) is_invalid_client: bool,
}

impl Refusal {
    fn describe(&self) -> String {
        let Self { status, words, .. } = self;
        if words.is_empty() { format!("HTTP {status}") } else { format!("HTTP {status}: {words}") }
    }

    /// What it means for a request of this step.
    pub(super) fn verdict(&self, step: Step) -> Trouble {
        let words = self.describe();
        let unknown = |why, hold| Trouble::Unknown { why, hold, words: words.clone() };
        match (self.status, step) {
            (429, _) => Trouble::Busy { hold: self.retry_after, words },
            (401, _) => Trouble::Unauthorised(words),
            (403, _) => Trouble::Forbidden { what: format!("scope {}", scope(step)), words },
            // A gateway may send it after the deed.
            (408, _) => unknown(Unclear::TimedOut, None),
            (409, Step::Contact) => Trouble::Existed { id: None, words },
            (503, _) => unknown(Unclear::Troubled, self.retry_after),
            (500..=599, _) => unknown(Unclear::Troubled, None),
            (200..=299 | 400, Step::Token) if self.is_invalid_client => Trouble::Unauthorised(words),
            (200..=299 | 400, Step::Token)
            | (400 | 404, Step::Forecast)
            | (200..=299 | 400..=499, Step::Contact | Step::Text) => Trouble::Refused(words),
            (409, Step::Token) | (200..=299 | 400..=499, Step::Forecast) => Trouble::NotDone(words),
            // The platform does not know the address, sends elsewhere, or something else than the platform answers. 1xx,
            // 3xx and what HTTP does not know do not say that nothing was done.
            _ => Trouble::WrongAddress(words),
        }
    }

    /// The same of a request that holds nothing: a refusal of what it holds is what it has to come to.
    pub(super) fn probed(&self, step: Step) -> Reply<Probed> {
        match self.status {
            200..=299 | 400 | 422 => Reply::Done(Probed::Refused(format!("HTTP {}", self.status))),
            _ => Reply::Trouble(self.verdict(step)),
        }
    }
}

/// The scope that a step needs.
pub(super) fn scope(step: Step) -> &'static str {
    match step {
        Step::Token => "of this client",
        Step::Forecast => "outbound:forecast:read",
        Step::Contact => "outbound:contact:write",
        Step::Text => "messaging:session:write",
    }
}
