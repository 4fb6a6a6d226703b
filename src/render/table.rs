//! The sums of a run as a person reads them, on a screen or in the mail that cron sends: the verdict first, and few
//! lines.

use std::fmt::Write;

use crate::domain::outcome::Status;
use crate::domain::presence::PendingContacts;
use crate::domain::report::Report;

use super::advice;
use super::json::kinds;
use super::plan_table::{self, counted};
use super::status::told;
use super::surroundings::Surroundings;
use super::verdict::verdict;

/// Codes that are told; the others stand in the sums.
const CODES_MAX: usize = 8;

/// The table: the verdict, a headline, rows by status, codes and warnings, requests, and what to do next; of a plan its
/// hours too.
#[must_use]
pub fn table(report: &Report, around: &Surroundings<'_>) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}", verdict(report, around));
    headline(&mut text, report, around);
    for status in Status::ALL {
        if let Some(count) = report.by_status.get(&status) {
            let (word, meaning) = (status.as_str(), told(status).meaning);
            let _ = writeln!(text, "  {word:<14}{count:>10}  {meaning}{}", begun(status, report));
        }
    }
    codes(&mut text, report);
    section(&mut text, "warnings", report.warnings.iter().map(|(warning, count)| (warning.as_str(), *count)), 0);
    requests(&mut text, report);
    if let Some(halt) = &around.halt {
        let _ = writeln!(text, "stopped: {halt}");
    }
    next(&mut text, report, around);
    plan_table::tell(&mut text, report);
    text
}

/// Which of the pending rows are called all the same, or may be.
fn begun(status: Status, report: &Report) -> String {
    let PendingContacts { there, perhaps } = report.pending_contacts;
    let mut told = String::new();
    if status == Status::Pending && there > 0 {
        let have = if there == 1 { "has" } else { "have" };
        let _ = write!(told, "; {there} of them {have} a contact, the text is owed");
    }
    if status == Status::Pending && perhaps > 0 {
        let _ = write!(told, "; {perhaps} may have a contact");
    }
    told
}

fn headline(text: &mut String, report: &Report, around: &Surroundings<'_>) {
    let source = match report.inputs.len() {
        0 => "the ledger".to_owned(),
        some => counted(some as u64, "input"),
    };
    let rows = counted(report.rows, "row");
    let _ = writeln!(text, "{} {}: {rows} from {source}", around.command, report.run);
}

/// The codes that are met most, by their names.
fn codes(text: &mut String, report: &Report) {
    let mut told: Vec<(&str, u64)> = report.by_code.iter().map(|(code, count)| (code.as_str(), *count)).collect();
    told.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    let others = told.split_off(told.len().min(CODES_MAX)).len();
    told.sort_unstable();
    section(text, "codes", told.into_iter(), others);
}

fn section<'a>(text: &mut String, title: &str, counts: impl Iterator<Item = (&'a str, u64)>, others: usize) {
    let mut told: Vec<String> = counts.map(|(word, count)| format!("{word} {count}")).collect();
    if others > 0 {
        told.push(format!("and {others} more in summary.json"));
    }
    if !told.is_empty() {
        let _ = writeln!(text, "{title}: {}", told.join(", "));
    }
}

fn requests(text: &mut String, report: &Report) {
    let counts = report.requests;
    if counts.total() == 0 {
        return;
    }
    let kinds = kinds(counts).map(|(kind, count)| format!("{count} {kind}")).join(", ");
    let _ = write!(text, "requests: {} ({kinds})", counts.total());
    for (count, word) in [(counts.retries, "retries"), (counts.status_429, "429s"), (counts.status_5xx, "5xx")] {
        if count > 0 {
            let _ = write!(text, ", {count} {word}");
        }
    }
    let _ = writeln!(text, ", {:.0} a minute of {}", report.achieved_per_minute, report.limit_per_minute);
}

fn next(text: &mut String, report: &Report, around: &Surroundings<'_>) {
    if let Some(folder) = &around.folder {
        let _ = writeln!(text, "results: {folder}/results.csv");
    }
    for step in advice::of_run(report, around) {
        let _ = writeln!(text, "next: {}", step.told(&around.commands));
    }
}
