//! Which hour each callback goes into, and at which second.
//!
//! Two strategies. `peak` sends each callback into the hour of its window with most agents. `balanced` counts what is
//! in an hour already (calls that are expected, callbacks of earlier runs) and places the whole batch at once: as few
//! callbacks as possible above what the agents can take, then the fullest hour as empty as possible, then the second
//! fullest, and so on. An hour without agents takes none while another hour of the window has some. Nothing that
//! asked in time is dropped for want of capacity.

mod board;
mod level;
mod seats;
mod spread;
mod timely;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::code::Code;
use crate::domain::interned::CampaignNo;
use crate::domain::strategy::Strategy;
use crate::domain::time::{Interval, Timestamp};

use super::hours::week::Hours;
pub use board::Board;
use board::{Day, Filled};
use level::Class;
use seats::Filling;
pub use timely::Foresight;
use timely::Timely;

/// What placing needs to know of a campaign besides its forecast.
#[derive(Clone, Debug)]
pub struct CampaignRules {
    /// When it is open; `None` where it always is.
    pub hours: Option<Arc<Hours>>,
    /// Calls that one agent takes in an hour.
    pub calls_per_agent_hour: f64,
}

impl Default for CampaignRules {
    fn default() -> Self {
        Self { hours: None, calls_per_agent_hour: 1.0 }
    }
}

impl CampaignRules {
    /// The open parts of a stretch of time.
    #[must_use]
    pub fn open_parts(&self, of: Interval) -> Vec<Interval> {
        self.hours.as_ref().map_or_else(|| vec![of], |hours| hours.open_parts(of))
    }
}

/// A callback that is to be placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Its place in the batch.
    pub member: u32,
    /// Its campaign.
    pub campaign: CampaignNo,
    /// From the first second at which it may be dispatched to behind the last one. Between them only opening hours
    /// forbid it.
    pub span: Interval,
}

/// Callbacks that stand already, by campaign and dispatch time.
pub type Standing = BTreeMap<CampaignNo, Vec<(Timestamp, u32)>>;

/// Why a callback has no dispatch time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unplaced {
    /// `forecast.empty`, `forecast.no_agents`, `platform.refused` or `platform.unavailable`.
    pub code: Code,
    /// The same for a person.
    pub detail: String,
}

/// What becomes of a batch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// Callbacks with their dispatch times, earliest first.
    pub placed: Vec<(u32, Timestamp)>,
    /// Callbacks without one.
    pub unplaced: Vec<(u32, Unplaced)>,
    /// Those of the placed ones, ascending, that cannot be created before their windows end, unless others fall away.
    pub late: Vec<u32>,
}

/// Gives every callback a dispatch time, or says why there is none. The same wishes, forecasts, standing callbacks
/// and foresight give the same plan. The board keeps what was placed, for those that come later.
#[must_use]
pub fn draw_up(wishes: &[Wish], board: &mut Board, foresight: &Foresight<'_>) -> Plan {
    let Timely { wishes, late } = foresight.look_ahead(wishes, board);
    let mut plan = Plan::default();
    plan.placed.reserve_exact(wishes.len() + late.len());
    let mut campaigns: BTreeMap<CampaignNo, Sorted> = BTreeMap::new();
    for wish in wishes.iter() {
        let day = board.day(wish.campaign);
        match day.reach(wish.span) {
            Some(reach) => campaigns.entry(wish.campaign).or_default().add(reach, *wish),
            None => plan.unplaced.push((wish.member, day.why_unplaced(wish.span))),
        }
    }
    for (campaign, sorted) in campaigns {
        let strategy = board.strategy;
        of_campaign(sorted, board.day(campaign), strategy, &mut plan);
    }
    plan.late.extend(late.iter().map(|&(member, _)| member));
    plan.late.sort_unstable();
    plan.placed.extend(late);
    plan.placed.sort_unstable_by_key(|&(member, at)| (at, member));
    plan.unplaced.sort_unstable_by_key(|&(member, _)| member);
    plan
}

fn of_campaign(sorted: Sorted, day: &mut Day, strategy: Strategy, plan: &mut Plan) {
    let seated = sorted.seat(day, strategy);
    for (filled, mut seated) in day.staffed.iter_mut().zip(seated) {
        filled.added += seated.len() as u64;
        plan.placed.extend(spread::over(&filled.open, &mut seated));
    }
}

/// The callbacks of a campaign by the first and the last hour that they may use.
#[derive(Default)]
struct Sorted(BTreeMap<(usize, usize), Vec<Wish>>);

impl Sorted {
    fn add(&mut self, reach: (usize, usize), wish: Wish) {
        self.0.entry(reach).or_default().push(wish);
    }

    /// The callbacks that go into each hour.
    fn seat(self, day: &Day, strategy: Strategy) -> Vec<Vec<Wish>> {
        let (mut classes, mut queues) = (Vec::new(), Vec::new());
        for ((first, last), members) in self.0 {
            classes.push(Class { first, last, count: members.len() as u64 });
            queues.push(members.into_iter());
        }
        let mut seated = vec![Vec::new(); day.staffed.len()];
        for seats in chosen(day, &classes, strategy) {
            let count = usize::try_from(seats.count).unwrap_or(usize::MAX);
            seated[seats.hour].extend(queues[seats.class].by_ref().take(count));
        }
        seated
    }
}

/// How many of each class go into each hour.
fn chosen(day: &Day, classes: &[Class], strategy: Strategy) -> Vec<seats::Seats> {
    match strategy {
        Strategy::Balanced => {
            let hours: Vec<level::Hour> = day.staffed.iter().map(Filled::hour).collect();
            Filling::of(classes, hours.len()).seats(&level::loads(&hours, classes))
        }
        Strategy::Peak => {
            let seats = |(place, class): (usize, &Class)| seats::Seats {
                class: place,
                hour: strategy.best(&day.staffed, class.first, class.last),
                count: class.count,
            };
            classes.iter().enumerate().map(seats).collect()
        }
    }
}

#[cfg(test)]
mod exact_tests;
#[cfg(test)]
mod tests;
