//! Plays a draw: runs that die, a run to the end, the check, and a run that must ask nothing.

use std::collections::BTreeSet;
use std::fs::File;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use ringback::io::crash::{Point, VARIABLE};
use serde_json::{Value, json};

use crate::conservation::{Audit, Doubts};
use crate::draw::{CONCURRENCY, CSV, Draw, Kill, NDJSON, RESUME};
use crate::ledger::Left;
use crate::platform::{CONTACT, TEXT};
use crate::report::Report;
use crate::stage::{Ended, Stage};
use crate::{batch, conservation};

/// SIGKILL.
const KILLED: Option<i32> = Some(9);

/// What the runs of a story logged.
const LOGGED: &str = "logged.txt";

/// How often a draw is begun again whose request had not reached the platform when it died.
const DRAWS_MAX: u32 = 5;

/// Runs that a story may take to its end.
const RUNS_MAX: u32 = 20;

/// What came of a draw.
pub(crate) struct Played {
    /// Runs that were killed.
    pub(crate) kills: usize,
    pub(crate) audit: Audit,
}

/// Plays a draw. A kill with the bytes on their way is one only where the platform got them: on a machine that
/// is too busy for that, it is played again.
pub(crate) fn play(draw: &Draw) -> Played {
    (0..DRAWS_MAX).find_map(|_| try_to_play(draw)).unwrap_or_else(|| panic!("the bytes never left: {draw:?}"))
}

fn try_to_play(draw: &Draw) -> Option<Played> {
    let stage = begin(draw);
    let mut inputs = draw.inputs.iter().copied().cycle();
    let (mut kills, mut texts, mut contacts) = (0, BTreeSet::new(), BTreeSet::new());
    for &kill in &draw.kills {
        if !dies(&stage, inputs.next().unwrap(), kill) {
            continue;
        }
        kills += 1;
        if !bytes_have_left(&stage, kill, draw) {
            return None;
        }
        let left = Left::read(&stage.path(""));
        texts.extend(left.at("sms_in_flight").map(str::to_owned));
        contacts.extend(left.at("contact_in_flight").map(str::to_owned));
        told_whole_or_not_at_all(&stage);
    }
    // So many may be under way, and nearly as many answers being written down.
    let most = (2 * CONCURRENCY - 1) * kills;
    assert!(texts.len() + contacts.len() <= most, "more was in flight than may be: {draw:?}");
    stage.faults(&json!({ "latency_ms": 5 }));
    let ended = to_the_end(&stage, inputs.next().unwrap(), draw);
    let (report, state) = (stage.report(), stage.state());
    let doubts = Doubts { texts, contacts, contact_ids: draw.contact_ids };
    let mut audit = conservation::audit(&report, &state, &doubts);
    if ended.code != if audit.in_doubt > 0 { 5 } else { 6 } {
        audit.wrong.push(format!("exit code {}", ended.code));
    }
    asks_nothing(&stage, &mut audit);
    takes_no_ledger_for_a_copy(&stage, &mut audit);
    Some(Played { kills, audit })
}

fn begin(draw: &Draw) -> Stage {
    begin_with(draw.faults.clone(), draw.contact_ids)
}

/// The night's export, on a platform with these faults.
pub(crate) fn begin_with(mut faults: Value, contact_ids: &str) -> Stage {
    for (key, value) in batch::refusals().as_object().unwrap() {
        faults[key] = value.clone();
    }
    let stage = Stage::new(faults).with("RINGBACK_PLATFORM_CONTACT_IDS", contact_ids);
    stage.put(CSV, batch::as_csv());
    stage.put(NDJSON, batch::as_ndjson());
    stage
}

/// A run of an input, or `resume`.
pub(crate) fn command(stage: &Stage, input: &str) -> Command {
    let concurrency = CONCURRENCY.to_string();
    let mut command = if input == RESUME {
        stage.command(&[RESUME, "-o", "resumed"])
    } else {
        stage.command(&["run", "-o", "out", "--max-rejected", "100", input])
    };
    command.args(["--rate", "100000", "--concurrency", &concurrency]);
    let logged = File::options().create(true).append(true).open(stage.path(LOGGED)).unwrap();
    command.stdout(Stdio::null()).stderr(logged);
    command
}

