//! The first objects of NDJSON, which stand for a header: a file that no field can be found in is refused as a whole,
//! as a table without the columns would be.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::value::RawValue;

use super::error::Problem;
use super::header::{Names, is_reject_name};
use super::json::Keys;
use super::scan::Tail;
use super::{Mapped, ReadOptions};
use crate::domain::row::{Field, same_name};

/// Columns that the platform's contacts have, and no export of callbacks.
const OF_CONTACTS: [&str; 2] = ["contactId", "scheduledStartDateTime"];

/// Refuses a beginning of which no object has any field, or of which all are contacts, or that lacks what is needed of
/// every mapped field. Elsewhere an object that lacks a field is a row like any other, and judged by itself.
pub(super) fn judge(head: &[u8], tail: Tail, options: &ReadOptions) -> Result<(), Problem> {
    let map = &options.columns;
    let (seen, places) = (keys(whole_lines(head, tail)), Keys::new(map));
    // The rejects of an earlier run were an input once.
    if seen.is_empty() || seen.iter().any(|key| is_reject_name(key)) {
        return Ok(());
    }
    let is_there = |field: Field| seen.iter().any(|key| places.fields_under(key).any(|under| under == field));
    let names = Names { names: &seen, map };
    if options.mapped == Mapped::Needed
        && let Some((field, column)) = map.iter().find(|(field, _)| !is_there(**field))
    {
        return Err(names.no_such(*field, column));
    }
    if is_there(Field::Start) || is_there(Field::End) {
        return Ok(());
    }
    if are_of_contacts(&seen) {
        return Err(Problem::Contacts);
    }
    let is_of_use = Field::ALL.iter().copied().any(is_there);
    let needed: Vec<Field> = Field::ALL.iter().copied().filter(|field| field.is_required()).collect();
    if is_of_use { Ok(()) } else { Err(names.missing(&needed)) }
}

/// Whether these are the columns of the platform's contacts.
pub(super) fn are_of_contacts(names: &[String]) -> bool {
    let is_there = |wanted: &&str| names.iter().any(|name| same_name(name.as_bytes(), wanted.as_bytes()));
    OF_CONTACTS.iter().all(is_there)
}

fn whole_lines(head: &[u8], tail: Tail) -> &[u8] {
    let end = if tail == Tail::Final { Some(head.len()) } else { memchr::memrchr(b'\n', head) };
    &head[..end.unwrap_or(0)]
}

/// The keys of all objects, each once; lines that are no objects are judged later.
fn keys(lines: &[u8]) -> Vec<String> {
    let (mut met, mut keys) = (BTreeSet::new(), Vec::new());
    for line in lines.split(|byte| *byte == b'\n') {
        let line = String::from_utf8_lossy(line);
        let Ok(object) = serde_json::from_str::<BTreeMap<String, &RawValue>>(&line) else { continue };
        let fresh = object.into_keys().filter(|key| met.insert(key.clone()));
        keys.extend(fresh.collect::<Vec<_>>());
    }
    keys
}
