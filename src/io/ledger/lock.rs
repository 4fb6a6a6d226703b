//! One run at a time: a lock that dies with its process.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::LedgerError;

/// The lock beside a ledger, held until it is dropped. Its file stays, and keeps the number of the newest
/// run, by which a ledger that was restored from a copy is known.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
    path: PathBuf,
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
}

impl Lock {
    /// Takes the lock of a ledger, waiting for it at most so long.
    pub(super) fn take(ledger: &Path, wait: Duration) -> Result<Self, LedgerError> {
        let path = beside(ledger);
        let open = |source| LedgerError::Open { path: path.clone(), source };
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).mode(0o600).open(&path).map_err(open)?;
        let until = Instant::now() + wait;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { file, path }),
                Err(TryLockError::Error(source)) => return Err(open(source)),
                Err(TryLockError::WouldBlock) if Instant::now() < until => {
                    std::thread::sleep(Duration::from_millis(100).min(wait));
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(LedgerError::Held { path: ledger.to_owned(), holder: describe(&path) });
                }
            }
        }
    }

    /// The number of the newest run that held it; 0 where none is written there.
    pub(super) fn newest_run(&self) -> i64 {
        read(&self.path).map_or(0, |holder| holder.number)
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
        write(&mut self.file).map_err(|source| LedgerError::Open { path: self.path.clone(), source })
    }
}

fn beside(ledger: &Path) -> PathBuf {
    let mut name = ledger.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
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
