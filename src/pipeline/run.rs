//! The jobs, each a sentence: take in, split by fate, group, forecast, place, dispatch, report.

use std::borrow::Cow;

use crate::domain::code::Code;
use crate::domain::exit::ExitCode;
use crate::domain::outcome::{Outcome, Status};
use crate::domain::outlook::Outlook;
use crate::domain::past::InputRead;
use crate::domain::report::{InputFacts, Report};
use crate::domain::time::Timestamp;
use crate::io::clock::Clock;
use crate::io::crash::{self, Point};
use crate::io::ledger::{Ledger, Stamp};
use crate::io::read::seen;
use crate::render::cut_off;
use crate::render::surroundings::Surroundings;

use super::ahead;
use super::dispatch::flight::Flights;
use super::dispatch::{self, Dispatch};
use super::error::RunError;
use super::event::Event;
use super::halt::{Halt, Halting};
use super::intake::Intake;
use super::order::{Inputs, Order, Source};
use super::outlook::Sight;
use super::page::{self, Aside};
use super::report::Rows;
use super::rules::{Campaign, usable};
use super::session::{Ports, Session};
use super::split::{self, Split, Splitting, closed};
use super::stages::{self, Files, Stopwatch, Taken};

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    /// Its sums.
    pub report: Report,
    /// What stands around them.
    pub around: Surroundings<'static>,
}

/// Does the whole job. `stop` ends the handing out and says why; what is in flight finishes, and the report is written.
pub async fn run<L: Ledger>(
    order: &Order,
    source: Source<'_>,
    ports: &Ports<'_, L>,
    stop: impl Future<Output = Halt>,
) -> Result<Ended, RunError> {
    let halting = Halting::default();
    let deadline = stages::deadline(order.rules.limits.run_duration_max);
    let task = Task { order, source, ports, halting: &halting };
    let ended = watched(task.work(Aim::Deeds), stop, deadline, &halting).await;
    stages::finish(ports, &ended).await;
    ended
}

/// Does all that `run` would do up to the first contact, and creates nothing.
pub async fn plan<L: Ledger>(
    order: &Order,
    source: Source<'_>,
    ports: &Ports<'_, L>,
    stop: impl Future<Output = Halt>,
) -> Result<Ended, RunError> {
    let halting = Halting::default();
    let task = Task { order, source, ports, halting: &halting };
    watched(task.work(Aim::Times), stop, std::future::pending(), &halting).await
}

/// Does something while it listens for reasons to halt.
async fn watched<T>(
    work: impl Future<Output = T>,
    stop: impl Future<Output = Halt>,
    deadline: impl Future<Output = ()>,
    halting: &Halting,
) -> T {
    tokio::pin!(work, stop, deadline);
    let (mut stopped, mut late) = (false, false);
    loop {
        // In this order: a reason that is there already is heard before the work goes on.
        tokio::select! {
            biased;
            why = &mut stop, if !stopped => {
                stopped = true;
                halting.halt(why);
            }
            () = &mut deadline, if !late => {
                late = true;
                halting.halt(Halt::Deadline);
            }
            done = &mut work => return done,
        }
    }
}

/// How far a batch is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Aim {
    /// To its end: contacts and texts.
    Deeds,
    /// To dispatch times.
    Times,
}

/// A batch that is to be done, or planned.
struct Task<'a, L> {
    order: &'a Order,
    source: Source<'a>,
    ports: &'a Ports<'a, L>,
    halting: &'a Halting,
}

