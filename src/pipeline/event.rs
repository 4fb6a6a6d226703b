//! What a run tells of itself while it goes on.

use super::dispatch::job::Job;

/// How far a run has come.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// All inputs are read: so many rows.
    Read(u64),
    /// So many unfinished callbacks are taken up from the ledger.
    TakenUp(u64),
    /// So many callbacks are to be sent, or finished.
    Planned(usize),
    /// One has come to its end in this run.
    Ended(&'a Job),
}
