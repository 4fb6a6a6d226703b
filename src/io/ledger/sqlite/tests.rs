use std::path::Path;

pub(super) use crate::io::ledger::contract_tests::{AT, append, append_all, enrol, enrolment, opening};

use super::*;
use crate::io::ledger::*;

fn owner(platform: &str) -> Owner {
    Owner { platform: platform.into(), client_id: "id".into() }
}

/// The lock that the one run of an older ringback left behind.
pub(super) fn lock_of_a_run(ledger: &Path) {
    let text = r#"{"pid":1,"since":"2026-11-23T02:13:20Z","run":"09090909-0909-0909-0909-090909090909","number":1}"#;
    std::fs::write(beside(ledger, ".lock"), text).expect("writes");
}

#[test]
fn one_run_at_a_time_and_only_its_owner() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("l.db");
    let held = SqliteLedger::open(&opening(&path)).expect("opens");
    let second = SqliteLedger::open(&opening(&path)).expect_err("held").to_string();
    assert!(second.contains(&format!("process {}", std::process::id())), "{second}");
    assert!(second.contains("since 2026-11-23T13:00:00Z"), "{second}");
    drop(held);
    let other = Opening { owner: Some(owner("sandbox")), ..opening(&path) };
    let foreign = SqliteLedger::open(&other).expect_err("foreign").to_string();
    assert!(foreign.contains("https://one.example") && foreign.contains("sandbox"), "{foreign}");
    SqliteLedger::open(&opening(&path)).expect("the owner may");
}

#[test]
fn what_is_no_ledger_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("export.csv");
    std::fs::write(&path, "phone,campaign\n".repeat(100)).expect("writes");
    let refused = SqliteLedger::open(&opening(&path)).expect_err("no ledger").to_string();
    assert!(refused.contains("is not a ledger"), "{refused}");
    assert!(std::fs::read_to_string(&path).expect("reads").starts_with("phone,campaign"));
    let newer = folder.path().join("newer.db");
    drop(SqliteLedger::open(&opening(&newer)).expect("opens"));
    rusqlite::Connection::open(&newer).and_then(|c| c.pragma_update(None, "user_version", 99)).expect("sets");
    let refused = SqliteLedger::open(&opening(&newer)).expect_err("newer").to_string();
    assert!(refused.contains("schema 99"), "{refused}");
    assert!(Archive::open(&folder.path().join("none.db")).expect("no fault").is_none());
}

#[test]
fn the_ledger_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("l.db");
    let _ledger = SqliteLedger::open(&opening(&path)).expect("opens");
    for file in std::fs::read_dir(folder.path()).expect("lists") {
        let file = file.expect("an entry");
        let mode = file.metadata().expect("metadata").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", file.path().display());
    }
}
