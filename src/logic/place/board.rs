//! The hours of all campaigns with what is in them: when they are open, their capacity, their load.

use std::collections::BTreeMap;

use crate::domain::code::Code;
use crate::domain::forecast::{CampaignForecast, ForecastBook, Slot, Unread};
use crate::domain::interned::CampaignNo;
use crate::domain::outlook::{DayOutlook, SlotOutlook};
use crate::domain::strategy::Strategy;
use crate::domain::time::{Interval, Timestamp};

use super::level::Hour;
use super::{CampaignRules, Standing, Unplaced, Wish};

/// What an hour with agents can take is taken for no less and no more than this: one callback makes a difference.
const CAPACITY_MIN: f64 = 1e-6;
const CAPACITY_MAX: f64 = 1e12;

/// One hour with what is in it.
#[derive(Clone, Debug)]
pub(super) struct Filled {
    /// What the forecast says of it.
    pub(super) slot: Slot,
    /// When it is open, in order.
    pub(super) open: Vec<Interval>,
    /// Calls that its agents can take.
    capacity: f64,
    /// Callbacks that stand there already.
    before: u64,
    /// Callbacks that were placed there.
    pub(super) added: u64,
}

/// The hours of one campaign.
#[derive(Clone, Debug, Default)]
pub(super) struct Day {
    /// The hours that have agents and are open at some time, in order.
    pub(super) staffed: Vec<Filled>,
    /// The hours that are open without an agent, in order.
    unstaffed: Vec<Filled>,
    unread: Vec<Unread>,
}

/// The hours of all campaigns. It remembers what was placed, so that later callbacks find it there.
#[derive(Clone, Debug)]
pub struct Board {
    campaigns: BTreeMap<CampaignNo, Day>,
    pub(super) strategy: Strategy,
}

impl Board {
    /// Opens a board over the forecasts, with what stands there already. `rules` are by campaign number.
    #[must_use]
    pub fn open(book: ForecastBook, before: &Standing, rules: &[CampaignRules], strategy: Strategy) -> Self {
        let day = |(campaign, told): (CampaignNo, CampaignForecast)| {
            let standing = before.get(&campaign).map_or(&[][..], Vec::as_slice);
            let rules = rules.get(campaign.0 as usize).cloned().unwrap_or_default();
            (campaign, Day::open(told, &rules, standing))
        };
        Self { campaigns: book.into_iter().map(day).collect(), strategy }
    }

    /// The same board with what is on it, for another strategy.
    #[must_use]
    pub fn by(&self, strategy: Strategy) -> Self {
        Self { strategy, ..self.clone() }
    }

    /// What is in the hours of each campaign.
    pub fn outlook(&self) -> impl Iterator<Item = (CampaignNo, DayOutlook)> {
        self.campaigns.iter().map(|(campaign, day)| (*campaign, day.outlook()))
    }

    pub(super) fn day(&mut self, campaign: CampaignNo) -> &mut Day {
        self.campaigns.entry(campaign).or_default()
    }

    /// The last second at which a callback may be dispatched; `None` where no hour with agents is left for it.
    pub(super) fn latest(&self, wish: &Wish) -> Option<Timestamp> {
        let day = self.campaigns.get(&wish.campaign)?;
        let (_, last) = day.reach(wish.span)?;
        let parts = day.staffed[last].open.iter().map(|part| part.intersect(wish.span));
        parts.filter(|part| !part.is_empty()).map(|part| part.end.plus(-1)).next_back()
    }

    /// Places one callback that has come too late for its time into what is left of its window. `spread` is any
    /// number that differs from callback to callback, so that they do not meet.
    pub fn place_again(&mut self, campaign: CampaignNo, left: Interval, spread: u32) -> Result<Timestamp, Unplaced> {
        let strategy = self.strategy;
        let day = self.day(campaign);
        let (first, last) = day.reach(left).ok_or_else(|| day.why_unplaced(left))?;
        let hour = strategy.best(&day.staffed, first, last);
        day.staffed[hour].added += 1;
        // The golden ratio keeps any run of consecutive numbers apart.
        let share = (f64::from(spread) * 0.618_033_988_749_894_9).fract();
        super::spread::at_share(&day.staffed[hour].open, left, share).ok_or_else(|| day.why_unplaced(left))
    }
}

