//! Who is not called, or not known to be, and why: counted as the rows go by, with a few examples of each reason.
//!
//! What it keeps is bounded and holds no whole number: it is for pages that people pass on.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::callback::CallbackId;
use crate::domain::discreet::{masked_name, masked_phone, without_numbers};
use crate::domain::exit::ExitCode;
use crate::domain::fault::Fault;
use crate::domain::outcome::Status;
use crate::domain::phone::E164;
use crate::domain::presence::Presence;
use crate::domain::shown::marked;
use crate::domain::time::{SpelledTime, Timestamp};

use super::results::{Phone, ResultRow};

/// Examples of one reason.
const EXAMPLES_MAX: usize = 3;

/// Characters of an id or a name that are shown, and of a reason in words.
const NAME_CHARACTERS_MAX: usize = 40;
const WORDS_CHARACTERS_MAX: usize = 160;

/// A row as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Example {
    /// The number, masked.
    pub phone: String,
    /// The campaign.
    pub campaign: String,
    /// The window in UTC: `24 Nov 13:00–15:00`.
    pub window: String,
    /// The first 8 characters of the callback id; empty where there is none.
    pub reference: String,
    /// The input, and the line in it; empty where there is no record.
    pub place: String,
    /// The record's own id.
    pub record_id: String,
    /// All codes of the row, where there are several.
    pub codes: String,
    /// Why, for a person.
    pub detail: String,
}

/// Rows with one reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// How many.
    pub count: u64,
    /// The first of them.
    pub examples: Vec<Example>,
}

/// Rows by their reasons.
pub type Groups = BTreeMap<&'static str, Group>;

/// Who is not called, or not known to be, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uncalled {
    /// By status, then by the first code of the row: each row counts once. The pending ones by whether their contact
    /// is on the platform, too; all others stand under [`Presence::Absent`].
    pub by_status: BTreeMap<(Status, Presence), Groups>,
    /// Rejected rows by code: a row counts under each of its codes.
    pub rejected: Groups,
}

impl Uncalled {
    /// Notes a row where it has a status that concerns somebody.
    pub fn note(&mut self, status: Status, row: &ResultRow<'_>) {
        // Nobody waits for a call or a text that does not come.
        if status.exit_code() == ExitCode::Done {
            return;
        }
        let example = || example(row);
        let presence = if status == Status::Pending { row.presence } else { Presence::Absent };
        add(self.by_status.entry((status, presence)).or_default(), row.codes().next().unwrap_or_default(), example);
        if status == Status::Rejected {
            row.codes().for_each(|code| add(&mut self.rejected, code, example));
        }
    }

    /// Adds what was noted of the rows that follow.
    pub fn append(&mut self, next: &Self) {
        for (key, groups) in &next.by_status {
            join(self.by_status.entry(*key).or_default(), groups);
        }
        join(&mut self.rejected, &next.rejected);
    }

    /// Rows of a status.
    #[must_use]
    pub fn count(&self, status: Status) -> u64 {
        self.groups(status).flat_map(|(_, groups)| groups.values()).map(|group| group.count).sum()
    }

    /// The reasons of a status, by whether the contact is on the platform.
    pub fn groups(&self, status: Status) -> impl Iterator<Item = (Presence, &Groups)> + Clone {
        let all = (status, Presence::Absent)..=(status, Presence::There);
        self.by_status.range(all).map(|((_, presence), groups)| (*presence, groups))
    }
}

fn add(groups: &mut Groups, code: &'static str, example: impl Fn() -> Example) {
    let group = groups.entry(code).or_default();
    group.count += 1;
    if group.examples.len() < EXAMPLES_MAX {
        group.examples.push(example());
    }
}

fn join(groups: &mut Groups, next: &Groups) {
    for (code, next) in next {
        let group = groups.entry(code).or_default();
        group.count += next.count;
        let left = EXAMPLES_MAX.saturating_sub(group.examples.len());
        group.examples.extend(next.examples.iter().take(left).cloned());
    }
}

/// A row as it may be shown.
fn example(row: &ResultRow<'_>) -> Example {
    let codes: Vec<&str> = row.codes().collect();
    let number = match &row.phone {
        Phone::Known(number) => number.as_str(),
        Phone::AsRead(text) => text,
    };
    let phone = E164::from_canonical(number).map_or_else(|| masked_phone(number), E164::masked);
    Example {
        detail: marked(&detail(row, number, &phone), WORDS_CHARACTERS_MAX),
        phone,
        campaign: marked(&masked_name(row.campaign), NAME_CHARACTERS_MAX),
        window: window(row.start.and_then(instant), row.end.and_then(instant)),
        reference: row.callback_id.map(CallbackId::reference).unwrap_or_default(),
        place: row.line.map(|line| format!("{}, line {line}", last_of(&masked_name(row.input)))).unwrap_or_default(),
        record_id: marked(&unlike(row.record_id, number), NAME_CHARACTERS_MAX),
        codes: if codes.len() > 1 { codes.join(";") } else { String::new() },
    }
}

fn window(start: Option<Timestamp>, end: Option<Timestamp>) -> String {
    let full = |at: Timestamp| at.chrono().format("%-d %b %H:%M").to_string();
    match (start, end) {
        (None, None) => String::new(),
        (Some(start), None) => format!("from {}", full(start)),
        (None, Some(end)) => format!("until {}", full(end)),
        (Some(start), Some(end)) if start.chrono().date_naive() == end.chrono().date_naive() => {
            format!("{}–{}", full(start), end.chrono().format("%H:%M"))
        }
        (Some(start), Some(end)) => format!("{} – {}", full(start), full(end)),
    }
}

