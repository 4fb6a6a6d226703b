//! A piece of an input, of whole records, to be taken apart on any thread.

use std::borrow::Cow;

use memchr::memchr_iter;

use super::layout::{Layout, Shape as Form};
use super::scan::{Cut, Scanner, Shape, Tail};
use super::{passing_csv, passing_json};
use crate::domain::fault::Fault;
use crate::domain::row::{Broken, PlainRow, RawRow};

/// A piece of an input that begins and ends with a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The physical line with which it begins, 1 for the first of the input.
    pub(super) first_line: u64,
    pub(super) content: Content,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    /// Whole records.
    Records(Vec<u8>),
    /// The beginning of one physical line over the limit.
    TooLong(Vec<u8>),
}

/// What became of a record that was looked at in passing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Nothing more has to be known of it.
    Enough,
    /// It must be seen as a row.
    Closer,
}

/// Who is shown the records of a block, in order.
pub trait Visitor {
    /// Looks in passing at a record that is easily taken apart. Where that is not enough, it is shown again as a row.
    fn pass(&mut self, record: &PlainRow<'_>) -> Look;

    /// Takes a record, whatever is wrong with it.
    fn row(&mut self, row: RawRow<'_>);
}

/// Sees every record as a row: the plain way, by which the fast one is judged.
struct Rows<F>(F);

impl<F: FnMut(RawRow<'_>)> Visitor for Rows<F> {
    fn pass(&mut self, _: &PlainRow<'_>) -> Look {
        Look::Closer
    }

    fn row(&mut self, row: RawRow<'_>) {
        (self.0)(row);
    }
}

impl Block {
    /// How many bytes it holds.
    #[cfg(test)]
    pub(super) fn size(&self) -> usize {
        match &self.content {
            Content::Records(bytes) | Content::TooLong(bytes) => bytes.len(),
        }
    }

    /// Takes the block apart the plain way: calls `visit` once for each record, in order.
    pub fn rows(&self, layout: &Layout, visit: impl FnMut(RawRow<'_>)) {
        self.walk(layout, &mut Rows(visit), Walk::step_through);
    }

    /// Takes the block apart: shows each record once, in order, and again as a row where a look in passing was not
    /// enough.
    pub fn visit<V: Visitor>(&self, layout: &Layout, visitor: &mut V) {
        self.walk(layout, visitor, Walk::hurry_through);
    }

    fn walk<'b, V: Visitor>(&'b self, layout: &'b Layout, visitor: &mut V, way: fn(&mut Walk<'b>, &mut V)) {
        match &self.content {
            Content::TooLong(head) => visitor.row(too_long(head, self.first_line, layout)),
            Content::Records(bytes) => way(&mut Walk { bytes, text: "", layout, line: self.first_line }, visitor),
        }
    }
}

fn too_long<'a>(head: &'a [u8], line: u64, layout: &Layout) -> RawRow<'a> {
    let kept = &head[..head.len().min(layout.limits.kept_bytes_max)];
    let detail = format!("the line is longer than {} bytes", layout.limits.record_bytes_max);
    RawRow { line, raw: kept, fields: Err(Broken { fault: Fault::RowTooLong, detail }) }
}

fn unclosed(raw: &[u8], line: u64) -> RawRow<'_> {
    let detail = "a quoted field is not closed in front of a delimiter or a line end".to_owned();
    RawRow { line, raw, fields: Err(Broken { fault: Fault::RowMalformed, detail }) }
}

/// Where in a block one stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    /// The place of the next record.
    pub(super) at: usize,
    /// The physical line on which it begins.
    pub(super) line: u64,
}

/// A way through the records of a block.
struct Walk<'b> {
    bytes: &'b [u8],
    /// The same as text, where it is lines of JSON in UTF-8; else nothing.
    text: &'b str,
    layout: &'b Layout,
    line: u64,
}

impl Walk<'_> {
    /// One record after the other.
    fn step_through<V: Visitor>(&mut self, visitor: &mut V) {
        let mut scanner = self.layout.scanner();
        let mut at = 0;
        while at < self.bytes.len() {
            at = self.step(at, &mut scanner, visitor);
        }
    }

    /// As many records at a time as can be passed.
    fn hurry_through<V: Visitor>(&mut self, visitor: &mut V) {
        if let Form::Ndjson(_) = &self.layout.shape {
            self.text = std::str::from_utf8(self.bytes).unwrap_or_default();
        }
        let mut scanner = self.layout.scanner();
        let mut at = 0;
        while at < self.bytes.len() {
            at = self.pass(at, visitor);
            if at < self.bytes.len() {
                at = self.step(at, &mut scanner, visitor);
            }
        }
    }

    /// Past the records that are easily taken apart, to the first that is not.
    fn pass<V: Visitor>(&mut self, at: usize, visitor: &mut V) -> usize {
        let (spot, limit) = (Spot { at, line: self.line }, self.layout.limits.record_bytes_max);
        let behind = match &self.layout.shape {
            Form::Csv(columns) => passing_csv::pass(self.bytes, spot, (columns, limit), visitor),
            Form::Ndjson(keys) => passing_json::pass(self.text, spot, (keys, limit), visitor),
        };
        self.line = behind.line;
        behind.at
    }

    /// Past one record, whatever it is.
    fn step<V: Visitor>(&mut self, at: usize, scanner: &mut Scanner, visitor: &mut V) -> usize {
        match scanner.cut(self.bytes, at, Tail::Final) {
            Cut::Record { end, next, shape } => {
                self.record(&self.bytes[at..end], shape, visitor);
                self.line += if shape == Shape::Plain { 1 } else { self.lines(at, next) };
                next
            }
            Cut::Broken { end, next } => {
                visitor.row(unclosed(&self.bytes[at..end], self.line));
                self.line += 1;
                next
            }
            // A block is cut so that neither can be met. Were it cut otherwise, the rest of it would be told
            // as one row that is too long: its records would not be handled, but neither passed over in silence.
            Cut::TooLong | Cut::More => {
                visitor.row(too_long(&self.bytes[at..], self.line, self.layout));
                self.bytes.len()
            }
        }
    }

    fn lines(&self, at: usize, next: usize) -> u64 {
        memchr_iter(b'\n', &self.bytes[at..next]).count() as u64
    }

    fn record<V: Visitor>(&self, raw: &[u8], shape: Shape, visitor: &mut V) {
        let line = self.line;
        match (&self.layout.shape, shape) {
            (Form::Csv(columns), _) if columns.are_blank(raw) => {}
            (Form::Csv(columns), Shape::Plain) => visitor.row(RawRow { line, raw, fields: columns.plain(raw) }),
            (Form::Csv(columns), Shape::Quoted) => visitor.row(RawRow { line, raw, fields: columns.quoted(raw) }),
            (Form::Ndjson(_), _) if raw.trim_ascii().is_empty() => {}
            (Form::Ndjson(keys), _) => match String::from_utf8_lossy(raw) {
                Cow::Borrowed(text) => visitor.row(RawRow { line, raw, fields: keys.fields(text) }),
                Cow::Owned(copy) => visitor.row(RawRow { line, raw, fields: keys.lossy_fields(&copy) }),
            },
        }
    }
}
