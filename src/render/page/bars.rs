//! Pictures of bars that lie: rows by status, rejections by code.

use std::cmp::Reverse;

use serde::Serialize;

use crate::domain::fault::Fault;
use crate::domain::outcome::Status;
use crate::render::uncalled::{Example, Group};

use super::super::status::{Told, told};
use super::Page;
use super::pieces::{Number, count, percent_of};
use super::words::meaning;

/// A picture of bars.
#[derive(Serialize)]
pub(super) struct Chart {
    bars: Vec<Bar>,
    /// The picture in words.
    words: String,
    /// How high it is.
    height: usize,
}

#[derive(Default, Serialize)]
struct Bar {
    label: String,
    tone: &'static str,
    number: Number,
    /// Its width.
    percent: String,
    /// Where its text stands, and where it.
    text_y: usize,
    track_y: usize,
    meaning: &'static str,
    examples: Vec<String>,
}

/// How high a bar with its text is.
const STEP: usize = 40;

/// Examples of a rejection that stand beside its count.
const EXAMPLES_MAX: usize = 2;

/// Rows by status.
pub(super) fn statuses(page: &Page<'_>) -> Chart {
    let counts = Status::ALL.into_iter().filter_map(|status| Some((status, *page.report.by_status.get(&status)?)));
    let bars = counts.map(|(status, value)| {
        let is = format!("/by_status/{}", status.as_str());
        let Told { meaning, tone, .. } = told(status);
        Bar { label: status.as_str().to_owned(), tone, number: Number { value, is }, meaning, ..Bar::default() }
    });
    Chart::of(bars.collect(), page.report.rows)
}

/// Rejected rows by code, the most frequent first. The sums have the counts, also where the rows are elsewhere.
pub(super) fn rejections(page: &Page<'_>) -> Chart {
    let is_a_verdict = |code: &str| Fault::ALL.iter().any(|fault| fault.code() == code);
    let bars = page.report.by_code.iter().filter(|(code, _)| is_a_verdict(code)).map(|(code, value)| Bar {
        label: code.clone(),
        tone: "bad",
        number: Number { value: *value, is: format!("/by_code/{code}") },
        meaning: meaning(code),
        examples: page.uncalled.rejected.get(code.as_str()).map_or_else(Vec::new, examples),
        ..Bar::default()
    });
    let mut bars: Vec<Bar> = bars.collect();
    bars.sort_by_key(|bar| Reverse(bar.number.value));
    Chart::of(bars, page.report.by_status.get(&Status::Rejected).copied().unwrap_or(0))
}

fn examples(group: &Group) -> Vec<String> {
    group.examples.iter().take(EXAMPLES_MAX).map(in_one_line).collect()
}

/// A row in one line: where it is, whose, and why.
fn in_one_line(example: &Example) -> String {
    let parts = [&*example.place, &example.phone, &example.detail];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

impl Chart {
    /// The bars under one another, the whole being as wide as the picture.
    fn of(mut bars: Vec<Bar>, whole: u64) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "a count of rows, for a picture")]
        let percent = |value: u64| percent_of(value as f64, whole as f64);
        for (place, bar) in bars.iter_mut().enumerate() {
            bar.percent = percent(bar.number.value);
            (bar.text_y, bar.track_y) = (place * STEP + 14, place * STEP + 21);
        }
        let told: Vec<String> = bars.iter().map(|bar| format!("{} {}", bar.label, count(bar.number.value))).collect();
        Self { words: told.join(", "), height: bars.len() * STEP, bars }
    }
}
