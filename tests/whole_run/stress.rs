//! The ledger in trouble: a disk that is full, a place that takes nothing, a file cut short, a clock put back.

use std::path::Path;
use std::process::Command;

use chrono::TimeDelta;
use serde_json::json;

use crate::export::{csv, day, wish, wishes};
use crate::platform::{CONTACT, TEXT};
use crate::report::Report;
use crate::stage::{Ended, Stage};
use crate::stops::nothing_lost_and_nothing_twice;

/// A run that may make no file larger than so many blocks of 512 bytes. Whoever runs the tests need not be
/// anybody in particular for that, and a write beyond it fails as on a full disk.
pub(crate) fn limited(stage: &Stage, blocks: u32, args: &[&str]) -> Ended {
    let run = stage.command(&[&["run", "--rate", "100000", "-o", "out"], args].concat());
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f \"$0\" && exec \"$@\"", &blocks.to_string()]);
    command.arg(run.get_program()).args(run.get_args()).current_dir(run.get_current_dir().unwrap()).env_clear();
    command.envs(run.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Ended::of(&mut command)
}

/// What is sent is written down first, so a full disk stops the sending; what was in flight then is in doubt.
#[test]
fn a_disk_that_fills_up_while_a_run_sends_stops_it_and_loses_nothing() {
    let stage = Stage::new(json!({ "latency_ms": 5, "latency_jitter_ms": 10 }));
    stage.export("night.csv", &wishes(120));
    let ended = limited(&stage, 3000, &["night.csv", "--concurrency", "8"]).with(74);
    assert_eq!(ended.stderr.matches("nothing more is sent").count(), 1, "{}", ended.stderr);
    ended.says(&["ringback.db", "nothing more is sent"]);
    let (report, state) = (stage.report(), stage.state());
    assert!(report.count("confirmed") > 0 && report.count("pending") > 0, "{}", report.summary);
    assert_eq!(report.summary["conditions"][0], 74);
    for row in &report.rows {
        let texts = state.texts_for(row.at("phone"), row.at("callback_id")).len();
        let is_there = state.by_id().contains_key(row.at("callback_id"));
        assert!(row.at("status") != "confirmed" || is_there && texts == 1, "{row:?}");
        assert!(row.at("status") != "pending" || texts == 0, "{row:?}");
    }
    let told = report.count("in_doubt") + report.count("sms_in_doubt");
    assert!(told <= 8, "no more than were in flight: {told}");
    stage.run(&["night.csv"]);
    // What it called done, the ledger knows as done.
    let done = |report: &Report, status: &str| -> Vec<String> {
        let rows = report.rows.iter().filter(|row| row.at("status") == status);
        rows.map(|row| row.at("callback_id").to_owned()).collect()
    };
    assert_eq!(done(&report, "confirmed"), done(&stage.report(), "already_done"));
    assert!(stage.report().count("sms_in_doubt") <= 8);
    nothing_lost_and_nothing_twice(&stage.report(), &stage.state());
}

#[test]
fn a_disk_that_is_full_from_the_start_sends_nothing() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(3));
    limited(&stage, 0, &["night.csv"]).with(74);
    assert_eq!(stage.state().asked_in_all(), 0);
    stage.run(&["night.csv"]).with(0);
    stage.report().is_what_the_platform_did(&stage.state());
}

/// The ledger has room, the report has not: what was done is known to the next run.
#[test]
fn a_report_that_does_not_fit_leaves_the_ledger_whole() {
    let stage = Stage::calm();
    let mut rows = wishes(2);
    rows.extend((0..8000).map(|_| wish(0)));
    stage.put("night.csv", csv(&rows));
    let ended = limited(&stage, 2000, &["night.csv"]).with(74);
    ended.says(&["out", "cannot be written", "`ringback report ", "rejected", "the same command again"]);
    assert_eq!((stage.state().contacts().len(), stage.state().texts().len()), (2, 2));
    assert!(!stage.path("out/results.csv").exists() && !stage.path("out/summary.json").exists());
    stage.run(&["night.csv"]).with(0);
    assert_eq!((stage.report().count("already_done"), stage.report().count("duplicate")), (2, 8000));
    stage.report().asked_nothing();
}

/// Also for root, whom no mode keeps out.
#[test]
fn a_ledger_where_nothing_can_be_written_sends_nothing() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(2));
    std::fs::create_dir(stage.path("logless.db-wal")).unwrap();
    std::fs::create_dir(stage.path("lockless.db.lock")).unwrap();
    for ledger in ["/proc/ringback.db", "night.csv/ringback.db", "nowhere/ringback.db", "logless.db", "lockless.db"] {
        stage.run(&["night.csv", "--ledger", ledger]).with(74).says(&[ledger]);
    }
    assert_eq!(stage.state().asked_in_all(), 0);
}

