//! Whole runs, seeded: a platform and a ledger in memory, tokio's clock paused, and promises that must hold
//! whatever a seed does to them.
//!
//! `SIM_SEED=n` plays one seed and shows it; `SIM_SEEDS=n` plays so many; `SIM_FIRST=n` begins elsewhere.

mod answers;
mod bites;
mod book;
mod ledger;
mod load;
mod outage;
mod person;
mod platform;
mod promises;
mod random;
mod record;
mod restores;
mod roles;
mod rules;
mod scenario;
mod story;
mod tight;
mod together;
mod world;

use std::collections::BTreeSet;
use std::ops::Range;
use std::thread;

use ringback::domain::outcome::Status;
use ringback::domain::progress::Progress;

use record::{End, Record};
use scenario::{Command, Scenario};
use world::Plant;

/// Seeds that every `cargo test` plays.
const SEEDS: u64 = 300;

/// Threads that play them, each seed on one.
const THREADS: u64 = 2;

/// Broken seeds that are told of; the first is shown whole.
const TOLD_MAX: usize = 20;

fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

fn play(seed: u64) -> Record {
    story::play(Scenario::of(seed), Plant::Nothing)
}

/// What a seed breaks; empty where it keeps every promise.
fn broken(record: &Record) -> String {
    promises::broken(record).iter().map(ToString::to_string).collect::<Vec<_>>().join("\n    ")
}

#[test]
fn every_seed_keeps_every_promise() {
    if let Some(seed) = asked("SIM_SEED") {
        let record = play(seed);
        println!("{}", record.trace());
        assert_eq!(broken(&record), "");
        return;
    }
    let first = asked("SIM_FIRST").unwrap_or(0);
    let broken = broken_seeds(first..first + asked("SIM_SEEDS").unwrap_or(SEEDS));
    let Some((seed, _)) = broken.first() else { return };
    let told = broken.iter().map(|(seed, what)| format!("SIM_SEED={seed}: {what}")).collect::<Vec<_>>().join("\n");
    panic!("{}\n\n{told}", play(*seed).trace());
}

fn broken_seeds(seeds: Range<u64>) -> Vec<(u64, String)> {
    let some = |thread: u64| {
        let mine = seeds.clone().filter(move |seed| seed % THREADS == thread);
        let told = mine.map(|seed| (seed, broken(&play(seed)))).filter(|(_, what)| !what.is_empty());
        told.take(TOLD_MAX).collect::<Vec<_>>()
    };
    let mut broken: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(move || some(thread))).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("a thread that plays")).collect()
    });
    broken.sort();
    broken
}

#[test]
fn a_seed_tells_the_same_story_every_time() {
    for seed in 0..20 {
        let (first, second) = (play(seed).trace(), play(seed).trace());
        let other = first.lines().zip(second.lines()).find(|(one, two)| one != two);
        assert!(first == second, "SIM_SEED={seed}: {other:?}");
    }
}

/// A simulation that never comes to something proves nothing about it.
#[test]
fn the_seeds_come_to_everything_that_can_be() {
    let (mut progress, mut statuses, mut answers) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let (mut entries, mut ends, mut resumed) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for record in (0..SEEDS).map(play) {
        progress.extend(record.lines.iter().map(|line| line.progress.name()));
        entries.extend(record.lines.iter().map(|line| line.entry));
        answers.extend(record.sent.iter().map(|sent| (sent.step, sent.answer.words.clone(), sent.done)));
        for (number, run) in record.runs.iter().enumerate() {
            if run.plan.command == Command::Resume {
                resumed.extend(record.lines.iter().filter(|line| line.run == number).map(|line| line.entry));
            }
            match &run.end {
                End::Crashed => drop(ends.insert("crashed".to_owned())),
                End::Failed(code, _) => drop(ends.insert(format!("failed {code}"))),
                End::Reported { report, .. } => {
                    statuses.extend(report.by_status.keys().copied());
                    ends.extend(report.conditions.iter().map(ToString::to_string));
                }
            }
        }
    }
    let unmet: Vec<_> = Progress::ALL.iter().map(|one| one.name()).filter(|name| !progress.contains(name)).collect();
    assert!(unmet.is_empty(), "{unmet:?}");
    // `valid` and `planned` belong to other commands.
    let own = |status: &Status| !matches!(status, Status::Valid | Status::Planned);
    let unmet: Vec<_> = Status::ALL.iter().filter(|one| own(one) && !statuses.contains(one)).collect();
    assert!(unmet.is_empty(), "{unmet:?}");
    assert_eq!(entries.len(), 24, "{entries:?}");
    let met =
        ["enrolled", "placed", "contact_created", "sms_accepted", "sms_doubted", "sms_dropped", "expired", "left"];
    assert!(met.iter().all(|entry| resumed.contains(entry)), "{resumed:?}");
    assert!(!resumed.contains("reopened"), "what was refused is reopened by a run alone");
    for end in ["crashed", "failed 74", "74", "77", "78", "4", "5", "6", "3"] {
        assert!(ends.contains(end), "{end} is not among {ends:?}");
    }
    assert!(answers.len() > 60, "{answers:#?}");
}
