//! A person between two runs, who looks on the platform for what is in doubt and settles some of it.

use ringback::domain::callback::{CallbackId, RunId};
use ringback::domain::entry::Verdict;
use ringback::domain::outcome::Standing;
use ringback::domain::progress::Progress;
use ringback::domain::reply::Step;
use ringback::logic::settle::settled;
use uuid::Uuid;

use crate::ledger::FaultyLedger;
use crate::random::Random;
use crate::record::Record;
use crate::world::{Plant, World};

/// The number of a person's runs among those of a seed: far behind all others.
const RUNS: u64 = 0x8000;

/// Looks at what is in doubt, and settles some of it as it is.
pub(crate) fn settles(world: &World) {
    let (record, entries) = {
        let state = world.state.borrow();
        (state.record.clone(), state.record.lines.len() as u64)
    };
    let seed = record.scenario.seed;
    let mut random = Random::new(seed.rotate_left(17) ^ entries);
    if !record.scenario.settles {
        return;
    }
    let ledger = FaultyLedger { world, run: RunId(Uuid::from_u128(u128::from(seed) << 16 | u128::from(RUNS))) };
    for (id, standing) in &record.book.standings {
        let absent = random.pick(&[Verdict::NotSent, Verdict::Retry, Verdict::Retry, Verdict::Retry]);
        let passes_on = random.percent(10);
        let verdict = if world.plant == Plant::SettlesBlindly {
            Verdict::Retry
        } else {
            looked_up(&record, *id, standing).unwrap_or(absent)
        };
        // What was there before the ledger cannot be sent again.
        let verdicts = [verdict, Verdict::NotSent];
        let entries = verdicts
            .into_iter()
            .find_map(|verdict| settled(*id, standing, verdict, record.scenario.habits.provenance).ok());
        for entry in entries.filter(|_| !passes_on).unwrap_or_default() {
            ledger.settle(*id, entry);
        }
    }
}

/// What the platform says of it; `None` where it is not there.
fn looked_up(record: &Record, id: CallbackId, standing: &Standing) -> Option<Verdict> {
    let step = if standing.progress == Progress::ContactDoubted { Step::Contact } else { Step::Text };
    let is_there = record.deeds(id, step, u64::MAX) > 0 || (step == Step::Contact && record.scenario.is_foreign(id));
    is_there.then_some(Verdict::Sent)
}
