//! The hours of each campaign: what its agents can take, what is expected, what stood there before and what was added.

use std::fmt::Write;

use serde::Serialize;

use crate::domain::discreet::masked_name;
use crate::domain::outlook::{CampaignOutlook, DayOutlook, LateCallback, Outlook, SlotOutlook};
use crate::domain::report::Report;
use crate::domain::shown::marked;
use crate::domain::time::Timestamp;
use crate::domain::zone::Zone;

use super::super::bar::percent;
use super::super::plan_table::{figure, most_above_first, span, used_hours, zone_name, zone_or_utc};
use super::pieces::{COLUMN, HIGH, count, counted, grouped};

/// Hours that are shown, of all campaigns and of one. What is beyond is told by campaign.
const HOURS_SHOWN_MAX: usize = 2400;
const HOURS_OF_A_CAMPAIGN_MAX: usize = 336;

/// Campaigns that are told in one line each.
const CAMPAIGNS_IN_BRIEF_MAX: usize = 500;

/// Characters of a campaign's id.
const NAME_CHARACTERS_MAX: usize = 60;

/// The hours of all campaigns.
#[derive(Serialize)]
pub(super) struct Hours<'a> {
    /// What it comes to, in a sentence.
    words: String,
    campaigns: Vec<Campaign<'a>>,
    brief: Vec<Brief>,
    /// Campaigns that are not even told in one line.
    untold: usize,
    /// Of a plan: the requests that it needs.
    needs: Option<String>,
    late: Vec<Late>,
    late_count: u64,
}

/// A campaign in full.
#[derive(Serialize)]
struct Campaign<'a> {
    /// Its place on the page, for the ids of its picture.
    place: usize,
    name: String,
    zone: &'a str,
    words: String,
    unplaced: Vec<(&'static str, u64)>,
    picture: Option<Picture>,
    hours: Vec<Hour>,
    /// Hours that are not shown.
    cut: usize,
}

/// An hour in figures.
#[derive(Serialize)]
struct Hour {
    at: String,
    agents: String,
    capacity: String,
    expected: String,
    before: u64,
    added: u64,
    above: u64,
    full: String,
}

/// A campaign in one line.
#[derive(Serialize)]
struct Brief {
    name: String,
    placed: u64,
    above: u64,
    fullest: String,
    unplaced: u64,
}

/// A callback that cannot be created in time.
#[derive(Serialize)]
struct Late {
    phone: String,
    campaign: String,
    window: String,
    place: String,
}

/// The columns of a picture, each ten units wide; it is 200 units high, and the page stretches it.
#[derive(Serialize)]
struct Picture {
    words: String,
    /// How wide it is in its own units, and at most in pixels.
    width: usize,
    pixels: usize,
    /// Columns, as paths.
    capacity: String,
    expected: String,
    before: String,
    added: String,
    /// The capacity as a line above all columns.
    line: String,
    /// What the picture's upper edge stands for.
    top: String,
    ticks: Vec<Tick>,
    days: Vec<Tick>,
}

/// A word below a column, or at the beginning of a day; `x` in percent.
#[derive(Serialize)]
struct Tick {
    x: String,
    text: String,
}

/// A column is at most so wide on a page.
const COLUMN_PIXELS_MAX: usize = 56;

/// Room for the words of a picture.
const PICTURE_PIXELS_MIN: usize = 120;

impl<'a> Hours<'a> {
    pub(super) fn of(campaigns: &'a [CampaignOutlook], report: &'a Report) -> Self {
        let mut hours = Self::beginning(campaigns, report.outlook.as_ref());
        let mut left = HOURS_SHOWN_MAX;
        for outlook in most_above_first(campaigns) {
            let zone = zone_or_utc(outlook.zone.as_ref());
            let used = used_hours(outlook, &zone);
            let shown = used.len().min(HOURS_OF_A_CAMPAIGN_MAX);
            // Also a campaign without an hour takes its place.
            if shown.max(1) <= left {
                left -= shown.max(1);
                hours.campaigns.push(campaign(outlook, (hours.campaigns.len(), &zone), &used));
            } else if hours.brief.len() < CAMPAIGNS_IN_BRIEF_MAX {
                hours.brief.push(brief(outlook));
            } else {
                hours.untold += 1;
            }
        }
        hours
    }

