//! `run`, `resume`, `plan` and `validate`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::anyhow;

use crate::domain::callback::RunId;
use crate::domain::exit::ExitCode;
use crate::domain::time::Timestamp;
use crate::io::clock::Clock;
use crate::io::ledger::{Archive, LedgerError, Opening, Owner, ReadOnlyLedger, SqliteLedger, Stamp, Turn};
use crate::io::read::{Hashing, seen, source};
use crate::pipeline::error::RunError;
use crate::pipeline::event::Event;
use crate::pipeline::halt::Halt;
use crate::pipeline::order::{Order, Source};
use crate::pipeline::{Ended, Ports, plan, run, validate};
use crate::render::surroundings::{Commands, Surroundings as Around};
use crate::sandbox::server::Sandbox;

use super::again;
use super::args::{
    BatchArgs, Common, HandOutArgs, PlanArgs, PlatformArgs, ResumeArgs, RunArgs, ValidateArgs, VerdictArgs,
};
use super::exit::Ending;
use super::log;
use super::order::{Beginning, Choices, inputs, order};
use super::output::sums;
use super::paused;
use super::places::{Made, RUNS, apart, safe_from};
use super::progress::Progress;
use super::rehearsal;
use super::settings::{self, Overrides, Settings, Surroundings};
use super::state::{ClientFiles, client_folder};
use super::stop::Stop;
use super::watch::{Watch, Watched};

/// Of rows that are only judged, none are too many to be rejected.
const ALL_PERCENT: f64 = 100.0;

/// What every command has at hand.
pub(super) struct Desk<'a> {
    pub(super) common: &'a Common,
    pub(super) progress: &'a Progress,
}

/// Whether a run writes, and how long it waits to be allowed to.
enum Mode {
    Run { wait: Duration },
    Plan,
}

/// What `run`, `resume` and `plan` are asked.
struct Asked<'a> {
    command: &'static str,
    run: RunId,
    /// What is read; `None` where the ledger is asked what is unfinished.
    batch: Option<Batch<'a>>,
    out: Option<&'a Path>,
    now: Option<Timestamp>,
    platform: &'a PlatformArgs,
    choices: Choices,
    mode: Mode,
    watch: &'a Watch,
}

/// What is read, and when too much of it is rejected.
#[derive(Clone, Copy)]
struct Batch<'a> {
    args: &'a BatchArgs,
    verdicts: &'a VerdictArgs,
}

/// `ringback run`.
pub(super) fn do_run(args: &RunArgs, desk: &Desk<'_>) -> Result<ExitCode, Ending> {
    let RunArgs { batch, platform, verdicts, hand_out, watch } = args;
    real_clock(batch.now, platform, hand_out)?;
    let choices = Choices::of(platform).judging(batch, verdicts).handing_out(hand_out);
    let (command, mode) = mode("run", hand_out);
    let (read, out, now) = (Some(Batch { args: batch, verdicts }), batch.out.as_deref(), batch.now);
    let run = begin_run();
    let watch = Watch::begin(watch, watched(platform, hand_out))?;
    let ended = Asked { command, run, batch: read, out, now, platform, choices, mode, watch: &watch }.work(desk);
    watch.end(ended)
}

/// `ringback resume`.
pub(super) fn do_resume(args: &ResumeArgs, desk: &Desk<'_>) -> Result<ExitCode, Ending> {
    let ResumeArgs { out, platform, hand_out, watch, now } = args;
    real_clock(*now, platform, hand_out)?;
    if platform.sandbox && platform.ledger.is_none() {
        return Err(Ending::usage("resume --sandbox needs --ledger: a new rehearsal's ledger would hold nothing"));
    }
    let choices = Choices::of(platform).handing_out(hand_out);
    let (command, mode) = mode("resume", hand_out);
    let (out, now) = (out.as_deref(), *now);
    let run = begin_run();
    let watch = Watch::begin(watch, watched(platform, hand_out))?;
    let ended = Asked { command, run, batch: None, out, now, platform, choices, mode, watch: &watch }.work(desk);
    watch.end(ended)
}

