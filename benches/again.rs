//! A finished input run again, beside `validate` of the same file: what the ledger costs where nothing is to be done.
//!
//! `cargo bench --bench again`; some minutes, most of them for the ledger that the run finds, which takes some 2 GB.
#![expect(clippy::print_stdout, reason = "it is a program for people")]

mod stage;

use std::time::{Duration, Instant};

use ringback::domain::callback::{Callback, CallbackId, RunId};
use ringback::domain::entry::{Bodies, Entry};
use ringback::domain::time::Timestamp;
use ringback::io::ledger::{Append, Enrolment, Ledger as _, Opening, Owner, SqliteLedger, Stamp};
use ringback::pipeline::intake::Intake;
use serde_json::Value;
use stage::{Stage, figure, median};

/// Rows of the input, all of them confirmed.
const ROWS: u64 = 1_000_000;

/// Rounds, each of a run and of both ways to validate.
const ROUNDS: usize = 5;

/// Callbacks of one commit, as a run takes them up.
const AT_ONCE: usize = 4096;

const LEDGER: &str = "ringback.db";

fn main() {
    let stage = Stage::with_rows(ROWS);
    let begun = Instant::now();
    finish(&stage);
    println!("\na ledger of {ROWS} confirmed callbacks, made in {:.0} s\n", begun.elapsed().as_secs_f64());
    println!("| round | run again, s | validate -o, s | validate, s | requests |\n|---|---|---|---|---|");
    let (mut runs, mut reports, mut bare) = (Vec::new(), Vec::new(), Vec::new());
    let mut last = Value::Null;
    for round in 1..=ROUNDS {
        let (run, summary) = stage.ringback("run", &["--sandbox", "--ledger", LEDGER, "--out", "out"]);
        let (report, _) = stage.ringback("validate", &["--out", "valid"]);
        let (validate, _) = stage.ringback("validate", &[]);
        assert_eq!(summary["by_status"]["already_done"], ROWS);
        let requests: f64 = ["token", "forecast", "contact", "sms"]
            .into_iter()
            .map(|kind| figure(&summary, &format!("/requests/{kind}")))
            .sum();
        println!("| {round} | {run:.2} | {report:.2} | {validate:.2} | {requests} |");
        runs.push(run);
        reports.push(report);
        bare.push(validate);
        last = summary;
    }
    println!("| median | {:.2} | {:.2} | {:.2} | |", median(runs), median(reports), median(bare));
    println!("\nstages of the last run, ms: {}", last["stages_ms"]);
}

/// Writes the ledger as the run that finished the input would have.
fn finish(stage: &Stage) {
    let intake = stage::intake(stage.export());
    // In the order of their ids: a ledger that grows at random places takes many times as long to make.
    let mut callbacks = intake.callbacks.clone();
    callbacks.sort_unstable_by_key(|callback| id(callback, &intake));
    let run = RunId(uuid::Uuid::now_v7());
    let sandbox = Owner { platform: "sandbox".into(), client_id: "sandbox".into() };
    let started_at = Timestamp::from_unix(1_795_438_800);
    let opening = Opening {
        path: stage.path(LEDGER),
        owner: Some(sandbox),
        run,
        command: "run",
        started_at,
        witness: None,
        adoption: None,
        wait: Duration::ZERO,
        inputs: Vec::new(),
    };
    let ledger = SqliteLedger::open(&opening).expect("a new ledger");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let at = Stamp(started_at.unix() * 1000);
    runtime.block_on(async {
        for callbacks in callbacks.chunks(AT_ONCE) {
            let taken_up = callbacks.iter().map(|callback| (enrolment(callback, &intake), 0)).collect();
            ledger.enrol(taken_up, at).await.expect("taken up");
        }
        for callbacks in callbacks.chunks(AT_ONCE) {
            let entries = callbacks.iter().flat_map(|callback| entries(callback, &intake)).collect();
            ledger.append_all(entries, at).await.expect("written");
        }
    });
}

fn id(callback: &Callback, intake: &Intake) -> CallbackId {
    CallbackId::of(callback.phone, callback.window(), intake.campaign(callback))
}

fn enrolment(callback: &Callback, intake: &Intake) -> Enrolment {
    Enrolment {
        id: id(callback, intake),
        phone: callback.phone,
        window: callback.window(),
        campaign: intake.campaign(callback).to_owned(),
        language: "en-US".into(),
        offset_minutes: callback.offset_minutes,
    }
}

/// From its dispatch time to its text, with bodies as long as real ones.
fn entries(callback: &Callback, intake: &Intake) -> impl Iterator<Item = Append> {
    let id = id(callback, intake);
    let bodies = Bodies { contact: vec![b'x'; 420], text: Some(vec![b'x'; 160]) };
    let entries = [
        Entry::Placed(callback.window().start()),
        Entry::ContactIntended(Some(Box::new(bodies))),
        Entry::ContactCreated(id.to_string()),
        Entry::TextIntended,
        Entry::TextAccepted(Some(uuid::Uuid::now_v7().to_string())),
    ];
    (1..).zip(entries).map(move |(version, entry)| Append { id, version, entry })
}
