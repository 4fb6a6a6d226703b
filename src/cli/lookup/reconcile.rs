//! `ringback reconcile`: inputs, ledger and platform, held against one another.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::anyhow;

use crate::cli::again;
use crate::cli::args_ledger::ReconcileArgs;
use crate::cli::exit::Ending;
use crate::cli::order::campaigns;
use crate::cli::output::save;
use crate::cli::places::RUNS;
use crate::cli::runtime;
use crate::cli::settings::Settings;
use crate::cli::work::Desk;
use crate::domain::callback::CallbackId;
use crate::domain::entry::Verdict;
use crate::domain::exit::ExitCode;
use crate::domain::outcome::Status;
use crate::io::clock::Clock;
use crate::io::ledger::Archive;
use crate::io::read::{ReadOptions, source};
use crate::io::write::Readers;
use crate::logic::reconcile::settlement::{Doubted, Verdicts};
use crate::pipeline::error::RunError;
use crate::pipeline::intake::{Intake, Reading, read_and_validate};
use crate::pipeline::reconcile::contacts::{self, Export, Exporting};
use crate::pipeline::reconcile::{FILE, Reconciled, SUMS, reconcile};
use crate::render::reconciliation::{Told, WrittenBack, table, to_json};
use crate::render::surroundings::Commands;

use super::settle::{Decision, carry_out, hold, judge};
use super::{say, settings};

/// Rows of the platform's export that are no contacts, as far as they are told at once.
const NAMED_MAX: usize = 20;

/// Compares inputs, ledger and platform; with `--settle`, writes back what was in doubt.
pub(in crate::cli) fn do_reconcile(args: &ReconcileArgs, desk: &Desk<'_>) -> Result<ExitCode, Ending> {
    let out = args.out.clone().unwrap_or_else(|| Path::new(RUNS).join(uuid::Uuid::now_v7().to_string()));
    let settings = settings(&args.ledger, desk)?;
    let commands = again::of(desk.common, &settings);
    let files = || args.inputs.iter().chain(&args.contacts);
    if files().filter(|name| *name == "-").count() > 1 {
        return Err(Ending::usage("- is given twice, but standard input can be read only once"));
    }
    source::are_there(&files().cloned().collect::<Vec<_>>()).map_err(RunError::from)?;
    safe_from(&out, files().map(PathBuf::from).chain([settings.ledger.clone()]))?;
    // A ledger that is not there is told before hours of reading.
    let reader = Archive::require(&settings.ledger)?;
    let intake = read_inputs(args, &settings)?;
    let mut export = read_export(args, &settings)?;
    let Reconciled { sums, settlement } = reconcile(&intake, &mut export, &reader, (&out, &commands))?;
    drop(reader);
    tell_unreadable(&export);
    let contacts = export.rows - export.unreadable.len() as u64;
    let mut told = Told { sums, inputs: intake.inputs, exports: export.files, ..Told::default() };
    if args.settle {
        let verdicts = settlement.verdicts(args.absent_as, contacts);
        told.written_back = Some(write_back(&verdicts, (&settings.ledger, &commands), args.wait)?);
    }
    // What is settled was a difference all the same: it has changed what becomes of customers.
    told.exit_code = if told.sums.differences() > 0 { ExitCode::Rejected } else { ExitCode::Done };
    told.folder = out.display().to_string();
    tell(&told, &out, (&commands, desk))
}

/// Refuses a file of the caller's that would be overwritten.
fn safe_from(out: &Path, files: impl Iterator<Item = PathBuf>) -> Result<(), Ending> {
    let whole = |path: PathBuf| path.canonicalize().ok();
    let ours = [FILE, SUMS].map(|name| whole(out.join(name)));
    match files.filter_map(whole).find(|file| ours.iter().flatten().any(|ours| ours == file)) {
        Some(file) => Err(Ending::usage(&format!(
            "{} has the name of a file that this command writes in {}; move it, or name another --out",
            file.display(),
            out.display()
        ))),
        None => Ok(()),
    }
}