/// `ringback plan`.
pub(super) fn do_plan(args: &PlanArgs, desk: &Desk<'_>) -> Result<ExitCode, Ending> {
    let PlanArgs { batch, platform, verdicts, show } = args;
    let choices = Choices::of(platform).judging(batch, verdicts).showing(show);
    let (read, out, now) = (Some(Batch { args: batch, verdicts }), batch.out.as_deref(), batch.now);
    let (command, mode, watch) = ("plan", Mode::Plan, &Watch::default());
    Asked { command, run: begin_run(), batch: read, out, now, platform, choices, mode, watch }.work(desk)
}

/// Refuses another clock than the real one where something is really sent.
fn real_clock(now: Option<Timestamp>, platform: &PlatformArgs, hand_out: &HandOutArgs) -> Result<(), Ending> {
    if now.is_some() && !platform.sandbox && !hand_out.dry_run {
        return Err(Ending::usage("--now goes only with --sandbox: real customers are called by the real clock"));
    }
    Ok(())
}

/// What is done, and under which name: a dry run is a plan.
fn mode(command: &'static str, hand_out: &HandOutArgs) -> (&'static str, Mode) {
    if hand_out.dry_run { ("plan", Mode::Plan) } else { (command, Mode::Run { wait: hand_out.wait }) }
}

/// What those who watch take it for.
fn watched(platform: &PlatformArgs, hand_out: &HandOutArgs) -> Watched {
    match (hand_out.dry_run, platform.sandbox) {
        (true, _) => Watched::Plan,
        (false, true) => Watched::Rehearsal,
        (false, false) => Watched::Run,
    }
}

/// `ringback validate`.
pub(super) fn do_validate(args: &ValidateArgs, desk: &Desk<'_>) -> Result<ExitCode, Ending> {
    let settings =
        settings::load(desk.common.config.as_deref(), &Overrides::default(), &Surroundings::of_this_process())?;
    let clock = clock(args.batch.now);
    let run = begin_run();
    args.batch.out.as_deref().map_or(Ok(()), |out| safe_from(out, &args.batch.inputs))?;
    let around = Around { command: "validate", ..Around::default() };
    let beginning = Beginning { run, started_at: clock.now(), out: args.batch.out.clone(), around };
    let order = order(&settings, &Choices::none().telling(&args.batch), beginning);
    let mut inputs = inputs(&args.batch, &settings, ALL_PERCENT)?;
    if args.batch.out.is_none() && !desk.common.json {
        // The hash stands in the sums alone, and nobody will see them.
        inputs.read.hashing = Hashing::None;
    }
    let _made = order.out.as_deref().map(Made::ready).transpose()?;
    let _stop = Stop::listen("").map_err(|error| Ending::io(anyhow!(error)))?;
    let ended = validate(&order, &inputs, clock, &|event| desk.progress.show(event))?;
    sums(&ended, desk.common)
}

/// A new run, which log lines name from now on.
fn begin_run() -> RunId {
    let run = RunId(uuid::Uuid::now_v7());
    log::name_run(run);
    run
}

fn clock(now: Option<Timestamp>) -> Clock {
    now.map_or_else(Clock::system, Clock::starting_at)
}

