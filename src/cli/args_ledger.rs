//! What can be typed to look things up in a ledger, to settle what is in doubt, and to copy it.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::args::duration;
use crate::domain::entry::Verdict;

/// Which ledger.
#[derive(Debug, Args)]
pub(super) struct LedgerArgs {
    /// The ledger [default: `ledger` in the settings, else ringback.db beside the settings file, else here]
    #[arg(long, value_name = "PATH")]
    pub(super) ledger: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct RunsArgs {
    #[command(flatten)]
    pub(super) ledger: LedgerArgs,
}

#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    /// A callback id or its first 8 characters (the reference that the customer was given), a run id or its
    /// beginning, or a phone number, which may have several callbacks
    #[arg(value_name = "ID", allow_hyphen_values = true)]
    pub(super) id: String,
    #[command(flatten)]
    pub(super) ledger: LedgerArgs,
}

#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// A run's number, its id or the beginning of it, or `last`
    #[arg(value_name = "RUN", required_unless_present = "schema")]
    pub(super) run: Option<String>,
    /// Write results.csv and summary.json there, over those of an earlier report, rather than rows to standard
    /// output
    #[arg(short, long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Print the JSON Schema of summary.json
    #[arg(long, conflicts_with_all = ["run", "out"])]
    pub(super) schema: bool,
    #[command(flatten)]
    pub(super) ledger: LedgerArgs,
}

#[derive(Debug, Args)]
pub(super) struct SettleArgs {
    /// Callback ids, or their first 8 characters
    #[arg(value_name = "ID")]
    pub(super) ids: Vec<String>,
    /// What a person has found out
    #[arg(long = "as", value_enum, value_name = "X")]
    pub(super) verdict: SettleAs,
    /// More ids from a file, or from - for standard input: one a line, or a results.csv, of which the rows in doubt
    /// are taken
    #[arg(long, value_name = "FILE")]
    pub(super) from: Option<String>,
    /// Wait so long for the ledger's lock
    #[arg(long, value_name = "D", value_parser = duration, default_value = "0")]
    pub(super) wait: Duration,
    #[command(flatten)]
    pub(super) ledger: LedgerArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SettleAs {
    /// It happened: of a contact, the text that is still owed follows in the next run
    Sent,
    /// It did not happen, and no run does it unasked: `failed` or `sms_failed`, until somebody says --retry-failed
    NotSent,
    /// It did not happen, and the next run does it: a contact for its old time, or placed anew where that has passed
    Retry,
}

impl From<SettleAs> for Verdict {
    fn from(verdict: SettleAs) -> Self {
        match verdict {
            SettleAs::Sent => Self::Sent,
            SettleAs::NotSent => Self::NotSent,
            SettleAs::Retry => Self::Retry,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct BackupArgs {
    /// Where the copy goes; nothing may be there
    #[arg(value_name = "PATH")]
    pub(super) path: PathBuf,
    #[command(flatten)]
    pub(super) ledger: LedgerArgs,
}
