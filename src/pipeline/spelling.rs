//! The rows of a report as its files will hold them: some rows at a time become a sheet, on any thread.

use std::io;
use std::ops::Range;

use crate::domain::callback::RunId;
use crate::domain::language::LanguageTag;
use crate::domain::outcome::{Outcome, Status};
use crate::domain::row::Shape;
use crate::domain::time::Timestamp;
use crate::io::read::rejects::Rejected;
use crate::io::spool::stretch::{Stretch, Stretches};
use crate::io::spool::{Kind, Reject, SpooledRow};
use crate::render::results::{Phone, ResultRow};
use crate::render::uncalled::Uncalled;

use super::report::{Rows, Telling};

/// Callbacks of a lot, where they come without records.
const CALLBACKS_OF_A_LOT: u32 = 2048;

/// Some rows that stand one behind the other, not yet spelled. Its room is used again and again.
#[derive(Default)]
pub(super) struct Lot {
    /// The records; `None` where the callbacks come from the ledger and have none.
    records: Option<Stretch>,
    /// The places of the callbacks.
    places: Range<u32>,
}

impl Lot {
    /// How many rows it is.
    fn rows(&self) -> u64 {
        self.records.as_ref().map_or_else(|| self.places.len() as u64, |records| u64::from(records.count()))
    }

    /// The input that they come from, counted from 0.
    fn input(&self) -> u16 {
        self.records.as_ref().map_or(0, Stretch::input)
    }
}

/// What the files will hold of a lot. Its room is used again and again.
#[derive(Default)]
pub(super) struct Sheet {
    /// How many rows it is.
    pub(super) rows: u64,
    /// What `results.csv` will hold.
    pub(super) results: Vec<u8>,
    /// What the rejects of one input will hold.
    pub(super) rejects: Vec<u8>,
    /// Which input that is, counted from 0.
    pub(super) input: u16,
    /// Who of them is not called.
    pub(super) uncalled: Uncalled,
}

/// The rows that are in no lot yet, in order.
pub(super) struct Waiting {
    /// `None` where there are callbacks alone.
    records: Option<Stretches>,
    next: u32,
    callbacks: u32,
}

impl Waiting {
    pub(super) fn of(rows: Rows, telling: &Telling<'_>) -> io::Result<Self> {
        let records = match rows {
            Rows::Spooled(spool) => Some(spool.stretches()?),
            Rows::Callbacks => None,
        };
        let callbacks = u32::try_from(telling.intake.callbacks.len()).unwrap_or(u32::MAX);
        Ok(Self { records, next: 0, callbacks })
    }

    /// The next rows, in the room of a lot that nobody needs any more; `None` when there are no more.
    pub(super) fn next(&mut self, done: Option<Lot>) -> io::Result<Option<Lot>> {
        let (mut lot, from) = (done.unwrap_or_default(), self.next);
        let (filled, callbacks) = match &mut self.records {
            Some(records) => {
                let stretch = lot.records.get_or_insert_default();
                (records.next(stretch)?, stretch.callbacks())
            }
            None => (from < self.callbacks, CALLBACKS_OF_A_LOT.min(self.callbacks - from)),
        };
        if !filled {
            return Ok(None);
        }
        self.next += callbacks;
        lot.places = from..self.next;
        Ok(Some(lot))
    }
}

impl Sheet {
    /// Spells the rows of a lot, in the place of those that were spelled before.
    pub(super) fn spell(&mut self, lot: &Lot, telling: &Telling<'_>) -> io::Result<()> {
        (self.rows, self.input, self.uncalled) = (lot.rows(), lot.input(), Uncalled::default());
        self.results.clear();
        self.rejects.clear();
        let mut out = Out { results: &mut self.results, rejects: &mut self.rejects, uncalled: &mut self.uncalled };
        let mut places = lot.places.clone();
        let Some(records) = &lot.records else {
            places.for_each(|place| out.callback(place, telling));
            return Ok(());
        };
        let input = Input { telling, number: records.input() };
        for row in records.rows() {
            let row = row?;
            let rejected = matches!(row.kind, Kind::Rejected(_));
            let place = if rejected { None } else { Some(places.next().ok_or_else(unread)?) };
            input.spell(&row, place, &mut out)?;
        }
        Ok(())
    }
}

