//! The header of CSV: which delimiter, which columns, and where the fields are among them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use memchr::{memchr, memchr_iter};

use super::cells::{Cells, meaning};
use super::error::Problem;
use super::first::are_of_contacts;
use super::format::is_no_text;
use super::passing_csv::UNWANTED;
use super::scan::{Cut, Rule, Scanner, Tail};
use crate::domain::fault::Fault;
use crate::domain::row::{Broken, Field, RawFields, same_name};
use crate::domain::shown::steers;
use crate::logic::nearest::nearest;

/// What may stand between two cells; the earlier wins where nothing else tells.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Characters of a column's name that an error shows.
const NAME_CHARS_MAX: usize = 60;

/// A cell with so many digits is somebody's number and not a column's name.
const NAME_DIGITS_MAX: usize = 6;

/// The columns of an input.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    pub(super) delimiter: u8,
    /// The header's cells as they stand there.
    pub(super) cells: Vec<Vec<u8>>,
    /// Where the fields are, in the order of the columns.
    wanted: Vec<(usize, Field)>,
    /// The slot of each column; none where a column serves several fields.
    pub(super) slots: Option<Vec<u8>>,
}

/// Reads the header, and finds the place behind it; `None` where more bytes are needed to see it whole.
pub(super) fn find(
    bytes: &[u8],
    tail: Tail,
    record_bytes_max: usize,
    map: &BTreeMap<Field, String>,
) -> Result<Option<(Columns, usize)>, Problem> {
    let at = match behind_empty_lines(bytes) {
        Some(at) => at,
        None if tail == Tail::Open && bytes.len() <= record_bytes_max => return Ok(None),
        None => return Err(Problem::Empty),
    };
    let line = 1 + memchr_iter(b'\n', &bytes[..at]).count() as u64;
    let mut best: Option<(usize, usize, Found<'_>)> = None;
    let mut refusal = Problem::HeaderBroken(line);
    for delimiter in DELIMITERS {
        match Scanner::new(Rule::Csv { delimiter }, record_bytes_max).cut(bytes, at, tail) {
            Cut::More => return Ok(None),
            Cut::Broken { .. } => {}
            Cut::TooLong => refusal = Problem::HeaderTooLong { line, limit: record_bytes_max },
            Cut::Record { end, next, .. } => {
                let found = Found { record: &bytes[at..end], next, delimiter };
                let (known, count) = found.score(map);
                if best.as_ref().is_none_or(|(k, c, _)| (known, count) > (*k, *c)) {
                    best = Some((known, count, found));
                }
            }
        }
    }
    let header = best.ok_or(refusal).and_then(|(_, _, found)| found.header(map));
    header.map(Some).map_err(|problem| if is_no_text(first_line(bytes, at)) { BINARY } else { problem })
}

/// Told in place of what is wrong with a header that was never one.
const BINARY: Problem = Problem::Binary("binary data (control characters in the first line)");

fn first_line(bytes: &[u8], at: usize) -> &[u8] {
    let rest = &bytes[at..];
    &rest[..memchr(b'\n', rest).unwrap_or(rest.len())]
}

/// The place of the first line in which more than blanks stands.
fn behind_empty_lines(bytes: &[u8]) -> Option<usize> {
    let letter = bytes.iter().position(|byte| !byte.is_ascii_whitespace())?;
    let ends = |byte: &u8| matches!(byte, b'\r' | b'\n');
    Some(bytes[..letter].iter().rposition(ends).map_or(0, |end| end + 1))
}

/// Whether a line names columns of ours, under any delimiter: two of them are no chance.
pub(super) fn names_columns(line: &[u8], map: &BTreeMap<Field, String>) -> bool {
    let found = |delimiter| Found { record: line, next: line.len(), delimiter };
    DELIMITERS.into_iter().any(|delimiter| found(delimiter).score(map).0 > 1)
}

/// A header under one reading of its delimiter.
struct Found<'a> {
    record: &'a [u8],
    next: usize,
    delimiter: u8,
}

