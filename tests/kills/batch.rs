//! The night's export: forty rows of every kind, in two orders and two formats.

use serde_json::{Value, json};

use crate::export::{Wish, csv, ndjson, wish, wishes};

/// Rows of the export.
pub(crate) const ROWS: usize = 40;

/// Callbacks that a contact is asked for.
pub(crate) const SENT: usize = 32;

const REFUSED_PHONES: [usize; 2] = [5, 17];
const REFUSED_TEXTS: [usize; 2] = [9, 23];
const PAST: [usize; 2] = [32, 33];
const REJECTED: [usize; 3] = [34, 35, 36];
const REPEATED: [usize; 3] = [1, 5, 9];

/// What a callback is bound to become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A contact and a text.
    Plain,
    /// The platform refuses its contact.
    PhoneRefused,
    /// The platform refuses its text.
    TextRefused,
    /// Its window is over.
    Past,
    /// It is no callback.
    Rejected,
}

/// The callbacks, by the number that their records bear.
pub(crate) fn numbers() -> std::ops::Range<usize> {
    0..ROWS - REPEATED.len()
}

/// How many rows bear a number.
pub(crate) fn rows_of(number: usize) -> usize {
    1 + REPEATED.iter().filter(|repeated| **repeated == number).count()
}

/// What the callback of a number is bound to become.
pub(crate) fn kind(number: usize) -> Kind {
    let is_in = |numbers: &[usize]| numbers.contains(&number);
    match () {
        () if is_in(&REFUSED_PHONES) => Kind::PhoneRefused,
        () if is_in(&REFUSED_TEXTS) => Kind::TextRefused,
        () if is_in(&PAST) => Kind::Past,
        () if is_in(&REJECTED) => Kind::Rejected,
        () => Kind::Plain,
    }
}

/// The number that a record bears.
pub(crate) fn number(record_id: &str) -> usize {
    record_id.rsplit('-').next().unwrap().parse().unwrap()
}

/// What the platform refuses.
pub(crate) fn refusals() -> Value {
    let phones = |numbers: [usize; 2]| numbers.map(|number| wish(number).phone);
    json!({ "refused_phones": phones(REFUSED_PHONES), "refused_texts": phones(REFUSED_TEXTS) })
}

fn rows() -> Vec<Wish> {
    let mut rows = wishes(numbers().end);
    for (number, row) in rows.iter_mut().enumerate() {
        if number % 3 == 0 {
            row.campaign = "sales-west".to_owned();
        }
        match kind(number) {
            Kind::Past => *row = row.clone().hours(-96.0, -93.0),
            Kind::Rejected => row.phone = "unknown".to_owned(),
            Kind::Plain | Kind::PhoneRefused | Kind::TextRefused => {}
        }
    }
    let again = |number: &usize| Wish { id: format!("again-{number}"), ..rows[*number].clone() };
    let repeated: Vec<Wish> = REPEATED.iter().map(again).collect();
    rows.extend(repeated);
    rows
}

/// As it comes in the night.
pub(crate) fn as_csv() -> String {
    csv(&rows())
}

/// The same callbacks the other way round, in the other format, in another zone's spelling.
pub(crate) fn as_ndjson() -> String {
    let mut rows = rows();
    rows.reverse();
    ndjson(&rows)
}
