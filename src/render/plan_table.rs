//! The plan as a call-centre planner reads it: the hours of each campaign, what the agents cannot take, and how long
//! the requests take.

use std::fmt::Write;

use crate::domain::outlook::{CampaignOutlook, DayOutlook, LateCallback, Outlook, SlotOutlook};
use crate::domain::report::Report;
use crate::domain::shown::marked;
use crate::domain::strategy::Strategy;
use crate::domain::time::Timestamp;
use crate::domain::zone::Zone;

use super::bar::{Width, bar, percent};

/// Campaigns of which the hours are shown; of the others there is one line each.
const CAMPAIGNS_SHOWN_MAX: usize = 20;

/// Signs of a campaign's id that are shown, and of an input's name.
const NAME_MAX: usize = 36;

/// The bar of a strategy that stands alone.
const ALONE: Width = Width { full: 16, over: 5 };

/// The bars of two side by side.
const BESIDE: Width = Width { full: 5, over: 2 };

/// Adds the plan of a report, where it has one.
pub(super) fn tell(text: &mut String, report: &Report) {
    let Some(outlook) = &report.outlook else { return };
    headline(text, outlook);
    if let Some(beside) = outlook.beside.filter(|_| !outlook.campaigns.is_empty()) {
        sums_side_by_side(text, outlook, beside);
    }
    let campaigns = most_above_first(&outlook.campaigns);
    let (shown, others) = campaigns.split_at(campaigns.len().min(CAMPAIGNS_SHOWN_MAX));
    for campaign in shown {
        of_campaign(text, campaign, outlook);
    }
    in_brief(text, others, outlook);
    needs(text, report, outlook);
    late(text, outlook);
}

fn headline(text: &mut String, outlook: &Outlook) {
    if outlook.campaigns.is_empty() {
        return;
    }
    let (placed, above) = (counted(outlook.added(), "callback"), above(outlook.above()));
    let campaigns = counted(outlook.campaigns.len() as u64, "campaign");
    let _ = writeln!(text, "\n{} placement: {placed} in {campaigns}, {above}", outlook.strategy.as_str());
    if outlook.beside.is_none() && outlook.added() > 0 {
        let _ = writeln!(text, "bars: = there already, # added by this plan, | all that the agents can take");
    }
}

/// A count with its noun.
pub(super) fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

fn above(count: u64) -> String {
    if count == 0 { "none above capacity".to_owned() } else { format!("{count} above capacity") }
}

fn fullest(day: &DayOutlook) -> String {
    day.highest_occupancy().map_or_else(|| "-".to_owned(), percent)
}

/// Those with most above capacity first, then those with the fullest hour, then by name.
pub(super) fn most_above_first(campaigns: &[CampaignOutlook]) -> Vec<&CampaignOutlook> {
    let above = |campaign: &CampaignOutlook| campaign.day.above().max(campaign.beside.above());
    let fullest = |campaign: &CampaignOutlook| campaign.day.highest_occupancy().unwrap_or_default();
    let mut campaigns: Vec<&CampaignOutlook> = campaigns.iter().collect();
    campaigns.sort_by(|one, other| above(other).cmp(&above(one)).then_with(|| fullest(other).total_cmp(&fullest(one))));
    campaigns
}

fn of_campaign(text: &mut String, campaign: &CampaignOutlook, outlook: &Outlook) {
    let (zone, day) = (campaign.zone.as_ref(), &campaign.day);
    let _ = writeln!(text, "\n{}, times in {}", marked(&campaign.name, NAME_MAX), zone_name(zone));
    if day.added() > 0 {
        let _ = writeln!(text, "  {} placed, {}, fullest hour {}", day.added(), above(day.above()), fullest(day));
    }
    for (code, count) in &campaign.unplaced {
        let _ = writeln!(text, "  {count} without an hour: {code}");
    }
    let rows = rows(campaign, &zone_or_utc(zone));
    match outlook.beside {
        _ if rows.is_empty() => {}
        Some(beside) => side_by_side(text, &rows, [outlook.strategy, beside]),
        None => alone(text, &rows),
    }
}

