//! What is known before anything is sent: the forecasts, the dispatch times, and whether the time is enough.

use std::collections::BTreeMap;

use crate::domain::forecast::ForecastBook;
use crate::domain::reply::Step;
use crate::domain::time::{Interval, Timestamp};
use crate::io::ledger::{Ledger, LedgerError, Recall};
use crate::logic::deadlines::{Budget, Given, REQUESTS_PER_CALLBACK, Task};
use crate::logic::group;
use crate::logic::place::{self, Board, Foresight, Plan, Wish};

use super::dispatch::job::Job;
use super::error::RunError;
use super::forecasts;
use super::halt::Halt;
use super::outlook;
use super::rules::{Campaign, Rules, SmsRules};
use super::session::Session;
use super::split::{Split, Splitting};
use super::stages::Stopwatch;

/// The share of the allowed rate that is counted on: a run uses no less.
const RATE_SHARE: f64 = 0.98;

/// What is known before anything is sent.
pub(super) struct Looked {
    pub(super) plan: Plan,
    pub(super) board: Board,
    /// The board by the other strategy, where it is to be shown.
    pub(super) beside: Option<Board>,
    pub(super) counts: Counts,
}

/// What was counted on the way.
#[derive(Clone, Copy)]
pub(super) struct Counts {
    pub(super) groups: u64,
    pub(super) fetches: u64,
}

/// Groups what is to be placed, fetches the forecasts, and places it. Whether there is time is said before the
/// first request, as far as the windows tell, and again when it is known which hours have agents.
pub(super) async fn look<L: Ledger>(
    splitting: &Splitting<'_, L>,
    split: &mut Split,
    session: &Session<'_, L>,
    watch: &mut Stopwatch,
) -> Result<Looked, RunError> {
    let wishes = std::mem::take(&mut split.wishes);
    let requests_each = requests_each(splitting.rules);
    let begun: Vec<Task> = split.unfinished.iter().filter_map(|job| begun(job, requests_each)).collect();
    let foresight = || Foresight { budget: budget(splitting.rules, session.clock.now()), begun: &begun, requests_each };
    let told = heed(foresight().late(wishes.iter().map(|wish| wish.span)), 0, splitting.rules, session);
    let window = |wish: &Wish| splitting.intake.callbacks[wish.member as usize].window();
    let groups = group::count(wishes.iter().map(|wish| (wish.campaign, window(wish))));
    let ranges = group::forecast_ranges(&wishes, &placing(splitting.campaigns), splitting.rules.forecast_range_max);
    watch.stages.group = watch.lap();
    let at_once = splitting.rules.limits.concurrency_max;
    if !split.unfinished.is_empty() {
        session.health.patience.has_other_work();
    }
    let book = forecasts::fetch(&ranges, splitting.campaigns, session, at_once).await;
    watch.stages.forecast = watch.lap();
    let mut board = board(splitting, split, book)?;
    let foresight = foresight();
    let beside = outlook::beside(splitting.rules, &board, &wishes, &foresight);
    let plan = place::draw_up(&wishes, &mut board, &foresight);
    heed(plan.late.len() as u64, told, splitting.rules, session);
    Ok(Looked { plan, board, beside, counts: Counts { groups, fetches: ranges.len() as u64 } })
}

/// Requests of one callback.
fn requests_each(rules: &Rules) -> u64 {
    match rules.sms {
        SmsRules::Off => REQUESTS_PER_CALLBACK - 1,
        SmsRules::On { .. } => REQUESTS_PER_CALLBACK,
    }
}

/// What the requests have to do with, if the first leaves now.
pub(super) fn budget(rules: &Rules, now: Timestamp) -> Budget {
    let requests_per_minute = f64::from(rules.limits.requests_per_minute_max) * RATE_SHARE;
    let margin = i64::try_from(rules.limits.dispatch_margin.as_secs()).unwrap_or(i64::MAX);
    Budget { now, requests_per_minute, in_flight: rules.limits.concurrency_max as u64, margin }
}

/// What an unfinished callback still needs.
fn begun(job: &Job, requests_each: u64) -> Option<Task> {
    let requests = match job.step()? {
        Step::Contact => requests_each,
        Step::Text | Step::Token | Step::Forecast => 1,
    };
    Some(Task { latest: job.dispatch_at(), requests, given: Given::Begun })
}

/// Says how many callbacks are too late for their windows from the start, where they are more than was told
/// already, and halts where they are more than may be. Gives what has been told.
fn heed<L: Ledger>(late: u64, told: u64, rules: &Rules, session: &Session<'_, L>) -> u64 {
    if late <= told {
        return told;
    }
    let rate = rules.limits.requests_per_minute_max;
    let words = format!("{late} callbacks cannot be created before their windows end at {rate} requests a minute");
    if let Some(most) = rules.limits.late_max.filter(|&most| late > most) {
        session.halting.halt(Halt::Late(format!("{words}, and --max-late allows {most}")));
    } else {
        tracing::warn!("{words}; they are tried last (--rate, --max-late)");
    }
    late
}

/// The board of the fetched hours, with what stands in them already. What of this batch stood there before is
/// placed anew, and so is not counted.
fn board<R: Recall>(splitting: &Splitting<'_, R>, split: &Split, book: ForecastBook) -> Result<Board, LedgerError> {
    let campaigns = splitting.campaigns;
    let mut before = place::Standing::new();
    for (number, told) in &book {
        let slots = told.forecast.slots();
        let (Some(first), Some(last)) = (slots.first(), slots.last()) else { continue };
        let range = Interval { start: first.start, end: last.interval().end };
        let name = campaigns.get(number.0 as usize).map_or("", |campaign| campaign.name.as_str());
        let mut standing: BTreeMap<Timestamp, u32> = splitting.ledger.standing_in(name, range)?.into_iter().collect();
        for at in split.placed_before(splitting.intake, *number) {
            if let Some(count) = standing.get_mut(&at) {
                *count = count.saturating_sub(1);
            }
        }
        before.insert(*number, standing.into_iter().collect());
    }
    Ok(Board::open(book, &before, &placing(campaigns), splitting.rules.strategy))
}

/// What placing needs to know of the campaigns, by their numbers.
fn placing(campaigns: &[Campaign]) -> Vec<place::CampaignRules> {
    campaigns.iter().map(|campaign| campaign.rules.placing.clone()).collect()
}
