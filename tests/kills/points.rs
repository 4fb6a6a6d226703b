//! Each named point lies where its name says: one request at a time, so that all is exact, and the ledger and the
//! platform asked what they hold.

use std::os::unix::process::ExitStatusExt;
use std::time::{Duration, Instant};

use ringback::io::crash::{Point, VARIABLE};
use serde_json::json;

use crate::export::wishes;
use crate::ledger::Left;
use crate::platform::{CONTACT, FORECAST, State, TEXT};
use crate::stage::{Ended, Stage};

/// Where a run of three callbacks stands that died at a point; the second time it passed it, if there is one.
struct Stands {
    point: &'static str,
    /// Requests for forecasts, contacts and texts that the platform got.
    asked: [u64; 3],
    /// What the ledger holds of the callbacks, sorted.
    ledger: &'static [&'static str],
}

const fn stands(point: &'static str, asked: [u64; 3], ledger: &'static [&'static str]) -> Stands {
    Stands { point, asked, ledger }
}

const TABLE: [Stands; 17] = [
    stands("open.between", [0, 0, 0], &[]),
    stands("entry.between", [0, 0, 0], &["pending", "pending", "pending"]),
    stands("enrol.between", [0, 0, 0], &["pending", "pending", "pending"]),
    stands("plan.before", [1, 0, 0], &["pending", "pending", "pending"]),
    stands("plan.after", [1, 0, 0], &["pending at", "pending at", "pending at"]),
    stands("contact.before_intent:2", [1, 1, 1], &["confirmed at", "pending at", "pending at"]),
    stands("contact.after_intent:2", [1, 1, 1], &["confirmed at", "contact_in_flight at", "pending at"]),
    stands("contact.bytes_left:2", [1, 2, 1], &["confirmed at", "contact_in_flight at", "pending at"]),
    stands("contact.after_answer:2", [1, 2, 1], &["confirmed at", "contact_in_flight at", "pending at"]),
    stands("contact.after_outcome:2", [1, 2, 1], &["confirmed at", "contacted at", "pending at"]),
    stands("sms.before_intent:2", [1, 2, 1], &["confirmed at", "contacted at", "pending at"]),
    stands("sms.after_intent:2", [1, 2, 1], &["confirmed at", "pending at", "sms_in_flight at"]),
    stands("sms.bytes_left:2", [1, 2, 2], &["confirmed at", "pending at", "sms_in_flight at"]),
    stands("sms.after_answer:2", [1, 2, 2], &["confirmed at", "pending at", "sms_in_flight at"]),
    stands("sms.after_outcome:2", [1, 2, 2], &["confirmed at", "confirmed at", "pending at"]),
    stands("report.before", [1, 3, 3], &["confirmed at"; 3]),
    stands("report.after", [1, 3, 3], &["confirmed at"; 3]),
];

fn die(point: &str) -> Stage {
    // Answers to what has left come late: nobody has them when the process dies.
    let latency_ms = if point.contains("bytes_left") { 300 } else { 0 };
    let stage = Stage::new(json!({ "latency_ms": latency_ms }));
    stage.export("night.csv", &wishes(3));
    let mut command = stage.command(&["run", "night.csv", "--rate", "100000", "--concurrency", "1", "-o", "out"]);
    let output = command.env(VARIABLE, point).output().unwrap();
    assert_eq!(output.status.signal(), Some(9), "{point}: {output:?}");
    stage
}

fn asked(state: &State) -> [u64; 3] {
    [FORECAST, CONTACT, TEXT].map(|route| state.asked(route))
}

#[test]
fn each_point_lies_where_it_says() {
    for Stands { point, asked: expected, ledger } in TABLE {
        let stage = die(point);
        // What the kernel has taken, the platform gets.
        let begun = Instant::now();
        while asked(&stage.state()) != expected && begun.elapsed() < Duration::from_secs(10) {
            std::thread::sleep(Duration::from_millis(2));
        }
        assert_eq!(asked(&stage.state()), expected, "{point}");
        let left = Left::read(&stage.path(""));
        let word = |(progress, has_time): &(String, bool)| progress.clone() + if *has_time { " at" } else { "" };
        let mut held: Vec<String> = left.callbacks.values().map(word).collect();
        held.sort();
        assert_eq!(held, ledger, "{point}");
        assert_eq!(left.finished, 0, "{point}");
        assert_eq!(stage.path("out/summary.json").exists(), point == "report.after", "{point}");
    }
}

/// Half a report is none: the sums of the one before are gone first, and those of the new one come last.
#[test]
fn a_report_that_a_kill_cut_short_has_no_summary() {
    for (passes, results) in [(1, false), (2, false), (3, true), (4, true)] {
        let stage = Stage::calm();
        stage.export("night.csv", &wishes(3));
        stage.run(&["night.csv"]).with(0);
        let run = ["run", "night.csv", "--rate", "100000", "-o", "out"];
        let mut command = stage.command(&run);
        command.env(VARIABLE, format!("report.between:{passes}"));
        assert_eq!(command.output().unwrap().status.signal(), Some(9));
        let there = |name: &str| stage.path(name).exists();
        assert_eq!((there("out/results.csv"), there("out/summary.json")), (results, false), "{passes}");
        stage.ringback(&run).with(0);
        stage.report().all("already_done", "");
    }
}

#[test]
fn every_point_is_in_the_tables_and_a_strange_one_is_told() {
    let named = |point: Point| TABLE.iter().any(|stands| stands.point.split(':').next() == Some(point.name()));
    assert!(Point::ALL.iter().all(|&point| named(point) || point == Point::ReportBetween));
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(1));
    for wrong in ["contact.after_intend", "contact.after_intent:0", "contact.after_intent:soon"] {
        let mut command = stage.command(&["run", "night.csv"]);
        Ended::of(command.env(VARIABLE, wrong)).with(78).says(&[VARIABLE, wrong, "contact.after_intent,"]);
    }
    Ended::of(stage.command(&["run", "night.csv"]).env(VARIABLE, "")).with(0);
}
