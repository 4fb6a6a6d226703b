//! The three jobs, each a sentence: read and validate, split by fate, group, forecast, place, dispatch, report.

use std::borrow::Cow;
use std::path::PathBuf;

use crate::domain::code::Code;
use crate::domain::outcome::{Outcome, Status};
use crate::domain::report::Report;
use crate::io::clock::Clock;
use crate::io::ledger::{Ledger, Recall};
use crate::io::platform::Platform;
use crate::logic::group;
use crate::logic::place;

use super::dispatch::{self, Dispatch};
use super::error::RunError;
use super::event::Event;
use super::forecasts;
use super::halt::{Halt, Halting};
use super::intake::Intake;
use super::order::Order;
use super::rules::{Campaign, usable};
use super::session::{Beginning, Session};
use super::split::{self, Split, Splitting, closed};
use super::stages::{self, Stopwatch};

/// What a run touches the world with.
pub struct Ports<'a, P, L> {
    /// The platform.
    pub platform: &'a P,
    /// The ledger.
    pub ledger: &'a L,
    /// What time it is.
    pub clock: Clock,
    /// Who is told how far it has come.
    pub progress: &'a dyn Fn(Event<'_>),
}

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    /// Its sums.
    pub report: Report,
    /// Why it stopped early, where it did.
    pub halt: Option<String>,
    /// Where its report is, where one was written.
    pub folder: Option<PathBuf>,
}

/// Does the whole job. `stop` ends the handing out; what is in flight finishes, and the report is written.
pub async fn run<P: Platform, L: Ledger>(
    order: &Order,
    ports: &Ports<'_, P, L>,
    stop: impl Future<Output = ()>,
) -> Result<Ended, RunError> {
    let halting = Halting::default();
    let deadline = stages::deadline(order.rules.limits.run_duration_max);
    watched(work(order, ports, &halting), stop, deadline, &halting).await
}

/// Does something while it listens for reasons to halt.
async fn watched<T>(
    work: impl Future<Output = T>,
    stop: impl Future<Output = ()>,
    deadline: impl Future<Output = ()>,
    halting: &Halting,
) -> T {
    tokio::pin!(work, stop, deadline);
    let (mut stopped, mut late) = (false, false);
    loop {
        tokio::select! {
            done = &mut work => return done,
            () = &mut stop, if !stopped => {
                stopped = true;
                halting.halt(Halt::Signal);
            }
            () = &mut deadline, if !late => {
                late = true;
                halting.halt(Halt::Deadline);
            }
        }
    }
}

async fn work<P: Platform, L: Ledger>(
    order: &Order,
    ports: &Ports<'_, P, L>,
    halting: &Halting,
) -> Result<Ended, RunError> {
    let mut watch = Stopwatch::start();
    let intake = stages::read(order, ports.progress)?;
    watch.stages.read_validate = watch.lap();
    let campaigns = order.rules.campaigns.by_number(intake.campaigns.words());
    let splitting = splitting(order, ports, (&intake, &campaigns));
    let mut split = split::by_fate(&splitting)?;
    if let Some(why) = stages::too_many_rejected(order, &intake, &split) {
        return refuse(order, ports, intake, split, why);
    }
    let session = Session::begin(
        &Beginning { platform: ports.platform, ledger: ports.ledger, clock: ports.clock, halting },
        &order.rules,
    )?;
    stages::enrol(&splitting, &mut split, session.stamp()).await?;
    let groups = group::by_campaign_and_slots(std::mem::take(&mut split.wishes));
    let ranges = group::forecast_ranges(&groups, order.rules.forecast_range_max);
    watch.stages.group = watch.lap();
    let book = forecasts::fetch(&ranges, &campaigns, &session, order.rules.limits.concurrency_max).await;
    watch.stages.forecast = watch.lap();
    let mut board = stages::board(order, ports.ledger, &campaigns, book)?;
    let plan = place::draw_up(&groups.classes, &mut board);
    let jobs = stages::write_plan(&splitting, &plan, &mut split, session.stamp()).await?;
    watch.stages.place = watch.lap();
    (ports.progress)(Event::Planned(jobs.len()));
    let languages = intake.languages.as_slice();
    let dispatch =
        Dispatch { session: &session, rules: &order.rules, campaigns: &campaigns, languages, board: board.into() };
    let ended = dispatch::carry_out(jobs, &dispatch, &|job| (ports.progress)(Event::Ended(job))).await;
    stages::take_over(ended, &mut split);
    watch.stages.dispatch = watch.lap();
    let mut report = stages::begin_report(order, &intake, &watch);
    (report.groups, report.forecast_fetches) = (groups.count, ranges.len() as u64);
    (report.requests, report.achieved_per_minute) = (session.counts(), session.achieved_per_minute());
    if let Some(halt) = halting.why() {
        report.add_condition(halt.exit_code());
    }
    let halt = halting.why().map(|halt| halt.describe());
    let ended = tell(order, ports.clock, (intake, &split), (report, halt, watch))?;
    stages::finish(ports.ledger, &ended.report, session.stamp()).await;
    Ok(ended)
}

/// Does all that `run` would do up to the first contact, and creates nothing.
pub async fn plan<P: Platform, L: Ledger>(
    order: &Order,
    ports: &Ports<'_, P, L>,
    stop: impl Future<Output = ()>,
) -> Result<Ended, RunError> {
    let halting = Halting::default();
    watched(look_ahead(order, ports, &halting), stop, std::future::pending(), &halting).await
}

