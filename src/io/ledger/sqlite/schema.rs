//! The tables, and how older ones become these.

use std::path::Path;

use rusqlite::Connection;

use crate::io::ledger::LedgerError;

use super::{not_opened, unusable, words};

/// `rbak` in ASCII: what `file` and SQLite's own tools can tell a ledger by.
const APPLICATION_ID: i64 = 0x7262_616b;

/// One step a schema version. A step is never changed once it was released; a new one is added.
const STEPS: [&str; 5] = [
    include_str!("schema_1.sql"),
    include_str!("schema_2.sql"),
    include_str!("schema_3.sql"),
    include_str!("schema_4.sql"),
    include_str!("schema_5.sql"),
];

/// The first schema whose entries have a value.
pub(super) const WITH_VALUES: i64 = 2;

/// The first schema whose runs say when their input was taken up.
pub(super) const WITH_TAKING_UP: i64 = 2;

/// The first schema whose runs say what their inputs were.
pub(super) const WITH_INPUTS: i64 = 4;

/// The first schema whose callbacks have a version.
pub(super) const WITH_VERSIONS: i64 = 5;

/// Brings a ledger to the newest schema, or refuses one that is newer or something else.
pub(super) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), LedgerError> {
    let version = check(connection, path)?;
    let sqlite = unusable(path);
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(sqlite)?;
    for (number, step) in (1..).zip(STEPS).skip(usize::try_from(version).unwrap_or(0)) {
        transaction.execute_batch(&words::fill_in(step)).map_err(sqlite)?;
        transaction.pragma_update(None, "user_version", number).map_err(sqlite)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(sqlite)?;
    transaction.commit().map_err(sqlite)
}

/// The schema version of a ledger, 0 of a new file.
pub(super) fn check(connection: &Connection, path: &Path) -> Result<i64, LedgerError> {
    let sqlite = not_opened(path);
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(sqlite);
    let (application, found) = (pragma("application_id")?, pragma("user_version")?);
    let tables = "SELECT count(*) FROM sqlite_master";
    let tables: i64 = connection.query_row(tables, [], |row| row.get(0)).map_err(sqlite)?;
    if application != APPLICATION_ID && (application, found, tables) != (0, 0, 0) {
        return Err(LedgerError::NotALedger(path.to_owned()));
    }
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(LedgerError::Newer { path: path.to_owned(), found, known });
    }
    Ok(found)
}
