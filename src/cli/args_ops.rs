//! What can be typed by those who install ringback and watch over it.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

use super::args_ledger::LedgerArgs;

/// Who is told how a run went.
#[derive(Debug, Args)]
pub(super) struct WatchArgs {
    /// Write figures there when the run ends, for `node_exporter`'s textfile collector; the name ends in .prom, and
    /// run and resume have a file each [env: `RINGBACK_METRICS_FILE`, but for rehearsals]
    #[arg(long, value_name = "FILE")]
    pub(super) metrics_file: Option<PathBuf>,
    /// Ping URL/start when the run begins and URL/EXIT-CODE when it ends, the way of healthchecks.io; https, or
    /// http to this machine [env: `RINGBACK_PING`, but for rehearsals]
    #[arg(long, value_name = "URL")]
    pub(super) ping: Option<OsString>,
}

#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    #[command(flatten)]
    pub(super) ledger: LedgerArgs,
    /// Ask for a forecast of this campaign [default: one of the settings, else one of the ledger,
    /// else none]
    #[arg(long, value_name = "ID")]
    pub(super) campaign: Option<String>,
    /// Start the sandbox inside and ask it
    #[arg(long)]
    pub(super) sandbox: bool,
    /// Trouble for the sandbox to make, as in `missing_scopes=["outbound:forecast:read"]`; `ringback sandbox --help`
    /// lists all
    #[arg(long, value_name = "KEY=VALUE", requires = "sandbox")]
    pub(super) fault: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// Which shell's
    #[arg(value_enum, value_name = "SHELL")]
    pub(super) shell: Shell,
}

#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// Write every page there, one a command, rather than the first to standard output
    #[arg(short, long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
}
