//! One request the proper way: token, gate, and what the answer means for everybody.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::discreet::without_numbers;
use crate::domain::limits::Limits;
use crate::domain::progress::Earlier;
use crate::domain::reply::{Refusal, Reply, Step, Trouble};
use crate::domain::report::RequestCounts;
use crate::domain::traffic::Traffic;
use crate::io::clock::Clock;
use crate::io::ledger::{Ledger, LedgerError, Stamp};
use crate::io::platform::{Grant, Platform};
use crate::logic::retry::{ContactIds, Next, OnNoAnswer, Situation, after};

use super::event::Event;
use super::gate::Gate;
use super::halt::{Halt, Halted, Halting};
use super::health::{Errand, Health};
use super::heard::{Heard, heard, kind, missing, next_on};
use super::tokens::{Pass, Tokens};

/// What the requests of a run share.
pub struct Session<'a, P, L> {
    /// Who is asked.
    pub platform: &'a P,
    /// Where it is written down.
    pub ledger: &'a L,
    /// What time it is.
    pub clock: Clock,
    /// Whether the run halts.
    pub halting: &'a Halting,
    /// Who is told how far it has come.
    progress: &'a dyn Fn(Event<'_>),
    gate: Gate,
    tokens: Tokens,
    limits: Limits,
    contact_ids: ContactIds,
    on_no_answer: OnNoAnswer,
    /// How the platform does.
    pub health: Health,
    counts: RefCell<RequestCounts>,
    traffic: RefCell<Traffic>,
    begun_at: Instant,
    first_and_last: Cell<Option<(Instant, Instant)>>,
    /// When trouble was last told of.
    told_at: Cell<Option<Instant>>,
}

/// Trouble that goes on is told of so often.
const TOLD_EVERY: Duration = Duration::from_mins(1);

/// What a session is begun with.
pub struct Beginning<'a, P, L> {
    /// Who is asked.
    pub platform: &'a P,
    /// Where it is written down.
    pub ledger: &'a L,
    /// What time it is.
    pub clock: Clock,
    /// Whether the run halts.
    pub halting: &'a Halting,
    /// Who is told how far it has come.
    pub progress: &'a dyn Fn(Event<'_>),
}

/// What went wrong with a request, and what follows.
#[derive(Debug)]
pub struct Failure {
    /// What came back.
    pub trouble: Trouble,
    /// What follows.
    pub next: Next,
}

impl<'a, P: Platform, L: Ledger> Session<'a, P, L> {
    /// Begins; nothing is sent yet.
    pub fn begin(with: &Beginning<'a, P, L>, rules: &super::rules::Rules) -> Result<Self, LedgerError> {
        let &Beginning { platform, ledger, clock, halting, progress } = with;
        let now = clock.unix_millis();
        // A departure that lies ahead says that the clock was put back: it may have been just now.
        let ago = |Stamp(last)| Duration::from_millis(u64::try_from(now - last).unwrap_or(0));
        let since_last = ledger.last_departure()?.map(ago);
        Ok(Self {
            platform,
            ledger,
            clock,
            halting,
            progress,
            gate: Gate::new(rules.limits.requests_per_minute_max, since_last),
            tokens: Tokens::default(),
            limits: rules.limits,
            contact_ids: rules.contact.ids,
            on_no_answer: rules.on_no_answer(),
            health: Health::new(rules.limits.give_up_after),
            counts: RefCell::default(),
            traffic: RefCell::default(),
            begun_at: Instant::now(),
            first_and_last: Cell::new(None),
            told_at: Cell::new(None),
        })
    }

    /// The instant, as entries are stamped.
    pub fn stamp(&self) -> Stamp {
        Stamp(self.clock.unix_millis())
    }

    /// A token that is good, fetched where there is none.
    async fn token(&self) -> Result<Pass, Halted> {
        self.halting.unless(self.tokens.pass(async || self.fetch_token().await)).await?
    }

    /// Waits for the turn of a request, and gives the token with which it leaves; `None` where the platform is
    /// in trouble and only probes may leave. A token may end while its request waits at the gate: then a new one
    /// is fetched, once, for a platform may give tokens that are always at their end.
    pub async fn admitted(&self, errand: Errand) -> Result<Option<Pass>, Halted> {
        self.token().await?;
        self.turn().await?;
        let mut pass = self.tokens.fresh();
        if pass.is_none() {
            let newest = self.token().await?;
            self.turn().await?;
            pass = Some(self.tokens.fresh().unwrap_or(newest));
        }
        Ok(pass.filter(|_| self.health.lets_pass(errand)))
    }

    async fn turn(&self) -> Result<(), Halted> {
        self.halting.unless(self.gate.pass()).await
    }

