//! A ledger in memory, by the rules of the one on disk: for simulations, measurements and tests. It is gone with its
//! process.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::domain::callback::{CallbackId, RunId};
use crate::domain::entry::{Bodies, Entry};
use crate::domain::hold::Hold;
use crate::domain::outcome::Standing;
use crate::domain::past::{CutOff, InputRead, InputSeen};
use crate::domain::progress::Progress;
use crate::domain::time::{Interval, Timestamp};

use super::{Append, Conflict, Ending, Enrolment, Kept, Ledger, LedgerError, LedgerRead, Stamp, Written};

/// What is kept from run to run.
#[derive(Clone, Debug, Default)]
pub struct Book {
    /// The callbacks.
    pub callbacks: BTreeMap<CallbackId, Enrolment>,
    /// Where each of them stands.
    pub standings: BTreeMap<CallbackId, Standing>,
    /// The bytes that were sent.
    pub bodies: BTreeMap<CallbackId, Bodies>,
    /// The last pause that the platform asked for.
    pub hold: Option<Hold>,
    /// Whether the platform has answered 201 to a contact.
    pub tells_created: bool,
    runs: Vec<Begun>,
}

/// A run, as far as its input goes.
#[derive(Clone, Debug)]
struct Begun {
    run: RunId,
    began: Timestamp,
    inputs: Vec<InputRead>,
    is_taken_up: bool,
    exit_code: Option<u8>,
}

impl Book {
    /// Takes up a callback that is at this version.
    pub fn enrol(
        &mut self,
        (new, version): (Enrolment, u32),
        (run, at): (RunId, Stamp),
    ) -> Result<Standing, LedgerError> {
        let id = new.id;
        if !self.standings.contains_key(&id) && version == 0 {
            self.standings.insert(id, Standing::untouched(run));
        }
        let stands = self.append(&Append { id, version, entry: Entry::Enrolled }, (run, at))?;
        let known = self.callbacks.entry(id).or_insert_with(|| new.clone());
        (known.language, known.offset_minutes) = (new.language, new.offset_minutes);
        Ok(stands)
    }

    /// Writes an entry.
    pub fn append(&mut self, new: &Append, (run, at): (RunId, Stamp)) -> Result<Standing, LedgerError> {
        let Append { id, version, entry } = new;
        let found = self.standings.get_mut(id);
        let found = found.ok_or_else(|| LedgerError::Damaged { what: format!("no callback {id}") })?;
        if found.version != *version {
            return Err(Conflict { id: *id, stands: Box::new(found.clone()) }.into());
        }
        let mut now = found.clone();
        now.apply(entry, run, at.timestamp())?;
        found.clone_from(&now);
        self.keep_bodies(*id, entry);
        Ok(now)
    }

    fn keep_bodies(&mut self, id: CallbackId, entry: &Entry) {
        // Bytes belong to one dispatch time.
        if let Entry::Enrolled | Entry::Placed(_) = entry {
            self.bodies.remove(&id);
        }
        if let Entry::ContactIntended(Some(bodies)) = entry {
            self.bodies.insert(id, bodies.as_ref().clone());
        }
        if let Entry::TextRemade(text) = entry {
            self.bodies.entry(id).or_insert_with(|| Bodies { contact: Vec::new(), text: None }).text =
                Some(text.to_vec());
        }
    }

    /// The callbacks of which the progress is wanted, by dispatch time.
    pub fn callbacks_where(&self, is_wanted: impl Fn(Progress) -> bool) -> Vec<Kept> {
        let wanted = self.standings.iter().filter(|(_, standing)| is_wanted(standing.progress));
        let kept = wanted.filter_map(|(id, standing)| {
            Some(Kept { enrolment: self.callbacks.get(id)?.clone(), standing: standing.clone() })
        });
        let mut kept: Vec<Kept> = kept.collect();
        kept.sort_by_key(|kept| (kept.standing.dispatch_at, kept.enrolment.id));
        kept
    }

    /// Callbacks of a campaign per dispatch time in a range.
    pub fn scheduled_counts(&self, campaign: &str, range: Interval) -> Vec<(Timestamp, u32)> {
        let mut counts = BTreeMap::new();
        for kept in self.callbacks_where(Progress::takes_a_slot) {
            let at = kept.standing.dispatch_at.filter(|at| range.contains(*at));
            if let Some(at) = at.filter(|_| kept.enrolment.campaign == campaign) {
                *counts.entry(at).or_default() += 1;
            }
        }
        counts.into_iter().collect()
    }

    /// Whether later runs have taken up all that a run had read.
    fn came_again(&self, index: usize) -> bool {
        let later = || self.runs[index + 1..].iter().filter(|run| run.is_taken_up).flat_map(|run| &run.inputs);
        let inputs = &self.runs[index].inputs;
        let is_there = |missing: &InputRead| match &missing.sha256 {
            Some(sha256) => later().any(|again| again.sha256.as_ref() == Some(sha256)),
            None => missing.seen.path.is_some() && later().any(|again| again.seen == missing.seen),
        };
        !inputs.is_empty() && inputs.iter().all(is_there)
    }
}

