//! Plays a seed: run after run on what the ledger and the platform hold, then, with all trouble over, runs
//! until there is nothing left to do.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::join_all;
use ringback::domain::callback::RunId;
use ringback::domain::progress::Progress;
use ringback::io::pace::{MemoryPace, PaceStore, Shared};
use ringback::pipeline::halt::Halt;
use ringback::pipeline::order::Source;
use ringback::pipeline::{Ports, run};
use tokio::time::sleep;
use uuid::Uuid;

use crate::ledger::FaultyLedger;
use crate::person;
use crate::platform::platform;
use crate::record::{End, Record, ResultLine, Run};
use crate::restores;
use crate::rules::{self, Begun};
use crate::scenario::{Command, Plan, Scenario};
use crate::world::{Plant, World};

/// So many runs without trouble are always enough.
const CLOSING_RUNS_MAX: usize = 8;

/// Plays a seed and gives what happened.
pub(crate) fn play(scenario: Scenario, plant: Plant) -> Record {
    // What the program draws by itself is drawn from the seed as well.
    fastrand::seed(scenario.seed);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(async {
        let folder = tempfile::tempdir().expect("a folder");
        let input = folder.path().join("input.csv");
        std::fs::write(&input, &scenario.load.csv).expect("written");
        let world = World::of(scenario, plant);
        let files = Files { input, folder: folder.path() };
        tell(&world, &files).await;
        world.state.into_inner().record
    })
}

/// Plays several seeds at once, each with a ledger of its own, whose processes share one pace.
pub(crate) fn play_together(scenarios: &[Scenario], plant: Plant) -> Vec<Record> {
    fastrand::seed(scenarios[0].seed);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(async {
        let pace = (plant != Plant::SharesNoPace).then(|| Rc::new(MemoryPace::new()));
        let stories = scenarios.iter().map(|scenario| {
            let mut world = World::of(scenario.clone(), plant);
            world.pace.clone_from(&pace);
            async move {
                let folder = tempfile::tempdir().expect("a folder");
                let input = folder.path().join("input.csv");
                std::fs::write(&input, &scenario.load.csv).expect("written");
                tell(&world, &Files { input, folder: folder.path() }).await;
                world.state.into_inner().record
            }
        });
        join_all(stories).await
    })
}

struct Files<'a> {
    input: PathBuf,
    folder: &'a Path,
}

async fn tell(world: &World, files: &Files<'_>) {
    let plans = world.state.borrow().record.scenario.plans.clone();
    for (number, plan) in plans.iter().enumerate() {
        one_run(world, plan, files).await;
        person::settles(world);
        restores::happens(world, number);
    }
    let then = world.state.borrow().record.scenario.closing;
    for closing in 0..CLOSING_RUNS_MAX {
        let command = if closing > 0 { then } else { Command::Run };
        let before = world.state.borrow().record.sent.len();
        let pause = if closing > 0 && texts_wait(world) { Duration::from_hours(7) } else { Duration::from_secs(1) };
        one_run(world, &Plan::closing(command, pause), files).await;
        if world.state.borrow().record.sent.len() == before && !texts_wait(world) {
            break;
        }
    }
    // Whose callbacks a lost ledger held, its record still knows.
    let mut state = world.state.borrow_mut();
    for (id, enrolment) in std::mem::take(&mut state.lost) {
        state.record.book.callbacks.entry(id).or_insert(enrolment);
    }
}

fn texts_wait(world: &World) -> bool {
    let state = world.state.borrow();
    state.record.book.standings.values().any(|standing| standing.progress == Progress::TextWaiting)
}

