//! How requests left, against what is allowed, with what held them up.

use std::fmt::Write;

use serde::Serialize;

use crate::domain::report::{Report, RequestCounts};
use crate::domain::time::Timestamp;
use crate::domain::traffic::{Stretch, Traffic};

use super::pieces::{COLUMN, HIGH, Number, count, counted};

/// Columns of the picture, and rows of its table.
const STRETCHES_SHOWN_MAX: usize = 96;

/// A column is at most so wide on a page.
const COLUMN_PIXELS_MAX: usize = 48;

/// Room for the words of a picture.
const PICTURE_PIXELS_MIN: usize = 240;

/// Requests over the run.
#[derive(Serialize)]
pub(super) struct Requests {
    total: Number,
    limit: Number,
    achieved: String,
    words: String,
    /// The picture and its table; nothing where no request left.
    picture: Option<Picture>,
    minutes_each: u32,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    at: String,
    requests: u64,
    busiest_minute: u64,
    status_429: u64,
    held: String,
}

#[derive(Serialize)]
struct Picture {
    width: usize,
    pixels: usize,
    /// The busiest minute of each stretch, as columns.
    busiest: String,
    /// Where the limit lies, in percent from above.
    limit_y: String,
    top: String,
    /// Columns in which there was a 429, and a hold.
    turned_away: String,
    held: String,
    begin: String,
    end: String,
}

impl Requests {
    pub(super) fn of(traffic: &Traffic, report: &Report) -> Self {
        let (stretches, minutes_each) = traffic.stretches(STRETCHES_SHOWN_MAX);
        let limit = report.limit_per_minute;
        let at = |place: usize| {
            let minutes = i64::from(minutes_each) * i64::try_from(place).unwrap_or(i64::MAX);
            report.started_at.plus(minutes.saturating_mul(60))
        };
        let total = Number { value: report.requests.total(), is: POINTERS.to_owned() };
        let is_empty = total.value == 0;
        Self {
            words: words(report.requests, &stretches),
            achieved: format!("{:.1}", report.achieved_per_minute),
            total,
            limit: Number { value: u64::from(limit), is: "/rate/limit_per_minute".to_owned() },
            picture: (!is_empty).then(|| picture(&stretches, limit, [at(0), at(stretches.len())])),
            minutes_each,
            rows: stretches.iter().enumerate().map(|(place, stretch)| row(at(place), stretch)).collect(),
        }
    }
}

/// Where `summary.json` has the requests.
pub(super) const POINTERS: &str = "/requests/token /requests/forecast /requests/contact /requests/sms";

fn words(counts: RequestCounts, stretches: &[Stretch]) -> String {
    let mut words = match counts.status_429 {
        0 => "The platform never asked for a pause (no 429)".to_owned(),
        some => format!("The platform asked for a pause {} (429)", counted(some, "time")),
    };
    let held: u64 = stretches.iter().map(|stretch| stretch.held.as_secs()).sum();
    if stretches.iter().any(|stretch| !stretch.held.is_zero()) {
        let _ = write!(words, ", and everything was held for {held} s in all");
    }
    if counts.status_5xx > 0 {
        let _ = write!(words, "; {} with a fault of its own (5xx)", counted(counts.status_5xx, "answer"));
    }
    if counts.retries > 0 {
        let retries = if counts.retries == 1 { "retry" } else { "retries" };
        let _ = write!(words, "; {} {retries}", count(counts.retries));
    }
    words + "."
}

fn row(at: Timestamp, stretch: &Stretch) -> Row {
    let held = stretch.held.as_secs_f64();
    Row {
        at: at.chrono().format("%-d %b %H:%M").to_string(),
        requests: stretch.requests,
        busiest_minute: stretch.busiest_minute,
        status_429: stretch.status_429,
        held: if held == 0.0 { "0".to_owned() } else { format!("{held:.1}") },
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of requests, for a picture")]
fn picture(stretches: &[Stretch], limit: u32, [begin, end]: [Timestamp; 2]) -> Picture {
    let most = stretches.iter().map(|stretch| stretch.busiest_minute).max().unwrap_or(0);
    let top = most.max(u64::from(limit)).max(1);
    let high = |value: u64| (value as f64 / top as f64 * HIGH).round();
    let column = |(place, stretch): (usize, &Stretch)| match stretch.busiest_minute {
        0 => String::new(),
        busiest => {
            let high = high(busiest).max(1.0);
            format!("M{} {HIGH}h8v-{high}h-8z", place * COLUMN + 1)
        }
    };
    let marks = |is_there: fn(&Stretch) -> bool| {
        let marked = stretches.iter().enumerate().filter(|(_, stretch)| is_there(stretch));
        let marks: Vec<String> = marked.map(|(place, _)| format!("M{} 0h8v10h-8z", place * COLUMN + 1)).collect();
        marks.concat()
    };
    let time = |at: Timestamp| at.chrono().format("%H:%M").to_string();
    Picture {
        width: stretches.len() * COLUMN,
        pixels: (stretches.len() * COLUMN_PIXELS_MAX).max(PICTURE_PIXELS_MIN),
        busiest: stretches.iter().enumerate().map(column).collect(),
        limit_y: format!("{:.2}", (1.0 - f64::from(limit) / top as f64) * 100.0),
        top: count(top),
        turned_away: marks(|stretch| stretch.status_429 > 0),
        held: marks(|stretch| !stretch.held.is_zero()),
        begin: time(begin),
        end: time(end),
    }
}
