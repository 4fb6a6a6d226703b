//! The pace: one gate that every request passes, first tries, retries and token requests alike.
//!
//! Requests leave in even steps, so that no half-open window of 60 s holds more than are allowed. Each leaves at an
//! instant that was reserved for it alone, or at most 100 ms after it; the step is a little longer than a minute
//! shared out, by more than that. Who gives out the instants is a [`PaceStore`]: one that all processes of a client
//! share, or one of this process alone. The waiting is tokio's own sleep, so that tests own time.
//!
//! Between gate and wire an intent is written, and a disk may take its time for that. An instant that passed meanwhile is
//! lost: the request waits for another one, and nothing passes the gate before it has left. What passes after that needs
//! no instant of its own yet, so that a disk that is always slow does not cost two of them for each request.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

use crate::io::pace::{CATCH_UP, MemoryPace, Moment, PaceStore, Wanted, step};

/// How long after its instant a request may still leave.
const USABLE: Duration = Duration::from_millis(100);

/// The longest hold where the platform does not say how long.
const HOLD_UNTOLD_MAX: Duration = Duration::from_mins(1);

/// The longest hold that is counted with: a century is as good as for ever, and can be added to an instant.
const HOLD_MAX: Duration = Duration::from_hours(24 * 36_500);

/// A pause that is asked for this soon after another lowers the rate; so long without one raises it again.
const CLEAN: Duration = Duration::from_mins(1);

/// A hold is told again where it has become longer by so much.
const TOLD_APART: Duration = Duration::from_secs(1);

/// What has passed the gate and has not left is remembered of so many.
const PASSED_MAX: usize = 4096;

/// The gate of a process.
pub struct Gate<'a> {
    limit: u32,
    store: Store<'a>,
    /// The first request keeps a step's distance from the gate's beginning: the last one of an earlier process may have
    /// left just before that.
    earliest: Moment,
    /// Whoever holds it is next; tokio's mutex is fair, so that requests leave in the order in which they came.
    turn: Mutex<()>,
    /// Whoever holds it leaves next, of those whose instant has passed.
    exit: Mutex<()>,
    /// Instants that are reserved and not used yet, in order.
    reserved: RefCell<VecDeque<Moment>>,
    /// What has passed and has not left, in order.
    passed: RefCell<VecDeque<Passed>>,
    last_passed: Cell<Moment>,
    /// How many may pass without an instant of their own.
    unreserved: Cell<u32>,
    waiting: Cell<u32>,
    leaving: Cell<u32>,
    /// Until when a hold lasts that was told.
    told_until: Cell<Moment>,
    pace: RefCell<Pace>,
}

/// Who gives out the instants.
enum Store<'a> {
    Own(MemoryPace),
    Shared(&'a dyn PaceStore),
}

/// A request that has passed the gate.
#[derive(Clone, Copy)]
struct Passed {
    at: Moment,
    reserved: Option<Moment>,
}

/// Whether a request may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Exit {
    /// It leaves now.
    Left,
    /// The platform asks to be left alone, since the request passed the gate: it has not left, and must pass again.
    Held,
}

/// What comes next.
enum Due {
    /// An instant that has come.
    Now(Moment),
    /// A hold that lasts until then.
    Held(Moment),
}

struct Pace {
    rate: f64,
    held_until: Option<Instant>,
    holds_in_a_row: u32,
    last_pause: Option<Instant>,
    rate_changed: Instant,
}

impl<'a> Gate<'a> {
    /// A gate that lets so many requests a minute pass, together with all others that share the store; without one,
    /// alone.
    #[must_use]
    pub fn new(limit_per_minute: u32, shared: Option<&'a dyn PaceStore>) -> Self {
        let store = shared.map_or_else(|| Store::Own(MemoryPace::new()), Store::Shared);
        let rate = f64::from(limit_per_minute.max(1));
        let pace = Pace { rate, held_until: None, holds_in_a_row: 0, last_pause: None, rate_changed: Instant::now() };
        let gate = Self {
            limit: limit_per_minute,
            store,
            earliest: Moment::default(),
            turn: Mutex::new(()),
            exit: Mutex::new(()),
            reserved: RefCell::default(),
            passed: RefCell::default(),
            last_passed: Cell::default(),
            unreserved: Cell::default(),
            waiting: Cell::default(),
            leaving: Cell::default(),
            told_until: Cell::default(),
            pace: RefCell::new(pace),
        };
        Self { earliest: gate.now().plus(step(rate)), ..gate }
    }

