//! What can be typed to look things up in a ledger, to settle what is in doubt, to compare it with
//! inputs and platform, and to copy it.

use std::path::PathBuf;
use std::time::Duration;

use chrono::NaiveDate;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand, ValueEnum};

use super::args::{duration, encoding, field_and_column};
use super::words::typed_words;
use crate::domain::entry::Verdict;
use crate::domain::outcome::Status;
use crate::domain::progress::Progress;
use crate::domain::row::Field;
use crate::domain::table::Table;
use crate::domain::time::Timestamp;
use crate::logic::adoption::Adoption;
use crate::logic::reconcile::settlement::AbsentAs;
use crate::pipeline::reconcile::contacts::ContactField;

/// Which ledger.
#[derive(Debug, Args)]
pub(super) struct LedgerArgs {
    /// The ledger [default: `ledger` in the settings, else ringback.db beside the settings file, else here]
    #[arg(long, value_name = "PATH")]
    pub(super) ledger: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct RunsArgs {
    /// Say that the input of this run, which died before its input was in the ledger, is not needed: its number, its
    /// id or the beginning of it
    #[arg(long, value_name = "RUN")]
    pub(super) dismiss: Option<String>,
    #[command(flatten)]
    pub(super) ledger: LedgerArgs,
}

#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    /// A callback id or its first 8 characters (the reference that the customer was given), a run id or its
    /// beginning, or a phone number, which may have several callbacks
    #[arg(value_name = "ID", allow_hyphen_values = true)]
    pub(super) id: String,
    #[command(flatten)]
    pub(super) ledger: LedgerArgs,
}

#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// A run's number, its id or the beginning of it, or `last`
    #[arg(value_name = "RUN", required_unless_present_any = ["schema", "format"])]
    pub(super) run: Option<String>,
    /// Write files there, over those of an earlier report, rather than rows to standard output: results.csv and
    /// summary.json, or with --format the tables or report.html
    #[arg(short, long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Tables for analysts, across runs where no RUN is named; `json` is the summary of a RUN, as --json gives it, and
    /// `html` its page for people
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(super) format: Option<ReportFormat>,
    #[command(flatten)]
    pub(super) only: OnlyArgs,
    /// Print the JSON Schema of summary.json
    #[arg(long, conflicts_with_all = ["run", "out", "format"])]
    pub(super) schema: bool,
    #[command(flatten)]
    pub(super) ledger: LedgerArgs,
}

/// Which of the tables' rows.
#[derive(Debug, Args)]
pub(super) struct OnlyArgs {
    /// This table alone [default: with -o all three, else callbacks]
    #[arg(long, value_enum, value_name = "TABLE", requires = "format")]
    pub(super) table: Option<Table>,
    /// From this on: a date (its midnight in UTC) or an RFC 3339 time
    #[arg(long, value_name = "TIME", value_parser = date_or_time, requires = "format")]
    pub(super) since: Option<Timestamp>,
    /// Before this: with --since 2026-11-01, --until 2026-12-01 is November
    #[arg(long, value_name = "TIME", value_parser = date_or_time, requires = "format")]
    pub(super) until: Option<Timestamp>,
    /// Callbacks of this campaign; may be said again
    #[arg(long = "campaign", value_name = "ID", requires = "format")]
    pub(super) campaigns: Vec<String>,
    /// Callbacks that stand so now; may be said again
    #[arg(long = "status", value_name = "STATUS", value_parser = status_parser(), requires = "format")]
    pub(super) statuses: Vec<Status>,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ReportFormat {
    Csv,
    Ndjson,
    Json,
    Html,
    Parquet,
}

typed_words!(Table {
    Runs = "runs",
    Callbacks = "callbacks",
    Entries = "entries",
});

/// What the tables hold, and what choosing means for each.
pub(super) const HOW_TABLES_ARE_CHOSEN: &str = "\
The tables of --format csv, ndjson and parquet:
  runs       a row a run: when, how it ended, its rows by status
  callbacks  a row a callback, as it stands now, whatever run brought it there
  entries    a row a change of a callback, with its time and its run
  With -o they are DIR/runs.csv, callbacks.csv and entries.csv (or .ndjson,
  .parquet), mode 0600; phone numbers in them are whole. Without, one table goes
  to standard output. docs/ledger.md tells every column.

How rows are chosen:
  RUN       the run itself, the callbacks that it changed, its entries
  --since, --until
            runs by when they began, callbacks by their last change, entries by
            when they were written
  --campaign, --status
            callbacks, and all entries of those; runs are not chosen by them
  Rows that a run rejected stand in that run's own folder, in no table.

