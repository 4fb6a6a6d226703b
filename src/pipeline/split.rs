//! Sends each callback its way: what the ledger knows takes its fate from there, then the hours and the clock
//! are asked, and what is left is to be placed.

use std::collections::BTreeMap;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

use crate::domain::callback::{Callback, CallbackId, RunId};
use crate::domain::code::Code;
use crate::domain::entry::Entry;
use crate::domain::fault::Finding;
use crate::domain::interned::CampaignNo;
use crate::domain::outcome::{Outcome, Standing};
use crate::domain::progress::Progress;
use crate::domain::time::Timestamp;
use crate::io::ledger::{Append, Conflict, Enrolment, LedgerError, LedgerRead};
use crate::logic::place::Wish;
use crate::logic::recall::{Asked, Owed, owed};

use super::dispatch::job::{Hours, Job, Wording};
use super::intake::Intake;
use super::rules::{Campaign, Rules, usable};

/// Callbacks that are put in the order of their ids, in which the ledger keeps them. The ids are random: asked in
/// the order of the rows, each would be a page of its own.
const SORTED_AT_ONCE: usize = 1 << 20;

/// Callbacks that the ledger is asked about at once.
const ASKED_AT_ONCE: usize = 4096;

/// A batch, each callback on its way.
#[derive(Default)]
pub struct Split {
    /// What is known already, by place; `None` where it is still open.
    pub outcomes: Vec<Option<Outcome>>,
    /// What is to be placed.
    pub wishes: Vec<Wish>,
    /// The places, ascending, that the ledger is to take up: to be placed, or expired just now.
    pub fresh: Vec<u32>,
    /// Those of them that the ledger knows, as they stood before.
    pub known: BTreeMap<u32, Standing>,
    /// What an earlier run left unfinished, with its standing.
    pub unfinished: Vec<Job>,
    /// What the ledger is to be told, in this order, before anything is sent.
    pub entries: Vec<Append>,
    /// The places that end with one of those entries.
    pub told: Vec<(u32, Standing)>,
}

impl Split {
    /// The dispatch times at which callbacks of a campaign still stand in the ledger that are placed anew. A run
    /// has taken them away when it took the callbacks up; a plan has not.
    pub fn placed_before<'a>(
        &'a self,
        intake: &'a Intake,
        campaign: CampaignNo,
    ) -> impl Iterator<Item = Timestamp> + 'a {
        let of_campaign = move |place: u32| intake.callbacks[place as usize].campaign == campaign;
        let stands = |progress| matches!(progress, Progress::Pending | Progress::ContactOwed);
        let pending = self.known.iter().filter(move |(_, standing)| stands(standing.progress));
        pending.filter(move |(place, _)| of_campaign(**place)).filter_map(|(_, standing)| standing.dispatch_at)
    }
}

/// What the split depends on.
pub struct Splitting<'a, R> {
    /// What was read.
    pub intake: &'a Intake,
    /// The campaigns by number.
    pub campaigns: &'a [Campaign],
    /// What is allowed.
    pub rules: &'a Rules,
    /// What earlier runs did.
    pub ledger: &'a R,
    /// The run.
    pub run: RunId,
    /// When this is.
    pub now: Timestamp,
}

/// Splits a batch.
pub async fn by_fate<R: LedgerRead>(splitting: &Splitting<'_, R>) -> Result<Split, LedgerError> {
    let intake = splitting.intake;
    let callbacks = &intake.callbacks;
    let mut split = Split { outcomes: vec![None; callbacks.len()], ..Split::default() };
    let mut counting = Vec::with_capacity(callbacks.len() - intake.duplicates.len());
    for place in 0..u32::try_from(callbacks.len()).unwrap_or(u32::MAX) {
        split.outcomes[place as usize] = by_input(intake, place);
        if split.outcomes[place as usize].is_none() {
            counting.push(place);
        }
    }
    for places in counting.chunks(SORTED_AT_ONCE) {
        for (place, (id, standing)) in places.iter().zip(splitting.recall(places).await?) {
            splitting.send(*place, id, standing, &mut split);
        }
    }
    Ok(split)
}

