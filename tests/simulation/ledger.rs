//! The ledger in memory on a disk that can be slow, or fail from one write on, and with the faults that are planted.

use std::time::Duration;

use ringback::domain::callback::{CallbackId, RunId};
use ringback::domain::code::Code;
use ringback::domain::entry::{Bodies, Carried, Entry};
use ringback::domain::hold::Hold;
use ringback::domain::outcome::Standing;
use ringback::domain::past::CutOff;
use ringback::domain::progress::Progress;
use ringback::domain::provenance::Provenance;
use ringback::domain::time::{Interval, Timestamp};
use ringback::io::ledger::{self, Append, Ending, Enrolment, Kept, Ledger, LedgerError, LedgerRead, Stamp};

use crate::record::Line;
use crate::world::{Plant, State, World};

/// The ledger as one run holds it.
pub(crate) struct FaultyLedger<'w> {
    pub(crate) world: &'w World,
    pub(crate) run: RunId,
}

type Written<T> = Result<T, LedgerError>;

impl FaultyLedger<'_> {
    /// Writes in one commit, after the time that the disk takes.
    async fn write<T>(&self, commit: impl FnOnce(&mut State) -> Written<T>) -> Written<T> {
        self.world.point().await;
        let most = self.world.state.borrow().record.scenario.habits.disk_millis_max;
        if most > 0 {
            let millis = self.world.state.borrow_mut().random.below(most + 1);
            tokio::time::sleep(Duration::from_millis(millis)).await;
        }
        let written = self.commit(commit);
        self.world.point().await;
        written
    }

    fn commit<T>(&self, commit: impl FnOnce(&mut State) -> Written<T>) -> Written<T> {
        let mut state = self.world.state.borrow_mut();
        let write = state.writes;
        state.writes += 1;
        match state.plan.disk {
            Some(fault) if write == fault.at && fault.kept => {
                let _ = commit(&mut state);
                Err(LedgerError::Stopped("the disk is full".into()))
            }
            Some(fault) if write >= fault.at => Err(LedgerError::Stopped("the disk is full".into())),
            Some(_) | None => commit(&mut state),
        }
    }

    fn append(&self, state: &mut State, new: &Append, at: Stamp) -> Written<Standing> {
        let entry = self.planted(&new.entry);
        let new = Append { entry: entry.clone(), ..*new };
        let stands = state.record.book.append(&new, (self.run, at));
        self.note(state, (new.id, &entry), stands)
    }

    /// Notes what was written, or refused for it did not follow.
    fn note(
        &self,
        state: &mut State,
        (id, entry): (CallbackId, &Entry),
        stands: Written<Standing>,
    ) -> Written<Standing> {
        if let Err(LedgerError::OutOfOrder(refused)) = &stands {
            state.record.refused_entries.push(refused.to_string());
        }
        let stands = stands?;
        let (number, run, progress) = (state.number(), state.run, stands.progress);
        let (name, Carried { code, .. }) = entry.written();
        state.record.lines.push(Line { number, at: self.world.now(), run, id, entry: name, code, progress });
        Ok(stands)
    }

    /// The entry, or what a planted fault makes of it.
    fn planted(&self, entry: &Entry) -> Entry {
        match (self.world.plant, entry) {
            (Plant::DeniesContacts, Entry::ContactCreated(_)) => {
                Entry::ContactFailed(Code::PlatformRefused, String::new())
            }
            (Plant::DeniesTexts, Entry::TextAccepted(_)) => Entry::TextTurnedAway,
            _ => entry.clone(),
        }
    }

    /// Writes down what a person says, between two runs.
    pub(crate) fn settle(&self, id: CallbackId, entry: Entry) {
        let mut state = self.world.state.borrow_mut();
        let version = state.record.book.standings.get(&id).map_or(0, |standing| standing.version);
        let at = Stamp(self.world.clock.unix_millis());
        // What does not follow is kept as refused.
        let _ = self.append(&mut state, &Append { id, version, entry }, at);
        if let Some(line) = state.record.lines.last_mut() {
            line.run = Line::BETWEEN_RUNS;
        }
    }

    /// What a ledger that loses intents holds after the process has died.
    pub(crate) fn forget_intents(&self) {
        let mut state = self.world.state.borrow_mut();
        for standing in state.record.book.standings.values_mut() {
            if matches!(standing.progress, Progress::ContactInFlight | Progress::ContactInFlightAgain) {
                standing.progress = Progress::Pending;
            } else if matches!(standing.progress, Progress::TextInFlight | Progress::TextInFlightAgain) {
                standing.progress = Progress::Contacted;
            }
        }
    }
}

