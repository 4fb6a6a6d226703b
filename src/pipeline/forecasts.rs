//! Fetches each wanted stretch of each campaign's forecast once, campaigns side by side.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;
use secrecy::SecretString;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::domain::code::Code;
use crate::domain::discreet::without_numbers;
use crate::domain::forecast::{CampaignForecast, Forecast, ForecastBook, Slot, ToldHours, Unread};
use crate::domain::interned::CampaignNo;
use crate::domain::reply::{Answered, Step, Trouble};
use crate::domain::shown::marked;
use crate::domain::time::Interval;
use crate::io::ledger::Ledger;
use crate::logic::retry::{RequestState, RunEffect};

use super::access::InFlight;
use super::gate::Exit;
use super::halt::Halted;
use super::health::{Door, Errand};
use super::rules::Campaign;
use super::session::attempt::{Attempt, Attempted};
use super::session::{Failure, Session};

/// Signs of a campaign's id that are shown.
const NAME_MAX: usize = 60;

/// Fetches the ranges. What cannot be had is noted in the book, with the reason; a halt is one. A range that keeps
/// failing keeps nobody waiting but itself: it holds a place only while it asks.
pub async fn fetch<L: Ledger>(
    ranges: &[(CampaignNo, Interval)],
    campaigns: &[Campaign],
    session: &Session<'_, L>,
    concurrency_max: usize,
) -> ForecastBook {
    let places = Semaphore::new(concurrency_max.max(1));
    let fetched = join_all(ranges.iter().map(|&(number, range)| {
        let campaign = campaigns.get(number.0 as usize).map_or("", |campaign| campaign.name.as_str());
        let stretch =
            Stretch { campaign, range, session, places: &places, expected: session.in_flight(Step::Forecast) };
        async move { (number, stretch.fetch().await) }
    }))
    .await;
    session.health.patience.forget_forecasts();
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

/// A stretch of a campaign's forecast.
struct Stretch<'a, 's, L> {
    campaign: &'a str,
    range: Interval,
    session: &'a Session<'s, L>,
    /// Requests that may be in flight.
    places: &'a Semaphore,
    /// Its first answer, for which a campaign that is forbidden waits: this one may be allowed.
    expected: InFlight<'a>,
}

/// What was tried of a stretch.
#[derive(Default)]
struct Tries {
    /// The first attempt that failed.
    failed_at: Option<Instant>,
    /// Newer tokens that were asked for on its behalf.
    renewals: u32,
    /// Requests that left.
    left: u32,
}

/// What one request for a stretch came to.
enum Asked {
    Told(ToldHours),
    Not(Code, String),
    /// Again, and no attempt is counted.
    Soon,
    /// Again with a newer token, which is not asked for as often as one likes.
    Renewed(String),
    /// Again once gate and circuit allow it.
    Held(String),
    /// Again after a wait.
    Later(String),
}

/// One request for a stretch.
struct Asking<'t, 'a, 's, L, Place> {
    of: &'t Stretch<'a, 's, L>,
    errand: Errand,
    tries: &'t mut Tries,
    /// Given up once the answer is there.
    place: Option<Place>,
}

impl<L: Ledger, Place> Attempt for Asking<'_, '_, '_, L, Place> {
    type Answer = ToldHours;

    fn errand(&self) -> Errand {
        self.errand
    }

    /// Hours are hours, also where they were asked for to find out how the platform does.
    fn judged_as(&self) -> Errand {
        Errand::Ordinary(Step::Forecast)
    }

    fn departures(&self) -> u32 {
        self.tries.left
    }

    async fn departs(&mut self, exit: Exit) -> Result<(), Halted> {
        self.tries.left += u32::from(exit == Exit::Left);
        Ok(())
    }

    async fn ask(&mut self, credential: &SecretString) -> Result<Answered<ToldHours>, Halted> {
        let Stretch { session, campaign, range, expected, .. } = self.of;
        let answered = session.platform.capacity.hours(credential, campaign, *range).await;
        expected.land();
        self.place = None;
        Ok(answered)
    }
}

/// How often a stretch looks whether the probe that is out is back.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

impl<L: Ledger> Stretch<'_, '_, L> {
    async fn fetch(&self) -> Result<ToldHours, Unread> {
        let mut tries = Tries::default();
        loop {
            // In a box, so that one that waits takes little room: there may be thousands.
            let Ok(asked) = Box::pin(self.ask_in_place(&mut tries)).await else { return Err(self.halted()) };
            let wait = match asked {
                Asked::Told(slots) => return Ok(slots),
                Asked::Not(code, detail) => return Err(self.unread(code, detail)),
                Asked::Soon => None,
                Asked::Renewed(detail) => self.renews(&mut tries, detail).map(|()| None)?,
                Asked::Held(detail) => self.bears(&mut tries, &detail).map(|()| None)?,
                Asked::Later(detail) => self.bears(&mut tries, &detail).map(|()| Some(self.session.trouble_wait()))?,
            };
            if let Some(wait) = wait
                && self.session.halting.unless(tokio::time::sleep(wait)).await.is_err()
            {
                return Err(self.halted());
            }
        }
    }

