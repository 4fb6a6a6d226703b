//! What an answer that is not the one hoped for says of the platform's health, and the words for it.

use crate::domain::reply::{BodyKind, Refusal, Step, Trouble};
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

/// A 429 says nothing, for somebody is there who does nothing. For texts all that leaves one in doubt is trouble. A web
/// page for an answer to a probe may be a proxy's.
pub(super) fn heard(trouble: &Trouble, errand: Errand) -> Heard {
    match trouble {
        Trouble::NotSent(_) | Trouble::Blocked(_) | Trouble::NoAnswer(_) => Heard::Trouble,
        Trouble::Status(Refusal { status, .. }) => by_status(*status, errand),
        Trouble::Unreadable { body, .. } => match (errand, body) {
            (Errand::Probe(_), BodyKind::Contradiction | BodyKind::Other) => Heard::Answer,
            (Errand::Ordinary(Step::Text), _) | (Errand::Probe(_), BodyKind::Page) => Heard::Trouble,
            (Errand::Ordinary(Step::Token | Step::Forecast | Step::Contact), _) => Heard::Nothing,
        },
    }
}

fn by_status(status: u16, errand: Errand) -> Heard {
    match (status, errand) {
        (500..600, _) | (..200 | 300..400 | 408 | 600.., Errand::Ordinary(Step::Text)) => Heard::Trouble,
        (200..300 | 400..=499, Errand::Probe(_)) if status != 429 => Heard::Answer,
        (_, Errand::Ordinary(_) | Errand::Probe(_)) => Heard::Nothing,
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

    fn status(status: u16) -> Trouble {
        Trouble::Status(Refusal { status, retry_after: None, words: String::new(), error: None })
    }

    #[test]
    fn what_an_answer_says_of_the_platform() {
        let (contact, text) = (Errand::Ordinary(Step::Contact), Errand::Ordinary(Step::Text));
        let probe = Errand::Probe(Step::Text);
        let unreadable = |body| Trouble::Unreadable { body, words: String::new() };
        for (trouble, by_contact, by_text, by_probe) in [
            (status(500), Heard::Trouble, Heard::Trouble, Heard::Trouble),
            (status(599), Heard::Trouble, Heard::Trouble, Heard::Trouble),
            (status(429), Heard::Nothing, Heard::Nothing, Heard::Nothing),
            (status(409), Heard::Nothing, Heard::Nothing, Heard::Answer),
            (status(408), Heard::Nothing, Heard::Trouble, Heard::Answer),
            (status(302), Heard::Nothing, Heard::Trouble, Heard::Nothing),
            (status(999), Heard::Nothing, Heard::Trouble, Heard::Nothing),
            (Trouble::NotSent(String::new()), Heard::Trouble, Heard::Trouble, Heard::Trouble),
            (Trouble::NoAnswer(String::new()), Heard::Trouble, Heard::Trouble, Heard::Trouble),
            (status(200), Heard::Nothing, Heard::Nothing, Heard::Answer),
            (unreadable(BodyKind::Other), Heard::Nothing, Heard::Trouble, Heard::Answer),
            (unreadable(BodyKind::Page), Heard::Nothing, Heard::Trouble, Heard::Trouble),
        ] {
            let found = [contact, text, probe].map(|errand| heard(&trouble, errand));
            assert_eq!(found, [by_contact, by_text, by_probe], "{trouble:?}");
        }
    }
}