    fn beginning(campaigns: &[CampaignOutlook], outlook: Option<&Outlook>) -> Self {
        let sum = |of: fn(&DayOutlook) -> u64| campaigns.iter().map(|campaign| of(&campaign.day)).sum::<u64>();
        let (placed, above) = (sum(DayOutlook::added), sum(DayOutlook::above));
        let (placed, among) = (counted(placed, "callback"), counted(campaigns.len() as u64, "campaign"));
        let above = if above == 0 { "none".to_owned() } else { count(above) };
        let words = format!("{placed} in {among}, {above} above what the agents can take.");
        let late = outlook.map(|outlook| &outlook.late);
        Self {
            words,
            campaigns: Vec::new(),
            brief: Vec::new(),
            untold: 0,
            needs: outlook.map(needs),
            late: late.iter().flat_map(|late| &late.first).map(late_row).collect(),
            late_count: late.map_or(0, |late| late.count),
        }
    }
}

fn needs(outlook: &Outlook) -> String {
    let total = outlook.needs.total();
    if total == 0 {
        return "No request is left to be made.".to_owned();
    }
    let (contacts, texts) = (count(outlook.needs.contacts), count(outlook.needs.texts));
    let time = span(outlook.seconds_needed());
    let (requests, end) = (counted(total, "request"), outlook.finish_at.chrono().format("%-d %b %Y %H:%M UTC"));
    format!(
        "{requests} to leave, {contacts} for contacts and {texts} for texts: {time}, until {end} if the run begins now."
    )
}

fn late_row(late: &LateCallback) -> Late {
    let zone = zone_or_utc(late.zone.as_ref());
    let at = |at: Timestamp| zone.wall_clock(at).format("%-d %b %H:%M").to_string();
    let place =
        late.row.as_ref().map_or_else(String::new, |(input, line)| format!("{}, line {line}", shown_name(input)));
    Late {
        phone: late.phone.clone(),
        campaign: shown_name(&late.campaign),
        window: format!("{} – {}", at(late.window.start), at(late.window.end)),
        place,
    }
}

/// A name as it may be shown: in a row whose columns are shifted, a number stands in a campaign's place.
fn shown_name(name: &str) -> String {
    marked(&masked_name(name), NAME_CHARACTERS_MAX)
}

fn brief(outlook: &CampaignOutlook) -> Brief {
    Brief {
        name: shown_name(&outlook.name),
        placed: outlook.day.added(),
        above: outlook.day.above(),
        fullest: outlook.day.highest_occupancy().map_or_else(|| "–".to_owned(), percent),
        unplaced: outlook.unplaced.values().sum(),
    }
}

fn campaign<'a>(outlook: &'a CampaignOutlook, (place, zone): (usize, &Zone), used: &[usize]) -> Campaign<'a> {
    let shown = &used[..used.len().min(HOURS_OF_A_CAMPAIGN_MAX)];
    let slots: Vec<SlotOutlook> = shown.iter().map(|place| outlook.day.0[*place]).collect();
    let words = words(&outlook.day);
    Campaign {
        place,
        name: shown_name(&outlook.name),
        zone: zone_name(outlook.zone.as_ref()),
        unplaced: outlook.unplaced.iter().map(|(code, count)| (*code, *count)).collect(),
        picture: (!slots.is_empty()).then(|| picture(&slots, zone, &words)),
        words,
        hours: slots.iter().map(|slot| hour(slot, zone)).collect(),
        cut: used.len() - shown.len(),
    }
}

/// What its hours come to.
fn words(day: &DayOutlook) -> String {
    let mut words = format!("{} added", counted(day.added(), "callback"));
    if day.above() > 0 {
        let _ = write!(words, ", {} above what the agents can take", count(day.above()));
    }
    if let Some(fullest) = day.highest_occupancy() {
        let _ = write!(words, ", the fullest hour at {}", percent(fullest));
    }
    words
}

fn hour(slot: &SlotOutlook, zone: &Zone) -> Hour {
    Hour {
        at: zone.wall_clock(slot.start).format("%a %-d %b %H:%M").to_string(),
        agents: grouped(&figure(slot.agents)),
        capacity: grouped(&figure(slot.capacity)),
        expected: grouped(&figure(slot.expected_calls)),
        before: slot.before,
        added: slot.added,
        above: slot.above,
        full: slot.occupancy().map_or_else(|| "–".to_owned(), percent),
    }
}

