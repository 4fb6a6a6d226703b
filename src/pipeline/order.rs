//! What was asked for: where the callbacks come from, what may be done, where the report goes.

use std::path::PathBuf;

use crate::domain::callback::RunId;
use crate::domain::report::OnRejects;
use crate::domain::time::Timestamp;
use crate::io::read::ReadOptions;
use crate::logic::validate;
use crate::render::surroundings::Surroundings;

use super::rules::Rules;

/// Where the callbacks of a batch come from.
#[derive(Clone, Copy)]
pub enum Source<'a> {
    /// Inputs: they are read, and their rows judged.
    Inputs(&'a Inputs),
    /// The ledger: what it holds unfinished.
    Ledger,
}

/// What is read, and how it is judged.
pub struct Inputs {
    /// Their names in order: paths, or `-`.
    pub names: Vec<String>,
    /// How they are read.
    pub read: ReadOptions,
    /// How a row's form is judged.
    pub form: validate::rules::Rules,
    /// Threads that read and validate; 0 for all cores.
    pub threads: usize,
    /// Of 20 rows or more, the share in percent that may be rejected.
    pub rejected_percent_max: f64,
}

/// What was asked for, wherever the callbacks come from.
pub struct Order {
    /// What is allowed.
    pub rules: Rules,
    /// The folder of the report, which is there; `None` where nobody asked for files.
    pub out: Option<PathBuf>,
    /// How the run ends of which rejected rows are the worst.
    pub on_rejects: OnRejects,
    /// The run.
    pub run: RunId,
    /// When it began.
    pub started_at: Timestamp,
    /// What its page says besides the sums.
    pub around: Surroundings<'static>,
}

/// Fewer rows than this are never too many rejected ones.
const ROWS_MIN_FOR_SHARE: u64 = 20;

impl Inputs {
    /// Whether so many of the rows are rejected that the file is hardly the right one.
    #[must_use]
    pub fn too_many_rejected(&self, rejected: u64, rows: u64) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "counts of rows")]
        let share = rejected as f64 * 100.0 / rows.max(1) as f64;
        rows >= ROWS_MIN_FOR_SHARE && share > self.rejected_percent_max
    }
}
