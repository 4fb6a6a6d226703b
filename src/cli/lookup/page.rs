//! `ringback report --format html`: a run's page again, from the ledger. It tells of rows what the ledger holds, and says
//! where the others are.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use crate::cli::args_ledger::ReportArgs;
use crate::cli::exit::Ending;
use crate::cli::output::{heard, save};
use crate::cli::work::Desk;
use crate::domain::exit::ExitCode;
use crate::domain::outcome::Status;
use crate::domain::past::{NotedRun, RunEnd};
use crate::io::ledger::{Archive, LedgerError};
use crate::io::write::{Readers, folder};
use crate::pipeline::error::RunError;
use crate::render::cut_off;
use crate::render::json::pretty;
use crate::render::page::{Page, to_html};
use crate::render::summary::from_json;
use crate::render::surroundings::{Commands, Source, Surroundings};
use crate::render::uncalled::Uncalled;

use super::report::{counted, find, of_a_run, with_row};
use super::tables::WrittenFile;
use super::{commands, open, say};

/// Writes the page of a run to a folder, or to standard output.
pub(super) fn tell(args: &ReportArgs, desk: &Desk<'_>) -> Result<ExitCode, Ending> {
    let name = of_a_run(args)?;
    if desk.common.json && args.out.is_none() {
        return Err(Ending::usage("a page cannot be JSON and html at once: leave --json out, or use -o DIR"));
    }
    let (reader, ledger) = open(&args.ledger, desk)?;
    let _still = reader.hold_still()?;
    let run = find(name.trim(), &reader, &ledger)?;
    let html = page(&run, &reader, commands(&args.ledger, desk)?)?;
    let Some(out) = &args.out else {
        return heard(std::io::stdout().lock().write_all(html.as_bytes()));
    };
    let path = write(&html, out)?;
    match (desk.common.json, desk.common.quiet) {
        (true, _) => say(pretty(&BTreeMap::from([("page", WrittenFile { path, rows: None })]))),
        (false, true) => Ok(ExitCode::Done),
        (false, false) => say(format!("page: {path}\n")),
    }
}

/// The page as one file. Hours and the pace of requests are known only while a run goes on.
fn page(run: &NotedRun, reader: &Archive, commands: Commands) -> Result<String, Ending> {
    let (report, source) = match run.summary.as_deref().and_then(from_json) {
        Some(report) => (report, Source::Kept),
        None if run.end == RunEnd::Running => (counted(run, reader)?, Source::Beside),
        None => (counted(run, reader)?, Source::Counted),
    };
    let cut_off = cut_off::words(&reader.cut_off()?, &commands);
    let command = run.command.as_str();
    let around = Surroundings { command, commands, is_kept: true, cut_off, source, ..Surroundings::default() };
    let html = to_html(&Page {
        report: &report,
        around: &around,
        uncalled: &uncalled(run, reader)?,
        hours: None,
        traffic: None,
        beside: &[],
    });
    html.map_err(|error| Ending::fault(error.into()))
}

/// Who is not called, of those whom the run brought to where they stand. Where the ledger is too old to say how a run
/// left a callback, a later run's word for it is not taken.
fn uncalled(run: &NotedRun, reader: &Archive) -> Result<Uncalled, Ending> {
    let mut uncalled = Uncalled::default();
    reader.callbacks_in(run, |kept| {
        let (by, status): (_, Status) = (kept.standing.run, kept.standing.status(kept.standing.run));
        if by == run.id {
            with_row(kept, |row| uncalled.note(status, row));
        }
        Ok::<_, LedgerError>(())
    })?;
    Ok(uncalled)
}

/// Writes the page beside its place, then puts it there; other files of the folder stay as they are.
fn write(html: &str, out: &Path) -> Result<String, RunError> {
    folder(out)?;
    let path = out.join("report.html");
    save(&path, Readers::Owner, html.as_bytes())?;
    Ok(path.display().to_string())
}