impl Asked<'_> {
    fn work(&self, desk: &Desk<'_>) -> Result<ExitCode, Ending> {
        let run = self.run;
        let out = self.out.map_or_else(|| Path::new(RUNS).join(run.to_string()), Path::to_owned);
        let settings = self.load(desk)?;
        // A mistyped name must leave no ledger behind, and no input may be overwritten by its own report.
        let names = self.batch.map_or(&[][..], |batch| &batch.args.inputs);
        source::are_there(names).map_err(RunError::from)?;
        safe_from(&out, names)?;
        let sandbox = self.platform.sandbox.then(|| rehearsal::start(&self.platform.fault, 0)).transpose()?;
        let (settings, ledger) = self.rehearsing(settings, sandbox.as_ref(), &out)?;
        self.watch.sees_ledger(&settings.ledger);
        apart(&out, &settings.ledger, "the ledger")?;
        if let Some(config) = &desk.common.config {
            apart(&out, config, "the settings file")?;
        }
        if self.batch.is_none() && matches!(std::fs::exists(&settings.ledger), Ok(false)) {
            return Err(LedgerError::NotThere(settings.ledger).into());
        }
        let commands = self.commands(desk, &settings);
        if let (Mode::Run { .. }, LedgerUse::Kept) = (&self.mode, ledger) {
            paused::refuse(&settings.ledger, &commands)?;
        }
        let runtime = super::runtime()?;
        let _inside = runtime.enter();
        let clock = clock(self.now);
        let made = Made::ready(&out)?;
        let beginning =
            Beginning { run, started_at: clock.now(), out: Some(out.clone()), around: self.around(&commands) };
        let order = order(&settings, &self.choices, beginning);
        let read = |batch: Batch<'_>| inputs(batch.args, &settings, batch.verdicts.max_rejected);
        let inputs = self.batch.map(read).transpose()?;
        let source = inputs.as_ref().map_or(Source::Ledger, Source::Inputs);
        let stop = Stop::listen(&commands.resume()).map_err(|error| Ending::io(anyhow!(error)))?;
        let (watch, clear_away) = (self.watch.clone(), made.clearing());
        stop.closes_with(move || watch.end_early(ExitCode::Pending, clear_away));
        let job = Job { order, source, settings: &settings, clock, stop: &stop, ledger, commands: &commands };
        let ended = runtime.block_on(job.carry_out(self, desk));
        // Where a signal is leaving already, the folder was taken from under the run: it has no end of its own.
        stop.reading_is_over();
        desk.progress.finish();
        let ended = ended?;
        self.watch.sees_report(&ended.report);
        sandbox.as_ref().map_or(Ok(()), |sandbox| rehearsal::keep_state(sandbox, &out))?;
        sums(&ended, desk.common)
    }

    /// The commands that may follow.
    fn commands(&self, desk: &Desk<'_>, settings: &Settings) -> Commands {
        if self.platform.sandbox {
            return again::naming(desk.common, Some(&settings.ledger)).in_sandbox();
        }
        again::of(desk.common, settings)
    }

    /// What stands around the sums. A plan of inputs puts nothing into a ledger that could be gone on with.
    fn around(&self, commands: &Commands) -> Around<'static> {
        let is_kept = match (&self.mode, self.batch) {
            (Mode::Plan, Some(_)) => false,
            (Mode::Plan, None) | (Mode::Run { .. }, _) => true,
        };
        Around { command: self.command, commands: commands.clone(), is_kept, ..Around::default() }
    }

    /// The settings. Which ledger it is goes to those who watch first: its figures are told however the run ends. A
    /// rehearsal's is known later, unless it is told which.
    fn load(&self, desk: &Desk<'_>) -> Result<Settings, Ending> {
        let PlatformArgs { rate, concurrency, ledger, sandbox, .. } = self.platform;
        let overrides = Overrides { rate: *rate, concurrency: *concurrency, ledger: ledger.clone() };
        let around = Surroundings::of_this_process();
        let loaded = settings::load(desk.common.config.as_deref(), &overrides, &around);
        let named =
            loaded.as_ref().map_or_else(|_| settings::named_ledger(&overrides, &around), |it| Some(it.ledger.clone()));
        if let Some(named) = named.filter(|_| !sandbox || ledger.is_some()) {
            self.watch.sees_ledger(&named);
        }
        Ok(loaded?)
    }

    /// The settings, and whether their ledger is there to stay: a rehearsal has one of its own, unless it is told
    /// which.
    fn rehearsing(
        &self,
        settings: Settings,
        sandbox: Option<&Sandbox>,
        out: &Path,
    ) -> Result<(Settings, LedgerUse), Ending> {
        let Some(sandbox) = sandbox else { return Ok((settings, LedgerUse::Kept)) };
        let mut settings = settings.for_sandbox(&sandbox.base_url())?;
        if self.platform.ledger.is_some() {
            return Ok((settings, LedgerUse::Kept));
        }
        settings.ledger = rehearsal::ledger(out)?;
        Ok((settings, LedgerUse::New))
    }
}

/// Whether the ledger is there to stay.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LedgerUse {
    /// It is: it knows what was done.
    Kept,
    /// It is a rehearsal's, begun anew each time.
    New,
}

/// A run that is ready to begin.
struct Job<'a> {
    order: Order,
    source: Source<'a>,
    settings: &'a Settings,
    clock: Clock,
    stop: &'a Stop,
    ledger: LedgerUse,
    commands: &'a Commands,
}

