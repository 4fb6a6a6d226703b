//! What a ledger tells of runs and callbacks to a person who looks them up.

use super::callback::RunId;
use super::code::Code;
use super::time::Timestamp;

/// A run as the ledger keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotedRun {
    /// Its number, 1 for the first.
    pub number: i64,
    /// Its id.
    pub id: RunId,
    /// What was asked for: `run`, `resume` or `settle`.
    pub command: String,
    /// The version of ringback.
    pub version: String,
    /// When it began.
    pub started_at: Timestamp,
    /// How it ended.
    pub end: RunEnd,
    /// Its sums, as `summary.json` has them.
    pub summary: Option<String>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunEnd {
    /// With an exit code.
    Finished {
        /// When.
        at: Timestamp,
        /// The exit code.
        exit_code: u8,
    },
    /// It has not: it holds the ledger.
    Running,
    /// It did not: it was killed, or could not go on.
    Cut,
}

/// An entry with its time and run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotedEntry {
    /// When it was written.
    pub at: Timestamp,
    /// The number of its run.
    pub run: Option<i64>,
    /// Its name.
    pub kind: String,
    /// The reason that it carries.
    pub code: Option<Code>,
    /// What it tells a person.
    pub detail: String,
    /// What it carries besides.
    pub value: Option<String>,
}