  ringback report --format csv --status in_doubt --status sms_in_doubt
  gives all that is in doubt, across runs.";

/// The statuses in which a ledger can hold a callback.
fn status_parser() -> impl TypedValueParser<Value = Status> {
    let is_kept = |status: &Status| Progress::ALL.iter().any(|progress| Status::of(*progress) == *status);
    let names = Status::ALL.into_iter().filter(is_kept).map(Status::as_str);
    let find = |name: String| Status::ALL.into_iter().find(|status| status.as_str() == name);
    PossibleValuesParser::new(names).try_map(move |name| find(name).ok_or("no such status"))
}

fn date_or_time(text: &str) -> Result<Timestamp, String> {
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().and_then(|date| date.and_hms_opt(0, 0, 0));
    let read = date.map(|midnight| Timestamp::from_unix(midnight.and_utc().timestamp()));
    read.or_else(|| Timestamp::from_rfc3339(text))
        .ok_or_else(|| format!("{text:?} is neither a date, such as 2026-11-23, nor an RFC 3339 time"))
}

#[derive(Debug, Args)]
pub(super) struct SettleArgs {
    /// Callback ids, or their first 8 characters
    #[arg(value_name = "ID")]
    pub(super) ids: Vec<String>,
    /// What a person has found out
    #[arg(long = "as", value_enum, value_name = "X")]
    pub(super) verdict: Verdict,
    /// More ids from a file, or from - for standard input: one a line, or a results.csv, of which the rows in doubt
    /// are taken
    #[arg(long, value_name = "FILE")]
    pub(super) from: Option<String>,
    /// Wait so long for the ledger's lock
    #[arg(long, value_name = "D", value_parser = duration, default_value = "0")]
    pub(super) wait: Duration,
    #[command(flatten)]
    pub(super) ledger: LedgerArgs,
}

typed_words!(Verdict {
    Sent = "sent": "It happened: of a contact, the text that is still owed follows in the next run",
    NotSent = "not-sent": "It did not happen, and no run does it unasked: `failed` or `sms_failed`, until somebody says --retry-failed",
    Retry = "retry": "It did not happen, and the next run does it: a contact for its old time, or placed anew where that has passed",
});

/// What is done with the ledger itself.
#[derive(Debug, Subcommand)]
pub(super) enum LedgerCommand {
    /// Say what a ledger is that a run refuses to use: the original, a copy, or a new one
    #[command(after_help = WHAT_A_LEDGER_CAN_BE)]
    Adopt(AdoptArgs),
}

const WHAT_A_LEDGER_CAN_BE: &str = "\
run, resume and settle refuse a ledger that may lack something that was done (exit 78), and say what they found.
This command answers once. Nothing is sent.
  original  It knows all that was done for its callbacks: it was moved, or it is a second ledger for other campaigns.
            Runs go on with it.
  copy      It was restored from a backup, or is a copy: more may have been done since than it knows of. What it holds
            as pending, owed or in flight becomes in doubt: look on the platform, then `ringback settle`, or
            `ringback reconcile --settle` with the platform's export.
  new       The earlier ledger is lost, and this one begins anew. No ledger may be there yet.
After copy and new, a contact that the platform has already gets no text (contact.existed): the time for which it was
created is not known here.";

#[derive(Debug, Args)]
pub(super) struct AdoptArgs {
    /// What the ledger is
    #[arg(long = "as", value_enum, value_name = "X")]
    pub(super) adoption: Adoption,
    /// Wait so long for the ledger's lock
    #[arg(long, value_name = "D", value_parser = duration, default_value = "0")]
    pub(super) wait: Duration,
    #[command(flatten)]
    pub(super) ledger: LedgerArgs,
}

typed_words!(Adoption {
    Original = "original": "It knows all that was done for its callbacks",
    Copy = "copy": "More may have been done than it knows of",
    New = "new": "The earlier one is lost; this one begins anew",
});

#[derive(Debug, Args)]
pub(super) struct PauseArgs {
    /// Why, for whoever meets the pause
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: Option<String>,
    #[command(flatten)]
    pub(super) ledger: LedgerArgs,
}

#[derive(Debug, Args)]
pub(super) struct BackupArgs {
    /// Where the copy goes; nothing may be there
    #[arg(value_name = "PATH")]
    pub(super) path: PathBuf,
    #[command(flatten)]
    pub(super) ledger: LedgerArgs,
}

/// What is compared, and how it reads.
pub(super) const HOW_IT_COMPARES: &str = "\
What is compared:
  Each contact of the platform's export is held against the callback of its id;
  one that no callback knows, against those of its phone, campaign and window.
  Only what the ledger holds as created is expected on the platform: rows that
  are rejected, duplicate, failed, expired or pending are no difference. A ledger
  holds other nights too: a callback that is neither in the inputs nor in the
  export counts only where its run is one of these inputs, which hold at least
  half of what that run brought to where it stands; all others are left out.
  Give the inputs of every night whose contacts the export holds.

Findings, one a row of reconciliation.csv:
  matched              the same in input, ledger and on the platform
  missing_on_platform  created, says the ledger, and not in the export
  missing_in_ledger    a contact that the ledger does not know, or holds as never
                       created; or a row that no run has taken up
  not_in_input         in the ledger, and in no input
  time_differs, phone_differs, campaign_differs
                       the contact is there, and is not what was sent
  twice_on_platform    one more contact for the same callback
  in_doubt_found, in_doubt_absent
                       was in doubt; --settle writes it back

