//! What a ledger's file tells of itself: its id, how far it has come, whether it is a backup, and what a person has said
//! that it is. All of it stands in `meta` and `runs`, in every schema.

use rusqlite::{Connection, OptionalExtension, Transaction};
use uuid::Uuid;

use crate::domain::callback::CallbackId;
use crate::domain::progress::Progress;
use crate::domain::provenance::Provenance;
use crate::io::ledger::evidence::{Facts, Numbers};
use crate::io::ledger::{Append, LedgerError};
use crate::logic::adoption::{Adoption, doubted};

use super::words;
use super::writer::TransactionWriter;

/// The ledger's id; one of version 0.1 has none, and goes by its first run's.
const ID: &str = "ledger_id";

/// The mark of a copy that `ringback backup` has made.
const BACKUP: &str = "copied";

/// What a person has said last that the ledger is.
const ADOPTED_AS: &str = "adopted_as";

/// That the platform tells a contact that it creates (201) from one that it has already.
const TELLS_CREATED: &str = "tells_created";

/// The id that it had before.
const ADOPTED_FROM: &str = "adopted_from";

/// The number of the newest run that a ledger knows of; 0 where there was none.
pub(super) fn newest_run(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT coalesce(max(number), 0) FROM runs", [], |row| row.get(0))
}

/// The number of the newest entry; 0 where there is none.
pub(super) fn newest_entry(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT coalesce(max(seq), 0) FROM entries", [], |row| row.get(0))
}

/// Marks a copy as a backup.
pub(super) fn mark_backup(copy: &Connection) -> rusqlite::Result<()> {
    set(copy, BACKUP, "yes")
}

/// What a ledger's file tells of itself.
pub(super) fn facts(connection: &Connection) -> rusqlite::Result<Facts> {
    let id = id(connection)?;
    let query = "SELECT finished_at IS NOT NULL, command = 'adopt' FROM runs ORDER BY number DESC LIMIT 1";
    let last = connection.query_row(query, [], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let (has_ended, is_answer): (bool, bool) = last.unwrap_or((true, false));
    let newest = Numbers { run: newest_run(connection)?, entry: newest_entry(connection)? };
    let (is_backup, is_just_adopted) = (get(connection, BACKUP)?.is_some(), is_answer && !has_ended);
    Ok(Facts { id, newest, has_ended, is_backup, is_just_adopted })
}

/// Whether the platform has answered 201 to a contact of this ledger.
pub(super) fn tells_created(connection: &Connection) -> rusqlite::Result<bool> {
    Ok(get(connection, TELLS_CREATED)?.is_some())
}

/// Notes that it has: a copy on another machine knows it too.
pub(super) fn note_created(connection: &Connection) -> rusqlite::Result<()> {
    set(connection, TELLS_CREATED, "yes")
}

/// Whether it is known to hold all that was done, by what a person has said last.
pub(super) fn provenance(connection: &Connection) -> rusqlite::Result<Provenance> {
    let said = get(connection, ADOPTED_AS)?;
    let is_unproven = [Adoption::Copy, Adoption::New].iter().any(|one| said.as_deref() == Some(one.as_str()));
    Ok(if is_unproven { Provenance::Unproven } else { Provenance::Proven })
}

/// The id that it had before a person adopted it as the original.
pub(super) fn adopted_from(connection: &Connection) -> rusqlite::Result<Option<Uuid>> {
    let is_original = get(connection, ADOPTED_AS)?.as_deref() == Some(Adoption::Original.as_str());
    let from = if is_original { get(connection, ADOPTED_FROM)? } else { None };
    Ok(from.and_then(|id| Uuid::parse_str(&id).ok()))
}

/// Notes that a run uses the ledger: from now on it is no backup but the ledger itself, and it has an id. A person's
/// word gives it a new one, so that what is remembered of the old one never speaks of this one again.
pub(super) fn begin(
    writer: &TransactionWriter<'_>,
    before: Option<Uuid>,
    adoption: Option<Adoption>,
) -> rusqlite::Result<()> {
    let (transaction, this_run) = (writer.transaction, writer.run.0);
    // Version 0.1 kept the file's number, which file systems give to other files again.
    transaction.execute("DELETE FROM meta WHERE key IN (?1, 'inode')", [BACKUP])?;
    let id = if adoption.is_some() { this_run } else { before.unwrap_or(this_run) };
    set(transaction, ID, &id.to_string())?;
    let Some(adoption) = adoption else { return Ok(()) };
    set(transaction, ADOPTED_AS, adoption.as_str())?;
    match before {
        Some(before) => set(transaction, ADOPTED_FROM, &before.to_string())?,
        None => drop(transaction.execute("DELETE FROM meta WHERE key = ?1", [ADOPTED_FROM])?),
    }
    if adoption == Adoption::Copy { doubt(writer) } else { Ok(()) }
}

/// Writes down that nobody knows whether what is unfinished was done. What does not follow is a fault of ours.
fn doubt(writer: &TransactionWriter<'_>) -> rusqlite::Result<()> {
    for (id, progress, version) in unfinished(writer.transaction)? {
        if let Some(entry) = Progress::from_name(&progress).and_then(doubted) {
            writer.append(&Append { id, version, entry })?;
        }
    }
    Ok(())
}

fn unfinished(transaction: &Transaction<'_>) -> rusqlite::Result<Vec<(CallbackId, String, u32)>> {
    let query = format!("SELECT callback_id, progress, version FROM callbacks WHERE {}", words::is_open());
    let mut statement = transaction.prepare(&query)?;
    let found = statement.query_map([], |row| Ok((CallbackId::from_bytes(row.get(0)?), row.get(1)?, row.get(2)?)))?;
    found.collect()
}

/// The ledger's id, or its first run's; `None` where it has no runs.
fn id(connection: &Connection) -> rusqlite::Result<Option<Uuid>> {
    if let Some(text) = get(connection, ID)? {
        let damaged = |_| LedgerError::Damaged(format!("the ledger id {text:?}"));
        return Ok(Some(Uuid::parse_str(&text).map_err(damaged)?));
    }
    let query = "SELECT run_id FROM runs ORDER BY number LIMIT 1";
    let first = connection.query_row(query, [], |row| row.get(0)).optional()?;
    Ok(first.map(Uuid::from_bytes))
}

/// What `meta` has under a key.
pub(super) fn get(connection: &Connection, key: &str) -> rusqlite::Result<Option<String>> {
    connection.query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0)).optional()
}

fn set(connection: &Connection, key: &str, value: &str) -> rusqlite::Result<()> {
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?1, ?2)", [key, value]).map(drop)
}