/// Where rows go.
struct Out<'a> {
    results: &'a mut Vec<u8>,
    rejects: &'a mut Vec<u8>,
    uncalled: &'a mut Uncalled,
}

impl Out<'_> {
    /// Adds the row of a callback that has no record.
    fn callback(&mut self, place: u32, telling: &Telling<'_>) {
        let outcome = (telling.outcome)(place);
        let mut told = ResultRow::default();
        tell(&mut told, telling, (place, &outcome));
        self.row(outcome.status(telling.run), &told);
    }

    fn row(&mut self, status: Status, told: &ResultRow<'_>) {
        told.write(self.results);
        self.uncalled.note(status, told);
    }
}

/// The input that rows come from.
#[derive(Clone, Copy)]
struct Input<'a, 't> {
    telling: &'a Telling<'t>,
    number: u16,
}

impl Input<'_, '_> {
    /// Spells the row of one record, and the record as the rejects will hold it where it is rejected.
    fn spell(self, row: &SpooledRow<'_>, place: Option<u32>, out: &mut Out<'_>) -> io::Result<()> {
        let (telling, name) = (self.telling, self.telling.input_name(self.number));
        let mut told =
            ResultRow { input: name, line: Some(row.line), record_id: row.record_id, ..ResultRow::default() };
        match (&row.kind, place) {
            (Kind::Rejected(reject), _) => {
                tell_reject(&mut told, reject, telling.run);
                out.row(Status::Rejected, &told);
                let codes = reject.faults.to_string();
                let &Reject { raw, detail, shape, .. } = reject;
                self.reject(&Rejected { raw, line: row.line, codes: &codes, detail, shape }, out.rejects)
            }
            (Kind::Callback | Kind::OutsideHours { .. }, None) => Err(unread()),
            (kind @ (Kind::Callback | Kind::OutsideHours { .. }), Some(place)) => {
                let outcome = (telling.outcome)(place);
                tell(&mut told, telling, (place, &outcome));
                out.row(outcome.status(telling.run), &told);
                match (kind, outcome.as_ref()) {
                    (Kind::OutsideHours { raw }, Outcome::OutsideHours(finding)) => {
                        let (codes, detail, shape) = (finding.fault.code(), &finding.detail(), Shape::Parsed);
                        self.reject(&Rejected { raw, line: row.line, codes, detail, shape }, out.rejects)
                    }
                    _ => Ok(()),
                }
            }
        }
    }

    /// Adds a rejected record in the shape of its input.
    fn reject(self, rejected: &Rejected<'_>, rejects: &mut Vec<u8>) -> io::Result<()> {
        let shape = self.telling.intake.reject_shapes.get(usize::from(self.number)).ok_or_else(unread)?;
        rejects.extend_from_slice(&shape.record(rejected));
        Ok(())
    }
}

/// Tells of the callback at a place, and of what became of it.
fn tell<'a>(told: &mut ResultRow<'a>, telling: &'a Telling<'_>, (place, outcome): (u32, &'a Outcome)) {
    let callback = &telling.intake.callbacks[place as usize];
    let language = telling.intake.languages.get(callback.language.0 as usize);
    let language = language.map_or("", LanguageTag::as_str);
    told.tell_callback(callback, telling.intake.campaign(callback), language);
    told.tell_outcome(outcome, telling.run, || first_row(telling, outcome));
}

/// Where the row stands that a duplicate repeats.
fn first_row(telling: &Telling<'_>, outcome: &Outcome) -> String {
    let Outcome::Duplicate { of } = outcome else { return String::new() };
    format!("the same callback stands in {} line {}", telling.input_name(of.input()), of.line())
}

fn tell_reject<'a>(told: &mut ResultRow<'a>, reject: &Reject<'a>, run: RunId) {
    told.status = Status::Rejected.as_str();
    (told.faults, told.detail) = (reject.faults, reject.detail.into());
    told.phone = Phone::AsRead(reject.phone);
    (told.campaign, told.language) = (reject.campaign, reject.language);
    (told.start, told.end) = (reject.start.map(Timestamp::spelled), reject.end.map(Timestamp::spelled));
    told.run = Some(run);
}

/// A fault of ours: what is told of an input that there is not, or of a callback that is not held.
pub(super) fn unread() -> io::Error {
    io::Error::other("a row of an input that was not read")
}
