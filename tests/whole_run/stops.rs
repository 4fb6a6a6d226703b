//! Runs that are stopped or killed, and what the next one makes of it.

use std::collections::BTreeSet;

use serde_json::json;

use crate::export::{Wish, wish, wishes};
use crate::platform::{CONTACT, FORECAST, State, TEXT};
use crate::report::Report;
use crate::stage::Stage;

#[test]
fn a_signal_ends_the_handing_out_and_the_same_command_again_finishes() {
    // With four in flight: in the middle of the first texts, and of the contacts behind them.
    for (signal, contacts, texts) in [("TERM", 4, 4), ("INT", 6, 4)] {
        let stage = Stage::new(json!({ "latency_ms": 60 }));
        stage.export("night.csv", &wishes(40));
        let mut run = stage.start(&["night.csv", "--concurrency", "4"]);
        run.until(|state| state.contacts().len() >= contacts && state.asked(TEXT) >= texts);
        run.signal(signal);
        run.end().with(4).says(&["signal"]);
        let (report, state) = (stage.report(), stage.state());
        assert!(report.count("pending") > 0 && report.count("confirmed") > 0);
        assert_eq!(report.count("pending") + report.count("confirmed"), 40);
        assert!(report.rows.iter().all(|row| (row.at("code") == "run.stopped") == (row.at("status") == "pending")));
        // What was in flight got its answer: nothing that the platform did is missing from the report.
        assert_eq!(state.texts().len(), report.count("confirmed"));
        assert_eq!(state.contacts().len(), report.column("contact_id").iter().filter(|id| !id.is_empty()).count());
        stage.run(&["night.csv"]).with(0);
        assert_eq!(stage.report().count("already_done"), report.count("confirmed"));
        stage.report().is_what_the_platform_did(&stage.state());
        assert_eq!(stage.state().asked(CONTACT), 40, "no contact was asked for twice");
    }
}

#[test]
fn a_deadline_stops_like_a_signal() {
    let stage = Stage::new(json!({ "latency_ms": 100 }));
    stage.export("night.csv", &wishes(200));
    stage.run(&["night.csv", "--concurrency", "2", "--max-duration", "1s"]).with(4);
    let report = stage.report();
    assert_eq!(report.count("pending") + report.count("confirmed"), 200);
    assert!(report.rows.iter().all(|row| (row.at("code") == "run.deadline") == (row.at("status") == "pending")));
}

/// One contact for every row, in the bytes of its first attempt, and no other; one text for every row, but for
/// those of which the report says that nobody knows.
pub(crate) fn nothing_lost_and_nothing_twice(report: &Report, state: &State) {
    let asked_for: BTreeSet<&str> = report.column("callback_id").into_iter().collect();
    let there: BTreeSet<&str> = state.by_id().into_keys().collect();
    assert_eq!((there, state.contacts().len()), (asked_for, report.rows.len()));
    assert!(state.contacts().iter().all(|contact| contact["askedOtherwise"] == 0));
    for row in &report.rows {
        let texts = state.texts_for(row.at("phone"), row.at("callback_id")).len();
        let right = match row.at("status") {
            "confirmed" | "already_done" => texts == 1,
            "sms_in_doubt" => texts <= 1,
            _ => false,
        };
        assert!(right, "{texts} texts for {row:?}");
    }
}

/// A kill at an arbitrary point: when the platform has carried out so many requests.
#[test]
fn a_run_that_is_killed_again_and_again_loses_nothing_and_does_nothing_twice() {
    let stage = Stage::new(json!({ "latency_ms": 10, "latency_jitter_ms": 30 }));
    stage.export("night.csv", &wishes(60));
    for requests in [1, 2, 5, 17, 31, 48, 77, 101] {
        let mut run = stage.start(&["night.csv", "--concurrency", "8"]);
        run.until(|state| state.contacts().len() + state.texts().len() >= requests);
        run.kill();
    }
    let ended = stage.run(&["night.csv"]);
    let (report, state) = (stage.report(), stage.state());
    let doubted = report.count("sms_in_doubt");
    ended.with(if doubted == 0 { 0 } else { 5 });
    assert_eq!(report.count("confirmed") + report.count("already_done") + doubted, 60);
    assert!(doubted <= 8 * 8, "no more than were in flight");
    nothing_lost_and_nothing_twice(&report, &state);
    let before = state.asked_in_all();
    stage.run(&["night.csv"]);
    stage.report().asked_nothing();
    assert_eq!(stage.state().asked_in_all(), before);
}

