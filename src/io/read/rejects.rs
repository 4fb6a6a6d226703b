//! Rejected records as they came, with what is wrong beside them, so that they can be repaired and read
//! again. Pure formatting: nothing here writes a file.

use std::fmt;

use serde::de::{Deserialize, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::cells::{Cells, beginning};
use super::header::{Columns, is_reject_name};
use crate::domain::row::{Shape, same_name};
use crate::logic::cells;

/// The columns that are added.
const ADDED: [&str; 4] = ["reject_line", "reject_codes", "reject_detail", RAW];

/// The one that keeps what could not be taken apart.
const RAW: &str = "reject_raw";

/// A rejected record.
#[derive(Debug, Clone, Copy)]
pub struct Rejected<'a> {
    /// Its bytes without the line end.
    pub raw: &'a [u8],
    /// The physical line on which it begins.
    pub line: u64,
    /// The codes of its faults, joined by `;`.
    pub codes: &'a str,
    /// What a person is told of them.
    pub detail: &'a str,
    /// Whether it could be taken apart: then its columns stand where they stood, else its beginning is shown.
    pub shape: Shape,
}

/// How an input's rejected records are written.
#[derive(Debug, Clone)]
pub struct RejectShape {
    /// Of CSV; none of NDJSON.
    table: Option<Table>,
    kept_bytes_max: usize,
}

/// The original columns.
#[derive(Debug, Clone)]
struct Table {
    delimiter: u8,
    header: Vec<Vec<u8>>,
    /// For each column whether an earlier run added it.
    added: Vec<bool>,
    /// The place of the column in which an earlier run kept what it could not take apart; none has the last.
    earlier_raw: usize,
}

impl RejectShape {
    /// For an input with these columns, or for NDJSON.
    pub(super) fn new(columns: Option<&Columns>, kept_bytes_max: usize) -> Self {
        let table = columns.map(|columns| {
            let is_raw = |name: &Vec<u8>| same_name(name, RAW.as_bytes());
            let (header, delimiter) = (columns.cells.clone(), columns.delimiter);
            let earlier_raw = header.iter().position(is_raw).unwrap_or(usize::MAX);
            Table { delimiter, header, added: columns.are_reject(), earlier_raw }
        });
        Self { table, kept_bytes_max }
    }

    /// The ending of the file's name, without the dot.
    #[must_use]
    pub fn extension(&self) -> &'static str {
        if self.table.is_some() { "csv" } else { "ndjson" }
    }

    /// What stands in front of all records, with its line end.
    #[must_use]
    pub fn header(&self) -> Vec<u8> {
        self.table.as_ref().map_or_else(Vec::new, Table::head)
    }

    /// One record with its line end.
    #[must_use]
    pub fn record(&self, rejected: &Rejected<'_>) -> Vec<u8> {
        match &self.table {
            Some(table) => table.record(rejected, self.kept_bytes_max),
            None => json_record(rejected, self.kept_bytes_max),
        }
    }
}

impl Table {
    fn head(&self) -> Vec<u8> {
        let mut out = self.kept(self.header.iter().map(Vec::as_slice));
        for name in ADDED {
            self.add(&mut out, name.as_bytes());
        }
        out.push(b'\n');
        out
    }

    fn record(&self, rejected: &Rejected<'_>, kept_bytes_max: usize) -> Vec<u8> {
        let columns = || Cells::of(rejected.raw, self.delimiter);
        let whole = rejected.shape == Shape::Parsed && columns().count() == self.added.len();
        let mut out = if whole { self.kept(columns()) } else { self.kept(self.added.iter().map(|_| &b""[..])) };
        self.add(&mut out, rejected.line.to_string().as_bytes());
        self.add(&mut out, rejected.codes.as_bytes());
        self.add(&mut out, rejected.detail.as_bytes());
        match columns().nth(self.earlier_raw).filter(|_| whole) {
            // What an earlier run could not take apart and nobody has repaired yet: its bytes stay with it.
            Some(earlier) => {
                out.push(self.delimiter);
                out.extend_from_slice(earlier);
            }
            None => self.add_bytes(&mut out, if whole { b"" } else { beginning(rejected.raw, kept_bytes_max) }),
        }
        out.push(b'\n');
        out
    }

