//! Runs that are stopped before their first request.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use crate::export::{csv, wishes};
use crate::prom::Figures;
use crate::stage::{PATIENCE, Running, Stage};
use crate::watch::Service;

/// More rows than a pipe holds: who has written them has been read.
const ROWS: usize = 5000;

/// An input that somebody else writes.
pub(crate) fn pipe(stage: &Stage) -> std::path::PathBuf {
    let path = stage.path("pipe.csv");
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    path
}

/// Waits for a file with something in it.
pub(crate) fn wait_for(path: &Path) {
    let begun = std::time::Instant::now();
    while std::fs::metadata(path).map_or(true, |found| found.len() == 0) {
        assert!(begun.elapsed() < PATIENCE, "{} never came", path.display());
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
}

/// How far the reading has come when the signal arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Read {
    /// Nobody has opened the pipe for writing.
    NotOpened,
    /// Nothing was written.
    Nothing,
    /// Rows were, and more may come.
    Some,
}

impl Read {
    /// Brings a run so far, and keeps the pipe open.
    fn come(self, stage: &Stage) -> Option<File> {
        // Signed when the run is in the ledger.
        wait_for(&stage.path("ringback.db.lock"));
        if self == Self::NotOpened {
            return None;
        }
        let mut pipe = File::options().write(true).open(stage.path("pipe.csv")).unwrap();
        if self == Self::Some {
            pipe.write_all(csv(&wishes(ROWS)).as_bytes()).unwrap();
        }
        Some(pipe)
    }
}

/// Begins a run that is watched.
fn watched<'a>(stage: &'a Stage, input: &str, service: &Service) -> Running<'a> {
    stage.start(&[input, "--metrics-file", "night.prom", "--ping", &service.url])
}

fn exit_code_told(stage: &Stage) -> i64 {
    Figures::read(&stage.path("night.prom")).at("ringback_last_run_exit_code{file=\"night\"}")
}

#[test]
fn a_signal_while_inputs_are_read_is_told_to_all_who_watch() {
    for (read, signal) in [(Read::NotOpened, "TERM"), (Read::Nothing, "INT"), (Read::Some, "TERM")] {
        let (stage, service) = (Stage::calm(), Service::begin("200 OK"));
        pipe(&stage);
        let run = watched(&stage, "pipe.csv", &service);
        let held = read.come(&stage);
        run.signal(signal);
        run.end().with(4).says(&["stopped while reading: nothing was sent"]);
        drop(held);
        assert_eq!(service.end(), ["start", "4"].map(|word| format!("GET /ping/7f3c9d/{word}")), "{read:?}");
        assert_eq!(exit_code_told(&stage), 4);
        assert_eq!(stage.state().asked_in_all(), 0);
        assert!(!stage.path("out").exists(), "no report, and no folder for one");
        // Nobody but its input knows what it was to do, and the ledger says so.
        stage.ringback(&["resume"]).with(4).says(&["give that input to `ringback run` again"]);
        stage.export("night.csv", &wishes(3));
        stage.run(&["night.csv"]).with(0);
    }
}

/// All is read and nothing sent: the report says so of every row.
#[test]
fn a_signal_before_the_first_request_is_told_with_every_row_pending() {
    let service = Service::begin("200 OK");
    let stage = Stage::calm()
        .with("CXONE_CLIENT_SECRET", "")
        .tables("[platform]\nclient_secret_command = \"echo asked > asked && sleep 600\"\n");
    stage.export("night.csv", &wishes(30));
    let run = watched(&stage, "night.csv", &service);
    wait_for(&stage.path("asked"));
    run.signal("TERM");
    run.end().with(4).says(&["stopped by a signal"]);
    let report = stage.report();
    report.all("pending", "run.stopped");
    assert_eq!((report.rows.len(), &report.summary["requests"]["contact"]), (30, &0.into()));
    assert_eq!(service.end(), ["start", "4"].map(|word| format!("GET /ping/7f3c9d/{word}")));
    assert_eq!((exit_code_told(&stage), stage.state().asked_in_all()), (4, 0));
}