    /// Lets a request leave that was written down, and counts it; `before` is how many left for the same in this
    /// run. Where the run halts first, it has not left.
    pub async fn leaves(&self, step: Step, before: u32) -> Result<(), Halted> {
        self.halting.unless(self.gate.leave()).await?;
        self.left(step, before);
        Ok(())
    }

    fn left(&self, step: Step, before: u32) {
        let mut counts = self.counts.borrow_mut();
        match step {
            Step::Token => counts.token += 1,
            Step::Forecast => counts.forecast += 1,
            Step::Contact => counts.contact += 1,
            Step::Text => counts.sms += 1,
        }
        counts.retries += u64::from(before > 0);
        self.traffic.borrow_mut().left(self.begun_at.elapsed());
        let now = Instant::now();
        let first = self.first_and_last.get().map_or(now, |(first, _)| first);
        self.first_and_last.set(Some((first, now)));
        (self.progress)(Event::Left);
    }

    /// Notes in the ledger that a request leaves that no entry speaks of.
    pub async fn depart(&self) -> Result<(), Halted> {
        self.ledger.depart(self.stamp()).await.map_err(|error| self.lost(&error))
    }

    /// Halts because the ledger cannot be written, or refuses what does not follow.
    pub fn lost(&self, error: &LedgerError) -> Halted {
        let why = error.to_string();
        let is_ours = matches!(error, LedgerError::OutOfOrder(_));
        self.halting.halt(if is_ours { Halt::Fault(why) } else { Halt::LedgerLost(why) });
        Halted
    }

    /// What came back: the good answer, or what follows from the bad one. Holds, renewals and halts that
    /// follow for everybody have happened when this returns.
    pub fn judge<T>(&self, reply: Reply<T>, pass: &Pass, step: Step, earlier: Earlier) -> Result<T, Failure> {
        self.judge_errand(reply, earlier, &Asked { pass, errand: Errand::Ordinary(step) })
    }

    fn judge_errand<T>(&self, reply: Reply<T>, earlier: Earlier, asked: &Asked<'_>) -> Result<T, Failure> {
        let &Asked { pass, errand } = asked;
        let trouble = match reply {
            Reply::Done(answer) => {
                self.tokens.accepted(pass);
                self.went_well(errand);
                return Ok(answer);
            }
            Reply::Trouble(trouble) => trouble,
        };
        let (step, contact_ids, on_no_answer) = (errand.step(), self.contact_ids, self.on_no_answer);
        let situation = Situation { step, earlier, token: self.tokens.age(pass), contact_ids, on_no_answer };
        let next = next_on(errand, after(&trouble, situation));
        self.count(&trouble);
        note(&trouble, next, errand);
        self.follow(&trouble, next, asked);
        Err(Failure { trouble, next })
    }

    /// Sends a request that holds nothing to where contacts or texts are made, to find out whether the platform
    /// answers. It is nobody's attempt; what follows from the answer has happened when this returns.
    pub async fn probe(&self, step: Step) -> Result<(), Halted> {
        let errand = Errand::Probe(step);
        let Some(pass) = self.admitted(errand).await? else { return Ok(()) };
        self.depart().await?;
        self.leaves(step, 0).await?;
        let reply = self.platform.probe(&pass.token, step).await;
        if self.judge_errand(reply, Earlier::None, &Asked { pass: &pass, errand }).is_ok() {
            tracing::warn!(
                "the platform took a test request that holds nothing, which it has to refuse; look there whether \
                 anything was made of it"
            );
        }
        Ok(())
    }

    fn count(&self, trouble: &Trouble) {
        let mut counts = self.counts.borrow_mut();
        if let Trouble::Status(Refusal { status, .. }) = trouble {
            if *status == 429 {
                counts.status_429 += 1;
                self.traffic.borrow_mut().turned_away(self.begun_at.elapsed());
            }
            counts.status_5xx += u64::from((500..600).contains(status));
        }
    }

    /// What an answer means for everybody.
    fn follow(&self, trouble: &Trouble, next: Next, asked: &Asked<'_>) {
        match next {
            Next::Done | Next::Existed | Next::Refused => {
                self.tokens.accepted(asked.pass);
                self.went_well(asked.errand);
            }
            Next::Renew => self.tokens.refused(asked.pass),
            Next::Hold(seconds) => {
                let hold = self.gate.hold(seconds);
                self.traffic.borrow_mut().hold(self.begun_at.elapsed(), hold);
                (self.progress)(Event::Held(hold));
                tracing::warn!("{}: holding for {} s", words(trouble), hold.as_secs_f64().ceil());
                if hold > self.limits.hold_max {
                    let why = format!("it asks to be left alone for {} s", hold.as_secs());
                    self.halting.halt(Halt::GaveUp(why));
                }
                self.unwell(trouble, asked.errand);
            }
            Next::Again(_) | Next::Doubted => self.unwell(trouble, asked.errand),
            Next::Stop(stop) => self.halting.halt(Halt::Barred(stop, words(trouble))),
        }
    }

