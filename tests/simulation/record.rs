//! What happened in a seed, as plain values: promises are judged by this and by nothing else.

use std::collections::BTreeMap;
use std::time::Duration;

use ringback::domain::callback::CallbackId;
use ringback::domain::code::Code;
use ringback::domain::exit::ExitCode;
use ringback::domain::outcome::Standing;
use ringback::domain::progress::Progress;
use ringback::domain::reply::{Label, Step, Trouble, Unclear};
use ringback::domain::report::Report;
use ringback::domain::time::Timestamp;

use crate::book::Book;
use crate::scenario::{Plan, Scenario};

/// What happened in a seed.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) scenario: Scenario,
    /// Requests in the order in which they left.
    pub(crate) sent: Vec<Sent>,
    /// Ledger entries in the order in which they were on disk.
    pub(crate) lines: Vec<Line>,
    pub(crate) runs: Vec<Run>,
    /// What the ledger holds.
    pub(crate) book: Book,
    /// Entries that the ledger refused, for they did not follow.
    pub(crate) refused_entries: Vec<String>,
    /// The most requests that were in flight at once.
    pub(crate) flight_max: usize,
}

/// A request that left.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    /// Its place among all that happened, entries included.
    pub(crate) number: u64,
    pub(crate) at: Duration,
    pub(crate) run: usize,
    pub(crate) step: Step,
    /// Whose contact or text it is.
    pub(crate) id: Option<CallbackId>,
    /// The token that it had, by its place among all.
    pub(crate) token: Option<usize>,
    pub(crate) body: Vec<u8>,
    /// Whether it created the contact or sent the text.
    pub(crate) done: bool,
    /// When the answer was there; `None` where the process died first.
    pub(crate) answered: Option<Duration>,
    pub(crate) answer: Answer,
}

/// What the platform said, or will have said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) words: String,
    pub(crate) means: Means,
    /// Seconds that it asks to be left alone.
    pub(crate) hold: Option<u64>,
    pub(crate) said: Option<Said>,
    /// Whether it speaks of a token that had come to the end of its life.
    pub(crate) stale_token: bool,
}

/// What an answer says; its number is the label with which it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// Done, and it is new.
    Created = 1,
    /// Done, or done before.
    Fine = 2,
    /// The first that says that it was not done, or leaves it open.
    Unclear = 10,
    Existed = 11,
    Refused = 12,
    NotDone = 13,
    Busy = 14,
    Unauthorised = 15,
    Forbidden = 16,
    QuotaUsedUp = 17,
    WrongAddress = 18,
    TimedOut = 19,
    Troubled = 20,
}

impl Said {
    pub(crate) fn label(self) -> Label {
        Label(self as u16)
    }

    /// What a verdict says; `None` where no answer came.
    pub(crate) fn of(trouble: &Trouble) -> Option<Self> {
        Some(match trouble {
            Trouble::NotSent(_) | Trouble::Blocked(_) | Trouble::NoAnswer(_) => return None,
            Trouble::Unknown { why: Unclear::Troubled, .. } => Self::Troubled,
            Trouble::Unknown { why: Unclear::TimedOut, .. } => Self::TimedOut,
            Trouble::Unknown { why: Unclear::Page | Unclear::Contradiction | Unclear::Unreadable, .. } => Self::Unclear,
            Trouble::Existed { .. } => Self::Existed,
            Trouble::Refused(_) => Self::Refused,
            Trouble::NotDone(_) => Self::NotDone,
            Trouble::Busy { .. } => Self::Busy,
            Trouble::Unauthorised(_) => Self::Unauthorised,
            Trouble::Forbidden { .. } => Self::Forbidden,
            Trouble::QuotaUsedUp(_) => Self::QuotaUsedUp,
            Trouble::WrongAddress(_) => Self::WrongAddress,
        })
    }
}

/// What an answer means for what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Means {
    Done,
    /// Nothing was carried out, for certain.
    Nothing,
    /// It may have been carried out.
    Open,
}

/// An entry in the ledger.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) number: u64,
    pub(crate) at: Duration,
    pub(crate) run: usize,
    pub(crate) id: CallbackId,
    pub(crate) entry: &'static str,
    pub(crate) code: Option<Code>,
    pub(crate) progress: Progress,
}

/// One run.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) plan: Plan,
    pub(crate) began: Duration,
    /// How the callbacks of the ledger stood when it began.
    pub(crate) found: BTreeMap<CallbackId, Standing>,
    pub(crate) ended: Duration,
    /// How much had happened when it ended.
    pub(crate) numbers: u64,
    pub(crate) end: End,
    /// How the callbacks of the ledger stood when it ended.
    pub(crate) standings: BTreeMap<CallbackId, Standing>,
}