/// A book as one run holds it.
#[derive(Clone, Copy, Debug)]
pub struct MemoryLedger<'a> {
    book: &'a RefCell<Book>,
    run: RunId,
}

impl<'a> MemoryLedger<'a> {
    /// Notes that a run begins, and the inputs that it finds.
    pub fn begin(book: &'a RefCell<Book>, run: RunId, (began, found): (Timestamp, &[InputSeen])) -> Self {
        let inputs = found.iter().map(|seen| InputRead { seen: seen.clone(), sha256: None }).collect();
        book.borrow_mut().runs.push(Begun { run, began, inputs, is_taken_up: false, exit_code: None });
        Self { book, run }
    }

    fn note(&self, change: impl FnOnce(&mut Begun)) {
        if let Some(begun) = self.book.borrow_mut().runs.iter_mut().find(|begun| begun.run == self.run) {
            change(begun);
        }
    }

    /// Writes one after the other. What somebody else has written to is left alone; any other refusal ends it.
    fn each<T>(
        &self,
        all: Vec<T>,
        write: impl Fn(&mut Book, T) -> Result<Standing, LedgerError>,
    ) -> Result<Vec<Written>, LedgerError> {
        let mut book = self.book.borrow_mut();
        let one = |one| match write(&mut book, one) {
            Ok(stands) => Ok(Ok(stands)),
            Err(LedgerError::Conflict(conflict)) => Ok(Err(conflict)),
            Err(refused) => Err(refused),
        };
        all.into_iter().map(one).collect()
    }
}

impl LedgerRead for MemoryLedger<'_> {
    async fn standings(&self, ids: &[CallbackId]) -> Result<Vec<Option<Standing>>, LedgerError> {
        let book = self.book.borrow();
        Ok(ids.iter().map(|id| book.standings.get(id).cloned()).collect())
    }

    async fn unfinished(&self) -> Result<Vec<Kept>, LedgerError> {
        Ok(self.book.borrow().callbacks_where(Progress::is_unfinished))
    }

    async fn bodies(&self, id: CallbackId) -> Result<Option<Bodies>, LedgerError> {
        Ok(self.book.borrow().bodies.get(&id).cloned())
    }

    async fn scheduled_counts(&self, campaign: &str, range: Interval) -> Result<Vec<(Timestamp, u32)>, LedgerError> {
        Ok(self.book.borrow().scheduled_counts(campaign, range))
    }

    async fn cut_off(&self) -> Result<Vec<CutOff>, LedgerError> {
        let book = self.book.borrow();
        let died = |begun: &Begun| {
            begun.run != self.run && !begun.is_taken_up && begun.exit_code.is_none_or(|exit_code| exit_code == 4)
        };
        let told = book.runs.iter().enumerate().filter(|(index, begun)| died(begun) && !book.came_again(*index));
        let told = told.map(|(index, begun)| CutOff {
            number: i64::try_from(index + 1).unwrap_or(i64::MAX),
            run: begun.run,
            began: begun.began,
            is_stopped: begun.exit_code.is_some(),
            inputs: begun.inputs.iter().map(|input| input.seen.path.clone()).collect(),
        });
        Ok(told.collect())
    }

    async fn last_hold(&self) -> Result<Option<Hold>, LedgerError> {
        Ok(self.book.borrow().hold)
    }

    fn tells_created(&self) -> bool {
        self.book.borrow().tells_created
    }
}

impl Ledger for MemoryLedger<'_> {
    fn run(&self) -> RunId {
        self.run
    }

    fn note_created(&self) {
        self.book.borrow_mut().tells_created = true;
    }

    fn note_hold(&self, hold: Hold) {
        self.book.borrow_mut().hold = Some(hold);
    }

    async fn enrol(&self, batch: Vec<(Enrolment, u32)>, at: Stamp) -> Result<Vec<Written>, LedgerError> {
        self.each(batch, |book, new| book.enrol(new, (self.run, at)))
    }

    async fn append_all(&self, entries: Vec<Append>, at: Stamp) -> Result<Vec<Written>, LedgerError> {
        self.each(entries, |book, new| book.append(&new, (self.run, at)))
    }

    async fn inputs_read(&self, read: Vec<InputRead>, _at: Stamp) -> Result<(), LedgerError> {
        self.note(|begun| begun.inputs = read);
        Ok(())
    }

    async fn taken_up(&self, _at: Stamp) -> Result<(), LedgerError> {
        self.note(|begun| begun.is_taken_up = true);
        Ok(())
    }

    async fn finish(&self, ending: Ending, _at: Stamp) -> Result<(), LedgerError> {
        self.note(|begun| begun.exit_code = Some(ending.exit_code));
        Ok(())
    }
}
