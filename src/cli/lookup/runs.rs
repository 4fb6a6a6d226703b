//! `ringback runs`: the runs of a ledger, and a person's word that the input of one is not needed.

use std::path::Path;

use crate::cli::args_ledger::RunsArgs;
use crate::cli::exit::Ending;
use crate::cli::paused;
use crate::cli::work::Desk;
use crate::domain::exit::ExitCode;
use crate::domain::past::{Fate, NotedRun, RunEnd};
use crate::io::clock::Clock;
use crate::io::ledger::{Archive, LedgerError, Stamp, dismiss};
use crate::render::json::pretty;
use crate::render::runs;
use crate::render::surroundings::Commands;

use super::report::find;
use super::{commands, open, say};

/// Lists the runs of a ledger, the newest first.
pub(in crate::cli) fn do_runs(args: &RunsArgs, desk: &Desk<'_>) -> Result<ExitCode, Ending> {
    let (reader, ledger) = open(&args.ledger, desk)?;
    let commands = commands(&args.ledger, desk)?;
    if let Some(name) = &args.dismiss {
        return dismissed(name.trim(), reader, (&ledger, &commands), desk);
    }
    let noted = reader.runs()?;
    if desk.common.json {
        return say(pretty(&noted.iter().map(runs::sheet).collect::<Vec<_>>()));
    }
    let paused = paused::words(&ledger, &commands);
    let paused = paused.map_or_else(String::new, |words| format!("\n{words}\n"));
    say(runs::table(&noted) + &paused)
}

/// Notes that the input of a run that died early is not needed.
fn dismissed(
    name: &str,
    reader: Archive,
    (ledger, commands): (&Path, &Commands),
    desk: &Desk<'_>,
) -> Result<ExitCode, Ending> {
    let run = find(name, &reader, ledger)?;
    let is_meant = run.cut_off.is_some() || run.end == RunEnd::Running;
    if !is_meant {
        return Err(Ending::usage(&format!(
            "run {} cannot be dismissed: {}; nothing was changed",
            run.number,
            unfit(&run, commands)
        )));
    }
    drop(reader);
    let found = dismiss(ledger, run.id, Stamp(Clock::system().unix_millis()))?;
    let number = run.number;
    let words = match found {
        Some(Fate::Missing) => format!("run {number} is dismissed: its input is not needed, and it is named no more"),
        Some(Fate::Dismissed) => format!("run {number} was dismissed already"),
        Some(Fate::CameAgain) => format!("run {number} need not be dismissed: its input has come again"),
        None => {
            return Err(Ending::usage(&format!("run {number} cannot be dismissed: it has ended; nothing was changed")));
        }
    };
    match (desk.common.quiet, desk.common.json) {
        (true, _) => Ok(ExitCode::Done),
        (false, true) => say(pretty(&runs::sheet(&renewed(run, ledger)?))),
        (false, false) => say(format!("{words}\n")),
    }
}

/// The run as it stands now.
fn renewed(run: NotedRun, ledger: &Path) -> Result<NotedRun, LedgerError> {
    let now = Archive::require(ledger)?.runs()?.into_iter().find(|now| now.id == run.id);
    Ok(now.unwrap_or(run))
}

/// Why a run is none whose input is missing.
fn unfit(run: &NotedRun, commands: &Commands) -> String {
    match (run.end, run.command.as_str()) {
        (RunEnd::Finished { exit_code, .. }, _) => format!("it ended, with exit code {exit_code}"),
        (RunEnd::Running, _) => "it still runs".to_owned(),
        (RunEnd::Cut, "run") => format!("its input was taken up, and `{}` goes on with it", commands.resume()),
        (RunEnd::Cut, _) => "it had no input of its own".to_owned(),
    }
}
