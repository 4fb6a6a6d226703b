//! What a comparison finds. The words are a promise to the readers of `reconciliation.csv`.

use strum::{IntoStaticStr, VariantArray};

use super::known::Known;
use crate::domain::callback::RowNumber;

/// What was found of a callback, or of a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, VariantArray, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    /// Input, ledger and platform say the same.
    Matched,
    /// The ledger holds the contact as created, and the platform has none.
    MissingOnPlatform,
    /// A contact or a row of the input that the ledger does not hold as created or taken up.
    MissingInLedger,
    /// The ledger has the callback, and no input has it.
    NotInInput,
    /// The contact is there for another time.
    TimeDiffers,
    /// The contact is there with another number.
    PhoneDiffers,
    /// The contact is there in another campaign.
    CampaignDiffers,
    /// One more contact of a callback that has one.
    TwiceOnPlatform,
    /// What was in doubt is there.
    InDoubtFound,
    /// What was in doubt is not there.
    InDoubtAbsent,
    /// A row of the platform's export that is no contact, so that nobody can say what it is.
    Unreadable,
}

impl Kind {
    /// Every kind, in the order in which people read them.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The word that files carry.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Whether somebody must look.
    #[must_use]
    pub fn is_difference(self) -> bool {
        self != Self::Matched
    }
}

/// One row of `reconciliation.csv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was found.
    pub kind: Kind,
    /// The contact that it is about, by its place among the contacts, and how it was found.
    pub contact: Option<(usize, How)>,
}

/// How the contact of a callback was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// By its id.
    Id,
    /// By phone, campaign and window.
    Window,
}

/// Why a callback of the ledger is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// An input has it, at this place.
    Input(u32),
    /// No input has it, but a run of these inputs brought it to where it stands.
    Run,
    /// No input has it, but the platform's export does.
    Platform,
    /// It is neither: it belongs to other nights, and is left out.
    Beyond,
}

impl Scope {
    /// The place in the inputs.
    #[must_use]
    pub fn place(self) -> Option<u32> {
        match self {
            Self::Input(place) => Some(place),
            Self::Run | Self::Platform | Self::Beyond => None,
        }
    }
}

/// What findings are about.
#[derive(Clone, Debug)]
pub enum About {
    /// A callback of the ledger.
    Callback(Box<Known>, Scope),
    /// A callback of the inputs that the ledger does not have, by its place.
    Row(u32),
    /// A contact of which nobody else knows.
    Contact,
    /// A row of the platform's export that is no contact, and why.
    Unread(RowNumber, Box<str>),
}

/// All that was found of one callback, or of a contact that belongs to none. A callback of which nothing is
/// expected has no findings.
#[derive(Clone, Debug)]
pub struct Conclusion {
    /// What it is about.
    pub about: About,
    /// What was found.
    pub findings: Vec<Finding>,
}

impl Conclusion {
    /// What there is to say of a row of the platform's export that is no contact, given why it is none.
    #[must_use]
    pub fn of_unread(row: RowNumber, why: &str) -> Self {
        let alone = Finding { kind: Kind::Unreadable, contact: None };
        Self { about: About::Unread(row, why.into()), findings: vec![alone] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_agreement_asks_nobody_to_look() {
        let differences = Kind::ALL.iter().filter(|kind| kind.is_difference());
        assert_eq!(differences.count(), Kind::ALL.len() - 1);
        assert!(!Kind::Matched.is_difference());
    }
}
