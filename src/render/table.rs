//! The sums of a run as a person reads them, on a screen or in the mail that cron sends: the verdict first, and few
//! lines.

use std::fmt::Write;

use crate::domain::exit::ExitCode;
use crate::domain::outcome::Status;
use crate::domain::presence::PendingContacts;
use crate::domain::report::Report;

use super::plan_table;
use super::verdict::verdict;

/// Whence the sums and rows are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// From the run itself, as it ends: every row is at hand.
    #[default]
    Run,
    /// From the ledger: the sums that the run kept, and the callbacks that it changed.
    Kept,
    /// From the ledger alone: the run kept no sums, and they are counted from the callbacks that it changed.
    Counted,
    /// The same while the run goes on.
    Beside,
}

impl Source {
    /// Whether nothing is known but what the ledger's callbacks say.
    pub(super) fn is_counted(self) -> bool {
        match self {
            Self::Counted | Self::Beside => true,
            Self::Run | Self::Kept => false,
        }
    }
}

/// What stands around the sums.
#[derive(Clone, Debug, Default)]
pub struct Surroundings<'a> {
    /// What was done, `run`, `resume`, `plan` or `validate`.
    pub command: &'a str,
    /// The command that goes on with what is in the ledger; empty where nothing was put there.
    pub resume: String,
    /// The command that settles what is in doubt; where it is empty, one that names no ledger.
    pub settle: String,
    /// The command that gives an input to ringback, as far as the input; where it is empty, one that names no ledger.
    pub rerun: String,
    /// The command that says that a run's input is not needed, as far as the run's number; likewise.
    pub dismiss: String,
    /// The command that ends a pause; likewise.
    pub unpause: String,
    /// The folder of the report, where one was written.
    pub folder: Option<String>,
    /// Why the run stopped, where it did.
    pub halt: Option<String>,
    /// Whether that was a pause, which must end before anything goes on.
    pub is_paused: bool,
    /// Which runs died before their input was taken up, where that is not why this one has not done all.
    pub cut_off: Option<String>,
    /// Whence all this is known.
    pub source: Source,
}

impl Surroundings<'_> {
    /// The command that settles what is in doubt.
    pub(super) fn settle(&self) -> &str {
        if self.settle.is_empty() { "ringback settle" } else { &self.settle }
    }
}

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
            let _ =
                writeln!(text, "  {:<14}{count:>10}  {}{}", status.as_str(), meaning(status), begun(status, report));
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
    if status != Status::Pending {
        return told;
    }
    if there > 0 {
        let _ =
            write!(told, "; {there} of them {} a contact, the text is owed", if there == 1 { "has" } else { "have" });
    }
    if perhaps > 0 {
        let _ = write!(told, "; {perhaps} may have a contact");
    }
    told
}

fn headline(text: &mut String, report: &Report, around: &Surroundings<'_>) {
    let source = match report.inputs.len() {
        0 => "the ledger".to_owned(),
        1 => "1 input".to_owned(),
        many => format!("{many} inputs"),
    };
    let rows = if report.rows == 1 { "1 row".to_owned() } else { format!("{} rows", report.rows) };
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
    let _ = write!(
        text,
        "requests: {} ({} token, {} forecast, {} contact, {} sms)",
        counts.total(),
        counts.token,
        counts.forecast,
        counts.contact,
        counts.sms
    );
    for (count, word) in [(counts.retries, "retries"), (counts.status_429, "429s"), (counts.status_5xx, "5xx")] {
        if count > 0 {
            let _ = write!(text, ", {count} {word}");
        }
    }
    let _ = writeln!(text, ", {:.0} a minute of {}", report.achieved_per_minute, report.limit_per_minute);
}

/// Conditions under which the same command would stop at the same place.
const MENDED_FIRST: [ExitCode; 5] =
    [ExitCode::Input, ExitCode::Fault, ExitCode::Io, ExitCode::Denied, ExitCode::Settings];