impl Job<'_> {
    /// An error in the words of the settings, where it is theirs.
    fn told(&self, error: RunError) -> Ending {
        if let RunError::Write(_) | RunError::Spool(_) = error {
            let code = error.exit_code();
            return Ending { code, words: Some(anyhow!("{error}; {}", self.unwritten())) };
        }
        if let RunError::NoSender { campaigns } = &error
            && let Err(missing) = self.settings.require_senders(campaigns.iter().map(String::as_str))
        {
            return missing.into();
        }
        error.into()
    }

    /// What is lost of a report that cannot be written, and what brings it back.
    fn unwritten(&self) -> String {
        if self.stop.is_reading() {
            return "nothing was sent".to_owned();
        }
        let report = self.commands.ringback(&format!("report {} --out DIR", self.order.run));
        let done = format!("what was done is in the ledger: `{report}` tells it");
        match self.source {
            Source::Ledger => done,
            Source::Inputs(_) => format!(
                "{done}; which rows were rejected, and why, now stands nowhere: the same command again, with --out where \
                 there is room, tells that too and sends nothing twice"
            ),
        }
    }

    /// Takes the ledger. What was waited for it is not the run's time.
    fn hold(
        &mut self,
        asked: &Asked<'_>,
        (owner, witness): (Owner, Option<PathBuf>),
        wait: Duration,
    ) -> Result<SqliteLedger, Ending> {
        let mut opening = Opening {
            path: self.settings.ledger.clone(),
            owner: Some(owner),
            run: self.order.run,
            command: asked.command,
            started_at: self.order.started_at,
            witness,
            adoption: None,
            wait,
            inputs: Vec::new(),
        };
        let turn = Turn::take(&opening)?;
        // While it waited, somebody may have thought better of it.
        paused::refuse(&opening.path, self.commands)?;
        asked.watch.begins();
        self.order.started_at = self.clock.now();
        opening.started_at = self.order.started_at;
        if let Source::Inputs(inputs) = self.source {
            opening.inputs = inputs.names.iter().map(|name| seen::look(name)).collect();
        }
        let clock = self.clock;
        let opened = self.stop.opening(|| {
            let ledger = turn.begin(&opening)?;
            let ends = ledger.ended_by(ExitCode::Pending.number(), move || Stamp(clock.unix_millis()));
            Ok::<_, LedgerError>((ledger, ends))
        });
        opened.map_err(|error| again::refused(error, self.commands))
    }

    async fn carry_out(mut self, asked: &Asked<'_>, desk: &Desk<'_>) -> Result<Ended, Ending> {
        let (owner, access) = self.settings.platform()?;
        let http = self.settings.kinds.connect(access);
        let http = http.map_err(|why| Ending::settings(anyhow!("the platform cannot be asked: {why}")))?;
        let progress = |event: Event<'_>| {
            if let Event::Read(_) | Event::TakenUp(_) = event {
                self.stop.reading_is_over();
            }
            desk.progress.show(event);
        };
        let folder = client_folder(&owner, &Surroundings::of_this_process());
        let beside = ClientFiles::open(folder.as_deref());
        let shared = beside.shared();
        match &asked.mode {
            Mode::Plan => {
                let known = (self.ledger == LedgerUse::Kept).then(|| Archive::open(&self.settings.ledger));
                let reader = known.transpose().map_err(RunError::from)?.flatten();
                reader.as_ref().map_or(Ok(()), |reader| reader.belongs_to(&owner)).map_err(RunError::from)?;
                let ledger = ReadOnlyLedger { reader, run: self.order.run };
                let ports = Ports { platform: &http, ledger: &ledger, clock: self.clock, progress: &progress, shared };
                let stop = async {
                    self.stop.asked().await;
                    Halt::Signal
                };
                Ok(plan(&self.order, self.source, &ports, stop).await?)
            }
            Mode::Run { wait } => {
                if self.ledger == LedgerUse::New {
                    rehearsal::clear_ledger(&self.settings.ledger)?;
                }
                let ledger = self.hold(asked, (owner, folder), *wait)?;
                let ports = Ports { platform: &http, ledger: &ledger, clock: self.clock, progress: &progress, shared };
                let stop = paused::asked_to_stop(self.stop, &self.settings.ledger);
                run(&self.order, self.source, &ports, stop).await.map_err(|error| self.told(error))
            }
        }
    }
}