/// Runs until the kill; whether that was its end.
pub(crate) fn dies(stage: &Stage, input: &str, kill: Kill) -> bool {
    let mut command = command(stage, input);
    let status = match kill {
        Kill::At(point, times) => command.env(VARIABLE, format!("{}:{times}", point.name())).status(),
        Kill::After(wait) => {
            let mut run = command.spawn().unwrap();
            std::thread::sleep(wait);
            run.kill().unwrap();
            run.wait()
        }
    };
    status.unwrap().signal() == KILLED
}

/// Whether a run that died with its bytes on their way, died so. What the kernel has, the platform gets.
fn bytes_have_left(stage: &Stage, kill: Kill, draw: &Draw) -> bool {
    let (route, times) = match kill {
        Kill::At(Point::ContactBytesLeft, times) => (CONTACT, times),
        Kill::At(Point::TextBytesLeft, times) => (TEXT, times),
        Kill::At(..) | Kill::After(_) => return true,
    };
    // A later run passes a point less often, and meets what earlier ones asked for.
    let begun = Instant::now();
    while draw.kills.len() == 1 && stage.state().asked(route) < u64::from(times) {
        if begun.elapsed() > Duration::from_secs(2) {
            return false;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    true
}

/// A summary that is there has its results beside it.
fn told_whole_or_not_at_all(stage: &Stage) {
    if stage.path("out/summary.json").exists() {
        stage.report();
    }
}

/// The same command again, until nothing is pending; what `resume` has finished, the input then finds done.
fn to_the_end(stage: &Stage, input: &str, draw: &Draw) -> Ended {
    let ended = until_it_ends(stage, input, draw);
    if input == RESUME { until_it_ends(stage, CSV, draw) } else { ended }
}

/// A token that is revoked before its first use looks like wrong credentials, and stops a run.
fn until_it_ends(stage: &Stage, input: &str, draw: &Draw) -> Ended {
    let stops = if draw.faults["token_revoked"].is_null() { [4, 4] } else { [4, 77] };
    for _ in 0..RUNS_MAX {
        let ended = Ended::of(command(stage, input).stdout(Stdio::piped()));
        // What a run that died early was to do, resume cannot know, and says so as long as nobody gives it the input.
        let needs_input = input == RESUME && ended.stdout.contains("give that input");
        if needs_input || !stops.contains(&ended.code) {
            return ended;
        }
    }
    panic!("it never comes to an end")
}

/// A finished batch makes no request, in either form, and says the same again; nothing is left to resume.
fn asks_nothing(stage: &Stage, audit: &mut Audit) {
    let before = stage.state().asked_in_all();
    for input in [RESUME, NDJSON, CSV] {
        let ended = Ended::of(&mut command(stage, input));
        assert!(input == RESUME || [5, 6].contains(&ended.code), "{ended:?}");
        if stage.state().asked_in_all() != before {
            audit.twice.push(format!("a finished batch was asked for again by {input}"));
        }
        if input != RESUME && conservation::settled(&stage.report()) != audit.settled {
            audit.wrong.push(format!("a finished batch says something else as {input}"));
        }
    }
}

/// A kill alone makes no ledger look as if it were a copy, or had lost its log: all that it owes would be in doubt.
fn takes_no_ledger_for_a_copy(stage: &Stage, audit: &mut Audit) {
    let logged = std::fs::read_to_string(stage.path(LOGGED)).unwrap();
    let warnings = logged.lines().filter(|line| line.contains("WARN") && line.contains("the ledger "));
    audit.wrong.extend(warnings.map(str::to_owned));
}

/// How long a run takes that nobody kills.
pub(crate) fn length_of_a_run() -> Duration {
    static LENGTH: OnceLock<Duration> = OnceLock::new();
    *LENGTH.get_or_init(|| {
        let faults: Value = json!({ "latency_ms": 5, "latency_jitter_ms": 15 });
        let (kills, inputs) = (Vec::new(), [CSV; 3]);
        let stage = begin(&Draw { seed: 0, kills, contact_ids: "unique", faults, inputs });
        let begun = Instant::now();
        Ended::of(&mut command(&stage, CSV)).with(6);
        begun.elapsed()
    })
}

/// The report of a run that nobody killed, and what the platform did.
pub(crate) fn unkilled() -> (Report, Value) {
    let (faults, inputs) = (json!({}), [CSV; 3]);
    let stage = begin(&Draw { seed: 0, kills: Vec::new(), contact_ids: "unique", faults, inputs });
    Ended::of(&mut command(&stage, CSV)).with(6);
    (stage.report(), stage.state().0)
}
