//! A ledger in memory, by the rules of the one on disk. The ledger's own tests hold both against each other, and name
//! this file for that.

use std::collections::BTreeMap;

use ringback::domain::callback::{CallbackId, RunId};
use ringback::domain::entry::{Bodies, Entry};
use ringback::domain::hold::Hold;
use ringback::domain::outcome::Standing;
use ringback::domain::progress::Progress;
use ringback::domain::time::{Interval, Timestamp};
use ringback::io::ledger::{Append, Conflict, Enrolment, Kept, LedgerError, Stamp};

/// What is kept from run to run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Book {
    /// The callbacks.
    pub(crate) callbacks: BTreeMap<CallbackId, Enrolment>,
    /// Where each of them stands.
    pub(crate) standings: BTreeMap<CallbackId, Standing>,
    /// The bytes that were sent.
    pub(crate) bodies: BTreeMap<CallbackId, Bodies>,
    /// The last pause that the platform asked for.
    pub(crate) hold: Option<Hold>,
    /// Whether the platform has answered 201 to a contact.
    pub(crate) tells_created: bool,
}

impl Book {
    /// Takes up a callback that is at this version.
    pub(crate) fn enrol(
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
    pub(crate) fn append(&mut self, new: &Append, (run, at): (RunId, Stamp)) -> Result<Standing, LedgerError> {
        let Append { id, version, entry } = new;
        let found = self.standings.get_mut(id);
        let found = found.ok_or_else(|| LedgerError::Damaged(format!("no callback {id}")))?;
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
    pub(crate) fn callbacks_where(&self, is_wanted: impl Fn(Progress) -> bool) -> Vec<Kept> {
        let wanted = self.standings.iter().filter(|(_, standing)| is_wanted(standing.progress));
        let kept = wanted.filter_map(|(id, standing)| {
            Some(Kept { enrolment: self.callbacks.get(id)?.clone(), standing: standing.clone() })
        });
        let mut kept: Vec<Kept> = kept.collect();
        kept.sort_by_key(|kept| (kept.standing.dispatch_at, kept.enrolment.id));
        kept
    }

    /// Callbacks of a campaign per dispatch time in a range.
    pub(crate) fn scheduled_counts(&self, campaign: &str, range: Interval) -> Vec<(Timestamp, u32)> {
        let mut counts = BTreeMap::new();
        for kept in self.callbacks_where(Progress::takes_a_slot) {
            let at = kept.standing.dispatch_at.filter(|at| range.contains(*at));
            if let Some(at) = at.filter(|_| kept.enrolment.campaign == campaign) {
                *counts.entry(at).or_default() += 1;
            }
        }
        counts.into_iter().collect()
    }
}
