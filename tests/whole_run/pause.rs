//! `ringback pause` and `unpause`: a switch that every run of a ledger obeys.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::early::{pipe, wait_for};
use crate::export::{csv, wishes};
use crate::hints::{LEDGER, hint, typed};
use crate::platform::CONTACT;
use crate::prom::Figures;
use crate::stage::Stage;

const FILE: &str = "ringback.db.pause";

/// A stage with a ledger that has been used, and an export that has not.
fn stage() -> Stage {
    let stage = Stage::calm().with("USER", "ann");
    stage.export("first.csv", &wishes(1));
    stage.run(&["first.csv"]).with(0);
    stage.export("night.csv", &wishes(4));
    stage
}

#[test]
fn no_run_begins_under_a_pause_and_everything_else_goes_on() {
    let stage = stage();
    let asked = stage.state().asked_in_all();
    stage.ringback(&["pause", "--reason", "wrong template"]).with(0).says(&["is paused by ann", "wrong template"]);
    assert_eq!(std::fs::metadata(stage.path(FILE)).unwrap().permissions().mode() & 0o777, 0o600);
    let commands = stage.commands();
    std::fs::remove_dir_all(stage.path("out")).unwrap();
    for command in [&["run", "night.csv", "-o", "out", "--metrics-file", "night.prom"][..], &["resume", "-o", "out"]] {
        let refused = stage.ringback(command).with(75);
        refused.says(&["is paused by ann", " since ", "wrong template", "`ringback unpause`", "nothing was sent"]);
    }
    assert_eq!((stage.state().asked_in_all(), stage.commands()), (asked, commands));
    assert!(!stage.path("out").exists(), "no folder is left");
    assert_eq!(Figures::read(&stage.path("night.prom")).at("ringback_paused{file=\"night\"}"), 1);
    stage.ringback(&["runs"]).with(0).says(&["is paused by ann", "`ringback unpause`"]);
    stage.ringback(&["doctor"]).with(0).says(&["it is paused by ann", "`ringback unpause`"]);
    stage.run(&["night.csv", "-n"]).with(0).says(&["planned"]);
    stage.ringback(&["resume", "-n", "-o", "planned"]).with(0);
    stage.ringback(&["validate", "night.csv"]).with(0);
    stage.ringback(&["backup", "copy.db"]).with(0);
    stage.ringback(&["report", "last"]).with(0);
    stage.run(&["night.csv", "--sandbox"]).with(0).says(&["confirmed"]);
    stage.ringback(&["unpause"]).with(0).says(&["is over", "by ann", "`ringback resume`"]);
    stage.run(&["night.csv", "--metrics-file", "night.prom"]).with(0);
    assert_eq!(Figures::read(&stage.path("night.prom")).at("ringback_paused{file=\"night\"}"), 0);
    assert!(!stage.ringback(&["runs"]).with(0).stdout.contains("paused"));
    assert_eq!(stage.state().texts().len(), 4);
}

/// What is in flight ends, nothing new is handed out, and the report says so of each row.
#[test]
fn a_run_that_goes_on_obeys_a_pause_as_it_obeys_a_signal() {
    let stage = Stage::new(json!({ "latency_ms": 100 })).with("USER", "ann");
    stage.export("night.csv", &wishes(200));
    let mut run = stage.start(&["night.csv", "--concurrency", "2"]);
    run.until(|state| state.asked(CONTACT) > 2);
    stage.ringback(&["pause", "--reason", "call me"]).with(0);
    let ended = run.end().with(4);
    ended.says(&["the ledger was paused by ann", "call me", "`ringback unpause`, then `ringback resume`,"]);
    let report = stage.report();
    assert!(report.count("pending") > 0, "{ended:?}");
    for row in report.rows.iter().filter(|row| row.at("status") == "pending") {
        assert_eq!(row.at("code"), "run.stopped");
        assert!(row.at("detail").contains("paused by ann"), "{row:?}");
    }
    let page = std::fs::read_to_string(stage.path("out/report.html")).unwrap();
    assert!(page.contains("paused by ann") && page.contains("ringback unpause"), "the page says it too");
    assert!(stage.state().contacts().len() < 200);
    stage.ringback(&["resume"]).with(75);
    stage.faults(&json!({ "latency_ms": 0 }));
    stage.ringback(&["unpause"]).with(0);
    stage.ringback(&["resume", "--rate", "100000", "-o", "resumed"]).with(0);
    assert_eq!((stage.state().contacts().len(), stage.state().texts().len()), (200, 200));
}

