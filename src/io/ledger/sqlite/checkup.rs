//! Whether a ledger is sound and free to be used. Nothing is written to it, and no lock is taken.

use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};

use crate::io::ledger::evidence::{self, Doubt, Facts};
use crate::io::ledger::witness::{self, Witness};
use crate::io::ledger::{LedgerError, beside, folder, lock};

use super::reader::Archive;
use super::{identity, place};

/// What was found.
#[derive(Debug)]
pub struct Checkup {
    /// Who holds it, where somebody does.
    pub holder: Option<String>,
    /// What SQLite finds wrong with its pages; `None` where all is well.
    pub damage: Option<String>,
    /// Why it may lack something that was done, where that is so: the next run would be refused.
    pub doubt: Option<Doubt>,
    /// What keeps this user from writing to it, where something does.
    pub barrier: Option<Barrier>,
}

/// A file or folder that this user would have to write to, and may not.
#[derive(Debug)]
pub struct Barrier {
    /// Which.
    pub path: PathBuf,
    /// What the system says.
    pub cause: io::Error,
}

/// What stands beside a ledger and is written to with it.
const BESIDE: [&str; 3] = ["-wal", "-shm", ".lock"];

impl Archive {
    /// Looks a ledger over; each page is read. `witness` is the client's folder in the state directory.
    pub fn check_up(&self, witness: Option<&Path>) -> Result<Checkup, LedgerError> {
        let told: String =
            self.connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(self.sqlite())?;
        let holder = lock::holder(&self.real);
        // While a run holds it, lock and witness follow each entry a little later.
        let facts =
            if holder.is_some() { None } else { Some(identity::facts(&self.connection).map_err(self.sqlite())?) };
        let doubt = facts.and_then(|facts| doubt(&facts, &self.real, witness));
        let damage = Some(told).filter(|told| told != "ok");
        Ok(Checkup { holder, damage, doubt, barrier: barrier(&self.real) })
    }

    /// The languages of its callbacks, with how many have each.
    pub fn languages(&self) -> Result<Vec<(String, u64)>, LedgerError> {
        let query = "SELECT language, count(*) FROM callbacks GROUP BY language ORDER BY language";
        self.all(query, [], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))
    }

    /// A campaign that it has callbacks of.
    pub fn a_campaign(&self) -> Result<Option<String>, LedgerError> {
        let query = "SELECT max(campaign) FROM callbacks";
        self.connection.query_row(query, [], |row| row.get(0)).map_err(self.sqlite())
    }
}

/// Why the first run of a ledger that is not there would be refused, where it would.
#[must_use]
pub fn doubt_of_new(path: &Path, witness: Option<&Path>) -> Option<Doubt> {
    let real = place::of(path).unwrap_or_else(|_| path.to_owned());
    doubt(&Facts { has_ended: true, ..Facts::default() }, &real, witness)
}

fn doubt(facts: &Facts, real: &Path, witness: Option<&Path>) -> Option<Doubt> {
    let records = witness.and_then(|folder| Witness::of(folder).records(real).ok()).unwrap_or_default();
    evidence::judge(facts, &witness::place(real), &records, lock::remembers(real)).err()
}

/// Whether a ledger that is not there can be made: a file is made beside its place, and taken away.
pub fn can_be_made(path: &Path) -> std::io::Result<()> {
    tempfile::Builder::new().prefix(".ringback-").tempfile_in(folder(path)).map(drop)
}

/// What keeps this user from writing to a ledger that is there. SQLite and the lock need files beside it, so its folder
/// counts too. The files are asked about and not opened: to close one would give up what SQLite has locked in it.
fn barrier(real: &Path) -> Option<Barrier> {
    let files = [real.to_owned()].into_iter().chain(BESIDE.map(|ending| beside(real, ending)));
    for path in files.filter(|path| path.exists()) {
        let may = access(&path, Access::READ_OK | Access::WRITE_OK).map_err(io::Error::from);
        if let Err(cause) = may.and_then(|()| lock::is_plain(&path)) {
            return Some(Barrier { path, cause });
        }
    }
    let folder = real.parent().unwrap_or(Path::new("/")).to_owned();
    // The name of a file that was to be made for the look alone tells nobody anything.
    can_be_made(real).err().map(|error| Barrier { path: folder, cause: error.kind().into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = folder.path().join("l.db");
        std::fs::write(&ledger, "").expect("writes");
        (folder, ledger)
    }

    #[test]
    fn a_ledger_that_may_be_written_has_no_barrier_and_the_look_leaves_nothing() {
        let (folder, ledger) = place();
        std::fs::write(beside(&ledger, ".lock"), "").expect("writes");
        assert!(barrier(&ledger).is_none());
        assert_eq!(std::fs::read_dir(folder.path()).expect("lists").count(), 2);
    }

    /// Root may write to every file, and yet make none there; others may not even write to the file.
    #[test]
    fn a_folder_in_which_no_file_can_be_made_is_a_barrier() {
        let Barrier { path, .. } = barrier(Path::new("/proc/version")).expect("a barrier");
        assert!([Path::new("/proc"), Path::new("/proc/version")].contains(&path.as_path()), "{path:?}");
    }

    #[test]
    fn a_lock_that_is_no_file_is_a_barrier() {
        let (_folder, ledger) = place();
        std::fs::create_dir(beside(&ledger, ".lock")).expect("makes");
        assert_eq!(barrier(&ledger).expect("a barrier").path, beside(&ledger, ".lock"));
    }
}
