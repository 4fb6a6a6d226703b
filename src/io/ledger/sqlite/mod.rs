//! The ledger as a SQLite file: every line of SQL, and every type of `rusqlite`. Neither leaves this folder.
//!
//! One thread writes; entries from all tasks that arrive together are committed together, and an append returns only
//! when its entry is on disk. Reading goes through a connection of its own.

mod archive;
mod backlog;
mod backup;
mod checkup;
mod cut_off;
mod identity;
mod ledger;
mod place;
mod reader;
mod schema;
mod standings;
mod tables;
mod words;
mod writer;

use std::path::Path;

use super::LedgerError;

pub use archive::Snapshot;
pub use backup::Copied;
pub use checkup::{Barrier, Checkup, can_be_made, doubt_of_new};
pub use cut_off::dismiss;
pub use ledger::{Opening, SqliteLedger, Turn};
pub use reader::Archive;
pub use tables::Choice;

/// Something that is refused passes through SQLite's results as one of its errors. `refusal` takes it out again.
impl From<LedgerError> for rusqlite::Error {
    fn from(refused: LedgerError) -> Self {
        Self::ToSqlConversionFailure(Box::new(refused))
    }
}

/// What was refused; an error of SQLite's own stays one.
fn refusal(error: rusqlite::Error) -> rusqlite::Result<LedgerError> {
    let rusqlite::Error::ToSqlConversionFailure(inner) = error else { return Err(error) };
    inner.downcast().map(|refused| *refused).map_err(rusqlite::Error::ToSqlConversionFailure)
}

/// What an error of SQLite means for the ledger at a path.
fn unusable(path: &Path) -> impl Fn(rusqlite::Error) -> LedgerError + Copy + '_ {
    move |error| {
        refusal(error).unwrap_or_else(|cause| {
            let words = match cause.sqlite_error_code() {
                // The log belongs to what is damaged; the lock's file tells a restored ledger from one that is whole.
                Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) => {
                    "is damaged; restore it from a backup: remove it with its -wal and -shm, keep its .lock".to_owned()
                }
                Some(_) | None => format!("cannot be used: {cause}"),
            };
            LedgerError::Unusable { path: path.to_owned(), words }
        })
    }
}

/// The same where the file is opened: it may be something else than a database.
fn not_opened(path: &Path) -> impl Fn(rusqlite::Error) -> LedgerError + Copy + '_ {
    move |cause| match cause.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => LedgerError::NotALedger(path.to_owned()),
        Some(_) | None => unusable(path)(cause),
    }
}

#[cfg(test)]
mod archive_tests;
#[cfg(test)]
mod cut_off_tests;
#[cfg(test)]
mod place_tests;
#[cfg(test)]
mod tables_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod witness_tests;