/// Nobody waits for the end of a hold of half an hour.
#[test]
fn a_run_that_waits_for_the_platform_obeys_it_too() {
    let stage = Stage::new(json!({ "too_many": "1@contact", "retry_after_secs": 500 }));
    stage.export("night.csv", &wishes(3));
    let mut run = stage.start(&["night.csv"]);
    run.until(|state| state.answered(CONTACT, "429") > 0);
    stage.ringback(&["pause"]).with(0);
    run.end().with(4).says(&["the ledger was paused by "]);
    stage.report().all("pending", "run.stopped");
}

/// What is read goes into the ledger, so that `resume` needs no input; nothing is sent.
#[test]
fn a_pause_while_inputs_are_read_sends_nothing_and_loses_nothing() {
    let stage = Stage::calm();
    pipe(&stage);
    let run = stage.start(&["pipe.csv"]);
    wait_for(&stage.path("ringback.db.lock"));
    let mut rows = File::options().write(true).open(stage.path("pipe.csv")).unwrap();
    stage.ringback(&["pause"]).with(0);
    rows.write_all(csv(&wishes(3)).as_bytes()).unwrap();
    // Longer than the second after which a run looks.
    std::thread::sleep(std::time::Duration::from_millis(1500));
    drop(rows);
    run.end().with(4).says(&["the ledger was paused by "]);
    stage.report().all("pending", "run.stopped");
    assert_eq!(stage.state().asked_in_all(), 0);
    stage.ringback(&["unpause"]).with(0);
    stage.ringback(&["resume", "--rate", "100000", "-o", "resumed"]).with(0);
    assert_eq!(stage.state().texts().len(), 3);
}

/// Whoever waits for the ledger and has it at last, looks again.
#[test]
fn a_run_that_waited_for_the_ledger_does_not_begin_under_a_pause() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(2));
    pipe(&stage);
    let first = stage.start(&["pipe.csv"]);
    wait_for(&stage.path("ringback.db.lock"));
    let mut waits = stage.command(&["run", "night.csv", "-o", "waited", "--wait", "5m"]);
    let waits = waits.stderr(std::process::Stdio::piped()).stdout(std::process::Stdio::null()).spawn().unwrap();
    // Its folder is there when it begins to wait.
    wait_for_folder(&stage.path("waited"));
    stage.ringback(&["pause"]).with(0);
    first.kill();
    let ended = waits.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(75), "{ended:?}");
    assert_eq!((stage.commands(), stage.state().asked_in_all()), (vec!["run".to_owned()], 0));
}

fn wait_for_folder(folder: &std::path::Path) {
    while !folder.is_dir() {
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
}

#[test]
fn the_first_pause_stands_and_a_damaged_one_too() {
    let stage = stage();
    stage.ringback(&["unpause"]).with(0).says(&["is not paused"]);
    assert_eq!(stage.ringback(&["unpause", "-q"]).with(0).stdout, "");
    let told = stage.ringback(&["pause", "--reason", "one\u{1b}[2J", "--json"]).with(0).stdout;
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((&told["user"], &told["reason"], &told["is_new"]), (&"ann".into(), &"one [2J".into(), &true.into()));
    let stage = stage.with("USER", "bob");
    stage.ringback(&["pause", "--reason", "two"]).with(0).says(&["was paused already by ann", "one"]);
    stage.ringback(&["pause", "--ledger", "nobody.db"]).with(66).says(&["nobody.db"]);
    stage.put(FILE, "{");
    stage.run(&["night.csv"]).with(75).says(&["paused by a file that cannot be read"]);
    stage.put(FILE, r#"{"user": "eve\u001b[31m", "reason": "+12025550198"}"#);
    let refused = stage.run(&["night.csv"]).with(75);
    assert!(!refused.stderr.contains('\u{1b}') && !refused.stderr.contains("2025550198"), "{}", refused.stderr);
    refused.says(&["by eve [31m"]);
    let told: Value = serde_json::from_str(&stage.ringback(&["unpause", "--json"]).with(0).stdout).unwrap();
    assert_eq!((&told["paused"], &told["was_paused"]), (&false.into(), &true.into()));
    stage.run(&["night.csv"]).with(0);
}

#[test]
fn what_is_told_to_be_typed_names_ledger_and_settings() {
    let stage = Stage::calm();
    std::fs::create_dir(stage.path("it's mine")).unwrap();
    stage.export("night.csv", &wishes(2));
    stage.run(&["night.csv", "--limit", "1", "--ledger", LEDGER]).with(4);
    let paused = stage.ringback(&["pause", "--ledger", LEDGER]).with(0);
    let refused = stage.ringback(&["resume", "--ledger", LEDGER]).with(75);
    assert_eq!(hint(&refused, "ringback unpause"), hint(&paused, "ringback unpause"));
    let over = typed(&stage, &hint(&refused, "ringback unpause")).with(0);
    typed(&stage, &hint(&over, "ringback resume")).with(0).says(&["confirmed"]);
    assert!(!stage.path("ringback.db").exists());
}