    fn went_well(&self, errand: Errand) {
        self.gate.went_well();
        self.health.went_well(errand);
    }

    /// Notes trouble, or an answer that asks for patience, and halts where nothing has succeeded for too long. Where
    /// the run can go on without more forecasts, forecasts alone do not halt it: who asks for them gives them up.
    fn unwell(&self, trouble: &Trouble, errand: Errand) {
        let step = errand.step();
        self.tell(trouble, step);
        match heard(trouble, errand) {
            Heard::Trouble => self.health.met_trouble(errand, self.trouble_wait()),
            Heard::Answer => self.health.went_well(errand),
            Heard::Nothing => {}
        }
        if let Some(lasted) = self.health.patience.is_over_after(step) {
            let (what, seconds) = (missing(step), lasted.as_secs());
            self.halting.halt(Halt::GaveUp(format!("no {what} for {seconds} s, at last {}", words(trouble))));
        }
    }

    /// Tells of trouble, once in a while: somebody may be waiting for a run that gets nowhere.
    fn tell(&self, trouble: &Trouble, step: Step) {
        if self.told_at.get().is_none_or(|told| told.elapsed() >= TOLD_EVERY) {
            self.told_at.set(Some(Instant::now()));
            let (words, seconds) = (words(trouble), self.limits.give_up_after.as_secs());
            tracing::warn!(
                "a {} met trouble: {words}; the run goes on until nothing succeeds for {seconds} s",
                kind(step)
            );
        }
    }

    /// Attempts of one step of one callback.
    pub fn attempts_max(&self) -> u32 {
        self.limits.attempts_max
    }

    /// A random wait after trouble on the platform's side.
    pub fn trouble_wait(&self) -> Duration {
        let (least, most) = self.limits.trouble_wait;
        least + most.saturating_sub(least).mul_f64(fastrand::f64())
    }

    /// Fetches a token, however often it takes, until the run halts.
    async fn fetch_token(&self) -> Result<Grant, Halted> {
        let mut departures = 0;
        loop {
            self.gate.pass().await;
            self.halting.check()?;
            self.depart().await?;
            self.leaves(Step::Token, departures).await?;
            departures += 1;
            let reply = self.platform.token().await.map_err(|error| {
                // Without a secret nothing has left.
                self.counts.borrow_mut().token -= 1;
                self.traffic.borrow_mut().had_not_left();
                self.halting.halt(Halt::NoSecret(error.to_string()));
                Halted
            })?;
            let Failure { next, .. } = match self.judge(reply, &Pass::none(), Step::Token, Earlier::None) {
                Ok(grant) => return Ok(grant),
                Err(failure) => failure,
            };
            self.halting.check()?;
            if let Next::Again(_) = next {
                tokio::time::sleep(self.trouble_wait()).await;
            }
        }
    }

    /// Requests that left so far.
    pub fn counts(&self) -> RequestCounts {
        *self.counts.borrow()
    }

    /// How they left over time, up to now.
    pub fn traffic(&self) -> Traffic {
        self.traffic.borrow().clone().until(self.begun_at.elapsed())
    }

    /// Requests a minute, over the time from the first to the last and the least that the pace puts around
    /// any one; 0 where none left.
    pub fn achieved_per_minute(&self) -> f64 {
        let Some((first, last)) = self.first_and_last.get() else { return 0.0 };
        let minutes = (last - first + self.gate.grain()).as_secs_f64() / 60.0;
        #[expect(clippy::cast_precision_loss, reason = "a count of requests")]
        let total = self.counts().total() as f64;
        total / minutes
    }
}

/// Logs what came of a request: what a person may have to explain with `-v`, the rest with `-vv`. What concerns all is
/// told where it is done. Which callback it was about, the span around it says.
fn note(trouble: &Trouble, next: Next, errand: Errand) {
    let words = words(trouble);
    match next {
        _ if matches!(errand, Errand::Probe(_)) => tracing::debug!("a test request came back: {words}"),
        Next::Refused => tracing::info!("refused: {words}"),
        Next::Existed => tracing::info!("there before this ledger: {words}"),
        Next::Doubted => tracing::info!("in doubt: {words}"),
        Next::Done => tracing::debug!("done by an earlier attempt: {words}"),
        Next::Again(_) | Next::Renew => tracing::debug!("to be tried again: {words}"),
        Next::Hold(_) | Next::Stop(_) => {}
    }
}

/// What came back, in one line without a customer's number: the platform may repeat one.
fn words(trouble: &Trouble) -> String {
    let words = trouble.describe();
    match trouble {
        Trouble::Status(_) | Trouble::Unreadable { .. } => without_numbers(&words),
        Trouble::NotSent(_) | Trouble::NoAnswer(_) => words,
    }
}

/// A request that was answered.
struct Asked<'a> {
    pass: &'a Pass,
    errand: Errand,
}
