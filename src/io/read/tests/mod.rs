//! Inputs as they come, and what is read from them.

use std::io::{Cursor, Read};

use super::block::{Look, Visitor};
use super::error::{ErrorClass, ReadError};
use super::source::{Source, open, over};
use super::{Mapped, ReadLimits, ReadOptions};
use crate::domain::row::{Field, PlainRow, RawFields, RawRow};

mod inputs;
mod model;
mod records;
mod rejects;

/// A row, detached from its block.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    line: u64,
    raw: Vec<u8>,
    /// The six fields in their order, or the fault's code and its words.
    fields: Result<Vec<Option<Vec<u8>>>, (&'static str, String)>,
}

impl Seen {
    fn of(row: RawRow<'_>) -> Self {
        let listed = |mut fields: RawFields<'_>| {
            Field::ALL.iter().map(|&field| fields.slot(field).take().map(std::borrow::Cow::into_owned)).collect()
        };
        let fields = row.fields.map(listed).map_err(|broken| (broken.fault.code(), broken.detail));
        Self { line: row.line, raw: row.raw.to_vec(), fields }
    }

    /// The row as a table of cases writes it: `3: phone|start|end|campaign|language|id`, `-` for none,
    /// or `3: row.malformed`.
    fn told(&self) -> String {
        match &self.fields {
            Err((code, _)) => format!("{}: {code}", self.line),
            Ok(fields) => {
                let words = |field: &Option<Vec<u8>>| {
                    field.as_ref().map_or("-".to_owned(), |bytes| String::from_utf8_lossy(bytes).into_owned())
                };
                format!("{}: {}", self.line, fields.iter().map(words).collect::<Vec<_>>().join("|"))
            }
        }
    }
}

/// Takes all that it is shown in passing, without a closer look.
#[derive(Default)]
struct Passing {
    seen: Vec<Seen>,
    passed: usize,
}

impl Visitor for Passing {
    fn pass(&mut self, record: &PlainRow<'_>) -> Look {
        let fields = Field::ALL.iter().map(|&field| record.at(field).map(<[u8]>::to_vec)).collect();
        self.seen.push(Seen { line: record.line, raw: record.raw.to_vec(), fields: Ok(fields) });
        self.passed += 1;
        Look::Enough
    }

    fn row(&mut self, row: RawRow<'_>) {
        self.seen.push(Seen::of(row));
    }
}

/// Declines all that it is shown in passing.
#[derive(Default)]
struct Closer {
    seen: Vec<Seen>,
}

impl Visitor for Closer {
    fn pass(&mut self, _: &PlainRow<'_>) -> Look {
        Look::Closer
    }

    fn row(&mut self, row: RawRow<'_>) {
        self.seen.push(Seen::of(row));
    }
}

/// The rows of an input, seen the plain way, in passing, and at a closer look: they are the same.
fn rest_of(source: &mut Source) -> Result<Vec<Seen>, ReadError> {
    let layout = source.layout();
    let (mut seen, mut passing, mut closer) = (Vec::new(), Passing::default(), Closer::default());
    while let Some(block) = source.next_block()? {
        block.rows(&layout, |row| seen.push(Seen::of(row)));
        block.visit(&layout, &mut passing);
        block.visit(&layout, &mut closer);
        source.give_back(block);
    }
    assert_eq!(seen, passing.seen);
    assert_eq!(seen, closer.seen);
    Ok(seen)
}

fn read_bytes(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Vec<Seen>, ReadError> {
    rest_of(&mut over(name, Box::new(Cursor::new(bytes.to_vec())), options)?)
}

/// The rows of an input as a table of cases writes them, the same for small and for large blocks.
fn told(name: &str, bytes: &[u8]) -> Vec<String> {
    let small = ReadOptions { block_bytes: 3, ..ReadOptions::default() };
    let rows = read_bytes(name, bytes, &ReadOptions::default()).unwrap();
    assert_eq!(rows, read_bytes(name, bytes, &small).unwrap());
    rows.iter().map(Seen::told).collect()
}

fn mapped(pairs: &[(Field, &str)]) -> ReadOptions {
    let columns = pairs.iter().map(|(field, column)| (*field, (*column).to_owned())).collect();
    ReadOptions { columns, ..ReadOptions::default() }
}

fn limited(record_bytes_max: usize) -> ReadOptions {
    let limits = ReadLimits { record_bytes_max, kept_bytes_max: 16, ..ReadLimits::default() };
    ReadOptions { limits, ..ReadOptions::default() }
}

fn refusal(name: &str, bytes: &[u8], options: &ReadOptions) -> (ErrorClass, String) {
    let error = read_bytes(name, bytes, options).expect_err("this input must be refused");
    (error.class(), error.to_string())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    flate2::read::GzEncoder::new(bytes, flate2::Compression::fast()).read_to_end(&mut packed).unwrap();
    packed
}
