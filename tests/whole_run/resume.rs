//! `ringback resume`: the ledger's unfinished callbacks, without their input.

use serde_json::json;

use crate::export::{wish, wishes};
use crate::fates::hours_that_are_closed_now;
use crate::platform::{CONTACT, FORECAST, TEXT};
use crate::report::Report;
use crate::stage::{Ended, Stage};
use crate::stops::{killed_before_any_answer, nothing_lost_and_nothing_twice};

/// A stage on which every input is gone by the time of the resume.
fn resume(stage: &Stage, args: &[&str]) -> Ended {
    let _ = std::fs::remove_file(stage.path("night.csv"));
    stage.ringback(&[&["resume", "--rate", "100000", "-o", "resumed"], args].concat())
}

/// The report of the resume. It has no inputs, its rows no records, and there are no rejects.
fn resumed(stage: &Stage) -> Report {
    let report = Report::read(&stage.path("resumed"));
    assert_eq!(report.summary["inputs"], json!([]));
    for row in &report.rows {
        assert_eq!((row.at("input"), row.at("line"), row.at("record_id")), ("", "", ""));
    }
    let files = crate::stage::files(&stage.path("resumed"));
    assert!(!files.iter().any(|file| file.to_string_lossy().contains("rejects")), "{files:?}");
    report
}

#[test]
fn what_a_limit_left_is_taken_up_by_dispatch_time_and_a_second_time_nothing_is_asked() {
    let stage = Stage::calm();
    let mut night = wishes(6);
    night.iter_mut().step_by(2).for_each(|wish| wish.language = "es-MX".to_owned());
    night[5] = night[5].clone().campaign("sales-west");
    stage.export("night.csv", &night);
    stage.run(&["night.csv", "--limit", "2"]).with(4).says(&["`ringback resume` goes on with what is pending"]);
    let first = stage.report();
    resume(&stage, &["--limit", "1"]).with(4).says(&["resume ", "4 rows from the ledger"]);
    let report = resumed(&stage);
    assert_eq!(report.column("status"), ["confirmed", "pending", "pending", "pending"]);
    assert_eq!(report.column("code"), ["", "run.limit", "run.limit", "run.limit"]);
    resume(&stage, &[]).with(0);
    let report = resumed(&stage);
    report.all("confirmed", "");
    assert_eq!((report.rows.len(), stage.state().texts().len()), (3, 6));
    let mut times = report.column("dispatch_at");
    times.sort_unstable();
    assert_eq!(times, report.column("dispatch_at"));
    for row in &report.rows {
        assert_eq!(row.at("run_id"), report.summary["run_id"]);
        let spanish = stage.state().texts_for(row.at("phone"), row.at("callback_id"))[0].starts_with("Le llamaremos");
        assert_eq!(spanish, row.at("language") == "es-MX", "{row:?}");
        let before = first.rows.iter().find(|before| before.at("callback_id") == row.at("callback_id")).unwrap();
        for column in ["phone", "campaign_id", "language", "window_start", "window_end"] {
            assert_eq!(row.at(column), before.at(column));
        }
    }
    nothing_is_left(&stage);
    stage.export("night.csv", &night);
    stage.run(&["night.csv"]).with(0);
    stage.report().all("already_done", "");
    stage.report().is_what_the_platform_did(&stage.state());
}

/// A further resume has no rows, makes no request, and is all settled.
#[track_caller]
fn nothing_is_left(stage: &Stage) {
    let before = stage.state().asked_in_all();
    resume(stage, &[]).with(0);
    let report = resumed(stage);
    assert_eq!((report.rows.len(), stage.state().asked_in_all()), (0, before));
    report.asked_nothing();
    assert_eq!(resume(stage, &["-q"]).with(0).stdout, "");
}