fn instant(spelled: SpelledTime) -> Option<Timestamp> {
    Timestamp::from_rfc3339(spelled.as_str())
}

/// The end of a path: what lies before it says less.
fn last_of(input: &str) -> String {
    let more = input.chars().count().saturating_sub(NAME_CHARACTERS_MAX);
    let end: String = input.chars().skip(more).collect();
    let end = marked(&end, NAME_CHARACTERS_MAX);
    if more == 0 { end } else { format!("…{end}") }
}

/// Characters of a phone that a detail repeats.
const EXCERPT_CHARACTERS_MAX: usize = 80;

/// Why, without the number that it is about: what a customer spoke or typed may be one in words.
fn detail(row: &ResultRow<'_>, number: &str, shown: &str) -> String {
    let is_of_the_phone = |fault| matches!(fault, Fault::PhoneUnparseable | Fault::PhoneInvalid);
    if !row.faults.iter().any(is_of_the_phone) {
        return without_numbers(&row.detail);
    }
    let repeated = marked(number, EXCERPT_CHARACTERS_MAX);
    if repeated.is_empty() || !row.detail.contains(&repeated) {
        return String::new();
    }
    without_numbers(&row.detail.replace(&repeated, if shown.is_empty() { "…" } else { shown }))
}

/// A record's id without a number, be it one that could be a day: some exports call a record by its caller.
fn unlike(name: &str, phone: &str) -> String {
    /// What two spellings of one number have in common at their ends.
    const ALIKE: usize = 7;
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let (in_name, in_phone) = (digits(name), digits(phone));
    let end = |text: &str| text.len().checked_sub(ALIKE).map(|at| text[at..].to_owned());
    let is_the_phone = end(&in_name).is_some_and(|ending| in_phone.contains(&ending));
    if is_the_phone { without_numbers(name) } else { masked_name(name) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::code::Code;

    const PAST: &[Fault] = &[];

    fn row<'a>(phone: &'a str, faults: &[Fault]) -> ResultRow<'a> {
        let (phone, code) = (Phone::AsRead(phone), faults.is_empty().then_some(Code::WindowPast));
        let faults = faults.iter().copied().collect();
        ResultRow { phone, faults, code, input: "night.csv", line: Some(7), campaign: "a1b2", ..ResultRow::default() }
    }

    #[test]
    fn a_row_counts_once_by_status_and_under_each_of_its_codes_as_a_reject() {
        let mut noted = Uncalled::default();
        for _ in 0..7 {
            noted.note(Status::Rejected, &row("", &[Fault::PhoneMissing, Fault::TimeMissing]));
        }
        noted.note(Status::Rejected, &row("", &[Fault::TimeMissing]));
        noted.note(Status::Confirmed, &row("", PAST));
        let mut first = Uncalled::default();
        first.note(Status::Rejected, &row("+12025550198", &[Fault::TimeMissing]));
        first.note(Status::Expired, &row("+12025550198", PAST));
        first.append(&noted);
        let counts = [Status::Rejected, Status::Expired, Status::Confirmed].map(|status| first.count(status));
        assert_eq!(counts, [9, 1, 0]);
        let counts: Vec<(&str, u64, usize)> =
            first.rejected.iter().map(|(code, group)| (*code, group.count, group.examples.len())).collect();
        assert_eq!(counts, [("phone.missing", 7, 3), ("time.missing", 9, 3)]);
        assert_eq!(first.rejected["time.missing"].examples[0].phone, "+1202•••0198", "in the order of the rows");
    }

    #[test]
    fn no_example_holds_a_number() {
        let check = |phone: &str, faults: &[Fault], detail: &str, name: &str| {
            let detail = detail.into();
            let row = ResultRow { detail, record_id: name, campaign: name, input: name, ..row(phone, faults) };
            let shown = example(&row);
            assert_eq!((&shown.campaign, &shown.place), (&shown.record_id, &format!("{}, line 7", shown.record_id)));
            format!("{}|{}|{}", shown.phone, shown.detail, shown.record_id)
        };
        assert_eq!(
            check("+12025550198", PAST, "HTTP 422: 2025550198 is barred", "12025550198.csv"),
            "+1202•••0198|HTTP 422: •••0198 is barred|•••0198.csv"
        );
        let spoken = "two zero two 555 0198";
        assert_eq!(
            check(
                spoken,
                &[Fault::PhoneUnparseable],
                "phoneNumber: two zero two 555 0198 is none",
                "call-20261123000123"
            ),
            "•••0198|phoneNumber: •••0198 is none|call-20261123000123"
        );
        assert_eq!(
            check("two zero", &[Fault::PhoneInvalid], "phoneNumber: two zero is none", "+44 7700 900123"),
            "|phoneNumber: … is none|+•••0123"
        );
        let rather_nothing = check("two\u{1b}zero", &[Fault::PhoneInvalid], "phoneNumber: something else", "");
        assert_eq!(rather_nothing, "||");
    }

    #[test]
    fn examples_and_texts_are_bounded() {
        let long = "x".repeat(5000);
        let mut noted = Uncalled::default();
        for _ in 0..100 {
            let (detail, campaign) = (long.as_str().into(), "a\u{202e}b");
            noted.note(Status::Failed, &ResultRow { detail, record_id: &long, campaign, ..row(&long, PAST) });
        }
        let group = &noted.by_status[&(Status::Failed, Presence::Absent)]["window.past"];
        assert_eq!((group.count, group.examples.len()), (100, EXAMPLES_MAX));
        let example = &group.examples[0];
        assert_eq!((example.detail.chars().count(), example.record_id.chars().count()), (161, 41));
        assert_eq!(example.campaign, "a\u{fffd}b");
    }
}
