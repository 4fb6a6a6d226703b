//! Who watches over runs from outside: a file of figures, and a service that is pinged. Neither ever decides how a run
//! ends.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use crate::domain::backlog::Backlog;
use crate::domain::exit::ExitCode;
use crate::domain::report::Report;
use crate::domain::time::Timestamp;
use crate::io::clock::Clock;
use crate::io::ledger::Archive;
use crate::io::ping::PingAddress;
use crate::io::write::{Readers, WriteError, stands_at};
use crate::render::metrics::{Figures, metrics};

use super::args_ops::WatchArgs;
use super::exit::Ending;
use super::output::save;

/// Bytes of an earlier file that are read.
const EARLIER_BYTES_MAX: u64 = 1 << 16;

/// What is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Watched {
    /// A run.
    Run,
    /// A rehearsal: only who is named on the command line watches it, for the others would take it for a run.
    Rehearsal,
    /// A plan: nobody watches.
    Plan,
}

/// Who watches a run, and what there is to tell. Copies are of one and the same watch.
#[derive(Clone, Debug, Default)]
pub(super) struct Watch {
    file: Option<PathBuf>,
    ping: Option<Pinged>,
    seen: Arc<Mutex<Seen>>,
}

/// What was seen of a run.
#[derive(Debug, Default)]
struct Seen {
    ledger: Option<PathBuf>,
    /// When the run had its ledger.
    began_at: Option<Timestamp>,
    report: Option<Report>,
}

impl Watch {
    /// Begins to watch.
    pub(super) fn begin(args: &WatchArgs, what: Watched) -> Result<Self, Ending> {
        if what == Watched::Plan {
            return Ok(Self::default());
        }
        let file = Asked::of(args.metrics_file.clone().map(Into::into), "--metrics-file", what);
        let file = file.map_or(Ok(None), |asked| asked.judged(metrics_file(&asked.value)))?;
        let ping = Asked::of(args.ping.clone(), "--ping", what);
        let ping = ping.map_or(Ok(None), |asked| asked.judged(address(&asked.value)))?.map(Pinged::begin);
        Ok(Self { file, ping, seen: Arc::default() })
    }

    /// Notes which ledger the run is for.
    pub(super) fn sees_ledger(&self, ledger: &Path) {
        self.seen().ledger = Some(ledger.to_owned());
    }

    /// Notes that the run has its ledger and begins: what came before was waiting.
    pub(super) fn begins(&self) {
        self.seen().began_at = Some(Clock::system().now());
    }

