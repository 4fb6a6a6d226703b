//! A ledger of version 0.1 goes on. `fixtures/ledger-0.1` holds one as that version left it on 2026-12-01, with its lock
//! and all its inputs: of 25 callbacks, 8 are done, 3 wait for texting hours, 3 are pending, 8 were in the hands of a run
//! that was killed (6 texts owed, 2 contacts not heard of), 1 contact and 2 texts are in doubt.

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::stage::{Ended, Stage};

/// When the callbacks are still to come.
const THEN: &str = "2026-12-01T18:00:00Z";

/// A stage with the ledger, which belongs to this client of this platform.
fn upgraded(platform: impl FnOnce(&Stage) -> String, client: &str) -> Stage {
    let stage = Stage::calm();
    for name in ["ringback.db", "ringback.db.lock", "night.csv"] {
        let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/ledger-0.1");
        stage.put(name, std::fs::read(format!("{fixture}/{name}")).unwrap());
    }
    let ledger = Connection::open(stage.path("ringback.db")).unwrap();
    let change = |key: &str, value: &str| {
        let changed = ledger.execute("UPDATE meta SET value = ?2 WHERE key = ?1", [key, value]).unwrap();
        assert_eq!(changed, 1, "{key}");
    };
    change("platform", &platform(&stage));
    change("client_id", client);
    drop(ledger);
    stage
}

/// What a command that ended well counts.
fn summary(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap()
}

#[test]
fn what_is_unfinished_is_done_once_and_what_is_done_or_in_doubt_is_left_alone() {
    let stage = upgraded(|_| "sandbox".to_owned(), "sandbox");
    let rehearse = |args: &[&str]| {
        let rest = ["--sandbox", "--ledger", "ringback.db", "--now", THEN, "-o", "out", "--json"];
        stage.ringback(&[args, &rest].concat())
    };
    let resumed = summary(&rehearse(&["resume"]).with(0));
    assert_eq!(resumed["by_status"], json!({ "confirmed": 14 }), "{resumed}");
    assert_eq!((&resumed["requests"]["contact"], &resumed["requests"]["sms"]), (&json!(5), &json!(14)), "{resumed}");
    let again = summary(&rehearse(&["resume"]).with(0));
    assert_eq!((&again["rows"], &again["requests"]["sms"]), (&json!(0), &json!(0)), "{again}");
    let rerun = summary(&rehearse(&["run", "night.csv"]).with(5));
    assert_eq!(rerun["by_status"], json!({ "already_done": 22, "in_doubt": 1, "sms_in_doubt": 2 }), "{rerun}");
    assert_eq!((&rerun["requests"]["contact"], &rerun["requests"]["sms"]), (&json!(0), &json!(0)), "{rerun}");
}

/// This machine does not remember the ledger; its lock says that it is whole. By now the callbacks may have expired.
#[test]
fn it_goes_on_record_with_one_line_and_is_no_longer_whole_without_its_lock() {
    let stage = upgraded(|stage| stage.sandbox().base_url(), "shop");
    let doctor = stage.ringback(&["doctor"]);
    assert!(!doctor.stdout.contains("ledger's past"), "{}", doctor.stdout);
    let resumed = stage.ringback(&["resume", "-o", "out"]);
    assert!([0, 6].contains(&resumed.code), "{resumed:?}");
    assert_eq!(resumed.stderr.matches("was not on record on this machine").count(), 1, "{}", resumed.stderr);
    assert!(stage.remembered() > 0);
    let again = stage.ringback(&["resume", "-o", "out"]).with(0);
    assert!(!again.stderr.contains("on record"), "{}", again.stderr);
    let mut told: Vec<String> = stage.state().texts().iter().map(ToString::to_string).collect();
    let texts = told.len();
    told.sort();
    told.dedup();
    assert_eq!(told.len(), texts, "nobody is texted twice");

    let moved = upgraded(|stage| stage.sandbox().base_url(), "shop");
    std::fs::remove_file(moved.path("ringback.db.lock")).unwrap();
    moved.ringback(&["resume", "-o", "out"]).with(78).says(&["no .lock lies beside it"]);
    assert_eq!(moved.state().asked_in_all(), 0);
}
