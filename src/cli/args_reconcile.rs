//! What can be typed to compare inputs, ledger and platform.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::args::{duration, encoding, field_and_column};
use super::args_ledger::LedgerArgs;
use super::words::typed_words;
use crate::domain::row::Field;
use crate::logic::reconcile::settlement::AbsentAs;
use crate::pipeline::reconcile::contacts::ContactField;

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
