//! Standard output, and files that are written whole.

use std::io::{self, Write};
use std::path::Path;

use anyhow::anyhow;
use serde::Serialize;

use crate::domain::exit::ExitCode;
use crate::io::write::{Draft, Readers, WriteError};
use crate::pipeline::Ended;
use crate::render::json::pretty;
use crate::render::summary;
use crate::render::table::table;

use super::args::Common;
use super::exit::Ending;

/// How writing to standard output ends. Somebody who has stopped reading has seen enough: that is no error.
pub(super) fn heard(written: io::Result<()>) -> Result<ExitCode, Ending> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Ending::io(anyhow!("standard output: {error}"))),
        Ok(()) | Err(_) => Ok(ExitCode::Done),
    }
}

/// Says something on standard output.
pub(super) fn say(words: impl AsRef<[u8]>) -> Result<ExitCode, Ending> {
    let mut out = io::stdout().lock();
    heard(out.write_all(words.as_ref()).and_then(|()| out.flush()))
}

/// Writes a file whole, then puts it in its place.
pub(super) fn save(path: &Path, readers: Readers, bytes: &[u8]) -> Result<(), WriteError> {
    let mut draft = Draft::begin_for(path, readers)?;
    draft.write_all(bytes).map_err(WriteError::at(path))?;
    draft.publish()
}

/// Says something as text, or as JSON where that is asked for; nothing with `-q`.
pub(super) fn answer(common: &Common, words: &str, sheet: &impl Serialize) -> Result<ExitCode, Ending> {
    match (common.quiet, common.json) {
        (true, _) => Ok(ExitCode::Done),
        (false, true) => say(pretty(sheet)),
        (false, false) => say(words),
    }
}

/// Says how it ended: a table or JSON on standard output, nothing where all is well and nobody wants to know.
pub(super) fn sums(Ended { report, around }: &Ended, common: &Common) -> Result<ExitCode, Ending> {
    let code = report.exit_code();
    if report.conditions.contains(&ExitCode::Fault) {
        tracing::error!("the sums of this run do not add up: that is a fault of ringback's own; keep the folder");
    }
    if let Some(cut_off) = &around.cut_off {
        // Heard with -q too: somebody may be forgotten.
        tracing::error!("{cut_off}");
    }
    if common.quiet && code == ExitCode::Done {
        return Ok(code);
    }
    let text = if common.json {
        if let Some(halt) = &around.halt {
            tracing::error!("stopped: {halt}");
        }
        summary::to_json(report)
    } else {
        table(report, around)
    };
    say(text)?;
    Ok(code)
}
