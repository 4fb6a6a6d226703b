//! Rows as they come back from the spool: borrowed from its bytes, and nothing is kept of them.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};

use crate::domain::fault::{Fault, Faults};
use crate::domain::row::Shape;
use crate::domain::time::Timestamp;

use super::{Kind, Reject, SpooledRow};

/// The stretches of a spool, in the order in which their rows were added.
#[derive(Debug)]
pub struct Stretches {
    file: BufReader<File>,
}

impl Stretches {
    pub(super) fn of(file: BufReader<File>) -> Self {
        Self { file }
    }

    /// Puts the next stretch in the place of an earlier one; says whether there was one.
    pub fn next(&mut self, stretch: &mut Stretch) -> io::Result<bool> {
        if self.file.fill_buf()?.is_empty() {
            return Ok(false);
        }
        stretch.head = Head::read(&mut self.file)?;
        stretch.bytes.resize(stretch.head.bytes as usize, 0);
        self.file.read_exact(&mut stretch.bytes)?;
        Ok(true)
    }
}

/// Some rows of one input that stand one behind the other.
#[derive(Clone, Debug, Default)]
pub struct Stretch {
    pub(super) head: Head,
    pub(super) bytes: Vec<u8>,
}

impl Stretch {
    /// Which input, counted from 0.
    #[must_use]
    pub fn input(&self) -> u16 {
        self.head.input
    }

    /// How many rows there are.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.head.rows
    }

    /// How many of them are callbacks.
    #[must_use]
    pub fn callbacks(&self) -> u32 {
        self.head.callbacks
    }

    /// The rows, in their order.
    #[must_use]
    pub fn rows(&self) -> Rows<'_> {
        Rows { rest: &self.bytes, line: 0 }
    }
}

/// The rows of a stretch.
#[derive(Clone, Debug)]
pub struct Rows<'a> {
    rest: &'a [u8],
    line: u64,
}

impl<'a> Iterator for Rows<'a> {
    type Item = io::Result<SpooledRow<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        let (&tag, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(self.row(tag))
    }
}

impl<'a> Rows<'a> {
    fn row(&mut self, tag: u8) -> io::Result<SpooledRow<'a>> {
        self.line = self.line.wrapping_add(self.number()?);
        let record_id = self.text()?;
        let kind = match tag {
            CALLBACK => Kind::Callback,
            OUTSIDE_HOURS => Kind::OutsideHours { raw: self.blob()? },
            REJECTED => Kind::Rejected(self.reject(Shape::Parsed)?),
            BROKEN => Kind::Rejected(self.reject(Shape::Broken)?),
            other => return Err(io::Error::other(format!("the spool holds a row of kind {other}"))),
        };
        Ok(SpooledRow { line: self.line, record_id, kind })
    }

    fn reject(&mut self, shape: Shape) -> io::Result<Reject<'a>> {
        Ok(Reject {
            faults: self.faults()?,
            detail: self.text()?,
            phone: self.text()?,
            campaign: self.text()?,
            language: self.text()?,
            start: self.time()?,
            end: self.time()?,
            raw: self.blob()?,
            shape,
        })
    }

    fn faults(&mut self) -> io::Result<Faults> {
        let fault = |&number: &u8| Fault::ALL.get(usize::from(number)).copied();
        self.blob()?.iter().map(fault).collect::<Option<_>>().ok_or_else(cut_short)
    }

    fn number(&mut self) -> io::Result<u64> {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let (&byte, rest) = self.rest.split_first().ok_or_else(cut_short)?;
            self.rest = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(cut_short())
    }

    fn blob(&mut self) -> io::Result<&'a [u8]> {
        let length = usize::try_from(self.number()?).map_err(|_| cut_short())?;
        let (blob, rest) = self.rest.split_at_checked(length).ok_or_else(cut_short)?;
        self.rest = rest;
        Ok(blob)
    }

    fn text(&mut self) -> io::Result<&'a str> {
        str::from_utf8(self.blob()?).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }

    fn time(&mut self) -> io::Result<Option<Timestamp>> {
        let (seconds, rest) = self.rest.split_first_chunk().ok_or_else(cut_short)?;
        self.rest = rest;
        let seconds = i64::from_le_bytes(*seconds);
        Ok((seconds != i64::MIN).then(|| Timestamp::from_unix(seconds)))
    }
}

fn cut_short() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the spool holds a row that is cut short")
}

pub(super) const CALLBACK: u8 = 0;
pub(super) const OUTSIDE_HOURS: u8 = 1;
pub(super) const REJECTED: u8 = 2;
pub(super) const BROKEN: u8 = 3;

/// What stands in front of a stretch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) bytes: u32,
    pub(super) rows: u32,
    pub(super) callbacks: u32,
    pub(super) input: u16,
}

pub(super) const HEAD_BYTES: usize = 14;

impl Head {
    pub(super) fn encoded(self) -> [u8; HEAD_BYTES] {
        let mut encoded = [0; HEAD_BYTES];
        encoded[..4].copy_from_slice(&self.bytes.to_le_bytes());
        encoded[4..8].copy_from_slice(&self.rows.to_le_bytes());
        encoded[8..12].copy_from_slice(&self.callbacks.to_le_bytes());
        encoded[12..].copy_from_slice(&self.input.to_le_bytes());
        encoded
    }

    pub(super) fn read(from: &mut impl Read) -> io::Result<Self> {
        let mut number = || {
            let mut bytes = [0; 4];
            from.read_exact(&mut bytes).map(|()| u32::from_le_bytes(bytes))
        };
        let (bytes, rows, callbacks) = (number()?, number()?, number()?);
        let mut input = [0; 2];
        from.read_exact(&mut input)?;
        Ok(Self { bytes, rows, callbacks, input: u16::from_le_bytes(input) })
    }
}
