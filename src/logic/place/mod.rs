//! Which hour each callback goes into, and at which second.
//!
//! Two strategies. `peak` sends each callback into the hour of its window with most agents. `balanced`
//! counts what is in an hour already (calls that are expected, callbacks of earlier runs, callbacks placed
//! just now) and takes the hour whose occupancy stays lowest. An hour without agents takes none while
//! another hour of the window has some. Nothing that asked in time is dropped for want of capacity.

mod board;
mod spread;

use std::collections::BTreeMap;

use crate::domain::code::Code;
use crate::domain::forecast::{CampaignForecast, ForecastBook};
use crate::domain::interned::CampaignNo;
use crate::domain::time::{Interval, Timestamp};

use super::group::Class;
pub use board::Board;

/// How an hour is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// The hour that stays emptiest.
    Balanced,
    /// The hour with most agents, the first on ties.
    Peak,
}

/// What placing needs to know besides forecasts.
#[derive(Clone, Debug)]
pub struct PlaceRules {
    /// How an hour is chosen.
    pub strategy: Strategy,
    /// Calls that one agent takes in an hour, by campaign number.
    pub calls_per_agent_hour: Vec<f64>,
}

impl PlaceRules {
    fn calls_per_agent_hour(&self, campaign: CampaignNo) -> f64 {
        self.calls_per_agent_hour.get(campaign.0 as usize).copied().unwrap_or(1.0)
    }
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
}

/// Gives every callback a dispatch time, or says why there is none. The same classes, forecasts and
/// standing callbacks give the same plan. The board keeps what was placed, for those that come later.
#[must_use]
pub fn draw_up(classes: &[Class], board: &mut Board) -> Plan {
    let mut plan = Plan::default();
    let mut chosen: BTreeMap<(CampaignNo, usize), Vec<spread::Seat>> = BTreeMap::new();
    for (number, class) in tightest_first(classes) {
        match board.seat(class.campaign, &class.usable, class.members.len()) {
            Ok(seats) => deal_out(class, number, &seats, &mut chosen),
            Err(unplaced) => plan.unplaced.extend(class.members.iter().map(|&member| (member, unplaced.clone()))),
        }
    }
    for ((campaign, slot), seats) in chosen {
        let hour = board.hour(campaign, slot);
        plan.placed.extend(spread::over(hour, seats, classes));
    }
    plan.placed.sort_unstable_by_key(|&(member, at)| (at, member));
    plan.unplaced.sort_unstable_by_key(|&(member, _)| member);
    plan
}

/// Those with the least choice go first: they cannot give way.
fn tightest_first(classes: &[Class]) -> Vec<(usize, &Class)> {
    let mut order: Vec<(usize, &Class)> = classes.iter().enumerate().collect();
    order.sort_by_key(|(number, class)| {
        let seconds: i64 = class.usable.iter().map(|part| part.seconds()).sum();
        (seconds, class.usable.last().map(|part| part.end), *number)
    });
    order
}

fn deal_out(
    class: &Class,
    number: usize,
    seats: &[(usize, usize)],
    chosen: &mut BTreeMap<(CampaignNo, usize), Vec<spread::Seat>>,
) {
    let mut members = class.members.iter();
    for &(slot, count) in seats {
        let seated = members.by_ref().take(count).map(|&member| spread::Seat { class: number, member });
        chosen.entry((class.campaign, slot)).or_default().extend(seated);
    }
}

/// Why a stretch of time has no hour to offer.
fn why_unplaced(of: &CampaignForecast, usable: &[Interval], any_slot: bool) -> Unplaced {
    let missed = |unread: &&_| {
        let unread: &crate::domain::forecast::Unread = unread;
        usable.iter().any(|part| !part.intersect(unread.range).is_empty())
    };
    match of.unread.iter().find(missed) {
        // The hours that were not told may be the ones with agents.
        Some(unread) => Unplaced { code: unread.code, detail: unread.detail.clone() },
        None if any_slot => {
            Unplaced { code: Code::ForecastNoAgents, detail: "no hour of the window has an agent".into() }
        }
        None => Unplaced { code: Code::ForecastEmpty, detail: "no forecast covers the window".into() },
    }
}

/// Opens a board over the forecasts, with what stands there already.
#[must_use]
pub fn open_board(book: ForecastBook, before: &Standing, rules: PlaceRules) -> Board {
    Board::open(book, before, rules)
}

#[cfg(test)]
mod tests;
