//! Runs, as a person and a machine read them.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;
use serde_json::Value;

use crate::domain::outcome::Status;
use crate::domain::past::{Fate, NotedRun, RunEnd};
use crate::domain::shown::marked;

use super::surroundings::Commands;

/// Characters of a word from the ledger that are shown.
const WORD_MAX: usize = 20;

/// The runs as a table, in the order in which they are given.
#[must_use]
pub fn table(runs: &[NotedRun]) -> String {
    if runs.is_empty() {
        return "no runs yet\n".to_owned();
    }
    let mut text = String::new();
    let head = ("number", "run", "command", "started", "finished", "exit", "rows");
    let (number, run, command, started, finished, exit, rows) = head;
    let _ = writeln!(text, "{number:>6}  {run:<36}  {command:<8}{started:<22}{finished:<22}{exit:<6}{rows}");
    for NotedRun { number, id, command, started_at, end, summary, cut_off, .. } in runs {
        let (finished, exit) = match end {
            RunEnd::Finished { at, exit_code } => (at.rfc3339(), exit_code.to_string()),
            RunEnd::Running => ("still runs".to_owned(), "-".to_owned()),
            RunEnd::Cut => ("not finished".to_owned(), "-".to_owned()),
        };
        let (command, started) = (marked(command, WORD_MAX), started_at.rfc3339());
        let rows = cut_off.map_or_else(|| rows_told(summary.as_deref()), |fate| fate_told(fate, *end).to_owned());
        let line = format!("{number:>6}  {id}  {command:<8}{started:<22}{finished:<22}{exit:<6}{rows}");
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

/// One run, with where to read on.
#[must_use]
pub fn one(run: &NotedRun, commands: &Commands) -> String {
    let NotedRun { number, id, command, version, started_at, end, summary, cut_off } = run;
    let finished = match end {
        RunEnd::Finished { at, exit_code } => format!("{}, exit code {exit_code}", at.rfc3339()),
        RunEnd::Running => "not yet: it still runs".to_owned(),
        RunEnd::Cut => "not finished: it was killed or could not go on".to_owned(),
    };
    let (command, version) = (marked(command, WORD_MAX), marked(version, WORD_MAX));
    let mut text = format!("run {number}, {id}\n");
    let rows = rows_told(summary.as_deref());
    let lines = [
        ("command", format!("{command} (ringback {version})")),
        ("started", started_at.rfc3339()),
        ("finished", finished),
        ("input", cut_off.map_or("", |fate| fate_told(fate, *end)).to_owned()),
        ("rows", if rows.is_empty() { "not counted".to_owned() } else { rows }),
        ("callbacks", commands.ringback(&format!("report {number}"))),
    ];
    for (name, told) in lines.into_iter().filter(|(_, told)| !told.is_empty()) {
        let _ = writeln!(text, "  {name:<16}{told}");
    }
    text
}

/// One run for a machine.
#[derive(Serialize)]
pub struct RunSheet<'a> {
    number: i64,
    run_id: String,
    command: &'a str,
    version: &'a str,
    state: &'static str,
    started_at: String,
    finished_at: Option<String>,
    exit_code: Option<u8>,
    /// `null` where the run kept no sums.
    rows: Option<u64>,
    by_status: BTreeMap<&'static str, u64>,
    cut_off: Option<&'static str>,
}

/// One run for a machine.
#[must_use]
pub fn sheet(run: &NotedRun) -> RunSheet<'_> {
    let (state, finished_at, exit_code) = match run.end {
        RunEnd::Finished { at, exit_code } => ("finished", Some(at.rfc3339()), Some(exit_code)),
        RunEnd::Running => ("running", None, None),
        RunEnd::Cut => ("not_finished", None, None),
    };
    let by_status = by_status(run.summary.as_deref());
    RunSheet {
        number: run.number,
        run_id: run.id.to_string(),
        command: &run.command,
        version: &run.version,
        state,
        started_at: run.started_at.rfc3339(),
        finished_at,
        exit_code,
        rows: run.summary.is_some().then(|| by_status.iter().map(|(_, count)| count).sum()),
        by_status: by_status.into_iter().map(|(status, count)| (status.as_str(), count)).collect(),
        cut_off: run.cut_off.map(Fate::as_str),
    }
}

/// What became of the input of a run that died before it was taken up.
fn fate_told(fate: Fate, end: RunEnd) -> &'static str {
    match (fate, end) {
        (Fate::Missing, RunEnd::Finished { .. }) => "stopped before its input was taken up",
        (Fate::Missing, RunEnd::Running | RunEnd::Cut) => "died before its input was taken up",
        (Fate::Dismissed, _) => "dismissed",
        (Fate::CameAgain, _) => "its input came again",
    }
}

/// Rows by status, of the sums that were kept.
fn by_status(summary: Option<&str>) -> Vec<(Status, u64)> {
    let summary: Value = summary.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let count = |status: &Status| Some((*status, summary["by_status"][status.as_str()].as_u64()?));
    Status::ALL.iter().filter_map(count).collect()
}

fn rows_told(summary: Option<&str>) -> String {
    let told = by_status(summary).into_iter().map(|(status, count)| format!("{} {count}", status.as_str()));
    told.collect::<Vec<_>>().join(", ")
}
