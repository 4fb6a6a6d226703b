//! What can be typed.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::args_ledger::{
    BackupArgs, HOW_IT_COMPARES, HOW_TABLES_ARE_CHOSEN, LedgerArgs, LedgerCommand, PauseArgs, ReconcileArgs,
    ReportArgs, RunsArgs, SettleArgs, ShowArgs,
};
use super::args_ops::{CompletionsArgs, DoctorArgs, ManArgs, WatchArgs};
use super::settings::duration::parse_duration;
use super::words::typed_words;
use crate::domain::row::Field;
use crate::domain::strategy::Strategy;
use crate::domain::time::Timestamp;
use crate::sample::SampleFormat;

/// Turns exports of callback preferences into scheduled callbacks and confirmation texts, and says row by
/// row what became of each.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, max_term_width = 100, after_help = EXIT_CODES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
    #[command(flatten)]
    pub(super) common: Common,
}

const EXIT_CODES: &str = "\
Exit codes (the worst wins, in the order 70 78 77 74 66 65 75 4 5 6 3):
   0  every row settled
   2  the command line is wrong
   3  finished; some rows are rejected, nothing worse; of reconcile: there are differences
   4  stopped early, callbacks are pending: `ringback resume`, or the same command again
   5  finished; some callbacks are in doubt and need a person: `ringback settle`
   6  finished; valid callbacks are failed, expired or sms_failed
  65  the input cannot be read as CSV or NDJSON with the fields needed; or --max-rejected
  66  an input file, or the ledger that is asked, is not there
  70  a fault of ringback's own
  74  reading or writing failed on this machine
  75  another run holds the ledger, or it is paused: `ringback unpause`
  77  the platform said 401 or 403, or gives no token
  78  the settings are wrong";

/// The rule of placement, and how the table reads.
const HOW_A_PLAN_READS: &str = "\
How hours are chosen:
  An hour can take as many calls as its agents times the calls that one agent
  takes in an hour (placement.calls_per_agent_hour). The calls that the forecast
  expects and the callbacks of earlier runs are in it already; what is left is
  room. `balanced` looks at the whole file at once. It puts as few callbacks as
  possible above what the agents can take; then it makes the fullest hour as
  empty as it can be, then the second fullest, and so on. Nobody is dropped
  because an hour is full: what is too much is spread evenly, and shown. A
  callback whose window has no hour with agents fails and says so. `peak` sends
  each callback to the hour of its window with most agents, the first of equals,
  whatever is in it already.

How the table reads:
  Each row is an hour in the campaign's time zone: its agents, the calls that are
  expected, the callbacks that earlier runs put there (before) and those of this
  plan (added). `full` is all of these calls against what the agents can take. In
  the bar `=` is what is there already and `#` what this plan adds; `|` is 100 %,
  and what is right of it is above capacity: the agents cannot take it. Hours at
  the ends of a day to which nothing goes are left out; --json has every hour.
  At the end stand the requests that are to leave, how long they take at the
  rate that is allowed, when the last has left, and which callbacks cannot be
  created in time; those are in no hour. --compare shows both strategies side by
  side.";

/// What `--sandbox` means for `resume`, whose ledger must hold something.
pub(super) const SANDBOX_OF_RESUME: &str =
    "Start the sandbox inside and use it, with the rehearsal's ledger that --ledger names; texts go out at any hour";

/// What everybody may say.
#[derive(Debug, Clone, Args)]
pub(super) struct Common {
    /// The settings [default: ringback.toml here, then in the user's config folder, if there]
    #[arg(short, long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Print results as JSON
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// Print nothing when all is well
    #[arg(short, long, global = true)]
    pub(super) quiet: bool,
    /// Say more on standard error; twice for still more
    #[arg(short, long, global = true, action = clap::ArgAction::Count, conflicts_with = "quiet")]
    pub(super) verbose: u8,
    /// How log lines are written
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text, value_name = "FORMAT")]
    pub(super) log_format: LogFormat,
    /// When to use colours and a progress bar's signs
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(super) color: Color,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Validate, forecast, place, create contacts, text, report
    Run(RunArgs),
    /// Go on with what the ledger holds unfinished: pending callbacks, waiting texts, what a crash left; no input
    Resume(ResumeArgs),
    /// Validate alone: no network, no ledger
    Validate(ValidateArgs),
    /// Say what `run` would do, with dispatch times: forecasts are read, nothing is created
    #[command(after_help = HOW_A_PLAN_READS)]
    Plan(PlanArgs),
    /// List the runs in the ledger, or dismiss one that died and whose input is not needed
    Runs(RunsArgs),
    /// Show everything known of a callback, a run or a phone
    Show(ShowArgs),
    /// Give a run's report again, from the ledger: its callbacks, as they stood when it ended; or tables for analysts
    #[command(after_help = HOW_TABLES_ARE_CHOSEN)]
    Report(ReportArgs),
    /// Decide callbacks in doubt, after a look at the platform: all that are named, or none
    Settle(SettleArgs),
    /// Compare inputs, ledger and the platform's contacts: what is missing, differs or is there twice
    #[command(after_help = HOW_IT_COMPARES)]
    Reconcile(ReconcileArgs),
    /// Copy the ledger, beside a run too
    Backup(BackupArgs),
    /// Answer what a ledger is that was restored, copied, moved or lost
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Stop every run of the ledger within 2 seconds, and let none begin, until `ringback unpause`
    Pause(PauseArgs),
    /// End the pause of the ledger
    Unpause(LedgerArgs),
    /// Be the platform, as a local server to rehearse against
    Sandbox(SandboxArgs),
    /// Write a realistic export to standard output
    Sample(SampleArgs),
    /// Show the settings in force and where each comes from
    Config(ConfigArgs),
    /// Look settings, clock, ledger, credentials and scopes over, and say what to mend: a few requests, nothing created
    Doctor(DoctorArgs),
    /// Print a shell's completions
    Completions(CompletionsArgs),
    /// Print the man page, or write them all
    Man(ManArgs),
}

