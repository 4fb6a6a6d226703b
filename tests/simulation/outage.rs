//! A part of the platform that is out of order for a time, and nights with one.

use std::fmt::Write;
use std::time::Duration;

use ringback::domain::code::Code;
use ringback::domain::exit::ExitCode;
use ringback::domain::outcome::{Standing, Status};
use ringback::domain::progress::Progress;
use ringback::domain::reply::Step;
use ringback::domain::report::Report;
use ringback::logic::retry::OnNoAnswer;

use crate::answers::Deal;
use crate::load::Load;
use crate::promises::broken;
use crate::random::Random;
use crate::record::{End, Record, Run};
use crate::scenario::{Command, Habits, Plan, Scenario, Settings};
use crate::story;
use crate::world::Plant;

/// What a test request holds.
pub(crate) const EMPTY: &[u8] = b"{}";

/// A part of the platform that is out of order for a time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outage {
    pub(crate) part: Part,
    /// From when on, and until when, counted from the run's beginning.
    pub(crate) from: Duration,
    pub(crate) until: Duration,
    /// What requests meet meanwhile.
    pub(crate) deal: Deal,
    pub(crate) empties: Empties,
}

/// What is out of order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// All requests of a step.
    Step(Step),
    /// The forecast of one campaign.
    Campaign(&'static str),
}

/// How requests fare that hold nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Empties {
    /// As all others.
    Lost,
    /// They are refused at the door as ever: what is out of order lies behind it.
    Refused,
}

impl Outage {
    pub(crate) fn of(random: &mut Random) -> Self {
        let steps = [Step::Token, Step::Forecast, Step::Contact, Step::Text, Step::Text, Step::Text].map(Part::Step);
        let part = if random.percent(20) { Part::Campaign("alpha") } else { random.pick(&steps) };
        let from = Duration::from_secs(random.pick(&[0, 0, 60]) * random.below(10));
        let until = from + Duration::from_secs(random.below(40 * 60));
        let deal = random.pick(&[Deal::Trouble, Deal::Trouble, Deal::Silence, Deal::NotSent]);
        let empties = random.pick(&[Empties::Lost, Empties::Lost, Empties::Refused]);
        Self { part, from, until, deal, empties }
    }

    /// Whether it is about such a request.
    pub(crate) fn strikes(&self, step: Step, campaign: &str, body: &[u8]) -> bool {
        let is_part = match self.part {
            Part::Step(part) => part == step,
            Part::Campaign(part) => step == Step::Forecast && part == campaign,
        };
        is_part && (body != EMPTY || self.empties == Empties::Lost)
    }

    pub(crate) fn lasts_at(&self, since_the_run_began: Duration) -> bool {
        (self.from..self.until).contains(&since_the_run_began)
    }
}

/// How long trouble is borne in these nights.
const GIVE_UP_AFTER: Duration = Duration::from_mins(10);

/// Rows of a night of each campaign.
pub(crate) const ROWS: u64 = 30;

/// For ever, as far as a night goes.
const ALL_NIGHT: Duration = Duration::from_hours(24);

/// A night of these campaigns in which nothing goes wrong but that outage; two attempts are all that a step has.
pub(crate) fn night(seed: u64, campaigns: &[&str], outage: Outage) -> Scenario {
    let plain = Scenario::of(seed);
    let mut csv = String::from("phoneNumber,requestedStart,requestedEnd,campaignId\n");
    for number in 0..ROWS * campaigns.len() as u64 {
        let campaign = campaigns[usize::try_from(number).expect("few") % campaigns.len()];
        let (start, end) = (plain.start.plus(6 * 3600), plain.start.plus(10 * 3600));
        writeln!(csv, "+1212{},{},{},{campaign}", 3_000_000 + number, start.rfc3339(), end.rfc3339()).expect("memory");
    }
    let settings = Settings {
        rate: 100,
        concurrency: 4,
        attempts: 2,
        give_up_after: GIVE_UP_AFTER,
        forecast_range_max: 3600,
        on_no_answer: OnNoAnswer::Hold,
        texting: Some("always"),
        ..plain.settings.clone()
    };
    let habits = Habits::calm();
    let first = Plan { outage: Some(outage), ..Plan::closing(Command::Run, Duration::ZERO) };
    let load = Load { csv, rows: ROWS * campaigns.len() as u64 };
    Scenario { load, settings, habits, plans: vec![first], files: false, settles: false, ..plain }
}

