//! Which callbacks ask for the same hours, and the fewest forecast requests that cover them.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::interned::CampaignNo;
use crate::domain::time::{HOUR, Interval, Timestamp};
use crate::domain::window::Window;

/// Callbacks of one campaign that may be dispatched at exactly the same times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// Their campaign.
    pub campaign: CampaignNo,
    /// When they may be dispatched: in order, none empty, none over another.
    pub usable: Vec<Interval>,
    /// Their places in the batch, ascending.
    pub members: Vec<u32>,
}

/// A batch by what it asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Groups {
    /// The callbacks by usable time.
    pub classes: Vec<Class>,
    /// How many distinct pairs of a campaign and a window on the hour grid there are.
    pub count: u64,
}

/// A callback that is to be placed.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Its place in the batch.
    pub member: u32,
    /// Its campaign.
    pub campaign: CampaignNo,
    /// The window it asked for.
    pub window: Window,
    /// When it may be dispatched: the open parts of its window that are not too near.
    pub usable: Vec<Interval>,
}

/// Groups callbacks by campaign and usable time. The order is that of campaign and time.
#[must_use]
pub fn by_campaign_and_slots(wishes: impl IntoIterator<Item = Wish>) -> Groups {
    let mut classes: BTreeMap<(CampaignNo, Vec<Interval>), Vec<u32>> = BTreeMap::new();
    let mut grid: BTreeSet<(CampaignNo, Timestamp, Timestamp)> = BTreeSet::new();
    for wish in wishes {
        grid.insert((wish.campaign, wish.window.start().hour_floor(), wish.window.end().hour_ceil()));
        classes.entry((wish.campaign, wish.usable)).or_default().push(wish.member);
    }
    let classes = classes.into_iter().map(|((campaign, usable), members)| Class { campaign, usable, members });
    Groups { classes: classes.collect(), count: grid.len() as u64 }
}

/// The fewest stretches, each at most `range_max` seconds, that cover every hour that a class may use;
/// by campaign, in order of time, no hour twice, each trimmed to the last hour wanted in it.
#[must_use]
pub fn forecast_ranges(groups: &Groups, range_max: i64) -> Vec<(CampaignNo, Interval)> {
    let mut wanted: BTreeMap<CampaignNo, BTreeSet<Timestamp>> = BTreeMap::new();
    for class in &groups.classes {
        let hours = wanted.entry(class.campaign).or_default();
        hours.extend(class.usable.iter().flat_map(|part| hours_of(*part)));
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
    use super::*;

    fn part(start_min: i64, end_min: i64) -> Interval {
        Interval { start: Timestamp::from_unix(start_min * 60), end: Timestamp::from_unix(end_min * 60) }
    }

    fn wish(member: u32, campaign: u32, start_min: i64, end_min: i64) -> Wish {
        let usable = part(start_min, end_min);
        let window = Window::new(usable.start, usable.end).expect("a window");
        Wish { member, campaign: CampaignNo(campaign), window, usable: vec![usable] }
    }

    fn check(wishes: &[(u32, i64, i64)], ranges_in_hours: &[(u32, i64, i64)]) {
        let wishes = (0..).zip(wishes).map(|(member, &(campaign, start, end))| wish(member, campaign, start, end));
        let groups = by_campaign_and_slots(wishes);
        let ranges = forecast_ranges(&groups, 24 * HOUR);
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
    fn a_group_is_a_campaign_and_a_window_on_the_hour_grid() {
        let groups = by_campaign_and_slots([wish(0, 0, 610, 700), wish(1, 0, 600, 720), wish(2, 1, 610, 700)]);
        assert_eq!((groups.count, groups.classes.len()), (2, 3));
        let groups = by_campaign_and_slots([wish(0, 0, 610, 700), wish(1, 0, 610, 700)]);
        assert_eq!(groups.classes[0].members, [0, 1]);
    }
}