async fn look_ahead<P: Platform, L: Ledger>(
    order: &Order,
    ports: &Ports<'_, P, L>,
    halting: &Halting,
) -> Result<Ended, RunError> {
    let mut watch = Stopwatch::start();
    let intake = stages::read(order, ports.progress)?;
    watch.stages.read_validate = watch.lap();
    let campaigns = order.rules.campaigns.by_number(intake.campaigns.words());
    let splitting = splitting(order, ports, (&intake, &campaigns));
    let mut split = split::by_fate(&splitting)?;
    let session = Session::begin(
        &Beginning { platform: ports.platform, ledger: ports.ledger, clock: ports.clock, halting },
        &order.rules,
    )?;
    let groups = group::by_campaign_and_slots(std::mem::take(&mut split.wishes));
    let ranges = group::forecast_ranges(&groups, order.rules.forecast_range_max);
    watch.stages.group = watch.lap();
    let book = forecasts::fetch(&ranges, &campaigns, &session, order.rules.limits.concurrency_max).await;
    watch.stages.forecast = watch.lap();
    let mut board = stages::board(order, ports.ledger, &campaigns, book)?;
    let plan = place::draw_up(&groups.classes, &mut board);
    stages::note_plan(&plan, &mut split);
    watch.stages.place = watch.lap();
    let mut report = stages::begin_report(order, &intake, &watch);
    (report.groups, report.forecast_fetches) = (groups.count, ranges.len() as u64);
    (report.requests, report.achieved_per_minute) = (session.counts(), session.achieved_per_minute());
    if let Some(halt) = halting.why() {
        report.add_condition(halt.exit_code());
    }
    let halt = halting.why().map(|halt| halt.describe());
    tell(order, ports.clock, (intake, &split), (report, halt, watch))
}

/// Validates alone: no network, no ledger.
pub fn validate(order: &Order, clock: Clock, progress: &dyn Fn(Event<'_>)) -> Result<Ended, RunError> {
    let mut watch = Stopwatch::start();
    let mut intake = stages::read(order, progress)?;
    watch.stages.read_validate = watch.lap();
    let campaigns = order.rules.campaigns.by_number(intake.campaigns.words());
    let earliest = clock.now().plus(order.rules.lead_time);
    let rows = intake.spool.take();
    let outcome = |place: u32| Cow::Owned(judged(&intake, &campaigns, place, earliest));
    let report = stages::begin_report(order, &intake, &watch);
    let files = stages::Files { order, clock, intake: &intake, outcome: &outcome };
    files.tell(rows, report, &mut watch).map(|report| Ended { report, halt: None, folder: order.out.clone() })
}

/// What `validate` says of a row.
fn judged(intake: &Intake, campaigns: &[Campaign], place: u32, earliest: crate::domain::time::Timestamp) -> Outcome {
    let callback = &intake.callbacks[place as usize];
    if let Some(first) = intake.duplicate_of(place) {
        return Outcome::Duplicate { of: intake.callbacks[first as usize].row };
    }
    if let Some(finding) = intake.is_outside_hours(place).then(|| closed(callback, campaigns)).flatten() {
        return Outcome::OutsideHours(finding);
    }
    if usable(callback, campaigns, earliest).is_empty() { Outcome::Past(Code::WindowPast) } else { Outcome::Valid }
}

fn splitting<'a, P, L: Recall>(
    order: &'a Order,
    ports: &Ports<'a, P, L>,
    read: (&'a Intake, &'a [Campaign]),
) -> Splitting<'a, L> {
    let (intake, campaigns) = read;
    let now = ports.clock.now();
    Splitting { intake, campaigns, rules: &order.rules, ledger: ports.ledger, run: order.run, now }
}

/// Reports a batch of which too much is rejected; nothing of it is sent or written to the ledger.
fn refuse<P: Platform, L: Ledger>(
    order: &Order,
    ports: &Ports<'_, P, L>,
    intake: Intake,
    mut split: Split,
    why: String,
) -> Result<Ended, RunError> {
    for outcome in &mut split.outcomes {
        let (status, code, detail) = (Status::Pending, Code::RunStopped, why.clone());
        outcome.get_or_insert(Outcome::Unplanned { status, code, detail });
    }
    let watch = Stopwatch::start();
    let mut report = stages::begin_report(order, &intake, &watch);
    report.add_condition(65);
    tell(order, ports.clock, (intake, &split), (report, Some(why), watch))
}

/// Sums up and writes the files.
fn tell(
    order: &Order,
    clock: Clock,
    batch: (Intake, &Split),
    sums: (Report, Option<String>, Stopwatch),
) -> Result<Ended, RunError> {
    let ((mut intake, split), (mut report, halt, mut watch)) = (batch, sums);
    if !stages::is_whole(split) {
        report.add_condition(70);
    }
    let rows = intake.spool.take();
    let outcome = |place: u32| stages::outcome(split, place);
    let files = stages::Files { order, clock, intake: &intake, outcome: &outcome };
    let report = files.tell(rows, report, &mut watch)?;
    Ok(Ended { report, halt, folder: order.out.clone() })
}
