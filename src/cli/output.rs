//! Standard output, log lines and the progress bar.

use std::io::{self, IsTerminal, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::pipeline::event::Event;

use super::args::{Color, Common, LogFormat};

/// Writes to standard output. Somebody who has stopped reading has seen enough: that is no error.
pub(super) fn print(text: &str) -> io::Result<()> {
    print_bytes(text.as_bytes())
}

/// The same with what need not be text.
pub(super) fn print_bytes(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
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

/// A bar where somebody looks, and the log beside it. Only ringback's own lines are logged: what libraries
/// tell of requests may hold what must not be seen.
pub(super) fn begin(common: &Common) -> ProgressBar {
    let looked_at = io::stderr().is_terminal() && !common.quiet && common.color != Color::Never;
    let target = if looked_at { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(None, target);
    let level = match (common.quiet, common.verbose) {
        (true, _) => LevelFilter::ERROR,
        (false, 0) => LevelFilter::WARN,
        (false, 1) => LevelFilter::INFO,
        (false, _) => LevelFilter::DEBUG,
    };
    let lines = fmt::layer().with_writer(BesideBar(bar.clone())).with_target(false);
    let lines = match common.log_format {
        LogFormat::Text => lines.with_ansi(colours(common.color)).boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    let ours = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level);
    // Another subscriber is there only where several commands run in one process, in tests.
    let _ = tracing_subscriber::registry().with(lines.with_filter(ours)).try_init();
    bar
}

/// Whether log lines are coloured.
fn colours(color: Color) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    }
}

/// Shows how far a run has come.
pub(super) fn show(bar: &ProgressBar, event: Event<'_>) {
    match event {
        Event::Read(rows) => tracing::info!("{rows} rows read"),
        Event::TakenUp(callbacks) => tracing::info!("{callbacks} unfinished callbacks taken up from the ledger"),
        Event::Planned(jobs) => {
            tracing::info!("{jobs} callbacks to be sent or finished");
            let style = ProgressStyle::with_template("{bar:30} {pos} of {len} callbacks, {eta} left");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.set_length(jobs as u64);
        }
        Event::Ended(job) => {
            bar.inc(1);
            tracing::debug!(callback = %job.id, phone = ?job.callback.phone, progress = job.standing.progress.name());
        }
    }
}
