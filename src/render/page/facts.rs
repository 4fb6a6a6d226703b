//! What else is known of a run: when, of what, at which cost.

use serde::Serialize;

use crate::domain::discreet::masked_name;
use crate::domain::report::{InputFacts, StageMillis, Warning};
use crate::domain::shown::marked;
use crate::domain::time::Timestamp;

use super::super::json::kinds;
use super::super::surroundings::Source;
use super::Page;
use super::answers::Answers;
use super::pieces::{Number, count};
use super::words::meaning;

/// Inputs that are told, and characters of their names.
const INPUTS_MAX: usize = 40;
const NAME_CHARACTERS_MAX: usize = 120;

/// All of it.
#[derive(Serialize)]
pub(super) struct Facts {
    version: &'static str,
    rows: Number,
    started_at: String,
    /// These two are empty where it has not come to its end.
    finished_at: String,
    took: String,
    /// Whether nothing is known but what the ledger's callbacks say.
    is_counted: bool,
    conditions: Vec<u8>,
    inputs: Vec<Input>,
    inputs_untold: usize,
    codes: Vec<Counted>,
    warnings: Vec<Counted>,
    requests: Vec<Counted>,
    answers: Answers,
    /// Whether requests could be made, and how many is known.
    asks: bool,
    work: Vec<Counted>,
    stages: Vec<Counted>,
}

#[derive(Serialize)]
struct Input {
    name: String,
    /// Nothing where it was not asked for.
    sha256: String,
    rows: Number,
    bytes: Number,
}

/// A count with its name.
#[derive(Serialize)]
struct Counted {
    name: String,
    meaning: &'static str,
    number: Number,
}

impl Counted {
    fn of(pointer: &str, name: &str, value: u64) -> Self {
        let number = Number { value, is: format!("{pointer}/{name}") };
        Self { name: name.to_owned(), meaning: "", number }
    }
}

impl Facts {
    pub(super) fn of(page: &Page<'_>) -> Self {
        let report = page.report;
        let is_counted = page.around.source.is_counted();
        let finished_at = report.finished_at;
        let codes = report.by_code.iter().map(|(code, value)| {
            let meaning = meaning(code);
            Counted { meaning, ..Counted::of("/by_code", &marked(code, NAME_CHARACTERS_MAX), *value) }
        });
        let warnings = report.warnings.iter().map(|(warning, value)| {
            let meaning = of_a_warning(*warning);
            Counted { meaning, ..Counted::of("/warnings", warning.as_str(), *value) }
        });
        Self {
            version: env!("CARGO_PKG_VERSION"),
            rows: Number { value: report.rows, is: "/rows".to_owned() },
            started_at: report.started_at.rfc3339(),
            finished_at: finished_at.map(Timestamp::rfc3339).unwrap_or_default(),
            took: finished_at.map(|at| took(at.since(report.started_at))).unwrap_or_default(),
            is_counted,
            conditions: report.conditions.iter().map(|code| code.number()).collect(),
            inputs: inputs(page),
            inputs_untold: report.inputs.len().saturating_sub(INPUTS_MAX),
            codes: codes.collect(),
            warnings: warnings.collect(),
            requests: requests(page),
            answers: Answers::of(report),
            asks: page.traffic.is_some() || page.around.source == Source::Kept,
            work: vec![
                Counted::of("", "groups", report.groups),
                Counted::of("", "forecast_fetches", report.forecast_fetches),
            ],
            stages: stages(report.stages),
        }
    }
}

fn of_a_warning(warning: Warning) -> &'static str {
    match warning {
        Warning::LanguageMissing => "no language: the default one",
        Warning::LanguageMalformed => "a language that is none: the default one",
        Warning::WindowOverlap => "overlaps an earlier window of the same phone and campaign",
    }
}

fn inputs(page: &Page<'_>) -> Vec<Input> {
    let input = |(place, facts): (usize, &InputFacts)| Input {
        name: marked(&masked_name(&facts.name), NAME_CHARACTERS_MAX),
        sha256: facts.sha256.as_deref().map_or_else(String::new, |hash| marked(hash, NAME_CHARACTERS_MAX)),
        rows: Number { value: facts.rows, is: format!("/inputs/{place}/rows") },
        bytes: Number { value: facts.bytes, is: format!("/inputs/{place}/bytes") },
    };
    page.report.inputs.iter().take(INPUTS_MAX).enumerate().map(input).collect()
}

fn requests(page: &Page<'_>) -> Vec<Counted> {
    let counts = page.report.requests;
    let troubles = [("retries", counts.retries), ("status_429", counts.status_429), ("status_5xx", counts.status_5xx)];
    kinds(counts).into_iter().chain(troubles).map(|(name, value)| Counted::of("/requests", name, value)).collect()
}

fn stages(millis: StageMillis) -> Vec<Counted> {
    let StageMillis { read_validate, group, forecast, place, dispatch, report } = millis;
    let told = [
        ("read_validate", read_validate),
        ("group", group),
        ("forecast", forecast),
        ("place", place),
        ("dispatch", dispatch),
        ("report", report),
    ];
    told.into_iter().map(|(name, value)| Counted::of("/stages_ms", name, value)).collect()
}

/// Seconds as people say them.
fn took(seconds: i64) -> String {
    let seconds = u64::try_from(seconds).unwrap_or(0);
    match seconds {
        0 => "less than a second".to_owned(),
        1..120 => format!("{seconds} s"),
        120..7200 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", count(seconds / 3600), seconds / 60 % 60),
    }
}