    /// Counts a newer token; an error where it was the last that is asked for.
    fn renews(&self, tries: &mut Tries, detail: String) -> Result<(), Unread> {
        tries.renewals += 1;
        let is_last = tries.renewals >= self.session.attempts_max();
        if is_last { Err(self.unread(Code::PlatformUnavailable, detail)) } else { Ok(()) }
    }

    /// An error where this attempt was the last: this stretch has had trouble for too long, or nothing at all succeeds.
    fn bears(&self, tries: &mut Tries, detail: &str) -> Result<(), Unread> {
        let patience = &self.session.health.patience;
        let failed_at = *tries.failed_at.get_or_insert_with(Instant::now);
        if patience.gives_up(failed_at) || patience.gives_up_forecasts() {
            let detail = format!("the forecast could not be had in time, at last {detail}");
            return Err(self.unread(Code::PlatformUnavailable, detail));
        }
        Ok(())
    }

    fn halted(&self) -> Unread {
        let why = self.session.halting.why();
        let (code, detail) = why.map_or((Code::RunStopped, String::new()), |why| (why.code(), why.describe()));
        self.unread(code, detail)
    }

    fn unread(&self, code: Code, detail: String) -> Unread {
        Unread { range: self.range, code, detail }
    }

    async fn ask_in_place(&self, tries: &mut Tries) -> Result<Asked, Halted> {
        let place = self.session.halting.unless(self.places.acquire()).await?;
        let Some(errand) = self.errand().await? else {
            let why = "the platform was in trouble for too long to ask for this forecast";
            return Ok(Asked::Not(Code::PlatformUnavailable, why.into()));
        };
        let asked = self.ask(errand, tries, place).await;
        if let Errand::Probe(_) = errand {
            self.session.health.probe_is_back();
        }
        asked
    }

    /// Waits until a request may leave, and says on what errand; `None` where it is given up.
    async fn errand(&self) -> Result<Option<Errand>, Halted> {
        let Session { health, halting, .. } = self.session;
        loop {
            let until = match health.door() {
                Door::Open => return Ok(Some(Errand::Ordinary(Step::Forecast))),
                _ if health.patience.gives_up_forecasts() => return Ok(None),
                Door::ProbeDue | Door::Trial => {
                    health.probe_sets_out(Step::Forecast);
                    return Ok(Some(Errand::Probe(Step::Forecast)));
                }
                Door::Shut(until) => until.unwrap_or_else(|| Instant::now() + LOOK_AGAIN),
            };
            halting.unless(tokio::time::sleep_until(until)).await?;
        }
    }

    /// Asks, and gives its place up once the answer is there: judging one that is forbidden may wait for the others.
    async fn ask<Place>(&self, errand: Errand, tries: &mut Tries, place: Place) -> Result<Asked, Halted> {
        let mut asking = Asking { of: self, errand, tries, place: Some(place) };
        match self.session.attempt(&mut asking).await? {
            Attempted::Dropped | Attempted::Held => Ok(Asked::Soon),
            Attempted::Judged(Ok(hours)) => Ok(Asked::Told(hours)),
            Attempted::Judged(Err(failure)) => self.not_told(errand, &failure),
        }
    }

    /// What follows from an answer that is not the one hoped for.
    fn not_told(&self, errand: Errand, failure: &Failure) -> Result<Asked, Halted> {
        let (words, halting) = (failure.trouble.describe(), self.session.halting);
        if failure.next.request == RequestState::Refused {
            return Ok(Asked::Not(Code::PlatformRefused, refusal(self.campaign, &failure.trouble)));
        }
        match failure.next.run {
            RunEffect::Stop(_) => Err(Halted),
            RunEffect::Hold(_) => halting.check().map(|()| Asked::Held(words)),
            RunEffect::Renew => halting.check().map(|()| Asked::Renewed(words)),
            RunEffect::None => halting.check().map(|()| match errand {
                Errand::Ordinary(_) => Asked::Later(words),
                // The circuit does the waiting.
                Errand::Probe(_) => Asked::Held(words),
            }),
        }
    }
}

/// What is told of a campaign that the platform refuses. One that is forbidden is named, also to who watches: the
/// client may read other campaigns.
fn refusal(campaign: &str, trouble: &Trouble) -> String {
    let words = trouble.describe();
    if !matches!(trouble, Trouble::Forbidden { .. }) {
        return words;
    }
    let told = format!("the platform forbids this client campaign {}: {words}", marked(campaign, NAME_MAX));
    tracing::warn!("{}; its callbacks fail", without_numbers(&told));
    told
}
