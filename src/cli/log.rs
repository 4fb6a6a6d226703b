//! Log lines on standard error, for people or as one JSON object a line. A machine's lines all carry the run, and those
//! about a callback its id. Only ringback's own lines are logged: what libraries tell of requests may hold what must
//! not be seen.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::sync::OnceLock;

use indicatif::ProgressBar;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::{JsonFields, Writer};
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

use crate::domain::callback::RunId;

use super::args::{Color, Common, LogFormat};

/// What progress is told under: everybody hears it who has not asked for quiet.
pub(super) const PROGRESS: &str = "ringback::progress";

/// The run of this process. Threads log that no span of the run's reaches.
static RUN: OnceLock<RunId> = OnceLock::new();

/// From now on lines for machines carry the run. A process has one.
pub(super) fn name_run(run: RunId) {
    let _ = RUN.set(run);
}

/// Begins to log, out of the bar's way.
pub(super) fn begin(common: &Common, bar: &ProgressBar) {
    let level = match (common.quiet, common.verbose) {
        (true, _) => LevelFilter::ERROR,
        (false, 0) => LevelFilter::WARN,
        (false, 1) => LevelFilter::INFO,
        (false, _) => LevelFilter::DEBUG,
    };
    let progress = if common.quiet { LevelFilter::ERROR } else { level.max(LevelFilter::INFO) };
    let lines = tracing_subscriber::fmt::layer().with_writer(BesideBar(bar.clone())).with_target(false);
    let lines = match common.log_format {
        LogFormat::Text => lines.with_ansi(colours(common.color)).boxed(),
        LogFormat::Json => lines.fmt_fields(JsonFields::new()).event_format(JsonLines).boxed(),
    };
    let ours = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level).with_target(PROGRESS, progress);
    // Another subscriber is there only where several commands run in one process, in tests.
    let _ = tracing_subscriber::registry().with(lines.with_filter(ours)).try_init();
}

/// Whether log lines are coloured.
fn colours(color: Color) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    }
}

/// Tells the last words of a command that could not do its work: in a line like the others where machines read.
pub(super) fn last_words(common: &Common, words: &anyhow::Error) {
    match common.log_format {
        LogFormat::Json => tracing::error!("{words}"),
        LogFormat::Text => {
            let _ = writeln!(io::stderr(), "ringback: {words}");
        }
    }
}

/// Standard error, with the bar out of the way while a line is written.
#[derive(Clone)]
struct BesideBar(ProgressBar);

impl Write for BesideBar {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.suspend(|| io::stderr().write_all(bytes)).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

impl<'a> MakeWriter<'a> for BesideBar {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// One flat JSON object a line: when, how grave, which run, what the spans around it say, and what it says itself.
struct JsonLines;

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut at = String::new();
        SystemTime.format_time(&mut Writer::new(&mut at))?;
        let mut line = Line(Map::new());
        line.note("timestamp", at.into());
        line.note("level", event.metadata().level().as_str().into());
        if let Some(run) = RUN.get() {
            line.note("run_id", run.to_string().into());
        }
        for span in context.event_scope().into_iter().flatten() {
            let extensions = span.extensions();
            let fields = extensions.get::<FormattedFields<N>>();
            if let Some(Ok(fields)) = fields.map(|fields| serde_json::from_str::<Map<String, Value>>(&fields.fields)) {
                line.0.extend(fields);
            }
        }
        event.record(&mut line);
        writeln!(writer, "{}", Value::Object(line.0))
    }
}

/// A line as it grows.
struct Line(Map<String, Value>);

impl Line {
    fn note(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }
}

/// Notes values that JSON has a type for.
macro_rules! record_as_is {
    ($($record:ident: $type:ty),+) => {
        $(fn $record(&mut self, field: &Field, value: $type) {
            self.note(field.name(), value.into());
        })+
    };
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.note(field.name(), format!("{value:?}").into());
    }

    record_as_is!(record_str: &str, record_u64: u64, record_i64: i64, record_f64: f64, record_bool: bool);
}
