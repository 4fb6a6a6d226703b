//! Pipes that nobody writes to, where a file is looked for or will stand: told or replaced, and never waited for.

use std::os::unix::fs::FileTypeExt;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::export::{csv, wishes};
use crate::stage::{Ended, Stage};

/// Longer than any limit on waiting, and shorter than for ever.
const PATIENCE: Duration = Duration::from_mins(2);

fn stage() -> Stage {
    let stage = Stage::calm();
    stage.put("night.csv", csv(&wishes(2)) + "bad,unknown,,,,\n");
    stage
}

fn pipe(stage: &Stage, name: &str) {
    assert!(Command::new("mkfifo").arg(stage.path(name)).status().unwrap().success());
}

/// A command that must come to its end by itself.
#[track_caller]
fn ends(stage: &Stage, args: &[&str]) -> Ended {
    let mut command = stage.command(args);
    let mut child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("it waits: {:?}", child.wait_with_output().unwrap());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

#[test]
fn a_pipe_in_the_place_of_the_figures_is_told() {
    let stage = stage();
    pipe(&stage, "night.prom");
    let run = ["run", "night.csv", "-o", "out", "--rate", "100000"];
    ends(&stage, &[&run[..], &["--metrics-file", "night.prom"]].concat()).with(2).says(&["--metrics-file", "pipe"]);
    assert_eq!(stage.state().asked_in_all(), 0);
    let stage = stage.with("RINGBACK_METRICS_FILE", "night.prom");
    ends(&stage, &run).with(3).says(&["RINGBACK_METRICS_FILE", "pipe"]);
    assert!(std::fs::metadata(stage.path("night.prom")).unwrap().file_type().is_fifo());
}

#[test]
fn pipes_in_the_place_of_a_report_are_replaced() {
    let stage = stage();
    std::fs::create_dir(stage.path("out")).unwrap();
    let names = ["summary.json", "results.csv", "rejects.csv", "report.html"].map(|name| format!("out/{name}"));
    for name in &names {
        pipe(&stage, name);
    }
    ends(&stage, &["run", "night.csv", "-o", "out", "--rate", "100000"]).with(3);
    stage.report().is_what_the_platform_did(&stage.state());
    assert!(names.iter().all(|name| stage.path(name).is_file()));
}

#[test]
fn pipes_in_the_place_of_ledger_lock_settings_and_secret_are_told() {
    let stage = stage();
    for name in ["ringback.pipe", "other.db.lock", "config.toml"] {
        pipe(&stage, name);
    }
    let run = |more: &[&str]| ends(&stage, &[&["run", "night.csv", "-o", "out"], more].concat());
    run(&["--ledger", "ringback.pipe"]).with(78).says(&["ringback.pipe"]);
    run(&["--ledger", "other.db"]).with(74).says(&["other.db.lock"]);
    run(&["--config", "config.toml"]).with(78).says(&["config.toml", "no regular file"]);
    assert_eq!(stage.state().asked_in_all(), 0);
    assert!(!stage.path("out").exists());
}

#[test]
fn settings_that_come_through_a_pipe_are_read() {
    let stage = stage();
    let program = env!("CARGO_BIN_EXE_ringback");
    let mut shell = stage.command(&[]);
    let script = format!("mkfifo p; (sleep 0.3; cat ringback.toml > p) & exec {program} config --config p");
    let mut through = Command::new("sh");
    through.args(["-c", &script]).current_dir(stage.path(""));
    through.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    through.envs(shell.env("HOME", stage.path("")).get_envs().filter_map(|(name, value)| Some((name, value?))));
    Ended::of(&mut through).with(0).says(&["+18005551234"]);
}
