//! What can be typed by those who install ringback.

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

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
