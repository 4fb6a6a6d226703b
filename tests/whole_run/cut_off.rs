//! Runs that died before their input was in the ledger: named until it has come again, or a person says that it is not
//! needed.

use std::process::Stdio;

use serde_json::Value;

use crate::early::{pipe, wait_for};
use crate::export::{csv, wish, wishes};
use crate::hints::{LEDGER, hint, typed};
use crate::prom::Figures;
use crate::stage::{Ended, Stage};

/// The run is in the ledger, and nothing was read.
const UNREAD: &str = "open.between";

/// All is read, and a part of it is in the ledger.
const READ: &str = "enrol.between";

/// A run that dies at a point.
#[track_caller]
fn dies(stage: &Stage, point: &str, args: &[&str]) {
    let mut run = stage.command(&[&["run", "-o", "died", "--rate", "100000"], args].concat());
    assert_eq!(run.env("RINGBACK_CRASH_AT", point).output().unwrap().status.code(), None);
}

/// The same of rows from standard input.
#[track_caller]
fn dies_of(stage: &Stage, point: &str, rows: &str) {
    stage.put("stdin.csv", rows);
    let mut run = stage.command(&["run", "-", "-o", "died", "--rate", "100000"]);
    run.stdin(std::fs::File::open(stage.path("stdin.csv")).unwrap()).stdout(Stdio::null());
    assert_eq!(run.env("RINGBACK_CRASH_AT", point).output().unwrap().status.code(), None);
    std::fs::remove_file(stage.path("stdin.csv")).unwrap();
}

fn cut_off_in(stage: &Stage) -> i64 {
    let _ = stage.ringback(&["resume", "-q", "-o", "counted", "--metrics-file", "counted.prom"]);
    Figures::read(&stage.path("counted.prom")).at("ringback_runs_cut_off{file=\"counted\"}")
}

/// What all commands say of a run, by its number.
#[track_caller]
fn named(stage: &Stage, number: i64) {
    let words = format!("run {number} of ");
    let resumed = stage.ringback(&["resume", "-q", "-o", "resumed"]).with(4);
    resumed.says(&[&words, "give that input to `ringback run` again"]);
    stage.ringback(&["doctor"]).with(0).says(&["input missing", &words]);
    let runs = stage.ringback(&["runs", "--json"]).with(0).stdout;
    let runs: Vec<Value> = serde_json::from_str(&runs).unwrap();
    let run = runs.iter().find(|run| run["number"] == number).unwrap();
    assert_eq!(run["cut_off"], "missing", "{run}");
    assert!(cut_off_in(stage) > 0);
}

/// Nothing is said of any.
#[track_caller]
fn nobody_is_named(stage: &Stage) {
    let ended = stage.ringback(&["resume", "-q", "-o", "resumed"]).with(0);
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", ""));
    assert!(!stage.ringback(&["doctor"]).with(0).stdout.contains("input missing"));
    assert_eq!(cut_off_in(stage), 0);
}

#[test]
fn a_run_that_died_unread_is_named_by_all_until_the_same_file_has_come_again() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(4));
    stage.export("other.csv", &[wish(7)]);
    dies(&stage, UNREAD, &["night.csv"]);
    named(&stage, 1);
    let other = stage.run(&["other.csv", "-q"]).with(0);
    assert_eq!(other.stdout, "", "its own rows are all well");
    assert!(other.stderr.contains("run 1 of ") && other.stderr.contains("night.csv"), "{}", other.stderr);
    let page = std::fs::read_to_string(stage.path("out/report.html")).unwrap();
    assert!(page.contains("died before its input was in the ledger"));
    named(&stage, 1);
    stage.ringback(&["runs"]).with(0).says(&["died before its input was taken up"]);
    stage.ringback(&["report", "last", "--format", "html"]).with(0).says(&["died before its input was in the ledger"]);
    let again = stage.run(&["night.csv", "-q"]).with(0);
    assert_eq!(again.stderr, "", "its input has come again");
    nobody_is_named(&stage);
    stage.ringback(&["runs"]).with(0).says(&["its input came again"]);
    assert_eq!(stage.state().texts().len(), 5);
}

/// Another name is no matter, another content is.
#[test]
fn a_run_that_had_read_its_input_is_answered_for_by_the_same_bytes() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(4));
    dies(&stage, READ, &["night.csv"]);
    let bytes = std::fs::read(stage.path("night.csv")).unwrap();
    stage.export("night.csv", &wishes(3));
    stage.run(&["night.csv"]).with(0).says(&["run 1 of "]);
    named(&stage, 1);
    stage.put("renamed.csv", bytes);
    stage.run(&["renamed.csv"]).with(0);
    nobody_is_named(&stage);
    assert_eq!(stage.state().texts().len(), 4);
}

#[test]
fn inputs_may_come_again_one_by_one() {
    let stage = Stage::calm();
    stage.export("a.csv", &[wish(1)]);
    stage.export("b.csv", &[wish(2)]);
    dies(&stage, UNREAD, &["a.csv", "b.csv"]);
    stage.run(&["a.csv"]).with(0).says(&["run 1 of ", "a.csv", "b.csv"]);
    stage.run(&["b.csv"]).with(0);
    nobody_is_named(&stage);
}

