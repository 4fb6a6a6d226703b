//! Whether a ledger is sound and free to be used. Nothing is written, and no lock is taken.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::{LedgerError, SqliteReader, lock, restored};

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkup {
    /// Who holds it, where somebody does.
    pub holder: Option<String>,
    /// What SQLite finds wrong with its pages; `None` where all is well.
    pub damage: Option<String>,
    /// Why there may have been more than it knows of, where that is so.
    pub lack: Option<&'static str>,
}

impl SqliteReader {
    /// Looks a ledger over; each page is read.
    pub fn check_up(&self) -> Result<Checkup, LedgerError> {
        let told: String =
            self.connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(self.sqlite())?;
        let holder = lock::holder(&self.real);
        // While a run holds it, its lock says nothing of the past.
        let lack = if holder.is_some() { None } else { self.lack()? };
        Ok(Checkup { holder, damage: Some(told).filter(|told| told != "ok"), lack })
    }

    fn lack(&self) -> Result<Option<&'static str>, LedgerError> {
        let open = |cause| LedgerError::Open { path: self.path.clone(), cause };
        let inode = std::fs::metadata(&self.real).map_err(open)?.ino();
        let lack = restored::may_lack(&self.connection, lock::traces(&self.real, inode)).map_err(self.sqlite())?;
        Ok(lack.map(restored::Lack::words))
    }

    /// The languages of its callbacks, with how many have each.
    pub fn languages(&self) -> Result<Vec<(String, u64)>, LedgerError> {
        let query = "SELECT language, count(*) FROM callbacks GROUP BY language ORDER BY language";
        let mut statement = self.connection.prepare(query).map_err(self.sqlite())?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())));
        rows.and_then(Iterator::collect).map_err(self.sqlite())
    }

    /// A campaign that it has callbacks of.
    pub fn a_campaign(&self) -> Result<Option<String>, LedgerError> {
        let query = "SELECT max(campaign) FROM callbacks";
        self.connection.query_row(query, [], |row| row.get(0)).map_err(self.sqlite())
    }
}

/// Whether its lock knows of runs of a ledger that is not there.
#[must_use]
pub fn was_there(path: &Path) -> bool {
    lock::traces(path, 0).newest_run > 0
}

/// Whether a ledger that is not there can be made: a file is made beside its place, and taken away.
pub fn can_be_made(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    tempfile::Builder::new().prefix(".ringback-").tempfile_in(folder).map(drop)
}