fn picture(slots: &[SlotOutlook], zone: &Zone, words: &str) -> Picture {
    let highest = slots.iter().map(|slot| slot.capacity.max(load(slot, 2))).fold(0.0, f64::max);
    let scale = if highest > 0.0 { HIGH / highest } else { 0.0 };
    let columns = |from: fn(&SlotOutlook) -> f64, to: fn(&SlotOutlook) -> f64| {
        let column = |(place, slot)| column(place, from(slot) * scale, to(slot) * scale);
        slots.iter().enumerate().map(column).collect::<String>()
    };
    let line = |(place, slot): (usize, &SlotOutlook)| {
        format!("M{} {:.0}h{COLUMN}", place * COLUMN, HIGH - slot.capacity * scale)
    };
    Picture {
        words: words.to_owned(),
        width: slots.len() * COLUMN,
        pixels: (slots.len() * COLUMN_PIXELS_MAX).max(PICTURE_PIXELS_MIN),
        capacity: columns(|_| 0.0, |slot| slot.capacity),
        expected: columns(|_| 0.0, |slot| load(slot, 0)),
        before: columns(|slot| load(slot, 0), |slot| load(slot, 1)),
        added: columns(|slot| load(slot, 1), |slot| load(slot, 2)),
        line: slots.iter().enumerate().map(line).collect(),
        top: grouped(&figure(highest)),
        ticks: ticks(slots, zone),
        days: days(slots, zone),
    }
}

/// Expected calls; with what stood there before; with what was added.
#[expect(clippy::cast_precision_loss, reason = "a count of callbacks")]
fn load(slot: &SlotOutlook, parts: u8) -> f64 {
    let counts = [0, slot.before, slot.before + slot.added];
    slot.expected_calls + counts[usize::from(parts.min(2))] as f64
}

/// A column from one height to another, a unit narrower on both sides than its place; what is there can be seen.
fn column(place: usize, from: f64, to: f64) -> String {
    const LEAST: f64 = 2.0;
    if to <= from {
        return String::new();
    }
    let from = from.round();
    let to = to.round().max(from + LEAST);
    format!("M{} {}h8v-{}h-8z", place * COLUMN + 1, HIGH - from, to - from)
}

/// Hours below the columns: as many as there is room for on a telephone.
fn ticks(slots: &[SlotOutlook], zone: &Zone) -> Vec<Tick> {
    const TICKS_MAX: usize = 8;
    /// How much of the width a word takes there.
    const ROOM: f64 = 0.1;
    let step = slots.len().div_ceil(TICKS_MAX);
    let tick = |(place, slot): (usize, &SlotOutlook)| Tick {
        x: percent_at(share(place, slots.len())),
        text: zone.wall_clock(slot.start).format("%H:%M").to_string(),
    };
    let has_room = |(place, _): &(usize, &SlotOutlook)| *place == 0 || share(*place, slots.len()) <= 1.0 - ROOM;
    slots.iter().enumerate().step_by(step).filter(has_room).map(tick).collect()
}

/// Where each day begins; its name is left out where there is no room for it.
fn days(slots: &[SlotOutlook], zone: &Zone) -> Vec<Tick> {
    /// How much of the width a name takes on a telephone.
    const ROOM: f64 = 0.14;
    let date = |slot: &SlotOutlook| zone.wall_clock(slot.start).date();
    let (mut days, mut last) = (Vec::new(), f64::NEG_INFINITY);
    for (place, slot) in slots.iter().enumerate() {
        if place > 0 && date(&slots[place - 1]) == date(slot) {
            continue;
        }
        let x = share(place, slots.len());
        let has_room = x - last >= ROOM && x <= 1.0 - ROOM;
        let text = if has_room || place == 0 { date(slot).format("%a %-d").to_string() } else { String::new() };
        if !text.is_empty() {
            last = x;
        }
        days.push(Tick { x: percent_at(x), text });
    }
    days
}

#[expect(clippy::cast_precision_loss, reason = "some hundred columns")]
fn share(place: usize, of: usize) -> f64 {
    place as f64 / of.max(1) as f64
}

fn percent_at(share: f64) -> String {
    format!("{:.2}", share * 100.0)
}
