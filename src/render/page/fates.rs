//! The customers who are not called, or not known to be: who, and why.

use std::cmp::Reverse;

use serde::Serialize;

use crate::domain::outcome::Status;
use crate::domain::presence::Presence;
use crate::render::uncalled::{Example, Group, Groups};

use super::super::status::told;
use super::super::surroundings::Source;
use super::Page;
use super::begun::begun;
use super::pieces::{Piece, count as grouped, counted};
use super::words::meaning;

/// Customers whom one word concerns.
#[derive(Serialize)]
pub(super) struct Chapter<'a> {
    id: &'static str,
    title: &'static str,
    /// What is said where there is nobody.
    nobody: &'static str,
    fates: Vec<Fate<'a>>,
}

/// Rows of one status.
#[derive(Serialize)]
struct Fate<'a> {
    status: &'static str,
    meaning: &'static str,
    count: u64,
    /// Of pending ones, what is there already.
    begun: Vec<Piece>,
    /// Whether any of them has a reference, and a record of its own.
    has_references: bool,
    has_records: bool,
    reasons: Vec<Reason<'a>>,
    /// Where the rows are that are counted and not told; empty where all are told.
    elsewhere: String,
}

/// Rows of one status with one reason.
#[derive(Serialize)]
struct Reason<'a> {
    code: &'static str,
    meaning: &'static str,
    /// What is there already, where anything is or may be.
    presence: &'static str,
    count: u64,
    rows: String,
    examples: &'a [Example],
    more: u64,
}

/// Reasons of a status with all their examples; the rarer ones have one.
const REASONS_IN_FULL_MAX: usize = 10;

/// A chapter that is there wherever anybody could be in it, and those that are there where somebody is.
const CHAPTERS: [(&str, &str, &[Status]); 4] = [
    ("uncalled", "Customers who will not be called", &[Status::Failed, Status::Expired, Status::Rejected]),
    ("doubt", "Customers of whom it is not known", &[Status::InDoubt, Status::SmsInDoubt]),
    ("pending", "Customers with whom it is not done yet", &[Status::Pending]),
    ("untexted", "Customers who will be called without a text", &[Status::SmsFailed]),
];

pub(super) fn chapters<'a>(page: &Page<'a>) -> Vec<Chapter<'a>> {
    let nobody = match (page.around.source, page.report.rows) {
        (Source::Counted | Source::Beside, _) => {
            "Nobody of whom the ledger knows. Rows that were rejected are not in it."
        }
        (Source::Run | Source::Kept, 0) => "There were no rows.",
        (Source::Run | Source::Kept, _) => "Nobody: no row is rejected, failed or expired.",
    };
    let chapter = |(id, title, statuses): (&'static str, &'static str, &[Status])| {
        let fates: Vec<Fate<'a>> = statuses.iter().filter_map(|status| fate(page, *status)).collect();
        (id == "uncalled" || !fates.is_empty()).then_some(Chapter { id, title, nobody, fates })
    };
    CHAPTERS.into_iter().filter_map(chapter).collect()
}

fn fate<'a>(page: &Page<'a>, status: Status) -> Option<Fate<'a>> {
    let count = *page.report.by_status.get(&status)?;
    let groups = page.uncalled.groups(status);
    let examples = || groups.clone().flat_map(|(_, groups)| groups.values()).flat_map(|group| &group.examples);
    let reasons = |(presence, groups): (Presence, &'a Groups)| groups.iter().map(move |of| reason(presence, of));
    let mut reasons: Vec<Reason<'a>> = groups.clone().flat_map(reasons).collect();
    reasons.sort_by_key(|reason| Reverse(reason.count));
    reasons.iter_mut().skip(REASONS_IN_FULL_MAX).for_each(Reason::shorten);
    let begun = || begun(page.report.pending_contacts, &page.around.commands);
    let begun = (status == Status::Pending).then(begun);
    Some(Fate {
        status: status.as_str(),
        meaning: told(status).meaning,
        count,
        begun: begun.unwrap_or_default(),
        has_references: examples().any(|example| !example.reference.is_empty()),
        has_records: examples().any(|example| !example.place.is_empty()),
        reasons,
        elsewhere: elsewhere(status, count.saturating_sub(page.uncalled.count(status))),
    })
}

/// What is there of a pending callback, for somebody who is about to call by hand.
fn of_a_contact(presence: Presence) -> &'static str {
    match presence {
        Presence::Absent => "",
        Presence::Perhaps => "the contact may be there: look before you call",
        Presence::There => "the contact is there and will be called; the text is owed",
    }
}

/// Where rows are of which the ledger has nothing under this run.
fn elsewhere(status: Status, untold: u64) -> String {
    match (untold, status) {
        (0, _) => String::new(),
        (_, Status::Rejected) => {
            "The ledger holds no rejected rows: they stand in the rejects file of the run's own folder.".to_owned()
        }
        (1, _) => "The run changed nothing of 1 of them: it stands in results.csv in the run's own folder.".to_owned(),
        (_, _) => format!(
            "The run changed nothing of {} of them: they stand in results.csv in the run's own folder.",
            grouped(untold)
        ),
    }
}

impl Reason<'_> {
    /// Leaves one example.
    fn shorten(&mut self) {
        self.examples = self.examples.get(..1).unwrap_or_default();
        self.more = self.count.saturating_sub(1);
    }
}

fn reason<'a>(presence: Presence, (code, group): (&&'static str, &'a Group)) -> Reason<'a> {
    let told = u64::try_from(group.examples.len()).unwrap_or(u64::MAX);
    Reason {
        code,
        meaning: meaning(code),
        presence: of_a_contact(presence),
        count: group.count,
        rows: counted(group.count, "row"),
        examples: &group.examples,
        more: group.count.saturating_sub(told),
    }
}