/// Splits a batch of which it is known already how each callback stands, by place.
pub fn by_standing<R: LedgerRead>(splitting: &Splitting<'_, R>, standings: Vec<Standing>) -> Split {
    let mut split = Split { outcomes: vec![None; standings.len()], ..Split::default() };
    for (place, standing) in (0..).zip(standings) {
        splitting.send(place, splitting.id(place), Some(Box::new(standing)), &mut split);
    }
    split
}

/// A callback's id, and what the ledger holds of it.
type Recalled = (CallbackId, Option<Box<Standing>>);

fn id_of(intake: &Intake, place: u32) -> CallbackId {
    let callback = &intake.callbacks[place as usize];
    CallbackId::of(callback.phone, callback.window(), intake.campaign(callback))
}

impl<R: LedgerRead> Splitting<'_, R> {
    fn callback(&self, place: u32) -> &Callback {
        &self.intake.callbacks[place as usize]
    }

    fn id(&self, place: u32) -> CallbackId {
        id_of(self.intake, place)
    }

    /// What the ledger holds of the callbacks at some places, in their order.
    async fn recall(&self, places: &[u32]) -> Result<Vec<Recalled>, LedgerError> {
        let intake = self.intake;
        let mut recalled: Vec<Recalled> = places.par_iter().map(|&place| (id_of(intake, place), None)).collect();
        let mut sorted: Vec<(CallbackId, usize)> = recalled.iter().map(|(id, _)| *id).zip(0..).collect();
        sorted.par_sort_unstable();
        for asked in sorted.chunks(ASKED_AT_ONCE) {
            let ids: Vec<CallbackId> = asked.iter().map(|(id, _)| *id).collect();
            for ((_, index), standing) in asked.iter().zip(self.ledger.standings(&ids).await?) {
                recalled[*index].1 = standing.map(Box::new);
            }
        }
        Ok(recalled)
    }

    fn send(&self, place: u32, id: CallbackId, known: Option<Box<Standing>>, split: &mut Split) {
        let asked = Asked {
            now: self.now,
            refused: self.rules.refused,
            repeat: self.rules.contact.abilities.repeat,
            on_no_answer: self.rules.on_no_answer(),
        };
        let Some(standing) = known else { return self.afresh(place, id, None, split) };
        match owed(&standing, &asked) {
            Owed::Nothing => split.outcomes[place as usize] = Some(Outcome::Stands(standing)),
            Owed::Afresh => self.afresh(place, id, Some(*standing), split),
            Owed::ContactAgain | Owed::Text => {
                split.unfinished.push(Job { hours: Hours::Unasked, ..self.job(place, id, *standing) });
            }
            Owed::RefusedText => {
                // Words that a person says were never sent are as good as they were.
                let refused = standing.code == Some(Code::SmsRefused);
                let wording = if refused { Wording::Anew } else { Wording::Stored };
                let standing = self.tell(id, *standing, Entry::Reopened, split);
                split.unfinished.push(Job { wording, ..self.job(place, id, standing) });
            }
            Owed::ContactDoubt => {
                let words = "a run ended before the answer came, and nothing may be sent again";
                let entry = Entry::ContactDoubted(Code::ContactNoAnswer, words.into());
                let standing = self.tell(id, *standing, entry, split);
                split.told.push((place, standing));
            }
            Owed::TextDoubt => {
                let words = "a run ended before the answer came, and a second text may be one too many";
                let standing = self.tell(id, *standing, Entry::TextDoubted(Code::SmsNoAnswer, words.into()), split);
                split.told.push((place, standing));
            }
        }
    }

    fn job(&self, place: u32, id: CallbackId, standing: Standing) -> Job {
        Job::new(place, id, *self.callback(place), standing)
    }

    /// Notes an entry for the ledger, and where it leads.
    fn tell(&self, id: CallbackId, mut standing: Standing, entry: Entry, split: &mut Split) -> Standing {
        // What does not follow is refused by the ledger too, and told there.
        let version = standing.version;
        let _ = standing.apply(&entry, self.run, self.now);
        split.entries.push(Append { id, version, entry });
        standing
    }

    /// A callback of which nothing was created: is it ever open, and is there time left? One that the ledger knows
    /// was open when it was taken up: it is no bad row, and has lost its time to hours that have changed.
    fn afresh(&self, place: u32, id: CallbackId, known: Option<Standing>, split: &mut Split) {
        let callback = self.callback(place);
        let closed = closed(callback, self.campaigns);
        if let (Some(finding), None) = (&closed, &known) {
            split.outcomes[place as usize] = Some(Outcome::OutsideHours(finding.clone()));
            return;
        }
        if let Some(span) = usable(callback, self.campaigns, self.now.plus(self.rules.lead_time)) {
            split.fresh.push(place);
            split.known.extend(known.map(|standing| (place, standing)));
            split.wishes.push(Wish { member: place, campaign: callback.campaign, span });
            return;
        }
        match known {
            Some(standing) if standing.progress == Progress::Expired => {
                split.outcomes[place as usize] = Some(Outcome::Stands(Box::new(standing)));
            }
            known => {
                split.fresh.push(place);
                split.known.extend(known.clone().map(|standing| (place, standing)));
                let mut standing = known.unwrap_or_else(|| Standing::untouched(self.run));
                let _ = standing.apply(&Entry::Enrolled, self.run, self.now);
                let changed = |finding: Finding| format!("the opening hours have changed: {}", finding.detail());
                let detail = closed.map_or_else(String::new, changed);
                let standing = self.tell(id, standing, Entry::Expired(Code::WindowPast, detail), split);
                split.told.push((place, standing));
            }
        }
    }

    /// A callback that the ledger has just taken up, and what it held of it before.
    pub fn job_afresh(&self, place: u32, known: Option<&Standing>) -> Job {
        let mut standing = known.cloned().unwrap_or_else(|| Standing::untouched(self.run));
        // It is pending, failed or expired: what was enrolled follows.
        let _ = standing.apply(&Entry::Enrolled, self.run, self.now);
        self.job(place, self.id(place), standing)
    }

    /// Takes out of the batch what another run has written to meanwhile: it is that run's, and is told as it stands.
    pub fn leave_to_others(&self, split: &mut Split, conflicts: Vec<Conflict>) {
        if conflicts.is_empty() {
            return;
        }
        let theirs: BTreeMap<CallbackId, Standing> =
            conflicts.into_iter().map(|found| (found.id, *found.stands)).collect();
        let outcomes = &mut split.outcomes;
        let mut is_ours = |place: u32| {
            let Some(stands) = theirs.get(&self.id(place)) else { return true };
            outcomes[place as usize] = Some(Outcome::Stands(Box::new(stands.clone().of_another_run())));
            false
        };
        split.wishes.retain(|wish| is_ours(wish.member));
        split.unfinished.retain(|job| is_ours(job.member));
        split.told.retain(|(place, _)| is_ours(*place));
    }

    /// A callback as the ledger takes it up.
    pub fn enrolment(&self, place: u32) -> Enrolment {
        let callback = self.callback(place);
        let language = self.intake.languages.get(callback.language.0 as usize);
        Enrolment {
            id: self.id(place),
            phone: callback.phone,
            window: callback.window(),
            campaign: self.intake.campaign(callback).to_owned(),
            language: language.map_or_else(String::new, |tag| tag.as_str().to_owned()),
            offset_minutes: callback.offset_minutes,
        }
    }
}

/// What becomes of a callback by the inputs alone, whatever the ledger holds; `None` where they do not decide it.
pub fn by_input(intake: &Intake, place: u32) -> Option<Outcome> {
    let first = intake.duplicate_of(place)?;
    Some(Outcome::Duplicate { of: intake.callbacks[first as usize].row })
}

/// What is wrong with a window that no opening hour meets.
pub fn closed(callback: &Callback, campaigns: &[Campaign]) -> Option<Finding> {
    let campaign = super::rules::campaign(campaigns, callback.campaign)?;
    campaign.rules.placing.hours.as_ref()?.judge(callback.window()).err()
}
