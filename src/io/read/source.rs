//! One input, from its opening to its end, read in order and cut into blocks.

use std::sync::Arc;

use memchr::{memchr, memchr_iter};

use super::block::{Block, Content};
use super::cells::beginning;
use super::error::{Problem, ReadError};
use super::first;
use super::format::{self, Format};
use super::header::{self, Columns};
use super::json::Keys;
use super::layout::{Layout, Shape};
use super::passing_csv;
use super::scan::{Cut, Scanner, Tail};
use super::stream::Text;
use super::{ReadLimits, ReadOptions};
use crate::domain::report::InputFacts;

/// How many bytes of text are looked at to find out what they are.
const SNIFF_BYTES: usize = 64 << 10;

/// How many bytes at a time a line over the limit is passed by.
const DISCARD_BYTES: usize = 64 << 10;

/// Rooms that are kept for blocks to come.
const SPARE_MAX: usize = 4;

/// An input that is being read.
pub struct Source {
    name: String,
    text: Text,
    layout: Arc<Layout>,
    block_bytes: usize,
    scanner: Scanner,
    /// What was read and not yet given out.
    pending: Vec<u8>,
    /// Room of blocks that were given back.
    spare: Vec<Vec<u8>>,
    /// How much of it are whole records.
    whole: usize,
    /// The physical line with which it begins.
    line: u64,
}

/// Opens an input, a path or `-` for standard input, and finds out how it is written.
pub fn open(name: &str, options: &ReadOptions) -> Result<Source, ReadError> {
    let source = Text::open(name, options).and_then(|text| start(name, text, options));
    source.map_err(|problem| ReadError { name: shown(name).to_owned(), problem })
}

/// Finds out how any stream of bytes is written; the name says by its extension what it may be.
pub fn over(name: &str, stream: Box<dyn std::io::Read + Send>, options: &ReadOptions) -> Result<Source, ReadError> {
    let source = Text::over(stream, options).and_then(|text| start(name, text, options));
    source.map_err(|problem| ReadError { name: shown(name).to_owned(), problem })
}

/// Says which of some inputs is not there, without opening any.
pub fn are_there(names: &[String]) -> Result<(), ReadError> {
    let missing = names.iter().find(|name| *name != "-" && is_not_there(name));
    missing.map_or(Ok(()), |name| Err(ReadError { name: name.clone(), problem: Problem::NotThere }))
}

fn is_not_there(name: &str) -> bool {
    std::fs::metadata(name).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
}

fn shown(name: &str) -> &str {
    if name == "-" { "standard input" } else { name }
}

fn start(name: &str, mut text: Text, options: &ReadOptions) -> Result<Source, Problem> {
    let mut pending = Vec::new();
    text.fill(&mut pending, SNIFF_BYTES)?;
    let format = sniff(name, &pending, options)?;
    let (shape, behind) = match format {
        Format::Ndjson => {
            first::judge(&pending, tail(&text), options)?;
            (Shape::Ndjson(Keys::new(&options.columns)), 0)
        }
        Format::Csv => {
            let (columns, behind) = read_header(&mut text, &mut pending, options)?;
            (Shape::Csv(columns), behind)
        }
    };
    let line = 1 + count_lines(&pending[..behind]);
    text.unread(pending.split_off(behind));
    let layout = Layout { shape, limits: options.limits };
    Ok(Source {
        name: name.to_owned(),
        text,
        scanner: layout.scanner(),
        layout: Arc::new(layout),
        block_bytes: options.block_bytes.max(1),
        pending: Vec::new(),
        spare: Vec::new(),
        whole: 0,
        line,
    })
}

fn sniff(name: &str, head: &[u8], options: &ReadOptions) -> Result<Format, Problem> {
    if head.is_empty() {
        return Err(Problem::Empty);
    }
    if let Some(kind) = format::binary_kind(head) {
        return Err(Problem::Binary(kind));
    }
    if format::is_json_array(head) {
        return Err(Problem::JsonArray);
    }
    let format = format::by_name(name).unwrap_or_else(|| format::by_content(head));
    if format == Format::Csv && format::is_json_object(head) {
        return Err(Problem::JsonInCsv);
    }
    match format::without_objects(head) {
        Some((_, first)) if format == Format::Ndjson && header::names_columns(first, &options.columns) => {
            Err(Problem::CsvInJson)
        }
        // One bad line is a bad row.
        Some((2.., _)) if format == Format::Ndjson => Err(Problem::NoObjects),
        Some(_) | None => Ok(format),
    }
}

fn read_header(text: &mut Text, pending: &mut Vec<u8>, options: &ReadOptions) -> Result<(Columns, usize), Problem> {
    loop {
        let tail = tail(text);
        if let Some(found) = header::find(pending, tail, options.limits.record_bytes_max, &options.columns)? {
            return Ok(found);
        }
        text.fill(pending, pending.len().max(SNIFF_BYTES))?;
    }
}