    /// Notes the sums of the run.
    pub(super) fn sees_report(&self, report: &Report) {
        // Only who has something to tell needs a copy.
        if self.file.is_some() {
            self.seen().report = Some(report.clone());
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells of a run that ends with an exit code before it has begun, once what it leaves is cleared away.
    pub(super) fn end_early(self, exit_code: ExitCode, clear_away: impl FnOnce()) {
        clear_away();
        let _ = self.end(Ok(exit_code));
    }

    /// Tells how the run ended, and gives its end back as it was.
    pub(super) fn end(self, ended: Result<ExitCode, Ending>) -> Result<ExitCode, Ending> {
        let exit_code = match &ended {
            Ok(code) => *code,
            Err(ending) => ending.code,
        };
        if let Some(file) = &self.file
            && let Err(error) = self.write_figures(file, exit_code)
        {
            tracing::error!("--metrics-file: {error}; the run is not the worse for it");
        }
        if let Some(ping) = self.ping {
            ping.end(exit_code);
        }
        ended
    }

    fn write_figures(&self, file: &Path, exit_code: ExitCode) -> Result<(), WriteError> {
        let seen = self.seen();
        let backlog = seen.ledger.as_deref().and_then(backlog);
        let ended_at = Clock::system().now();
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        let figures = Figures {
            file: &name,
            // A run that never had its ledger took no time.
            started_at: seen.began_at.unwrap_or(ended_at),
            ended_at,
            exit_code,
            report: seen.report.as_ref(),
            backlog: backlog.as_ref(),
            earlier: &stands_at(file, EARLIER_BYTES_MAX),
        };
        // The collector runs under an account of its own; what it reads are counts alone.
        save(file, Readers::All, metrics(&figures).as_bytes())
    }
}

/// What the ledger holds, where it is there; trouble with it has been told by the run.
fn backlog(ledger: &Path) -> Option<Backlog> {
    let reader = Archive::open(ledger).ok()??;
    reader.backlog().inspect_err(|error| tracing::warn!("--metrics-file: {error}")).ok()
}

/// A service that was told of the beginning.
#[derive(Clone, Debug)]
struct Pinged {
    address: PingAddress,
    /// Tells of the beginning while the run goes on.
    beginning: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl Pinged {
    fn begin(address: PingAddress) -> Self {
        let told = address.clone();
        let thread = std::thread::Builder::new().name("ping".into());
        let beginning = thread.spawn(move || tell(&told, "start"));
        Self { address, beginning: Arc::new(Mutex::new(beginning.ok())) }
    }

    /// Tells of the end, once the beginning was told or has taken too long: the service goes by their order.
    fn end(self, exit_code: ExitCode) {
        let beginning = self.beginning.lock().unwrap_or_else(PoisonError::into_inner).take();
        let _ = beginning.map(JoinHandle::join);
        tell(&self.address, &exit_code.to_string());
    }
}

/// Says a word, and waits for it no longer than a ping may take. What it has begun may hang on: nobody waits for it.
fn tell(address: &PingAddress, word: &str) {
    let Ok(runtime) = super::runtime() else { return };
    if let Err(why) = runtime.block_on(address.say(word)) {
        tracing::warn!("--ping: {why}; the run is not the worse for it");
    }
    runtime.shutdown_background();
}

/// What somebody asked for, by flag or by variable.
struct Asked {
    value: OsString,
    flag: &'static str,
    /// The variable, where it was that.
    variable: Option<String>,
}

impl Asked {
    /// A flag's value, else that of its variable. Of a rehearsal only the flag counts.
    fn of(value: Option<OsString>, flag: &'static str, what: Watched) -> Option<Self> {
        if let Some(value) = value {
            return Some(Self { value, flag, variable: None });
        }
        if what == Watched::Rehearsal {
            return None;
        }
        let name = flag.trim_start_matches('-').to_ascii_uppercase().replace('-', "_");
        let name = format!("RINGBACK_{name}");
        let value = std::env::var_os(&name).filter(|value| !value.is_empty())?;
        Some(Self { value, flag, variable: Some(name) })
    }

    /// What it is good for. A flag that is wrong is told to whoever typed it, and nothing is done. A variable that is
    /// wrong keeps no night from its callbacks: it is told, and who was to be told stays without. The value itself is
    /// not told.
    fn judged<T>(&self, judged: Result<T, &'static str>) -> Result<Option<T>, Ending> {
        match (judged, &self.variable) {
            (Ok(good), _) => Ok(Some(good)),
            (Err(why), None) => Err(Ending::usage(&format!("{}: {why}", self.flag))),
            (Err(why), Some(name)) => {
                tracing::error!("{name}: {why}; nobody is told by it, and the run is not the worse for it");
                Ok(None)
            }
        }
    }
}

fn address(value: &OsString) -> Result<PingAddress, &'static str> {
    value.to_str().ok_or("it is no text").and_then(PingAddress::parse)
}

/// A file that the collector reads.
fn metrics_file(value: &OsString) -> Result<PathBuf, &'static str> {
    let path = PathBuf::from(value);
    if path.is_dir() || value.as_encoded_bytes().ends_with(b"/") {
        return Err("it is a folder; name a file in it, one that ends in .prom");
    }
    if std::fs::metadata(&path).is_ok_and(|found| !found.is_file()) {
        return Err("it is a pipe or a device; name a file, one that ends in .prom");
    }
    let is_read = path.extension().is_some_and(|ending| ending == "prom") && path.file_stem().is_some();
    if is_read { Ok(path) } else { Err("the name must end in .prom, for the collector reads no others") }
}
