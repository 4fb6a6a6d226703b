//! Runs that are killed in their first moments, and others that follow: whoever was to be called is in the ledger, or the
//! run is named until its input has come again.

use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;

use crate::export::{wish, wishes};
use crate::ledger::Left;
use crate::stage::{Ended, Stage};

/// Random draws.
const DRAWS: u64 = 8;

/// Rows of the input whose run is killed.
const ROWS: usize = 300;

/// A run is killed within this time: about as long as it takes to begin and to take its input up.
const WITHIN_MS: u64 = 250;

#[test]
fn a_run_that_was_killed_early_forgets_nobody_whatever_runs_follow() {
    for seed in 0..DRAWS {
        let wait = Duration::from_millis(fastrand::Rng::with_seed(seed).u64(0..WITHIN_MS));
        let stage = Stage::calm();
        stage.export("night.csv", &wishes(ROWS));
        stage.export("other.csv", &[wish(ROWS + 1), wish(ROWS + 2)]);
        killed_after(wait, &stage);
        run(&stage, "other.csv");
        let known = Left::read(&stage.path("")).callbacks.len();
        let is_named = is_named(&stage);
        let has_begun = runs(&stage).len() > 2;
        assert!(is_named || known == ROWS + 2 || !has_begun, "{wait:?}: {known} are known, and nobody is told");
        run(&stage, "night.csv");
        assert!(!self::is_named(&stage), "{wait:?}: its input has come again");
        assert_eq!(stage.state().by_id().len(), ROWS + 2, "{wait:?}");
        assert_eq!(stage.state().contacts().len(), ROWS + 2, "{wait:?}");
    }
}

fn killed_after(wait: Duration, stage: &Stage) {
    let mut run = stage.command(&["run", "night.csv", "-o", "died", "--rate", "100000"]);
    let mut run = run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(wait);
    let _ = run.kill();
    run.wait().unwrap();
}

/// A run to its end; what was in flight when the first one died may be in doubt.
#[track_caller]
fn run(stage: &Stage, input: &str) {
    let ended = stage.run(&[input]);
    assert!([0, 5].contains(&ended.code), "{ended:?}");
}

/// Whether `resume`, which does what it can, asks for the input.
#[track_caller]
fn is_named(stage: &Stage) -> bool {
    let ended: Ended = stage.ringback(&["resume", "--rate", "100000", "-o", "resumed"]);
    let is_named = ended.stdout.contains("give that input");
    assert_eq!(is_named, ended.code == 4, "{ended:?}");
    is_named
}

fn runs(stage: &Stage) -> Vec<Value> {
    serde_json::from_str(&stage.ringback(&["runs", "--json"]).with(0).stdout).unwrap()
}
