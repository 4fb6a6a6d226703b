//! `summary.json`: the sums of a run, for machines.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::answers::{Answers, Came, Verdicts};
use crate::domain::callback::RunId;
use crate::domain::exit::ExitCode;
use crate::domain::outcome::Status;
use crate::domain::presence::PendingContacts;
use crate::domain::reply::{Label, Step};
use crate::domain::report::{OnRejects, Report, RequestCounts, StageMillis, Warning};
use crate::domain::time::Timestamp;

use super::json::InputFile;
use super::plan_json::Plan;

/// The JSON Schema of `summary.json`.
pub const SCHEMA: &str = include_str!("summary.schema.json");

/// The sums as they are written, and read back: keys that a later ringback has added are passed over, and those that an
/// earlier one did not have may lack.
#[derive(Serialize, Deserialize)]
struct Summary<'a> {
    run_id: String,
    #[serde(skip_deserializing)]
    version: &'static str,
    started_at: String,
    /// These two are `null` where the run has not come to its end.
    finished_at: Option<String>,
    exit_code: Option<u8>,
    conditions: Vec<u8>,
    inputs: Vec<InputFile>,
    rows: u64,
    by_status: BTreeMap<Cow<'static, str>, u64>,
    #[serde(default, with = "Contacts")]
    pending_contacts: PendingContacts,
    by_code: BTreeMap<String, u64>,
    warnings: BTreeMap<Cow<'static, str>, u64>,
    groups: u64,
    forecast_fetches: u64,
    #[serde(with = "Requests")]
    requests: RequestCounts,
    #[serde(default)]
    answers: Vec<AnswerRow>,
    rate: Rate,
    #[serde(with = "Stages")]
    stages_ms: StageMillis,
    #[serde(skip_serializing_if = "Option::is_none", skip_deserializing)]
    plan: Option<Plan<'a>>,
}

/// Says how a struct of counts is written, which knows nothing of JSON itself.
macro_rules! counts {
    ($name:ident of $domain:tt: $($key:ident),+) => {
        #[derive(Serialize, Deserialize)]
        #[serde(remote = $domain)]
        struct $name {
            $($key: u64,)+
        }
    };
}

counts!(Contacts of "PendingContacts": there, perhaps);
counts!(Requests of "RequestCounts": token, forecast, contact, sms, retries, status_429, status_5xx);
counts!(Stages of "StageMillis": read_validate, group, forecast, place, dispatch, report);

/// Requests of one step with one answer.
#[derive(Serialize, Deserialize)]
struct AnswerRow {
    step: Cow<'static, str>,
    came: Cow<'static, str>,
    status: Option<u16>,
    accepted: u64,
    refused: u64,
    in_doubt: u64,
    not_done: u64,
}

#[derive(Serialize, Deserialize)]
struct Rate {
    limit_per_minute: u32,
    achieved_per_minute: f64,
}

/// The sums as one JSON object over several lines, with a line end.
#[must_use]
pub fn to_json(report: &Report) -> String {
    let summary = Summary {
        run_id: report.run.to_string(),
        version: env!("CARGO_PKG_VERSION"),
        started_at: report.started_at.rfc3339(),
        finished_at: report.finished_at.map(Timestamp::rfc3339),
        exit_code: report.finished_at.map(|_| report.exit_code().number()),
        conditions: report.conditions.iter().map(|code| code.number()).collect(),
        inputs: InputFile::all(&report.inputs),
        rows: report.rows,
        by_status: report.by_status.iter().map(|(status, count)| (status.as_str().into(), *count)).collect(),
        pending_contacts: report.pending_contacts,
        by_code: report.by_code.clone(),
        warnings: report.warnings.iter().map(|(warning, count)| (warning.as_str().into(), *count)).collect(),
        groups: report.groups,
        forecast_fetches: report.forecast_fetches,
        requests: report.requests,
        answers: report.answers.iter().map(answer_row).collect(),
        rate: Rate {
            limit_per_minute: report.limit_per_minute,
            achieved_per_minute: (report.achieved_per_minute * 10.0).round() / 10.0,
        },
        stages_ms: report.stages,
        plan: Plan::of(report),
    };
    // Strings, numbers and maps with string keys: there is nothing that serde_json refuses to write.
    let mut json = serde_json::to_string_pretty(&summary).unwrap_or_default();
    json.push('\n');
    json
}

fn answer_row((step, came, verdicts): (Step, Came, Verdicts)) -> AnswerRow {
    let Verdicts { accepted, refused, in_doubt, not_done } = verdicts;
    let (step, status) = (step.as_str().into(), came.status());
    AnswerRow { step, came: came.as_str().into(), status, accepted, refused, in_doubt, not_done }
}

/// The sums of a run from what [`to_json`] wrote; a plan among them is not read. `None` where something is missing, or
/// a row has a status that is not known here: sums without it would be wrong.
#[must_use]
pub fn from_json(text: &str) -> Option<Report> {
    let told: Summary<'_> = serde_json::from_str(text).ok()?;
    let by_status = told.by_status.into_iter().map(|(word, count)| Some((status(&word)?, count)));
    let warnings = told.warnings.into_iter().filter_map(|(word, count)| Some((warning(&word)?, count)));
    let is_waved_through = told.exit_code? == 0 && told.conditions.first() == Some(&3);
    Some(Report {
        run: RunId(Uuid::parse_str(&told.run_id).ok()?),
        started_at: Timestamp::from_rfc3339(&told.started_at)?,
        finished_at: Some(Timestamp::from_rfc3339(&told.finished_at?)?),
        inputs: told.inputs.into_iter().map(InputFile::facts).collect(),
        rows: told.rows,
        by_status: by_status.collect::<Option<_>>()?,
        pending_contacts: told.pending_contacts,
        by_code: told.by_code,
        warnings: warnings.collect(),
        groups: told.groups,
        forecast_fetches: told.forecast_fetches,
        requests: told.requests,
        answers: answers(&told.answers),
        limit_per_minute: told.rate.limit_per_minute,
        achieved_per_minute: told.rate.achieved_per_minute,
        stages: told.stages_ms,
        conditions: told.conditions.into_iter().filter_map(ExitCode::from_number).collect(),
        on_rejects: if is_waved_through { OnRejects::Ignore } else { OnRejects::Tell },
        outlook: None,
    })
}

fn status(word: &str) -> Option<Status> {
    Status::ALL.into_iter().find(|status| status.as_str() == word)
}

/// A warning that is not known here is passed over: it rejects no row.
fn warning(word: &str) -> Option<Warning> {
    [Warning::LanguageMissing, Warning::LanguageMalformed, Warning::WindowOverlap]
        .into_iter()
        .find(|warning| warning.as_str() == word)
}

/// Answers of a step or kind that is not known here are passed over.
fn answers(rows: &[AnswerRow]) -> Answers {
    let mut answers = Answers::default();
    for row in rows {
        let &AnswerRow { accepted, refused, in_doubt, not_done, .. } = row;
        let step = row.step.parse::<Step>().ok();
        let kinds = [row.status.map(Label).map(Came::Answer), Some(Came::NoAnswer), Some(Came::NotSent)];
        let came = kinds.into_iter().flatten().find(|came| came.as_str() == row.came);
        if let Some((step, came)) = step.zip(came) {
            answers.add(step, came, Verdicts { accepted, refused, in_doubt, not_done });
        }
    }
    answers
}