pub(crate) fn outage(part: Part, until: Duration) -> Outage {
    Outage { part, from: Duration::ZERO, until, deal: Deal::Trouble, empties: Empties::Lost }
}

/// What happens in a night without texts.
pub(crate) fn without_texts() -> Record {
    story::play(night(0, &["even"], outage(Part::Step(Step::Text), ALL_NIGHT)), Plant::Nothing)
}

/// Plays a night, which keeps every promise.
#[track_caller]
pub(crate) fn play(scenario: Scenario) -> Record {
    let record = story::play(scenario, Plant::Nothing);
    let broken = broken(&record);
    assert!(broken.is_empty(), "{}\n{broken:?}", record.trace());
    record
}

pub(crate) fn report(run: &Run) -> (&Report, Option<&str>) {
    match &run.end {
        End::Reported { report, halt, .. } => (report, halt.as_deref()),
        End::Crashed | End::Failed(..) => panic!("it came to its end"),
    }
}

fn count(run: &Run, wanted: impl Fn(&Standing) -> bool) -> u64 {
    run.standings.values().filter(|standing| wanted(standing)).count() as u64
}

fn lasted(run: &Run) -> Duration {
    run.ended.saturating_sub(run.began)
}

#[test]
fn an_outage_of_tokens_forecasts_or_contacts_is_waited_out() {
    for (seed, step) in [Step::Token, Step::Forecast, Step::Contact].into_iter().enumerate() {
        let short = outage(Part::Step(step), Duration::from_mins(8));
        let mut scenario = night(seed as u64, &["even"], short);
        // Contacts have their attempts, which probes do not use up.
        scenario.settings.attempts = 5;
        let record = play(scenario);
        let (report, halt) = report(&record.runs[0]);
        assert_eq!((halt, report.by_status[&Status::Confirmed]), (None, ROWS), "{step:?}");
    }
}

#[test]
fn what_never_succeeds_ends_the_run_after_the_time_that_is_borne() {
    for (seed, step) in [Step::Token, Step::Forecast, Step::Contact].into_iter().enumerate() {
        let mut scenario = night(seed as u64, &["even"], outage(Part::Step(step), ALL_NIGHT));
        scenario.settings.attempts = 100;
        let record = play(scenario);
        let (run, limit) = (&record.runs[0], GIVE_UP_AFTER + Duration::from_mins(3));
        let (report, halt) = report(run);
        assert!(halt.is_some_and(|halt| halt.contains("gave up")), "{step:?}: {halt:?}");
        assert!((GIVE_UP_AFTER..limit).contains(&lasted(run)), "{step:?}: {:?}", lasted(run));
        assert_eq!(
            (report.by_status[&Status::Pending], &report.conditions[..]),
            (ROWS, &[ExitCode::Pending][..]),
            "{step:?}"
        );
    }
}

/// The sick campaign stands last among them, and first.
#[test]
fn a_forecast_that_keeps_failing_costs_its_own_rows_alone() {
    for seed in 0..8 {
        let campaigns = if seed % 2 == 0 { ["even", "sick"] } else { ["sick", "even"] };
        // A page that is no forecast opens no circuit.
        let deal = if seed % 4 < 2 { Deal::Trouble } else { Deal::Page };
        let sick = Outage { deal, ..outage(Part::Campaign("sick"), ALL_NIGHT) };
        let record = play(night(seed, &campaigns, sick));
        let run = &record.runs[0];
        let (report, halt) = report(run);
        assert_eq!(halt, None);
        assert_eq!((report.by_status[&Status::Confirmed], report.by_status[&Status::Pending]), (ROWS, ROWS));
        assert_eq!(count(run, |standing| standing.code == Some(Code::PlatformUnavailable)), ROWS);
        assert!(lasted(run) >= GIVE_UP_AFTER, "{:?}", lasted(run));
        let first = record.sent.iter().position(|sent| sent.step == Step::Contact).expect("a contact");
        let forecasts = record.sent[..first].iter().filter(|sent| sent.step == Step::Forecast);
        let had = forecasts
            .filter(|sent| sent.answer.words.starts_with("Fine"))
            .map(|sent| sent.at)
            .max()
            .expect("forecasts");
        assert!(had < Duration::from_mins(1), "those that can be had do not wait for the other: {had:?}");
    }
}

