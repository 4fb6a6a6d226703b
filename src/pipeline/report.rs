//! Sums up and writes the files: the spool's rows in input order, each with its outcome.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::domain::callback::RunId;
use crate::domain::code::Code;
use crate::domain::fault::Finding;
use crate::domain::language::LanguageTag;
use crate::domain::outcome::{Outcome, Status};
use crate::domain::report::Report;
use crate::domain::row::Shape;
use crate::io::crash::{self, Point};
use crate::io::read::rejects::{RejectShape, Rejected};
use crate::io::spool::{Kind, Reject, Spool, SpooledRow, SpooledRows};
use crate::io::write::{Draft, WriteError, clear_report, folder};
use crate::logic::render::results::{COLUMNS, ResultRow};
use crate::logic::render::summary;

use super::error::RunError;
use super::intake::Intake;

/// Where the report of a batch goes, and what it tells.
pub struct Telling<'a> {
    /// The folder.
    pub folder: &'a Path,
    /// What was read.
    pub intake: &'a Intake,
    /// The run.
    pub run: RunId,
    /// The outcome of the callback at a place.
    pub outcome: &'a dyn Fn(u32) -> Cow<'a, Outcome>,
}

/// The rows of a report, in its order.
pub enum Rows {
    /// The records of the inputs, as they wait in the spool.
    Spooled(Spool),
    /// The callbacks alone: they come from the ledger, and have no records.
    Callbacks,
}

/// Adds rows by status and code to a report: those that are no callbacks, then every callback.
pub fn tally<'a>(intake: &Intake, outcome: &dyn Fn(u32) -> Cow<'a, Outcome>, report: &mut Report) {
    add(&mut report.by_status, Status::Rejected, intake.rejected);
    for (code, count) in &intake.rejected_codes {
        add(&mut report.by_code, (*code).to_owned(), *count);
    }
    let mut codes: BTreeMap<&'static str, u64> = BTreeMap::new();
    for place in 0..u32::try_from(intake.callbacks.len()).unwrap_or(u32::MAX) {
        let outcome = outcome(place);
        add(&mut report.by_status, outcome.status(report.run), 1);
        if let Some(code) = code(&outcome) {
            *codes.entry(code).or_default() += 1;
        }
    }
    for (code, count) in codes {
        add(&mut report.by_code, code.to_owned(), count);
    }
    let conditions: Vec<u8> = report.by_status.keys().map(|status| status.exit_code()).collect();
    for condition in conditions {
        report.add_condition(condition);
    }
}

fn add<K: Ord>(counts: &mut BTreeMap<K, u64>, key: K, count: u64) {
    if count > 0 {
        *counts.entry(key).or_default() += count;
    }
}

fn code(outcome: &Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Valid | Outcome::Planned(_) | Outcome::Duplicate { .. } => None,
        Outcome::OutsideHours(finding) => Some(finding.fault.code()),
        Outcome::Past(code) | Outcome::Unplanned { code, .. } => Some(code.as_str()),
        Outcome::Stands(standing) => standing.code.map(Code::as_str),
    }
}

/// The files of a report that are written but not yet in their place.
pub struct Drafts {
    results: Draft,
    rejects: Vec<Draft>,
    folder: PathBuf,
    rows: u64,
}

/// Writes `results.csv` and the rejects beside their places. Nothing is seen before [`Drafts::publish`].
pub fn draft(telling: &Telling<'_>, rows: Rows) -> Result<Drafts, RunError> {
    folder(telling.folder)?;
    let results = Draft::begin(&telling.folder.join("results.csv"))?;
    let mut results = csv::WriterBuilder::new().buffer_capacity(1 << 18).from_writer(results);
    let rejects = begin_rejects(telling)?;
    results.write_record(COLUMNS).map_err(|error| unwritten(telling.folder, error.into()))?;
    let mut files = Files { results, rejects };
    let count = match rows {
        Rows::Spooled(spool) => write_records(telling, spool.rows().map_err(RunError::Spool)?, &mut files)?,
        Rows::Callbacks => write_callbacks(telling, &mut files)?,
    };
    let Files { results, rejects } = files;
    let results = results.into_inner().map_err(|error| unwritten(telling.folder, error.into_error()))?;
    let rejects = rejects.into_iter().map(|(draft, _)| draft).collect();
    Ok(Drafts { results, rejects, folder: telling.folder.to_owned(), rows: count })
}

fn unwritten(folder: &Path, error: std::io::Error) -> RunError {
    WriteError::at(folder)(error).into()
}

fn begin_rejects<'a>(telling: &Telling<'a>) -> Result<Vec<(Draft, &'a RejectShape)>, RunError> {
    let mut rejects = Vec::new();
    for (number, shape) in (1..).zip(&telling.intake.reject_shapes) {
        let extension = shape.extension();
        let alone = telling.intake.reject_shapes.len() == 1;
        let name = if alone { format!("rejects.{extension}") } else { format!("rejects-{number}.{extension}") };
        let path = telling.folder.join(name);
        let mut draft = Draft::begin(&path)?;
        draft.write_all(&shape.header()).map_err(WriteError::at(&path))?;
        rejects.push((draft, shape));
    }
    Ok(rejects)
}

/// The files that take rows.
struct Files<'a> {
    results: csv::Writer<Draft>,
    rejects: Vec<(Draft, &'a RejectShape)>,
}

