//! What a person says a ledger is, and what follows for the callbacks that it holds unfinished.

use strum::IntoStaticStr;

use crate::domain::code::Code;
use crate::domain::entry::{Entry, RESTORED};
use crate::domain::progress::Progress;
use crate::domain::provenance::Provenance;
use crate::domain::reply::Step;

/// What a person says a ledger is, where the evidence leaves it open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Adoption {
    /// It knows all that was done for its callbacks: it was moved, or is a second ledger for other campaigns.
    Original,
    /// It was restored from a copy, or is one: more may have been done since than it knows of.
    Copy,
    /// The earlier one is lost, and this one begins anew.
    New,
}

impl Adoption {
    /// The word that a person types, and the ledger keeps.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Whether the ledger is then known to hold all that was done for its callbacks.
    #[must_use]
    pub fn provenance(self) -> Provenance {
        match self {
            Self::Original => Provenance::Proven,
            Self::Copy | Self::New => Provenance::Unproven,
        }
    }
}

/// The entry that puts a callback of a copy in doubt; `None` where nothing more is owed to it.
#[must_use]
pub fn doubted(progress: Progress) -> Option<Entry> {
    let words = RESTORED.to_owned();
    Some(match progress.owed()? {
        Step::Text => Entry::TextDoubted(Code::SmsNoAnswer, words),
        Step::Token | Step::Forecast | Step::Contact => Entry::ContactDoubted(Code::ContactNoAnswer, words),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_copy_owes_becomes_a_doubt_and_nothing_else_changes() {
        for progress in Progress::ALL {
            let doubt = doubted(progress);
            assert_eq!(doubt.is_some(), progress.is_unfinished(), "{progress:?}");
            if let Some(entry) = doubt {
                let led = progress.next(&entry).expect("a doubt follows");
                assert!(
                    matches!(led, Progress::ContactDoubted | Progress::TextDoubted),
                    "{progress:?} leads to {led:?}"
                );
            }
        }
    }
}
