//! What lies between the stages: ledger entries before and after, the clockwork, and the sums.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::answers::Answers;
use crate::domain::callback::{Callback, RunId};
use crate::domain::code::Code;
use crate::domain::entry::Entry;
use crate::domain::exit::ExitCode;
use crate::domain::outcome::{Outcome, Standing, Status};
use crate::domain::presence::PendingContacts;
use crate::domain::progress::Progress;
use crate::domain::report::{Report, RequestCounts, StageMillis};

use crate::io::clock::Clock;
use crate::io::crash::{self, Point};
use crate::io::ledger::{Append, Ending, Ledger, LedgerError, LedgerRead, Stamp};
use crate::logic::place::{Plan, Unplaced};
use crate::render::summary;

use super::dispatch::job::{Chance, Job};
use super::error::RunError;
use super::event::Event;
use super::intake::{self, Intake, Reading};
use super::order::{Inputs, Order, Source};
use super::page::Aside;
use super::report::{self, Rows, Telling};
use super::rules::{Campaign, SmsRules, campaign};
use super::run::Ended;
use super::session::Ports;
use super::split::{Split, Splitting};
use super::unfinished::{self, Unfinished};

/// Callbacks that the ledger takes up in one commit.
const ENROLLED_AT_ONCE: usize = 4096;

/// Time by stage.
pub(super) struct Stopwatch {
    last: Instant,
    /// What was measured.
    pub(super) stages: StageMillis,
}

impl Stopwatch {
    pub(super) fn start() -> Self {
        Self { last: Instant::now(), stages: StageMillis::default() }
    }

    /// Milliseconds since the last lap.
    pub(super) fn lap(&mut self) -> u64 {
        let lap = self.last.elapsed();
        self.last = Instant::now();
        u64::try_from(lap.as_millis()).unwrap_or(u64::MAX)
    }
}

/// Ends when the run has taken as long as it may, counted from this call; never where there is no limit.
pub(super) fn deadline(run_duration_max: Option<Duration>) -> impl Future<Output = ()> {
    let at = run_duration_max.map(|duration| Instant::now() + duration);
    async move {
        match at {
            Some(at) => tokio::time::sleep_until(at).await,
            None => std::future::pending().await,
        }
    }
}

/// A batch as it was taken in.
pub(super) struct Taken {
    pub(super) intake: Intake,
    /// Its rows, where somebody will ask for them again.
    pub(super) rows: Option<Rows>,
    /// How its callbacks stand, by place, where that is known already.
    pub(super) standings: Option<Vec<Standing>>,
}