/// Callbacks that need no forecast are not kept waiting by forecasts that never come.
#[test]
fn forecasts_that_never_come_keep_nothing_that_is_owed_from_being_sent() {
    let outage_of_texts = outage(Part::Step(Step::Text), ALL_NIGHT);
    let mut scenario = night(1, &["even"], outage_of_texts);
    let limited = Plan { limit: Some(usize::try_from(ROWS / 2).expect("few")), ..scenario.plans[0].clone() };
    let resumed = Plan {
        outage: Some(outage(Part::Step(Step::Forecast), ALL_NIGHT)),
        ..Plan::closing(Command::Resume, Duration::from_secs(1))
    };
    scenario.plans = vec![limited, resumed];
    let record = play(scenario);
    let owed = count(&record.runs[0], |standing| standing.progress == Progress::Contacted);
    let (sent, halt) = report(&record.runs[1]);
    assert!(owed > 0);
    assert_eq!((halt, sent.by_status[&Status::Confirmed]), (None, owed));
    assert_eq!(sent.by_status[&Status::Pending], ROWS / 2, "beyond the limit of the first run");
}

#[test]
fn an_outage_of_texts_makes_few_doubts_and_every_contact() {
    for (seed, deal) in [Deal::Trouble, Deal::Silence, Deal::NotSent].into_iter().enumerate() {
        for (empties, more) in [(Empties::Lost, 0), (Empties::Refused, 6)] {
            let outage = Outage { deal, empties, ..outage(Part::Step(Step::Text), ALL_NIGHT) };
            let record = play(night(seed as u64, &["even"], outage));
            let run = &record.runs[0];
            let (report, halt) = report(run);
            assert!(halt.is_some_and(|halt| halt.contains("gave up")), "{halt:?}");
            let doubts = report.by_status.get(&Status::SmsInDoubt).copied().unwrap_or_default();
            assert!(doubts <= 3 + 4 + more, "{doubts} in doubt, {outage:?}");
            assert_eq!(report.by_status[&Status::Pending] + doubts, ROWS);
            assert_eq!(count(run, |standing| standing.code == Some(Code::PlatformUnavailable)), ROWS - doubts);
            assert!(report.conditions.contains(&ExitCode::Pending));
            assert!((GIVE_UP_AFTER..GIVE_UP_AFTER * 2).contains(&lasted(run)), "{:?}", lasted(run));
        }
    }
}

#[test]
fn texts_that_come_back_are_sent_in_the_same_run() {
    let short = Outage { deal: Deal::NotSent, ..outage(Part::Step(Step::Text), Duration::from_mins(8)) };
    let mut scenario = night(3, &["even"], short);
    scenario.settings.attempts = 5;
    let record = play(scenario);
    let (report, halt) = report(&record.runs[0]);
    assert_eq!((halt, report.by_status[&Status::Confirmed]), (None, ROWS));
}

/// Whose text needs no request any more does not wait for the end of the outage.
#[test]
fn texts_that_are_held_back_until_their_hours_end_wait_for_their_hours() {
    let outage = Outage { deal: Deal::NotSent, ..outage(Part::Step(Step::Text), ALL_NIGHT) };
    let mut scenario = night(4, &["even"], outage);
    // The hours end a minute after the run begins; the windows lie behind the next ones.
    let minute = |at: i64| format!("{:02}:{:02}", at / 3600 % 24, at / 60 % 60);
    let began = scenario.start.unix();
    let hours = format!("{}-{}", minute(began - 3600), minute(began + 120));
    scenario.settings.texting = Some(hours.leak());
    let record = play(scenario);
    let (report, halt) = report(&record.runs[0]);
    assert_eq!((halt, report.by_status.get(&Status::Pending)), (None, None), "{:?}", report.by_status);
}
