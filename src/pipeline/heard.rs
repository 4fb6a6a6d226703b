//! What an answer that is not the one hoped for says of the platform's health, and the words for it.

use crate::domain::reply::{Step, Trouble, Unclear};
use crate::logic::retry::{Next, RequestState};

use super::health::Errand;

/// What follows the answer to a request on an errand: a probe leaves nothing behind, whatever became of it.
pub(super) fn next_on(errand: Errand, next: Next) -> Next {
    match (errand, next.request) {
        (Errand::Probe(_), RequestState::MaybeDone | RequestState::InDoubt) => {
            Next { request: RequestState::NotDone, ..next }
        }
        _ => next,
    }
}

/// What an answer that is not the one hoped for says of the platform's health.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// It is in trouble.
    Trouble,
    /// Somebody is there.
    Answer,
    /// Neither.
    Nothing,
}

/// A pause that is asked for says nothing, for somebody is there who does nothing. For texts all that leaves one in doubt
/// is trouble. A web page for an answer to a probe may be a proxy's.
pub(super) fn heard(trouble: &Trouble, errand: Errand) -> Heard {
    let is_text = errand == Errand::Ordinary(Step::Text);
    let is_probe = matches!(errand, Errand::Probe(_));
    match trouble {
        Trouble::NotSent(_)
        | Trouble::Blocked(_)
        | Trouble::NoAnswer(_)
        | Trouble::Unknown { why: Unclear::Troubled, .. } => Heard::Trouble,
        Trouble::Unknown { why: Unclear::Page, .. } if is_probe => Heard::Trouble,
        Trouble::Unknown { .. } | Trouble::WrongAddress(_) if is_text => Heard::Trouble,
        Trouble::Busy { .. } | Trouble::WrongAddress(_) => Heard::Nothing,
        Trouble::Unknown { .. }
        | Trouble::Existed { .. }
        | Trouble::Refused(_)
        | Trouble::NotDone(_)
        | Trouble::Unauthorised(_)
        | Trouble::Forbidden { .. }
        | Trouble::QuotaUsedUp(_) => {
            if is_probe {
                Heard::Answer
            } else {
                Heard::Nothing
            }
        }
    }
}

/// The kind of a request, for a person.
pub(super) fn kind(step: Step) -> &'static str {
    match step {
        Step::Token => "request for a token",
        Step::Forecast => "request for a forecast",
        Step::Contact => "contact",
        Step::Text => "text",
    }
}

/// What a run lacks that got nowhere.
pub(super) fn missing(step: Step) -> &'static str {
    match step {
        Step::Token => "token",
        Step::Forecast => "forecast",
        Step::Contact | Step::Text => "success",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_answer_says_of_the_platform() {
        let (contact, text) = (Errand::Ordinary(Step::Contact), Errand::Ordinary(Step::Text));
        let probe = Errand::Probe(Step::Text);
        let unknown = |why| Trouble::Unknown { why, hold: None, words: String::new() };
        for (trouble, by_contact, by_text, by_probe) in [
            (unknown(Unclear::Troubled), Heard::Trouble, Heard::Trouble, Heard::Trouble),
            (Trouble::Busy { hold: None, words: String::new() }, Heard::Nothing, Heard::Nothing, Heard::Nothing),
            (Trouble::Existed { id: None, words: String::new() }, Heard::Nothing, Heard::Nothing, Heard::Answer),
            (unknown(Unclear::TimedOut), Heard::Nothing, Heard::Trouble, Heard::Answer),
            (Trouble::WrongAddress(String::new()), Heard::Nothing, Heard::Trouble, Heard::Nothing),
            (Trouble::NotSent(String::new()), Heard::Trouble, Heard::Trouble, Heard::Trouble),
            (Trouble::NoAnswer(String::new()), Heard::Trouble, Heard::Trouble, Heard::Trouble),
            (Trouble::Refused(String::new()), Heard::Nothing, Heard::Nothing, Heard::Answer),
            (Trouble::NotDone(String::new()), Heard::Nothing, Heard::Nothing, Heard::Answer),
            (Trouble::QuotaUsedUp(String::new()), Heard::Nothing, Heard::Nothing, Heard::Answer),
            (unknown(Unclear::Contradiction), Heard::Nothing, Heard::Trouble, Heard::Answer),
            (unknown(Unclear::Unreadable), Heard::Nothing, Heard::Trouble, Heard::Answer),
            (unknown(Unclear::Page), Heard::Nothing, Heard::Trouble, Heard::Trouble),
        ] {
            let found = [contact, text, probe].map(|errand| heard(&trouble, errand));
            assert_eq!(found, [by_contact, by_text, by_probe], "{trouble:?}");
        }
    }
}