#[test]
fn what_a_kill_left_is_finished_without_the_input() {
    let stage = Stage::new(json!({ "latency_ms": 10, "latency_jitter_ms": 30 }));
    stage.export("night.csv", &wishes(40));
    let mut run = stage.start(&["night.csv", "--concurrency", "8"]);
    run.until(|state| state.contacts().len() + state.texts().len() >= 20);
    run.kill();
    let ended = resume(&stage, &[]);
    let doubted = resumed(&stage).count("sms_in_doubt");
    ended.with(if doubted == 0 { 0 } else { 5 });
    nothing_is_left(&stage);
    stage.export("night.csv", &wishes(40));
    stage.run(&["night.csv"]).with(if doubted == 0 { 0 } else { 5 });
    stage.report().asked_nothing();
    assert_eq!(stage.report().count("already_done") + doubted, 40);
    nothing_lost_and_nothing_twice(&stage.report(), &stage.state());
}

/// Killed while every answer is on its way: the same bytes again, and one text each.
#[test]
fn contacts_whose_answers_never_came_are_taken_up_to_the_byte() {
    let stage = killed_before_any_answer(4);
    resume(&stage, &[]).with(0);
    let report = resumed(&stage);
    report.all("confirmed", "");
    report.is_what_the_platform_did(&stage.state());
    assert_eq!((stage.state().asked(FORECAST), stage.state().answered(CONTACT, "409")), (1, 4));
}

#[test]
fn texts_that_wait_go_out_once_the_hours_are_open() {
    let stage = Stage::calm().with("RINGBACK_SMS_HOURS", hours_that_are_closed_now());
    let stage = stage.tables("[campaigns.billing-east]\ntimezone = \"UTC\"\n");
    stage.export("night.csv", &wishes(3));
    stage.run(&["night.csv"]).with(0).says(&["`ringback resume`, in texting hours, sends the texts that wait"]);
    for dry in [&["-n"][..], &[]] {
        resume(&stage, dry).with(0).says(&["`ringback resume"]);
        resumed(&stage).all("sms_waiting", "sms.quiet_hours");
        resumed(&stage).asked_nothing();
    }
    let stage = stage.with("RINGBACK_SMS_HOURS", "always");
    resume(&stage, &["-n"]).with(0).says(&["plan "]);
    resumed(&stage).all("planned", "");
    resume(&stage, &[]).with(0);
    resumed(&stage).all("confirmed", "");
    resumed(&stage).is_what_the_platform_did(&stage.state());
    assert_eq!((stage.state().asked(CONTACT), stage.state().asked(TEXT)), (3, 3));
}

/// What is confirmed, refused, in doubt, expired or without a forecast is neither tried nor counted.
#[test]
fn what_is_settled_or_needs_a_person_is_left_alone() {
    let faults = json!({
        "refused_phones": ["+12025550101"], "refused_texts": ["+12025550102"], "forecast_empty": ["nobody"],
        "cut_after": "1@sms", "latency_ms": 20,
    });
    let stage = Stage::new(faults);
    let night = [wish(0), wish(1), wish(2), wish(3).campaign("nobody"), wish(4).hours(-90.0, -88.0)];
    stage.export("night.csv", &night);
    stage.run(&["night.csv", "--concurrency", "1"]);
    let told = stage.report();
    let status = told.column("status");
    assert_eq!(status, ["sms_in_doubt", "failed", "sms_failed", "failed", "expired"]);
    stage.faults(&json!({ "cut_after": 0.0, "refused_phones": [], "refused_texts": [], "forecast_empty": [] }));
    stage.export("morning.csv", &[wish(5), wish(6)]);
    stage.run(&["morning.csv", "--limit", "1"]).with(4);
    resume(&stage, &[]).with(0);
    assert_eq!(resumed(&stage).column("status"), ["confirmed"]);
    nothing_is_left(&stage);
    stage.ringback(&["resume", "--retry-failed"]).with(2);
}

#[test]
fn a_ledger_without_anything_unfinished_asks_not_even_for_a_token() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(1));
    stage.run(&["night.csv"]).with(0);
    let before = stage.state().asked_in_all();
    let told = resume(&stage, &["--json"]).with(0);
    let summary: serde_json::Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!((&summary["rows"], &summary["by_status"]), (&json!(0), &json!({})));
    assert_eq!(stage.state().asked_in_all(), before);
    assert_eq!(stage.commands(), ["run", "resume"]);
}

