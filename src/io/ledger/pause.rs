//! The switch that stops every run of a ledger: a small file beside it. It needs neither SQLite nor the ledger's lock,
//! so that it works while a run holds both and where the disk is slow.
//!
//! The file alone pauses, whatever is in it: one that cannot be read says only less.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::Builder;

use crate::domain::pause::{Pause, Paused};
use crate::domain::time::Timestamp;

use super::LedgerError;
use super::{beside, folder};

/// Bytes of the file that are read.
const BYTES_MAX: u64 = 1 << 14;

/// Where Linux tells the machine's name.
const HOST: &str = "/proc/sys/kernel/hostname";

/// Whether a ledger is paused, and by whom. Where no file is there, nothing but its place is looked at.
#[must_use]
pub fn look(ledger: &Path) -> Option<Paused> {
    use io::ErrorKind::{InvalidFilename, NotADirectory, NotFound};
    let place = place(ledger);
    match fs::symlink_metadata(&place) {
        // Where no file can be there is no ledger either, which is told by whoever opens it.
        Err(error) if matches!(error.kind(), NotFound | NotADirectory | InvalidFilename) => None,
        Err(error) => Some(Paused::Unreadable(error.to_string())),
        Ok(found) if !found.is_file() => Some(Paused::Unreadable(format!("{} is no file", place.display()))),
        Ok(_) => match read(&place) {
            // It was taken away in between.
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => Some(Paused::Unreadable(error.to_string())),
            Ok(pause) => Some(Paused::By(pause)),
        },
    }
}

/// Pauses a ledger that is there; where it is paused already, that stands, and is given.
pub fn pause(ledger: &Path, pause: &Pause) -> Result<Option<Paused>, LedgerError> {
    let failed = |cause| LedgerError::Pause(place(ledger), cause);
    if let Some(paused) = look(ledger) {
        return Ok(Some(paused));
    }
    match write(&place(ledger), pause) {
        Ok(()) => Ok(None),
        // Somebody else was faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(look(ledger)),
        Err(error) => Err(failed(error)),
    }
}

/// Ends a pause, and gives it as it was; `None` where there was none.
pub fn unpause(ledger: &Path) -> Result<Option<Paused>, LedgerError> {
    let (was, place) = (look(ledger), place(ledger));
    match fs::remove_file(&place) {
        Ok(()) => {
            // What the machine loses in a crash pauses again, and says so.
            let _ = fs::canonicalize(folder(&place)).and_then(|folder| File::open(folder)?.sync_all());
            Ok(was)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(LedgerError::Pause(place, cause)),
    }
}

/// The name of this machine; empty where it is not known.
#[must_use]
pub fn host() -> String {
    fs::read_to_string(HOST).map(|name| name.trim().to_owned()).unwrap_or_default()
}

/// Where the file stands: beside the ledger itself, by whatever name that is reached.
fn place(ledger: &Path) -> PathBuf {
    let real = fs::canonicalize(ledger).or_else(|_| {
        let name = ledger.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
        Ok::<_, io::Error>(fs::canonicalize(folder(ledger))?.join(name))
    });
    beside(&real.unwrap_or_else(|_| ledger.to_owned()), ".pause")
}

fn read(place: &Path) -> io::Result<Pause> {
    let mut text = String::new();
    File::open(place)?.take(BYTES_MAX).read_to_string(&mut text)?;
    let value: Value = serde_json::from_str(&text)?;
    if !value.is_object() {
        return Err(io::Error::other("it holds no JSON object"));
    }
    let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let since = Timestamp::from_rfc3339(&text("since"));
    Ok(Pause { user: text("user"), host: text("host"), since, reason: text("reason") }.cleaned())
}

/// Writes the file beside its place, for its owner alone, and renames it; one that is there stays. It counts as soon as
/// it is there: the disk is asked behind that.
fn write(place: &Path, pause: &Pause) -> io::Result<()> {
    let folder = fs::canonicalize(folder(place))?;
    let mut draft = Builder::new().prefix(".ringback-").tempfile_in(&folder)?;
    let Pause { host, since, reason, user } = pause.clone().cleaned();
    let user = if user.is_empty() { format!("uid {}", draft.as_file().metadata()?.uid()) } else { user };
    let since = since.map(Timestamp::rfc3339);
    let text = json!({ "user": user, "host": host, "since": since, "reason": reason });
    draft.write_all(format!("{text:#}\n").as_bytes())?;
    let file = draft.persist_noclobber(place).map_err(|error| error.error)?;
    file.sync_all()?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn ledger() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = folder.path().join("l.db");
        fs::write(&ledger, "").expect("writes");
        (folder, ledger)
    }

    fn by(user: &str) -> Pause {
        let since = Some(Timestamp::from_unix(1_795_438_800));
        Pause { user: user.into(), host: "db1".into(), since, reason: "wrong template".into() }
    }

    #[test]
    fn the_first_pause_stands_until_it_is_ended_by_whatever_name() {
        let (folder, path) = ledger();
        let link = folder.path().join("link.db");
        symlink(&path, &link).expect("links");
        assert_eq!((look(&path), unpause(&path).expect("no fault")), (None, None));
        for nowhere in [path.join("l.db"), folder.path().join("nobody/l.db"), folder.path().join("x".repeat(300))] {
            assert_eq!(look(&nowhere), None, "{}", nowhere.display());
        }
        assert_eq!(pause(&link, &by("ann")).expect("pauses"), None);
        assert_eq!(pause(&path, &by("bob")).expect("no fault"), Some(Paused::By(by("ann"))));
        let file = folder.path().join("l.db.pause");
        assert_eq!(fs::metadata(&file).expect("is there").permissions().mode() & 0o777, 0o600);
        assert_eq!(look(&link), Some(Paused::By(by("ann"))));
        assert_eq!(unpause(&path).expect("ends"), Some(Paused::By(by("ann"))));
        assert_eq!(look(&link), None);
        assert_eq!(fs::read_dir(folder.path()).expect("lists").count(), 2, "nothing else is left");
    }

    #[test]
    fn a_damaged_file_pauses_and_can_be_taken_away() {
        let (folder, path) = ledger();
        let file = folder.path().join("l.db.pause");
        let deep = "[".repeat(100_000);
        for text in [&b""[..], b"{", b"[]", b"\xff\xfe", b"{\"user\": 3, \"since\": \"never\"}", deep.as_bytes()] {
            fs::write(&file, text).expect("writes");
            let told = look(&path).expect("paused").told();
            assert!(told.starts_with("by "), "{told}");
            assert!(pause(&path, &by("ann")).expect("no fault").is_some());
            assert!(unpause(&path).expect("ends").is_some());
        }
        fs::create_dir(&file).expect("makes");
        assert!(look(&path).is_some_and(|paused| paused.told().contains("is no file")));
        unpause(&path).expect_err("a folder is nobody's pause");
        fs::remove_dir(&file).expect("removes");
        symlink("/dev/zero", &file).expect("links");
        assert!(look(&path).is_some_and(|paused| paused.told().contains("is no file")));
    }
}
