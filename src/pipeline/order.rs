//! What was asked for: the inputs, how they are judged, where the report goes.

use std::path::PathBuf;

use crate::domain::callback::RunId;
use crate::domain::report::OnRejects;
use crate::domain::time::Timestamp;
use crate::io::read::ReadOptions;
use crate::logic::validate;

use super::rules::Rules;

/// What was asked for.
pub struct Order {
    /// The inputs in order: paths, or `-`.
    pub inputs: Vec<String>,
    /// How they are read.
    pub read: ReadOptions,
    /// How a row's form is judged.
    pub form: validate::rules::Rules,
    /// What is allowed.
    pub rules: Rules,
    /// Threads that read and validate; 0 for all cores.
    pub threads: usize,
    /// The folder of the report; `None` where nobody asked for files.
    pub out: Option<PathBuf>,
    /// Of 20 rows or more, the share in percent that may be rejected.
    pub rejected_percent_max: f64,
    /// How the run ends of which rejected rows are the worst.
    pub on_rejects: OnRejects,
    /// The run.
    pub run: RunId,
    /// When it began.
    pub started_at: Timestamp,
}

/// Fewer rows than this are never too many rejected ones.
const ROWS_MIN_FOR_SHARE: u64 = 20;

impl Order {
    /// Whether so many of the rows are rejected that the file is hardly the right one.
    #[must_use]
    pub fn too_many_rejected(&self, rejected: u64, rows: u64) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "counts of rows")]
        let share = rejected as f64 * 100.0 / rows.max(1) as f64;
        rows >= ROWS_MIN_FOR_SHARE && share > self.rejected_percent_max
    }
}