#[test]
fn a_ledger_that_is_not_there_is_named_and_none_is_made() {
    let stage = Stage::calm();
    let before = crate::stage::files(&stage.path(""));
    for (args, name) in [(&[][..], "ringback.db"), (&["--ledger", "lost.db"], "lost.db"), (&["-n"], "ringback.db")] {
        resume(&stage, args).with(66).says(&[name, "--ledger", "no ledger"]);
    }
    resume(&stage, &["--sandbox", "--ledger", "lost.db"]).with(66).says(&["lost.db"]);
    resume(&stage, &["--sandbox"]).with(2).says(&["--sandbox", "--ledger"]);
    resume(&stage, &["--now", "2026-11-23T20:00:00Z"]).with(2).says(&["--sandbox"]);
    resume(&stage, &["night.csv"]).with(2);
    assert_eq!(crate::stage::files(&stage.path("")), before);
    assert!(!stage.path("resumed").exists() && !stage.path("ringback-runs").exists());
    assert_eq!(stage.state().asked_in_all(), 0);
}

#[test]
fn a_resume_beside_a_run_is_turned_away_or_waits() {
    let stage = Stage::new(json!({ "latency_ms": 50 }));
    stage.export("night.csv", &wishes(40));
    let mut run = stage.start(&["night.csv", "--concurrency", "1"]);
    run.until(|state| state.asked(CONTACT) > 0);
    resume(&stage, &[]).with(75).says(&["ringback.db", &format!("process {}", run.pid())]);
    // It reads beside the run; a text that is on its way right then is in doubt to whoever looks.
    let plan = resume(&stage, &["--dry-run"]);
    assert!([0, 5].contains(&plan.code), "{plan:?}");
    run.until(|state| state.asked(CONTACT) > 4);
    run.signal("TERM");
    resume(&stage, &["--wait", "5m"]).with(0);
    run.end().with(4);
    assert_eq!(resumed(&stage).rows.len() + stage.report().count("confirmed"), 40);
    assert_eq!((stage.state().asked(CONTACT), stage.state().texts().len()), (40, 40));
}

#[test]
fn a_dry_run_gives_dispatch_times_and_leaves_the_ledger_as_it_is() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(3));
    stage.run(&["night.csv", "--limit", "1"]).with(4);
    let before = stage.commands();
    resume(&stage, &["-n"]).with(0);
    let report = resumed(&stage);
    report.all("planned", "");
    assert_eq!((report.rows.len(), stage.state().contacts().len(), stage.commands()), (2, 1, before));
    resume(&stage, &[]).with(0);
    resumed(&stage).all("confirmed", "");
}

/// The hours were other ones when it was taken up: it has lost its time, and is no bad row.
#[test]
fn a_callback_whose_hours_have_changed_is_expired_and_says_so() {
    let closed = "[hours.default]\ntimezone = \"UTC\"\nmon-sun = [\"01:00-02:00\"]\n";
    for again in ["resume", "run"] {
        let stage = Stage::calm();
        stage.export("night.csv", &wishes(2));
        stage.run(&["night.csv", "--limit", "1"]).with(4);
        let stage = stage.tables(closed);
        let report = if again == "resume" {
            resume(&stage, &[]).with(6);
            resumed(&stage)
        } else {
            stage.run(&["night.csv"]).with(6);
            stage.report()
        };
        let row = report.rows.iter().find(|row| row.at("status") != "already_done").unwrap();
        assert_eq!((row.at("status"), row.at("code")), ("expired", "window.past"));
        assert!(row.at("detail").contains("hours have changed"), "{row:?}");
        report.asked_nothing();
        nothing_is_left(&stage);
        // A row that the ledger does not know is judged by the hours that are.
        stage.export("night.csv", &wishes(3));
        stage.run(&["night.csv"]).with(6);
        assert_eq!((stage.report().count("expired"), stage.report().count("rejected")), (1, 1));
        let stage = stage.tables("");
        stage.run(&["night.csv"]).with(0);
        stage.report().is_what_the_platform_did(&stage.state());
    }
}

