//! Fetches each wanted stretch of each campaign's forecast once, campaigns side by side.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use tokio::time::Instant;

use crate::domain::code::Code;
use crate::domain::discreet::without_numbers;
use crate::domain::forecast::{CampaignForecast, Forecast, ForecastBook, Slot, ToldHours, Unread};
use crate::domain::interned::CampaignNo;
use crate::domain::progress::Earlier;
use crate::domain::reply::{Refusal, Step, Trouble};
use crate::domain::shown::marked;
use crate::domain::time::Interval;
use crate::io::ledger::Ledger;
use crate::io::platform::Platform;
use crate::logic::retry::{RequestState, RunEffect};

use super::halt::Halted;
use super::health::{Door, Errand};
use super::rules::Campaign;
use super::session::{Failure, Session};

/// Signs of a campaign's id that are shown.
const NAME_MAX: usize = 60;

/// Fetches the ranges. What cannot be had is noted in the book, with the reason; a halt is one.
pub async fn fetch<P: Platform, L: Ledger>(
    ranges: &[(CampaignNo, Interval)],
    campaigns: &[Campaign],
    session: &Session<'_, P, L>,
    concurrency_max: usize,
) -> ForecastBook {
    let fetched = stream::iter(ranges)
        .map(|&(number, range)| async move {
            let name = campaigns.get(number.0 as usize).map_or("", |campaign| campaign.name.as_str());
            (number, fetch_range(name, range, session).await)
        })
        .buffered(concurrency_max.max(1))
        .collect::<Vec<_>>()
        .await;
    bind(fetched)
}

fn bind(fetched: Vec<(CampaignNo, Result<ToldHours, Unread>)>) -> ForecastBook {
    let mut told: BTreeMap<CampaignNo, (Vec<Slot>, Vec<Unread>)> = BTreeMap::new();
    let unreadable: u64 = fetched.iter().filter_map(|(_, told)| Some(told.as_ref().ok()?.unreadable)).sum();
    if unreadable > 0 {
        tracing::warn!(
            "hours of forecasts that cannot be read and are left out: {unreadable}; they have no time with a zone, or no \
             number of agents or calls"
        );
    }
    for (number, answer) in fetched {
        let (slots, unread) = told.entry(number).or_default();
        match answer {
            Ok(more) => slots.extend(more.slots),
            Err(why) => unread.push(why),
        }
    }
    let bound = |(number, (slots, unread))| (number, CampaignForecast { forecast: Forecast::of(slots), unread });
    told.into_iter().map(bound).collect()
}

async fn fetch_range<P: Platform, L: Ledger>(
    campaign: &str,
    range: Interval,
    session: &Session<'_, P, L>,
) -> Result<ToldHours, Unread> {
    let mut tries = Tries::default();
    loop {
        let asked = ask(campaign, range, session, &mut tries).await;
        let (counter, detail) = match asked {
            Ok(Asked::Told(hours)) => return Ok(hours),
            Ok(Asked::Not(code, detail)) => return Err(Unread { range, code, detail }),
            Ok(Asked::Soon) => continue,
            Ok(Asked::Renewed(detail)) => (&mut tries.renewals, detail),
            Ok(Asked::Later(detail)) => (&mut tries.failed, detail),
            Err(Halted) => return Err(halted(range, session)),
        };
        *counter += 1;
        if *counter >= session.attempts_max() {
            return Err(Unread { range, code: Code::PlatformUnavailable, detail });
        }
        if tries.failed > 0 && session.halting.unless(tokio::time::sleep(session.trouble_wait())).await.is_err() {
            return Err(halted(range, session));
        }
    }
}

/// What was tried of a stretch.
#[derive(Default)]
struct Tries {
    /// Attempts that failed.
    failed: u32,
    /// Newer tokens that were asked for on its behalf.
    renewals: u32,
    /// Requests that left.
    left: u32,
}

