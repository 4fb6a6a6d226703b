//! What a comparison of inputs, ledger and platform looks like: rows of `reconciliation.csv`, its sums as JSON, and
//! the table that a person reads.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;

use crate::domain::callback::{CallbackId, RowNumber};
use crate::domain::exit::ExitCode;
use crate::domain::phone::E164;
use crate::domain::report::InputFacts;
use crate::domain::time::Timestamp;
use crate::domain::window::Window;
use crate::logic::cells::defuse;
use crate::logic::reconcile::contact::{Contact, Contacts};
use crate::logic::reconcile::finding::{About, Conclusion, Finding, Kind};
use crate::logic::reconcile::sums::{InputSums, LedgerSums, PlatformSums, Sums};
use crate::logic::reconcile::wanted::Wanted;

use super::advice::{Advice, Doubtful, Gain};
use super::finding;
use super::json::{InputFile, pretty};
use super::surroundings::{Commands, Onward};

/// The columns, in order: a promise to their readers. New ones go to the end.
pub const COLUMNS: [&str; 12] = [
    "finding",
    "callback_id",
    "phone",
    "campaign_id",
    "window_start",
    "window_end",
    "dispatch_at",
    "platform_contact_id",
    "platform_dispatch_at",
    "input",
    "line",
    "detail",
];

/// What findings refer to.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// The contacts of the platform's export.
    pub contacts: &'a Contacts,
    /// The callbacks of the inputs.
    pub wanted: &'a Wanted<'a>,
    /// The inputs.
    pub inputs: &'a [InputFacts],
    /// The files of the platform's export.
    pub exports: &'a [InputFacts],
    /// The commands that may follow.
    pub commands: &'a Commands,
}

/// Whom a finding is about, as far as that is known.
#[derive(Default)]
struct Whom<'a> {
    id: Option<CallbackId>,
    phone: Option<E164>,
    campaign: &'a str,
    window: Option<Window>,
    dispatch_at: Option<Timestamp>,
    row: Option<RowNumber>,
}

impl<'a> Around<'a> {
    /// The cells of a finding, in the order of [`COLUMNS`].
    #[must_use]
    pub fn cells(&self, conclusion: &'a Conclusion, finding: &'a Finding) -> [Cow<'a, str>; 12] {
        let contact = finding.contact.map(|(place, _)| &self.contacts.all()[place]);
        let whom = self.whom(conclusion, contact);
        let time = |at: Option<Timestamp>| at.map_or(Cow::Borrowed(""), |at| at.rfc3339().into());
        let name = |row: RowNumber| self.inputs.get(usize::from(row.input())).map_or("", |facts| facts.name.as_str());
        let owned = |text: String| defuse(&text).into_owned().into();
        [
            finding.kind.as_str().into(),
            whom.id.map_or(Cow::Borrowed(""), |id| id.to_string().into()),
            whom.phone.map_or(Cow::Borrowed(""), |phone| phone.reveal().into()),
            defuse(whom.campaign),
            time(whom.window.map(Window::start)),
            time(whom.window.map(Window::end)),
            time(whom.dispatch_at),
            contact.map_or(Cow::Borrowed(""), |contact| owned(contact.key.text())),
            time(contact.and_then(|contact| contact.at)),
            whom.row.map_or(Cow::Borrowed(""), |row| defuse(name(row))),
            whom.row.map_or(Cow::Borrowed(""), |row| row.line().to_string().into()),
            self.detail(conclusion, finding, contact).into(),
        ]
    }

