//! The tables that analysts are given: runs, callbacks, entries. Rows are read one by one, beside a run too; none is
//! held, however many there are.

use rusqlite::{Row, params};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::domain::callback::CallbackId;
use crate::domain::entry::Entry;
use crate::domain::outcome::Status;
use crate::domain::past::{NotedRun, RunEnd};
use crate::domain::presence::Presence;
use crate::domain::progress::Progress;
use crate::domain::table::{Cell, Column, Table};
use crate::domain::time::Timestamp;
use crate::io::ledger::LedgerError;

use super::reader::{self, Archive};

/// Which rows are wanted. What is left empty is not asked for.
#[derive(Clone, Debug, Default)]
pub struct Choice<'a> {
    /// Of this run alone: the run itself, the callbacks that it changed, its entries.
    pub run: Option<&'a NotedRun>,
    /// From here on: when a run began, when a callback changed last, when an entry was written.
    pub since: Option<Timestamp>,
    /// Before this.
    pub until: Option<Timestamp>,
    /// Callbacks of these campaigns, and their entries.
    pub campaigns: &'a [String],
    /// Callbacks that stand so now, and their entries.
    pub statuses: &'a [Status],
}

/// The columns of a callback in [`CHOSEN`], in the order in which [`callback_row`] reads them.
const CALLBACK: &str = "c.callback_id, c.phone, c.campaign, c.language, c.window_start, c.window_end, \
     c.offset_minutes, c.dispatch_at, c.progress, c.code, c.detail, c.contact_id, c.sms_session_id, c.attempts, \
     c.contact_at, c.sms_at, c.run_id";

