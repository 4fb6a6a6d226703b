//! `ringback backup`.

use serde_json::json;

use crate::cli::args_ledger::BackupArgs;
use crate::cli::exit::Ending;
use crate::cli::work::Desk;
use crate::domain::exit::ExitCode;
use crate::io::ledger::Copied;

use super::{open, pretty, say};

/// Copies a ledger, beside a run too.
pub(in crate::cli) fn do_backup(args: &BackupArgs, desk: &Desk<'_>) -> Result<ExitCode, Ending> {
    let (reader, ledger) = open(&args.ledger, desk)?;
    let Copied { callbacks, runs, bytes } = reader.copy_to(&args.path)?;
    if desk.common.quiet {
        return Ok(ExitCode::Done);
    }
    let path = args.path.display().to_string();
    say(&if desk.common.json {
        pretty(&json!({ "path": path, "callbacks": callbacks, "runs": runs, "bytes": bytes }))
    } else {
        format!("{path}: a copy of {} with {callbacks} callbacks and {runs} runs\n", ledger.display())
    })
}
