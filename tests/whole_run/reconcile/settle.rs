//! What was in doubt, and is written back.

use serde_json::json;

use super::Found;
use crate::export::wishes;
use crate::platform::{CONTACT, TEXT};
use crate::stage::Stage;

const FILES: [&str; 8] =
    ["--input", "found.csv", "absent.csv", "sure.csv", "--platform", "contacts.csv", "--map", "phone=phone"];

/// Two callbacks in doubt whose contacts are there, two whose are not, and two that went well.
fn doubted() -> Stage {
    let stage = Stage::new(json!({ "cut_after": "1@contact" })).with("RINGBACK_PLATFORM_CONTACT_IDS", "advisory");
    let wishes = wishes(6);
    stage.export("found.csv", &wishes[..2]);
    stage.export("absent.csv", &wishes[2..4]);
    stage.export("sure.csv", &wishes[4..]);
    stage.run(&["found.csv"]).with(5);
    stage.faults(&json!({ "cut_after": 0.0, "cut_before": "1@contact" }));
    stage.run(&["absent.csv"]).with(5);
    stage.faults(&json!({ "cut_before": 0.0 }));
    stage.run(&["sure.csv"]).with(0);
    stage.put_contacts("contacts.csv");
    stage
}

#[test]
fn what_was_in_doubt_is_told_and_nothing_is_written_unasked() {
    let stage = doubted();
    let ledger = std::fs::read(stage.path("ringback.db")).unwrap();
    stage.reconcile(&FILES).with(3).says(&["in_doubt_found", "in_doubt_absent", "--settle"]);
    let found = Found::read(&stage);
    assert_eq!(["matched", "in_doubt_found", "in_doubt_absent"].map(|kind| found.count(kind)), [2, 2, 2]);
    assert_eq!(std::fs::read(stage.path("ringback.db")).unwrap(), ledger);
    assert!(!stage.path("ringback.db-wal").exists() && !stage.path("ringback.db-shm").exists());
}

#[test]
fn what_is_there_gets_its_text_and_what_is_not_stays_undone() {
    let stage = doubted();
    let settled = stage.reconcile(&[&FILES[..], &["--settle"]].concat()).with(3);
    settled.says(&[
        "there were differences, and all of them are settled now",
        "settled: 2 sent, 2 not-sent, 0 retry; 0 left in doubt",
        "next: 2 `sent`: `ringback resume` sends the texts",
        "next: 2 `not-sent`: nobody calls these customers",
        "--retry-failed",
    ]);
    let settled = Found::read(&stage).sums;
    assert_eq!((&settled["exit_code"], &settled["differences"], &settled["open"]), (&json!(3), &json!(4), &json!(0)));
    assert_eq!(stage.commands(), ["run", "run", "run", "settle"]);
    let (contacts, texts) = (stage.state().asked(CONTACT), stage.state().texts().len());
    stage.run(&["found.csv", "absent.csv", "sure.csv"]).with(6);
    let report = stage.report();
    assert_eq!(["confirmed", "failed", "already_done"].map(|status| report.count(status)), [2, 2, 2]);
    assert_eq!((stage.state().asked(CONTACT), stage.state().texts().len()), (contacts, texts + 2));
    report.is_what_the_platform_did(&stage.state());
    stage.reconcile(&FILES).with(0).says(&["agree", "not created, as it should be"]);
    // There is nothing left to write, and no lock is taken for it.
    stage.reconcile(&[&FILES[..], &["--settle"]].concat()).with(0);
    assert_eq!(stage.commands(), ["run", "run", "run", "settle", "run"]);
}

#[test]
fn what_is_not_there_is_created_where_that_is_asked_for() {
    let stage = doubted();
    let asked = [&FILES[..], &["--settle", "--absent-as", "retry", "--json"]].concat();
    let told: serde_json::Value = serde_json::from_str(&stage.reconcile(&asked).with(3).stdout).unwrap();
    assert_eq!(
        told["settled"],
        json!({ "sent": 2, "not_sent": 0, "retry": 2, "left_in_doubt": 0, "texts_in_doubt": 0 })
    );
    stage.ringback(&["resume", "--rate", "100000", "-o", "out"]).with(0);
    assert_eq!((stage.state().contacts().len(), stage.state().asked(TEXT)), (6, 6));
    stage.put_contacts("contacts.csv");
    stage.reconcile(&FILES).with(0);
}

/// An export that lacks a contact which was created says too little of those that may not have been.
#[test]
fn what_the_export_does_not_show_for_certain_is_left_to_a_person() {
    let stage = doubted();
    let sure = crate::export::wish(5).phone;
    let text = std::fs::read_to_string(stage.path("contacts.csv")).unwrap();
    let lacking: Vec<&str> = text.lines().filter(|line| !line.starts_with(&sure)).collect();
    stage.put("contacts.csv", lacking.join("\n"));
    stage
        .reconcile(&[&FILES[..], &["--settle", "--absent-as", "retry"]].concat())
        .with(3)
        .says(&["missing_on_platform", "settled: 2 sent, 0 not-sent, 0 retry; 2 left in doubt"]);
    stage.reconcile(&[&FILES[..], &["--settle", "--absent-as", "in-doubt"]].concat()).with(3);
    // A row that cannot be read may be the one.
    stage.put("contacts.csv", format!("{text},,,\n"));
    let unread = stage.reconcile(&[&FILES[..], &["--settle"]].concat()).with(3);
    unread.says(&["0 not-sent", "2 left in doubt", "contacts.csv line 6: not a contact: phone: missing"]);
}

#[test]
fn writing_back_needs_the_ledger_to_itself_and_looking_does_not() {
    let stage = doubted();
    stage.faults(&json!({ "latency_ms": 300 }));
    stage.export("more.csv", &wishes(10)[6..]);
    let mut run = stage.start(&["more.csv", "--concurrency", "1"]);
    run.until(|state| state.contacts().len() > 4);
    stage.reconcile(&FILES).with(3);
    stage.reconcile(&[&FILES[..], &["--settle"]].concat()).with(75).says(&["holds the ledger"]);
    stage.faults(&json!({ "latency_ms": 0 }));
    stage.reconcile(&[&FILES[..], &["--settle", "--wait", "60s"]].concat()).with(3);
    run.end().with(0);
}