    fn whom(&self, conclusion: &'a Conclusion, contact: Option<&'a Contact>) -> Whom<'a> {
        let row = |place: u32| self.wanted.callback(place).row;
        match &conclusion.about {
            About::Callback(known, scope) => Whom {
                id: Some(known.id),
                phone: Some(known.phone),
                campaign: &known.campaign,
                window: Some(known.window),
                dispatch_at: known.dispatch_at,
                row: scope.place().map(row),
            },
            About::Row(place) => {
                let callback = self.wanted.callback(*place);
                let (phone, window, campaign) = (callback.phone, callback.window(), self.wanted.campaign(callback));
                let id = CallbackId::of(phone, window, campaign);
                let (id, phone, window, row) = (Some(id), Some(phone), Some(window), Some(row(*place)));
                Whom { id, phone, campaign, window, dispatch_at: None, row }
            }
            About::Unread(..) => Whom::default(),
            About::Contact => Whom {
                phone: contact.and_then(|contact| contact.phone),
                campaign: contact.map_or("", |contact| self.contacts.campaign(contact)),
                ..Whom::default()
            },
        }
    }

    /// The sentence, and where in the export a difference stands.
    fn detail(&self, conclusion: &Conclusion, finding: &Finding, contact: Option<&Contact>) -> String {
        let mut words = finding::words(&conclusion.about, finding, (self.contacts, self.commands));
        let row = match conclusion.about {
            About::Unread(row, _) => Some(row),
            About::Callback(..) | About::Row(_) | About::Contact => contact.map(|contact| contact.row),
        };
        if let Some(row) = row.filter(|_| finding.kind.is_difference()) {
            let name = self.exports.get(usize::from(row.input())).map_or("", |facts| &facts.name);
            let name = if name == "-" { "standard input" } else { name };
            let _ = write!(words, " ({name} line {})", row.line());
        }
        defuse(&words).into_owned()
    }
}

/// What was written back of callbacks in doubt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct WrittenBack {
    /// Found to be there.
    pub sent: u64,
    /// Found not to be there, and not to be created unasked.
    pub not_sent: u64,
    /// Found not to be there, and to be created by the next run.
    pub retry: u64,
    /// Left in doubt.
    #[serde(rename = "left_in_doubt")]
    pub left: u64,
    /// Of those that were found: their texts may have gone out too, so that they are in doubt now.
    pub texts_in_doubt: u64,
}

impl WrittenBack {
    /// How many were settled.
    #[must_use]
    pub fn settled(&self) -> u64 {
        self.sent + self.not_sent + self.retry
    }
}

/// The sums of a comparison, and what stands around them.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// The sums.
    pub sums: Sums,
    /// The inputs.
    pub inputs: Vec<InputFacts>,
    /// The files of the platform's export.
    pub exports: Vec<InputFacts>,
    /// What was written back, where that was asked for.
    pub written_back: Option<WrittenBack>,
    /// The exit code.
    pub exit_code: ExitCode,
    /// The folder of the files.
    pub folder: String,
}

impl Told {
    /// Differences that nothing has decided.
    #[must_use]
    pub fn open(&self) -> u64 {
        self.sums.differences() - self.written_back.map_or(0, |back| back.settled())
    }
}

/// `reconciliation.json`.
#[derive(Serialize)]
struct Sheet {
    version: &'static str,
    exit_code: u8,
    findings: BTreeMap<&'static str, u64>,
    differences: u64,
    open: u64,
    settled: Option<WrittenBack>,
    input: InputSums,
    ledger: LedgerSums,
    platform: PlatformSums,
    inputs: Vec<InputFile>,
    platform_exports: Vec<InputFile>,
}

/// The sums for a machine.
#[must_use]
pub fn to_json(told: &Told) -> String {
    let Sums { findings, input, ledger, platform } = &told.sums;
    let count = |kind: &Kind| (kind.as_str(), findings.get(kind).copied().unwrap_or_default());
    pretty(&Sheet {
        version: env!("CARGO_PKG_VERSION"),
        exit_code: told.exit_code.number(),
        findings: Kind::ALL.iter().map(count).collect(),
        differences: told.sums.differences(),
        open: told.open(),
        settled: told.written_back,
        input: *input,
        ledger: *ledger,
        platform: *platform,
        inputs: InputFile::all(&told.inputs),
        platform_exports: InputFile::all(&told.exports),
    })
}

