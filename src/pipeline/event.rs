//! What a run tells of itself while it goes on.

use std::time::Duration;

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
    /// A request leaves.
    Left,
    /// The platform asks to be left alone for so long.
    Held(Duration),
    /// One has come to its end in this run.
    Ended(&'a Job),
}
