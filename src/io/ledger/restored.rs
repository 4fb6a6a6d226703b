//! A ledger that was restored from a copy: what it holds as owed or open may have been done since.
//!
//! It is known by the numbers of the newest run and of the newest entry, which the lock's file keeps beside it; by a
//! lock's file that is not there, for beside every ledger that was used there is one; and a copy made by `ringback
//! backup` by a mark of its own, for it may have been made while a run went on. A kill leaves a lock that knows of as
//! much as the ledger or of less. What is pending needs no doubt where the platform answers 409 to a contact that
//! exists.

use rusqlite::{Connection, OptionalExtension, Transaction};

use crate::domain::callback::CallbackId;
use crate::domain::code::Code;
use crate::domain::entry::{Entry, RESTORED};
use crate::domain::progress::Progress;
use crate::logic::retry::ContactIds;

use super::LedgerError;
use super::writer::Scribe;

/// The number of the newest run that a ledger knows of; 0 where there was none.
pub(super) fn newest_run(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT coalesce(max(number), 0) FROM runs", [], |row| row.get(0))
}

/// The number of the newest entry; 0 where there is none.
pub(super) fn newest_entry(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT coalesce(max(seq), 0) FROM entries", [], |row| row.get(0))
}

/// The mark of a copy, in `meta`.
const MARK: &str = "copied";

/// Marks a copy as one.
pub(super) fn mark(copy: &Connection) -> rusqlite::Result<()> {
    copy.execute("INSERT OR REPLACE INTO meta VALUES (?1, 'yes')", [MARK]).map(|_| ())
}

/// What can be seen of a ledger's file before it is opened.
#[derive(Clone, Copy, Debug)]
pub(super) struct Traces {
    /// The number of the newest run that the lock's file keeps; 0 where it keeps none.
    pub(super) newest_run: i64,
    /// The number of the newest entry, in the same way.
    pub(super) newest_entry: i64,
    /// The number of the file itself: a copy has another.
    pub(super) inode: u64,
}

/// The number of the file, in `meta`.
const INODE: &str = "inode";

/// Why there may have been more than a ledger knows of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lack {
    /// The lock's file knows of later runs, or it is a copy.
    Restored,
    /// It holds nothing, and the lock's file knows of runs.
    Emptied,
    /// It knows of runs, and there is no lock's file, or the file is not the one that they knew.
    Moved,
    /// The lock's file knows of the same runs and of later entries: SQLite's log was not brought along,
    /// or it is a copy from the middle of a run.
    Logless,
}

impl Lack {
    /// The same for a person.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Restored => "was restored from a copy: what it holds as owed is in doubt",
            Self::Emptied => "is new, but its .lock knows of earlier runs: if it was lost, restore it from a backup",
            Self::Moved => "may be a copy, for its file or its .lock is another one: what it holds as owed is in doubt",
            Self::Logless => "has lost its -wal, or is an earlier copy of itself: what it holds as owed is in doubt",
        }
    }
}

/// Whether there may have been more than a ledger knows of. A copy knows all only where its newest run had ended,
/// and is the newest that there was.
pub(super) fn may_lack(connection: &Connection, traces: Traces) -> rusqlite::Result<Option<Lack>> {
    let newest_run = traces.newest_run;
    let query = "SELECT number, finished_at IS NOT NULL FROM runs ORDER BY number DESC LIMIT 1";
    let newest = connection.query_row(query, [], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let (known, has_ended): (i64, bool) = newest.unwrap_or((0, true));
    let query = "SELECT count(*) FROM meta WHERE key = ?1";
    let is_copy = connection.query_row(query, [MARK], |row| row.get::<_, i64>(0))? > 0;
    let inode = "SELECT value FROM meta WHERE key = ?1";
    let inode = connection.query_row(inode, [INODE], |row| row.get::<_, String>(0)).optional()?;
    let is_the_file = inode.is_none_or(|inode| inode == traces.inode.to_string());
    // Runs that were killed before their lock heard of them have done nothing.
    let is_unused = newest_entry(connection)? == 0;
    Ok(match (known, newest_run) {
        (0, 1..) => Some(Lack::Emptied),
        _ if known < newest_run || (is_copy && !(known == newest_run && has_ended)) => Some(Lack::Restored),
        (1.., 0) if !is_unused => Some(Lack::Moved),
        (1.., _) if !(is_the_file || is_copy && has_ended) => Some(Lack::Moved),
        (1.., _) if newest_entry(connection)? < traces.newest_entry => Some(Lack::Logless),
        _ => None,
    })
}

/// Writes down that nobody knows whether what is owed or open was done. What does not follow is a fault of ours.
pub(super) fn doubt(scribe: &Scribe<'_>, contact_ids: ContactIds) -> rusqlite::Result<Result<(), LedgerError>> {
    for (id, progress) in unfinished(scribe.transaction)? {
        let Some(entry) = Progress::from_name(&progress).and_then(|progress| doubted(progress, contact_ids)) else {
            continue;
        };
        if let Err(refused) = scribe.append(id, &entry)? {
            return Ok(Err(refused));
        }
    }
    Ok(Ok(()))
}

/// Takes the mark of a copy away: from now on it is the ledger, and this is its file.
pub(super) fn unmark(transaction: &Transaction<'_>, traces: Traces) -> rusqlite::Result<()> {
    transaction.execute("DELETE FROM meta WHERE key = ?1", [MARK])?;
    let row = [INODE, &traces.inode.to_string()];
    transaction.execute("INSERT OR REPLACE INTO meta VALUES (?1, ?2)", row).map(|_| ())
}

fn unfinished(connection: &Connection) -> rusqlite::Result<Vec<(CallbackId, String)>> {
    let query = "SELECT callback_id, progress FROM callbacks
         WHERE progress NOT IN ('confirmed', 'scheduled', 'failed', 'expired')";
    let mut statement = connection.prepare(query)?;
    let found = statement.query_map([], |row| Ok((CallbackId::from_bytes(row.get(0)?), row.get(1)?)))?;
    found.collect()
}

/// What is written of a callback that stands there, if it may have gone on.
fn doubted(progress: Progress, contact_ids: ContactIds) -> Option<Entry> {
    let words = || RESTORED.to_owned();
    match progress {
        Progress::Pending if contact_ids == ContactIds::Advisory => {
            Some(Entry::ContactDoubted(Code::ContactNoAnswer, words()))
        }
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
