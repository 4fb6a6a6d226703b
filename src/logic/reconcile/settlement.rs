//! What a comparison may write back of callbacks in doubt: only what the export shows beyond doubt.

use std::collections::BTreeSet;

use hashbrown::HashSet;

use crate::domain::callback::{CallbackId, RunId};
use crate::domain::entry::Verdict;
use crate::domain::outcome::Standing;
use crate::domain::phone::E164;
use crate::domain::progress::Progress;

use super::contact::Contacts;
use super::finding::{About, Conclusion, Finding, Kind};
use super::known::Known;

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
    /// Not found.
    absent: Vec<Absent>,
    /// Campaigns of which the export lacks a contact that was created for certain.
    lacking: BTreeSet<Box<str>>,
    /// Numbers that contacts call of which nobody knows.
    strangers: HashSet<E164, foldhash::fast::RandomState>,
    /// Whether some row may be any callback's, for it cannot be read, or not whom it calls.
    is_obscure: bool,
}

/// A callback in doubt that the export does not have.
#[derive(Debug)]
struct Absent {
    doubted: Doubted,
    phone: E164,
    campaign: Box<str>,
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
    /// Takes note of what was found, of a callback or of anything else.
    pub fn add(&mut self, conclusion: &Conclusion, contacts: &Contacts) {
        match &conclusion.about {
            About::Callback(known, _) => self.add_callback(known, &conclusion.findings),
            About::Contact => {
                let places = conclusion.findings.iter().filter_map(|finding| finding.contact);
                for phone in places.map(|(place, _)| contacts.all()[place].phone) {
                    self.is_obscure |= phone.is_none();
                    self.strangers.extend(phone);
                }
            }
            About::Unread(..) => self.is_obscure = true,
            About::Row(_) => {}
        }
    }

    fn add_callback(&mut self, known: &Known, findings: &[Finding]) {
        let doubted = Doubted { id: known.id, run: known.run };
        let has = |kinds: &[Kind]| findings.iter().any(|finding| kinds.contains(&finding.kind));
        if has(&[Kind::MissingOnPlatform]) {
            self.lacking.insert(known.campaign.clone());
        } else if has(&[Kind::InDoubtAbsent]) {
            self.absent.push(Absent { doubted, phone: known.phone, campaign: known.campaign.clone() });
        } else if has(&[Kind::InDoubtFound]) {
            if has(&[Kind::TimeDiffers, Kind::PhoneDiffers, Kind::CampaignDiffers, Kind::TwiceOnPlatform]) {
                self.unlike += 1;
            } else {
                self.found.push(doubted);
            }
        }
    }

    /// What may be written, given how many contacts the export has. What is absent is left in doubt where a row that
    /// cannot be read, or a contact that nobody knows, may be it; where the export has no contacts at all; and where it
    /// lacks contacts of the campaign that are known to have been created, for it is not whole then.
    #[must_use]
    pub fn verdicts(self, absent_as: AbsentAs, contacts: u64) -> Verdicts {
        let mut verdicts = Verdicts { left: self.unlike, ..Verdicts::default() };
        let is_proof = contacts > 0 && !self.is_obscure;
        let is_gone =
            |one: &Absent| is_proof && !self.lacking.contains(&one.campaign) && !self.strangers.contains(&one.phone);
        let verdict = match absent_as {
            AbsentAs::NotSent => Some(Verdict::NotSent),
            AbsentAs::Retry => Some(Verdict::Retry),
            AbsentAs::InDoubt => None,
        };
        let settled = |one: &Absent| Some((one.doubted, verdict.filter(|_| is_gone(one))?));
        verdicts.settled.extend(self.found.iter().map(|one| (*one, Verdict::Sent)));
        verdicts.settled.extend(self.absent.iter().filter_map(settled));
        verdicts.left += (self.found.len() + self.absent.len() - verdicts.settled.len()) as u64;
        verdicts
    }
}
