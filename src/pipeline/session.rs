//! One request the proper way: token, gate, and what the answer means for everybody.

mod judging;

use std::cell::{Cell, RefCell};
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::answers::{Answers, Came, Verdicts};
use crate::domain::discreet::without_numbers;
use crate::domain::hold::Hold;
use crate::domain::limits::Limits;
use crate::domain::progress::Earlier;
use crate::domain::reply::{Step, Trouble};
use crate::domain::report::RequestCounts;
use crate::domain::traffic::Traffic;
use crate::io::clock::Clock;
use crate::io::ledger::{Ledger, LedgerError, Stamp};
use crate::io::pace::Shared;
use crate::io::platform::{Grant, Platform};
use crate::logic::retry::{ContactIds, NewContacts, Next, OnNoAnswer, RunEffect};

use super::access::{Accesses, InFlight};
use super::event::Event;
use super::gate::{Exit, Gate};
use super::halt::{Halt, Halted, Halting};
use super::health::{Errand, Health};
use super::heard::{Heard, heard, kind, missing};
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
    gate: Gate<'a>,
    /// The pause that the ledger keeps.
    kept_hold: Cell<Option<Hold>>,
    tokens: Tokens<'a>,
    limits: Limits,
    contact_ids: ContactIds,
    on_no_answer: OnNoAnswer,
    /// Whether a 201 was seen in an earlier run or in this one.
    new_contacts: Cell<NewContacts>,
    /// Whether this run has noted a 201.
    noted_created: Cell<bool>,
    accesses: Accesses,
    /// How the platform does.
    pub health: Health,
    counts: RefCell<RequestCounts>,
    answers: RefCell<Answers>,
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
    /// What other processes of this client share with this one.
    pub shared: Shared<'a>,
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
    pub async fn begin(with: &Beginning<'a, P, L>, rules: &super::rules::Rules) -> Result<Self, LedgerError> {
        let &Beginning { platform, ledger, clock, halting, progress, shared } = with;
        let gate = Gate::new(rules.limits.requests_per_minute_max, shared.pace);
        let hold = ledger.last_hold().await?;
        let new_contacts = if ledger.tells_created() { NewContacts::Answered201 } else { NewContacts::Unknown };
        gate.go_on_holding(hold.map_or(Duration::ZERO, |hold| hold.left(clock.unix_millis())));
        Ok(Self {
            platform,
            ledger,
            clock,
            halting,
            progress,
            gate,
            kept_hold: Cell::new(hold),
            tokens: Tokens::new(shared.tokens, rules.limits.requests_per_minute_max),
            limits: rules.limits,
            contact_ids: rules.contact.ids,
            on_no_answer: rules.on_no_answer(),
            new_contacts: Cell::new(new_contacts),
            noted_created: Cell::new(false),
            accesses: Accesses::default(),
            health: Health::new(rules.limits.give_up_after),
            counts: RefCell::default(),
            answers: RefCell::default(),
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
        let told = |hold| self.held(hold, "the platform asked this client for a pause");
        self.halting.unless(self.gate.pass(&told)).await
    }

    /// Lets a request leave that was written down, and counts it; `before` is how many left for the same in this
    /// run. Where the run halts first, the platform asks for a pause, or requests of its kind are held back by now, it has
    /// not left.
    pub async fn leaves(&self, errand: Errand, before: u32) -> Result<Exit, Halted> {
        self.leaves_if(errand, before, &|| true).await
    }

    /// The same, where it is still due by the time at which it may leave.
    pub async fn leaves_if(&self, errand: Errand, before: u32, is_due: &dyn Fn() -> bool) -> Result<Exit, Halted> {
        let exit = self.halting.unless(self.gate.leave()).await?;
        if exit == Exit::Held || !self.health.lets_pass(errand) || !is_due() {
            return Ok(Exit::Held);
        }
        self.left(errand.step(), before);
        Ok(Exit::Left)
    }

    /// Keeps a pause for later runs, unless a longer one is kept.
    fn keep_hold(&self, length: Duration) {
        let now = self.clock.unix_millis();
        let hold = Hold::from_now(now, length);
        if self.kept_hold.get().is_none_or(|kept| kept.left(now) < hold.left(now)) {
            self.kept_hold.set(Some(hold));
            self.ledger.note_hold(hold);
        }
    }

    /// What a pause means for this run, whoever was asked for it.
    fn held(&self, hold: Duration, words: &str) {
        self.traffic.borrow_mut().hold(self.begun_at.elapsed(), hold);
        (self.progress)(Event::Held(hold));
        tracing::warn!("{words}: holding for {} s", hold.as_secs_f64().ceil());
        if hold > self.limits.hold_max {
            let why = format!("it asks to be left alone for {} s", hold.as_secs());
            self.halting.halt(Halt::GaveUp(why));
        }
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

    /// Halts because the ledger cannot be written, or refuses what does not follow.
    pub fn lost(&self, error: &LedgerError) -> Halted {
        let why = error.to_string();
        let is_ours = matches!(error, LedgerError::OutOfOrder(_));
        self.halting.halt(if is_ours { Halt::Fault(why) } else { Halt::LedgerLost(why) });
        Halted
    }

    /// Notes that a request is in flight; its answer is judged after it has landed.
    pub fn in_flight(&self, step: Step) -> InFlight<'_> {
        self.accesses.leaves(step)
    }

    /// Sends a request that holds nothing to where contacts or texts are made, to find out whether the platform
    /// answers. It is nobody's attempt; what follows from the answer has happened when this returns.
    pub async fn probe(&self, step: Step) -> Result<(), Halted> {
        let errand = Errand::Probe(step);
        let Some(pass) = self.admitted(errand).await? else { return Ok(()) };
        if self.leaves(errand, 0).await? == Exit::Held {
            return Ok(());
        }
        let answered = self.platform.probe(&pass.token, step).await;
        if self.judge_errand(answered, &pass, errand, Earlier::None).await.is_ok() {
            tracing::warn!(
                "the platform took a test request that holds nothing, which it has to refuse; look there whether \
                 anything was made of it"
            );
        }
        Ok(())
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
            // The gate first: whoever waits there for long must not keep other processes from asking.
            self.turn().await?;
            let asking = self.halting.unless(self.tokens.turn()).await?;
            if self.leaves(Errand::Probe(Step::Token), departures).await? == Exit::Held {
                continue;
            }
            departures += 1;
            let reply = self.platform.token().await.map_err(|error| {
                // Without a secret nothing has left.
                self.counts.borrow_mut().token -= 1;
                self.traffic.borrow_mut().had_not_left();
                self.halting.halt(Halt::NoSecret(error.to_string()));
                Halted
            })?;
            drop(asking);
            let judged = self.judge(reply, &Pass::none(), Step::Token, Earlier::None).await;
            let Failure { next, .. } = match judged {
                Ok(grant) => return Ok(grant),
                Err(failure) => failure,
            };
            self.halting.check()?;
            if next.run == RunEffect::None {
                tokio::time::sleep(self.trouble_wait()).await;
            }
        }
    }

    /// Requests that left so far.
    pub fn counts(&self) -> RequestCounts {
        *self.counts.borrow()
    }

    /// What was answered to them. A request for a token, for which a run that halts does not wait, has no answer.
    pub fn answers(&self) -> Answers {
        let mut answers = self.answers.borrow().clone();
        let not_done = self.counts().token.saturating_sub(answers.total(Step::Token));
        if not_done > 0 {
            answers.add(Step::Token, Came::NoAnswer, Verdicts { not_done, ..Verdicts::default() });
        }
        answers
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

/// What came back, in one line without a customer's number: the platform may repeat one.
fn words(trouble: &Trouble) -> String {
    let words = trouble.describe();
    match trouble {
        Trouble::Status(_) | Trouble::Unreadable { .. } => without_numbers(&words),
        Trouble::NotSent(_) | Trouble::Blocked(_) | Trouble::NoAnswer(_) => words,
    }
}