fn read_inputs(args: &ReconcileArgs, settings: &Settings) -> Result<Intake, Ending> {
    let options =
        ReadOptions { columns: one_each(&args.map_input)?, encoding: args.encoding, ..ReadOptions::default() };
    let read = read_and_validate(&Reading {
        inputs: &args.inputs,
        options: &options,
        form: &settings.form,
        campaigns: &campaigns(settings),
        threads: args.threads.map_or(0, usize::from),
        spool_in: None,
    });
    // What the reader calls --map is that of the other side here.
    read.map_err(|error| {
        let code = error.exit_code();
        let words = error.to_string().replace("--map ", "--map-input ");
        Ending { code, words: Some(anyhow!("{words}")) }
    })
}

fn read_export(args: &ReconcileArgs, settings: &Settings) -> Result<Export, Ending> {
    let options = ReadOptions { encoding: args.encoding, ..ReadOptions::default() };
    let map = one_each(&args.map)?;
    let threads = args.threads.map_or(0, usize::from);
    let exporting = Exporting { names: &args.contacts, map: &map, options: &options, form: &settings.form, threads };
    Ok(contacts::read(&exporting)?)
}

/// Where fields are, each said once.
fn one_each<F: Ord + Copy + std::fmt::Debug>(said: &[(F, String)]) -> Result<BTreeMap<F, String>, Ending> {
    let mut columns = BTreeMap::new();
    for (field, column) in said {
        if let Some(other) = columns.insert(*field, column.clone()) {
            return Err(Ending::usage(&format!("one field is mapped twice: to {other} and to {column}")));
        }
    }
    Ok(columns)
}

/// Says which rows of the platform's export are no contacts.
fn tell_unreadable(export: &Export) {
    for (row, why) in export.unreadable.iter().take(NAMED_MAX) {
        let name = export.files.get(usize::from(row.input())).map_or("", |facts| facts.name.as_str());
        tracing::warn!("{name} line {}: not a contact: {why}", row.line());
    }
    if export.unreadable.len() > NAMED_MAX {
        let unnamed = export.unreadable.len() - NAMED_MAX;
        tracing::warn!("{unnamed} more rows of the platform's export are no contacts; {FILE} has them all");
    }
}

/// Writes verdicts in one commit, as `settle` does. What does not stand as it stood, for another run was there in
/// between, is left to a person.
fn write_back(
    verdicts: &Verdicts,
    (path, commands): (&Path, &Commands),
    wait: Duration,
) -> Result<WrittenBack, Ending> {
    let mut back = WrittenBack { left: verdicts.left, ..WrittenBack::default() };
    if verdicts.settled.is_empty() {
        return Ok(back);
    }
    let clock = Clock::system();
    let ledger = hold(&Archive::require(path)?, (clock, wait), commands)?;
    let mut decision = Decision::default();
    for (verdict, count) in
        [(Verdict::Sent, &mut back.sent), (Verdict::NotSent, &mut back.not_sent), (Verdict::Retry, &mut back.retry)]
    {
        let said = verdicts.settled.iter().filter(|(_, said)| *said == verdict);
        let doubted: BTreeMap<CallbackId, Doubted> = said.map(|(one, _)| (one.id, *one)).collect();
        let names: Vec<String> = doubted.keys().map(CallbackId::to_string).collect();
        let mut settled = judge(&names, verdict, ledger.reader()?)?.settled;
        settled.retain(|(kept, _)| doubted[&kept.enrolment.id].still_stands(&kept.standing));
        *count = settled.len() as u64;
        back.left += (doubted.len() - settled.len()) as u64;
        decision.settled.extend(settled);
    }
    let told = runtime()?.block_on(carry_out(&decision, &ledger, clock))?;
    back.texts_in_doubt = told.iter().filter(|settled| settled.is == Status::SmsInDoubt).count() as u64;
    Ok(back)
}

fn tell(told: &Told, out: &Path, (commands, desk): (&Commands, &Desk<'_>)) -> Result<ExitCode, Ending> {
    save(&out.join(SUMS), Readers::Owner, to_json(told).as_bytes()).map_err(RunError::from)?;
    match (desk.common.quiet && told.exit_code == ExitCode::Done, desk.common.json) {
        (true, _) => Ok(ExitCode::Done),
        (false, true) => say(to_json(told)),
        (false, false) => say(table(told, commands)),
    }?;
    Ok(told.exit_code)
}