    fn store(&self) -> &dyn PaceStore {
        match &self.store {
            Store::Own(own) => own,
            Store::Shared(shared) => *shared,
        }
    }

    fn now(&self) -> Moment {
        self.store().now()
    }

    /// Waits for its turn. A hold that somebody else was asked for is told once. A future that is dropped meanwhile has
    /// passed nothing.
    pub async fn pass(&self, told: &dyn Fn(Duration)) {
        let _waiting = Counted::one_more(&self.waiting);
        let _turn = self.turn.lock().await;
        loop {
            while self.leaving.get() > 0 {
                // The mutex is fair: whoever wants to leave already has it first.
                drop(self.exit.lock().await);
            }
            let due = if self.unreserved.get() > 0 { self.due_unreserved().await } else { self.due().await };
            match due {
                Some(Due::Now(_)) if self.leaving.get() > 0 => {}
                Some(Due::Now(at)) => return self.passes(at),
                Some(Due::Held(until)) => self.wait_for_hold(until, told).await,
                None => {}
            }
        }
    }

    /// Notes that a request passes, with the instant that has come.
    fn passes(&self, at: Moment) {
        let now = self.now();
        let reserved = if self.unreserved.get() > 0 {
            self.unreserved.set(self.unreserved.get() - 1);
            None
        } else {
            self.reserved.borrow_mut().pop_front();
            Some(at)
        };
        self.last_passed.set(now);
        let mut passed = self.passed.borrow_mut();
        passed.push_back(Passed { at: now, reserved });
        if passed.len() > PASSED_MAX {
            passed.pop_front();
        }
    }

    /// Lets what has passed leave, which is at once unless something held it up on its way. A future that is dropped
    /// meanwhile has not left.
    pub async fn leave(&self) -> Exit {
        let held_until = self.store().held_until().await;
        let passed = self.usable();
        if self.now() < held_until {
            return Exit::Held;
        }
        match passed {
            Some(Passed { reserved: Some(_), .. }) => return Exit::Left,
            Some(Passed { reserved: None, .. }) => {}
            None => self.unreserved.set(self.unreserved.get().saturating_add(1)),
        }
        let _leaving = Counted::one_more(&self.leaving);
        let _exit = self.exit.lock().await;
        loop {
            match self.due().await {
                Some(Due::Now(_)) => {
                    self.reserved.borrow_mut().pop_front();
                    return Exit::Left;
                }
                Some(Due::Held(_)) => return Exit::Held,
                None => {}
            }
        }
    }

    /// The first of those that have passed, and not too long ago.
    fn usable(&self) -> Option<Passed> {
        let now = self.now();
        let mut passed = self.passed.borrow_mut();
        while let Some(first) = passed.pop_front() {
            if now.since(first.reserved.unwrap_or(first.at)) <= USABLE {
                return Some(first);
            }
        }
        None
    }

    /// The first reserved instant, once it has come; it stays the first. `None` where it is to be looked again.
    async fn due(&self) -> Option<Due> {
        let first = self.reserved.borrow().front().copied();
        let Some(first) = first else {
            self.reserve().await;
            return None;
        };
        if let Some(held) = self.come(first).await {
            return Some(held);
        }
        let now = self.now();
        if self.reserved.borrow().front() != Some(&first) || now < first {
            return None;
        }
        if now.since(first) > USABLE {
            self.reserved.borrow_mut().pop_front();
            return None;
        }
        Some(Due::Now(first))
    }

    /// The instant at which a request may pass that has none of its own.
    async fn due_unreserved(&self) -> Option<Due> {
        let at = self.last_passed.get().plus(step(self.pace.borrow().rate));
        let held = self.come(at).await;
        held.or_else(|| (self.now() >= at).then_some(Due::Now(at)))
    }