/// A run that was killed while the answers to all its contacts were still on their way.
pub(crate) fn killed_before_any_answer(callbacks: usize) -> Stage {
    let stage = Stage::new(json!({ "latency_ms": 300 }));
    stage.export("night.csv", &wishes(callbacks));
    let mut run = stage.start(&["night.csv"]);
    run.until(|state| state.asked(FORECAST) > 0);
    stage.faults(&json!({ "latency_ms": 600_000 }));
    run.until(|state| state.contacts().len() == callbacks);
    run.kill();
    stage.faults(&json!({ "latency_ms": 0 }));
    stage
}

/// All contacts exist, and nobody has been told.
#[test]
fn contacts_whose_answers_never_came_are_found_and_texted_once() {
    let stage = killed_before_any_answer(6);
    stage.run(&["night.csv"]);
    nothing_lost_and_nothing_twice(&stage.report(), &stage.state());
    assert_eq!(stage.state().answered(CONTACT, "409"), 6, "each was asked for again, and was there");
}

/// What was sent once is sent again to the byte, also where the settings would make other bytes by now.
#[test]
fn settings_that_changed_meanwhile_change_nothing_that_was_sent() {
    let stage = killed_before_any_answer(6);
    let stage = stage.with("RINGBACK_CONTACT_RETRY_COUNT", "7").with("RINGBACK_SMS_FROM", "+18005550000");
    stage.run(&["night.csv"]).with(0);
    assert_eq!(stage.state().answered(CONTACT, "409"), 6);
    nothing_lost_and_nothing_twice(&stage.report(), &stage.state());
    assert!(stage.state().texts().iter().all(|text| text["from"] == "+18005551234"));
}

#[test]
fn a_killed_run_finished_by_another_file_does_nothing_twice() {
    let stage = Stage::new(json!({ "latency_ms": 20 }));
    stage.export("night.csv", &wishes(20));
    let mut run = stage.start(&["night.csv", "--concurrency", "2"]);
    run.until(|state| state.contacts().len() >= 3);
    run.kill();
    let mut more: Vec<Wish> = (10..30).map(wish).collect();
    more.extend(wishes(10));
    stage.put("merged.ndjson", crate::export::ndjson(&more));
    stage.run(&["merged.ndjson"]);
    let (report, state) = (stage.report(), stage.state());
    assert_eq!(report.rows.len(), 30);
    nothing_lost_and_nothing_twice(&report, &state);
}

#[test]
fn a_second_signal_leaves_at_once_and_the_ledger_makes_that_safe() {
    let stage = Stage::new(json!({ "latency_ms": 300 }));
    stage.export("night.csv", &wishes(4));
    let mut run = stage.start(&["night.csv"]);
    run.until(|state| state.asked(FORECAST) > 0);
    stage.faults(&json!({ "latency_ms": 600_000 }));
    run.until(|state| state.contacts().len() == 4);
    run.signal_until_it_ends("TERM").with(4);
    stage.faults(&json!({ "latency_ms": 0 }));
    stage.run(&["night.csv"]);
    nothing_lost_and_nothing_twice(&stage.report(), &stage.state());
}

#[test]
fn a_run_waits_for_the_ledger_if_it_is_told_to() {
    let stage = Stage::new(json!({ "latency_ms": 50 }));
    stage.export("night.csv", &wishes(20));
    let mut first = stage.start(&["night.csv", "--concurrency", "2"]);
    first.until(|state| state.asked(CONTACT) > 0);
    stage.ringback(&["run", "night.csv", "-o", "second", "--wait", "5m"]).with(0);
    Report::read(&stage.path("second")).all("already_done", "");
    first.end().with(0);
    assert_eq!(stage.state().asked(CONTACT), 20);
}

