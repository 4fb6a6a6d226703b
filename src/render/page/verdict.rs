//! The verdict: how a run ended, in one sentence, and what a person does next.

use serde::Serialize;

use crate::domain::discreet::without_numbers;
use crate::domain::exit::ExitCode;
use crate::domain::outcome::Status;
use crate::domain::report::Report;
use crate::domain::shown::words as one_line;

use crate::render::advice::{self, Advice, Gain};
use crate::render::status::{Call, told};
use crate::render::surroundings::{Onward, Source};

use super::Page;
use super::begun::aside;
use super::pieces::{Number, Piece, plain, with_commands};

/// How a run ended.
#[derive(Serialize)]
pub(super) struct Verdict {
    tone: &'static str,
    label: &'static str,
    sentence: Vec<Piece>,
    /// The same for a window's title.
    title: String,
    /// None where it has not come to its end.
    exit_code: Option<u8>,
    /// Why it stopped.
    halt: Option<String>,
    /// What to do next.
    steps: Vec<Vec<Piece>>,
}

/// Characters of a reason to stop that are shown.
const HALT_CHARACTERS_MAX: usize = 600;

/// What is told of the other rows: of one, of many.
const OTHERS: [(Call, [&str; 2]); 4] = [
    (Call::OfEarlierRow, ["repeats an earlier row", "repeat an earlier row"]),
    (Call::Never, ["will not be called", "will not be called"]),
    (Call::Unknown, ["may or may not be called", "may or may not be called"]),
    (Call::NotYet, ["is not done yet", "are not done yet"]),
];

impl Verdict {
    pub(super) fn of(page: &Page<'_>) -> Self {
        let (report, around) = (page.report, page.around);
        let (tone, label) = state(report, around.source);
        let sentence = sentence(report, around.command);
        let mut steps = advice::of_run(report, around);
        if steps.is_empty() && around.command == "plan" && report.by_status.contains_key(&Status::Planned) {
            steps.push(Advice::GoOn(Onward::Run, Gain::Planned));
        }
        let steps = steps.iter().map(|step| step.told(&around.commands)).chain(around.cut_off.clone());
        Self {
            tone,
            label,
            title: plain(&sentence),
            sentence,
            exit_code: report.finished_at.map(|_| report.exit_code().number()),
            halt: around.halt.as_deref().map(|why| without_numbers(&one_line(why, HALT_CHARACTERS_MAX))),
            steps: steps.map(|step| with_commands(&capitalised(&step))).collect(),
        }
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// How it ended, or that it has not, as a colour and in words.
fn state(report: &Report, source: Source) -> (&'static str, &'static str) {
    match (report.finished_at, source) {
        (_, Source::Beside) => ("look", "Still running"),
        (None, _) => ("bad", "Not finished: it was killed or could not go on"),
        (Some(_), _) => ending(report),
    }
}

/// The worst that held, as a colour and in words.
fn ending(report: &Report) -> (&'static str, &'static str) {
    match report.conditions.first() {
        None | Some(ExitCode::Done) => ("good", "All is well"),
        Some(ExitCode::Rejected) => ("look", "Finished; some rows are rejected"),
        Some(ExitCode::Failed) => ("bad", "Finished; some valid callbacks failed"),
        Some(ExitCode::InDoubt) => ("look", "Finished; some callbacks are in doubt and need a person"),
        Some(ExitCode::Pending) => ("look", "Stopped early"),
        Some(ExitCode::Input) => ("bad", "Stopped: the input is not as it should be"),
        Some(ExitCode::Io) => ("bad", "Stopped: reading or writing failed on this machine"),
        Some(ExitCode::Denied) => ("bad", "Stopped: the platform said 401 or 403, or gives no token"),
        Some(ExitCode::Settings) => ("bad", "Stopped: the settings are wrong"),
        Some(ExitCode::Usage | ExitCode::Fault | ExitCode::NotThere | ExitCode::Busy) => {
            ("bad", "A fault of ringback's own")
        }
    }
}

/// So many rows whose customers are called so.
fn sum(report: &Report, call: Call) -> Number {
    let statuses: Vec<Status> = Status::ALL.into_iter().filter(|status| told(*status).call == call).collect();
    let value = statuses.iter().filter_map(|status| report.by_status.get(status)).sum();
    let is: Vec<String> = statuses.iter().map(|status| format!("/by_status/{}", status.as_str())).collect();
    Number { value, is: is.join(" ") }
}

fn sentence(report: &Report, command: &str) -> Vec<Piece> {
    let [one, many] = match command {
        "validate" => ["is a callback", "are callbacks"],
        "plan" => ["has a dispatch time", "have a dispatch time"],
        _ => ["has its callback", "have their callback"],
    };
    let (called, rows) = (sum(report, Call::Sure), Number { value: report.rows, is: "/rows".to_owned() });
    if rows.value == 0 {
        let nothing = if report.finished_at.is_none() {
            "No callback is known to be changed by it"
        } else if report.inputs.is_empty() {
            "Nothing was left to do"
        } else {
            "The input has no rows"
        };
        return vec![Piece::text(format!("{nothing}."))];
    }
    let noun = if rows.value == 1 { " row " } else { " rows " };
    let mut clauses = vec![vec![
        Piece::number(&called),
        Piece::text(" of "),
        Piece::number(&rows),
        Piece::text(noun),
        Piece::text(if called.value == 1 { one } else { many }),
    ]];
    for (call, words) in OTHERS {
        let number = sum(report, call);
        let words = words[usize::from(number.value != 1)];
        if number.value > 0 {
            let mut clause = vec![Piece::number(&number), Piece::text(format!(" {words}"))];
            if call == Call::NotYet {
                clause.extend(aside(report.pending_contacts));
            }
            clauses.push(clause);
        }
    }
    joined(clauses)
}

/// Clauses as one sentence.
fn joined(clauses: Vec<Vec<Piece>>) -> Vec<Piece> {
    let last = clauses.len().saturating_sub(1);
    let mut sentence = Vec::new();
    for (place, clause) in clauses.into_iter().enumerate() {
        match place {
            0 => {}
            place if place == last => sentence.push(Piece::text(" and ")),
            _ => sentence.push(Piece::text(", ")),
        }
        sentence.extend(clause);
    }
    sentence.push(Piece::text("."));
    sentence
}
