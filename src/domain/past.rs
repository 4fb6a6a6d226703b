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
    /// What became of its input, where it died before that was taken up.
    pub cut_off: Option<Fate>,
}

/// What became of the input of a run that died before its input was taken up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It has not come again: its customers may be forgotten.
    Missing,
    /// A person said that it need not come again.
    Dismissed,
    /// Later runs took the same input up.
    CameAgain,
}

impl Fate {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Missing, Self::Dismissed, Self::CameAgain];

    /// The word for it, for programs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Dismissed => "dismissed",
            Self::CameAgain => "came_again",
        }
    }
}

/// A run that died, or was stopped by a signal, before its input was taken up, and whose input has not come again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CutOff {
    /// Its number.
    pub number: i64,
    /// Its id.
    pub run: RunId,
    /// When it began.
    pub began: Timestamp,
    /// Whether a signal stopped it, so that it had time to note its end.
    pub is_stopped: bool,
    /// The paths of its inputs in order, `None` of what is no file; empty where they are not known.
    pub inputs: Vec<Option<String>>,
}

/// How an input is found, before or after it is read; nothing is known of what is no file, such as standard input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InputSeen {
    /// Its path, absolute, without symbolic links.
    pub path: Option<String>,
    /// Its size.
    pub bytes: Option<i64>,
    /// When it was changed last, in nanoseconds of the Unix clock.
    pub modified_ns: Option<i64>,
}

/// An input that was read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputRead {
    /// How it is found after it was read.
    pub seen: InputSeen,
    /// The SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: Option<String>,
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