#[test]
fn standard_input_that_was_read_comes_again_in_a_file_and_what_was_not_is_for_a_person() {
    let stage = Stage::calm();
    let rows = csv(&wishes(3));
    dies_of(&stage, READ, &rows);
    named(&stage, 1);
    stage.put("saved.csv", &rows);
    stage.run(&["saved.csv"]).with(0);
    nobody_is_named(&stage);
    dies_of(&stage, UNREAD, &rows);
    let number = i64::try_from(stage.commands().len()).unwrap();
    stage.run(&["saved.csv"]).with(0).says(&["standard input"]);
    named(&stage, number);
    stage.ringback(&["runs", "--dismiss", &number.to_string()]).with(0).says(&["is dismissed"]);
    nobody_is_named(&stage);
    stage.ringback(&["runs"]).with(0).says(&["  dismissed"]);
}

/// A signal leaves with the code that sends people to `resume`, which must know of it; what is refused says so itself.
#[test]
fn a_run_that_was_stopped_while_it_read_has_ended_and_is_named_and_a_refused_one_is_not() {
    let stage = Stage::calm();
    stage.put("broken.csv", "one,two\n1,2\n");
    stage.run(&["broken.csv"]).with(65);
    let bad = "bad,unknown,,,,\n".repeat(30);
    stage.put("bad.csv", csv(&wishes(1)) + &bad);
    stage.run(&["bad.csv"]).with(65);
    nobody_is_named(&stage);
    std::fs::remove_file(stage.path("ringback.db.lock")).unwrap();
    pipe(&stage);
    let run = stage.start(&["pipe.csv"]);
    wait_for(&stage.path("ringback.db.lock"));
    run.signal("TERM");
    run.end().with(4);
    let runs: Vec<Value> = serde_json::from_str(&stage.ringback(&["runs", "--json"]).with(0).stdout).unwrap();
    assert_eq!((&runs[0]["exit_code"], &runs[0]["cut_off"]), (&4.into(), &"missing".into()));
    stage.ringback(&["runs"]).with(0).says(&["stopped before its input was taken up"]);
    stage
        .ringback(&["resume", "-q", "-o", "r"])
        .with(4)
        .says(&["was stopped before its input", "standard input or a pipe"]);
}

/// A run that reads has not died.
#[test]
fn a_run_that_goes_on_is_not_named_and_cannot_be_dismissed() {
    let stage = Stage::calm();
    pipe(&stage);
    let run = stage.start(&["pipe.csv"]);
    wait_for(&stage.path("ringback.db.lock"));
    assert!(!stage.ringback(&["doctor"]).stdout.contains("input missing"));
    let held = stage.ringback(&["runs", "--dismiss", "1"]).with(75);
    held.says(&["another run holds the ledger", &format!("process {}", run.pid())]);
    run.kill();
    named(&stage, 1);
}

#[test]
fn a_run_is_dismissed_by_number_or_id_and_only_one_that_is_named() {
    let stage = Stage::calm();
    stage.ringback(&["runs", "--dismiss", "1"]).with(66).says(&["no ledger", "--ledger"]);
    stage.export("night.csv", &wishes(2));
    stage.run(&["night.csv"]).with(0);
    dies(&stage, UNREAD, &["night.csv"]);
    dies(&stage, UNREAD, &["night.csv"]);
    for (name, words) in [("1", "exit code 0"), ("9", "no run goes by"), ("night.csv", "no run goes by")] {
        stage.ringback(&["runs", "--dismiss", name]).with(2).says(&[words]);
    }
    let runs: Vec<Value> = serde_json::from_str(&stage.ringback(&["runs", "--json"]).with(0).stdout).unwrap();
    let id = runs[0]["run_id"].as_str().unwrap();
    assert_eq!(stage.ringback(&["runs", "--dismiss", id, "-q"]).with(0).stdout, "");
    let told: Value =
        serde_json::from_str(&stage.ringback(&["runs", "--dismiss", "2", "--json"]).with(0).stdout).unwrap();
    assert_eq!((&told["number"], &told["cut_off"]), (&2.into(), &"dismissed".into()));
    stage.ringback(&["runs", "--dismiss", "2"]).with(0).says(&["was dismissed already"]);
    nobody_is_named(&stage);
}

/// The two commands that are named work as they are printed.
#[test]
fn what_is_told_to_be_typed_names_the_ledger() {
    let stage = Stage::calm();
    std::fs::create_dir(stage.path("it's mine")).unwrap();
    stage.export("night.csv", &wishes(2));
    stage.export("other.csv", &[wish(7)]);
    dies(&stage, UNREAD, &["night.csv", "--ledger", LEDGER]);
    dies(&stage, UNREAD, &["other.csv", "--ledger", LEDGER]);
    let resume = || stage.ringback(&["resume", "-q", "-o", "resumed", "--ledger", LEDGER]);
    let told: Ended = resume().with(4);
    told.says(&["2 runs died or were stopped", "run 1 of ", "run 2 of "]);
    typed(&stage, &format!("{} night.csv", hint(&told, "ringback run "))).with(0);
    typed(&stage, &hint(&resume().with(4), "ringback runs ")).with(0).says(&["run 2 is dismissed"]);
    resume().with(0);
    assert!(!stage.path("ringback.db").exists());
}