impl Found<'_> {
    /// How many columns are fields, and how many columns there are.
    fn score(&self, map: &BTreeMap<Field, String>) -> (usize, usize) {
        let names = self.names();
        let is_known = |name: &&String| {
            Field::of_name(name.as_bytes()).is_some()
                || map.values().any(|column| same_name(column.as_bytes(), name.as_bytes()))
        };
        (names.iter().filter(is_known).count(), names.len())
    }

    fn names(&self) -> Vec<String> {
        Cells::of(self.record, self.delimiter).map(column_name).collect()
    }

    fn header(&self, map: &BTreeMap<Field, String>) -> Result<(Columns, usize), Problem> {
        let bare = Cells::of(self.record, self.delimiter).filter(|cell| cell.first() != Some(&b'"'));
        if bare.into_iter().any(|cell| memchr(b'\r', cell).is_some()) {
            return Err(Problem::BareCr);
        }
        let wanted = Names { names: &self.names(), map }.find_fields()?;
        let cells: Vec<Vec<u8>> = Cells::of(self.record, self.delimiter).map(<[u8]>::to_vec).collect();
        let slots = slots(cells.len(), &wanted);
        Ok((Columns { delimiter: self.delimiter, cells, wanted, slots }, self.next))
    }
}

/// The slot of each column, where no column serves several fields.
fn slots(columns: usize, wanted: &[(usize, Field)]) -> Option<Vec<u8>> {
    let mut slots = vec![UNWANTED; columns];
    for (column, field) in wanted {
        let slot = slots.get_mut(*column).filter(|slot| **slot == UNWANTED)?;
        *slot = *field as u8;
    }
    Some(slots)
}

fn column_name(cell: &[u8]) -> String {
    String::from_utf8_lossy(&meaning(cell)).trim().to_owned()
}

/// Whether a column was put there by an earlier run, beside the original ones.
pub(super) fn is_reject_name(name: &str) -> bool {
    name.as_bytes().get(..7).is_some_and(|start| start.eq_ignore_ascii_case(b"reject_"))
}

/// The names of all columns, and where fields are said to be.
pub(super) struct Names<'a> {
    pub(super) names: &'a [String],
    pub(super) map: &'a BTreeMap<Field, String>,
}

impl Names<'_> {
    fn find_fields(&self) -> Result<Vec<(usize, Field)>, Problem> {
        let mut wanted = Vec::new();
        let mut missing = Vec::new();
        for &field in Field::ALL {
            let column = match self.map.get(&field) {
                Some(name) => Some(self.mapped(field, name)?),
                None => self.by_own_name(field)?,
            };
            match column {
                Some(column) => wanted.push((column, field)),
                None if field.is_required() => missing.push(field),
                None => {}
            }
        }
        if !missing.is_empty() {
            return Err(self.missing(&missing));
        }
        wanted.sort_unstable();
        Ok(wanted)
    }

    fn by_own_name(&self, field: Field) -> Result<Option<usize>, Problem> {
        let mut found = self.places(|name| Field::of_name(name.as_bytes()) == Some(field));
        let Some(one) = found.next() else { return Ok(None) };
        match found.next() {
            None => Ok(Some(one)),
            Some(other) => Err(Problem::TwoColumns {
                field: field.name(),
                one: shown(&self.names[one]),
                other: shown(&self.names[other]),
            }),
        }
    }

    /// The column with exactly this name, or else with a name that reads the same.
    fn mapped(&self, field: Field, asked: &str) -> Result<usize, Problem> {
        let mut places: Vec<usize> = self.places(|name| name == asked.trim()).collect();
        if places.is_empty() {
            places = self.places(|name| same_name(name.as_bytes(), asked.as_bytes())).collect();
        }
        match places[..] {
            [place] => Ok(place),
            [] => Err(self.no_such(field, asked)),
            [_, _, ..] => Err(Problem::SeveralColumns { field: field.name(), column: asked.to_owned() }),
        }
    }

    /// A column that a field is said to be in, and is not there.
    pub(super) fn no_such(&self, field: Field, asked: &str) -> Problem {
        Problem::NoSuchColumn {
            field: field.name(),
            column: asked.to_owned(),
            found: self.found(),
            nearest: self.nearest(&[asked]).map(|name| format!("; nearest: {name}")).unwrap_or_default(),
        }
    }

    /// Fields that no column is there for.
    pub(super) fn missing(&self, missing: &[Field]) -> Problem {
        if are_of_contacts(self.names) {
            return Problem::Contacts;
        }
        let names: Vec<&str> = missing.iter().map(|field| field.name()).collect();
        let meant = missing.iter().filter_map(|field| {
            let name = self.nearest(field.names())?;
            Some(format!("; nearest to {}: {name}", field.name()))
        });
        Problem::MissingColumns { missing: names.join(", "), found: self.found(), nearest: meant.collect() }
    }

    fn nearest(&self, wanted: &[&str]) -> Option<String> {
        let free = self.names.iter().filter(|name| Field::of_name(name.as_bytes()).is_none());
        nearest(wanted, free.map(String::as_str)).map(shown)
    }

    fn found(&self) -> Vec<String> {
        self.names.iter().map(shown).collect()
    }

    fn places(&self, fits: impl Fn(&str) -> bool) -> impl Iterator<Item = usize> {
        let named = self.names.iter().enumerate().filter(|(_, name)| !is_reject_name(name));
        named.filter(move |(_, name)| fits(name)).map(|(place, _)| place)
    }
}