/// Time that was waited for the lock is nobody's run: not in the sums, the ledger, or the figures.
#[test]
fn a_run_that_waited_begins_when_it_has_the_ledger() {
    let stage = Stage::new(json!({ "latency_ms": 100 }));
    stage.export("night.csv", &wishes(60));
    let mut first = stage.start(&["night.csv", "--concurrency", "1"]);
    first.until(|state| state.asked(CONTACT) > 0);
    let mut second =
        stage.command(&["run", "night.csv", "-o", "second", "--wait", "5m", "--metrics-file", "second.prom"]);
    let mut second = second.stdout(std::process::Stdio::null()).spawn().unwrap();
    // At a tenth of a second each, three seconds at least.
    first.until(|state| state.asked(CONTACT) > 15);
    stage.faults(&json!({ "latency_ms": 0 }));
    first.end().with(0);
    assert!(second.wait().unwrap().success());
    let seconds =
        |time: &serde_json::Value| chrono::DateTime::parse_from_rfc3339(time.as_str().unwrap()).unwrap().timestamp();
    let ended = seconds(&stage.report().summary["finished_at"]);
    let began = seconds(&Report::read(&stage.path("second")).summary["started_at"]);
    assert!(began >= ended, "the second began {} s before the first ended", ended - began);
    let runs: serde_json::Value = serde_json::from_str(&stage.ringback(&["runs", "--json"]).with(0).stdout).unwrap();
    assert!(seconds(&runs[0]["started_at"]) >= ended, "{runs}");
    let figures = crate::prom::Figures::read(&stage.path("second.prom"));
    let at = |name: &str| figures.at(&format!("ringback_last_run_{name}_seconds{{file=\"second\"}}"));
    assert!(at("timestamp") - at("duration") >= ended, "{} s", at("duration"));
}

#[test]
fn a_second_run_on_the_same_ledger_is_turned_away_by_whatever_name() {
    let stage = Stage::new(json!({ "latency_ms": 50 }));
    stage.export("night.csv", &wishes(20));
    let mut first = stage.start(&["night.csv", "--concurrency", "1"]);
    first.until(|state| state.asked(CONTACT) > 0);
    std::os::unix::fs::symlink(stage.path("ringback.db"), stage.path("symbolic.db")).unwrap();
    for name in ["ringback.db", "symbolic.db"] {
        stage.ringback(&["run", "night.csv", "-o", "second", "--ledger", name]).with(75).says(&[name]);
    }
    std::fs::hard_link(stage.path("ringback.db"), stage.path("hard.db")).unwrap();
    stage.ringback(&["run", "night.csv", "-o", "second", "--ledger", "hard.db"]).with(74).says(&["2 hard links"]);
    std::fs::remove_file(stage.path("hard.db")).unwrap();
    first.end().with(0);
    stage.ringback(&["run", "night.csv", "-o", "second", "--ledger", "symbolic.db"]).with(0);
    Report::read(&stage.path("second")).all("already_done", "");
    nothing_lost_and_nothing_twice(&stage.report(), &stage.state());
}

/// Killed while every text is on its way: whether it arrived is for a person to find out.
#[test]
fn texts_whose_answers_never_came_are_in_doubt_and_not_sent_again() {
    let stage = Stage::new(json!({ "latency_ms": 300 }));
    stage.export("night.csv", &wishes(6));
    let mut run = stage.start(&["night.csv"]);
    run.until(|state| state.contacts().len() == 6);
    stage.faults(&json!({ "latency_ms": 600_000 }));
    run.until(|state| state.texts().len() == 6);
    run.kill();
    stage.faults(&json!({ "latency_ms": 0 }));
    stage.run(&["night.csv"]);
    let report = stage.report();
    assert_eq!(report.count("sms_in_doubt") + report.count("already_done"), 6);
    assert!(report.rows.iter().all(|row| row.at("status") == "already_done" || row.at("code") == "sms.no_answer"));
    assert_eq!((stage.state().texts().len(), stage.state().asked(CONTACT)), (6, 6));
}

