//! `runs`, `show`, `report`, `settle`, `reconcile` and `backup`: what a person does with a ledger between runs. All but
//! those that settle read beside a run, and leave nothing behind in it.

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

use std::path::PathBuf;

use anyhow::anyhow;

use crate::domain::past::NotedRun;
use crate::domain::prefix::IdPrefix;
use crate::io::ledger::{LedgerError, SqliteReader};
use crate::pipeline::error::RunError;

use super::args_ledger::LedgerArgs;
use super::exit::Ending;
use super::output::print;
use super::settings::{self, Overrides, Settings, Surroundings};
use super::work::Desk;

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

/// The ledger, which must be there.
fn open(args: &LedgerArgs, desk: &Desk<'_>) -> Result<(SqliteReader, PathBuf), Ending> {
    let path = settings(args, desk)?.ledger;
    Ok((SqliteReader::require(&path)?, path))
}

/// Says something on standard output.
fn say(text: &str) -> Result<u8, Ending> {
    print(text).map_err(|error| Ending::io(anyhow!("standard output: {error}")))?;
    Ok(0)
}

/// A value as JSON over several lines, with a line end.
fn pretty(value: &serde_json::Value) -> String {
    format!("{value:#}\n")
}

/// Runs by number or by the beginning of their id.
fn runs_called(name: &str, reader: &SqliteReader) -> Result<Vec<NotedRun>, Ending> {
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
