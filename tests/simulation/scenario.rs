//! What a seed decides before the first run: the settings, the platform's habits, and the story of the runs.

use std::time::Duration;

use ringback::domain::abilities::Repeat;
use ringback::domain::provenance::Provenance;
use ringback::domain::strategy::Strategy;
use ringback::domain::time::Timestamp;
use ringback::logic::recall::Refused;
use ringback::logic::retry::OnNoAnswer;

use crate::load::{self, Load};
use crate::outage::Outage;
use crate::random::Random;

/// 2026-11-23T00:00:00Z, a Monday.
const FIRST_START: i64 = 1_795_392_000;

/// All that a seed decides.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    pub(crate) seed: u64,
    pub(crate) start: Timestamp,
    pub(crate) load: Load,
    pub(crate) settings: Settings,
    pub(crate) habits: Habits,
    pub(crate) plans: Vec<Plan>,
    /// What is asked for once all trouble is over and the input was read once more.
    pub(crate) closing: Command,
    /// Whether the runs write their files, which takes the disk's time.
    pub(crate) files: bool,
    /// Whether a person settles what is in doubt between the runs.
    pub(crate) settles: bool,
    /// What happens to the ledger between two runs.
    pub(crate) loss: Option<Loss>,
}

/// A ledger that is not the one that holds all that was done, and that a person has said so of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Loss {
    pub(crate) kind: LossKind,
    /// The run after which a copy is made.
    pub(crate) copied_after: usize,
    /// The run after which the ledger is replaced.
    pub(crate) replaced_after: usize,
}

/// What takes the ledger's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LossKind {
    /// The copy, which is adopted as one.
    Copy,
    /// An empty one, which is adopted as new.
    New,
}

/// What the runs of a seed have in common.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) rate: u32,
    pub(crate) concurrency: usize,
    pub(crate) attempts: u32,
    pub(crate) give_up_after: Duration,
    pub(crate) lead_time: i64,
    pub(crate) forecast_range_max: i64,
    pub(crate) strategy: Strategy,
    pub(crate) ids: Repeat,
    /// How far ahead the platform takes contacts.
    pub(crate) horizon: Option<Duration>,
    pub(crate) on_no_answer: OnNoAnswer,
    /// The texting hours; `None` where texts are off.
    pub(crate) texting: Option<&'static str>,
}

/// What the platform and the disk are like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Habits {
    /// Whether a repeated contact is answered 200 rather than 409.
    pub(crate) repeats_are_fine: bool,
    /// Whether a contact that is new is answered 201 rather than 200.
    pub(crate) tells_created: bool,
    /// Whether the ledger is known to hold all that was done for its callbacks.
    pub(crate) provenance: Provenance,
    /// In a hundred, ids that the platform holds already, from before this ledger.
    pub(crate) foreign_percent: u64,
    /// The longest that the disk takes, in milliseconds.
    pub(crate) disk_millis_max: u64,
    /// In a hundred, contacts that the platform will never take.
    pub(crate) refused_percent: u64,
    /// Whether texts have an account and a pace of their own.
    pub(crate) texts_apart: bool,
}

impl Habits {
    /// Of a platform that takes everything and of a disk that takes no time.
    pub(crate) fn calm() -> Self {
        Self {
            repeats_are_fine: true,
            tells_created: false,
            provenance: Provenance::Proven,
            foreign_percent: 0,
            disk_millis_max: 0,
            refused_percent: 0,
            texts_apart: false,
        }
    }
}

/// One run of the story.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) command: Command,
    pub(crate) mood: Mood,
    /// How long after the run before it begins.
    pub(crate) pause: Duration,
    /// At which ledger or send point the process dies.
    pub(crate) crash_at: Option<u64>,
    pub(crate) disk: Option<DiskFault>,
    /// When somebody asks it to stop.
    pub(crate) stop_at: Option<Duration>,
    pub(crate) limit: Option<usize>,
    pub(crate) duration_max: Option<Duration>,
    pub(crate) refused: Refused,
    /// What of the platform is out of order for a time.
    pub(crate) outage: Option<Outage>,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// The input, again or for the first time.
    Run,
    /// What the ledger holds unfinished.
    Resume,
}

/// A disk that fails from one write on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DiskFault {
    /// The first write that fails, counted from 0.
    pub(crate) at: u64,
    /// Whether that write is on disk all the same.
    pub(crate) kept: bool,
}

/// How the platform feels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    /// Nothing goes wrong but what is wrong for ever.
    Calm,
    /// Something goes wrong now and then.
    Usual,
    /// Much goes wrong.
    Rough,
    /// Requests get lost more often than not.
    Storm,
    /// It asks to be left alone.
    Throttled,
}

