//! A copy of a ledger, taken while a run may write it.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::backup::Backup;
use tempfile::{Builder, NamedTempFile};

use crate::io::ledger::{LedgerError, beside, folder};

use super::identity;
use super::reader::Archive;

/// What a copy holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Callbacks.
    pub callbacks: u64,
    /// Runs.
    pub runs: u64,
    /// Bytes.
    pub bytes: u64,
}

/// Pages copied in one step. All: between two steps a run could write, and the copy would begin again.
const PAGES: i32 = i32::MAX;

/// Files that lie beside a ledger and are a part of it.
const SIDECARS: [&str; 6] = ["", "-wal", "-shm", "-journal", ".lock", ".pause"];

impl Archive {
    /// Copies the ledger, as it is at one instant, to a place where nothing is: the file is there whole or not at
    /// all, for its owner alone. It knows that it is a copy.
    pub fn copy_to(&self, path: &Path) -> Result<Copied, LedgerError> {
        let unwritten = |cause: io::Error| LedgerError::Copy(path.to_owned(), cause);
        let folder = folder(path);
        if let (Ok(folder), Some(name)) = (folder.canonicalize(), path.file_name()) {
            let place = folder.join(name);
            if SIDECARS.iter().any(|ending| beside(&self.real, ending) == place) {
                return Err(LedgerError::ItsOwn(path.to_owned()));
            }
        }
        let taken = || LedgerError::Taken(path.to_owned());
        if path.symlink_metadata().is_ok() {
            return Err(taken());
        }
        // tempfile makes its files with mode 0600.
        let draft = Builder::new().prefix(".ringback-").tempfile_in(folder).map_err(unwritten)?;
        let copied = self.copy_into(&draft).map_err(|cause| unwritten(io::Error::other(cause)))?;
        draft.as_file().sync_all().map_err(unwritten)?;
        draft.persist_noclobber(path).map_err(|error| {
            let is_taken = error.error.kind() == io::ErrorKind::AlreadyExists;
            if is_taken { taken() } else { unwritten(error.error) }
        })?;
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(unwritten)?;
        Ok(copied)
    }

    fn copy_into(&self, draft: &NamedTempFile) -> rusqlite::Result<Copied> {
        let mut copy = Connection::open(draft.path())?;
        Backup::new(&self.connection, &mut copy)?.run_to_completion(PAGES, Duration::from_millis(50), None)?;
        // One file without a log beside it, until a run opens it.
        copy.pragma_update(None, "journal_mode", "DELETE")?;
        identity::mark_backup(&copy)?;
        let count = |query: &str| {
            let count: i64 = copy.query_row(query, [], |row| row.get(0))?;
            Ok::<_, rusqlite::Error>(u64::try_from(count).unwrap_or(0))
        };
        let (callbacks, runs) = (count("SELECT count(*) FROM callbacks")?, count("SELECT count(*) FROM runs")?);
        let bytes = count("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")?;
        Ok(Copied { callbacks, runs, bytes })
    }
}
