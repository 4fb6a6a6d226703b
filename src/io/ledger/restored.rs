//! A ledger that was restored from a copy: what it holds as owed or open may have been done since.
//!
//! It is known by the number of the newest run, which the lock's file keeps beside it, and a copy made by
//! `ringback backup` by a mark of its own: it may have been made while a run went on, and it may come to a machine
//! where no lock's file is. What is pending needs no doubt: the platform answers 409 to a contact that exists.

use rusqlite::{Connection, OptionalExtension, Transaction};

use crate::domain::callback::{CallbackId, RunId};
use crate::domain::code::Code;
use crate::domain::entry::{Entry, RESTORED};
use crate::domain::progress::Progress;

use super::writer::Scribe;
use super::{LedgerError, Stamp};

/// The number of the newest run that a ledger knows of; 0 where there was none.
pub(super) fn newest_run(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT coalesce(max(number), 0) FROM runs", [], |row| row.get(0))
}

/// The mark of a copy, in `meta`.
const MARK: &str = "copied";

/// Marks a copy as one.
pub(super) fn mark(copy: &Connection) -> rusqlite::Result<()> {
    copy.execute("INSERT OR REPLACE INTO meta VALUES (?1, 'yes')", [MARK]).map(|_| ())
}

/// Whether there may have been more than a ledger knows of, by the number of the newest run that the lock's file
/// keeps. A copy knows all only where its newest run had ended, and is the newest that there was.
pub(super) fn may_lack(connection: &Connection, newest_run: i64) -> rusqlite::Result<bool> {
    let query = "SELECT number, finished_at IS NOT NULL FROM runs ORDER BY number DESC LIMIT 1";
    let newest = connection.query_row(query, [], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let (known, has_ended): (i64, bool) = newest.unwrap_or((0, true));
    let query = "SELECT count(*) FROM meta WHERE key = ?1";
    let is_copy = connection.query_row(query, [MARK], |row| row.get::<_, i64>(0))? > 0;
    Ok(known < newest_run || (is_copy && !(known == newest_run && has_ended)))
}

/// Writes down that nobody knows whether what is owed or open was done. What does not follow is a fault of ours.
pub(super) fn doubt(transaction: &Transaction<'_>, run: RunId, at: Stamp) -> rusqlite::Result<Result<(), LedgerError>> {
    let scribe = Scribe { transaction, run, at };
    for (id, progress) in unfinished(transaction)? {
        let Some(entry) = Progress::from_name(&progress).and_then(doubted) else { continue };
        if let Err(refused) = scribe.append(id, &entry)? {
            return Ok(Err(refused));
        }
    }
    Ok(Ok(()))
}

/// Takes the mark of a copy away: from now on it is the ledger.
pub(super) fn unmark(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute("DELETE FROM meta WHERE key = ?1", [MARK]).map(|_| ())
}

fn unfinished(connection: &Connection) -> rusqlite::Result<Vec<(CallbackId, String)>> {
    let query = "SELECT callback_id, progress FROM callbacks
         WHERE progress NOT IN ('confirmed', 'scheduled', 'failed', 'expired')";
    let mut statement = connection.prepare(query)?;
    let found = statement.query_map([], |row| Ok((CallbackId::from_bytes(row.get(0)?), row.get(1)?)))?;
    found.collect()
}

/// What is written of a callback that stands there, if it may have gone on.
fn doubted(progress: Progress) -> Option<Entry> {
    let words = || RESTORED.to_owned();
    match progress {
        Progress::ContactInFlight { .. } | Progress::ContactOpen | Progress::ContactOwed => {
            Some(Entry::ContactDoubted(Code::ContactNoAnswer, words()))
        }
        Progress::Contacted | Progress::TextWaiting | Progress::TextInFlight { .. } | Progress::TextOpen => {
            Some(Entry::TextDoubted(Code::SmsNoAnswer, words()))
        }
        Progress::Pending
        | Progress::ContactDoubted
        | Progress::ContactFailed
        | Progress::TextDoubted
        | Progress::TextFailed
        | Progress::Confirmed
        | Progress::Scheduled
        | Progress::Expired => None,
    }
}
