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
mod walk;
mod writer;

pub use backup::Copied;
pub use checkup::{Barrier, Checkup, can_be_made, doubt_of_new};
pub use cut_off::dismiss;
pub use ledger::{Opening, SqliteLedger, Turn};
pub use reader::Archive;
pub use tables::Choice;

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
