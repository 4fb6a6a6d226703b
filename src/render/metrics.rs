//! Figures of a run for `node_exporter`'s textfile collector: one file, renamed into its place, in Prometheus' text
//! format.
//!
//! All of them are gauges, for they are those of the newest run or of the ledger as it stands: a counter would have to
//! go on where the last run stopped. No series has a timestamp, which the collector refuses. Every series carries the
//! name of its file, so that two files in one folder never tell the same series twice.
//!
//! A run that ends early takes no series away, for an alarm would fall silent with it: what it cannot tell anew is told
//! as the earlier file has it.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, text::encode_registry};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;

use crate::domain::backlog::Backlog;
use crate::domain::callback::RunId;
use crate::domain::exit::ExitCode;
use crate::domain::outcome::Status;
use crate::domain::report::Report;
use crate::domain::time::Timestamp;

use super::json::kinds;

/// What the figures are made of.
#[derive(Clone, Copy, Debug)]
pub struct Figures<'a> {
    /// The name of the file, without its ending.
    pub file: &'a str,
    /// When the run began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// With which exit code.
    pub exit_code: ExitCode,
    /// Its sums, where it came so far.
    pub report: Option<&'a Report>,
    /// What the ledger holds, where it could be read.
    pub backlog: Option<&'a Backlog>,
    /// The file that stood there before; empty where none did.
    pub earlier: &'a str,
}

/// How every name begins, with an underscore behind it.
const PREFIX: &str = "ringback";

const LAST_SUCCESS: &str = "last_success_timestamp_seconds";
const OLDEST_PENDING_AGE: &str = "oldest_pending_age_seconds";
const OLDEST_PENDING: &str = "oldest_pending_timestamp_seconds";

/// The figures as the collector reads them.
#[must_use]
pub fn metrics(figures: &Figures<'_>) -> String {
    let mut families = of_the_run(figures);
    families.extend(match figures.report {
        Some(report) => of_the_rows(report, figures.ended_at),
        None => earlier_rows(figures.earlier),
    });
    families.extend(match figures.backlog {
        Some(backlog) => of_the_ledger(backlog, figures.ended_at),
        None => earlier_ledger(figures.earlier, figures.ended_at),
    });
    let label = ("file".into(), figures.file.to_owned().into());
    let mut registry = Registry::with_prefix_and_labels(PREFIX, [label].into_iter());
    registry.register_collector(Box::new(Families(families)));
    let mut text = String::new();
    // The mark at the end of OpenMetrics is left out: the collector reads the older format. A text takes everything.
    let _ = encode_registry(&mut text, &registry);
    text
}

/// Whether a run with this exit code did all that could be done: rejected rows are the sender's to mend, and are told
/// by a figure of their own.
#[must_use]
pub fn is_success(exit_code: ExitCode) -> bool {
    matches!(exit_code, ExitCode::Done | ExitCode::Rejected)
}

fn of_the_run(figures: &Figures<'_>) -> Vec<Family> {
    let &Figures { started_at, ended_at, exit_code, earlier, .. } = figures;
    let well = is_success(exit_code).then_some(ended_at).or_else(|| earlier_time(earlier, LAST_SUCCESS));
    let ended = seconds(ended_at.unix());
    let run = [
        single("last_run_exit_code", "Exit code of the newest run.", f64::from(exit_code.number())),
        single("last_run_timestamp_seconds", "When the newest run ended, in seconds of the Unix clock.", ended),
        single("last_run_duration_seconds", "How long the newest run took.", seconds(ended_at.since(started_at))),
    ];
    let help = "When a run last ended with exit code 0, or with 3 for rejected rows alone.";
    run.into_iter().chain(well.map(|at| single(LAST_SUCCESS, help, seconds(at.unix())))).collect()
}

fn of_the_rows(report: &Report, ended_at: Timestamp) -> Vec<Family> {
    // `validate` and `plan` have these two, runs have the others.
    let of_runs = Status::ALL.into_iter().filter(|status| !matches!(status, Status::Valid | Status::Planned));
    let rows = of_runs.map(|status| (status.as_str(), report.by_status.get(&status).copied().unwrap_or_default()));
    let rows: Vec<_> = rows.collect();
    let requests = report.requests;
    let troubled = [("429", requests.status_429), ("5xx", requests.status_5xx)];
    let limit = f64::from(report.limit_per_minute);
    let used = if limit > 0.0 { report.achieved_per_minute / limit } else { 0.0 };
    vec![
        single(
            "last_report_timestamp_seconds",
            "When the newest run ended that came to its sums: rows, requests and rate are its own.",
            seconds(ended_at.unix()),
        ),
        labelled("rows", "Rows of that run by what became of them.", "status", &rows),
        labelled("requests", "Requests of that run by kind.", "kind", &kinds(requests)),
        single("request_retries", "Requests of that run that were not the first.", count(requests.retries)),
        labelled("troubled_answers", "Answers to that run that cost time.", "status", &troubled),
        single("rate_limit_per_second", "Requests that it was allowed in a second.", limit / 60.0),
        single("rate_used_ratio", "Share of the allowed rate that it used while requests left.", used),
    ]
}

