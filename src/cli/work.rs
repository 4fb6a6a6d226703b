//! `run`, `resume`, `plan` and `validate`.

use std::path::Path;

use anyhow::anyhow;

use crate::domain::callback::RunId;
use crate::domain::time::Timestamp;
use crate::io::clock::Clock;
use crate::io::ledger::{Beside, LedgerError, Opening, Owner, SqliteLedger, SqliteReader};
use crate::io::platform::{HttpPlatform, HttpSettings};
use crate::io::read::{Hashing, source};
use crate::io::write::is_of_a_report;
use crate::logic::render::summary;
use crate::logic::render::table::{Surroundings as Around, table};
use crate::pipeline::error::RunError;
use crate::pipeline::event::Event;
use crate::pipeline::order::{Order, Source};
use crate::pipeline::{Ended, Ports, plan, run, validate};
use crate::sandbox::server::Sandbox;

use super::args::{
    BatchArgs, Common, HandOutArgs, PlanArgs, PlatformArgs, ResumeArgs, RunArgs, ValidateArgs, VerdictArgs,
};
use super::exit::Ending;
use super::log;
use super::order::{Beginning, Choices, inputs, order};
use super::output::print;
use super::progress::Progress;
use super::rehearsal;
use super::settings::{self, Overrides, Settings, Surroundings};
use super::stop::Stop;
use super::watch::{Watch, Watched};

/// Where reports go that have no other place, each in a folder of its run.
const RUNS: &str = "ringback-runs";

/// Of rows that are only judged, none are too many to be rejected.
const ALL_PERCENT: f64 = 100.0;

/// What every command has at hand.
pub(super) struct Desk<'a> {
    pub(super) common: &'a Common,
    pub(super) progress: &'a Progress,
}

/// Whether a run writes, and how long it waits to be allowed to.
enum Mode {
    Run { wait: std::time::Duration },
    Plan,
}

/// What `run`, `resume` and `plan` are asked.
struct Asked<'a> {
    command: &'static str,
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
pub(super) fn do_run(args: &RunArgs, desk: &Desk<'_>) -> Result<u8, Ending> {
    let RunArgs { batch, platform, verdicts, hand_out, watch } = args;
    real_clock(batch.now, platform, hand_out)?;
    let choices = Choices::of(platform).judging(batch, verdicts).handing_out(hand_out);
    let (command, mode) = mode("run", hand_out);
    let (read, out, now) = (Some(Batch { args: batch, verdicts }), batch.out.as_deref(), batch.now);
    let watch = Watch::begin(watch, watched(platform, hand_out))?;
    let ended = Asked { command, batch: read, out, now, platform, choices, mode, watch: &watch }.work(desk);
    watch.end(ended)
}

/// `ringback resume`.
pub(super) fn do_resume(args: &ResumeArgs, desk: &Desk<'_>) -> Result<u8, Ending> {
    let ResumeArgs { out, platform, hand_out, watch, now } = args;
    real_clock(*now, platform, hand_out)?;
    if platform.sandbox && platform.ledger.is_none() {
        return Err(Ending::usage("resume --sandbox needs --ledger: a new rehearsal's ledger would hold nothing"));
    }
    let choices = Choices::of(platform).handing_out(hand_out);
    let (command, mode) = mode("resume", hand_out);
    let (out, now) = (out.as_deref(), *now);
    let watch = Watch::begin(watch, watched(platform, hand_out))?;
    let ended = Asked { command, batch: None, out, now, platform, choices, mode, watch: &watch }.work(desk);
    watch.end(ended)
}

