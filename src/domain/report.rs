//! The sums of a run. Every figure is folded from the rows or counted where it happens, once.

use std::collections::BTreeMap;

use strum::IntoStaticStr;

use super::answers::Answers;
use super::callback::RunId;
use super::code::Code;
use super::exit::ExitCode;
use super::outcome::Status;
use super::outlook::Outlook;
use super::presence::PendingContacts;
use super::reply::Step;
use super::time::Timestamp;

/// What is known of one input after it was read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputFacts {
    /// The name as given, `-` for standard input.
    pub name: String,
    /// Bytes as they stand there, before decompression.
    pub bytes: u64,
    /// SHA-256 of those bytes, in lower-case hexadecimal digits; `None` where nobody is told.
    pub sha256: Option<String>,
    /// Records.
    pub rows: u64,
}

/// Something that a person may want to know, but that rejects no row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr)]
pub enum Warning {
    /// A row without a language.
    #[strum(serialize = "language.missing")]
    LanguageMissing,
    /// A row whose language is no BCP 47 tag.
    #[strum(serialize = "language.malformed")]
    LanguageMalformed,
    /// A callback whose window overlaps an earlier one of the same phone and campaign.
    #[strum(serialize = "window.overlap")]
    WindowOverlap,
}

impl Warning {
    /// The word that files carry.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// Requests that left, by kind, and the answers that cost something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequestCounts {
    /// For tokens.
    pub token: u64,
    /// For forecasts.
    pub forecast: u64,
    /// For contacts.
    pub contact: u64,
    /// For texts.
    pub sms: u64,
    /// How many of all were not the first of their kind for what they were about.
    pub retries: u64,
    /// Answers with status 429.
    pub status_429: u64,
    /// Answers with status 500 to 599.
    pub status_5xx: u64,
}

impl RequestCounts {
    /// Requests of a step.
    #[must_use]
    pub fn of(mut self, step: Step) -> u64 {
        *self.of_mut(step)
    }

    /// The same, to count one.
    pub fn of_mut(&mut self, step: Step) -> &mut u64 {
        match step {
            Step::Token => &mut self.token,
            Step::Forecast => &mut self.forecast,
            Step::Contact => &mut self.contact,
            Step::Text => &mut self.sms,
        }
    }

    /// All requests that left.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.token + self.forecast + self.contact + self.sms
    }
}

/// Milliseconds that each stage took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StageMillis {
    /// Reading and validating.
    pub read_validate: u64,
    /// Asking the ledger and grouping.
    pub group: u64,
    /// Fetching forecasts.
    pub forecast: u64,
    /// Placing.
    pub place: u64,
    /// Sending.
    pub dispatch: u64,
    /// Writing the files.
    pub report: u64,
}

/// The sums of a run.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The run.
    pub run: RunId,
    /// When it began.
    pub started_at: Timestamp,
    /// When it came to its end; `None` where it has not, or did not: then it has no exit code either.
    pub finished_at: Option<Timestamp>,
    /// The inputs in order; none where the callbacks come from the ledger.
    pub inputs: Vec<InputFacts>,
    /// Records of all inputs, or the callbacks that were taken up.
    pub rows: u64,
    /// Rows by status; the sum is `rows`.
    pub by_status: BTreeMap<Status, u64>,
    /// Which of the pending rows are called all the same, or may be.
    pub pending_contacts: PendingContacts,
    /// Rows by code; a row with several codes counts under each.
    pub by_code: BTreeMap<String, u64>,
    /// Warnings.
    pub warnings: BTreeMap<Warning, u64>,
    /// Groups of campaign and window.
    pub groups: u64,
    /// Forecast ranges that were asked for.
    pub forecast_fetches: u64,
    /// Requests that left.
    pub requests: RequestCounts,
    /// What the platform answered to them.
    pub answers: Answers,
    /// Requests that may leave in a minute.
    pub limit_per_minute: u32,
    /// Requests a minute that did leave, over the time in which any did.
    pub achieved_per_minute: f64,
    /// Time by stage.
    pub stages: StageMillis,
    /// Every exit code that held, worst first.
    pub conditions: Vec<ExitCode>,
    /// What the exit code is where rejected rows are the worst.
    pub on_rejects: OnRejects,
    /// What the plan comes to, where nothing more than a plan was asked for.
    pub outlook: Option<Outlook>,
}

/// How a run ends of which rejected rows are the worst.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnRejects {
    /// With 3.
    #[default]
    Tell,
    /// With 0.
    Ignore,
}

impl Report {
    /// The sums of a run of which nothing is counted yet, and no request is known.
    #[must_use]
    pub fn of_nothing(run: RunId, started_at: Timestamp, finished_at: Option<Timestamp>) -> Self {
        Self { run, started_at, finished_at, ..Self::default() }
    }

    /// Counts a row, under its status and code.
    pub fn count(&mut self, status: Status, code: Option<Code>) {
        self.rows += 1;
        *self.by_status.entry(status).or_default() += 1;
        if let Some(code) = code {
            *self.by_code.entry(code.as_str().to_owned()).or_default() += 1;
        }
    }

    /// The exit code: the worst condition, 0 where none held.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self.conditions.first() {
            None => ExitCode::Done,
            Some(ExitCode::Rejected) if self.on_rejects == OnRejects::Ignore => ExitCode::Done,
            Some(&worst) => worst,
        }
    }

    /// Adds a condition, keeping worst first and each once.
    pub fn add_condition(&mut self, code: ExitCode) {
        if code != ExitCode::Done && !self.conditions.contains(&code) {
            self.conditions.push(code);
            let rank = |code: &ExitCode| ExitCode::WORST_FIRST.iter().position(|known| known == code);
            self.conditions.sort_by_key(rank);
        }
    }

    /// Whether every row has one status, and every request one answer, no more and no less.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        self.by_status.values().sum::<u64>() == self.rows && self.answers.are_of(&self.requests)
    }
}