    /// Waits until an instant has come, unless the platform asks to be left alone then.
    async fn come(&self, at: Moment) -> Option<Due> {
        for wait in [true, false] {
            let held_until = self.store().held_until().await;
            if self.now() < held_until {
                self.reserved.borrow_mut().retain(|&reserved| reserved >= held_until);
                return Some(Due::Held(held_until));
            }
            let left = at.since(self.now());
            if left.is_zero() {
                return None;
            }
            if wait {
                sleep(left).await;
            }
        }
        None
    }

    /// Reserves for those who wait. What is reserved is never far ahead, for nobody else could leave before it.
    async fn reserve(&self) {
        sleep(self.earliest.since(self.now())).await;
        let (rate, count) = (self.pace.borrow().rate, self.waiting.get() + self.leaving.get());
        let reserved = self.store().reserve(Wanted { rate, count, earliest: self.earliest }).await;
        self.reserved.borrow_mut().extend(reserved);
    }

    async fn wait_for_hold(&self, until: Moment, told: &dyn Fn(Duration)) {
        let left = until.since(self.now());
        if until > self.told_until.get().plus(TOLD_APART) {
            self.told_until.set(until);
            told(left);
        }
        sleep(left).await;
    }

    /// How long the platform still asks to be left alone.
    pub async fn held_for(&self) -> Duration {
        self.store().held_until().await.since(self.now())
    }

    /// Holds everything for what is left of a pause that was asked for before.
    pub fn go_on_holding(&self, left: Duration) {
        if !left.is_zero() {
            self.store().hold(self.now().plus(left));
        }
    }

    /// Holds everything where the platform asks for a pause: for so many seconds, or where the platform does not say how
    /// long, for a random part of a time that doubles. Returns how long. A hold is never shortened.
    pub fn hold(&self, seconds: Option<u64>) -> Duration {
        let mut pace = self.pace.borrow_mut();
        let now = Instant::now();
        let was_held = pace.held_until.is_some_and(|until| now < until);
        if !was_held {
            pace.holds_in_a_row = pace.holds_in_a_row.saturating_add(1);
            if pace.last_pause.is_some_and(|last| now - last < CLEAN) {
                pace.change_rate(0.8, self.limit);
            }
        }
        pace.last_pause = Some(now);
        let hold = seconds.map_or_else(|| untold(pace.holds_in_a_row), Duration::from_secs);
        let counted = hold.min(HOLD_MAX);
        pace.held_until = pace.held_until.max(Some(now + counted));
        let until = self.now().plus(counted);
        self.store().hold(until);
        self.told_until.set(self.told_until.get().max(until));
        hold
    }

    /// The time from one request to the next at full pace, and what of a late wake is caught up: so many requests
    /// never leave in less than so many of these.
    pub fn grain(&self) -> Duration {
        step(f64::from(self.limit.max(1))) + CATCH_UP
    }

    /// Notes that the platform has done something: the next untold hold is short again, and a clean minute
    /// raises a rate that was lowered.
    pub fn went_well(&self) {
        let mut pace = self.pace.borrow_mut();
        let now = Instant::now();
        if pace.held_until.is_none_or(|until| until <= now) {
            pace.holds_in_a_row = 0;
        }
        let clean = pace.last_pause.is_none_or(|last| now - last >= CLEAN) && now - pace.rate_changed >= CLEAN;
        if pace.rate < f64::from(self.limit) && clean {
            pace.change_rate(1.05, self.limit);
        }
    }
}

/// One more of those that wait for something, for as long as it does.
struct Counted<'a>(&'a Cell<u32>);

impl<'a> Counted<'a> {
    fn one_more(count: &'a Cell<u32>) -> Self {
        count.set(count.get() + 1);
        Self(count)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl Pace {
    fn change_rate(&mut self, by: f64, limit: u32) {
        self.rate = (self.rate * by).clamp(1.0, f64::from(limit.max(1)));
        self.rate_changed = Instant::now();
    }
}

/// Exponential with full jitter, from a second on.
fn untold(holds_in_a_row: u32) -> Duration {
    let most = Duration::from_secs(1 << holds_in_a_row.saturating_sub(1).min(6)).min(HOLD_UNTOLD_MAX);
    most.mul_f64(fastrand::f64())
}

#[cfg(test)]
#[path = "gate_tests.rs"]
mod tests;
