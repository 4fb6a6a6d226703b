//! Whole runs, seeded: a platform and a ledger in memory, tokio's clock paused, and promises that must hold
//! whatever a seed does to them.
//!
//! `SIM_SEED=n` plays one seed and shows it; `SIM_SEEDS=n` plays so many; `SIM_FIRST=n` begins elsewhere.

mod answers;
mod ledger;
mod load;
mod platform;
mod promises;
mod random;
mod record;
mod rules;
mod scenario;
mod story;
mod world;

use scenario::Scenario;
use world::Plant;

/// Seeds that every `cargo test` plays.
const SEEDS: u64 = 300;

/// Broken seeds that are told of; the first is shown whole.
const TOLD_MAX: usize = 40;

fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

/// What a seed breaks, and what happened in it.
fn play(seed: u64) -> Option<(String, String)> {
    let record = story::play(Scenario::of(seed), Plant::Nothing);
    let broken: Vec<String> = promises::broken(&record).iter().map(ToString::to_string).collect();
    (!broken.is_empty()).then(|| (format!("SIM_SEED={seed}: {}", broken.join("\n    ")), record.trace()))
}

#[test]
fn every_seed_keeps_every_promise() {
    if let Some(seed) = asked("SIM_SEED") {
        let record = story::play(Scenario::of(seed), Plant::Nothing);
        println!("{}", record.trace());
        let broken = promises::broken(&record);
        assert!(broken.is_empty(), "{}", broken.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
        return;
    }
    let first = asked("SIM_FIRST").unwrap_or(0);
    let seeds = first..first + asked("SIM_SEEDS").unwrap_or(SEEDS);
    let broken: Vec<(String, String)> = seeds.filter_map(play).take(TOLD_MAX).collect();
    let Some((_, trace)) = broken.first() else { return };
    let told = broken.iter().map(|(told, _)| told.as_str()).collect::<Vec<_>>().join("\n");
    panic!("{trace}\n\n{told}");
}