fn of_the_ledger(backlog: &Backlog, now: Timestamp) -> Vec<Family> {
    const DOUBTS_HELP: &str = "Callbacks in the ledger of which a person must find out what happened.";
    const CUT_OFF_HELP: &str =
        "Runs that died before their input was in the ledger, and whose input has not come again.";
    let [pending, waiting] = [Status::Pending, Status::SmsWaiting].map(|status| count(backlog.of(status)));
    let doubts = [("contact", backlog.of(Status::InDoubt)), ("sms", backlog.of(Status::SmsInDoubt))];
    let families = vec![
        single("callbacks_pending", "Callbacks in the ledger that are not attempted or not finished.", pending),
        labelled("callbacks_in_doubt", DOUBTS_HELP, "what", &doubts),
        single("texts_waiting", "Callbacks in the ledger whose text waits for texting hours.", waiting),
        single("runs_cut_off", CUT_OFF_HELP, count(backlog.runs_cut_off)),
        single("paused", "1 while the ledger is paused, else 0.", f64::from(u8::from(backlog.is_paused))),
    ];
    families.into_iter().chain(of_the_oldest(backlog.oldest_pending, now)).collect()
}

fn of_the_oldest(oldest: Option<Timestamp>, now: Timestamp) -> Vec<Family> {
    let age = oldest.map_or(0, |since| now.since(since).max(0));
    let help = "How long ago the oldest pending callback was taken up, when this was written; 0 where none is pending.";
    let age = single(OLDEST_PENDING_AGE, help, seconds(age));
    let since = oldest.map(|since| {
        let help = "When the oldest pending callback was taken up, in seconds of the Unix clock.";
        single(OLDEST_PENDING, help, seconds(since.unix()))
    });
    [age].into_iter().chain(since).collect()
}

/// What an earlier file has of the rows.
fn earlier_rows(earlier: &str) -> Vec<Family> {
    let nothing = Report::of_nothing(RunId(uuid::Uuid::nil()), Timestamp::EPOCH, None);
    of_the_rows(&nothing, Timestamp::EPOCH).into_iter().filter_map(|family| family.known_in(earlier)).collect()
}

/// What an earlier file has of the ledger; the oldest callback has grown older since.
fn earlier_ledger(earlier: &str, now: Timestamp) -> Vec<Family> {
    let oldest = earlier_time(earlier, OLDEST_PENDING);
    let backlog = Backlog { oldest_pending: oldest, ..Backlog::default() };
    let kept = of_the_ledger(&backlog, now).into_iter().filter_map(|family| match family.name {
        OLDEST_PENDING_AGE if oldest.is_some() => Some(family),
        _ => family.known_in(earlier),
    });
    kept.collect()
}

/// A time that an earlier file has.
fn earlier_time(earlier: &str, name: &str) -> Option<Timestamp> {
    let seconds = value_in(earlier, name, None)?;
    #[expect(clippy::cast_possible_truncation, reason = "whole seconds, and within what a time can be")]
    Some(seconds).filter(|seconds| (0.0..1e11).contains(seconds)).map(|seconds| Timestamp::from_unix(seconds as i64))
}

/// The value of a series, whatever the name of the file was then.
fn value_in(text: &str, name: &str, label: Option<(&str, &str)>) -> Option<f64> {
    let ends = label.map_or_else(|| "}".to_owned(), |(label, value)| format!(",{label}=\"{value}\"}}"));
    let mut lines = text
        .lines()
        .filter_map(|line| line.strip_prefix(PREFIX)?.strip_prefix('_')?.strip_prefix(name)?.rsplit_once(' '));
    let (_, value) = lines.find(|(labels, _)| labels.starts_with('{') && labels.ends_with(&ends))?;
    value.parse().ok().filter(|value: &f64| value.is_finite())
}

#[expect(clippy::cast_precision_loss, reason = "seconds, and counts of rows")]
fn seconds(seconds: i64) -> f64 {
    seconds as f64
}

#[expect(clippy::cast_precision_loss, reason = "counts of rows and requests")]
fn count(count: u64) -> f64 {
    count as f64
}

/// A name with its series.
#[derive(Debug)]
struct Family {
    name: &'static str,
    help: &'static str,
    /// A label with its value, where there is one, and the figure.
    series: Vec<(Option<(&'static str, &'static str)>, f64)>,
}

fn single(name: &'static str, help: &'static str, value: f64) -> Family {
    Family { name, help, series: vec![(None, value)] }
}

fn labelled(name: &'static str, help: &'static str, label: &'static str, counts: &[(&'static str, u64)]) -> Family {
    let series = counts.iter().map(|&(value, number)| (Some((label, value)), count(number)));
    Family { name, help, series: series.collect() }
}

impl Family {
    /// The same with the values that a file has; `None` where it has none of them.
    fn known_in(mut self, text: &str) -> Option<Self> {
        let known = |(label, _)| Some((label, value_in(text, self.name, label)?));
        self.series = self.series.into_iter().filter_map(known).collect();
        Some(self).filter(|family| !family.series.is_empty())
    }
}

/// All of a file, in their order: the registry's own families come in any.
#[derive(Debug)]
struct Families(Vec<Family>);

impl Collector for Families {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for Family { name, help, series } in &self.0 {
            let mut family = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
            for (label, value) in series {
                match label {
                    Some(label) => family.encode_family(&[*label])?.encode_gauge(value)?,
                    None => family.encode_gauge(value)?,
                }
            }
        }
        Ok(())
    }
}
