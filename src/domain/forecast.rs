//! What the platform expects of a campaign's hours.

use super::code::Code;
use super::time::{HOUR, Interval, Timestamp};

/// One hour of a campaign's forecast: `[start, start + 1 h)`, wherever it starts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slot {
    /// The first instant inside.
    pub start: Timestamp,
    /// Agents at work; 0 or more, whole or not.
    pub agents: f64,
    /// Calls that come without us; 0 or more.
    pub expected_calls: f64,
}

impl Slot {
    /// The hour as a stretch of time.
    #[must_use]
    pub fn interval(&self) -> Interval {
        Interval { start: self.start, end: self.start.plus(HOUR) }
    }
}

/// The hours of an answer, in any order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ToldHours {
    /// Those that can be read.
    pub slots: Vec<Slot>,
    /// How many cannot be read: no time with a zone, or no number of agents or calls.
    pub unreadable: u64,
}

/// The hours of one campaign: in order, none over another.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Forecast(Vec<Slot>);

impl Forecast {
    /// Puts hours in order. Of hours that overlap the first counts; of one hour told twice, the one told
    /// first. Figures below zero or beyond counting are taken as zero.
    #[must_use]
    pub fn of(mut told: Vec<Slot>) -> Self {
        told.sort_by_key(|slot| slot.start);
        let mut slots: Vec<Slot> = Vec::with_capacity(told.len());
        for mut slot in told {
            if slots.last().is_some_and(|last| slot.start < last.interval().end) {
                continue;
            }
            slot.agents = counted(slot.agents);
            slot.expected_calls = counted(slot.expected_calls);
            slots.push(slot);
        }
        Self(slots)
    }

    /// The hours in order.
    #[must_use]
    pub fn slots(&self) -> &[Slot] {
        &self.0
    }
}

/// Agents or calls of one hour that can be counted: with more, one callback would make no difference, and with less
/// they are none.
const COUNTABLE: std::ops::RangeInclusive<f64> = 1e-6..=1e9;

fn counted(figure: f64) -> f64 {
    if COUNTABLE.contains(&figure) { figure } else { 0.0 }
}

/// A stretch whose forecast could not be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// What was asked for.
    pub range: Interval,
    /// Why: `platform.refused` is final, anything else may be asked again.
    pub code: Code,
    /// What the platform said, for a person.
    pub detail: String,
}

/// All that is known of one campaign's hours.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CampaignForecast {
    /// The hours that were told.
    pub forecast: Forecast,
    /// The stretches that were not.
    pub unread: Vec<Unread>,
}

/// The forecasts of a run, by campaign number.
pub type ForecastBook = std::collections::BTreeMap<super::interned::CampaignNo, CampaignForecast>;

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(start: i64, agents: f64) -> Slot {
        Slot { start: Timestamp::from_unix(start), agents, expected_calls: -1.0 }
    }

    #[test]
    fn hours_are_put_in_order_and_the_first_of_overlapping_ones_counts() {
        let told = vec![slot(7200, 3.0), slot(0, 1.5), slot(1800, 9.0), slot(3600, f64::INFINITY), slot(7200, 4.0)];
        let forecast = Forecast::of(told);
        let seen: Vec<_> = forecast.slots().iter().map(|s| (s.start.unix(), s.agents, s.expected_calls)).collect();
        assert_eq!(seen, [(0, 1.5, 0.0), (3600, 0.0, 0.0), (7200, 3.0, 0.0)]);
    }
}
