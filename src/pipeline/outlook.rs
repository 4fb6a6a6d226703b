//! What a plan comes to: the board's hours with names on them, the requests that are still to leave, and when they
//! have left.

use std::collections::BTreeMap;

use crate::domain::interned::CampaignNo;
use crate::domain::outlook::{CampaignOutlook, DayOutlook, Late, LateCallback, Needs, Outlook};
use crate::domain::reply::Step;
use crate::domain::time::Timestamp;
use crate::logic::place::{self, Board, Foresight, Plan, Wish};

use super::ahead::{self, Looked};
use super::dispatch::job::Job;
use super::intake::Intake;
use super::rules::{Campaign, Rules, SmsRules, campaign};
use super::split::{Split, Splitting};

/// How many of the callbacks that miss are told one by one.
const LATE_TOLD_MAX: usize = 10;

/// What is looked at.
pub(super) struct Sight<'a> {
    intake: &'a Intake,
    campaigns: &'a [Campaign],
    rules: &'a Rules,
    plan: &'a Plan,
    /// The hours with the plan in them, and the same hours by the other strategy.
    boards: (&'a Board, Option<&'a Board>),
    /// What an earlier run left unfinished.
    unfinished: &'a [Job],
}

/// The same wishes on a board of their own, by the strategy that is to be shown beside the other.
pub(super) fn beside(rules: &Rules, board: &Board, wishes: &[Wish], foresight: &Foresight<'_>) -> Option<Board> {
    let mut beside = board.by(rules.beside?);
    let _ = place::draw_up(wishes, &mut beside, foresight);
    Some(beside)
}

impl<'a> Sight<'a> {
    /// What is looked at before a batch is sent.
    pub(super) fn of<L>(splitting: &Splitting<'a, L>, split: &'a Split, looked: &'a Looked) -> Self {
        let &Splitting { intake, campaigns, rules, .. } = splitting;
        let boards = (&looked.board, looked.beside.as_ref());
        Self { intake, campaigns, rules, plan: &looked.plan, boards, unfinished: &split.unfinished }
    }

    /// What the plan comes to, if its first request leaves now.
    pub(super) fn outlook(&self, now: Timestamp) -> Outlook {
        let needs = self.needs();
        Outlook {
            strategy: self.rules.strategy,
            beside: self.rules.beside,
            campaigns: self.outlooks(),
            needs,
            begins_at: now,
            finish_at: ahead::budget(self.rules, now).after(needs.total()),
            late: self.late(),
        }
    }

    /// Of the campaigns of which something was to be placed, by name.
    fn outlooks(&self) -> Vec<CampaignOutlook> {
        let (board, beside) = self.boards;
        let mut beside: BTreeMap<CampaignNo, DayOutlook> = beside.into_iter().flat_map(Board::outlook).collect();
        let mut unplaced = self.unplaced();
        let outlook = |(number, day)| {
            let told = campaign(self.campaigns, number);
            CampaignOutlook {
                name: told.map_or_else(String::new, |campaign| campaign.name.clone()),
                zone: told.and_then(|campaign| campaign.rules.zone.clone()),
                unplaced: unplaced.remove(&number).unwrap_or_default(),
                day,
                beside: beside.remove(&number).unwrap_or_default(),
            }
        };
        let mut campaigns: Vec<CampaignOutlook> = board.outlook().map(outlook).collect();
        campaigns.sort_by(|one, other| one.name.cmp(&other.name));
        campaigns
    }

    /// Callbacks without a dispatch time, by campaign and code.
    fn unplaced(&self) -> BTreeMap<CampaignNo, BTreeMap<&'static str, u64>> {
        let mut unplaced: BTreeMap<CampaignNo, BTreeMap<&'static str, u64>> = BTreeMap::new();
        for (place, why) in &self.plan.unplaced {
            let campaign = self.intake.callbacks[*place as usize].campaign;
            *unplaced.entry(campaign).or_default().entry(why.code.as_str()).or_default() += 1;
        }
        unplaced
    }

    /// A contact and, where texts are on, a text for each callback; of one that was begun, what is left.
    fn needs(&self) -> Needs {
        let begun = self.unfinished.iter().filter(|job| job.step() == Some(Step::Contact)).count();
        let owed = self.unfinished.iter().filter(|job| job.step().is_some()).count();
        let placed = self.plan.placed.len();
        let texts = match self.rules.sms {
            SmsRules::Off => 0,
            SmsRules::On { .. } => placed + owed,
        };
        Needs { contacts: (placed + begun) as u64, texts: texts as u64 }
    }

    fn late(&self) -> Late {
        let late = &self.plan.late;
        let first = late.iter().take(LATE_TOLD_MAX).map(|&place| self.late_callback(place)).collect();
        Late { count: late.len() as u64, first }
    }

    fn late_callback(&self, place: u32) -> LateCallback {
        let callback = &self.intake.callbacks[place as usize];
        let input = self.intake.inputs.get(usize::from(callback.row.input()));
        LateCallback {
            phone: callback.phone.masked(),
            campaign: self.intake.campaign(callback).to_owned(),
            zone: campaign(self.campaigns, callback.campaign).and_then(|campaign| campaign.rules.zone.clone()),
            window: callback.window().interval(),
            row: input.map(|input| (input.name.clone(), callback.row.line())),
        }
    }
}
