//! A ledger that is only looked at: what would be written is not.

use crate::domain::callback::{CallbackId, RunId};
use crate::domain::entry::Bodies;
use crate::domain::hold::Hold;
use crate::domain::outcome::Standing;
use crate::domain::past::CutOff;
use crate::domain::time::{Interval, Timestamp};

use super::{Append, Archive, Ending, Enrolment, Kept, Ledger, LedgerError, LedgerRead, Stamp, Written};

/// A ledger beside which something is planned; `None` where none is there yet.
#[derive(Debug)]
pub struct ReadOnlyLedger {
    /// The ledger.
    pub reader: Option<Archive>,
    /// The run that is planned.
    pub run: RunId,
}

impl LedgerRead for ReadOnlyLedger {
    async fn standings(&self, ids: &[CallbackId]) -> Result<Vec<Option<Standing>>, LedgerError> {
        self.reader.as_ref().map_or_else(|| Ok(vec![None; ids.len()]), |reader| reader.standings(ids))
    }

    async fn unfinished(&self) -> Result<Vec<Kept>, LedgerError> {
        self.reader.as_ref().map_or_else(|| Ok(Vec::new()), Archive::unfinished)
    }

    async fn bodies(&self, id: CallbackId) -> Result<Option<Bodies>, LedgerError> {
        self.reader.as_ref().map_or(Ok(None), |reader| reader.bodies(id))
    }

    async fn scheduled_counts(&self, campaign: &str, range: Interval) -> Result<Vec<(Timestamp, u32)>, LedgerError> {
        self.reader.as_ref().map_or_else(|| Ok(Vec::new()), |reader| reader.scheduled_counts(campaign, range))
    }

    async fn cut_off(&self) -> Result<Vec<CutOff>, LedgerError> {
        self.reader.as_ref().map_or_else(|| Ok(Vec::new()), Archive::cut_off)
    }

    async fn last_hold(&self) -> Result<Option<Hold>, LedgerError> {
        self.reader.as_ref().map_or(Ok(None), Archive::last_hold)
    }
}

impl Ledger for ReadOnlyLedger {
    fn run(&self) -> RunId {
        self.run
    }

    async fn enrol(&self, _batch: Vec<(Enrolment, u32)>, _at: Stamp) -> Result<Vec<Written>, LedgerError> {
        Err(read_only())
    }

    async fn append_all(&self, _entries: Vec<Append>, _at: Stamp) -> Result<Vec<Written>, LedgerError> {
        Err(read_only())
    }

    async fn taken_up(&self, _at: Stamp) -> Result<(), LedgerError> {
        Ok(())
    }

    async fn finish(&self, _ending: Ending, _at: Stamp) -> Result<(), LedgerError> {
        Ok(())
    }
}

fn read_only() -> LedgerError {
    LedgerError::Stopped("it is only looked at".into())
}