/// What is read, and where the report goes.
#[derive(Debug, Args)]
pub(super) struct BatchArgs {
    /// CSV or NDJSON files, also .gz and .zst, or - for standard input; several are one batch
    #[arg(required = true, value_name = "INPUT")]
    pub(super) inputs: Vec<String>,
    /// Where the report goes; an earlier report there is replaced
    #[arg(short, long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Where a field is: a CSV column, or a JSON pointer. Fields: phoneNumber, requestedStart, requestedEnd,
    /// campaignId, language, id
    #[arg(long, value_name = "FIELD=COLUMN", value_parser = field_and_column)]
    pub(super) map: Vec<(Field, String)>,
    /// The encoding of inputs that do not tell it by a byte-order mark, such as windows-1252 [default: UTF-8]
    #[arg(long, value_name = "NAME", value_parser = encoding)]
    pub(super) encoding: Option<&'static encoding_rs::Encoding>,
    /// Threads that read and validate [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) threads: Option<u16>,
    /// The clock starts at this time and runs on (RFC 3339); `run` takes it only with --sandbox
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(super) now: Option<Timestamp>,
    /// End with 0 where 3 is all that would be said
    #[arg(long)]
    pub(super) exit_zero_on_rejects: bool,
}

/// Whom is asked, and how fast.
#[derive(Debug, Args)]
pub(super) struct PlatformArgs {
    /// The ledger [default: `ledger` in the settings, else ringback.db beside the settings file, else here]
    #[arg(long, value_name = "PATH")]
    pub(super) ledger: Option<PathBuf>,
    /// Start the sandbox inside and use it, with a new ledger in --out unless --ledger is given; texts go out at
    /// any hour
    #[arg(long)]
    pub(super) sandbox: bool,
    /// Trouble for the sandbox to make, as in `cut_after=0.05@sms`; `ringback sandbox --help` lists all
    #[arg(long, value_name = "KEY=VALUE", requires = "sandbox")]
    pub(super) fault: Vec<String>,
    /// Requests a minute, token requests included [default: 100; 6000 with --sandbox]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(super) rate: Option<u32>,
    /// Requests in flight at most [default: 16]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(super) concurrency: Option<u32>,
    /// How the hour of a callback is chosen
    #[arg(long, value_enum, default_value_t = Strategy::Balanced, value_name = "S")]
    pub(super) strategy: Strategy,
}

/// What rejected and refused rows mean for the others.
#[derive(Debug, Args)]
pub(super) struct VerdictArgs {
    /// Of 20 rows or more: more rejected than this, in percent, stops before the first request
    #[arg(long, value_name = "PCT", default_value_t = 50.0, value_parser = percent)]
    pub(super) max_rejected: f64,
    /// Try refused callbacks and texts again
    #[arg(long)]
    pub(super) retry_failed: bool,
}

/// What a plan shows.
#[derive(Debug, Args)]
pub(super) struct PictureArgs {
    /// Show beside it what the other strategy would make of the same callbacks and forecasts; no request more
    #[arg(long)]
    pub(super) compare: bool,
}

/// How much is done, and for how long.
#[derive(Debug, Args)]
pub(super) struct HandOutArgs {
    /// Say what would be done, with dispatch times, and create nothing
    #[arg(short = 'n', long)]
    pub(super) dry_run: bool,
    #[command(flatten)]
    pub(super) show: PictureArgs,
    /// Place all, attempt the first N by dispatch time
    #[arg(long, value_name = "N")]
    pub(super) limit: Option<usize>,
    /// Stop before the first request where more callbacks than this cannot be created in time at the rate
    #[arg(long, value_name = "N")]
    pub(super) max_late: Option<u64>,
    /// Stop handing out after so long, as in 90s, 45m, 6h
    #[arg(long, value_name = "D", value_parser = duration)]
    pub(super) max_duration: Option<Duration>,
    /// Wait so long for the ledger's lock
    #[arg(long, value_name = "D", value_parser = duration, default_value = "0")]
    pub(super) wait: Duration,
}