/// Campaigns in one line each; a comparison has told their sums already.
fn in_brief(text: &mut String, campaigns: &[&CampaignOutlook], outlook: &Outlook) {
    if campaigns.is_empty() {
        return;
    }
    let count = counted(campaigns.len() as u64, "campaign");
    let _ = writeln!(text, "\n{count} more, less full; --json has their hours too");
    if outlook.beside.is_some() {
        return;
    }
    let _ = writeln!(text, "  {:<37}{:>9}{:>9}{:>9}{:>9}", "campaign", "placed", "above", "fullest", "no hour");
    for campaign in campaigns {
        let (name, day) = (marked(&campaign.name, NAME_MAX), &campaign.day);
        let (placed, above, fullest) = (day.added(), day.above(), fullest(day));
        let unplaced: u64 = campaign.unplaced.values().sum();
        let _ = writeln!(text, "  {name:<37}{placed:>9}{above:>9}{fullest:>9}{unplaced:>9}");
    }
}

/// An hour as it is shown: when it begins, and what is in it by the plan and by the strategy beside it.
struct Row<'a> {
    at: String,
    slot: &'a SlotOutlook,
    beside: Option<&'a SlotOutlook>,
}

fn rows<'a>(campaign: &'a CampaignOutlook, zone: &Zone) -> Vec<Row<'a>> {
    let (slots, beside) = (&campaign.day.0, &campaign.beside.0);
    let row =
        |place: usize| Row { at: moment(slots[place].start, zone), slot: &slots[place], beside: beside.get(place) };
    used_hours(campaign, zone).into_iter().map(row).collect()
}

/// The places of the hours of each day from the first to the last that has callbacks; what lies around is nobody's
/// concern.
pub(super) fn used_hours(campaign: &CampaignOutlook, zone: &Zone) -> Vec<usize> {
    let (slots, beside) = (&campaign.day.0, &campaign.beside.0);
    let is_used = |place: &usize| {
        slots[*place].before + slots[*place].added > 0 || beside.get(*place).is_some_and(|beside| beside.added > 0)
    };
    let date = |place: &usize| zone.wall_clock(slots[*place].start).date();
    let all: Vec<usize> = (0..slots.len()).collect();
    let mut shown = Vec::new();
    for day in all.chunk_by(|one, next| date(one) == date(next)) {
        let first = day.iter().position(is_used).unwrap_or(day.len());
        let end = day.iter().rposition(is_used).map_or(first, |last| last + 1);
        shown.extend(&day[first..end]);
    }
    shown
}

