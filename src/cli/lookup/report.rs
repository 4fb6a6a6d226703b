//! `ringback report`: a run's report again, from the ledger; its page and the tables stand beside.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::cli::args_ledger::{OnlyArgs, ReportArgs, ReportFormat};
use crate::cli::exit::Ending;
use crate::cli::output::heard;
use crate::cli::work::Desk;
use crate::domain::callback::{Callback, RowNumber};
use crate::domain::exit::ExitCode;
use crate::domain::outcome::Outcome;
use crate::domain::past::{NotedRun, RunEnd};
use crate::domain::report::Report;
use crate::domain::shown::marked;
use crate::io::ledger::{Archive, Kept, LedgerError};
use crate::io::write::{Draft, WriteError, folder};
use crate::pipeline::error::RunError;
use crate::render::results::{COLUMNS, ResultRow};
use crate::render::summary;

use super::sheet::Shape;
use super::{open, page, runs_called, say, tables};

/// Characters of a name that are said back.
const NAME_MAX: usize = 80;

/// Writes the rows of a run, or its sums, or tables.
pub(in crate::cli) fn do_report(args: &ReportArgs, desk: &Desk<'_>) -> Result<ExitCode, Ending> {
    if args.schema {
        return say(summary::SCHEMA);
    }
    match args.format {
        Some(ReportFormat::Csv) => tables::tell(args, Shape::Csv, desk),
        Some(ReportFormat::Ndjson) => tables::tell(args, Shape::Ndjson, desk),
        Some(ReportFormat::Parquet) => tables::tell(args, Shape::Parquet, desk),
        Some(ReportFormat::Html) => page::tell(args, desk),
        Some(ReportFormat::Json) => tell(args, Told::Sums, desk),
        None if desk.common.json => tell(args, Told::Sums, desk),
        None => tell(args, Told::Rows, desk),
    }
}

/// What is told of a run on standard output.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    /// Its sums, as JSON.
    Sums,
    /// Its rows; where those go to a file, the file's name.
    Rows,
}

fn tell(args: &ReportArgs, told: Told, desk: &Desk<'_>) -> Result<ExitCode, Ending> {
    let name = of_a_run(args)?;
    let (reader, ledger) = open(&args.ledger, desk)?;
    let _still = reader.hold_still()?;
    let run = find(name.trim(), &reader, &ledger)?;
    if let Some(out) = &args.out {
        write_files(&run, &reader, out)?;
    }
    match (told, &args.out) {
        (Told::Sums, _) => say(sums(&run, &reader)?),
        (Told::Rows, Some(_)) if desk.common.quiet => Ok(ExitCode::Done),
        (Told::Rows, Some(out)) => say(format!("results: {}\n", out.join("results.csv").display())),
        (Told::Rows, None) => {
            let out = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
            printed(rows(&run, &reader, out).map(|_| ()))
        }
    }
}

/// The run that is named, where a summary, a page or its rows are asked for; those are a whole run's.
pub(super) fn of_a_run(args: &ReportArgs) -> Result<&str, Ending> {
    let OnlyArgs { table, since, until, campaigns, statuses } = &args.only;
    let is_chosen = since.or(*until).is_some() || !campaigns.is_empty() || !statuses.is_empty();
    if table.is_some() || is_chosen {
        return Err(Ending::usage(
            "a summary or a page is that of a whole run; csv, ndjson and parquet take --table and choices",
        ));
    }
    let unnamed = "a summary or a page is that of a run: name a RUN, or `last`; csv, ndjson and parquet need none";
    args.run.as_deref().ok_or_else(|| Ending::usage(unnamed))
}

/// The run that goes by a name.
pub(super) fn find(name: &str, reader: &Archive, ledger: &Path) -> Result<NotedRun, Ending> {
    let mut runs = if name == "last" {
        reader.runs()?.into_iter().find(|run| run.command != "settle").into_iter().collect()
    } else {
        runs_called(name, reader)?
    };
    let (name, ledger) = (marked(name, NAME_MAX), ledger.display());
    match (runs.len(), runs.pop()) {
        (1, Some(run)) => Ok(run),
        (_, Some(oldest)) => {
            let all = runs.iter().chain([&oldest]).map(|run| format!("{} (number {})", run.id, run.number));
            let all = all.collect::<Vec<_>>().join(", ");
            Err(Ending::usage(&format!("{name:?} may be any of these runs; give more of it, or a number: {all}")))
        }
        (_, None) => Err(Ending::usage(&format!(
            "no run goes by {name:?} in the ledger {ledger}; `ringback runs` lists them with their numbers and ids"
        ))),
    }
}

