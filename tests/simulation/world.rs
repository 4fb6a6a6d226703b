//! Where the runs of a seed take place: the time, the points at which a process may die, and the record.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::pending;
use std::rc::Rc;
use std::time::Duration;

use ringback::domain::callback::CallbackId;
use ringback::io::clock::Clock;
use ringback::io::ledger::Enrolment;
use ringback::io::pace::MemoryPace;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::book::Book;
use crate::random::Random;
use crate::record::Record;
use crate::scenario::{Command, Plan, Scenario};

/// Where the runs of a seed take place.
pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) state: RefCell<State>,
    pub(crate) plant: Plant,
    /// The pace that is shared with the processes of other ledgers.
    pub(crate) pace: Option<Rc<MemoryPace>>,
    origin: Instant,
    died: Notify,
}

/// A fault that somebody planted, to see that a promise bites.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plant {
    Nothing,
    /// The ledger does not keep that the platform asked for a pause.
    ForgetsHolds,
    /// Each process has a pace of its own.
    SharesNoPace,
    /// The ledger loses, when the process dies, that a request was about to leave.
    ForgetsIntents,
    /// The ledger gives back other bytes than it was given.
    ChangesBodies,
    /// The ledger says that a created contact was refused.
    DeniesContacts,
    /// The ledger says that a text that went out was turned away.
    DeniesTexts,
    /// The ledger forgets waiting texts when it is asked what is unfinished.
    HidesWaiting,
    /// The ledger claims to hold all that was done, and does not.
    ClaimsProvenance,
    /// The ledger forgets between runs that the platform answers 201 to new contacts.
    ForgetsCreated,
    /// The ledger names what is confirmed among what is unfinished.
    TellsOfDone,
    /// The process runs twice as often at once as it may.
    Doubles,
    /// A copy goes on with what it owes, as if nothing had been done since.
    AdoptsAsItIs,
    /// The person who settles what is in doubt does not look.
    SettlesBlindly,
}

/// What changes.
pub(crate) struct State {
    pub(crate) random: Random,
    pub(crate) plan: Plan,
    pub(crate) run: usize,
    /// When that run began.
    pub(crate) began: Duration,
    pub(crate) record: Record,
    pub(crate) tokens: Vec<Token>,
    pub(crate) in_flight: usize,
    /// A copy of the ledger, where one was made.
    pub(crate) copied: Book,
    /// Callbacks of a ledger that is lost.
    pub(crate) lost: BTreeMap<CallbackId, Enrolment>,
    pub(crate) writes: u64,
    numbers: u64,
    points: u64,
    dead: bool,
}

/// A token that the platform gave.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) until: Duration,
    pub(crate) revoked: bool,
}

impl World {
    pub(crate) fn of(scenario: Scenario, plant: Plant) -> Self {
        let clock = Clock::starting_at(scenario.start);
        let random = Random::new(!scenario.seed);
        let record = Record {
            scenario,
            sent: Vec::new(),
            lines: Vec::new(),
            runs: Vec::new(),
            book: Book::default(),
            refused_entries: Vec::new(),
            flight_max: 0,
        };
        let state = State {
            random,
            plan: Plan::closing(Command::Run, Duration::ZERO),
            run: 0,
            began: Duration::ZERO,
            record,
            tokens: Vec::new(),
            in_flight: 0,
            copied: Book::default(),
            lost: BTreeMap::new(),
            writes: 0,
            numbers: 0,
            points: 0,
            dead: false,
        };
        Self { clock, state: RefCell::new(state), plant, pace: None, origin: Instant::now(), died: Notify::new() }
    }

    /// The seed that is played.
    pub(crate) fn seed(&self) -> u64 {
        self.state.borrow().record.scenario.seed
    }

    /// Time since the seed began.
    pub(crate) fn now(&self) -> Duration {
        self.origin.elapsed()
    }

    /// A new process, on what the disk and the platform hold.
    pub(crate) fn begin(&self, run: usize, plan: &Plan) {
        let mut state = self.state.borrow_mut();
        (state.run, state.plan, state.began) = (run, plan.clone(), self.now());
        (state.points, state.writes, state.dead, state.in_flight) = (0, 0, false, 0);
    }

    /// A point at which the process may die. From there on nothing of it goes on.
    pub(crate) async fn point(&self) {
        let dies = {
            let mut state = self.state.borrow_mut();
            state.dead |= state.plan.crash_at == Some(state.points);
            state.points += 1;
            state.dead
        };
        if dies {
            self.died.notify_one();
            pending::<()>().await;
        }
    }

    /// Waits until the process dies.
    pub(crate) async fn death(&self) {
        // A point that an earlier process came to may have left its ring behind.
        while !self.state.borrow().dead {
            self.died.notified().await;
        }
    }
}

impl State {
    /// The next number of something that happens.
    pub(crate) fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }
}