    /// The original columns' bytes, without those that an earlier run added.
    fn kept<'a>(&self, cells: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
        let mut out = Vec::new();
        let mut first = true;
        for (cell, _) in cells.zip(&self.added).filter(|(_, added)| !**added) {
            if !first {
                out.push(self.delimiter);
            }
            out.extend_from_slice(cell);
            first = false;
        }
        out
    }

    fn add(&self, out: &mut Vec<u8>, cell: &[u8]) {
        out.push(self.delimiter);
        cells::push(out, cell, self.delimiter);
    }

    /// What came from the record goes back into it: not even a `'` stands in front of it.
    fn add_bytes(&self, out: &mut Vec<u8>, cell: &[u8]) {
        out.push(self.delimiter);
        cells::push_as_it_is(out, cell, self.delimiter);
    }
}

fn json_record(rejected: &Rejected<'_>, kept_bytes_max: usize) -> Vec<u8> {
    let raw = rejected.raw.trim_ascii();
    let (mut out, last) = match raw {
        [b'{', .., b'}'] if rejected.shape == Shape::Parsed => (original(raw), None),
        _ => (b"{".to_vec(), Some(beginning(rejected.raw, kept_bytes_max))),
    };
    if out.trim_ascii_end() != b"{" {
        out.push(b',');
    }
    out.extend_from_slice(format!("\"reject_line\":{}", rejected.line).as_bytes());
    add_text(&mut out, "reject_codes", rejected.codes);
    add_text(&mut out, "reject_detail", rejected.detail);
    let earlier = || serde_json::from_slice::<EarlierRaw>(raw).ok()?.reject_raw;
    if let Some(kept) = last.map(|bytes| String::from_utf8_lossy(bytes).into_owned()).or_else(earlier) {
        add_text(&mut out, RAW, &kept);
    }
    out.extend_from_slice(b"}\n");
    out
}

/// What an earlier run kept of a record that it could not take apart.
#[derive(serde::Deserialize)]
struct EarlierRaw {
    reject_raw: Option<String>,
}

fn add_text(out: &mut Vec<u8>, key: &str, text: &str) {
    out.extend_from_slice(format!(",\"{key}\":{}", serde_json::Value::from(text)).as_bytes());
}

/// An object's bytes up to its last brace, without what an earlier run added. Bytes that are no UTF-8
/// pass as the letters of Latin-1 and back, so that the object's form can be read around them.
fn original(raw: &[u8]) -> Vec<u8> {
    let verbatim = || raw[..raw.len() - 1].to_vec();
    if let Ok(text) = std::str::from_utf8(raw) {
        return without_added(text).map_or_else(verbatim, String::into_bytes);
    }
    let letters: String = raw.iter().map(|byte| char::from(*byte)).collect();
    let kept = without_added(&letters);
    kept.map_or_else(verbatim, |kept| kept.chars().filter_map(|letter| u8::try_from(letter).ok()).collect())
}

/// An object up to its last brace, if an earlier run had added anything to it: what stands between the commas stays to
/// the byte.
fn without_added(text: &str) -> Option<String> {
    let Members(members) = serde_json::from_str(text).ok()?;
    if !members.iter().any(|(key, _)| is_reject_name(key)) {
        return None;
    }
    let mut kept = Vec::new();
    let mut begin = 1;
    for (key, value) in &members {
        let value_end = value.get().as_ptr().addr() - text.as_ptr().addr() + value.get().len();
        let end = value_end + text[value_end..].find([',', '}'])?;
        if !is_reject_name(key) {
            kept.push(&text[begin..end]);
        }
        begin = end + 1;
    }
    Some(format!("{{{}", kept.join(",")))
}

/// The members of an object, in their order.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some((key, value)) = map.next_entry::<String, &'de RawValue>()? {
            members.push((key, value));
        }
        Ok(Members(members))
    }
}
