//! A ledger that was put back from a copy, or lost and begun anew: a person says so, and then nobody is called or texted
//! twice, and nobody is told another time than the contact has, whatever the platform answers.

use ringback::domain::abilities::Repeat;
use ringback::domain::callback::RunId;
use ringback::domain::provenance::Provenance;
use ringback::logic::adoption::doubted;
use ringback::logic::retry::OnNoAnswer;
use uuid::Uuid;

use crate::book::Book;
use crate::ledger::FaultyLedger;
use crate::promises;
use crate::random::Random;
use crate::record::Record;
use crate::scenario::{Loss, LossKind, Plan, Scenario};
use crate::story;
use crate::world::{Plant, World};

/// Seeds that every `cargo test` plays, in each kind of loss.
const SEEDS: u64 = 150;

/// Runs before the ledger is replaced.
const RUNS: usize = 3;

/// Copies the ledger after a run, or replaces it, where the seed has it.
pub(crate) fn happens(world: &World, run: usize) {
    let Some(loss) = world.state.borrow().record.scenario.loss else { return };
    if run == loss.copied_after {
        let mut state = world.state.borrow_mut();
        state.copied = state.record.book.clone();
    }
    if run == loss.replaced_after {
        replace(world, loss.kind);
    }
}

fn replace(world: &World, kind: LossKind) {
    let owed = {
        let mut state = world.state.borrow_mut();
        let copied = if kind == LossKind::Copy { state.copied.clone() } else { Book::default() };
        let lost = std::mem::replace(&mut state.record.book, copied);
        state.lost.extend(lost.callbacks);
        // An earlier night has seen a 201.
        let tells_created = lost.tells_created || state.record.scenario.habits.tells_created;
        (state.record.book.hold, state.record.book.tells_created) = (None, tells_created);
        state.record.scenario.habits.provenance = Provenance::Unproven;
        state.record.book.standings.clone()
    };
    if world.plant == Plant::AdoptsAsItIs {
        return;
    }
    let seed = world.state.borrow().record.scenario.seed;
    let ledger = FaultyLedger { world, run: RunId(Uuid::from_u128(u128::from(seed) << 16 | 0xA000)) };
    for (id, standing) in owed {
        if let Some(entry) = doubted(standing.progress) {
            ledger.settle(id, entry);
        }
    }
}

fn scenario(seed: u64, kind: LossKind) -> Scenario {
    let mut scenario = Scenario::of(seed);
    let mut random = Random::new(seed.rotate_left(9) ^ 0x5eed);
    // Where ids are advisory, or texts may be sent again, a lost ledger is lost.
    (scenario.settings.ids, scenario.settings.on_no_answer) = (Repeat::SameId, OnNoAnswer::Hold);
    (scenario.habits.foreign_percent, scenario.habits.provenance) = (0, Provenance::Proven);
    // One that answers every contact in the same way tells nobody what it has.
    scenario.habits.tells_created |= scenario.habits.repeats_are_fine;
    scenario.files = false;
    let rows = scenario.load.rows;
    scenario.plans = (0..RUNS as u64).map(|number| Plan::of(number, rows, &mut random)).collect();
    let copied_after = usize::try_from(random.below(RUNS as u64 - 1)).expect("few");
    let later = random.below((RUNS - copied_after) as u64);
    let replaced_after = copied_after + usize::try_from(later).expect("few");
    scenario.loss = Some(Loss { kind, copied_after, replaced_after });
    scenario
}

fn broken(seed: u64, kind: LossKind, plant: Plant) -> Vec<String> {
    let record: Record = story::play(scenario(seed, kind), plant);
    promises::broken_by_a_loss(&record).iter().map(ToString::to_string).collect()
}

const KINDS: [LossKind; 2] = [LossKind::Copy, LossKind::New];

#[test]
fn nobody_is_called_or_texted_twice_after_a_ledger_was_replaced() {
    let first = crate::asked("SIM_FIRST").unwrap_or(0);
    for seed in first..first + crate::asked("SIM_SEEDS").map_or(SEEDS, |seeds| seeds / 2) {
        for kind in KINDS {
            let broken = broken(seed, kind, Plant::Nothing);
            assert!(
                broken.is_empty(),
                "{kind:?} SIM_FIRST={seed}: {broken:#?}\n{}",
                story::play(scenario(seed, kind), Plant::Nothing).trace()
            );
        }
    }
}

#[test]
fn a_copy_that_is_adopted_as_it_is_and_one_that_claims_to_be_whole_are_seen() {
    let seen = |kind, plant| (0..SEEDS).any(|seed| !broken(seed, kind, plant).is_empty());
    assert!(seen(LossKind::Copy, Plant::AdoptsAsItIs));
    assert!(seen(LossKind::New, Plant::ClaimsProvenance));
}
