//! `ringback runs`.

use crate::cli::args_ledger::RunsArgs;
use crate::cli::exit::Ending;
use crate::cli::work::Desk;
use crate::logic::render::runs;

use super::{open, pretty, say};

/// Lists the runs of a ledger, the newest first.
pub(in crate::cli) fn do_runs(args: &RunsArgs, desk: &Desk<'_>) -> Result<u8, Ending> {
    let noted = open(&args.ledger, desk)?.0.runs()?;
    let json = || pretty(&noted.iter().map(runs::to_json).collect());
    say(&if desk.common.json { json() } else { runs::table(&noted) })
}
