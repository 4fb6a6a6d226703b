//! The rows of a report as its files will hold them. They are spelled side by side, a bounded number at a time, and
//! come out in order.

use std::io;

use rayon::iter::ParallelIterator;
use rayon::slice::ParallelSlice;

use crate::domain::callback::RunId;
use crate::domain::fault::Finding;
use crate::domain::language::LanguageTag;
use crate::domain::outcome::{Outcome, Status};
use crate::domain::row::Shape;
use crate::io::read::rejects::Rejected;
use crate::io::spool::{Kind, Reject, SpooledRow, SpooledRows};
use crate::logic::render::results::ResultRow;

use super::report::{Rows, Telling};

/// Rows that are held to be spelled, and the bytes of their records; the last row may go beyond.
const ROWS_HELD_MAX: usize = 16_384;
const RECORD_BYTES_HELD_MAX: usize = 4 << 20;

/// Rows that a thread spells in one go.
const ROWS_OF_A_PART: usize = 1024;

/// A row that is to be spelled.
pub(super) struct Held {
    /// The record; `None` where the callback comes from the ledger and has none.
    record: Option<SpooledRow>,
    /// The place of the callback that it is, or of the next one.
    place: u32,
}

/// The rows that are not held yet, in order.
pub(super) struct Waiting {
    /// `None` where there are callbacks alone.
    records: Option<SpooledRows>,
    next: u32,
    callbacks: u32,
}

impl Waiting {
    pub(super) fn of(rows: Rows, telling: &Telling<'_>) -> io::Result<Self> {
        let records = match rows {
            Rows::Spooled(spool) => Some(spool.rows()?),
            Rows::Callbacks => None,
        };
        let callbacks = u32::try_from(telling.intake.callbacks.len()).unwrap_or(u32::MAX);
        Ok(Self { records, next: 0, callbacks })
    }

    /// As many rows as may be held; none at the end.
    pub(super) fn some(&mut self) -> io::Result<Vec<Held>> {
        let (mut held, mut bytes) = (Vec::new(), 0);
        while held.len() < ROWS_HELD_MAX && bytes < RECORD_BYTES_HELD_MAX {
            let Some(row) = self.row()? else { break };
            bytes += row.record.as_ref().map_or(0, record_bytes);
            held.push(row);
        }
        Ok(held)
    }

    fn row(&mut self) -> io::Result<Option<Held>> {
        let place = self.next;
        let Some(records) = &mut self.records else {
            self.next = self.callbacks.min(place.saturating_add(1));
            return Ok((place < self.callbacks).then_some(Held { record: None, place }));
        };
        let Some(record) = records.next().transpose()? else { return Ok(None) };
        self.next += u32::from(!matches!(record.kind, Kind::Rejected(_)));
        Ok(Some(Held { record: Some(record), place }))
    }
}

fn record_bytes(row: &SpooledRow) -> usize {
    match &row.kind {
        Kind::Callback => 0,
        Kind::OutsideHours { raw } => raw.len(),
        Kind::Rejected(reject) => reject.raw.len(),
    }
}

/// Some rows as the files will hold them.
pub(super) struct Part {
    /// Those of `results.csv`.
    pub(super) results: Vec<u8>,
    /// The rejected records, each with the number of its input.
    pub(super) rejects: Vec<(u16, Vec<u8>)>,
}

/// Spells rows; the parts are in their order.
pub(super) fn spelled(telling: &Telling<'_>, rows: &[Held]) -> Vec<io::Result<Part>> {
    rows.par_chunks(ROWS_OF_A_PART).map(|rows| part(telling, rows)).collect()
}

fn part(telling: &Telling<'_>, rows: &[Held]) -> io::Result<Part> {
    let mut results = csv::Writer::from_writer(Vec::new());
    let mut rejects = Vec::new();
    for Held { record, place } in rows {
        if let Some(record) = record {
            let rejected = spell_record(telling, (record, *place), &mut results)?;
            rejects.extend(rejected.map(|rejected| (record.input, rejected)));
        } else {
            let outcome = (telling.outcome)(*place);
            put(&with_callback(ResultRow::default(), telling, (*place, &outcome)), &mut results)?;
        }
    }
    let results = results.into_inner().map_err(csv::IntoInnerError::into_error)?;
    Ok(Part { results, rejects })
}

/// Spells the row of one record; gives the record as the rejects will hold it where it is rejected.
fn spell_record(
    telling: &Telling<'_>,
    (row, place): (&SpooledRow, u32),
    results: &mut csv::Writer<Vec<u8>>,
) -> io::Result<Option<Vec<u8>>> {
    let input = telling.input_name(row.input);
    let mut told = ResultRow { input, line: Some(row.line), record_id: &row.record_id, ..ResultRow::default() };
    let mut rejected = None;
    let outcome;
    match &row.kind {
        Kind::Rejected(reject) => {
            tell_reject(&mut told, reject, telling.run);
            rejected = Some(spell_reject(telling, row, reject)?);
        }
        Kind::Callback | Kind::OutsideHours { .. } => {
            outcome = (telling.outcome)(place);
            told = with_callback(told, telling, (place, &outcome));
            if let (Kind::OutsideHours { raw }, Outcome::OutsideHours(finding)) = (&row.kind, outcome.as_ref()) {
                rejected = Some(spell_closed(telling, row, (raw, finding))?);
            }
        }
    }
    put(&told, results)?;
    Ok(rejected)
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

fn put(told: &ResultRow<'_>, results: &mut csv::Writer<Vec<u8>>) -> io::Result<()> {
    results.write_record(told.cells().iter().map(|cell| cell.as_bytes())).map_err(Into::into)
}

/// Where the row stands that a duplicate repeats.
fn first_row(telling: &Telling<'_>, outcome: &Outcome) -> String {
    let Outcome::Duplicate { of } = outcome else { return String::new() };
    format!("the same callback stands in {} line {}", telling.input_name(of.input()), of.line())
}

fn tell_reject<'a>(told: &mut ResultRow<'a>, reject: &'a Reject, run: RunId) {
    told.status = Status::Rejected.as_str();
    (told.code, told.detail) = (reject.codes.as_str().into(), reject.detail.as_str().into());
    told.phone = reject.phone.as_str().into();
    (told.campaign, told.language) = (&reject.campaign, &reject.language);
    (told.start, told.end) = (reject.start, reject.end);
    told.run = Some(run);
}

fn spell_reject(telling: &Telling<'_>, row: &SpooledRow, reject: &Reject) -> io::Result<Vec<u8>> {
    let (raw, codes, detail) = (reject.raw.as_slice(), reject.codes.as_str(), reject.detail.as_str());
    in_shape(telling, row, &Rejected { raw, line: row.line, codes, detail, shape: reject.shape })
}

fn spell_closed(telling: &Telling<'_>, row: &SpooledRow, why: (&[u8], &Finding)) -> io::Result<Vec<u8>> {
    let (raw, finding) = why;
    let (codes, detail) = (finding.fault.code(), finding.detail.as_str());
    in_shape(telling, row, &Rejected { raw, line: row.line, codes, detail, shape: Shape::Parsed })
}

/// A rejected record in the shape of its input.
fn in_shape(telling: &Telling<'_>, row: &SpooledRow, rejected: &Rejected<'_>) -> io::Result<Vec<u8>> {
    let shape = telling.intake.reject_shapes.get(usize::from(row.input)).ok_or_else(unread)?;
    Ok(shape.record(rejected))
}

/// A fault of ours: what is told of an input that there is not.
pub(super) fn unread() -> io::Error {
    io::Error::other("a row of an input that was not read")
}
