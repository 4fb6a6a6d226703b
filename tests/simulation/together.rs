//! Several processes of one client at the same time, each with a ledger of its own: together they keep the pace of one,
//! and a pause that the platform asks one of them for is everybody's.

use crate::SEEDS;
use crate::promises::pace::{too_dense, within_a_hold};
use crate::promises::{Promise, broken};
use crate::record::Record;
use crate::scenario::Scenario;
use crate::story;
use crate::world::Plant;

/// Groups of seeds that every `cargo test` plays.
const GROUPS: u64 = SEEDS / 5;

/// The seeds of a group, with what belongs to the client the same for all.
fn scenarios(group: u64) -> Vec<Scenario> {
    let seeds = group * 3..group * 3 + 2 + group % 2;
    let mut scenarios: Vec<Scenario> = seeds.map(Scenario::of).collect();
    let (start, rate) = (scenarios[0].start, scenarios[0].settings.rate);
    for scenario in &mut scenarios[1..] {
        // Its windows are a little earlier or later by this clock, which is the same for all.
        scenario.start = start;
        scenario.settings.rate = rate;
    }
    scenarios
}

/// What the records of a group break of the pace, and of all else that pace might do harm to.
fn broken_together(records: &[Record]) -> Vec<(Promise, String)> {
    let pace = too_dense(records).map(|what| (Promise::Pace, what));
    let holds = within_a_hold(records).map(|what| (Promise::Holds, what));
    // What is in time depends on how much of the rate the others leave.
    let bears = |promise: &Promise| !matches!(promise, Promise::NothingLeft | Promise::Quiet);
    let alone = records.iter().flat_map(|record| broken(record).into_iter().map(|one| (one.promise, one.to_string())));
    pace.into_iter().chain(holds).chain(alone.filter(|(promise, _)| bears(promise))).collect()
}

#[test]
fn processes_of_one_client_keep_one_pace_and_one_anothers_holds() {
    for group in 0..GROUPS {
        let broken = broken_together(&story::play_together(&scenarios(group), Plant::Nothing));
        assert!(broken.is_empty(), "group {group}: {broken:#?}");
    }
}

#[test]
fn a_pace_for_each_process_breaks_both_promises() {
    for promise in [Promise::Pace, Promise::Holds] {
        let bites = |group| {
            let broken = broken_together(&story::play_together(&scenarios(group), Plant::SharesNoPace));
            broken.iter().any(|(found, _)| *found == promise)
        };
        assert!((0..GROUPS).any(bites), "{promise:?}");
    }
}