/// Each of so many rows has one text at most.
fn nobody_is_texted_twice(stage: &Stage, rows: usize) {
    let (report, state) = (stage.report(), stage.state());
    assert_eq!(report.rows.len(), rows);
    for row in &report.rows {
        assert!(state.texts_for(row.at("phone"), row.at("callback_id")).len() <= 1, "{row:?}");
    }
}

/// What a killed run did last stands in the log beside the ledger; what it did before that, in the ledger.
#[test]
fn a_ledger_whose_log_was_taken_away_texts_nobody_twice() {
    let stage = Stage::new(json!({ "latency_ms": 20 }));
    stage.export("night.csv", &wishes(60));
    let mut run = stage.start(&["night.csv", "--concurrency", "4"]);
    run.until(|state| state.contacts().len() >= 20);
    let beside = rusqlite::Connection::open(stage.path("ringback.db")).unwrap();
    beside.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).unwrap();
    drop(beside);
    run.until(|state| state.texts().len() >= 40);
    run.kill();
    // Whoever only looks leaves the log there.
    stage.ringback(&["runs"]).with(0);
    std::fs::remove_file(stage.path("ringback.db-wal")).unwrap();
    stage.run(&["night.csv"]).with(78).says(&["has lost its -wal"]);
    stage.ringback(&["ledger", "adopt", "--as", "copy"]).with(0);
    stage.run(&["night.csv"]).with(5);
    nobody_is_texted_twice(&stage, 60);
}

/// Whoever opens a ledger with SQLite's own tools after a kill moves the log into it and takes it away: nothing is
/// missing then, and nothing that is owed needs a doubt.
#[test]
fn a_log_that_a_reader_moved_into_the_ledger_is_not_missed() {
    let stage = Stage::new(json!({ "latency_ms": 20 })).with("RINGBACK_PLATFORM_CONTACT_IDS", "advisory");
    stage.export("night.csv", &wishes(60));
    let mut run = stage.start(&["night.csv", "--concurrency", "4"]);
    run.until(|state| state.texts().len() >= 10);
    run.kill();
    // Asks with SQLite and closes.
    stage.commands();
    assert!(!stage.path("ringback.db-wal").exists());
    let ended = stage.run(&["night.csv"]);
    assert!(!ended.stderr.contains("the ledger"), "{ended:?}");
    // Only what was on its way.
    let in_doubt = stage.report().rows.iter().filter(|row| row.at("status").ends_with("in_doubt")).count();
    assert!(in_doubt <= 4, "{in_doubt}");
}

/// A copy of a ledger alone, taken while its run went on and put back into the same file, knows of as many runs.
#[test]
fn an_earlier_state_of_the_same_run_texts_nobody_twice() {
    let stage = Stage::new(json!({ "latency_ms": 20 }));
    stage.export("night.csv", &wishes(60));
    let mut run = stage.start(&["night.csv", "--concurrency", "4"]);
    run.until(|state| state.contacts().len() >= 20);
    let beside = rusqlite::Connection::open(stage.path("ringback.db")).unwrap();
    beside.execute("VACUUM INTO ?1", [stage.path("early.db").to_str().unwrap()]).unwrap();
    drop(beside);
    run.until(|state| state.texts().len() >= 40);
    run.kill();
    std::fs::remove_file(stage.path("ringback.db-wal")).unwrap();
    std::fs::remove_file(stage.path("ringback.db-shm")).unwrap();
    std::fs::copy(stage.path("early.db"), stage.path("ringback.db")).unwrap();
    stage.run(&["night.csv"]).with(78).says(&["was restored from a copy"]);
    stage.ringback(&["ledger", "adopt", "--as", "copy"]).with(0);
    stage.run(&["night.csv"]).with(5);
    nobody_is_texted_twice(&stage, 60);
}
