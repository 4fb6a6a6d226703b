//! `ringback report --format`: the tables that analysts read, of one run or across runs.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, IsTerminal};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::cli::args_ledger::ReportArgs;
use crate::cli::exit::Ending;
use crate::cli::work::Desk;
use crate::domain::exit::ExitCode;
use crate::domain::table::Table;
use crate::io::ledger::{Archive, Choice};
use crate::io::write::{Draft, WriteError, folder};
use crate::pipeline::error::RunError;
use crate::render::json::pretty;

use super::report::{Unwritten, find, printed};
use super::sheet::{Shape, Sheet};
use super::{open, say};

/// Bytes that wait for standard output.
const OUT_BYTES: usize = 1 << 16;

/// Writes all tables to a folder, or one to standard output.
pub(super) fn tell(args: &ReportArgs, shape: Shape, desk: &Desk<'_>) -> Result<ExitCode, Ending> {
    check(args, shape, desk)?;
    let (reader, ledger) = open(&args.ledger, desk)?;
    let _still = reader.hold_still()?;
    let run = args.run.as_deref().map(|name| find(name.trim(), &reader, &ledger)).transpose()?;
    let campaigns: Vec<String> = args.only.campaigns.iter().map(|campaign| campaign.trim().to_owned()).collect();
    let choice = Choice {
        run: run.as_ref(),
        since: args.only.since,
        until: args.only.until,
        campaigns: &campaigns,
        statuses: &args.only.statuses,
    };
    let Some(out) = &args.out else {
        let table = args.only.table.map_or(Table::Callbacks, Table::from);
        let written = write(&reader, (shape, table), &choice, BufWriter::with_capacity(OUT_BYTES, io::stdout()));
        return printed(written.map(|_| ()));
    };
    let tables = args.only.table.map_or(Table::ALL.to_vec(), |table| vec![table]);
    let written = write_files(&reader, (shape, &tables), &choice, out)?;
    match (desk.common.json, desk.common.quiet) {
        (true, _) => say(as_json(&written)),
        (false, true) => Ok(ExitCode::Done),
        (false, false) => say(as_text(&written)),
    }
}

/// Refuses what contradicts itself.
fn check(args: &ReportArgs, shape: Shape, desk: &Desk<'_>) -> Result<(), Ending> {
    if let (Some(since), Some(until)) = (args.only.since, args.only.until)
        && since >= until
    {
        let (since, until) = (since.rfc3339(), until.rfc3339());
        return Err(Ending::usage(&format!(
            "nothing is from {since} on and before {until}: --until is not behind --since"
        )));
    }
    if args.out.is_some() {
        return Ok(());
    }
    if shape == Shape::Parquet && io::stdout().is_terminal() {
        return Err(Ending::usage("a terminal cannot show Parquet: name a folder with -o, or send it into a file"));
    }
    if desk.common.json && shape != Shape::Ndjson {
        let ending = shape.ending();
        return Err(Ending::usage(&format!(
            "rows cannot be JSON and {ending} at once: leave --json out, or use -o DIR"
        )));
    }
    Ok(())
}

/// A table that was written.
struct Written {
    table: Table,
    path: PathBuf,
    rows: u64,
}

/// Writes the chosen rows of a table, and gives what they were written to and how many they were.
fn write<W: io::Write + Send>(
    reader: &Archive,
    (shape, table): (Shape, Table),
    choice: &Choice<'_>,
    out: W,
) -> Result<(W, u64), Unwritten> {
    let mut sheet = Sheet::begin(shape, table, out).map_err(Unwritten::Out)?;
    let rows = reader.each_row(table, choice, |row| sheet.push(row).map_err(Unwritten::Out))?;
    Ok((sheet.finish().map_err(Unwritten::Out)?, rows))
}

/// Writes tables beside their places, and puts them there when all are whole.
fn write_files(
    reader: &Archive,
    (shape, tables): (Shape, &[Table]),
    choice: &Choice<'_>,
    out: &Path,
) -> Result<Vec<Written>, Ending> {
    folder(out).map_err(RunError::from)?;
    let (mut drafts, mut all) = (Vec::new(), Vec::new());
    for &table in tables {
        let path = out.join(table.name()).with_extension(shape.ending());
        let draft = Draft::begin(&path).map_err(RunError::from)?;
        let (draft, rows) = write(reader, (shape, table), choice, draft).map_err(|why| match why {
            Unwritten::Ledger(error) => RunError::from(error),
            Unwritten::Out(error) => WriteError::at(&path)(error).into(),
        })?;
        drafts.push(draft);
        all.push(Written { table, path, rows });
    }
    drafts.into_iter().try_for_each(Draft::publish).map_err(RunError::from)?;
    Ok(all)
}

/// A file that was written, for a machine.
#[derive(Serialize)]
pub(super) struct WrittenFile {
    pub(super) path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rows: Option<u64>,
}

fn as_text(written: &[Written]) -> String {
    let line = |Written { table, path, rows }: &Written| format!("{}: {} ({rows} rows)", table.name(), path.display());
    written.iter().map(line).collect::<Vec<_>>().join("\n") + "\n"
}

fn as_json(written: &[Written]) -> String {
    let path = |path: &Path| path.display().to_string();
    let one =
        |Written { table, path: at, rows }: &Written| (table.name(), WrittenFile { path: path(at), rows: Some(*rows) });
    pretty(&written.iter().map(one).collect::<BTreeMap<_, _>>())
}