fn next(text: &mut String, report: &Report, around: &Surroundings<'_>) {
    if let Some(folder) = &around.folder {
        let _ = writeln!(text, "results: {folder}/results.csv");
    }
    for step in steps(report, around) {
        let _ = writeln!(text, "next: {step}");
    }
}

/// What a person does next, in order; commands stand between backticks.
pub(super) fn steps(report: &Report, around: &Surroundings<'_>) -> Vec<String> {
    let has = |statuses: &[Status]| statuses.iter().any(|status| report.by_status.contains_key(status));
    if around.source == Source::Beside {
        let wait = "wait for its end: what is pending now may be done by then; `ringback runs` says how it ended";
        return vec![wait.to_owned()];
    }
    let Some(rejects) = rejects(around) else {
        let advice = "with --out DIR there is a report that says which rows".to_owned();
        return if has(&[Status::Rejected]) { vec![advice] } else { Vec::new() };
    };
    let stopped = report.conditions.iter().any(|code| MENDED_FIRST.contains(code));
    let again = again(report, around);
    let steps = [
        (stopped, format!("mend what stopped the run; then {again} does the rest")),
        (!stopped && has(&[Status::Pending]), format!("{again} goes on with what is pending")),
        (
            report.finished_at.is_none() && !has(&[Status::Pending]),
            format!("{again} finishes what it left, and says whether its input is needed once more"),
        ),
        (has(&[Status::SmsWaiting]), format!("{again}, in texting hours, sends the texts that wait")),
        (
            has(&[Status::InDoubt, Status::SmsInDoubt]),
            format!(
                "look up on the platform what is in doubt, by callback_id or phone; then `{} ID --as sent`, \
                 `not-sent` or `retry`, or all with `--from`",
                around.settle()
            ),
        ),
        (
            has(&[Status::Failed, Status::SmsFailed]),
            "the code of each failed row says why; --retry-failed tries what was refused again".to_owned(),
        ),
        (
            !stopped && has(&[Status::Rejected]),
            format!("repair the records in {rejects}, move the file elsewhere, and give it to ringback"),
        ),
    ];
    steps.into_iter().filter(|(applies, _)| *applies).map(|(_, step)| step).collect()
}

/// Where the rejected records are; the ledger does not know the folder of a run.
fn rejects(around: &Surroundings<'_>) -> Option<String> {
    match (around.source, &around.folder) {
        (Source::Run, folder) => folder.as_ref().map(|folder| format!("{folder}/rejects*")),
        (Source::Kept | Source::Counted | Source::Beside, _) => {
            Some("the rejects file of the run's own folder".to_owned())
        }
    }
}

/// What goes on where this ended. A batch that was turned back whole is in no ledger.
pub(super) fn again(report: &Report, around: &Surroundings<'_>) -> String {
    match (around.resume.as_str(), around.command) {
        _ if report.conditions.contains(&ExitCode::Input) => "the same command again".to_owned(),
        ("", "plan") => "`ringback run`".to_owned(),
        ("", _) => "the same command again".to_owned(),
        (resume, _) if around.is_paused => {
            let unpause = if around.unpause.is_empty() { "ringback unpause" } else { &around.unpause };
            format!("`{unpause}`, then `{resume}`,")
        }
        (resume, _) => format!("`{resume}`"),
    }
}

/// What a status means, in a few words.
pub(super) fn meaning(status: Status) -> &'static str {
    match status {
        Status::Confirmed => "contact created, text accepted",
        Status::Scheduled => "contact created, no text on purpose",
        Status::SmsWaiting => "contact created, the text waits for texting hours",
        Status::AlreadyDone => "done by an earlier run",
        Status::Duplicate => "the same callback stands on an earlier row",
        Status::Valid => "a callback",
        Status::Planned => "has a dispatch time",
        Status::Rejected => "not a callback; see the rejects file",
        Status::Failed => "refused by the platform, or no forecast",
        Status::SmsFailed => "contact created, text refused",
        Status::Expired => "the window closed first",
        Status::Pending => "not attempted or not finished",
        Status::InDoubt => "the contact may or may not exist",
        Status::SmsInDoubt => "contact created, the text may or may not have gone out",
    }
}
