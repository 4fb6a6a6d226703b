//! The ledger in memory that simulations use, as one run holds it: held against the one on disk.

use std::cell::{Ref, RefCell};

use crate::domain::callback::{CallbackId, RunId};
use crate::domain::entry::Bodies;
use crate::domain::hold::Hold;
use crate::domain::outcome::Standing;
use crate::domain::past::{CutOff, InputRead, InputSeen};
use crate::domain::progress::Progress;
use crate::domain::time::{Interval, Timestamp};

use super::book::Book;
use super::{Append, Ending, Enrolment, Kept, Ledger, LedgerError, LedgerRead, Stamp, Written};

/// What is kept from run to run.
#[derive(Debug, Default)]
pub(super) struct Memory {
    book: Book,
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

impl Memory {
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
pub(super) struct MemoryLedger<'a> {
    memory: &'a RefCell<Memory>,
    run: RunId,
}

impl<'a> MemoryLedger<'a> {
    /// Notes that a run begins, and the inputs that it finds.
    pub(super) fn begin(memory: &'a RefCell<Memory>, run: RunId, (began, found): (Timestamp, &[InputSeen])) -> Self {
        let inputs = found.iter().map(|seen| InputRead { seen: seen.clone(), sha256: None }).collect();
        memory.borrow_mut().runs.push(Begun { run, began, inputs, is_taken_up: false, exit_code: None });
        Self { memory, run }
    }

    fn book(&self) -> Ref<'_, Book> {
        Ref::map(self.memory.borrow(), |memory| &memory.book)
    }

    fn note(&self, change: impl FnOnce(&mut Begun)) {
        if let Some(begun) = self.memory.borrow_mut().runs.iter_mut().find(|begun| begun.run == self.run) {
            change(begun);
        }
    }

    /// Writes one after the other. What somebody else has written to is left alone; any other refusal ends it.
    fn each<T>(
        &self,
        all: Vec<T>,
        write: impl Fn(&mut Book, T) -> Result<Standing, LedgerError>,
    ) -> Result<Vec<Written>, LedgerError> {
        let book = &mut self.memory.borrow_mut().book;
        let one = |one| match write(book, one) {
            Ok(stands) => Ok(Ok(stands)),
            Err(LedgerError::Conflict(conflict)) => Ok(Err(conflict)),
            Err(refused) => Err(refused),
        };
        all.into_iter().map(one).collect()
    }
}

impl LedgerRead for MemoryLedger<'_> {
    async fn standings(&self, ids: &[CallbackId]) -> Result<Vec<Option<Standing>>, LedgerError> {
        let book = self.book();
        Ok(ids.iter().map(|id| book.standings.get(id).cloned()).collect())
    }

    async fn unfinished(&self) -> Result<Vec<Kept>, LedgerError> {
        Ok(self.book().callbacks_where(Progress::is_unfinished))
    }

    async fn bodies(&self, id: CallbackId) -> Result<Option<Bodies>, LedgerError> {
        Ok(self.book().bodies.get(&id).cloned())
    }

    async fn scheduled_counts(&self, campaign: &str, range: Interval) -> Result<Vec<(Timestamp, u32)>, LedgerError> {
        Ok(self.book().scheduled_counts(campaign, range))
    }

    async fn cut_off(&self) -> Result<Vec<CutOff>, LedgerError> {
        let memory = self.memory.borrow();
        let died = |begun: &Begun| {
            begun.run != self.run && !begun.is_taken_up && begun.exit_code.is_none_or(|exit_code| exit_code == 4)
        };
        let told = memory.runs.iter().enumerate().filter(|(index, begun)| died(begun) && !memory.came_again(*index));
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
        Ok(self.book().hold)
    }

    fn tells_created(&self) -> bool {
        self.book().tells_created
    }
}

impl Ledger for MemoryLedger<'_> {
    fn run(&self) -> RunId {
        self.run
    }

    fn note_created(&self) {
        self.memory.borrow_mut().book.tells_created = true;
    }

    fn note_hold(&self, hold: Hold) {
        self.memory.borrow_mut().book.hold = Some(hold);
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