/// The table: findings, how the rows of each side add up, and what to do next.
#[must_use]
pub fn table(told: &Told, commands: &Commands) -> String {
    let Sums { findings, input, ledger, platform } = &told.sums;
    let mut text = String::new();
    let _ = writeln!(text, "reconcile: {}", headline(told));
    for &kind in Kind::ALL {
        if let Some(count) = findings.get(&kind) {
            let _ = writeln!(text, "  {:<20}{count:>10}  {}", kind.as_str(), meaning(kind));
        }
    }
    let of_input = [
        (input.in_ledger, "in the ledger"),
        (input.not_in_ledger, "not in the ledger"),
        (input.rejected, "rejected"),
        (input.duplicate, "duplicate"),
    ];
    let of_ledger = [
        (ledger.matched, "matched"),
        (ledger.different, "different"),
        (ledger.not_expected, "not created, as it should be"),
        (ledger.left_out, "of other nights, left out"),
    ];
    let of_platform = [
        (platform.matched, "matched"),
        (platform.different, "different"),
        (platform.twice, "one too many"),
        (platform.unknown, "unknown"),
        (platform.unreadable, "unreadable"),
    ];
    side(&mut text, &format!("input: {} rows", input.rows), &of_input);
    side(&mut text, &format!("ledger: {} callbacks", ledger.callbacks), &of_ledger);
    side(&mut text, &format!("platform: {} rows", platform.rows), &of_platform);
    next(&mut text, told, commands);
    text
}

fn headline(told: &Told) -> &'static str {
    let unreadable = told.sums.findings.get(&Kind::Unreadable).copied().unwrap_or_default();
    match (told.sums.differences() - unreadable, told.open(), unreadable) {
        (0, _, 0) => "input, ledger and platform agree",
        (0, _, _) => "all that can be read agrees, but rows of the platform's export cannot be read",
        (_, 0, _) => "there were differences, and all of them are settled now",
        (_, _, _) => "there are differences",
    }
}

/// A line that says what a sum is made of.
fn side(text: &mut String, sum: &str, parts: &[(u64, &str)]) {
    let parts = parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}"));
    let parts: Vec<String> = parts.collect();
    let _ = writeln!(text, "{sum}{}{}", if parts.is_empty() { "" } else { " = " }, parts.join(" + "));
}

fn next(text: &mut String, told: &Told, commands: &Commands) {
    if let Some(WrittenBack { sent, not_sent, retry, left, .. }) = told.written_back {
        let _ = writeln!(text, "settled: {sent} sent, {not_sent} not-sent, {retry} retry; {left} left in doubt");
    }
    let _ = writeln!(text, "results: {}/reconciliation.csv", told.folder);
    let has = |kind: Kind| told.sums.findings.contains_key(&kind);
    let steps = [
        (told.sums.platform.rows == 0 && told.open() > 0, Advice::CheckExport),
        (told.open() > 0, Advice::ReadDetails),
        (told.written_back.is_none() && (has(Kind::InDoubtFound) || has(Kind::InDoubtAbsent)), Advice::LetSettle),
    ];
    for (_, step) in steps.iter().filter(|(applies, _)| *applies) {
        let _ = writeln!(text, "next: {}", step.told(commands));
    }
    next_of(text, told.written_back.unwrap_or_default(), commands);
}

/// What follows of what was written back: for each verdict, who does what with those callbacks.
fn next_of(text: &mut String, back: WrittenBack, commands: &Commands) {
    let WrittenBack { sent, not_sent, retry, texts_in_doubt, .. } = back;
    let steps = [
        (sent - texts_in_doubt, "`sent`: ", Advice::GoOn(Onward::Resume, Gain::OwedTexts)),
        (texts_in_doubt, "`sent`, and the text may have gone out too: ", Advice::Settle(Doubtful::Again)),
        (retry, "`retry`: ", Advice::GoOn(Onward::Resume, Gain::Contacts)),
        (not_sent, "`not-sent`: ", Advice::RetryNotSent),
    ];
    for (count, of, step) in steps.iter().filter(|(count, ..)| *count > 0) {
        let _ = writeln!(text, "next: {count} {of}{}", step.told(commands));
    }
}

/// What a finding means, in a few words.
fn meaning(kind: Kind) -> &'static str {
    match kind {
        Kind::Matched => "the same in input, ledger and on the platform",
        Kind::MissingOnPlatform => "created, says the ledger, and not on the platform",
        Kind::MissingInLedger => "a contact or a row that the ledger does not have",
        Kind::NotInInput => "in the ledger, and in no input",
        Kind::TimeDiffers => "the platform dials at another time",
        Kind::PhoneDiffers => "the platform dials another number",
        Kind::CampaignDiffers => "another campaign dials",
        Kind::TwiceOnPlatform => "one more contact for the same callback",
        Kind::InDoubtFound => "was in doubt, and is there",
        Kind::InDoubtAbsent => "was in doubt, and is not there",
        Kind::Unreadable => "a row of the platform's export that is no contact",
    }
}
