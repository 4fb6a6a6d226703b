//! What the requests of a run share: who is asked, pace, tokens, health and counts.

pub(super) mod attempt;
mod judging;
mod requests;

use std::cell::{Cell, RefCell};
use std::time::Duration;

use strum::VariantArray;
use tokio::time::Instant;

use crate::domain::abilities::Repeat;
use crate::domain::answers::{Answers, Came, Verdicts};
use crate::domain::discreet::without_numbers;
use crate::domain::hold::Hold;
use crate::domain::limits::Limits;
use crate::domain::reply::{Step, Trouble};
use crate::domain::report::RequestCounts;
use crate::domain::traffic::Traffic;
use crate::io::clock::Clock;
use crate::io::ledger::{Ledger, LedgerError, Stamp};
use crate::io::pace::Shared;
use crate::io::platform::{Backend, Platform};
use crate::logic::retry::{Next, OnNoAnswer};

use super::access::{Accesses, InFlight};
use super::event::Event;
use super::gate::Gate;
use super::halt::{Halt, Halted, Halting};
use super::health::{Errand, Health};
use super::heard::{Heard, heard, kind, missing};
use super::rules::Rules;
use super::tokens::{Pass, Tokens};

/// What the requests of a run share.
pub struct Session<'a, L> {
    /// Who is asked.
    pub platform: &'a Platform<'a>,
    /// Where it is written down.
    pub ledger: &'a L,
    /// What time it is.
    pub clock: Clock,
    /// Whether the run halts.
    pub halting: &'a Halting,
    /// Who is told how far it has come.
    progress: &'a dyn Fn(Event<'_>),
    /// The gates by pace group; the first is that of contacts.
    gates: Vec<(String, Gate<'a>)>,
    /// The pause that the ledger keeps.
    kept_hold: Cell<Option<Hold>>,
    /// The tokens by account; the first are those of contacts.
    tokens: Vec<(String, Tokens<'a>)>,
    limits: Limits,
    repeat: Repeat,
    on_no_answer: OnNoAnswer,
    /// Whether the platform tells new contacts from those that it had already, as an earlier run saw or this one.
    tells_created: Cell<bool>,
    /// Whether this run has noted that it does.
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

/// What a run touches the world with.
pub struct Ports<'a, L> {
    /// The platform.
    pub platform: &'a Platform<'a>,
    /// The ledger.
    pub ledger: &'a L,
    /// What time it is.
    pub clock: Clock,
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

impl<'a, L: Ledger> Session<'a, L> {
    /// Begins; nothing is sent yet.
    pub async fn begin(ports: &Ports<'a, L>, halting: &'a Halting, rules: &Rules) -> Result<Self, LedgerError> {
        let &Ports { platform, ledger, clock, progress, shared } = ports;
        let rate = rules.limits.requests_per_minute_max;
        let gates = by_name(
            platform,
            |backend| backend.pace_group(),
            |is_first| Gate::new(rate, shared.pace.filter(|_| is_first)),
        );
        let tokens = by_name(
            platform,
            |backend| backend.account(),
            |is_first| Tokens::new(shared.tokens.filter(|_| is_first), rate),
        );
        let hold = ledger.last_hold().await?;
        gates[0].1.go_on_holding(hold.map_or(Duration::ZERO, |hold| hold.left(clock.unix_millis())));
        Ok(Self {
            platform,
            ledger,
            clock,
            halting,
            progress,
            gates,
            kept_hold: Cell::new(hold),
            tokens,
            limits: rules.limits,
            repeat: rules.contact.abilities.repeat,
            on_no_answer: rules.on_no_answer(),
            tells_created: Cell::new(ledger.tells_created()),
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

    /// The gate that requests of a step pass.
    fn gate(&self, step: Step) -> &Gate<'a> {
        of(&self.gates, self.platform.of(step).pace_group())
    }

    /// The tokens with which requests of a step are made.
    fn tokens(&self, step: Step) -> &Tokens<'a> {
        of(&self.tokens, self.platform.of(step).account())
    }

    /// The instant, as entries are stamped.
    pub fn stamp(&self) -> Stamp {
        Stamp(self.clock.unix_millis())
    }

    /// A token that is good, fetched where there is none.
    async fn token(&self, step: Step) -> Result<Pass, Halted> {
        self.halting.unless(self.tokens(step).pass(async || self.fetch_token(step).await)).await?
    }

    /// Waits for the turn of a request, and gives the token with which it leaves; `None` where the platform is
    /// in trouble and only probes may leave. A token may end while its request waits at the gate: then a new one
    /// is fetched, once, for a platform may give tokens that are always at their end.
    async fn admitted(&self, errand: Errand) -> Result<Option<Pass>, Halted> {
        let step = errand.step();
        self.token(step).await?;
        self.turn(step).await?;
        let mut pass = self.tokens(step).fresh();
        if pass.is_none() {
            let newest = self.token(step).await?;
            self.turn(step).await?;
            pass = Some(self.tokens(step).fresh().unwrap_or(newest));
        }
        Ok(pass.filter(|_| self.health.lets_pass(errand)))
    }

    async fn turn(&self, step: Step) -> Result<(), Halted> {
        let told = |hold| self.held(hold, "the platform asked this client for a pause");
        self.halting.unless(self.gate(step).pass(&told)).await
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
        *counts.of_mut(step) += 1;
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

    fn went_well(&self, errand: Errand, role: Step) {
        self.gate(role).went_well();
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

    /// Takes back that a request left.
    fn had_not_left(&self, step: Step) {
        *self.counts.borrow_mut().of_mut(step) -= 1;
        self.traffic.borrow_mut().had_not_left();
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
        let minutes = (last - first + self.gate(Step::Contact).grain()).as_secs_f64() / 60.0;
        #[expect(clippy::cast_precision_loss, reason = "a count of requests")]
        let total = self.counts().total() as f64;
        total / minutes
    }
}

/// One thing for each name that a back end has, contacts' first; what other processes share is for the first.
fn by_name<T>(
    platform: &Platform<'_>,
    name: fn(&dyn Backend) -> &str,
    mut make: impl FnMut(bool) -> T,
) -> Vec<(String, T)> {
    let mut all: Vec<(String, T)> = Vec::new();
    for &step in Step::VARIANTS {
        let name = name(platform.of(step));
        if all.iter().all(|(known, _)| known != name) {
            all.push((name.to_owned(), make(all.is_empty())));
        }
    }
    all
}

/// What goes by a name. There is one for each that a back end has.
fn of<'t, T>(all: &'t [(String, T)], name: &str) -> &'t T {
    let found = all.iter().find(|(known, _)| known == name);
    &found.unwrap_or(&all[0]).1
}

/// What came back, in one line without a customer's number: the platform may repeat one.
fn words(trouble: &Trouble) -> String {
    let words = trouble.describe();
    if trouble.is_answer() { without_numbers(&words) } else { words }
}
