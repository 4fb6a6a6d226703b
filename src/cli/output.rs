//! Standard output.

use std::io::{self, Write};

use anyhow::anyhow;

use crate::pipeline::Ended;
use crate::render::summary;
use crate::render::table::table;

use super::args::Common;
use super::exit::Ending;

/// Writes to standard output. Somebody who has stopped reading has seen enough: that is no error.
pub(super) fn print(text: &str) -> io::Result<()> {
    print_bytes(text.as_bytes())
}

/// The same with what need not be text.
pub(super) fn print_bytes(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Says how it ended: a table or JSON on standard output, nothing where all is well and nobody wants to know.
pub(super) fn sums(Ended { report, around }: &Ended, common: &Common) -> Result<u8, Ending> {
    let code = report.exit_code();
    if report.conditions.contains(&70) {
        tracing::error!("the sums of this run do not add up: that is a fault of ringback's own; keep the folder");
    }
    if let Some(cut_off) = &around.cut_off {
        // Heard with -q too: somebody may be forgotten.
        tracing::error!("{cut_off}");
    }
    if common.quiet && code == 0 {
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
    print(&text).map_err(|error| Ending::io(anyhow!("standard output: {error}")))?;
    Ok(code)
}
