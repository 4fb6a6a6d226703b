//! What a comparison may write back of callbacks in doubt: only what the export shows beyond doubt.

use std::collections::BTreeSet;

use crate::domain::callback::{CallbackId, RunId};
use crate::domain::entry::Verdict;
use crate::domain::outcome::Standing;
use crate::domain::progress::Progress;

use super::finding::{About, Conclusion, Kind};

/// What is written of a callback in doubt that the platform does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AbsentAs {
    /// It is not to be created unless somebody asks.
    NotSent,
    /// The next run creates it.
    Retry,
    /// Nothing: it stays in doubt.
    InDoubt,
}

/// The callbacks in doubt of a comparison.
#[derive(Debug, Default)]
pub struct Settlement {
    /// Found, and like the ledger has them.
    found: Vec<Doubted>,
    /// Found, but for another time, number or campaign.
    unlike: u64,
    /// Not found, with their campaigns.
    absent: Vec<(Doubted, Box<str>)>,
    /// Campaigns of which the export lacks a contact that was created for certain.
    lacking: BTreeSet<Box<str>>,
}

/// A callback in doubt, as the comparison met it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doubted {
    /// Its business key.
    pub id: CallbackId,
    /// The run that put it in doubt.
    pub run: RunId,
}

impl Doubted {
    /// Whether it stands as it stood then. Another run may have been there in between: what is in doubt now may be
    /// its text, or a request that left after the export was made.
    #[must_use]
    pub fn still_stands(&self, now: &Standing) -> bool {
        now.progress == Progress::ContactDoubted && now.run == self.run
    }
}

/// What may be written back.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verdicts {
    /// By callback.
    pub settled: Vec<(Doubted, Verdict)>,
    /// Callbacks that stay in doubt: a person must look.
    pub left: u64,
}

impl Settlement {
    /// Takes note of what was found of a callback.
    pub fn add(&mut self, conclusion: &Conclusion) {
        let About::Callback(known, _) = &conclusion.about else { return };
        let doubted = Doubted { id: known.id, run: known.run() };
        let has = |kinds: &[Kind]| conclusion.findings.iter().any(|finding| kinds.contains(&finding.kind));
        if has(&[Kind::MissingOnPlatform]) {
            self.lacking.insert(known.campaign.clone());
        } else if has(&[Kind::InDoubtAbsent]) {
            self.absent.push((doubted, known.campaign.clone()));
        } else if has(&[Kind::InDoubtFound]) {
            if has(&[Kind::TimeDiffers, Kind::PhoneDiffers, Kind::CampaignDiffers, Kind::TwiceOnPlatform]) {
                self.unlike += 1;
            } else {
                self.found.push(doubted);
            }
        }
    }

    /// What may be written, given how many contacts the export has and how many of its rows could not be read. What
    /// is absent is left in doubt where an unreadable row may be it, where the export has no contacts at all, or where it
    /// lacks contacts of the campaign that are known to have been created: it is not whole then.
    #[must_use]
    pub fn verdicts(self, absent_as: AbsentAs, contacts: u64, unreadable: u64) -> Verdicts {
        let mut verdicts = Verdicts { left: self.unlike, ..Verdicts::default() };
        verdicts.settled.extend(self.found.into_iter().map(|one| (one, Verdict::Sent)));
        let is_proof = contacts > 0 && unreadable == 0;
        for (one, campaign) in self.absent {
            let verdict = match absent_as {
                AbsentAs::NotSent => Some(Verdict::NotSent),
                AbsentAs::Retry => Some(Verdict::Retry),
                AbsentAs::InDoubt => None,
            };
            match verdict.filter(|_| is_proof && !self.lacking.contains(&campaign)) {
                Some(verdict) => verdicts.settled.push((one, verdict)),
                None => verdicts.left += 1,
            }
        }
        verdicts
    }
}