#[test]
fn a_stopped_run_names_the_command_that_goes_on_with_its_ledger() {
    let stage = Stage::new(json!({ "missing_scopes": ["messaging:session:write"] }));
    stage.export("night.csv", &wishes(2));
    stage.put("other.toml", std::fs::read(stage.path("ringback.toml")).unwrap());
    let options = ["--config", "other.toml", "--ledger", "the other.db"];
    let named = "`ringback resume --config other.toml --ledger 'the other.db'` does the rest";
    stage.run(&[&["night.csv"], &options[..]].concat()).with(77).says(&[named]);
    resume(&stage, &options).with(77).says(&[named]);
    stage.faults(&json!({ "missing_scopes": [] }));
    resume(&stage, &options).with(0);
    resumed(&stage).all("confirmed", "");
    resumed(&stage).is_what_the_platform_did(&stage.state());
}

/// What the copy holds as owed may have been done since: the resume that finds this out says what to do.
#[test]
fn a_restored_ledger_is_told_of_and_texts_nobody_twice() {
    let stage = Stage::new(json!({ "missing_scopes": ["messaging:session:write"] }));
    stage.export("night.csv", &wishes(2));
    stage.run(&["night.csv"]).with(77);
    std::fs::copy(stage.path("ringback.db"), stage.path("copy.db")).unwrap();
    stage.faults(&json!({ "missing_scopes": [] }));
    resume(&stage, &[]).with(0);
    std::fs::copy(stage.path("copy.db"), stage.path("ringback.db")).unwrap();
    let asked = stage.state().asked_in_all();
    resume(&stage, &[]).with(78).says(&["ringback.db ends with run 1", "ringback ledger adopt --as copy"]);
    assert_eq!(stage.state().asked_in_all(), asked);
    stage.ringback(&["ledger", "adopt", "--as", "copy"]).with(0).says(&["callbacks in doubt: 2"]);
    resume(&stage, &[]).with(0);
    let doubts = stage.ringback(&["report", "--format", "csv", "--status", "sms_in_doubt"]).with(0).stdout;
    assert_eq!((doubts.lines().count() - 1, stage.state().texts().len()), (2, 2));
}

/// A rehearsal's own ledger can be resumed where it is named; the clock too may be the rehearsal's.
#[test]
fn a_rehearsal_is_resumed_by_its_ledger() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(3));
    stage
        .run(&["night.csv", "--sandbox", "--limit", "1"])
        .with(4)
        .says(&["`ringback resume --sandbox --ledger out/ringback.db`"]);
    let now = chrono::Utc::now().to_rfc3339();
    let args = ["--sandbox", "--ledger", "out/ringback.db", "--now", &now];
    resume(&stage, &args).with(0);
    resumed(&stage).all("confirmed", "");
    assert_eq!((resumed(&stage).rows.len(), stage.state().asked_in_all()), (2, 0));
}

/// What a run that died early was to do stands in its input alone: that is said, and not with 0.
#[test]
fn a_run_that_died_before_its_input_was_in_the_ledger_is_not_forgotten() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(4));
    let died = stage.command(&["run", "night.csv", "-o", "out"]).env("RINGBACK_CRASH_AT", "enrol.between").output();
    assert_eq!(died.unwrap().status.code(), None);
    let told = stage.ringback(&["resume", "-q", "-o", "out", "--rate", "100000"]).with(4);
    told.says(&["run 1", "give that input"]);
    let verdict = told.stdout.lines().next().unwrap_or_default();
    assert!(verdict.contains("give that input") && !verdict.contains("goes on"), "{verdict}");
    stage.run(&["night.csv"]).with(0);
    stage.ringback(&["resume", "-q", "-o", "again"]).with(0);
    stage.report().is_what_the_platform_did(&stage.state());
}
