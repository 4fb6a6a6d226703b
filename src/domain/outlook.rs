//! What a plan makes of the hours: for each campaign what stands in its hours and what comes, the requests that are
//! still to leave, and when they have left. Sums are folded from the hours and kept nowhere else.

use std::collections::BTreeMap;

use super::strategy::Strategy;
use super::time::{HOUR, Interval, Timestamp};
use super::zone::Zone;

/// One hour of a campaign as a plan leaves it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SlotOutlook {
    /// Its first second.
    pub start: Timestamp,
    /// Agents at work; 0 where the campaign is open without any.
    pub agents: f64,
    /// Calls that its agents can take.
    pub capacity: f64,
    /// Calls that come without us.
    pub expected_calls: f64,
    /// Callbacks of earlier runs.
    pub before: u64,
    /// Callbacks of this plan.
    pub added: u64,
    /// How many of those added are above the capacity.
    pub above: u64,
}

impl SlotOutlook {
    /// The share of the capacity that is in use before the plan; `None` where there is no capacity.
    #[must_use]
    pub fn occupancy_before(&self) -> Option<f64> {
        self.share(self.before)
    }

    /// The share of the capacity that is in use with the plan; `None` where there is no capacity.
    #[must_use]
    pub fn occupancy(&self) -> Option<f64> {
        self.share(self.before + self.added)
    }

    /// Callbacks that fit below the capacity beside all that was there before.
    #[expect(clippy::cast_precision_loss, reason = "a count of callbacks")]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "cut at 0, and saturating above")]
    fn room(&self) -> u64 {
        /// What a sum of figures from a forecast may be off by.
        const ROUNDING: f64 = 1e-9;
        (self.capacity - self.expected_calls - self.before as f64 + ROUNDING).floor().max(0.0) as u64
    }

    #[expect(clippy::cast_precision_loss, reason = "a count of callbacks")]
    fn share(&self, callbacks: u64) -> Option<f64> {
        (self.capacity > 0.0).then(|| (self.expected_calls + callbacks as f64) / self.capacity)
    }
}

/// The hours of a campaign in order, those without agents among them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DayOutlook(pub Vec<SlotOutlook>);

impl DayOutlook {
    /// Callbacks of this plan.
    #[must_use]
    pub fn added(&self) -> u64 {
        self.0.iter().map(|slot| slot.added).sum()
    }

    /// How many of them are above capacity.
    #[must_use]
    pub fn above(&self) -> u64 {
        self.0.iter().map(|slot| slot.above).sum()
    }

    /// Moves one of those added from one time to another; `None` where it stands at no time.
    pub fn moved(&mut self, from: Option<Timestamp>, to: Option<Timestamp>) {
        if let Some(slot) = from.and_then(|at| self.slot_at(at)) {
            slot.added = slot.added.saturating_sub(1);
            slot.above = slot.added.saturating_sub(slot.room());
        }
        if let Some(slot) = to.and_then(|at| self.slot_at(at)) {
            slot.added += 1;
            slot.above = slot.added.saturating_sub(slot.room());
        }
    }

    fn slot_at(&mut self, at: Timestamp) -> Option<&mut SlotOutlook> {
        let behind = self.0.partition_point(|slot| slot.start <= at);
        self.0.get_mut(behind.checked_sub(1)?).filter(|slot| at < slot.start.plus(HOUR))
    }

    /// The highest occupancy of the hours that callbacks of this plan go to; `None` where none goes anywhere.
    #[must_use]
    pub fn highest_occupancy(&self) -> Option<f64> {
        let used = self.0.iter().filter(|slot| slot.added > 0);
        used.filter_map(SlotOutlook::occupancy).max_by(f64::total_cmp)
    }
}

/// A campaign as a plan leaves it.
#[derive(Clone, Debug, PartialEq)]
pub struct CampaignOutlook {
    /// Its id on the platform.
    pub name: String,
    /// The zone in which its people say times; `None` where no setting tells one.
    pub zone: Option<Zone>,
    /// Callbacks without a dispatch time, by code.
    pub unplaced: BTreeMap<&'static str, u64>,
    /// Its hours by the plan's strategy.
    pub day: DayOutlook,
    /// The same hours by the strategy beside it; none where nothing is compared.
    pub beside: DayOutlook,
}

/// Requests that are still to leave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// For contacts.
    pub contacts: u64,
    /// For texts.
    pub texts: u64,
}

impl Needs {
    /// All of them.
    #[must_use]
    pub fn total(self) -> u64 {
        self.contacts + self.texts
    }
}

/// A callback that cannot be created in time.
#[derive(Clone, Debug, PartialEq)]
pub struct LateCallback {
    /// The phone, masked.
    pub phone: String,
    /// The campaign's id on the platform.
    pub campaign: String,
    /// The zone in which the campaign's people say times.
    pub zone: Option<Zone>,
    /// What the customer asked for.
    pub window: Interval,
    /// The input and the line of its row; `None` where it comes from the ledger.
    pub row: Option<(String, u64)>,
}

/// Callbacks that cannot be created before their last second, at the rate that is allowed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Late {
    /// How many.
    pub count: u64,
    /// The first of them.
    pub first: Vec<LateCallback>,
}

/// What a plan comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Outlook {
    /// By which rule it placed.
    pub strategy: Strategy,
    /// The rule that the same callbacks were placed by beside it, where somebody asked for a comparison.
    pub beside: Option<Strategy>,
    /// The campaigns, by name.
    pub campaigns: Vec<CampaignOutlook>,
    /// What is still to leave.
    pub needs: Needs,
    /// When the first of it could leave.
    pub begins_at: Timestamp,
    /// When the last of it has left, at the rate that is allowed.
    pub finish_at: Timestamp,
    /// What will miss.
    pub late: Late,
}

impl Outlook {
    /// Callbacks that go into hours; those that are late are not among them.
    #[must_use]
    pub fn added(&self) -> u64 {
        self.campaigns.iter().map(|campaign| campaign.day.added()).sum()
    }

    /// How many of them are above capacity.
    #[must_use]
    pub fn above(&self) -> u64 {
        self.campaigns.iter().map(|campaign| campaign.day.above()).sum()
    }

    /// The hours of all campaigns together, by one strategy or the other.
    #[must_use]
    pub fn all(&self, of: fn(&CampaignOutlook) -> &DayOutlook) -> DayOutlook {
        DayOutlook(self.campaigns.iter().flat_map(|campaign| of(campaign).0.iter().copied()).collect())
    }

    /// Seconds from the first request to the last.
    #[must_use]
    pub fn seconds_needed(&self) -> i64 {
        self.finish_at.since(self.begins_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callback_that_moves_is_counted_where_it_goes() {
        let slot = |start: i64, added: u64, above: u64| {
            let (start, agents, capacity, expected_calls) = (Timestamp::from_unix(start), 1.0, 10.0, 7.5);
            SlotOutlook { start, agents, capacity, expected_calls, before: 1, added, above }
        };
        let mut day = DayOutlook(vec![slot(0, 3, 2), slot(HOUR, 1, 0), slot(5 * HOUR, 0, 0)]);
        let at = |seconds: i64| Some(Timestamp::from_unix(seconds));
        day.moved(at(HOUR - 1), at(HOUR));
        day.moved(None, at(5 * HOUR + 1));
        day.moved(at(0), None);
        day.moved(at(3 * HOUR), at(-1));
        assert_eq!(day.0, [slot(0, 1, 0), slot(HOUR, 2, 1), slot(5 * HOUR, 1, 0)]);
    }
}
