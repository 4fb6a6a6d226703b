//! What may be a ledger, by what lies there and by how it is named.

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::tests::opening;
use super::*;
use crate::io::ledger::*;

/// All files of a folder with their bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let paths = std::fs::read_dir(folder).expect("lists").map(|entry| entry.expect("an entry").path());
    paths.map(|path| (path.clone(), std::fs::read(&path).unwrap_or_default())).collect()
}

/// It is refused by those who write and by those who read, and nothing is made or changed.
#[track_caller]
fn refused(folder: &Path, path: &Path) {
    let before = files(folder);
    for refused in [SqliteLedger::open(&opening(path)).err(), Archive::open(path).err()] {
        assert!(matches!(refused, Some(LedgerError::NotALedger { .. })), "{}: {refused:?}", path.display());
    }
    assert!(files(folder) == before, "{}: {:?}", path.display(), files(folder).keys());
}

#[test]
fn what_is_no_ledger_is_not_touched() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("export.csv"), "phone,campaign\n".repeat(100)).expect("writes");
    std::fs::write(at("tiny.csv"), "a\n").expect("writes");
    std::fs::create_dir(at("folder")).expect("makes");
    for (name, mode) in [("foreign.db", "DELETE"), ("foreign wal?#%41.db", "WAL")] {
        let foreign = rusqlite::Connection::open(at(name)).expect("opens");
        foreign.pragma_update(None, "journal_mode", mode).expect("sets");
        foreign.execute_batch("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1);").expect("writes");
    }
    symlink(at("foreign.db"), at("link.db")).expect("links");
    for name in ["export.csv", "tiny.csv", "folder", "foreign.db", "foreign wal?#%41.db", "link.db"] {
        refused(folder.path(), &at(name));
    }
    refused(Path::new("."), Path::new("."));
    refused(folder.path(), Path::new("/dev/null"));
}

#[test]
fn a_database_in_use_by_others_is_known_by_its_log() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("foreign.db");
    let foreign = rusqlite::Connection::open(&path).expect("opens");
    foreign.pragma_update(None, "journal_mode", "WAL").expect("sets");
    foreign.execute_batch("CREATE TABLE theirs (x)").expect("writes");
    let names = |folder| files(folder).into_keys().collect::<Vec<_>>();
    let before = names(folder.path());
    let error = SqliteLedger::open(&opening(&path)).expect_err("not ours");
    assert!(matches!(error, LedgerError::NotALedger { .. }), "{error}");
    assert_eq!(names(folder.path()), before);
}

#[test]
fn names_that_sqlite_takes_for_something_else_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["", ":memory:", "file:x.db", "file:x.db?mode=memory", "file:///tmp/x.db"] {
        refused(folder.path(), Path::new(name));
        if !name.is_empty() {
            refused(folder.path(), &folder.path().join(name));
        }
    }
    assert!(!Path::new(":memory:").exists() && !Path::new("file:x.db").exists());
}

#[test]
fn one_run_at_a_time_by_whatever_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir(at("elsewhere")).expect("makes");
    symlink("../l.db", at("elsewhere/ahead.db")).expect("links to what is not there yet");
    let held = SqliteLedger::open(&opening(&at("elsewhere/ahead.db"))).expect("opens");
    assert!(at("l.db").exists() && at("l.db.lock").exists());
    symlink(at("l.db"), at("link.db")).expect("links");
    for name in ["l.db", "link.db", "elsewhere/../l.db", "elsewhere/ahead.db"] {
        let error = SqliteLedger::open(&opening(&at(name))).expect_err("held");
        assert!(matches!(error, LedgerError::Held { .. }), "{name}: {error}");
        assert!(error.to_string().contains(name), "{error}");
    }
    drop(held);
    for name in ["link.db", "l.db"] {
        SqliteLedger::open(&opening(&at(name))).expect("free again");
    }
}

/// A log lies beside one name alone: a run under the other would not see it, and destroy what it belongs to.
#[test]
fn a_ledger_with_a_second_hard_link_is_refused_by_whatever_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    drop(SqliteLedger::open(&opening(&at("l.db"))).expect("opens"));
    std::fs::hard_link(at("l.db"), at("hard.db")).expect("links");
    for name in ["l.db", "hard.db"] {
        let error = SqliteLedger::open(&opening(&at(name))).expect_err("two names");
        assert!(matches!(error, LedgerError::Open { .. }) && error.to_string().contains("2 hard links"), "{error}");
        Archive::require(&at(name)).expect_err("two names");
    }
    assert!(!at("hard.db.lock").exists(), "it is refused before it is locked");
    std::fs::remove_file(at("hard.db")).expect("removes");
    SqliteLedger::open(&opening(&at("l.db"))).expect("one name");
}

#[test]
fn a_damaged_ledger_says_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("l.db");
    drop(SqliteLedger::open(&opening(&path)).expect("opens"));
    let mut bytes = std::fs::read(&path).expect("reads");
    for byte in &mut bytes[100..] {
        *byte = 0xa5;
    }
    std::fs::write(&path, &bytes).expect("writes");
    let error = SqliteLedger::open(&opening(&path)).expect_err("damaged");
    let told = error.to_string();
    assert!(told.contains("is damaged; restore it from a backup"), "{told}");
    assert!(!told.contains("Error code"), "{told}");
    assert!(std::error::Error::source(&error).is_none(), "the cause is told once");
    assert_eq!(std::fs::read(&path).expect("reads"), bytes);
}

#[test]
fn a_cause_is_told_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let error = SqliteLedger::open(&opening(&folder.path().join("none/l.db"))).expect_err("no folder");
    assert!(matches!(error, LedgerError::Open { .. }), "{error}");
    assert!(std::error::Error::source(&error).is_none(), "{error}");
}