fn tail(text: &Text) -> Tail {
    if text.ended() { Tail::Final } else { Tail::Open }
}

fn count_lines(bytes: &[u8]) -> u64 {
    memchr_iter(b'\n', bytes).count() as u64
}

/// What stands behind the whole records at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// A line over the limit.
    TooLong,
    /// More must be read to tell.
    Unknown,
}

impl Source {
    /// How the records are laid out, for those who take blocks apart.
    #[must_use]
    pub fn layout(&self) -> Arc<Layout> {
        Arc::clone(&self.layout)
    }

    /// How many bytes are kept in memory.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.pending.capacity()
    }

    /// The next records; `None` at the end.
    pub fn next_block(&mut self) -> Result<Option<Block>, ReadError> {
        self.advance().map_err(|problem| ReadError { name: shown(&self.name).to_owned(), problem })
    }

    /// Takes back a block that nobody needs any more: its room serves the next one.
    pub fn give_back(&mut self, block: Block) {
        if self.spare.len() < SPARE_MAX {
            let (Content::Records(room) | Content::TooLong(room)) = block.content;
            self.spare.push(room);
        }
    }

    /// Reads what is left, and says what was read, if it is still the input that was opened. The records were
    /// counted by whoever took the blocks apart.
    pub fn finish(mut self, rows: u64) -> Result<InputFacts, ReadError> {
        while self.next_block()?.is_some() {}
        let Self { name, text, .. } = self;
        let closed = text.close().map_err(|problem| ReadError { name: shown(&name).to_owned(), problem });
        closed.map(|(bytes, sha256)| InputFacts { name, bytes, sha256, rows })
    }

    fn advance(&mut self) -> Result<Option<Block>, Problem> {
        if self.pending.len() < self.block_bytes {
            self.fill(self.block_bytes - self.pending.len())?;
        }
        loop {
            let next = self.find_whole();
            // Where little of what is at hand is whole, more is read first: a long record, or many that
            // are decided by bytes far behind them, must not be copied over and over.
            let enough = self.whole > self.pending.len() / 2 || next == Next::TooLong || self.text.ended();
            if self.whole > 0 && enough {
                return Ok(Some(self.take_whole()));
            }
            match next {
                Next::TooLong => return self.pass_by().map(Some),
                Next::Unknown if self.text.ended() => return Ok(None),
                Next::Unknown => self.fill(self.pending.len().max(self.block_bytes))?,
            }
        }
    }

    /// Finds the end of the last whole record, and what begins there.
    fn find_whole(&mut self) -> Next {
        if let Some(end) = self.scanner.last_plain_end(&self.pending, self.whole)
            && !self.text.ended()
        {
            self.whole = end;
            return Next::Unknown;
        }
        let tail = tail(&self.text);
        loop {
            if let Shape::Csv(columns) = &self.layout.shape {
                let limit = self.layout.limits.record_bytes_max;
                self.whole = passing_csv::behind_whole(&self.pending, self.whole, columns.delimiter, limit);
            }
            if self.whole == self.pending.len() {
                break;
            }
            match self.scanner.cut(&self.pending, self.whole, tail) {
                Cut::Record { next, .. } | Cut::Broken { next, .. } => self.whole = next,
                Cut::TooLong => return Next::TooLong,
                Cut::More => return Next::Unknown,
            }
        }
        Next::Unknown
    }

    fn take_whole(&mut self) -> Block {
        let mut rest = self.spare.pop().unwrap_or_default();
        rest.clear();
        rest.extend_from_slice(&self.pending[self.whole..]);
        self.pending.truncate(self.whole);
        let bytes = std::mem::replace(&mut self.pending, rest);
        self.scanner.shift(self.whole);
        self.whole = 0;
        let first_line = self.line;
        self.line += count_lines(&bytes);
        Block { first_line, content: Content::Records(bytes) }
    }

    /// Passes by a line over the limit, which begins what is pending, without holding it.
    fn pass_by(&mut self) -> Result<Block, Problem> {
        let ReadLimits { kept_bytes_max, record_bytes_max, .. } = self.layout.limits;
        let head = beginning(&self.pending, kept_bytes_max.min(record_bytes_max)).to_vec();
        loop {
            if let Some(eol) = memchr(b'\n', &self.pending) {
                self.drop_front(eol + 1);
                break;
            }
            self.drop_front(self.pending.len());
            if self.text.ended() {
                break;
            }
            self.fill(DISCARD_BYTES)?;
        }
        let block = Block { first_line: self.line, content: Content::TooLong(head) };
        self.line += 1;
        Ok(block)
    }

    fn drop_front(&mut self, count: usize) {
        self.pending.drain(..count);
        self.scanner.shift(count);
    }

    fn fill(&mut self, count: usize) -> Result<(), Problem> {
        if self.text.ended() { Ok(()) } else { self.text.fill(&mut self.pending, count) }
    }
}