impl Scenario {
    pub(crate) fn of(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let start = Timestamp::from_unix(FIRST_START + i64::try_from(random.below(48 * 3600)).expect("two days"));
        let load = load::of(start, &mut random);
        let settings = Settings::of(&mut random);
        let habits = Habits::of(&mut random);
        let runs = random.between(0, 4);
        let plans = (0..runs).map(|number| Plan::of(number, load.rows, &mut random)).collect();
        let closing = if random.percent(50) { Command::Resume } else { Command::Run };
        let (files, settles) = (random.percent(12), random.percent(60));
        Self { seed, start, load, settings, habits, plans, closing, files, settles, loss: None }
    }
}

impl Settings {
    fn of(random: &mut Random) -> Self {
        Self {
            rate: random.pick(&[2, 7, 30, 100, 100, 1000]),
            concurrency: random.pick(&[1, 2, 4, 16]),
            attempts: random.pick(&[1, 2, 5]),
            give_up_after: Duration::from_mins(random.pick(&[2, 10, 10, 60])),
            lead_time: random.pick(&[0, 60, 300, 300]),
            forecast_range_max: random.pick(&[3600, 3 * 3600, 24 * 3600]),
            strategy: random.pick(&[Strategy::Balanced, Strategy::Balanced, Strategy::Peak]),
            ids: repeat(random),
            horizon: None,
            on_no_answer: if random.percent(25) { OnNoAnswer::Resend } else { OnNoAnswer::Hold },
            texting: random.pick(&[
                Some("always"),
                Some("always"),
                Some("08:00-21:00"),
                Some("08:00-21:00"),
                Some("20:00-06:00"),
                None,
            ]),
        }
    }
}

/// What the platform does with a contact that comes again: most keep one an id, some for a time only.
fn repeat(random: &mut Random) -> Repeat {
    let life = Duration::from_secs(random.pick(&[20, 300, 1200]));
    match random.below(100) {
        0..20 => Repeat::Never,
        20..25 => Repeat::LookUpFirst,
        25..40 => Repeat::WithinLife(life),
        _ => Repeat::SameId,
    }
}

impl Habits {
    fn of(random: &mut Random) -> Self {
        Self {
            repeats_are_fine: random.percent(30),
            tells_created: random.percent(50),
            provenance: if random.percent(15) { Provenance::Unproven } else { Provenance::Proven },
            foreign_percent: random.pick(&[0, 0, 0, 5]),
            disk_millis_max: random.pick(&[0, 0, 3, 20, 20, 2_000]),
            refused_percent: random.pick(&[0, 5, 20]),
            texts_apart: false,
        }
    }
}

impl Plan {
    pub(crate) fn of(number: u64, rows: u64, random: &mut Random) -> Self {
        let (points, writes) = (rows * 14 + 12, rows * 5 + 6);
        let command = Command::of(number, random);
        Self {
            mood: random.pick(&[Mood::Calm, Mood::Usual, Mood::Usual, Mood::Rough, Mood::Storm, Mood::Throttled]),
            pause: if number == 0 { Duration::ZERO } else { pause(random) },
            crash_at: random.sometimes(50, |random| random.below(points)),
            disk: random.sometimes(15, |random| DiskFault { at: random.below(writes), kept: random.percent(50) }),
            stop_at: random.sometimes(20, |random| Duration::from_millis(random.below(600_000))),
            limit: random.sometimes(15, |random| usize::try_from(random.below(rows + 1)).expect("few rows")),
            duration_max: random.sometimes(10, |random| Duration::from_secs(random.below(900))),
            // `resume` leaves refusals alone.
            refused: if random.percent(20) && command == Command::Run { Refused::TryAgain } else { Refused::Stand },
            command,
            outage: random.sometimes(20, Outage::of),
        }
    }

    /// A run in which nothing goes wrong, and which does all that can be done.
    pub(crate) fn closing(command: Command, pause: Duration) -> Self {
        Self {
            command,
            mood: Mood::Calm,
            pause,
            crash_at: None,
            disk: None,
            stop_at: None,
            limit: None,
            duration_max: None,
            refused: Refused::Stand,
            outage: None,
        }
    }

    /// Whether nothing keeps it from doing all that can be done.
    pub(crate) fn is_whole(&self) -> bool {
        self.outage.is_none() && self.is_whole_but_for_an_outage()
    }

    /// Whether nothing but an outage does.
    pub(crate) fn is_whole_but_for_an_outage(&self) -> bool {
        self.mood == Mood::Calm
            && self.crash_at.is_none()
            && self.disk.is_none()
            && self.stop_at.is_none()
            && self.limit.is_none()
            && self.duration_max.is_none()
    }
}

impl Command {
    /// The first run must read something; of the later ones many take up what is there.
    fn of(number: u64, random: &mut Random) -> Self {
        if number > 0 && random.percent(40) { Self::Resume } else { Self::Run }
    }
}

fn pause(random: &mut Random) -> Duration {
    match random.below(4) {
        0 | 1 => Duration::from_millis(random.below(2_000)),
        2 => Duration::from_secs(random.below(600)),
        _ => Duration::from_secs(random.below(3 * 3600)),
    }
}