/// Reads and validates inputs.
pub(super) fn read(order: &Order, inputs: &Inputs, progress: &dyn Fn(Event<'_>)) -> Result<Taken, RunError> {
    let mut intake = intake::read_and_validate(&Reading {
        inputs: &inputs.names,
        options: &inputs.read,
        form: &inputs.form,
        campaigns: &order.rules.campaigns,
        threads: inputs.threads,
        spool_in: order.out.as_deref(),
    })?;
    progress(Event::Read(intake.rows));
    let rows = intake.spool.take().map(Rows::Spooled);
    Ok(Taken { intake, rows, standings: None })
}

/// Takes up what the ledger holds unfinished.
pub(super) async fn take_up<R: LedgerRead>(ledger: &R, progress: &dyn Fn(Event<'_>)) -> Result<Taken, RunError> {
    let Unfinished { intake, standings } = unfinished::take_up(ledger).await?;
    progress(Event::TakenUp(intake.rows));
    Ok(Taken { intake, rows: Some(Rows::Callbacks), standings: Some(standings) })
}

/// Why a batch is not sent at all, where too much of it is rejected. What the ledger holds was judged before.
pub(super) fn too_many_rejected(source: Source<'_>, intake: &Intake, split: &Split) -> Option<String> {
    let Source::Inputs(inputs) = source else { return None };
    let closed = split.outcomes.iter().filter(|outcome| matches!(outcome, Some(Outcome::OutsideHours(_)))).count();
    let rejected = intake.rejected + closed as u64;
    inputs.too_many_rejected(rejected, intake.rows).then(|| {
        let (rows, most) = (intake.rows, inputs.rejected_percent_max);
        format!("{rejected} of {rows} rows are rejected, more than {most} %; is it the right file? (--max-rejected)")
    })
}

/// Tells the ledger of the batch, and of what is known of it already, before the first request.
pub(super) async fn enrol<L: Ledger>(
    splitting: &Splitting<'_, L>,
    split: &mut Split,
    at: Stamp,
) -> Result<(), LedgerError> {
    let mut conflicts = Vec::new();
    for places in split.fresh.chunks(ENROLLED_AT_ONCE) {
        let version = |place| split.known.get(place).map_or(0, |standing| standing.version);
        let batch = places.iter().map(|place| (splitting.enrolment(*place), version(place))).collect();
        conflicts.extend(splitting.ledger.enrol(batch, at).await?.into_iter().filter_map(Result::err));
        crash::at(Point::EnrolBetween);
    }
    // Taken up, they stand at no time any more.
    for standing in split.known.values_mut() {
        standing.dispatch_at = None;
    }
    for entries in split.entries.chunks(ENROLLED_AT_ONCE) {
        conflicts.extend(splitting.ledger.append_all(entries.to_vec(), at).await?.into_iter().filter_map(Result::err));
    }
    splitting.ledger.taken_up(at).await?;
    splitting.leave_to_others(split, conflicts);
    take_told(split);
    Ok(())
}

fn take_told(split: &mut Split) {
    for (place, standing) in std::mem::take(&mut split.told) {
        split.outcomes[place as usize] = Some(Outcome::Stands(Box::new(standing)));
    }
}

/// Refuses a batch with a campaign whose texts have no sender.
pub(super) fn senders_are_there(order: &Order, campaigns: &[Campaign]) -> Result<(), RunError> {
    let SmsRules::On { .. } = order.rules.sms else { return Ok(()) };
    let without = campaigns.iter().filter(|campaign| campaign.rules.sms_from.is_empty());
    let campaigns: Vec<String> = without.map(|campaign| campaign.name.clone()).collect();
    if campaigns.is_empty() { Ok(()) } else { Err(RunError::NoSender { campaigns }) }
}

/// What the ledger is told of a callback that has no dispatch time.
pub(super) fn unplaced_entry(why: &Unplaced) -> Entry {
    let is_final = matches!(why.code, Code::ForecastEmpty | Code::ForecastNoAgents | Code::PlatformRefused);
    let detail = why.detail.clone();
    if is_final { Entry::ContactFailed(why.code, detail) } else { Entry::Left(why.code, detail) }
}

/// Writes the dispatch times down, and gives the jobs: what was placed, and what was unfinished.
pub(super) async fn write_plan<L: Ledger>(
    splitting: &Splitting<'_, L>,
    plan: &Plan,
    split: &mut Split,
    at: Stamp,
) -> Result<Vec<Job>, LedgerError> {
    let mut jobs = std::mem::take(&mut split.unfinished);
    let mut entries = Vec::with_capacity(plan.placed.len() + plan.unplaced.len());
    let known = std::mem::take(&mut split.known);
    let new = |place: u32| splitting.job_afresh(place, known.get(&place));
    for &(place, dispatch_at) in &plan.placed {
        let mut job = new(place);
        entries.push(follow(&mut job, Entry::Placed(dispatch_at), (splitting.run, at))?);
        if plan.late.binary_search(&place).is_ok() {
            job.chance = Chance::Late;
        }
        jobs.push(job);
    }
    for (place, why) in &plan.unplaced {
        let mut job = new(*place);
        entries.push(follow(&mut job, unplaced_entry(why), (splitting.run, at))?);
        split.told.push((*place, job.standing));
    }
    crash::at(Point::PlanBefore);
    let mut conflicts = Vec::new();
    for entries in entries.chunks(ENROLLED_AT_ONCE) {
        conflicts.extend(splitting.ledger.append_all(entries.to_vec(), at).await?.into_iter().filter_map(Result::err));
    }
    crash::at(Point::PlanAfter);
    split.unfinished = jobs;
    splitting.leave_to_others(split, conflicts);
    take_told(split);
    Ok(std::mem::take(&mut split.unfinished))
}

/// Takes a job on by an entry, which is to be written to it.
fn follow(job: &mut Job, entry: Entry, (run, at): (RunId, Stamp)) -> Result<Append, LedgerError> {
    let version = job.standing.version;
    job.standing.apply(&entry, run, at.timestamp())?;
    Ok(Append { id: job.id, version, entry })
}

/// The outcomes of a batch that is only planned.
pub(super) fn note_plan<L>(splitting: &Splitting<'_, L>, plan: &Plan, split: &mut Split) {
    take_told(split);
    for &(place, at) in &plan.placed {
        split.outcomes[place as usize] = Some(Outcome::Planned(at));
    }
    for (place, why) in &plan.unplaced {
        let status = if let Entry::ContactFailed(..) = unplaced_entry(why) { Status::Failed } else { Status::Pending };
        let (code, detail) = (why.code, why.detail.clone());
        split.outcomes[*place as usize] = Some(Outcome::Unplanned { status, code, detail });
    }
    for job in std::mem::take(&mut split.unfinished) {
        // A text waits on until its hours; everything else is sent for the time that stands.
        let waits = job.standing.progress == Progress::TextWaiting && !texts_go_out(splitting, &job.callback);
        let at = job.standing.dispatch_at.filter(|_| !waits);
        let stands = || Outcome::Stands(Box::new(job.standing.clone()));
        split.outcomes[job.member as usize] = Some(at.map_or_else(stands, Outcome::Planned));
    }
}

/// Whether a customer may be texted now.
fn texts_go_out<L>(splitting: &Splitting<'_, L>, callback: &Callback) -> bool {
    let campaign = campaign(splitting.campaigns, callback.campaign);
    match (&splitting.rules.sms, campaign) {
        (SmsRules::On { hours, .. }, Some(campaign)) => hours.is_open(splitting.now, &campaign.rules.zone_of(callback)),
        (SmsRules::Off, _) | (_, None) => false,
    }
}

/// Takes over what became of the jobs.
pub(super) fn take_over(ended: Vec<Job>, split: &mut Split) {
    for job in ended {
        split.outcomes[job.member as usize] = Some(Outcome::Stands(Box::new(job.standing)));
    }
}

/// The outcome at a place. One that is missing is told by [`is_whole`].
pub(super) fn outcome(split: &Split, place: u32) -> Cow<'_, Outcome> {
    let noted = split.outcomes.get(place as usize).and_then(Option::as_ref);
    noted.map_or_else(
        || {
            let detail = "no outcome was noted".to_owned();
            Cow::Owned(Outcome::Unplanned { status: Status::Pending, code: Code::RunStopped, detail })
        },
        Cow::Borrowed,
    )
}

/// Whether every callback has an outcome; if not, that is a fault of ringback's own.
pub(super) fn is_whole(split: &Split) -> bool {
    split.outcomes.iter().all(Option::is_some)
}

/// A report of which the rows are not counted yet.
pub(super) fn begin_report(order: &Order, intake: &Intake, watch: &Stopwatch) -> Report {
    Report {
        run: order.run,
        started_at: order.started_at,
        finished_at: None,
        inputs: intake.inputs.clone(),
        rows: intake.rows,
        by_status: BTreeMap::new(),
        pending_contacts: PendingContacts::default(),
        by_code: BTreeMap::new(),
        warnings: intake.warnings.clone(),
        groups: 0,
        forecast_fetches: 0,
        requests: RequestCounts::default(),
        answers: Answers::default(),
        limit_per_minute: order.rules.limits.requests_per_minute_max,
        achieved_per_minute: 0.0,
        stages: watch.stages,
        conditions: Vec::new(),
        on_rejects: order.on_rejects,
        outlook: None,
    }
}

/// What the files are made of.
pub(super) struct Files<'a> {
    pub(super) order: &'a Order,
    pub(super) clock: Clock,
    pub(super) intake: &'a Intake,
    pub(super) outcome: &'a (dyn Fn(u32) -> Cow<'a, Outcome> + Sync),
    pub(super) aside: Aside,
}