impl<L: Ledger> Task<'_, L> {
    async fn work(&self, aim: Aim) -> Result<Ended, RunError> {
        let mut watch = Stopwatch::start();
        let Taken { intake, rows, standings } = self.take_in().await?;
        watch.stages.read_validate = watch.lap();
        if aim == Aim::Deeds {
            self.note_read(&intake).await?;
        }
        let campaigns = self.order.rules.campaigns.by_number(intake.campaigns.words());
        let splitting = self.splitting(&intake, &campaigns);
        let split = match standings {
            Some(standings) => split::by_standing(&splitting, standings),
            None => split::by_fate(&splitting).await?,
        };
        // A plan of inputs has nothing to do with those of others.
        let is_told = aim == Aim::Deeds || self.goes_on();
        let cut_off = if is_told { self.cut_off().await? } else { None };
        let around = Surroundings { cut_off, ..self.order.around.clone() };
        let aside = Aside { around, ..Aside::default() };
        let batch = Batch { intake: &intake, split, rows, watch, outlook: None, aside };
        if let Some(why) = stages::too_many_rejected(self.source, &intake, &batch.split) {
            return refuse(self.order, self.ports.clock, batch, &why);
        }
        match aim {
            Aim::Deeds => self.carry_out(&splitting, batch).await,
            Aim::Times => self.draw_up(&splitting, batch).await,
        }
    }

    async fn carry_out(&self, splitting: &Splitting<'_, L>, mut batch: Batch<'_>) -> Result<Ended, RunError> {
        let (campaigns, progress) = (splitting.campaigns, self.ports.progress);
        stages::senders_are_there(self.order, campaigns)?;
        let session = self.session().await?;
        stages::enrol(splitting, &mut batch.split, session.stamp()).await?;
        // What this run has taken up is missing no more.
        batch.aside.around.cut_off = self.cut_off().await?;
        let looked = ahead::look(splitting, &mut batch.split, &session, &mut batch.watch).await?;
        let hours = Sight::of(splitting, &batch.split, &looked).outlook(self.ports.clock.now()).campaigns;
        let jobs = stages::write_plan(splitting, &looked.plan, &mut batch.split, session.stamp()).await?;
        batch.watch.stages.place = batch.watch.lap();
        progress(Event::Planned(jobs.len()));
        let (languages, board) = (batch.intake.languages.as_slice(), looked.board.into());
        let dispatch = Dispatch {
            session: &session,
            rules: &self.order.rules,
            campaigns,
            languages,
            board,
            flights: Flights::default(),
        };
        let ended = dispatch::carry_out(jobs, &dispatch, &|job| progress(Event::Ended(job))).await;
        stages::take_over(ended, &mut batch.split);
        batch.aside.hours = Some(page::as_they_stand(hours, &looked.plan, &batch.split, batch.intake));
        batch.watch.stages.dispatch = batch.watch.lap();
        crash::at(Point::ReportBefore);
        let ended = self.close(&session, batch, looked.counts)?;
        crash::at(Point::ReportAfter);
        Ok(ended)
    }

    async fn draw_up(&self, splitting: &Splitting<'_, L>, mut batch: Batch<'_>) -> Result<Ended, RunError> {
        let session = self.session().await?;
        let looked = ahead::look(splitting, &mut batch.split, &session, &mut batch.watch).await?;
        batch.outlook = Some(Sight::of(splitting, &batch.split, &looked).outlook(self.ports.clock.now()));
        stages::note_plan(splitting, &looked.plan, &mut batch.split);
        batch.watch.stages.place = batch.watch.lap();
        self.close(&session, batch, looked.counts)
    }

    /// Whether the ledger alone is asked what there is to do.
    fn goes_on(&self) -> bool {
        match self.source {
            Source::Ledger => true,
            Source::Inputs(_) => false,
        }
    }

    /// Names the runs whose input the ledger does not hold.
    async fn cut_off(&self) -> Result<Option<String>, RunError> {
        Ok(cut_off::words(&self.ports.ledger.cut_off().await?, &self.order.around.commands))
    }

    /// Notes in the ledger what was read.
    async fn note_read(&self, intake: &Intake) -> Result<(), RunError> {
        let Source::Inputs(inputs) = self.source else { return Ok(()) };
        let of_input =
            |(name, facts): (&String, &InputFacts)| InputRead { seen: seen::look(name), sha256: facts.sha256.clone() };
        let read = inputs.names.iter().zip(&intake.inputs).map(of_input).collect();
        Ok(self.ports.ledger.inputs_read(read, Stamp(self.ports.clock.unix_millis())).await?)
    }

    /// Sums up a batch and what its session did.
    fn close(&self, session: &Session<'_, L>, mut batch: Batch<'_>, counts: ahead::Counts) -> Result<Ended, RunError> {
        let mut report = stages::begin_report(self.order, batch.intake, &batch.watch);
        (report.groups, report.forecast_fetches) = (counts.groups, counts.fetches);
        (report.requests, report.achieved_per_minute) = (session.counts(), session.achieved_per_minute());
        report.answers = session.answers();
        let halt = session.halting.why();
        if let Some(halt) = &halt {
            report.add_condition(halt.exit_code());
        }
        let around = &mut batch.aside.around;
        if self.goes_on() && around.cut_off.is_some() {
            report.add_condition(ExitCode::Pending);
        }
        around.is_paused = matches!(halt, Some(Halt::Paused(_)));
        around.halt = halt.map(|halt| halt.describe());
        if self.goes_on() && around.halt.is_none() {
            // Nothing else keeps it from having done all.
            around.halt = around.cut_off.take();
        }
        batch.aside.traffic = Some(session.traffic());
        tell(self.order, session.clock, batch, report)
    }

    async fn take_in(&self) -> Result<Taken, RunError> {
        match self.source {
            Source::Inputs(inputs) => stages::read(self.order, inputs, self.ports.progress),
            Source::Ledger => stages::take_up(self.ports.ledger, self.ports.progress).await,
        }
    }

    fn splitting<'a>(&'a self, intake: &'a Intake, campaigns: &'a [Campaign]) -> Splitting<'a, L> {
        let (rules, ledger, now) = (&self.order.rules, self.ports.ledger, self.ports.clock.now());
        Splitting { intake, campaigns, rules, ledger, run: self.order.run, now }
    }

    async fn session(&self) -> Result<Session<'_, L>, RunError> {
        Ok(Session::begin(self.ports, self.halting, &self.order.rules).await?)
    }
}