/// Writes a row for each record, and says how many.
fn write_records(telling: &Telling<'_>, rows: SpooledRows, files: &mut Files<'_>) -> Result<u64, RunError> {
    let (mut place, mut count) = (0, 0);
    for row in rows {
        let row = row.map_err(RunError::Spool)?;
        let written = write_record(telling, &row, &mut place, files);
        written.map_err(|error| unwritten(telling.folder, error))?;
        count += 1;
    }
    Ok(count)
}

/// Writes a row for each callback, and says how many.
fn write_callbacks(telling: &Telling<'_>, files: &mut Files<'_>) -> Result<u64, RunError> {
    let callbacks = u32::try_from(telling.intake.callbacks.len()).unwrap_or(u32::MAX);
    for place in 0..callbacks {
        let outcome = (telling.outcome)(place);
        let told = with_callback(ResultRow::default(), telling, (place, &outcome));
        write_told(&told, files).map_err(|error| unwritten(telling.folder, error))?;
    }
    Ok(callbacks.into())
}

/// Writes the row of one record, and takes the next callback where it is one.
fn write_record(
    telling: &Telling<'_>,
    row: &SpooledRow,
    place: &mut u32,
    files: &mut Files<'_>,
) -> std::io::Result<()> {
    let input = input_name(telling, row.input);
    let mut told = ResultRow { input, line: Some(row.line), record_id: &row.record_id, ..ResultRow::default() };
    let outcome;
    match &row.kind {
        Kind::Rejected(reject) => {
            tell_reject(&mut told, reject, telling.run);
            write_reject(&mut files.rejects, row, reject)?;
        }
        Kind::Callback | Kind::OutsideHours { .. } => {
            outcome = (telling.outcome)(*place);
            told = with_callback(told, telling, (*place, &outcome));
            *place += 1;
            if let (Kind::OutsideHours { raw }, Outcome::OutsideHours(finding)) = (&row.kind, outcome.as_ref()) {
                write_closed(&mut files.rejects, row, (raw, finding))?;
            }
        }
    }
    write_told(&told, files)
}

/// A row with the callback at a place, and what became of it.
fn with_callback<'a>(
    mut told: ResultRow<'a>,
    telling: &'a Telling<'_>,
    (place, outcome): (u32, &'a Outcome),
) -> ResultRow<'a> {
    let callback = &telling.intake.callbacks[place as usize];
    let language = telling.intake.languages.get(callback.language.0 as usize);
    let language = language.map_or("", LanguageTag::as_str);
    told.tell_callback(callback, telling.intake.campaign(callback), language);
    told.tell_outcome(outcome, telling.run, || first_row(telling, outcome));
    told
}

fn write_told(told: &ResultRow<'_>, files: &mut Files<'_>) -> std::io::Result<()> {
    files.results.write_record(told.cells().iter().map(|cell| cell.as_bytes())).map_err(Into::into)
}

fn input_name<'a>(telling: &'a Telling<'_>, input: u16) -> &'a str {
    telling.intake.inputs.get(usize::from(input)).map_or("", |facts| &facts.name)
}

/// Where the row stands that a duplicate repeats.
fn first_row(telling: &Telling<'_>, outcome: &Outcome) -> String {
    let Outcome::Duplicate { of } = outcome else { return String::new() };
    format!("the same callback stands in {} line {}", input_name(telling, of.input()), of.line())
}

fn tell_reject<'a>(told: &mut ResultRow<'a>, reject: &'a Reject, run: RunId) {
    told.status = Status::Rejected.as_str();
    (told.code, told.detail) = (reject.codes.as_str().into(), reject.detail.as_str().into());
    told.phone = reject.phone.as_str().into();
    (told.campaign, told.language) = (&reject.campaign, &reject.language);
    (told.start, told.end) = (reject.start, reject.end);
    told.run = Some(run);
}

fn write_reject(rejects: &mut [(Draft, &RejectShape)], row: &SpooledRow, reject: &Reject) -> std::io::Result<()> {
    let (raw, codes, detail) = (reject.raw.as_slice(), reject.codes.as_str(), reject.detail.as_str());
    put(rejects, row.input, &Rejected { raw, line: row.line, codes, detail, shape: reject.shape })
}

fn write_closed(
    rejects: &mut [(Draft, &RejectShape)],
    row: &SpooledRow,
    why: (&[u8], &Finding),
) -> std::io::Result<()> {
    let (raw, finding) = why;
    let (codes, detail) = (finding.fault.code(), finding.detail.as_str());
    put(rejects, row.input, &Rejected { raw, line: row.line, codes, detail, shape: Shape::Parsed })
}

fn put(rejects: &mut [(Draft, &RejectShape)], input: u16, rejected: &Rejected<'_>) -> std::io::Result<()> {
    match rejects.get_mut(usize::from(input)) {
        Some((draft, shape)) => draft.write_all(&shape.record(rejected)),
        None => Err(std::io::Error::other("a row of an input that was not read")),
    }
}

impl Drafts {
    /// Puts the files in their places, over those of an earlier report, with the sums beside them.
    pub fn publish(self, report: &Report) -> Result<(), RunError> {
        let mut sums = Draft::begin(&self.folder.join("summary.json"))?;
        sums.write_all(summary::to_json(report).as_bytes()).map_err(|error| unwritten(&self.folder, error))?;
        clear_report(&self.folder)?;
        crash::at(Point::ReportBetween);
        for draft in self.rejects {
            draft.publish()?;
            crash::at(Point::ReportBetween);
        }
        self.results.publish()?;
        crash::at(Point::ReportBetween);
        sums.publish()?;
        Ok(())
    }

    /// Rows of `results.csv`.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }
}
