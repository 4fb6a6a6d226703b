//! What the platform answered, by the kind of request and the status: what its own counters can be held against.

use std::collections::BTreeMap;

use strum::{IntoStaticStr, VariantArray};

use super::reply::{Answered, Label, Reply, Step, Trouble};
use super::report::RequestCounts;

/// What came back for a request that left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Came {
    /// An answer with this raw status.
    Answer(Label),
    /// Nothing; the request may have reached the platform.
    NoAnswer,
    /// Nothing; the request never reached the platform.
    NotSent,
}

impl Came {
    /// What came back.
    #[must_use]
    pub fn of<T>(answered: &Answered<T>) -> Self {
        match (answered.label, &answered.reply) {
            (Some(label), _) => Self::Answer(label),
            (None, Reply::Trouble(Trouble::NotSent(_) | Trouble::Blocked(_))) => Self::NotSent,
            (None, _) => Self::NoAnswer,
        }
    }

    /// The word that files carry.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The raw status, where an answer came.
    #[must_use]
    pub fn status(self) -> Option<u16> {
        match self {
            Self::Answer(Label(status)) => Some(status),
            Self::NoAnswer | Self::NotSent => None,
        }
    }
}

/// What is known of a request after its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was done.
    Accepted,
    /// The platform will not do it.
    Refused,
    /// It may have been done.
    InDoubt,
    /// It was not done, and may be asked for again.
    NotDone,
}

/// Requests of one step with one answer, by what is known of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdicts {
    /// They were done.
    pub accepted: u64,
    /// The platform will not do them.
    pub refused: u64,
    /// They may have been done.
    pub in_doubt: u64,
    /// They were not done, and may be asked for again.
    pub not_done: u64,
}

impl Verdicts {
    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.accepted + self.refused + self.in_doubt + self.not_done
    }
}

/// The answers of a run: every request that left counts once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers(BTreeMap<(Step, Came), Verdicts>);

impl Answers {
    /// Counts a request.
    pub fn count(&mut self, step: Step, came: Came, verdict: Verdict) {
        let told = self.0.entry((step, came)).or_default();
        *match verdict {
            Verdict::Accepted => &mut told.accepted,
            Verdict::Refused => &mut told.refused,
            Verdict::InDoubt => &mut told.in_doubt,
            Verdict::NotDone => &mut told.not_done,
        } += 1;
    }

    /// Counts requests of one step that had the same answer.
    pub fn add(&mut self, step: Step, came: Came, more: Verdicts) {
        let told = self.0.entry((step, came)).or_default();
        told.accepted += more.accepted;
        told.refused += more.refused;
        told.in_doubt += more.in_doubt;
        told.not_done += more.not_done;
    }

    /// By step, then by status.
    pub fn iter(&self) -> impl Iterator<Item = (Step, Came, Verdicts)> {
        self.0.iter().map(|(&(step, came), &verdicts)| (step, came, verdicts))
    }

    /// Requests of a step.
    #[must_use]
    pub fn total(&self, step: Step) -> u64 {
        self.iter().filter(|(of, ..)| *of == step).map(|(.., verdicts)| verdicts.total()).sum()
    }

    /// Whether these are the answers to so many requests of each step.
    #[must_use]
    pub fn are_of(&self, requests: &RequestCounts) -> bool {
        Step::VARIANTS.iter().all(|&step| self.total(step) == requests.of(step))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_counts_once() {
        let mut answers = Answers::default();
        answers.count(Step::Contact, Came::NotSent, Verdict::NotDone);
        answers.count(Step::Contact, Came::Answer(Label(201)), Verdict::Accepted);
        answers.count(Step::Contact, Came::Answer(Label(201)), Verdict::Accepted);
        answers.count(Step::Contact, Came::Answer(Label(400)), Verdict::Refused);
        answers.count(Step::Text, Came::NoAnswer, Verdict::InDoubt);
        let told: Vec<_> = answers.iter().map(|(step, came, told)| (step, came.status(), told.total())).collect();
        let contact = |status, count| (Step::Contact, status, count);
        assert_eq!(told, [contact(Some(201), 2), contact(Some(400), 1), contact(None, 1), (Step::Text, None, 1)]);
        let counts = RequestCounts { contact: 4, sms: 1, ..RequestCounts::default() };
        assert!(answers.are_of(&counts));
        assert!(!answers.are_of(&RequestCounts { sms: 2, ..counts }));
        assert!(!answers.are_of(&RequestCounts { token: 1, ..counts }));
    }
}
