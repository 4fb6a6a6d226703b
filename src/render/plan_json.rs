//! The plan in `summary.json`: every campaign and every hour, rounded as far as a reader needs it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::outlook::{CampaignOutlook, DayOutlook, LateCallback, Outlook, SlotOutlook};
use crate::domain::report::Report;
use crate::domain::strategy::Strategy;

/// The value of the key `plan`.
#[derive(Serialize)]
pub(super) struct Plan<'a> {
    strategy: &'static str,
    placed: u64,
    unplaced: BTreeMap<&'static str, u64>,
    above_capacity: u64,
    requests_needed: u64,
    contacts_needed: u64,
    texts_needed: u64,
    requests_made: u64,
    requests_per_minute: u32,
    seconds_needed: i64,
    finish_at: String,
    late: Late<'a>,
    campaigns: Vec<CampaignHours<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    compare: Option<Compare<'a>>,
}

#[derive(Serialize)]
struct Late<'a> {
    count: u64,
    first: Vec<LateRow<'a>>,
}

#[derive(Serialize)]
struct LateRow<'a> {
    phone: &'a str,
    campaign_id: &'a str,
    window_start: String,
    window_end: String,
    input: Option<&'a str>,
    line: Option<u64>,
}

#[derive(Serialize)]
struct CampaignHours<'a> {
    campaign_id: &'a str,
    timezone: Option<&'a str>,
    placed: u64,
    unplaced: &'a BTreeMap<&'static str, u64>,
    #[serde(flatten)]
    sums: Sums,
    slots: Vec<Slot>,
}

#[derive(Serialize)]
struct Slot {
    start: String,
    agents: f64,
    capacity: f64,
    expected_calls: f64,
    before: u64,
    #[serde(flatten)]
    filled: Filled,
}

#[derive(Serialize)]
struct Filled {
    added: u64,
    occupancy: Option<f64>,
    above_capacity: u64,
}

/// Both strategies side by side, under their names.
#[derive(Serialize)]
struct Compare<'a> {
    #[serde(flatten)]
    sums: BTreeMap<&'static str, Sums>,
    campaigns: Vec<ComparedCampaign<'a>>,
}

#[derive(Serialize)]
struct ComparedCampaign<'a> {
    campaign_id: &'a str,
    #[serde(flatten)]
    sums: BTreeMap<&'static str, Sums>,
    slots: Vec<ComparedSlot>,
}

#[derive(Serialize)]
struct Sums {
    above_capacity: u64,
    highest_occupancy: Option<f64>,
}

#[derive(Serialize)]
struct ComparedSlot {
    start: String,
    #[serde(flatten)]
    filled: BTreeMap<&'static str, Filled>,
}

impl<'a> Plan<'a> {
    /// The plan of a report, where it has one.
    pub(super) fn of(report: &'a Report) -> Option<Self> {
        let outlook = report.outlook.as_ref()?;
        Some(Self {
            strategy: outlook.strategy.as_str(),
            placed: outlook.added(),
            unplaced: unplaced(&outlook.campaigns),
            above_capacity: outlook.above(),
            requests_needed: outlook.needs.total(),
            contacts_needed: outlook.needs.contacts,
            texts_needed: outlook.needs.texts,
            requests_made: report.requests.total(),
            requests_per_minute: report.limit_per_minute,
            seconds_needed: outlook.seconds_needed(),
            finish_at: outlook.finish_at.rfc3339(),
            late: Late { count: outlook.late.count, first: outlook.late.first.iter().map(late_row).collect() },
            campaigns: outlook.campaigns.iter().map(campaign).collect(),
            compare: outlook.beside.map(|beside| compare(outlook, beside)),
        })
    }
}

fn unplaced(campaigns: &[CampaignOutlook]) -> BTreeMap<&'static str, u64> {
    let mut sums = BTreeMap::new();
    for (code, count) in campaigns.iter().flat_map(|campaign| &campaign.unplaced) {
        *sums.entry(*code).or_default() += count;
    }
    sums
}

fn late_row(late: &LateCallback) -> LateRow<'_> {
    LateRow {
        phone: &late.phone,
        campaign_id: &late.campaign,
        window_start: late.window.start.rfc3339(),
        window_end: late.window.end.rfc3339(),
        input: late.row.as_ref().map(|(input, _)| input.as_str()),
        line: late.row.as_ref().map(|(_, line)| *line),
    }
}

fn campaign(campaign: &CampaignOutlook) -> CampaignHours<'_> {
    CampaignHours {
        campaign_id: &campaign.name,
        timezone: campaign.zone.as_ref().and_then(|zone| zone.name()),
        placed: campaign.day.added(),
        unplaced: &campaign.unplaced,
        sums: sums(&campaign.day),
        slots: campaign.day.0.iter().map(slot).collect(),
    }
}

fn slot(slot: &SlotOutlook) -> Slot {
    Slot {
        start: slot.start.rfc3339(),
        agents: hundredths(slot.agents),
        capacity: hundredths(slot.capacity),
        expected_calls: hundredths(slot.expected_calls),
        before: slot.before,
        filled: filled(slot),
    }
}

fn filled(slot: &SlotOutlook) -> Filled {
    Filled { added: slot.added, occupancy: slot.occupancy().map(thousandths), above_capacity: slot.above }
}

fn sums(day: &DayOutlook) -> Sums {
    Sums { above_capacity: day.above(), highest_occupancy: day.highest_occupancy().map(thousandths) }
}

fn compare(outlook: &Outlook, beside: Strategy) -> Compare<'_> {
    let (own, other) = (outlook.all(|campaign| &campaign.day), outlook.all(|campaign| &campaign.beside));
    let names = [outlook.strategy.as_str(), beside.as_str()];
    let compared = |campaign| compared(campaign, names);
    Compare { sums: both(names, [&own, &other]), campaigns: outlook.campaigns.iter().map(compared).collect() }
}

fn compared<'a>(campaign: &'a CampaignOutlook, [own, other]: [&'static str; 2]) -> ComparedCampaign<'a> {
    let slots = campaign.day.0.iter().zip(&campaign.beside.0);
    let slots = slots.map(|(slot, beside)| ComparedSlot {
        start: slot.start.rfc3339(),
        filled: [(own, filled(slot)), (other, filled(beside))].into(),
    });
    ComparedCampaign {
        campaign_id: &campaign.name,
        sums: both([own, other], [&campaign.day, &campaign.beside]),
        slots: slots.collect(),
    }
}

fn both([own, other]: [&'static str; 2], [day, beside]: [&DayOutlook; 2]) -> BTreeMap<&'static str, Sums> {
    [(own, sums(day)), (other, sums(beside))].into()
}

fn hundredths(figure: f64) -> f64 {
    (figure * 100.0).round() / 100.0
}

fn thousandths(figure: f64) -> f64 {
    (figure * 1000.0).round() / 1000.0
}
