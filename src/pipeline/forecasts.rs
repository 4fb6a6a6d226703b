//! Fetches each wanted stretch of each campaign's forecast once, campaigns side by side.

use std::collections::BTreeMap;

use futures_util::StreamExt;
use futures_util::stream;

use crate::domain::code::Code;
use crate::domain::forecast::{CampaignForecast, Forecast, ForecastBook, Slot, Unread};
use crate::domain::interned::CampaignNo;
use crate::domain::progress::Earlier;
use crate::domain::reply::Step;
use crate::domain::time::Interval;
use crate::io::ledger::Ledger;
use crate::io::platform::Platform;
use crate::logic::retry::Next;

use super::halt::Halted;
use super::rules::Campaign;
use super::session::Session;

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

fn bind(fetched: Vec<(CampaignNo, Result<Vec<Slot>, Unread>)>) -> ForecastBook {
    let mut told: BTreeMap<CampaignNo, (Vec<Slot>, Vec<Unread>)> = BTreeMap::new();
    for (number, answer) in fetched {
        let (slots, unread) = told.entry(number).or_default();
        match answer {
            Ok(more) => slots.extend(more),
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
) -> Result<Vec<Slot>, Unread> {
    let (mut attempt, mut renewals) = (1, 0);
    loop {
        match ask(campaign, range, session, attempt).await {
            Ok(Asked::Told(slots)) => return Ok(slots),
            Ok(Asked::Not(code, detail)) => return Err(Unread { range, code, detail }),
            Ok(Asked::Soon) => {}
            Ok(Asked::Renewed(detail)) => {
                if renewals >= session.attempts_max() {
                    return Err(Unread { range, code: Code::PlatformUnavailable, detail });
                }
                renewals += 1;
            }
            Ok(Asked::Later(detail)) => {
                if attempt >= session.attempts_max() {
                    return Err(Unread { range, code: Code::PlatformUnavailable, detail });
                }
                attempt += 1;
                let wait = tokio::time::sleep(session.trouble_wait());
                if session.halting.unless(wait).await.is_err() {
                    return Err(halted(range, session));
                }
            }
            Err(Halted) => return Err(halted(range, session)),
        }
    }
}

fn halted<P: Platform, L: Ledger>(range: Interval, session: &Session<'_, P, L>) -> Unread {
    let why = session.halting.why();
    let (code, detail) = why.map_or((Code::RunStopped, String::new()), |why| (why.code(), why.describe()));
    Unread { range, code, detail }
}

/// What one request for a stretch came to.
enum Asked {
    Told(Vec<Slot>),
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
    attempt: u32,
) -> Result<Asked, Halted> {
    let pass = session.admitted().await?;
    session.depart().await?;
    session.leaves(Step::Forecast, attempt);
    let reply = session.platform.forecast(&pass.token, campaign, range).await;
    let failure = match session.judge(reply, &pass, (Step::Forecast, Earlier::None)) {
        Ok(slots) => return Ok(Asked::Told(slots)),
        Err(failure) => failure,
    };
    let words = failure.trouble.describe();
    match failure.next {
        Next::Refused => Ok(Asked::Not(Code::PlatformRefused, words)),
        Next::Hold(_) => session.halting.check().map(|()| Asked::Soon),
        Next::Renew => session.halting.check().map(|()| Asked::Renewed(words)),
        Next::Stop(_) => Err(Halted),
        Next::Again(_) | Next::Done | Next::Existed | Next::Doubted => {
            session.halting.check().map(|()| Asked::Later(words))
        }
    }
}
