//! `runs`, `show`, `report`, `settle`, `reconcile`, `backup` and `ledger`: what a person does with a ledger between
//! runs. All but those that settle and adopt read beside a run, and leave nothing behind in it.

mod adopt;
mod backup;
mod ids;
mod page;
mod reconcile;
mod report;
mod runs;
mod settle;
mod sheet;
mod show;
mod tables;

use std::path::{Path, PathBuf};

use crate::domain::past::NotedRun;
use crate::domain::prefix::IdPrefix;
use crate::io::ledger::{Archive, LedgerError};
use crate::pipeline::error::RunError;
use crate::render::surroundings::Commands;

use super::again;
use super::args_ledger::LedgerArgs;
use super::exit::Ending;
use super::output::{answer, say};
use super::settings::{self, Overrides, Settings, Surroundings};
use super::work::Desk;

pub(super) use adopt::do_adopt;
pub(super) use backup::do_backup;
pub(super) use reconcile::do_reconcile;
pub(super) use report::do_report;
pub(super) use runs::do_runs;
pub(super) use settle::do_settle;
pub(super) use show::do_show;

/// Characters by which a callback is called at least: the reference that the customer was given.
const CALLBACK_CHARACTERS_MIN: usize = 8;

/// Characters by which a run is called at least.
const RUN_CHARACTERS_MIN: usize = 4;

/// The settings with this ledger in them; they need no platform and no credentials.
fn settings(args: &LedgerArgs, desk: &Desk<'_>) -> Result<Settings, Ending> {
    let overrides = Overrides { ledger: args.ledger.clone(), ..Overrides::default() };
    Ok(settings::load(desk.common.config.as_deref(), &overrides, &Surroundings::of_this_process())?)
}

/// The settings for somebody who only looks things up. Where the ledger is named, settings that nobody named keep
/// nobody from it: their place is taken by the defaults.
fn settings_to_look(args: &LedgerArgs, desk: &Desk<'_>) -> Result<Settings, Ending> {
    let (Some(ledger), None) = (&args.ledger, &desk.common.config) else { return settings(args, desk) };
    settings(args, desk).or_else(|unusable| {
        let mut defaults = settings::InForce::of_text(Path::new("default.toml"), "")?.settings;
        defaults.ledger.clone_from(ledger);
        let why = unusable.words.map_or_else(String::new, |words| words.to_string());
        tracing::warn!("{why}; it is looked up with the defaults");
        Ok(defaults)
    })
}

/// Where the ledger is. One that is named needs no settings, unless those are named too.
fn path(args: &LedgerArgs, desk: &Desk<'_>) -> Result<PathBuf, Ending> {
    match (&args.ledger, &desk.common.config) {
        (Some(ledger), None) => Ok(ledger.clone()),
        _ => Ok(settings(args, desk)?.ledger),
    }
}

/// The ledger, which must be there.
fn open(args: &LedgerArgs, desk: &Desk<'_>) -> Result<(Archive, PathBuf), Ending> {
    let path = path(args, desk)?;
    Ok((Archive::require(&path)?, path))
}

/// Where the ledger is, and the commands that may follow.
pub(super) fn named(args: &LedgerArgs, desk: &Desk<'_>) -> Result<(PathBuf, Commands), Ending> {
    Ok((path(args, desk)?, commands(args, desk)?))
}

/// The commands that may follow.
fn commands(args: &LedgerArgs, desk: &Desk<'_>) -> Result<Commands, Ending> {
    match &args.ledger {
        Some(ledger) => Ok(again::naming(desk.common, Some(ledger))),
        None => Ok(again::of(desk.common, &settings(args, desk)?)),
    }
}

/// Runs by number or by the beginning of their id.
fn runs_called(name: &str, reader: &Archive) -> Result<Vec<NotedRun>, Ending> {
    if let Some(number) = name.parse::<i64>().ok().filter(|_| !name.starts_with(['0', '+'])) {
        return Ok(reader.runs()?.into_iter().filter(|run: &NotedRun| run.number == number).collect());
    }
    match IdPrefix::parse(name, RUN_CHARACTERS_MIN) {
        Some(prefix) => Ok(reader.runs_like(&prefix)?),
        None => Ok(Vec::new()),
    }
}

impl From<LedgerError> for Ending {
    fn from(error: LedgerError) -> Self {
        RunError::from(error).into()
    }
}