async fn one_run(world: &World, plan: &Plan, files: &Files<'_>) {
    sleep(plan.pause).await;
    if plan.is_whole() {
        sleep(too_long_a_hold(world)).await;
    }
    let (number, scenario, found) = {
        let state = world.state.borrow();
        (state.record.runs.len(), state.record.scenario.clone(), state.record.book.standings.clone())
    };
    world.begin(number, plan);
    let began = world.now();
    let id = RunId(Uuid::from_u128(u128::from(scenario.seed) << 16 | number as u128));
    let ledger = FaultyLedger { world, run: id };
    let out = scenario.files.then(|| files.folder.join(number.to_string()));
    let end = to_its_end(world, &ledger, plan, (files.input.clone(), out)).await;
    if matches!(end, End::Crashed) && world.plant == Plant::ForgetsIntents {
        ledger.forget_intents();
    }
    let ended = world.now();
    let mut state = world.state.borrow_mut();
    let (numbers, standings) = (state.number(), state.record.book.standings.clone());
    state.record.runs.push(Run { plan: plan.clone(), began, found, ended, numbers, end, standings });
}

/// How long a pause lasts that a run would give up at once, for it is longer than runs wait.
fn too_long_a_hold(world: &World) -> Duration {
    let kept = world.state.borrow().record.book.hold;
    let own = kept.map_or(Duration::ZERO, |hold| hold.left(world.clock.unix_millis()));
    let shared = world
        .pace
        .as_ref()
        .map_or(Duration::ZERO, |pace| pace.held_until().now_or_never().expect("memory").since(pace.now()));
    let most = world.state.borrow().record.scenario.settings.give_up_after;
    Some(own.max(shared)).filter(|left| *left > most).unwrap_or_default()
}

async fn to_its_end(world: &World, ledger: &FaultyLedger<'_>, plan: &Plan, files: (PathBuf, Option<PathBuf>)) -> End {
    let mut settings = world.state.borrow().record.scenario.settings.clone();
    if world.plant == Plant::Doubles {
        settings.concurrency *= 2;
    }
    let (input, out) = files;
    // As whoever asks for a run does: the pipeline finds its folder there.
    out.as_deref().map_or(Ok(()), std::fs::create_dir_all).expect("a folder");
    let begun = Begun { run: ledger.run, at: world.clock.now() };
    let (order, inputs) = (rules::order(&settings, plan, out.clone(), begun), rules::inputs(&input));
    let source = match plan.command {
        Command::Run => Source::Inputs(&inputs),
        Command::Resume => Source::Ledger,
    };
    let platform = platform(world);
    let pace = world.pace.as_deref().map(|pace| -> &dyn PaceStore { pace });
    let shared = Shared { pace, tokens: None };
    let ports = Ports { platform: &platform, ledger, clock: world.clock, progress: &|_| {}, shared };
    let stop = async {
        match plan.stop_at {
            // A pause is as good as a signal.
            Some(after) => sleep(after).await,
            None => std::future::pending().await,
        }
        let is_pause = plan.stop_at.is_some_and(|after| after.as_millis() % 2 == 1);
        if is_pause { Halt::Paused("by ann".to_owned()) } else { Halt::Signal }
    };
    tokio::select! {
        biased;
        () = world.death() => End::Crashed,
        ended = run(&order, source, &ports, stop) => match ended {
            Ok(ended) => {
                let table = out.map(|folder| read_table(&folder.join("results.csv")));
                End::Reported { report: Box::new(ended.report), halt: ended.around.halt, table }
            }
            Err(error) => End::Failed(error.exit_code(), error.to_string()),
        },
    }
}

fn read_table(path: &Path) -> Vec<ResultLine> {
    let mut reader = csv::Reader::from_path(path).expect("a results file");
    let names = reader.headers().expect("a header").clone();
    let column = |name: &str| names.iter().position(|other| other == name).expect("a column");
    let (line, status, code, id) = (column("line"), column("status"), column("code"), column("callback_id"));
    let row = |record: csv::StringRecord| ResultLine {
        line: (!record[line].is_empty()).then(|| record[line].parse().expect("a line")),
        status: record[status].to_owned(),
        code: record[code].to_owned(),
        id: record[id].to_owned(),
    };
    reader.records().map(|record| row(record.expect("a row"))).collect()
}