  A callback may have several. Exit code 0: all agree; 3: there are differences,
  also those that --settle has written back, or rows of the export that cannot
  be read.";

#[derive(Debug, Args)]
pub(super) struct ReconcileArgs {
    /// The exports that were given to `run`: CSV or NDJSON files, also .gz and .zst, or - for standard input
    #[arg(long = "input", required = true, num_args = 1.., value_name = "EXPORT")]
    pub(super) inputs: Vec<String>,
    /// The contacts that the platform has, as CSV or NDJSON, also .gz and .zst, or - for standard input, with the
    /// columns contactId, campaignId, phone, scheduledStartDateTime; several files are one
    #[arg(long = "platform", required = true, num_args = 1.., value_name = "CONTACTS")]
    pub(super) contacts: Vec<String>,
    /// Where reconciliation.csv and reconciliation.json go, over earlier ones [default: a new folder in
    /// ringback-runs]
    #[arg(short, long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Where a field of the platform's export is: a CSV column, or a JSON pointer. Fields: contactId, campaignId,
    /// phone, scheduledStartDateTime
    #[arg(long, value_name = "FIELD=COLUMN", value_parser = contact_field_and_column)]
    pub(super) map: Vec<(ContactField, String)>,
    /// Where a field of the inputs is, as --map of `run`
    #[arg(long, value_name = "FIELD=COLUMN", value_parser = field_and_column)]
    pub(super) map_input: Vec<(Field, String)>,
    /// The encoding of files that do not tell it by a byte-order mark, such as windows-1252 [default: UTF-8]
    #[arg(long, value_name = "NAME", value_parser = encoding)]
    pub(super) encoding: Option<&'static encoding_rs::Encoding>,
    /// Threads that read and validate [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) threads: Option<u16>,
    /// Write back what was in doubt: `sent` where the contact is there and as it was sent, what --absent-as says
    /// where it is not
    #[arg(long)]
    pub(super) settle: bool,
    /// What is written of a callback in doubt that is not in the export
    #[arg(long, value_enum, default_value_t = AbsentAs::NotSent, value_name = "X", requires = "settle")]
    pub(super) absent_as: AbsentAs,
    /// With --settle: wait so long for the ledger's lock
    #[arg(long, value_name = "D", value_parser = duration, default_value = "0")]
    pub(super) wait: Duration,
    #[command(flatten)]
    pub(super) ledger: LedgerArgs,
}

typed_words!(AbsentAs {
    NotSent = "not-sent": "It did not happen, and no run does it unasked: `failed`, until somebody says --retry-failed",
    Retry = "retry": "It did not happen, and the next run does it; not where the export lacks other contacts of the campaign",
    InDoubt = "in-doubt": "Nothing is written: it stays in doubt",
});

fn contact_field_and_column(text: &str) -> Result<(ContactField, String), String> {
    let (name, column) = text.split_once('=').ok_or("FIELD=COLUMN is needed, as in contactId=Id")?;
    let names = || ContactField::ALL.iter().map(|field| field.name()).collect::<Vec<_>>().join(", ");
    let field = ContactField::of_name(name).ok_or_else(|| {
        format!("{name:?} is no field of a contact; fields are {}; for those of the inputs say --map-input", names())
    })?;
    if column.is_empty() {
        return Err(format!("the column for {name} is empty"));
    }
    Ok((field, column.to_owned()))
}
