//! Rows on their way to the spool, in its own form.

use std::io::{self, Write};

use crate::domain::row::Shape;
use crate::domain::time::Timestamp;

use super::Reject;
use super::stretch::{BROKEN, CALLBACK, HEAD_BYTES, Head, OUTSIDE_HOURS, REJECTED};

/// Rows of a stretch, and their bytes; its last row may go beyond. This is what one thread spells in one go.
pub(super) const STRETCH_ROWS_MAX: u32 = 2048;
pub(super) const STRETCH_BYTES_MAX: usize = 256 << 10;

/// The rows of one block on their way to the spool: one stretch or more of them.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Stretches, each behind its head; the last one's head is not filled in yet.
    bytes: Vec<u8>,
    last: Head,
    /// Where the rows of the last stretch begin.
    last_from: usize,
    line: u64,
}

impl Frame {
    /// A frame for rows of an input; inputs are counted from 0.
    #[must_use]
    pub fn new(input: u16) -> Self {
        let last = Head { input, ..Head::default() };
        Self { bytes: vec![0; HEAD_BYTES], last, last_from: HEAD_BYTES, line: 0 }
    }

    /// Adds a callback: the next of those that are held in memory.
    pub fn callback(&mut self, line: u64, record_id: &str) {
        self.begin(CALLBACK, line, record_id);
    }

    /// Adds a callback that no opening hour meets, with its record.
    pub fn outside_hours(&mut self, line: u64, record_id: &str, raw: &[u8]) {
        self.begin(OUTSIDE_HOURS, line, record_id);
        self.blob(raw);
    }

    /// Adds a row that is no callback.
    pub fn rejected(&mut self, line: u64, record_id: &str, reject: &Reject<'_>) {
        self.begin(if reject.shape == Shape::Parsed { REJECTED } else { BROKEN }, line, record_id);
        let faults: Vec<u8> = reject.faults.iter().map(|fault| fault as u8).collect();
        self.blob(&faults);
        for text in [reject.detail, reject.phone, reject.campaign, reject.language] {
            self.blob(text.as_bytes());
        }
        for time in [reject.start, reject.end] {
            self.bytes.extend_from_slice(&time.map_or(i64::MIN, Timestamp::unix).to_le_bytes());
        }
        self.blob(reject.raw);
    }

    /// Writes what was added.
    pub(super) fn write(&self, to: &mut impl Write) -> io::Result<()> {
        if self.last.rows == 0 {
            return Ok(());
        }
        let (closed, last) = self.bytes.split_at(self.last_from);
        to.write_all(&closed[..closed.len() - HEAD_BYTES])?;
        to.write_all(&self.head().encoded())?;
        to.write_all(last)
    }

    fn begin(&mut self, tag: u8, line: u64, record_id: &str) {
        if self.last.rows == STRETCH_ROWS_MAX || self.bytes.len() - self.last_from >= STRETCH_BYTES_MAX {
            self.close();
        }
        self.last.rows += 1;
        self.last.callbacks += u32::from(tag == CALLBACK || tag == OUTSIDE_HOURS);
        self.bytes.push(tag);
        self.number(line.wrapping_sub(self.line));
        self.line = line;
        self.blob(record_id.as_bytes());
    }

    /// Ends the last stretch and begins one behind it.
    fn close(&mut self) {
        let head = self.head();
        self.bytes[self.last_from - HEAD_BYTES..self.last_from].copy_from_slice(&head.encoded());
        self.bytes.extend_from_slice(&[0; HEAD_BYTES]);
        self.last = Head { input: self.last.input, ..Head::default() };
        (self.last_from, self.line) = (self.bytes.len(), 0);
    }

    /// The head of the last stretch as it is now.
    fn head(&self) -> Head {
        // No stretch comes near 4 GiB: records are limited to 1 MiB.
        let bytes = u32::try_from(self.bytes.len() - self.last_from).unwrap_or(u32::MAX);
        Head { bytes, ..self.last }
    }

    fn blob(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.bytes.extend_from_slice(bytes);
    }

    /// Seven bits a byte, the lowest first; all bytes but the last have their highest bit set (LEB128).
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number.to_le_bytes()[0] | 0x80);
            number >>= 7;
        }
        self.bytes.push(number.to_le_bytes()[0]);
    }
}