fn alone(text: &mut String, rows: &[Row<'_>]) {
    let _ = writeln!(
        text,
        "  {:<16}{:>7}{:>9}{:>7}{:>7}{:>7} {:>17}",
        "hour", "agents", "expected", "before", "added", "full", "100 %"
    );
    for Row { at, slot, .. } in rows {
        let SlotOutlook { agents, expected_calls, before, added, .. } = slot;
        let (agents, expected) = (figure(*agents), figure(*expected_calls));
        let line = format!("  {at:<16}{agents:>7}{expected:>9}{before:>7}{added:>7}{}", share_and_bar(slot, ALONE));
        let _ = writeln!(text, "{}", line.trim_end());
    }
}

fn side_by_side(text: &mut String, rows: &[Row<'_>], strategies: [Strategy; 2]) {
    let [own, other] = strategies.map(Strategy::as_str);
    let _ = writeln!(text, "  {:<32}{own:>14}{:8}{other:>14}", "", "");
    let _ = writeln!(
        text,
        "  {:<16}{:>7}{:>9}{:>7}{:>7}{:8}{:>7}{:>7}",
        "hour", "agents", "expected", "added", "full", "", "added", "full"
    );
    for Row { at, slot, beside } in rows {
        let (agents, expected) = (figure(slot.agents), figure(slot.expected_calls));
        let side = |slot: &SlotOutlook| format!("{:>7}{:<16}", slot.added, share_and_bar(slot, BESIDE));
        let sides: String = std::iter::once(*slot).chain(*beside).map(side).collect();
        let line = format!("  {at:<16}{agents:>7}{expected:>9}{sides}");
        let _ = writeln!(text, "{}", line.trim_end());
    }
}

/// How full an hour is, in percent and as a bar; nothing can be said where there is no agent.
fn share_and_bar(slot: &SlotOutlook, width: Width) -> String {
    match (slot.occupancy_before(), slot.occupancy()) {
        (Some(before), Some(after)) => format!("{:>7} {}", percent(after), bar(before, after, width)),
        _ => format!("{:>7}", "-"),
    }
}

/// Above capacity and the fullest hour of each campaign, by both strategies.
fn sums_side_by_side(text: &mut String, outlook: &Outlook, beside: Strategy) {
    let [own, other] = [outlook.strategy, beside].map(Strategy::as_str);
    let _ = writeln!(text, "\n  {:<37}{own:>18}{other:>21}", "");
    let _ = writeln!(text, "  {:<37}{:>9}{:>9}{:>12}{:>9}", "campaign", "above", "fullest", "above", "fullest");
    for campaign in most_above_first(&outlook.campaigns) {
        sums_line(text, &marked(&campaign.name, NAME_MAX), [&campaign.day, &campaign.beside]);
    }
    if outlook.campaigns.len() > 1 {
        sums_line(text, "all", [&outlook.all(|campaign| &campaign.day), &outlook.all(|campaign| &campaign.beside)]);
    }
}

fn sums_line(text: &mut String, name: &str, days: [&DayOutlook; 2]) {
    let [(own, own_fullest), (other, other_fullest)] = days.map(|day| (day.above(), fullest(day)));
    let _ = writeln!(text, "  {name:<37}{own:>9}{own_fullest:>9}{other:>12}{other_fullest:>9}");
}

fn needs(text: &mut String, report: &Report, outlook: &Outlook) {
    let needs = outlook.needs;
    if needs.total() == 0 {
        let _ = writeln!(text, "\nnothing is left to send");
        return;
    }
    let (contacts, texts) = (counted(needs.contacts, "contact"), counted(needs.texts, "text"));
    let (requests, rate) = (counted(needs.total(), "request"), report.limit_per_minute);
    let needed = span(outlook.seconds_needed());
    let _ = writeln!(text, "\nto send: {requests} ({contacts}, {texts}), at {rate} a minute: {needed}");
    let zone = common_zone(outlook);
    let finish = moment(outlook.finish_at, &zone_or_utc(zone));
    let _ = writeln!(text, "done: {finish} {}, if the run begins now", zone_name(zone));
}

fn late(text: &mut String, outlook: &Outlook) {
    let late = &outlook.late;
    if late.count == 0 {
        return;
    }
    let count = counted(late.count, "callback");
    let _ = writeln!(text, "too late: {count} cannot be created in time at this rate; tried last");
    for callback in &late.first {
        let _ = writeln!(text, "  {}", late_line(callback));
    }
    let untold = late.count.saturating_sub(late.first.len() as u64);
    if untold > 0 {
        let _ = writeln!(text, "  and {untold} more");
    }
}

fn late_line(late: &LateCallback) -> String {
    let zone = zone_or_utc(late.zone.as_ref());
    let (start, end) = (moment(late.window.start, &zone), zone.wall_clock(late.window.end).format("%H:%M"));
    let (campaign, zone) = (marked(&late.campaign, NAME_MAX), zone.abbreviation(late.window.start));
    let row = late.row.as_ref().map(|(input, line)| format!(", {} line {line}", marked(input, NAME_MAX)));
    format!("{} {campaign}, {start} to {end} {zone}{}", late.phone, row.unwrap_or_default())
}

/// The zone that all campaigns share.
fn common_zone(outlook: &Outlook) -> Option<&Zone> {
    let first = outlook.campaigns.first()?.zone.as_ref()?;
    outlook.campaigns.iter().all(|campaign| campaign.zone.as_ref() == Some(first)).then_some(first)
}

pub(super) fn zone_or_utc(zone: Option<&Zone>) -> Zone {
    zone.cloned().unwrap_or_else(|| Zone::fixed(0))
}

pub(super) fn zone_name(zone: Option<&Zone>) -> &str {
    zone.and_then(Zone::name).unwrap_or("UTC")
}

/// A time on the clocks of a zone, always as wide: `Tue  3 Nov 10:00`.
fn moment(at: Timestamp, zone: &Zone) -> String {
    zone.wall_clock(at).format("%a %e %b %H:%M").to_string()
}

/// A figure of a forecast: whole, or with a place behind the point where it is not.
pub(super) fn figure(figure: f64) -> String {
    let tenths = (figure * 10.0).round() / 10.0;
    format!("{tenths}")
}

/// A time that something takes, in minutes, in hours where there are many.
pub(super) fn span(seconds: i64) -> String {
    let minutes = (seconds + 59) / 60;
    match minutes {
        ..=1 => "1 minute".to_owned(),
        2..120 => format!("{minutes} minutes"),
        _ => format!("{} h {} min", minutes / 60, minutes % 60),
    }
}