impl Files<'_> {
    /// Counts the rows, writes the files, and checks that the sums are those of the rows.
    pub(super) fn tell(
        &self,
        rows: Option<Rows>,
        mut report: Report,
        watch: &mut Stopwatch,
    ) -> Result<Report, RunError> {
        watch.lap();
        report::tally(self.intake, self.outcome, &mut report);
        let mut drafts = None;
        let mut written = report.rows;
        if let (Some(folder), Some(rows)) = (&self.order.out, rows) {
            let telling = Telling { folder, intake: self.intake, run: self.order.run, outcome: self.outcome };
            let draft = report::draft(&telling, rows)?;
            written = draft.rows();
            drafts = Some(draft);
        }
        if !report.adds_up() || written != report.rows {
            report.add_condition(ExitCode::Fault);
        }
        report.stages.report = watch.lap();
        report.finished_at = Some(self.clock.now());
        let drafts = drafts.map(|drafts| self.with_page(drafts, &mut report)).transpose()?;
        drafts.map_or(Ok(()), |drafts| drafts.publish(&report))?;
        Ok(report)
    }
}

/// Notes the run's end in the ledger. What it is to tell is told by then: trouble here is told, and no more.
pub(super) async fn finish<L: Ledger>(ports: &Ports<'_, L>, ended: &Result<Ended, RunError>) {
    let ending = match ended {
        Ok(Ended { report, .. }) => {
            Ending { exit_code: report.exit_code().number(), summary: Some(summary::to_json(report)) }
        }
        Err(error) => Ending { exit_code: error.exit_code().number(), summary: None },
    };
    if let Err(error) = ports.ledger.finish(ending, Stamp(ports.clock.unix_millis())).await {
        tracing::warn!("the run's end is not in the ledger: {error}");
    }
}