/// Validates alone: no network, no ledger.
pub fn validate(order: &Order, inputs: &Inputs, clock: Clock, progress: &dyn Fn(Event<'_>)) -> Result<Ended, RunError> {
    let mut watch = Stopwatch::start();
    let Taken { intake, rows, .. } = stages::read(order, inputs, progress)?;
    watch.stages.read_validate = watch.lap();
    let campaigns = order.rules.campaigns.by_number(intake.campaigns.words());
    let earliest = clock.now().plus(order.rules.lead_time);
    let outcome = |place: u32| Cow::Owned(judged(&intake, &campaigns, place, earliest));
    let report = stages::begin_report(order, &intake, &watch);
    let around = order.around.clone();
    let aside = Aside { around: around.clone(), ..Aside::default() };
    let files = Files { order, clock, intake: &intake, outcome: &outcome, aside };
    let report = files.tell(rows, report, &mut watch)?;
    Ok(Ended { report, around })
}

/// What `validate` says of a row.
fn judged(intake: &Intake, campaigns: &[Campaign], place: u32, earliest: Timestamp) -> Outcome {
    let callback = &intake.callbacks[place as usize];
    if let Some(outcome) = split::by_input(intake, place) {
        return outcome;
    }
    if let Some(finding) = intake.is_outside_hours(place).then(|| closed(callback, campaigns)).flatten() {
        return Outcome::OutsideHours(finding);
    }
    // A window that is ahead as a whole is open somewhere: else it would be outside the hours.
    let in_time = callback.window().start() >= earliest || usable(callback, campaigns, earliest).is_some();
    if in_time { Outcome::Valid } else { Outcome::Past(Code::WindowPast) }
}

/// A batch, each callback on its way or at its end.
struct Batch<'a> {
    intake: &'a Intake,
    split: Split,
    rows: Option<Rows>,
    watch: Stopwatch,
    outlook: Option<Outlook>,
    /// What the page tells besides.
    aside: Aside,
}

/// Reports a batch of which too much is rejected; nothing of it is sent or written to the ledger.
fn refuse(order: &Order, clock: Clock, mut batch: Batch<'_>, why: &str) -> Result<Ended, RunError> {
    for outcome in &mut batch.split.outcomes {
        let (status, code, detail) = (Status::Pending, Code::RunStopped, why.to_owned());
        outcome.get_or_insert(Outcome::Unplanned { status, code, detail });
    }
    let mut report = stages::begin_report(order, batch.intake, &batch.watch);
    report.add_condition(ExitCode::Input);
    batch.aside.around.halt = Some(why.to_owned());
    tell(order, clock, batch, report)
}

/// Counts the rows and writes the files.
fn tell(order: &Order, clock: Clock, batch: Batch<'_>, mut report: Report) -> Result<Ended, RunError> {
    let Batch { intake, split, rows, mut watch, outlook, aside } = batch;
    report.outlook = outlook;
    if !stages::is_whole(&split) {
        report.add_condition(ExitCode::Fault);
    }
    let around = aside.around.clone();
    let outcome = |place: u32| stages::outcome(&split, place);
    let files = Files { order, clock, intake, outcome: &outcome, aside };
    let told = files.tell(rows, report, &mut watch);
    // Of a million callbacks this takes a second, for which nobody has to wait.
    rayon::spawn(move || drop(split));
    Ok(Ended { report: told?, around })
}
