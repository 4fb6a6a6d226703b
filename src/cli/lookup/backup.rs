//! `ringback backup`.

use serde::Serialize;

use crate::cli::args_ledger::BackupArgs;
use crate::cli::exit::Ending;
use crate::cli::work::Desk;
use crate::domain::exit::ExitCode;
use crate::io::ledger::Copied;

use super::{answer, open};

/// The copy for a machine.
#[derive(Serialize)]
struct Taken {
    path: String,
    callbacks: u64,
    runs: u64,
    bytes: u64,
}

/// Copies a ledger, beside a run too.
pub(in crate::cli) fn do_backup(args: &BackupArgs, desk: &Desk<'_>) -> Result<ExitCode, Ending> {
    let (reader, ledger) = open(&args.ledger, desk)?;
    let Copied { callbacks, runs, bytes } = reader.copy_to(&args.path)?;
    let path = args.path.display().to_string();
    let words = format!("{path}: a copy of {} with {callbacks} callbacks and {runs} runs\n", ledger.display());
    answer(desk.common, &words, &Taken { path, callbacks, runs, bytes })
}