impl LedgerRead for FaultyLedger<'_> {
    async fn standings(&self, ids: &[CallbackId]) -> Written<Vec<Option<Standing>>> {
        let state = self.world.state.borrow();
        Ok(ids.iter().map(|id| state.record.book.standings.get(id).cloned()).collect())
    }

    async fn unfinished(&self) -> Written<Vec<Kept>> {
        let told = |progress: Progress| match (self.world.plant, progress) {
            (Plant::HidesWaiting, Progress::TextWaiting) => false,
            (Plant::TellsOfDone, Progress::Confirmed) => true,
            _ => progress.is_unfinished(),
        };
        Ok(self.world.state.borrow().record.book.callbacks_where(told))
    }

    async fn bodies(&self, id: CallbackId) -> Written<Option<Bodies>> {
        let mut bodies = self.world.state.borrow().record.book.bodies.get(&id).cloned();
        if let (Plant::ChangesBodies, Some(bodies)) = (self.world.plant, &mut bodies) {
            bodies.contact.push(b' ');
        }
        Ok(bodies)
    }

    async fn scheduled_counts(&self, campaign: &str, range: Interval) -> Written<Vec<(Timestamp, u32)>> {
        Ok(self.world.state.borrow().record.book.scheduled_counts(campaign, range))
    }

    async fn cut_off(&self) -> Written<Vec<CutOff>> {
        // What a run that died early was to do, the runs of a seed know of themselves.
        Ok(Vec::new())
    }

    async fn last_hold(&self) -> Written<Option<Hold>> {
        Ok(self.world.state.borrow().record.book.hold)
    }

    fn provenance(&self) -> Provenance {
        if self.world.plant == Plant::ClaimsProvenance {
            return Provenance::Proven;
        }
        self.world.state.borrow().record.scenario.habits.provenance
    }

    fn tells_created(&self) -> bool {
        self.world.plant != Plant::ForgetsCreated && self.world.state.borrow().record.book.tells_created
    }
}

impl Ledger for FaultyLedger<'_> {
    fn run(&self) -> RunId {
        self.run
    }

    fn note_hold(&self, hold: Hold) {
        if self.world.plant != Plant::ForgetsHolds {
            self.world.state.borrow_mut().record.book.hold = Some(hold);
        }
    }

    fn note_created(&self) {
        self.world.state.borrow_mut().record.book.tells_created = true;
    }

    async fn enrol(&self, batch: Vec<(Enrolment, u32)>, at: Stamp) -> Written<Vec<ledger::Written>> {
        let enrol = |state: &mut State, new: (Enrolment, u32)| {
            let id = new.0.id;
            let stands = state.record.book.enrol(new, (self.run, at));
            self.note(state, (id, &Entry::Enrolled), stands)
        };
        self.write(|state| batch.into_iter().map(|new| conflict(enrol(state, new))).collect()).await
    }

    async fn append_all(&self, entries: Vec<Append>, at: Stamp) -> Written<Vec<ledger::Written>> {
        self.write(|state| entries.iter().map(|new| conflict(self.append(state, new, at))).collect()).await
    }

    async fn taken_up(&self, _at: Stamp) -> Written<()> {
        self.write(|_| Ok(())).await
    }

    async fn finish(&self, _ending: Ending, _at: Stamp) -> Written<()> {
        self.write(|_| Ok(())).await
    }
}

/// Tells a callback that somebody else has written to from what ends the whole write.
fn conflict(written: Written<Standing>) -> Written<ledger::Written> {
    match written {
        Ok(stands) => Ok(Ok(stands)),
        Err(LedgerError::Conflict(conflict)) => Ok(Err(conflict)),
        Err(refused) => Err(refused),
    }
}