/// Who is given the rows, cell by cell.
type Give<'g, E> = &'g mut dyn FnMut(&[Cell<'_>]) -> Result<(), E>;

/// When a callback changed last.
const UPDATED: &str = "(SELECT at_ms FROM entries WHERE callback_id = c.callback_id ORDER BY seq DESC LIMIT 1)";

/// Which callbacks are chosen, by the parameters of [`Choice::wanted`].
const CHOSEN: &str = "(?1 IS NULL OR c.campaign IN (SELECT value FROM json_each(?1)))
     AND (?2 IS NULL OR c.progress IN (SELECT value FROM json_each(?2)))
     AND (?3 IS NULL OR c.callback_id IN (SELECT callback_id FROM entries NOT INDEXED WHERE seq >= ?3 AND seq < ?4))";

impl Choice<'_> {
    /// Whether an instant, in milliseconds of the Unix clock, is wanted. What has none is wanted where nobody asks.
    fn takes(&self, at_ms: Option<i64>) -> bool {
        let behind = |at: i64| self.since.is_none_or(|since| at >= since.unix() * 1000);
        let before = |at: i64| self.until.is_none_or(|until| at < until.unix() * 1000);
        at_ms.map_or(self.since.is_none() && self.until.is_none(), |at| behind(at) && before(at))
    }

    /// Campaigns and progress as JSON, for SQLite's own reader of it; `None` where they do not matter.
    fn wanted(&self) -> (Option<String>, Option<String>) {
        let is_wanted = |progress: &Progress| self.statuses.contains(&Status::of(*progress));
        let progress: Vec<&str> =
            Progress::ALL.iter().filter(|progress| is_wanted(progress)).map(|progress| progress.name()).collect();
        let campaigns = (!self.campaigns.is_empty()).then(|| json!(self.campaigns).to_string());
        (campaigns, (!self.statuses.is_empty()).then(|| json!(progress).to_string()))
    }
}

impl Archive {
    /// Gives the rows of a table that are chosen, cell by cell as the table's columns are: runs by number, callbacks
    /// by their ids, entries by their callbacks' ids and then as they were written. Says how many there were.
    pub fn each_row<E: From<LedgerError>>(
        &self,
        table: Table,
        choice: &Choice<'_>,
        mut give: impl FnMut(&[Cell<'_>]) -> Result<(), E>,
    ) -> Result<u64, E> {
        match table {
            Table::Runs => self.each_run(choice, &mut give),
            Table::Callbacks => self.each_callback_row(choice, &mut give),
            Table::Entries => self.each_entry(choice, &mut give),
        }
    }

    fn each_run<E: From<LedgerError>>(&self, choice: &Choice<'_>, give: Give<'_, E>) -> Result<u64, E> {
        let mut count = 0;
        for run in self.runs()?.iter().rev() {
            let is_chosen = choice.run.is_none_or(|chosen| chosen.id == run.id);
            if is_chosen && choice.takes(Some(run.started_at.unix() * 1000)) {
                give(&run_row(run))?;
                count += 1;
            }
        }
        Ok(count)
    }

    fn each_callback_row<E: From<LedgerError>>(&self, choice: &Choice<'_>, give: Give<'_, E>) -> Result<u64, E> {
        let query = format!("SELECT {CALLBACK}, {UPDATED} FROM callbacks c WHERE {CHOSEN} ORDER BY c.callback_id");
        let ((campaigns, progress), (first, behind)) = (choice.wanted(), self.stretch(choice)?);
        self.each(&query, params![campaigns, progress, first, behind], |row| {
            let updated = row.get(17).map_err(self.sqlite())?;
            if !choice.takes(updated) {
                return Ok(0);
            }
            give(&callback_row(row, updated).map_err(self.sqlite())?).map(|()| 1)
        })
    }

    fn each_entry<E: From<LedgerError>>(&self, choice: &Choice<'_>, give: Give<'_, E>) -> Result<u64, E> {
        // A callback that has not changed since has no entry since.
        let query = format!(
            "SELECT e.callback_id, e.seq, e.at_ms, e.run_id, e.kind, e.code, e.detail, {value}
             FROM callbacks c CROSS JOIN entries e ON e.callback_id = c.callback_id
             WHERE {CHOSEN} AND (?5 IS NULL OR {UPDATED} >= ?5) ORDER BY c.callback_id, e.seq",
            value = self.value()
        );
        let ((campaigns, progress), (first, behind)) = (choice.wanted(), self.stretch(choice)?);
        let since = choice.since.map(|since| since.unix() * 1000);
        let mut way = Way::default();
        self.each(&query, params![campaigns, progress, first, behind, since], |row| {
            let (at, run): (i64, [u8; 16]) = (row.get(2).map_err(self.sqlite())?, row.get(3).map_err(self.sqlite())?);
            let progress = way.go_on(row).map_err(self.sqlite())?;
            if !choice.takes(Some(at)) || choice.run.is_some_and(|chosen| chosen.id.0.as_bytes() != &run) {
                return Ok(0);
            }
            give(&entry_row(row, progress).map_err(self.sqlite())?).map(|()| 1)
        })
    }

    /// The places of a chosen run's entries: the first, and the one behind the last.
    fn stretch(&self, choice: &Choice<'_>) -> Result<(Option<i64>, Option<i64>), LedgerError> {
        let Some(run) = choice.run else { return Ok((None, None)) };
        Ok((Some(self.first_entry(run.number)?), Some(self.first_entry(run.number + 1)?)))
    }
}

/// How far the callback has come whose entries are read.
#[derive(Default)]
struct Way {
    of: Option<CallbackId>,
    progress: Option<Progress>,
}

impl Way {
    /// Goes on by the entry of a row, and says where it leads.
    fn go_on(&mut self, row: &Row<'_>) -> rusqlite::Result<Progress> {
        let (id, kind) = (CallbackId::from_bytes(row.get(0)?), row.get_ref(4)?.as_str()?);
        let from = self.progress.filter(|_| self.of == Some(id)).unwrap_or(Progress::Pending);
        let damaged = || LedgerError::Damaged(format!("an entry {kind:?} of {id}"));
        let led = from.next(&Entry::of_kind(kind).ok_or_else(damaged)?).map_err(LedgerError::from)?;
        (self.of, self.progress) = (Some(id), Some(led));
        Ok(led)
    }
}

fn run_row(run: &NotedRun) -> Vec<Cell<'_>> {
    let (state, finished_at, exit_code) = match run.end {
        RunEnd::Finished { at, exit_code } => ("finished", Some(at.unix()), Some(exit_code)),
        RunEnd::Running => ("running", None, None),
        RunEnd::Cut => ("not_finished", None, None),
    };
    let sums: Option<Value> = run.summary.as_deref().and_then(|text| serde_json::from_str(text).ok());
    let known = [
        Cell::Text(run.id.to_string().into()),
        Cell::Integer(run.number),
        Cell::Text(run.command.as_str().into()),
        Cell::Text(run.version.as_str().into()),
        Cell::Text(state.into()),
        Cell::seconds(Some(run.started_at.unix())),
        Cell::seconds(finished_at),
        Cell::number(exit_code.map(i64::from)),
    ];
    let counted = Table::Runs.columns()[known.len()..].iter().map(|column| counted(column, sums.as_ref()));
    let counted: Vec<Cell<'_>> = counted.collect();
    known.into_iter().chain(counted).collect()
}

/// Rows in all or of a status, by the sums that a run kept; nothing where it kept none.
fn counted(column: &Column, sums: Option<&Value>) -> Cell<'static> {
    let of = |sums: &Value| match column.name {
        "rows" => sums["rows"].as_i64(),
        status => sums["by_status"].as_object().map(|all| all.get(status).and_then(Value::as_i64).unwrap_or(0)),
    };
    Cell::number(sums.and_then(of))
}

/// A text in a column that may have none.
fn known<'a>(row: &'a Row<'_>, column: usize) -> rusqlite::Result<Cell<'a>> {
    Ok(Cell::text(row.get_ref(column)?.as_str_or_null()?))
}

fn callback_row<'a>(row: &'a Row<'_>, updated_ms: Option<i64>) -> rusqlite::Result<[Cell<'a>; 19]> {
    let text = |at: usize| Ok::<_, rusqlite::Error>(Cell::Text(row.get_ref(at)?.as_str()?.into()));
    let time = |at: usize| Ok::<_, rusqlite::Error>(Cell::seconds(row.get(at)?));
    let progress = reader::progress(row.get_ref(8)?.as_str()?)?;
    // Of a contact that was there before this ledger nobody here knows the time.
    let existed = Presence::of(progress) == Presence::There && row.get::<_, Option<i64>>(14)?.is_none();
    Ok([
        id(row, 0)?,
        Cell::Text(format!("+{}", row.get::<_, i64>(1)?).into()),
        text(2)?,
        text(3)?,
        time(4)?,
        time(5)?,
        Cell::Integer(row.get(6)?),
        if existed { Cell::Nothing } else { time(7)? },
        Cell::Text(Status::of(progress).as_str().into()),
        Cell::Text(progress.name().into()),
        known(row, 9)?,
        known(row, 10)?,
        known(row, 11)?,
        known(row, 12)?,
        Cell::Integer(row.get(13)?),
        time(14)?,
        time(15)?,
        id(row, 16)?,
        updated_ms.map_or(Cell::Nothing, Cell::Time),
    ])
}

fn entry_row<'a>(row: &'a Row<'_>, progress: Progress) -> rusqlite::Result<[Cell<'a>; 10]> {
    Ok([
        id(row, 0)?,
        Cell::Integer(row.get(1)?),
        Cell::Time(row.get(2)?),
        id(row, 3)?,
        Cell::Text(row.get_ref(4)?.as_str()?.into()),
        known(row, 5)?,
        known(row, 6)?,
        known(row, 7)?,
        Cell::Text(Status::of(progress).as_str().into()),
        Cell::Text(progress.name().into()),
    ])
}

/// The id that stands in a column.
fn id(row: &Row<'_>, column: usize) -> rusqlite::Result<Cell<'static>> {
    Ok(Cell::Text(Uuid::from_bytes(row.get(column)?).to_string().into()))
}
