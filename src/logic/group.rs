//! Which callbacks ask for the same hours, and the fewest forecast requests that cover them.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::fast::RandomState;
use hashbrown::HashSet;

use crate::domain::interned::CampaignNo;
use crate::domain::time::{HOUR, Interval, Timestamp};
use crate::domain::window::Window;

use super::place::{CampaignRules, Wish};

/// How many distinct pairs of a campaign and a window on the hour grid there are.
#[must_use]
pub fn count(windows: impl IntoIterator<Item = (CampaignNo, Window)>) -> u64 {
    let grid = |(campaign, window): (CampaignNo, Window)| (campaign, on_grid(window.interval()));
    windows.into_iter().map(grid).collect::<HashSet<_, RandomState>>().len() as u64
}

fn on_grid(of: Interval) -> Interval {
    Interval { start: of.start.hour_floor(), end: of.end.hour_ceil() }
}

/// The fewest stretches, each at most `range_max` seconds, that cover every hour that a callback may use; by
/// campaign, in order of time, no hour twice, each trimmed to the last hour wanted in it. `rules` are by campaign
/// number.
#[must_use]
pub fn forecast_ranges(wishes: &[Wish], rules: &[CampaignRules], range_max: i64) -> Vec<(CampaignNo, Interval)> {
    let grid = |wish: &Wish| (wish.campaign, on_grid(wish.span));
    let asked: HashSet<(CampaignNo, Interval), RandomState> = wishes.iter().map(grid).collect();
    let mut wanted: BTreeMap<CampaignNo, BTreeSet<Timestamp>> = BTreeMap::new();
    for (campaign, hours) in asked {
        let rules = rules.get(campaign.0 as usize).cloned().unwrap_or_default();
        let of_campaign = wanted.entry(campaign).or_default();
        of_campaign.extend(rules.open_parts(hours).into_iter().flat_map(hours_of));
    }
    let ranges = wanted
        .into_iter()
        .flat_map(|(campaign, hours)| cover(&hours, range_max).into_iter().map(move |range| (campaign, range)));
    ranges.collect()
}

fn hours_of(part: Interval) -> impl Iterator<Item = Timestamp> {
    let mut hour = part.start.hour_floor();
    std::iter::from_fn(move || {
        let next = (hour < part.end).then_some(hour);
        hour = hour.plus(HOUR);
        next
    })
}

/// Runs greedily from the first hour: no cover of the same length has fewer stretches.
fn cover(hours: &BTreeSet<Timestamp>, range_max: i64) -> Vec<Interval> {
    let mut ranges: Vec<Interval> = Vec::new();
    for &hour in hours {
        let end = hour.plus(HOUR);
        match ranges.last_mut() {
            Some(range) if end.since(range.start) <= range_max.max(HOUR) => range.end = end,
            _ => ranges.push(Interval { start: hour, end }),
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::logic::hours::week::{Hours, HoursSpec};

    fn part(start_min: i64, end_min: i64) -> Interval {
        Interval { start: Timestamp::from_unix(start_min * 60), end: Timestamp::from_unix(end_min * 60) }
    }

    fn wish(campaign: u32, start_min: i64, end_min: i64) -> Wish {
        Wish { member: 0, campaign: CampaignNo(campaign), span: part(start_min, end_min) }
    }

    fn check(wishes: &[(u32, i64, i64)], ranges_in_hours: &[(u32, i64, i64)]) {
        let wishes: Vec<Wish> = wishes.iter().map(|&(campaign, start, end)| wish(campaign, start, end)).collect();
        let ranges = forecast_ranges(&wishes, &[], 24 * HOUR);
        let seen: Vec<_> = ranges.iter().map(|(c, r)| (c.0, r.start.unix() / HOUR, r.end.unix() / HOUR)).collect();
        assert_eq!(seen, ranges_in_hours);
    }

    #[test]
    fn the_fewest_ranges_no_hour_twice() {
        check(&[(0, 640, 730), (0, 600, 660)], &[(0, 10, 13)]);
        check(&[(0, 0, 60), (0, 23 * 60, 24 * 60)], &[(0, 0, 24)]);
        check(&[(0, 0, 60), (0, 24 * 60, 25 * 60)], &[(0, 0, 1), (0, 24, 25)]);
        check(&[(1, 0, 60), (0, 0, 60)], &[(0, 0, 1), (1, 0, 1)]);
        check(&[(0, 22 * 60, 26 * 60)], &[(0, 22, 26)]);
        check(&[], &[]);
    }

    #[test]
    fn hours_that_are_closed_at_both_ends_are_not_asked_for() {
        let days = vec![("mon-sun".to_owned(), vec!["09:00-12:00".to_owned()])];
        let spec = HoursSpec { timezone: "UTC".into(), days, holidays: Vec::new() };
        let hours = Some(Arc::new(Hours::new(&spec).expect("hours")));
        let rules = [CampaignRules { hours, calls_per_agent_hour: 1.0 }];
        let ranges = forecast_ranges(&[wish(0, 10 * 60, 34 * 60)], &rules, 48 * HOUR);
        assert_eq!(ranges, [(CampaignNo(0), part(10 * 60, 34 * 60))]);
        let ranges = forecast_ranges(&[wish(0, 10 * 60, 34 * 60)], &rules, 4 * HOUR);
        assert_eq!(ranges, [(CampaignNo(0), part(10 * 60, 12 * 60)), (CampaignNo(0), part(33 * 60, 34 * 60))]);
    }

    #[test]
    fn a_group_is_a_campaign_and_a_window_on_the_hour_grid() {
        let window = |campaign, start, end| {
            let part = part(start, end);
            (CampaignNo(campaign), Window::new(part.start, part.end).expect("a window"))
        };
        assert_eq!(count([window(0, 610, 700), window(0, 600, 720), window(1, 610, 700)]), 2);
    }
}
