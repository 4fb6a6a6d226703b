//! What the platform answered, by the kind of request and the status.

use serde::Serialize;

use crate::domain::answers::{Came, Verdicts};
use crate::domain::reply::Label;
use crate::domain::reply::Step;
use crate::domain::report::Report;

use super::pieces::Number;

/// Rows of the table: a platform could invent a thousand statuses.
const ROWS_MAX: usize = 100;

/// The table of answers.
#[derive(Serialize)]
pub(super) struct Answers {
    rows: Vec<Row>,
    /// Rows for which there is no room.
    left: usize,
}

/// Requests of one step with one answer.
#[derive(Serialize)]
struct Row {
    step: &'static str,
    came: String,
    requests: Number,
    verdicts: [Number; 4],
}

impl Answers {
    pub(super) fn of(report: &Report) -> Self {
        let left = report.answers.iter().count().saturating_sub(ROWS_MAX);
        Self { rows: report.answers.iter().take(ROWS_MAX).enumerate().map(row).collect(), left }
    }
}

fn row((place, (step, came, verdicts)): (usize, (Step, Came, Verdicts))) -> Row {
    let Verdicts { accepted, refused, in_doubt, not_done } = verdicts;
    let told = [("accepted", accepted), ("refused", refused), ("in_doubt", in_doubt), ("not_done", not_done)];
    let at = |name: &str| format!("/answers/{place}/{name}");
    let came = match came {
        Came::Answer(Label(status)) => status.to_string(),
        Came::NoAnswer => "no answer".to_owned(),
        Came::NotSent => "not sent".to_owned(),
    };
    let all = told.map(|(name, _)| at(name)).join(" ");
    let requests = Number { value: verdicts.total(), is: all };
    Row { step: step.as_str(), came, requests, verdicts: told.map(|(name, value)| Number { value, is: at(name) }) }
}
