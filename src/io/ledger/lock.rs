//! One run at a time: a lock that dies with its process.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::LedgerError;
use super::place::beside;
use super::restored::Traces;

/// How often a lock that somebody holds is asked for.
const POLL: Duration = Duration::from_millis(100);

/// How long a lock is waited for in any case: somebody who only looks whether it is held has it for a moment.
const LOOK: Duration = Duration::from_millis(20);

/// The lock beside a ledger, held until it is dropped. Its file stays, and keeps the number of the newest
/// run, by which a ledger that was restored from a copy is known.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
    path: PathBuf,
    /// The ledger itself, locked too: a hard link to it has another lock beside it. SQLite's own locks are of
    /// a kind that is lost where a process closes the file, so it is closed after all connections.
    ledger: File,
}

/// What the lock's file says.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct Holder {
    /// The process that holds it, or held it last.
    pub(super) pid: u32,
    /// Since when, RFC 3339.
    pub(super) since: String,
    /// Its run.
    pub(super) run: String,
    /// The number of that run in the ledger.
    pub(super) number: i64,
    /// Whether it has closed the ledger, and did not die with it open.
    #[serde(default = "closed")]
    pub(super) has_closed: bool,
}

/// Older locks do not say it.
fn closed() -> bool {
    true
}

impl Lock {
    /// Takes the lock of a ledger, waiting for it at most so long. Both files are made where they are not
    /// there; the name is the one by which the ledger is known to people.
    pub(super) fn take(real: &Path, named: &Path, wait: Duration) -> Result<Self, LedgerError> {
        let held = |holder| LedgerError::Held { path: named.to_owned(), holder };
        let path = beside(real, ".lock");
        let until = Instant::now() + wait.max(LOOK);
        plain(&path)?;
        let file = open(&path)?;
        if !lock(&file, until).map_err(at(&path))? {
            return Err(held(describe(&path)));
        }
        let ledger = open(real)?;
        // Elsewhere than on Linux SQLite's own locks and this one would wait for each other.
        if cfg!(target_os = "linux") && !lock(&ledger, until).map_err(at(real))? {
            return Err(held("a process that knows it by another name".to_owned()));
        }
        Ok(Self { file, path, ledger })
    }

    /// What can be seen of the ledger before it is opened.
    pub(super) fn traces(&self, real: &Path) -> Result<Traces, LedgerError> {
        let inode = self.ledger.metadata().map_err(at(real))?.ino();
        Ok(traces(real, inode))
    }

    /// Writes down who holds it.
    pub(super) fn sign(&mut self, holder: &Holder) -> Result<(), LedgerError> {
        let text = serde_json::to_string(holder).unwrap_or_default();
        let write = |file: &mut File| {
            file.set_len(0)?;
            file.seek(SeekFrom::Start(0))?;
            file.write_all(text.as_bytes())?;
            file.sync_all()
        };
        write(&mut self.file).map_err(at(&self.path))
    }
}

/// What can be seen of a ledger whose file has this number.
pub(super) fn traces(real: &Path, inode: u64) -> Traces {
    let Holder { number: newest_run, has_closed, .. } = read(&beside(real, ".lock")).unwrap_or_default();
    Traces { newest_run, inode, has_log: has_closed || beside(real, "-wal").exists() }
}

/// The run that holds a ledger, by its id; `None` where none does. The lock is looked at and not taken.
pub(super) fn holder(real: &Path) -> Option<String> {
    let path = beside(real, ".lock");
    plain(&path).ok()?;
    let file = File::open(&path).ok()?;
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)).then(|| read(&path)).flatten().map(|held| held.run)
}

fn at(path: &Path) -> impl Fn(io::Error) -> LedgerError + '_ {
    |cause| LedgerError::Open { path: path.to_owned(), cause }
}

/// Refuses a lock that is a link or a device: what it leads to would be overwritten, or waited for.
fn plain(path: &Path) -> Result<(), LedgerError> {
    match std::fs::symlink_metadata(path) {
        Ok(found) if !found.is_file() || found.nlink() > 1 => {
            Err(at(path)(io::Error::other("it is not a file of its own; remove it")))
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Opens a file, made for its owner alone where it is not there.
fn open(path: &Path) -> Result<File, LedgerError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600).open(path).map_err(at(path))
}

/// Locks a file; whether it could be had in time.
fn lock(file: &File, until: Instant) -> io::Result<bool> {
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::Error(cause)) => return Err(cause),
            Err(TryLockError::WouldBlock) => {
                let left = until.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Ok(false);
                }
                std::thread::sleep(POLL.min(left));
            }
        }
    }
}

/// What is written there, where it can be read.
fn read(path: &Path) -> Option<Holder> {
    let mut text = String::new();
    File::open(path).and_then(|file| file.take(4096).read_to_string(&mut text)).ok()?;
    serde_json::from_str(&text).ok()
}

fn describe(path: &Path) -> String {
    match read(path) {
        Some(holder) => format!("process {} since {} (run {})", holder.pid, holder.since, holder.run),
        None => "a process that has only just begun".to_owned(),
    }
}
