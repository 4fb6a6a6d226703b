//! Real kills: the built binary against the sandbox, `kill -9` at every named point and at random instants, run on
//! to the end; then the conservation check, the report against what the platform did.
//!
//! `KILLS=n` plays so many random draws, and the named points in proportion; `KILLS_SEED=n` begins elsewhere, and
//! with `KILLS=1` plays a draw again that failed: its kills come at about the same instants. The sums are printed.
#![cfg(test)]
#![expect(clippy::similar_names, reason = "a stage, and the state of the platform on it")]

mod batch;
mod bites;
mod conservation;
#[path = "../whole_run/contract.rs"]
#[expect(dead_code, reason = "of the contract, the summary's schema is needed here")]
mod contract;
mod draw;
mod early;
#[path = "../whole_run/export.rs"]
#[expect(dead_code, reason = "shared with whole_run, which needs more of it")]
mod export;
#[path = "../whole_run/http.rs"]
mod http;
mod ledger;
#[path = "../whole_run/platform.rs"]
#[expect(dead_code, reason = "shared with whole_run, which needs more of it")]
mod platform;
mod points;
#[path = "../whole_run/report.rs"]
#[expect(dead_code, reason = "shared with whole_run, which needs more of it")]
mod report;
mod restores;
#[path = "../whole_run/stage.rs"]
#[expect(dead_code, reason = "shared with whole_run, which needs more of it")]
mod stage;
mod story;

use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use ringback::io::crash::Point;

use conservation::Sums;
use draw::Draw;

/// Random draws that every `cargo test` plays.
const KILLS: u64 = 10;

/// Random draws for which every named point is played once more.
const DRAWS_A_ROUND: u64 = 50;

/// Threads that play: the platform and ringback share the machine with them.
const THREADS: usize = 2;

fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

#[test]
fn killed_at_every_named_point() {
    let rounds = (asked("KILLS").unwrap_or(KILLS) / DRAWS_A_ROUND).max(1);
    let draws =
        (0..rounds).flat_map(|round| Point::ALL.iter().map(move |&point| Draw::at(point, first_seed() + round)));
    let draws: Vec<Draw> = draws.collect();
    let sums = play_all("named points", &draws);
    assert!(sums.kills >= draws.len(), "a point was never passed: {sums:?}");
}

#[test]
fn killed_at_random_instants() {
    let seeds = first_seed()..first_seed() + asked("KILLS").unwrap_or(KILLS);
    let length = story::length_of_a_run();
    let draws: Vec<Draw> = seeds.map(|seed| Draw::of(seed, length)).collect();
    play_all("random instants", &draws);
}

fn first_seed() -> u64 {
    asked("KILLS_SEED").unwrap_or(1)
}

/// Plays the draws, prints the sums, and fails where a draw lost something or did something twice.
fn play_all(what: &str, draws: &[Draw]) -> Sums {
    let next = AtomicU64::new(0);
    let take = || draws.get(usize::try_from(next.fetch_add(1, Ordering::Relaxed)).unwrap());
    let play = || {
        let mut sums = Sums::default();
        while let Some(draw) = take() {
            sums.add(draw, &story::play(draw));
        }
        sums
    };
    let sums = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(play)).collect();
        let joined = threads.into_iter().map(|thread| thread.join().expect("a thread that plays"));
        joined.fold(Sums::default(), Sums::and)
    });
    // Not captured: the figures are what a long draw is for.
    writeln!(std::io::stdout(), "{what}: {} draws, {sums}", draws.len()).unwrap();
    assert!(sums.broken.is_empty(), "{}", sums.broken.join("\n"));
    sums
}