/// A name as an error shows it: short, on one line, and nobody's number.
fn shown(name: impl AsRef<str>) -> String {
    let name = name.as_ref();
    if name.bytes().filter(u8::is_ascii_digit).count() > NAME_DIGITS_MAX {
        return "(a number)".to_owned();
    }
    name.chars().take(NAME_CHARS_MAX).map(|c| if steers(c) { '\u{fffd}' } else { c }).collect()
}

impl Columns {
    /// Whether nothing but blanks stands in a line: no column, and no delimiter.
    pub(super) fn are_blank(&self, line: &[u8]) -> bool {
        line.iter().all(|byte| byte.is_ascii_whitespace() && *byte != self.delimiter)
    }

    /// For each column whether an earlier run added it.
    pub(super) fn are_reject(&self) -> Vec<bool> {
        self.cells.iter().map(|cell| is_reject_name(&column_name(cell))).collect()
    }

    /// The fields of a record without quotes.
    pub(super) fn plain<'a>(&self, record: &'a [u8]) -> Result<RawFields<'a>, Broken> {
        let mut picked = self.pick();
        let mut start = 0;
        for end in memchr_iter(self.delimiter, record).chain([record.len()]) {
            picked.cell(&record[start..end], Cow::Borrowed);
            start = end + 1;
        }
        picked.fields()
    }

    /// The fields of a whole record with quotes in it.
    pub(super) fn quoted<'a>(&self, record: &'a [u8]) -> Result<RawFields<'a>, Broken> {
        let mut picked = self.pick();
        for cell in Cells::of(record, self.delimiter) {
            picked.cell(cell, meaning);
        }
        picked.fields()
    }

    fn pick<'a>(&self) -> Pick<'_, 'a> {
        Pick { wanted: &self.wanted, columns: self.cells.len(), count: 0, fields: RawFields::default() }
    }
}

/// Picks the fields out of a record, cell by cell.
struct Pick<'l, 'a> {
    wanted: &'l [(usize, Field)],
    columns: usize,
    count: usize,
    fields: RawFields<'a>,
}

impl<'a> Pick<'_, 'a> {
    #[inline]
    fn cell(&mut self, cell: &'a [u8], meaning: impl Fn(&'a [u8]) -> Cow<'a, [u8]>) {
        while let [(column, field), rest @ ..] = self.wanted
            && *column == self.count
        {
            *self.fields.slot(*field) = Some(meaning(cell));
            self.wanted = rest;
        }
        self.count += 1;
    }

    fn fields(self) -> Result<RawFields<'a>, Broken> {
        if self.count == self.columns {
            return Ok(self.fields);
        }
        let noun = if self.count == 1 { "field" } else { "fields" };
        let detail = format!("{} {noun} found, {} expected", self.count, self.columns);
        Err(Broken { fault: Fault::RowMalformed, detail })
    }
}