impl Filled {
    /// Its capacity, and the calls in it.
    pub(super) fn hour(&self) -> Hour {
        self.with(self.before + self.added)
    }

    #[expect(clippy::cast_precision_loss, reason = "a count of callbacks")]
    fn with(&self, callbacks: u64) -> Hour {
        Hour { capacity: self.capacity, load: self.slot.expected_calls + callbacks as f64 }
    }

    fn outlook(&self) -> SlotOutlook {
        let Self { slot: Slot { start, agents, expected_calls }, capacity, before, added, .. } = *self;
        let above = added.saturating_sub(self.with(before).room());
        SlotOutlook { start, agents, capacity, expected_calls, before, added, above }
    }
}

impl Day {
    fn open(told: CampaignForecast, rules: &CampaignRules, standing: &[(Timestamp, u32)]) -> Self {
        let mut day = Self { unread: told.unread, ..Self::default() };
        for slot in told.forecast.slots() {
            let open = rules.open_parts(slot.interval());
            if open.is_empty() {
                continue;
            }
            let capacity = slot.agents * rules.calls_per_agent_hour;
            let capacity = if capacity > 0.0 { capacity.clamp(CAPACITY_MIN, CAPACITY_MAX) } else { 0.0 };
            let before = standing.iter().filter(|(at, _)| slot.interval().contains(*at));
            let before = before.map(|(_, count)| u64::from(*count)).sum();
            let hours = if capacity > 0.0 { &mut day.staffed } else { &mut day.unstaffed };
            hours.push(Filled { slot: *slot, open, capacity, before, added: 0 });
        }
        day
    }

    fn outlook(&self) -> DayOutlook {
        let mut slots: Vec<SlotOutlook> = self.staffed.iter().chain(&self.unstaffed).map(Filled::outlook).collect();
        slots.sort_by_key(|slot| slot.start);
        DayOutlook(slots)
    }

    /// The places of the first and the last hour with agents of which a stretch of time has an open second; all
    /// between them are open too.
    pub(super) fn reach(&self, span: Interval) -> Option<(usize, usize)> {
        let from = self.staffed.partition_point(|hour| hour.slot.interval().end <= span.start);
        let until = self.staffed.partition_point(|hour| hour.slot.start < span.end);
        let shares = |place: &usize| self.staffed[*place].open.iter().any(|part| !part.intersect(span).is_empty());
        let first = (from..until).find(shares)?;
        let last = (first..until).rev().find(shares)?;
        Some((first, last))
    }

    /// Why a stretch of time has no hour with agents to offer. Hours that could not be read come first: they may
    /// have agents.
    pub(super) fn why_unplaced(&self, span: Interval) -> Unplaced {
        let missed = |unread: &&Unread| !span.intersect(unread.range).is_empty();
        match self.unread.iter().find(missed) {
            Some(unread) => Unplaced { code: unread.code, detail: unread.detail.clone() },
            None if self.unstaffed.iter().flat_map(|hour| &hour.open).all(|part| part.intersect(span).is_empty()) => {
                Unplaced { code: Code::ForecastEmpty, detail: "no forecast covers the window".into() }
            }
            None => Unplaced { code: Code::ForecastNoAgents, detail: "no hour of the window has an agent".into() },
        }
    }
}

impl Strategy {
    /// The place, from `first` to `last`, of the hour that takes one more callback; the earlier on ties.
    pub(super) fn best(self, hours: &[Filled], first: usize, last: usize) -> usize {
        let burden = |place: usize| match self {
            Self::Balanced => hours[place].hour().occupancy(1),
            Self::Peak => -hours[place].slot.agents,
        };
        let mut best = first;
        for place in first..=last {
            if burden(place) < burden(best) {
                best = place;
            }
        }
        best
    }
}