fn halted<P: Platform, L: Ledger>(range: Interval, session: &Session<'_, P, L>) -> Unread {
    let why = session.halting.why();
    let (code, detail) = why.map_or((Code::RunStopped, String::new()), |why| (why.code(), why.describe()));
    Unread { range, code, detail }
}

/// What one request for a stretch came to.
enum Asked {
    Told(ToldHours),
    Not(Code, String),
    /// Again, and no attempt is counted.
    Soon,
    /// Again with a newer token, which is not asked for as often as one likes.
    Renewed(String),
    /// Again after a wait.
    Later(String),
}

async fn ask<P: Platform, L: Ledger>(
    campaign: &str,
    range: Interval,
    session: &Session<'_, P, L>,
    tries: &mut Tries,
) -> Result<Asked, Halted> {
    let errand = errand(session).await?;
    let asked = ask_on(errand, (campaign, range), session, tries).await;
    if errand == Errand::Probe {
        session.health.probe_is_back();
    }
    asked
}

/// How often a stretch looks whether the probe that is out is back.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Waits until a request may leave, and says on what errand.
async fn errand<P: Platform, L: Ledger>(session: &Session<'_, P, L>) -> Result<Errand, Halted> {
    loop {
        let until = match session.health.door() {
            Door::Open => return Ok(Errand::Ordinary),
            Door::ProbeDue => {
                session.health.probe_sets_out();
                return Ok(Errand::Probe);
            }
            Door::Shut(until) => until.unwrap_or_else(|| Instant::now() + LOOK_AGAIN),
        };
        session.halting.unless(tokio::time::sleep_until(until)).await?;
    }
}

async fn ask_on<P: Platform, L: Ledger>(
    errand: Errand,
    what: (&str, Interval),
    session: &Session<'_, P, L>,
    tries: &mut Tries,
) -> Result<Asked, Halted> {
    let (campaign, range) = what;
    let Some(pass) = session.admitted(errand).await? else { return Ok(Asked::Soon) };
    session.depart().await?;
    session.leaves(Step::Forecast, tries.left).await?;
    tries.left += 1;
    let in_flight = session.in_flight(Step::Forecast);
    let reply = session.platform.forecast(&pass.token, campaign, range).await;
    in_flight.land();
    match session.judge(reply, &pass, Step::Forecast, Earlier::None).await {
        Ok(hours) => Ok(Asked::Told(hours)),
        Err(failure) => not_told(errand, campaign, &failure, session),
    }
}

/// What follows for a stretch from an answer that is not the one hoped for.
fn not_told<P: Platform, L: Ledger>(
    errand: Errand,
    campaign: &str,
    failure: &Failure,
    session: &Session<'_, P, L>,
) -> Result<Asked, Halted> {
    let words = failure.trouble.describe();
    if failure.next.request == RequestState::Refused {
        return Ok(Asked::Not(Code::PlatformRefused, refusal(campaign, &failure.trouble)));
    }
    match failure.next.run {
        RunEffect::Stop(_) => Err(Halted),
        RunEffect::Hold(_) => session.halting.check().map(|()| Asked::Soon),
        RunEffect::Renew => session.halting.check().map(|()| Asked::Renewed(words)),
        RunEffect::None => session.halting.check().map(|()| match errand {
            Errand::Ordinary => Asked::Later(words),
            Errand::Probe => Asked::Soon,
        }),
    }
}

/// What is told of a campaign that the platform refuses. One that is forbidden is named, also to who watches: the
/// client may read other campaigns.
fn refusal(campaign: &str, trouble: &Trouble) -> String {
    let words = trouble.describe();
    if !matches!(trouble, Trouble::Status(Refusal { status: 403, .. })) {
        return words;
    }
    let told = format!("the platform forbids this client campaign {}: {words}", marked(campaign, NAME_MAX));
    tracing::warn!("{}; its callbacks fail", without_numbers(&told));
    told
}