typed_words!(Strategy {
    Balanced = "balanced": "All hours as evenly full as can be, counting what is in them",
    Peak = "peak": "The hour with most agents, the first on ties",
});

#[derive(Debug, Args)]
pub(super) struct RunArgs {
    #[command(flatten)]
    pub(super) batch: BatchArgs,
    #[command(flatten)]
    pub(super) platform: PlatformArgs,
    #[command(flatten)]
    pub(super) verdicts: VerdictArgs,
    #[command(flatten)]
    pub(super) hand_out: HandOutArgs,
    #[command(flatten)]
    pub(super) watch: WatchArgs,
}

#[derive(Debug, Args)]
pub(super) struct ResumeArgs {
    /// Where the report goes; an earlier report there is replaced
    #[arg(short, long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    #[command(flatten)]
    pub(super) platform: PlatformArgs,
    #[command(flatten)]
    pub(super) hand_out: HandOutArgs,
    #[command(flatten)]
    pub(super) watch: WatchArgs,
    /// The clock starts at this time and runs on (RFC 3339); only with --sandbox
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(super) now: Option<Timestamp>,
}

#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    #[command(flatten)]
    pub(super) batch: BatchArgs,
    #[command(flatten)]
    pub(super) platform: PlatformArgs,
    #[command(flatten)]
    pub(super) verdicts: VerdictArgs,
    #[command(flatten)]
    pub(super) show: PictureArgs,
}

#[derive(Debug, Args)]
pub(super) struct ValidateArgs {
    #[command(flatten)]
    pub(super) batch: BatchArgs,
}

#[derive(Debug, Args)]
pub(super) struct SandboxArgs {
    /// The port on this machine; 0 for any that is free
    #[arg(long, default_value_t = 8700)]
    pub(super) port: u16,
    /// Trouble to make, as in `cut_after=0.05@sms`; the keys are listed below
    #[arg(long, value_name = "KEY=VALUE")]
    pub(super) fault: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct SampleArgs {
    /// How many rows
    #[arg(long, default_value_t = 1000)]
    pub(super) rows: u64,
    /// The same seed and --now give the same bytes
    #[arg(long, default_value_t = 0)]
    pub(super) seed: u64,
    /// Percent of the rows that are broken
    #[arg(long, default_value_t = 5.0, value_name = "PCT", value_parser = percent)]
    pub(super) broken: f64,
    /// How it is written
    #[arg(long, value_enum, default_value_t = SampleFormat::Csv)]
    pub(super) format: SampleFormat,
    /// Windows begin on the days after this one (RFC 3339) [default: now]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(super) now: Option<Timestamp>,
}

typed_words!(SampleFormat {
    Csv = "csv",
    Ndjson = "ndjson",
});

#[derive(Debug, Args)]
pub(super) struct ConfigArgs {
    /// Print the defaults, as a settings file to begin with
    #[arg(long)]
    pub(super) default: bool,
}

pub(super) fn field_and_column(text: &str) -> Result<(Field, String), String> {
    let (name, column) = text.split_once('=').ok_or("FIELD=COLUMN is needed, as in phoneNumber=Caller")?;
    let names = || Field::ALL.iter().map(|field| field.name()).collect::<Vec<_>>().join(", ");
    let field =
        Field::of_name(name.as_bytes()).ok_or_else(|| format!("{name:?} is no field; fields are {}", names()))?;
    if column.is_empty() {
        return Err(format!("the column for {name} is empty"));
    }
    Ok((field, column.to_owned()))
}

pub(super) fn encoding(label: &str) -> Result<&'static encoding_rs::Encoding, String> {
    let known = encoding_rs::Encoding::for_label(label.as_bytes());
    known.ok_or_else(|| format!("no encoding is called {label:?}; try utf-8, utf-16le, windows-1252"))
}

fn time(text: &str) -> Result<Timestamp, String> {
    let read = chrono::DateTime::parse_from_rfc3339(text);
    let read = read.map_err(|_| format!("{text:?} is not an RFC 3339 time, such as 2026-11-23T20:00:00Z"));
    read.map(|time| Timestamp::from_unix(time.timestamp()))
}

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    parse_duration(text).ok_or_else(|| format!("{text:?} is not a duration, such as 90s, 45m, 6h or 1h30m"))
}

fn percent(text: &str) -> Result<f64, String> {
    let read = text.trim_end_matches('%').parse::<f64>().ok();
    read.filter(|share| (0.0..=100.0).contains(share)).ok_or_else(|| format!("{text:?} is not a share from 0 to 100"))
}
