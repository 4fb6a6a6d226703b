//! Sums up and writes the files: the spool's rows in input order, each with its outcome.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::domain::callback::RunId;
use crate::domain::code::Code;
use crate::domain::outcome::{Outcome, Status};
use crate::domain::report::Report;
use crate::io::crash::{self, Point};
use crate::io::spool::Spool;
use crate::io::write::{Draft, WriteError, clear_report, folder};
use crate::logic::render::results::COLUMNS;
use crate::logic::render::summary;

use super::error::RunError;
use super::intake::Intake;
use super::spelling::{Waiting, spelled, unread};

/// Where the report of a batch goes, and what it tells.
pub struct Telling<'a> {
    /// The folder.
    pub folder: &'a Path,
    /// What was read.
    pub intake: &'a Intake,
    /// The run.
    pub run: RunId,
    /// The outcome of the callback at a place.
    pub outcome: &'a (dyn Fn(u32) -> Cow<'a, Outcome> + Sync),
}

impl<'a> Telling<'a> {
    /// The name of an input.
    pub(super) fn input_name(&self, input: u16) -> &'a str {
        self.intake.inputs.get(usize::from(input)).map_or("", |facts| &facts.name)
    }
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
    let mut results = Draft::begin(&telling.folder.join("results.csv"))?;
    let mut rejects = begin_rejects(telling)?;
    let unwritten = |error| unwritten(telling.folder, error);
    results.write_all(COLUMNS.join(",").as_bytes()).and_then(|()| results.write_all(b"\n")).map_err(unwritten)?;
    let (mut rows, mut count) = (Waiting::of(rows, telling).map_err(RunError::Spool)?, 0);
    loop {
        let held = rows.some().map_err(RunError::Spool)?;
        if held.is_empty() {
            return Ok(Drafts { results, rejects, folder: telling.folder.to_owned(), rows: count });
        }
        for part in spelled(telling, &held) {
            let part = part.map_err(unwritten)?;
            results.write_all(&part.results).map_err(unwritten)?;
            part.rejects.iter().try_for_each(|(input, record)| put(&mut rejects, *input, record)).map_err(unwritten)?;
        }
        count += held.len() as u64;
    }
}

fn put(rejects: &mut [Draft], input: u16, record: &[u8]) -> std::io::Result<()> {
    rejects.get_mut(usize::from(input)).ok_or_else(unread)?.write_all(record)
}

fn unwritten(folder: &Path, error: std::io::Error) -> RunError {
    WriteError::at(folder)(error).into()
}

fn begin_rejects(telling: &Telling<'_>) -> Result<Vec<Draft>, RunError> {
    let mut rejects = Vec::new();
    for (number, shape) in (1..).zip(&telling.intake.reject_shapes) {
        let extension = shape.extension();
        let alone = telling.intake.reject_shapes.len() == 1;
        let name = if alone { format!("rejects.{extension}") } else { format!("rejects-{number}.{extension}") };
        let path = telling.folder.join(name);
        let mut draft = Draft::begin(&path)?;
        draft.write_all(&shape.header()).map_err(WriteError::at(&path))?;
        rejects.push(draft);
    }
    Ok(rejects)
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
