//! What people ask of a ledger: its runs, its callbacks, and all that was written about one.

use rusqlite::{Row, ToSql, params};

use crate::domain::callback::{CallbackId, RunId};
use crate::domain::outcome::Standing;
use crate::domain::phone::E164;
use crate::domain::time::Timestamp;
use crate::domain::window::Window;

use super::reader::{STANDING, standing};
use super::{Enrolment, LedgerError, SqliteReader, Stamp};

/// A callback with its standing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// What the customer asked for.
    pub callback: Enrolment,
    /// What became of it.
    pub standing: Standing,
}

/// A run as the ledger keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptRun {
    /// The run.
    pub run: RunId,
    /// Its number, 1 for the ledger's first.
    pub number: i64,
    /// `run` or `resume`.
    pub command: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; `None` where it goes on, or was killed.
    pub finished_at: Option<Timestamp>,
    /// How it ended.
    pub exit_code: Option<u8>,
    /// Its sums, as `summary.json` has them.
    pub summary: Option<String>,
}

/// Something that was written down about a callback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptEntry {
    /// By which run.
    pub run: RunId,
    /// When.
    pub at: Stamp,
    /// What.
    pub kind: String,
    /// Why.
    pub code: Option<String>,
    /// The same for a person.
    pub detail: String,
}

const CALLBACK: &str = "callback_id, phone, campaign, language, window_start, window_end, offset_minutes";

/// What is pending, waiting, or was left by a crash.
const UNFINISHED: &str = "progress IN ('pending', 'contact_in_flight', 'contact_in_flight_again', 'contact_open',
    'contacted', 'sms_waiting', 'sms_in_flight', 'sms_in_flight_again', 'sms_open')";

impl SqliteReader {
    /// The callbacks that `resume` takes up, by dispatch time.
    pub fn unfinished(&self) -> Result<Vec<Kept>, LedgerError> {
        self.kept(&format!("{UNFINISHED} ORDER BY dispatch_at, callback_id"), params![])
    }

    /// The callbacks of a phone.
    pub fn of_phone(&self, phone: E164) -> Result<Vec<Kept>, LedgerError> {
        let digits = i64::try_from(phone.digits()).unwrap_or(i64::MAX);
        self.kept("phone = ?1 ORDER BY window_start, callback_id", params![digits])
    }

    /// The callbacks whose ids lie between two, both included: those that begin with the same characters.
    pub fn between(&self, first: CallbackId, last: CallbackId) -> Result<Vec<Kept>, LedgerError> {
        self.kept("callback_id BETWEEN ?1 AND ?2 ORDER BY callback_id", params![first.as_bytes(), last.as_bytes()])
    }

    /// The callbacks that a run wrote about, by dispatch time.
    pub fn of_run(&self, run: RunId) -> Result<Vec<Kept>, LedgerError> {
        let which = "callback_id IN (SELECT callback_id FROM entries WHERE run_id = ?1) ORDER BY dispatch_at, callback_id";
        self.kept(which, params![run.0.as_bytes()])
    }

    fn kept(&self, which: &str, of: &[&dyn ToSql]) -> Result<Vec<Kept>, LedgerError> {
        let query = format!("SELECT {STANDING}, {CALLBACK} FROM callbacks WHERE {which}");
        let mut statement = self.connection.prepare(&query).map_err(self.sqlite())?;
        let mut rows = statement.query(of).map_err(self.sqlite())?;
        let mut all = Vec::new();
        while let Some(row) = rows.next().map_err(self.sqlite())? {
            let standing = standing(row).map_err(self.sqlite())??;
            all.push(Kept { callback: callback(row).map_err(self.sqlite())??, standing });
        }
        Ok(all)
    }

    /// The runs, newest first.
    pub fn runs(&self) -> Result<Vec<KeptRun>, LedgerError> {
        let query = "SELECT run_id, number, command, started_at, finished_at, exit_code, summary FROM runs
             ORDER BY number DESC";
        let mut statement = self.connection.prepare(query).map_err(self.sqlite())?;
        let rows = statement.query_map([], |row| {
            Ok(KeptRun {
                run: RunId(uuid::Uuid::from_bytes(row.get(0)?)),
                number: row.get(1)?,
                command: row.get(2)?,
                started_at: Timestamp::from_unix(row.get(3)?),
                finished_at: row.get::<_, Option<i64>>(4)?.map(Timestamp::from_unix),
                exit_code: row.get(5)?,
                summary: row.get(6)?,
            })
        });
        rows.and_then(Iterator::collect).map_err(self.sqlite())
    }

    /// All that was written down about a callback, in order.
    pub fn entries(&self, id: CallbackId) -> Result<Vec<KeptEntry>, LedgerError> {
        let query = "SELECT run_id, at_ms, kind, code, detail FROM entries WHERE callback_id = ?1 ORDER BY seq";
        let mut statement = self.connection.prepare(query).map_err(self.sqlite())?;
        let rows = statement.query_map([id.as_bytes()], |row| {
            Ok(KeptEntry {
                run: RunId(uuid::Uuid::from_bytes(row.get(0)?)),
                at: Stamp(row.get(1)?),
                kind: row.get(2)?,
                code: row.get(3)?,
                detail: row.get(4)?,
            })
        });
        rows.and_then(Iterator::collect).map_err(self.sqlite())
    }
}

/// Reads a callback from a row in which it stands behind its standing.
fn callback(row: &Row<'_>) -> rusqlite::Result<Result<Enrolment, LedgerError>> {
    let id = CallbackId::from_bytes(row.get(10)?);
    let phone = u64::try_from(row.get::<_, i64>(11)?).ok().and_then(E164::from_digits);
    let (start, end) = (Timestamp::from_unix(row.get(14)?), Timestamp::from_unix(row.get(15)?));
    let (Some(phone), Some(window)) = (phone, Window::new(start, end)) else {
        return Ok(Err(LedgerError::Damaged { what: format!("a phone or a window that cannot be, at callback {id}") }));
    };
    let (campaign, language, offset_minutes) = (row.get(12)?, row.get(13)?, row.get(16)?);
    Ok(Ok(Enrolment { id, phone, window, campaign, language, offset_minutes }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::outcome::{Standing, Status};
    use crate::domain::progress::Progress;

    #[test]
    fn resume_takes_up_all_that_is_pending_or_waits() {
        let run = RunId(uuid::Uuid::nil());
        for progress in Progress::ALL {
            let status = Standing { progress, ..Standing::untouched(run) }.status(run);
            let owed = matches!(status, Status::Pending | Status::SmsWaiting);
            assert_eq!(UNFINISHED.contains(&format!("'{}'", progress.name())), owed, "{progress:?}");
        }
    }
}