/// How a run ended.
#[derive(Clone, Debug)]
pub(crate) enum End {
    /// The process died.
    Crashed,
    /// It could not go on, with this exit code.
    Failed(ExitCode, String),
    Reported {
        report: Box<Report>,
        halt: Option<String>,
        /// `results.csv`, where files were written.
        table: Option<Vec<ResultLine>>,
    },
}

/// A row of `results.csv`.
#[derive(Clone, Debug)]
pub(crate) struct ResultLine {
    /// `None` where there is no record.
    pub(crate) line: Option<u64>,
    pub(crate) status: String,
    pub(crate) code: String,
    pub(crate) id: String,
}

impl Line {
    /// The run of a line that a person wrote.
    pub(crate) const BETWEEN_RUNS: usize = usize::MAX;
}

impl Record {
    /// The wall clock at some time since the beginning, the second cut.
    pub(crate) fn wall(&self, at: Duration) -> Timestamp {
        self.scenario.start.plus(i64::try_from(at.as_secs()).expect("days"))
    }

    /// Requests of one step for one callback, in order.
    pub(crate) fn of(&self, id: CallbackId, step: Step) -> impl Iterator<Item = &Sent> + Clone {
        self.sent.iter().filter(move |sent| sent.id == Some(id) && sent.step == step)
    }

    /// How many of them the platform carried out before so much had happened.
    pub(crate) fn deeds(&self, id: CallbackId, step: Step, before: u64) -> usize {
        self.of(id, step).filter(|sent| sent.done && sent.number < before).count()
    }

    /// Whether a request may have been carried out for all that ringback can know: no answer that says
    /// otherwise came, or none that was written down.
    pub(crate) fn is_open(&self, sent: &Sent) -> bool {
        sent.answered.is_none() || sent.answer.means == Means::Open || !self.is_written_down(sent)
    }

    /// Whether a person found later that a request was not carried out.
    pub(crate) fn was_found_unsent(&self, sent: &Sent) -> bool {
        let lines = self.lines.iter().filter(|line| line.number > sent.number && Some(line.id) == sent.id);
        lines.map(|line| line.entry).any(|entry| ["settled_retry", "settled_not_sent"].contains(&entry))
    }

    fn is_written_down(&self, sent: &Sent) -> bool {
        let after = |line: &&Line| line.number > sent.number && line.run == sent.run;
        self.lines.iter().filter(after).any(|line| Some(line.id) == sent.id)
    }

    /// What happened, for a person.
    pub(crate) fn trace(&self) -> String {
        let sent = self.sent.iter().map(|sent| {
            let id = sent.id.map_or_else(String::new, CallbackId::reference);
            let answered = sent.answered.map(|at| at.saturating_sub(sent.at));
            let Answer { words, .. } = &sent.answer;
            let token = sent.token.map_or_else(String::new, |token| format!(" token {token}"));
            let line = format!("{:?} {id}{token} done={} {words} after {answered:?}", sent.step, sent.done);
            (sent.number, sent.at, sent.run, line)
        });
        let lines = self.lines.iter().map(|line| {
            let told = format!("    {} {} {:?} -> {:?}", line.id.reference(), line.entry, line.code, line.progress);
            (line.number, line.at, line.run, told)
        });
        let ends = self.runs.iter().enumerate().map(|(run, end)| (end.numbers, end.ended, run, end.describe()));
        let mut all: Vec<_> = sent.chain(lines).chain(ends).collect();
        all.sort();
        let told = all.iter().map(|(_, at, run, told)| format!("{:>12.3}s run {run} {told}", at.as_secs_f64()));
        let told = told.collect::<Vec<_>>().join("\n");
        let Scenario { settings, habits, plans, start, load, .. } = &self.scenario;
        format!("{start:?} {settings:?}\n{habits:?}\n{plans:#?}\n{}\n{told}", load.csv)
    }
}

impl Run {
    fn describe(&self) -> String {
        let command = self.plan.command;
        match &self.end {
            End::Crashed => format!("== {command:?} crashed"),
            End::Failed(code, why) => format!("== {command:?} failed {code}: {why}"),
            End::Reported { report, halt, .. } => {
                format!("== {command:?} {:?} {:?} {halt:?}", report.by_status, report.conditions)
            }
        }
    }
}
