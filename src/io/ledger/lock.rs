//! One run at a time: a lock that dies with its process.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::io::crash::{self, Point};

use super::LedgerError;
use super::beside;
use super::evidence::Numbers;
use super::witness::Pencil;

/// How often a lock that somebody holds is asked for.
const POLL: Duration = Duration::from_millis(100);

/// How long a lock is waited for in any case: somebody who only looks whether it is held has it for a moment.
const LOOK: Duration = Duration::from_millis(20);

/// What is written into a lock is as long as this: more than it ever needs, and no more than a disk writes at once.
const SIGNED_BYTES: usize = 512;

/// The lock beside a ledger, held until it is dropped. Its file stays, and keeps the numbers of the newest run and
/// of the newest entry, by which a ledger is known that was restored from a copy or has lost its log.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
    path: PathBuf,
    /// The ledger itself, locked too: a hard link to it has another lock beside it. SQLite's own locks are of
    /// a kind that is lost where a process closes the file, so it is closed after all connections.
    _ledger: File,
    /// Whether the ledger's file was made just now.
    is_new: bool,
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
    /// The number of the newest entry; older locks do not say it.
    #[serde(default)]
    pub(super) entry: i64,
}

impl Holder {
    fn numbers(self) -> Numbers {
        Numbers { run: self.number, entry: self.entry }
    }
}

/// What keeps up to date what a lock, and the witness of this machine, say while a run writes.
#[derive(Debug)]
pub(super) struct Signature {
    file: File,
    holder: Holder,
    /// `None` where nothing is remembered of this ledger, or where that can no longer be written.
    pencil: Option<Pencil>,
}

impl Signature {
    /// Notes the newest entry, before anybody may act on it. The disk has the entry; it is not waited for that it has
    /// this too, for a lock that knows of fewer only notices less.
    pub(super) fn note(&mut self, entry: i64) {
        if entry <= self.holder.entry {
            return;
        }
        crash::at(Point::EntryBetween);
        self.holder.entry = entry;
        let _ = write(&self.file, &self.holder);
        if let Some(Err(error)) = self.pencil.as_ref().map(|pencil| pencil.note(entry)) {
            tracing::error!("the state directory cannot be written: {error}; a restored ledger may go unnoticed");
            self.pencil = None;
        }
    }
}

impl Lock {
    /// Takes the lock of a ledger, waiting for it at most so long. Both files are made where they are not
    /// there; the name is the one by which the ledger is known to people.
    pub(super) fn take(real: &Path, named: &Path, wait: Duration) -> Result<Self, LedgerError> {
        let held = |holder| LedgerError::Held { path: named.to_owned(), holder };
        let path = beside(real, ".lock");
        let until = Instant::now() + wait.max(LOOK);
        is_plain(&path).map_err(at(&path))?;
        let file = open(&path)?;
        if !lock(&file, until).map_err(at(&path))? {
            return Err(held(describe(&path)));
        }
        let is_new = !real.exists();
        let ledger = open(real)?;
        // Elsewhere than on Linux SQLite's own locks and this one would wait for each other.
        if cfg!(target_os = "linux") && !lock(&ledger, until).map_err(at(real))? {
            return Err(held("a process that knows it by another name".to_owned()));
        }
        Ok(Self { file, path, _ledger: ledger, is_new })
    }

    /// Takes the ledger's file away again, where it was made just now and nothing was written to it.
    pub(super) fn unmake(&self, real: &Path) {
        if self.is_new && real.metadata().is_ok_and(|found| found.len() == 0) {
            let _ = std::fs::remove_file(real);
        }
    }

    /// Writes down who holds it.
    pub(super) fn sign(&self, holder: Holder, pencil: Option<Pencil>) -> Result<Signature, LedgerError> {
        let sign = || {
            write(&self.file, &holder)?;
            self.file.sync_all()?;
            self.file.try_clone()
        };
        sign().map(|file| Signature { file, holder, pencil }).map_err(at(&self.path))
    }
}

/// What the lock beside a ledger remembers of it.
pub(super) fn remembers(real: &Path) -> Numbers {
    read(&beside(real, ".lock")).map(Holder::numbers).unwrap_or_default()
}

/// The run that holds a ledger, by its id; `None` where none does. The lock is looked at and not taken.
pub(super) fn holder(real: &Path) -> Option<String> {
    let path = beside(real, ".lock");
    is_plain(&path).ok()?;
    let file = File::open(&path).ok()?;
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)).then(|| read(&path)).flatten().map(|held| held.run)
}

fn at(path: &Path) -> impl Fn(io::Error) -> LedgerError + '_ {
    |cause| LedgerError::Open(path.to_owned(), cause)
}

/// Refuses what is a link or a device and not a file of its own: what it leads to would be overwritten, or waited for.
pub(super) fn is_plain(path: &Path) -> io::Result<()> {
    match std::fs::symlink_metadata(path) {
        Ok(found) if !found.is_file() || found.nlink() > 1 => {
            Err(io::Error::other("it is not a file of its own; remove it"))
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

/// Writes over what was there, and as long as that: a process that is killed leaves one or the other, and never a
/// lock that knows of nothing.
fn write(file: &File, holder: &Holder) -> io::Result<()> {
    let mut text = serde_json::to_string(holder)?;
    text.extend(std::iter::repeat_n(' ', SIGNED_BYTES.saturating_sub(text.len() + 1)));
    text.push('\n');
    file.write_all_at(text.as_bytes(), 0)
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    /// A process can be killed between any two of its calls: whatever stands there at an instant is what it leaves.
    #[test]
    fn a_lock_that_is_signed_again_is_never_without_what_it_knew() {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = folder.path().join("l.db");
        let lock = Lock::take(&ledger, &ledger, Duration::ZERO).expect("takes it");
        let holder = Holder { pid: 1, since: "2026-11-23T13:00:00Z".into(), run: "r".into(), number: 7, entry: 0 };
        let mut signature = lock.sign(holder, None).expect("signs");
        let (path, is_over) = (beside(&ledger, ".lock"), AtomicBool::new(false));
        let shortest = std::thread::scope(|scope| {
            let watcher = scope.spawn(|| {
                let mut shortest = u64::MAX;
                while !is_over.load(Ordering::Relaxed) {
                    shortest = shortest.min(std::fs::metadata(&path).expect("is there").len());
                }
                shortest
            });
            (1..=20_000).for_each(|entry| signature.note(entry));
            is_over.store(true, Ordering::Relaxed);
            watcher.join().expect("looks")
        });
        assert_eq!(shortest, SIGNED_BYTES as u64);
        assert_eq!(remembers(&ledger), Numbers { run: 7, entry: 20_000 });
        signature.note(3);
        assert_eq!(remembers(&ledger).entry, 20_000, "an entry is never taken back");
    }
}
