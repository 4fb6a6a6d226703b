//! A piece of an input, of whole records, to be taken apart on any thread.

use std::borrow::Cow;

use memchr::memchr_iter;

use super::layout::{Layout, Shape as Form};
use super::scan::{Cut, Shape, Tail};
use crate::domain::fault::Fault;
use crate::domain::row::{Broken, RawRow};

/// A piece of an input that begins and ends with a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The physical line with which it begins, 1 for the first of the input.
    first_line: u64,
    content: Content,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Content {
    /// Whole records.
    Records(Vec<u8>),
    /// The beginning of one physical line over the limit.
    TooLong(Vec<u8>),
}

impl Block {
    pub(super) fn of_records(first_line: u64, bytes: Vec<u8>) -> Self {
        Self { first_line, content: Content::Records(bytes) }
    }

    pub(super) fn of_line_too_long(first_line: u64, head: Vec<u8>) -> Self {
        Self { first_line, content: Content::TooLong(head) }
    }

    /// How many bytes it holds.
    #[cfg(test)]
    pub(super) fn size(&self) -> usize {
        match &self.content {
            Content::Records(bytes) | Content::TooLong(bytes) => bytes.len(),
        }
    }

    /// Takes the block apart: calls `visit` once for each record, in order.
    pub fn rows(&self, layout: &Layout, mut visit: impl FnMut(RawRow<'_>)) {
        match &self.content {
            Content::TooLong(head) => visit(too_long(head, self.first_line, layout)),
            Content::Records(bytes) => Walk { bytes, layout, line: self.first_line }.visit(&mut visit),
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

/// A way through the records of a block.
struct Walk<'b> {
    bytes: &'b [u8],
    layout: &'b Layout,
    line: u64,
}

impl Walk<'_> {
    fn visit(&mut self, visit: &mut impl FnMut(RawRow<'_>)) {
        let mut scanner = self.layout.scanner();
        let mut at = 0;
        while at < self.bytes.len() {
            match scanner.cut(self.bytes, at, Tail::Final) {
                Cut::Record { end, next, shape } => {
                    self.record(&self.bytes[at..end], shape, visit);
                    self.line += if shape == Shape::Plain { 1 } else { self.lines(at, next) };
                    at = next;
                }
                Cut::Broken { end, next } => {
                    visit(unclosed(&self.bytes[at..end], self.line));
                    self.line += 1;
                    at = next;
                }
                // A block is cut so that neither can be met. Were it cut otherwise, the rest of it would be told
                // as one row that is too long: its records would not be handled, but neither passed over in silence.
                Cut::TooLong | Cut::More => return visit(too_long(&self.bytes[at..], self.line, self.layout)),
            }
        }
    }

    fn lines(&self, at: usize, next: usize) -> u64 {
        memchr_iter(b'\n', &self.bytes[at..next]).count() as u64
    }

    fn record(&self, raw: &[u8], shape: Shape, visit: &mut impl FnMut(RawRow<'_>)) {
        let line = self.line;
        match (&self.layout.shape, shape) {
            (Form::Csv(_), _) if raw.is_empty() => {}
            (Form::Csv(columns), Shape::Plain) => visit(RawRow { line, raw, fields: columns.plain(raw) }),
            (Form::Csv(columns), Shape::Quoted) => visit(RawRow { line, raw, fields: columns.quoted(raw) }),
            (Form::Ndjson(_), _) if raw.trim_ascii().is_empty() => {}
            (Form::Ndjson(keys), _) => match String::from_utf8_lossy(raw) {
                Cow::Borrowed(text) => visit(RawRow { line, raw, fields: keys.fields(text) }),
                Cow::Owned(copy) => visit(RawRow { line, raw, fields: keys.lossy_fields(&copy) }),
            },
        }
    }
}
