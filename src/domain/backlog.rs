//! What a ledger holds that is not settled.

use std::collections::BTreeMap;

use super::outcome::Status;
use super::time::Timestamp;

/// What a ledger holds that is not settled, from all runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Callbacks by the status that the next run would find; only those that some run or person has to do with.
    pub by_status: BTreeMap<Status, u64>,
    /// When the first of the pending ones was taken up.
    pub oldest_pending: Option<Timestamp>,
    /// Runs that died before their input was taken up, and whose input has not come again.
    pub runs_cut_off: u64,
    /// Whether it is paused.
    pub is_paused: bool,
}

impl Backlog {
    /// Callbacks of a status.
    #[must_use]
    pub fn of(&self, status: Status) -> u64 {
        self.by_status.get(&status).copied().unwrap_or_default()
    }
}