/// `ringback plan`.
pub(super) fn do_plan(args: &PlanArgs, desk: &Desk<'_>) -> Result<u8, Ending> {
    let PlanArgs { batch, platform, verdicts, show } = args;
    let choices = Choices::of(platform).judging(batch, verdicts).showing(show);
    let (read, out, now) = (Some(Batch { args: batch, verdicts }), batch.out.as_deref(), batch.now);
    let (command, mode, watch) = ("plan", Mode::Plan, &Watch::default());
    Asked { command, batch: read, out, now, platform, choices, mode, watch }.work(desk)
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
pub(super) fn do_validate(args: &ValidateArgs, desk: &Desk<'_>) -> Result<u8, Ending> {
    let settings =
        settings::load(desk.common.config.as_deref(), &Overrides::default(), &Surroundings::of_this_process())?;
    let clock = clock(args.batch.now);
    let run = begin_run();
    args.batch.out.as_deref().map_or(Ok(()), |out| safe_from(out, &args.batch.inputs))?;
    let around = Around { command: "validate", ..Around::default() };
    let beginning = Beginning { run, started_at: clock.now(), out: args.batch.out.clone(), around: around.clone() };
    let order = order(&settings, &Choices::none().telling(&args.batch), beginning);
    let mut inputs = inputs(&args.batch, &settings, ALL_PERCENT)?;
    if args.batch.out.is_none() && !desk.common.json {
        // The hash stands in the sums alone, and nobody will see them.
        inputs.read.hashing = Hashing::None;
    }
    let _stop = Stop::listen().map_err(|error| Ending::io(anyhow!(error)))?;
    let ended = validate(&order, &inputs, clock, &|event| desk.progress.show(event))?;
    tell(&ended, &around, desk)
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
    fn work(&self, desk: &Desk<'_>) -> Result<u8, Ending> {
        let run = begin_run();
        let out = self.out.map_or_else(|| Path::new(RUNS).join(run.to_string()), Path::to_owned);
        // A mistyped name must leave no ledger behind, and no input may be overwritten by its own report.
        let names = self.batch.map_or(&[][..], |batch| &batch.args.inputs);
        source::are_there(names).map_err(RunError::from)?;
        safe_from(&out, names)?;
        let sandbox = self.platform.sandbox.then(|| rehearsal::start(&self.platform.fault, 0)).transpose()?;
        let (settings, ledger) = self.settings(desk, sandbox.as_ref(), &out)?;
        self.watch.sees_ledger(&settings.ledger);
        apart(&out, &settings.ledger, "the ledger")?;
        if let Some(config) = &desk.common.config {
            apart(&out, config, "the settings file")?;
        }
        if self.batch.is_none() && matches!(std::fs::exists(&settings.ledger), Ok(false)) {
            return Err(LedgerError::NotThere { path: settings.ledger }.into());
        }
        let runtime = super::runtime()?;
        let _inside = runtime.enter();
        let clock = clock(self.now);
        let around = Around { command: self.command, resume: self.resume(desk, &settings), ..Around::default() };
        let beginning = Beginning { run, started_at: clock.now(), out: Some(out), around: around.clone() };
        let order = order(&settings, &self.choices, beginning);
        let read = |batch: Batch<'_>| inputs(batch.args, &settings, batch.verdicts.max_rejected);
        let inputs = self.batch.map(read).transpose()?;
        let source = inputs.as_ref().map_or(Source::Ledger, Source::Inputs);
        let stop = Stop::listen().map_err(|error| Ending::io(anyhow!(error)))?;
        let job = Job { order: &order, source, settings: &settings, clock, stop: &stop, ledger };
        let ended = runtime.block_on(job.carry_out(self, desk));
        desk.progress.finish();
        let ended = ended.inspect_err(|_| clear_away(order.out.as_deref()))?;
        self.watch.sees_report(&ended.report);
        keep_state(sandbox.as_ref(), &ended)?;
        tell(&ended, &around, desk)
    }

    /// The command that goes on with what is in the ledger; empty for one that puts nothing there and takes nothing
    /// from it.
    fn resume(&self, desk: &Desk<'_>, settings: &Settings) -> String {
        if let (Mode::Plan, Some(_)) = (&self.mode, self.batch) {
            return String::new();
        }
        let mut command = vec!["ringback resume".to_owned()];
        let config = desk.common.config.as_deref().map(|config| format!("--config {}", quoted(config)));
        command.extend(config);
        command.extend(self.platform.sandbox.then(|| "--sandbox".to_owned()));
        if self.platform.sandbox || self.platform.ledger.is_some() {
            command.push(format!("--ledger {}", quoted(&settings.ledger)));
        }
        command.join(" ")
    }

    /// The settings, and whether their ledger is there to stay: a rehearsal has one of its own, unless it is told
    /// which.
    fn settings(
        &self,
        desk: &Desk<'_>,
        sandbox: Option<&Sandbox>,
        out: &Path,
    ) -> Result<(Settings, LedgerUse), Ending> {
        let PlatformArgs { rate, concurrency, ledger, .. } = self.platform;
        let overrides = Overrides { rate: *rate, concurrency: *concurrency, ledger: ledger.clone() };
        let settings = settings::load(desk.common.config.as_deref(), &overrides, &Surroundings::of_this_process())?;
        let Some(sandbox) = sandbox else { return Ok((settings, LedgerUse::Kept)) };
        let mut settings = settings.for_sandbox(&sandbox.base_url())?;
        if ledger.is_some() {
            return Ok((settings, LedgerUse::Kept));
        }
        settings.ledger = rehearsal::ledger(out)?;
        Ok((settings, LedgerUse::New))
    }
}

/// A path as a shell takes it.
pub(super) fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    let is_plain = path.chars().all(|letter| letter.is_alphanumeric() || "/._-+:@%".contains(letter));
    if is_plain { path } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

/// Refuses a file of the caller's that the report would overwrite.
fn apart(out: &Path, file: &Path, what: &str) -> Result<(), Ending> {
    let is_named = file.file_name().and_then(|name| name.to_str()).is_some_and(is_of_a_report);
    let folder = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if is_named && folder(parent) == folder(out) {
        let (file, out) = (file.display(), out.display());
        return Err(Ending::usage(&format!(
            "{what} {file} has the name of a file of the report in {out}, which would replace it; name another"
        )));
    }
    Ok(())
}

/// Refuses inputs that the report would overwrite.
fn safe_from(out: &Path, inputs: &[String]) -> Result<(), Ending> {
    let Ok(folder) = out.canonicalize() else { return Ok(()) };
    if !folder.is_dir() {
        return Err(Ending::io(anyhow!("{} is a file; --out names a folder", out.display())));
    }
    let overwritten = inputs.iter().find(|input| {
        let path = Path::new(input).canonicalize().ok();
        let name = path.as_deref().filter(|path| path.parent() == Some(&folder)).and_then(Path::file_name);
        name.and_then(|name| name.to_str()).is_some_and(is_of_a_report)
    });
    match overwritten {
        Some(input) => Err(Ending::usage(&format!(
            "{input} is a file of the report in {}, which this run would replace; move it, or name another --out",
            out.display()
        ))),
        None => Ok(()),
    }
}

fn keep_state(sandbox: Option<&Sandbox>, ended: &Ended) -> Result<(), Ending> {
    match (sandbox, &ended.folder) {
        (Some(sandbox), Some(folder)) => rehearsal::keep_state(sandbox, folder),
        _ => Ok(()),
    }
}

/// Takes away the folders of a report that was not written, as far as they are empty.
fn clear_away(out: Option<&Path>) {
    let ours = out.filter(|out| out.starts_with(RUNS));
    for folder in out.into_iter().chain(ours.and_then(Path::parent)) {
        // What is not empty stays, and is somebody's.
        let _ = std::fs::remove_dir(folder);
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
    order: &'a Order,
    source: Source<'a>,
    settings: &'a Settings,
    clock: Clock,
    stop: &'a Stop,
    ledger: LedgerUse,
}

impl Job<'_> {
    /// An error in the words of the settings, where it is theirs.
    fn told(&self, error: RunError) -> Ending {
        if let RunError::Write(_) | RunError::Spool(_) = error {
            let (code, run) = (error.exit_code(), self.order.run);
            let words = anyhow!("{error}; what was done is in the ledger: `ringback report {run} --out DIR` tells it");
            return Ending { code, words: Some(words) };
        }
        if let RunError::NoSender { campaigns } = &error
            && let Err(missing) = self.settings.require_senders(campaigns.iter().map(String::as_str))
        {
            return missing.into();
        }
        error.into()
    }

    async fn carry_out(&self, asked: &Asked<'_>, desk: &Desk<'_>) -> Result<Ended, Ending> {
        let reached = self.settings.platform()?;
        let owner = Owner { platform: reached.address.identity().to_owned(), client_id: reached.client_id.clone() };
        let http = HttpPlatform::new(HttpSettings {
            base_url: reached.address.base_url().to_owned(),
            client_id: reached.client_id,
            secret: reached.client_secret,
            timeout: reached.timeout,
            connections_max: reached.concurrency as usize,
        });
        let http = http.map_err(|why| Ending::settings(anyhow!("the platform cannot be reached: {why}")))?;
        let progress = |event: Event<'_>| {
            if let Event::Read(_) | Event::TakenUp(_) = event {
                self.stop.reading_is_over();
            }
            desk.progress.show(event);
        };
        match &asked.mode {
            Mode::Plan => {
                let known = (self.ledger == LedgerUse::Kept).then(|| SqliteReader::open(&self.settings.ledger));
                let reader = known.transpose().map_err(RunError::from)?.flatten();
                reader.as_ref().map_or(Ok(()), |reader| reader.belongs_to(&owner)).map_err(RunError::from)?;
                let ledger = Beside { reader, run: self.order.run };
                let ports = Ports { platform: &http, ledger: &ledger, clock: self.clock, progress: &progress };
                Ok(plan(self.order, self.source, &ports, self.stop.asked()).await?)
            }
            Mode::Run { wait } => {
                if self.ledger == LedgerUse::New {
                    rehearsal::clear_ledger(&self.settings.ledger)?;
                }
                let ledger = SqliteLedger::open(&Opening {
                    path: self.settings.ledger.clone(),
                    owner: Some(owner),
                    run: self.order.run,
                    command: asked.command,
                    started_at: self.order.started_at,
                    contact_ids: self.order.rules.contact.ids,
                    wait: *wait,
                });
                let ledger = ledger.map_err(RunError::from)?;
                let ports = Ports { platform: &http, ledger: &ledger, clock: self.clock, progress: &progress };
                run(self.order, self.source, &ports, self.stop.asked()).await.map_err(|error| self.told(error))
            }
        }
    }
}

/// Says how it ended: a table or JSON on standard output, nothing where all is well and nobody wants to know.
fn tell(ended: &Ended, around: &Around<'_>, desk: &Desk<'_>) -> Result<u8, Ending> {
    let code = ended.report.exit_code();
    if ended.report.conditions.contains(&70) {
        tracing::error!("the sums of this run do not add up: that is a fault of ringback's own; keep the folder");
    }
    if desk.common.quiet && code == 0 {
        return Ok(code);
    }
    let text = if desk.common.json {
        if let Some(halt) = &ended.halt {
            tracing::error!("stopped: {halt}");
        }
        summary::to_json(&ended.report)
    } else {
        let folder = ended.folder.as_ref().map(|folder| folder.display().to_string());
        table(&ended.report, &Around { folder, halt: ended.halt.clone(), ..around.clone() })
    };
    print(&text).map_err(|error| Ending::io(anyhow!("standard output: {error}")))?;
    Ok(code)
}