/// Why rows could not be written.
pub(super) enum Unwritten {
    Ledger(LedgerError),
    Out(io::Error),
}

impl From<LedgerError> for Unwritten {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

/// How printing rows ends.
pub(super) fn printed(written: Result<(), Unwritten>) -> Result<ExitCode, Ending> {
    match written {
        Err(Unwritten::Ledger(error)) => Err(error.into()),
        Err(Unwritten::Out(error)) => heard(Err(error)),
        Ok(()) => Ok(ExitCode::Done),
    }
}

/// Writes the rows of a run, one by one, and gives what they were written to.
fn rows<W: Write>(run: &NotedRun, reader: &Archive, mut out: W) -> Result<W, Unwritten> {
    let mut line = (COLUMNS.join(",") + "\n").into_bytes();
    out.write_all(&line).map_err(Unwritten::Out)?;
    reader.callbacks_in(run, |kept| {
        line.clear();
        with_row(kept, |row| row.write(&mut line));
        out.write_all(&line).map_err(Unwritten::Out)
    })?;
    out.flush().map_err(Unwritten::Out)?;
    Ok(out)
}

/// A callback as a row, for as long as something is done with it.
pub(super) fn with_row<T>(kept: Kept, with: impl FnOnce(&ResultRow<'_>) -> T) -> T {
    let Kept { enrolment, standing } = kept;
    let callback = Callback::new(enrolment.phone, enrolment.window, RowNumber::new(0, 0));
    let by = standing.run;
    let outcome = Outcome::Stands(Box::new(standing));
    let mut row = ResultRow::default();
    row.tell_callback(&callback, &enrolment.campaign, &enrolment.language);
    row.tell_outcome(&outcome, by, String::new);
    with(&row)
}

/// The sums of a run: those that it kept, or what its callbacks say where it did not come so far.
fn sums(run: &NotedRun, reader: &Archive) -> Result<String, Ending> {
    if let Some(kept) = &run.summary {
        return Ok(if kept.ends_with('\n') { kept.clone() } else { format!("{kept}\n") });
    }
    Ok(summary::to_json(&counted(run, reader)?))
}

/// What the callbacks of a run say.
pub(super) fn counted(run: &NotedRun, reader: &Archive) -> Result<Report, Ending> {
    let (finished_at, of_the_end) = match run.end {
        RunEnd::Finished { at, exit_code } => (Some(at), ExitCode::from_number(exit_code)),
        RunEnd::Running | RunEnd::Cut => (None, None),
    };
    let mut report = Report::of_nothing(run.id, run.started_at, finished_at);
    reader.callbacks_in(run, |Kept { standing, .. }| {
        report.count(standing.status(standing.run), standing.code);
        report.pending_contacts.count(&standing);
        Ok::<_, LedgerError>(())
    })?;
    let conditions: Vec<ExitCode> = report.by_status.keys().map(|status| status.exit_code()).collect();
    for condition in conditions.into_iter().chain(of_the_end) {
        report.add_condition(condition);
    }
    Ok(report)
}

/// Writes both files beside their places, then puts them there. The rejects of an earlier report stay: no ledger
/// could give them again.
fn write_files(run: &NotedRun, reader: &Archive, out: &Path) -> Result<(), Ending> {
    folder(out).map_err(RunError::from)?;
    let (results, sums_at) = (out.join("results.csv"), out.join("summary.json"));
    let written = rows(run, reader, Draft::begin(&results).map_err(RunError::from)?);
    let written = written.map_err(|why| match why {
        Unwritten::Ledger(error) => RunError::from(error),
        Unwritten::Out(error) => WriteError::at(&results)(error).into(),
    })?;
    let mut draft = Draft::begin(&sums_at).map_err(RunError::from)?;
    let summary = sums(run, reader)?;
    draft.write_all(summary.as_bytes()).map_err(WriteError::at(&sums_at)).map_err(RunError::from)?;
    // Where the sums are, a report is whole: those of an earlier one go first.
    match fs::remove_file(&sums_at) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(RunError::from(WriteError::at(&sums_at)(error)).into());
        }
        Ok(()) | Err(_) => {}
    }
    clear_strange_page(&out.join("report.html"), run)?;
    written.publish().and_then(|()| draft.publish()).map_err(RunError::from)?;
    Ok(())
}

/// Takes a page away that tells of another run. The run's own stays: the ledger does not know all that stands on it.
fn clear_strange_page(page: &Path, run: &NotedRun) -> Result<(), Ending> {
    let name = run.id.to_string();
    if fs::read_to_string(page).is_ok_and(|html| !html.contains(&name)) {
        fs::remove_file(page).map_err(WriteError::at(page)).map_err(RunError::from)?;
    }
    Ok(())
}
