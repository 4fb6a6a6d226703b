//! The sums of a comparison, folded from what is told, and how they add up.

use std::collections::BTreeMap;

use serde::Serialize;

use super::finding::{About, Conclusion, Kind, Scope};

/// The sums.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Findings by kind; kinds without one are not in it.
    pub findings: BTreeMap<Kind, u64>,
    /// The rows of the inputs.
    pub input: InputSums,
    /// The callbacks of the ledger.
    pub ledger: LedgerSums,
    /// The rows of the platform's export.
    pub platform: PlatformSums,
}

/// The rows of the inputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct InputSums {
    /// All.
    pub rows: u64,
    /// Those that are no callbacks.
    pub rejected: u64,
    /// Those whose callback stands on an earlier row.
    pub duplicate: u64,
    /// Those that the ledger has.
    pub in_ledger: u64,
    /// Those that it does not.
    pub not_in_ledger: u64,
}

/// The callbacks of the ledger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LedgerSums {
    /// All.
    pub callbacks: u64,
    /// Those whose contact is there, and the same.
    pub matched: u64,
    /// Those with a difference.
    pub different: u64,
    /// Those that were not created, as it should be: rows of the inputs that failed, expired or are pending.
    pub not_expected: u64,
    /// Those of other nights, neither in the inputs nor on the platform.
    pub left_out: u64,
}

/// The rows of the platform's export.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PlatformSums {
    /// All.
    pub rows: u64,
    /// Those that cannot be read as a contact.
    pub unreadable: u64,
    /// Those that match.
    pub matched: u64,
    /// Those of a callback from which they, or the sides, differ.
    pub different: u64,
    /// Those that are one too many.
    pub twice: u64,
    /// Those of which nobody knows.
    pub unknown: u64,
}

impl Sums {
    /// Adds what was found of a callback or a contact.
    pub fn add(&mut self, conclusion: &Conclusion) {
        for finding in &conclusion.findings {
            *self.findings.entry(finding.kind).or_default() += 1;
        }
        let has = |kind| conclusion.findings.iter().any(|finding| finding.kind == kind);
        let own = |finding: &&super::finding::Finding| finding.kind != Kind::TwiceOnPlatform;
        let has_contact = conclusion.findings.iter().filter(own).any(|finding| finding.contact.is_some());
        let again = conclusion.findings.len() - conclusion.findings.iter().filter(own).count();
        self.platform.twice += again as u64;
        let contact = match (&conclusion.about, has(Kind::Matched)) {
            (About::Contact | About::Unread(..), _) => &mut self.platform.unknown,
            (_, true) => &mut self.platform.matched,
            (_, false) => &mut self.platform.different,
        };
        *contact += u64::from(has_contact);
        match &conclusion.about {
            About::Callback(_, scope) => {
                self.add_callback(*scope, (conclusion.findings.is_empty(), has(Kind::Matched)));
            }
            About::Row(_) => self.input.not_in_ledger += 1,
            About::Contact => {}
            About::Unread(..) => self.platform.unreadable += 1,
        }
    }

    fn add_callback(&mut self, scope: Scope, (is_empty, is_matched): (bool, bool)) {
        self.ledger.callbacks += 1;
        self.input.in_ledger += u64::from(scope.place().is_some());
        let fate = match (scope, is_empty, is_matched) {
            (Scope::Beyond, true, _) => &mut self.ledger.left_out,
            (_, true, _) => &mut self.ledger.not_expected,
            (_, _, true) => &mut self.ledger.matched,
            (_, _, false) => &mut self.ledger.different,
        };
        *fate += 1;
    }

    /// Findings that are no agreement.
    #[must_use]
    pub fn differences(&self) -> u64 {
        self.findings.iter().filter(|(kind, _)| kind.is_difference()).map(|(_, count)| count).sum()
    }

    /// Whether every row of the inputs, every one of so many callbacks of the ledger and every row of the
    /// platform's export is told of once.
    #[must_use]
    pub fn add_up(&self, callbacks_walked: u64) -> bool {
        let Self { input, ledger, platform, .. } = self;
        let of_input = input.rejected + input.duplicate + input.in_ledger + input.not_in_ledger;
        let of_ledger = ledger.matched + ledger.different + ledger.not_expected + ledger.left_out;
        let of_platform =
            platform.unreadable + platform.matched + platform.different + platform.twice + platform.unknown;
        (of_input, of_ledger, of_platform) == (input.rows, ledger.callbacks, platform.rows)
            && ledger.callbacks == callbacks_walked
    }
}
