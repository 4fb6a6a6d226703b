//! Where a ledger lies, and whether what lies there may be one. Nothing is made, changed or locked here.

use std::fmt::Write as _;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::io::ledger::{LedgerError, beside, folder};

use super::{schema, unusable};

/// Symbolic links that are followed to a file that is not there yet.
const LINKS_MAX: usize = 40;

/// The file that a name leads to, whether it is there or not: the same for all symbolic links to it.
pub(super) fn of(named: &Path) -> Result<PathBuf, LedgerError> {
    match existing(named)? {
        Some(real) => Ok(real),
        None => not_there_yet(named).map_err(|cause| LedgerError::Open(named.to_owned(), cause)),
    }
}

/// The file that a name leads to, where one is there; what is not a ledger, or has more than one name, is refused.
pub(super) fn existing(named: &Path) -> Result<Option<PathBuf>, LedgerError> {
    let open = |cause| LedgerError::Open(named.to_owned(), cause);
    let refused = || LedgerError::NotALedger(named.to_owned());
    if is_sqlites_own(named) {
        return Err(refused());
    }
    let real = match fs::canonicalize(named) {
        Ok(real) => real,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(open(error)),
    };
    let found = fs::metadata(&real).map_err(open)?;
    if !found.is_file() {
        return Err(refused());
    }
    if found.nlink() > 1 {
        return Err(open(io::Error::other(format!(
            "it has {} hard links; SQLite keeps a log beside each name, and a crash under one name destroys the ledger \
             under another: keep one name, and remove the others",
            found.nlink()
        ))));
    }
    if found.len() > 0 {
        look(&real, named)?;
        whole(&real, found.len(), named)?;
    }
    Ok(Some(real))
}

/// Refuses a ledger that was cut short within its last page: SQLite would read zeros for what is missing. Where a
/// log lies beside it, the log may hold the rest.
fn whole(real: &Path, bytes: u64, named: &Path) -> Result<(), LedgerError> {
    let mut head = [0; 18];
    let open = |cause| LedgerError::Open(named.to_owned(), cause);
    fs::File::open(real).and_then(|mut file| file.read_exact(&mut head)).map_err(open)?;
    // The page size as the file format has it: 1 stands for 65,536.
    let page = match u16::from_be_bytes([head[16], head[17]]) {
        0 | 1 => 65_536,
        size => u64::from(size),
    };
    if bytes.is_multiple_of(page) || beside(real, "-wal").exists() {
        return Ok(());
    }
    let cause = rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT), None);
    Err(unusable(named)(cause))
}

/// Names that SQLite understands as something else than a file.
fn is_sqlites_own(named: &Path) -> bool {
    let uri = |part: Component<'_>| part.as_os_str().as_bytes().starts_with(b"file:");
    named.as_os_str().is_empty() || named.ends_with(":memory:") || named.components().any(uri)
}

fn not_there_yet(named: &Path) -> io::Result<PathBuf> {
    let mut path = named.to_owned();
    for _ in 0..LINKS_MAX {
        let Ok(target) = fs::read_link(&path) else { break };
        path = folder(&path).join(target);
    }
    let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
    Ok(fs::canonicalize(folder(&path))?.join(name))
}

/// Looks whether a file is a ledger. One that is in use, or was left by a crash, is read with its log. Any
/// other is read as if it could not change, or SQLite would leave files beside a stranger's database; that
/// way takes no locks and would drop those of this process, which has none where there is no log.
fn look(real: &Path, named: &Path) -> Result<(), LedgerError> {
    let sqlite = unusable(named);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = if beside(real, "-wal").exists() {
        Connection::open_with_flags(real, flags)
    } else {
        Connection::open_with_flags(unchanging(real), flags | OpenFlags::SQLITE_OPEN_URI)
    };
    let connection = connection.map_err(sqlite)?;
    connection.busy_timeout(Duration::from_secs(10)).map_err(sqlite)?;
    schema::check(&connection, named).map(|_| ())
}

/// A connection that reads a ledger and leaves nothing behind. Where no log lies beside it, nobody has it in use,
/// and a connection that only reads would leave an empty log there; one that may write takes its log away again.
/// What this machine may not write at all is read as it is.
pub(super) fn connect_to_read(real: &Path, named: &Path) -> Result<Connection, LedgerError> {
    let read_only = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connect = |file: &Path, flags: OpenFlags| {
        let connection = Connection::open_with_flags(file, flags)?;
        connection.busy_timeout(Duration::from_secs(10))?;
        connection.pragma_update(None, "query_only", true)?;
        connection.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()))?;
        Ok(connection)
    };
    let opened = if beside(real, "-wal").exists() {
        connect(real, read_only)
    } else {
        let tidy = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        connect(real, tidy).or_else(|error: rusqlite::Error| match error.sqlite_error_code() {
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly) => {
                connect(Path::new(&unchanging(real)), read_only | OpenFlags::SQLITE_OPEN_URI)
            }
            Some(_) | None => Err(error),
        })
    };
    opened.map_err(unusable(named))
}

/// A file as SQLite's URI of something that does not change.
fn unchanging(real: &Path) -> String {
    let mut uri = String::from("file:");
    for &byte in real.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing into a string does not fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri + "?immutable=1"
}
