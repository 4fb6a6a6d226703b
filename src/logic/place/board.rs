//! The hours of all campaigns with what is in them: capacity, load, and who goes where.

use std::collections::BTreeMap;

use crate::domain::forecast::{CampaignForecast, ForecastBook, Slot};
use crate::domain::interned::CampaignNo;
use crate::domain::time::{Interval, Timestamp};

use super::{PlaceRules, Standing, Strategy, Unplaced, why_unplaced};

/// One hour with what is in it.
#[derive(Clone, Copy, Debug)]
struct Filled {
    slot: Slot,
    /// Calls that the agents can take in the whole hour.
    capacity: f64,
    /// Calls expected, and callbacks that are there already.
    load: f64,
}

impl Filled {
    /// The share of the capacity in use once one more callback is there.
    fn occupancy_after(&self) -> f64 {
        (self.load + 1.0) / self.capacity
    }
}

/// The hours of all campaigns. It remembers what was placed, so that later callbacks find it there.
#[derive(Clone, Debug)]
pub struct Board {
    campaigns: BTreeMap<CampaignNo, (CampaignForecast, Vec<Filled>)>,
    rules: PlaceRules,
}

impl Board {
    pub(super) fn open(book: ForecastBook, before: &Standing, rules: PlaceRules) -> Self {
        let fill = |(campaign, told): (CampaignNo, CampaignForecast)| {
            let standing = before.get(&campaign).map_or(&[][..], Vec::as_slice);
            let calls = rules.calls_per_agent_hour(campaign);
            let hours = told.forecast.slots().iter().map(|slot| filled(*slot, calls, standing)).collect();
            (campaign, (told, hours))
        };
        let campaigns = book.into_iter().map(fill).collect();
        Self { campaigns, rules }
    }

    /// Seats `count` callbacks that may use these times: pairs of a slot's place and how many it takes,
    /// in order of time.
    pub(super) fn seat(
        &mut self,
        campaign: CampaignNo,
        usable: &[Interval],
        count: usize,
    ) -> Result<Vec<(usize, usize)>, Unplaced> {
        let strategy = self.rules.strategy;
        let Some((told, hours)) = self.campaigns.get_mut(&campaign) else {
            return Err(why_unplaced(&CampaignForecast::default(), usable, &[]));
        };
        let open = touching(hours, usable);
        let staffed: Vec<usize> = open.iter().copied().filter(|&slot| hours[slot].capacity > 0.0).collect();
        if staffed.is_empty() {
            return Err(why_unplaced(told, usable, &open));
        }
        let mut seats = vec![0; staffed.len()];
        for _ in 0..count {
            let place = best(hours, &staffed, strategy);
            hours[staffed[place]].load += 1.0;
            seats[place] += 1;
        }
        Ok(staffed.into_iter().zip(seats).filter(|&(_, taken)| taken > 0).collect())
    }

    /// Places one callback that has come too late for its time into what is left of its window.
    /// `spread` is any number that differs from callback to callback, so that they do not meet.
    pub fn place_again(
        &mut self,
        campaign: CampaignNo,
        usable: &[Interval],
        spread: u32,
    ) -> Result<Timestamp, Unplaced> {
        let none = || why_unplaced(&CampaignForecast::default(), usable, &[]);
        let seats = self.seat(campaign, usable, 1)?;
        let hour = self.hour(campaign, seats.first().ok_or_else(none)?.0);
        // The golden ratio keeps any run of consecutive numbers apart.
        let share = (f64::from(spread) * 0.618_033_988_749_894_9).fract();
        super::spread::at_share(hour, usable, share).ok_or_else(none)
    }

    /// The hour at a slot's place.
    pub(super) fn hour(&self, campaign: CampaignNo, slot: usize) -> Interval {
        self.campaigns[&campaign].1[slot].slot.interval()
    }
}

fn filled(slot: Slot, calls_per_agent_hour: f64, standing: &[(Timestamp, u32)]) -> Filled {
    let hour = slot.interval();
    let before: u32 = standing.iter().filter(|(at, _)| hour.contains(*at)).map(|(_, count)| count).sum();
    Filled { slot, capacity: slot.agents * calls_per_agent_hour, load: slot.expected_calls + f64::from(before) }
}

/// The places of the slots that share a second with the usable time.
fn touching(hours: &[Filled], usable: &[Interval]) -> Vec<usize> {
    let (Some(first), Some(last)) = (usable.first(), usable.last()) else { return Vec::new() };
    let from = hours.partition_point(|hour| hour.slot.interval().end <= first.start);
    let until = hours.partition_point(|hour| hour.slot.start < last.end);
    let shares = |slot: &usize| usable.iter().any(|part| !part.intersect(hours[*slot].slot.interval()).is_empty());
    (from..until).filter(shares).collect()
}

/// The place, among the staffed slots, of the one that takes the next callback; the earlier on ties.
fn best(hours: &[Filled], staffed: &[usize], strategy: Strategy) -> usize {
    let burden = |slot: usize| match strategy {
        Strategy::Balanced => hours[slot].occupancy_after(),
        Strategy::Peak => -hours[slot].slot.agents,
    };
    let mut best = 0;
    for place in 1..staffed.len() {
        if burden(staffed[place]) < burden(staffed[best]) {
            best = place;
        }
    }
    best
}