/// A stage with a ledger of two confirmed callbacks, and a way to change its file.
fn finished(change: impl FnOnce(&Path)) -> Stage {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(2));
    stage.run(&["night.csv"]).with(0);
    change(&stage.path("ringback.db"));
    stage
}

#[test]
fn a_ledger_that_was_cut_short_is_not_gone_on_with() {
    const PAGE: u64 = 4096;
    let whole: [fn(u64) -> u64; 3] = [|length| length - PAGE, |length| length / PAGE / 2 * PAGE, |_| PAGE];
    let torn: [fn(u64) -> u64; 3] = [|length| length - 1, |length| length * 9 / 10, |_| 100];
    let cuts = whole.into_iter().chain(torn);
    for left in cuts {
        let stage = finished(|ledger| {
            let file = std::fs::OpenOptions::new().write(true).open(ledger).unwrap();
            file.set_len(left(file.metadata().unwrap().len())).unwrap();
        });
        let asked = stage.state().asked_in_all();
        stage.run(&["night.csv"]).with(74).says(&["ringback.db", "damaged", "backup"]);
        assert_eq!(stage.state().asked_in_all(), asked);
    }
}

/// An empty file is a ledger that is new, but its lock knows of an earlier one, and the platform of the contacts.
#[test]
fn a_ledger_that_was_emptied_texts_nobody_twice() {
    let stage = finished(|ledger| std::fs::write(ledger, "").unwrap());
    stage.run(&["night.csv"]).with(78).says(&["has a ledger already"]);
    stage.ringback(&["ledger", "adopt", "--as", "new"]).with(0);
    stage.run(&["night.csv"]).with(5);
    stage.report().all("sms_in_doubt", "contact.existed");
    assert_eq!((stage.state().contacts().len(), stage.state().texts().len()), (2, 2));
}

#[test]
fn a_ledger_of_a_newer_ringback_is_left_alone() {
    let stage = finished(|ledger| {
        let newer = |ledger: rusqlite::Connection| ledger.pragma_update(None, "user_version", 99);
        rusqlite::Connection::open(ledger).and_then(newer).unwrap();
    });
    let (bytes, asked) = (std::fs::read(stage.path("ringback.db")).unwrap(), stage.state().asked_in_all());
    for command in ["run", "plan"] {
        stage.ringback(&[command, "night.csv", "-o", "second"]).with(78).says(&["ringback.db", "99", "newer"]);
    }
    assert_eq!(std::fs::read(stage.path("ringback.db")).unwrap(), bytes);
    assert_eq!(stage.state().asked_in_all(), asked);
}

/// What the ledger dates ahead of the clock is neither waited for nor done again.
#[test]
fn a_clock_that_was_put_back_between_runs_costs_nothing() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(12));
    let noon = day() - TimeDelta::hours(12);
    let at = |hours: i64| (noon + TimeDelta::hours(hours)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let run = |now: &str, more: &[&str]| {
        let args = ["night.csv", "--sandbox", "--ledger", "rehearsal.db", "--now", now];
        let ended = stage.run(&[&args, more].concat());
        (ended.code, stage.report())
    };
    let dispatch = |report: &Report, status: &str| -> Vec<String> {
        let rows = report.rows.iter().filter(|row| row.at("status") == status);
        rows.map(|row| row.at("callback_id").to_owned() + row.at("dispatch_at")).collect()
    };
    let (code, first) = run(&at(0), &["--limit", "5"]);
    assert_eq!((code, first.count("confirmed"), first.count("pending")), (4, 5, 7));
    let (code, second) = run(&at(-6), &[]);
    assert_eq!((code, second.count("already_done"), second.count("confirmed")), (0, 5, 7));
    assert_eq!(dispatch(&second, "already_done"), dispatch(&first, "confirmed"));
    let (code, third) = run(&at(-9), &[]);
    assert_eq!((code, third.count("already_done")), (0, 12));
    third.asked_nothing();
}

/// A run that was killed before the ledger had anything of it, and one killed as it took the batch up.
#[test]
fn a_run_that_dies_at_its_very_beginning_leaves_nothing_in_the_way() {
    for point in ["enrol.between", "plan.before", "plan.after"] {
        let stage = Stage::calm();
        stage.export("night.csv", &wishes(3));
        let mut command = stage.command(&["run", "night.csv", "--rate", "100000"]);
        assert!(!command.env("RINGBACK_CRASH_AT", point).status().unwrap().success());
        assert_eq!((stage.state().asked(CONTACT), stage.state().asked(TEXT)), (0, 0));
        stage.run(&["night.csv"]).with(0);
        stage.report().is_what_the_platform_did(&stage.state());
    }
}
