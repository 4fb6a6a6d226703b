//! A ledger that was restored from a copy: what it holds as owed or open may have been done since.
//!
//! It is known by the number of the newest run, which the lock's file keeps beside it. What is pending needs no
//! doubt: the platform answers 409 to a contact that exists.

use rusqlite::Connection;

use crate::domain::callback::{CallbackId, RunId};
use crate::domain::code::Code;
use crate::domain::entry::Entry;
use crate::domain::progress::Progress;

use super::writer::Scribe;
use super::{LedgerError, Stamp};

/// The number of the newest run that a ledger knows of; 0 where there was none.
pub(super) fn newest_run(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT coalesce(max(number), 0) FROM runs", [], |row| row.get(0))
}

/// Writes down that nobody knows whether what is owed or open was done, all in one commit. What does not follow
/// is a fault of ours.
pub(super) fn doubt(connection: &mut Connection, run: RunId, at: Stamp) -> rusqlite::Result<Result<(), LedgerError>> {
    let transaction = connection.transaction()?;
    let scribe = Scribe { transaction: &transaction, run, at };
    for (id, progress) in unfinished(&transaction)? {
        let Some(entry) = Progress::from_name(&progress).and_then(doubted) else { continue };
        if let Err(refused) = scribe.append(id, &entry)? {
            return Ok(Err(refused));
        }
    }
    transaction.commit().map(Ok)
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
    let words = || "the ledger was restored from a copy, and this may have been done since".to_owned();
    match progress {
        Progress::ContactInFlight { .. } | Progress::ContactOpen => {
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
