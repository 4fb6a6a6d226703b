//! A ledger in memory that outlives its runs. It keeps to the real one's rules (`Standing::apply`, one commit
//! or none), and its disk can be slow, or fail from one write on.

use std::collections::btree_map;
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
use ringback::io::ledger::{Ending, Enrolment, Kept, Ledger, LedgerError, LedgerRead, Stamp};

use crate::record::Line;
use crate::world::{Plant, State, World};

/// The ledger as one run holds it.
pub(crate) struct MemoryLedger<'w> {
    pub(crate) world: &'w World,
    pub(crate) run: RunId,
}

type Written<T> = Result<T, LedgerError>;

impl MemoryLedger<'_> {
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

    fn append(&self, state: &mut State, id: CallbackId, entry: &Entry, at: Stamp) -> Written<Standing> {
        let Some(mut now) = state.record.standings.get(&id).cloned() else {
            return Err(LedgerError::Damaged { what: format!("no callback {id}") });
        };
        let entry = self.planted(entry);
        if let Err(refused) = now.apply(&entry, self.run, at.timestamp()) {
            state.record.refused_entries.push(refused.to_string());
            return Err(refused.into());
        }
        if let Entry::Enrolled | Entry::Placed(_) = &entry {
            state.bodies.remove(&id);
        }
        if let Entry::ContactIntended(Some(bodies)) = &entry {
            state.bodies.insert(id, bodies.as_ref().clone());
        }
        let (number, run, progress) = (state.number(), state.run, now.progress);
        let (name, Carried { code, .. }) = entry.written();
        let line = Line { number, at: self.world.now(), run, id, entry: name, code, progress };
        state.record.lines.push(line);
        state.record.standings.insert(id, now.clone());
        Ok(now)
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
    pub(crate) fn settle(&self, id: CallbackId, entry: &Entry) {
        let mut state = self.world.state.borrow_mut();
        let at = Stamp(self.world.clock.unix_millis());
        // What does not follow is kept as refused.
        let _ = self.append(&mut state, id, entry, at);
        if let Some(line) = state.record.lines.last_mut() {
            line.run = Line::BETWEEN_RUNS;
        }
    }

    /// What a ledger that loses intents holds after the process has died.
    pub(crate) fn forget_intents(&self) {
        let mut state = self.world.state.borrow_mut();
        for standing in state.record.standings.values_mut() {
            if matches!(standing.progress, Progress::ContactInFlight | Progress::ContactInFlightAgain) {
                standing.progress = Progress::Pending;
            } else if matches!(standing.progress, Progress::TextInFlight | Progress::TextInFlightAgain) {
                standing.progress = Progress::Contacted;
            }
        }
    }
}

impl LedgerRead for MemoryLedger<'_> {
    async fn standings(&self, ids: &[CallbackId]) -> Written<Vec<Option<Standing>>> {
        let state = self.world.state.borrow();
        Ok(ids.iter().map(|id| state.record.standings.get(id).cloned()).collect())
    }

    async fn unfinished(&self) -> Written<Vec<Kept>> {
        let state = self.world.state.borrow();
        let told = |progress: Progress| match (self.world.plant, progress) {
            (Plant::HidesWaiting, Progress::TextWaiting) => false,
            (Plant::TellsOfDone, Progress::Confirmed) => true,
            _ => progress.is_unfinished(),
        };
        let unfinished = state.record.standings.iter().filter(|(_, standing)| told(standing.progress));
        let kept = unfinished
            .map(|(id, standing)| Kept { enrolment: state.record.callbacks[id].clone(), standing: standing.clone() });
        let mut kept: Vec<Kept> = kept.collect();
        kept.sort_by_key(|kept| kept.standing.dispatch_at);
        Ok(kept)
    }

    async fn bodies(&self, id: CallbackId) -> Written<Option<Bodies>> {
        let mut bodies = self.world.state.borrow().bodies.get(&id).cloned();
        if let (Plant::ChangesBodies, Some(bodies)) = (self.world.plant, &mut bodies) {
            bodies.contact.push(b' ');
        }
        Ok(bodies)
    }

    async fn scheduled_counts(&self, campaign: &str, range: Interval) -> Written<Vec<(Timestamp, u32)>> {
        let state = self.world.state.borrow();
        let counts = |id: &CallbackId, standing: &Standing| {
            !matches!(standing.progress, Progress::ContactFailed | Progress::Expired)
                && state.record.callbacks[id].campaign == campaign
        };
        let standing = state.record.standings.iter().filter(|(id, standing)| counts(id, standing));
        let at = standing.filter_map(|(_, standing)| standing.dispatch_at);
        Ok(at.filter(|at| range.contains(*at)).map(|at| (at, 1)).collect())
    }

    async fn cut_off(&self) -> Written<Vec<CutOff>> {
        // What a run that died early was to do, the runs of a seed know of themselves.
        Ok(Vec::new())
    }

    async fn last_hold(&self) -> Written<Option<Hold>> {
        Ok(self.world.state.borrow().hold)
    }

    fn provenance(&self) -> Provenance {
        if self.world.plant == Plant::ClaimsProvenance {
            return Provenance::Proven;
        }
        self.world.state.borrow().record.scenario.habits.provenance
    }

    fn tells_created(&self) -> bool {
        self.world.plant != Plant::ForgetsCreated && self.world.state.borrow().tells_created
    }
}

impl Ledger for MemoryLedger<'_> {
    fn run(&self) -> RunId {
        self.run
    }

    fn note_hold(&self, hold: Hold) {
        if self.world.plant != Plant::ForgetsHolds {
            self.world.state.borrow_mut().hold = Some(hold);
        }
    }

    fn note_created(&self) {
        self.world.state.borrow_mut().tells_created = true;
    }

    async fn enrol(&self, batch: Vec<Enrolment>, at: Stamp) -> Written<()> {
        self.write(|state| {
            for new in batch {
                let id = new.id;
                match state.record.callbacks.entry(id) {
                    btree_map::Entry::Occupied(mut known) => {
                        known.get_mut().language = new.language;
                        known.get_mut().offset_minutes = new.offset_minutes;
                    }
                    btree_map::Entry::Vacant(place) => {
                        place.insert(new);
                        state.record.standings.insert(id, Standing::untouched(self.run));
                    }
                }
                self.append(state, id, &Entry::Enrolled, at)?;
            }
            Ok(())
        })
        .await
    }

    async fn append_all(&self, entries: Vec<(CallbackId, Entry)>, at: Stamp) -> Written<()> {
        let append = |state: &mut State| {
            entries.iter().try_for_each(|(id, entry)| self.append(state, *id, entry, at).map(|_| ()))
        };
        self.write(append).await
    }

    async fn append(&self, id: CallbackId, entry: Entry, at: Stamp) -> Written<Standing> {
        self.write(|state| self.append(state, id, &entry, at)).await
    }

    async fn taken_up(&self, _at: Stamp) -> Written<()> {
        self.write(|_| Ok(())).await
    }

    async fn finish(&self, _ending: Ending, _at: Stamp) -> Written<()> {
        self.write(|_| Ok(())).await
    }
}
