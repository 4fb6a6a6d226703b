//! What a kill leaves in the ledger, read without ringback's own code from a copy: whoever opens the files
//! themselves tidies them up, and that is for the next run to do.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::Connection;

/// Where a callback stands: the name of its progress, and whether it has a dispatch time.
pub(crate) type Standing = (String, bool);

/// The ledger in a folder, as the process that died left it.
pub(crate) struct Left {
    /// The callbacks, by id.
    pub(crate) callbacks: BTreeMap<String, Standing>,
    /// Runs that noted their end.
    pub(crate) finished: usize,
    /// Entries.
    pub(crate) entries: i64,
}

impl Left {
    /// Reads a copy. What has no table yet holds nothing.
    pub(crate) fn read(folder: &Path) -> Self {
        let copy = tempfile::tempdir().unwrap();
        for name in ["ringback.db", "ringback.db-wal"] {
            if folder.join(name).exists() {
                std::fs::copy(folder.join(name), copy.path().join(name)).unwrap();
            }
        }
        let connection = Connection::open(copy.path().join("ringback.db")).unwrap();
        let tables = "SELECT count(*) FROM sqlite_master WHERE name = 'callbacks'";
        let there: i64 = connection.query_row(tables, [], |row| row.get(0)).unwrap();
        if there == 0 {
            return Self { callbacks: BTreeMap::new(), finished: 0, entries: 0 };
        }
        let query = "SELECT callback_id, progress, dispatch_at IS NOT NULL FROM callbacks";
        let mut statement = connection.prepare(query).unwrap();
        let id = |bytes: Vec<u8>| uuid::Uuid::from_slice(&bytes).unwrap().to_string();
        let read = statement.query_map([], |row| Ok((id(row.get(0)?), (row.get(1)?, row.get(2)?)))).unwrap();
        let callbacks = read.map(|row| row.unwrap()).collect();
        let query = "SELECT count(*) FROM runs WHERE finished_at IS NOT NULL";
        let finished: i64 = connection.query_row(query, [], |row| row.get(0)).unwrap();
        let entries = connection.query_row("SELECT count(*) FROM entries", [], |row| row.get(0)).unwrap();
        Self { callbacks, finished: usize::try_from(finished).unwrap(), entries }
    }

    /// The callbacks that stand at a progress of such a name, and at the same again.
    pub(crate) fn at(&self, progress: &str) -> impl Iterator<Item = &str> {
        let again = format!("{progress}_again");
        let stands = move |standing: &Standing| standing.0 == again || standing.0 == again.trim_end_matches("_again");
        self.callbacks.iter().filter(move |(_, standing)| stands(standing)).map(|(id, _)| id.as_str())
    }
}
