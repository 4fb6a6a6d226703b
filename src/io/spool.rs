//! What the report needs of every row, on disk until the outcomes are known.
//!
//! A row is written when it is read and read again, in the same order, when the report is made; nothing of a
//! rejected row stays in memory. The file has no name and goes with the process.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use crate::domain::row::Shape;
use crate::domain::time::Timestamp;

/// One row as it waits for the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpooledRow {
    /// Which input, counted from 0.
    pub input: u16,
    /// The physical line on which it begins.
    pub line: u64,
    /// The record's own id.
    pub record_id: String,
    /// What it was judged to be.
    pub kind: Kind,
}

/// What a row was judged to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A callback: the next of those that are held in memory.
    Callback,
    /// A callback that no opening hour meets: what is needed should it be rejected.
    OutsideHours {
        /// The record's bytes.
        raw: Vec<u8>,
    },
    /// No callback.
    Rejected(Box<Reject>),
}

/// What is kept of a rejected row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reject {
    /// Its codes, joined by `;`.
    pub codes: String,
    /// What a person is told.
    pub detail: String,
    /// The phone, as E.164 where it is one.
    pub phone: String,
    /// The campaign.
    pub campaign: String,
    /// The language.
    pub language: String,
    /// When the window begins.
    pub start: Option<Timestamp>,
    /// When it ends.
    pub end: Option<Timestamp>,
    /// The record's bytes.
    pub raw: Vec<u8>,
    /// Whether the record could be taken apart.
    pub shape: Shape,
}

const CALLBACK: u8 = 0;
const OUTSIDE_HOURS: u8 = 1;
const REJECTED: u8 = 2;
const BROKEN: u8 = 3;

/// Adds a row, in the spool's own form, to a buffer.
pub fn encode(row: &SpooledRow, to: &mut Vec<u8>) {
    let (tag, reject) = match &row.kind {
        Kind::Callback => (CALLBACK, None),
        Kind::OutsideHours { .. } => (OUTSIDE_HOURS, None),
        Kind::Rejected(reject) if reject.shape == Shape::Parsed => (REJECTED, Some(reject)),
        Kind::Rejected(reject) => (BROKEN, Some(reject)),
    };
    to.push(tag);
    to.extend_from_slice(&row.input.to_le_bytes());
    to.extend_from_slice(&row.line.to_le_bytes());
    put(row.record_id.as_bytes(), to);
    if let Kind::OutsideHours { raw } = &row.kind {
        put(raw, to);
    }
    if let Some(reject) = reject {
        for text in [&reject.codes, &reject.detail, &reject.phone, &reject.campaign, &reject.language] {
            put(text.as_bytes(), to);
        }
        for time in [reject.start, reject.end] {
            to.extend_from_slice(&time.map_or(i64::MIN, Timestamp::unix).to_le_bytes());
        }
        put(&reject.raw, to);
    }
}

fn put(bytes: &[u8], to: &mut Vec<u8>) {
    // No field comes near 4 GiB: records are limited to 1 MiB.
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    to.extend_from_slice(&length.to_le_bytes());
    to.extend_from_slice(&bytes[..length as usize]);
}

/// A spool that is being written.
#[derive(Debug)]
pub struct Spool {
    file: BufWriter<File>,
}

impl Spool {
    /// Begins a spool on the disk that holds this folder.
    pub fn begin(folder: &Path) -> io::Result<Self> {
        let file = tempfile::tempfile_in(folder)?;
        Ok(Self { file: BufWriter::with_capacity(1 << 18, file) })
    }

    /// Adds rows that were encoded.
    pub fn add(&mut self, encoded: &[u8]) -> io::Result<()> {
        self.file.write_all(encoded)
    }

    /// Turns to reading, from the first row on.
    pub fn rows(self) -> io::Result<SpooledRows> {
        let mut file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        Ok(SpooledRows { file: BufReader::with_capacity(1 << 18, file) })
    }
}

/// The rows of a spool, in the order in which they were added.
#[derive(Debug)]
pub struct SpooledRows {
    file: BufReader<File>,
}

impl SpooledRows {
    fn bytes<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn blob(&mut self) -> io::Result<Vec<u8>> {
        let mut blob = vec![0; u32::from_le_bytes(self.bytes()?) as usize];
        self.file.read_exact(&mut blob)?;
        Ok(blob)
    }

    fn text(&mut self) -> io::Result<String> {
        String::from_utf8(self.blob()?).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }

    fn time(&mut self) -> io::Result<Option<Timestamp>> {
        let seconds = i64::from_le_bytes(self.bytes()?);
        Ok((seconds != i64::MIN).then(|| Timestamp::from_unix(seconds)))
    }

    fn row(&mut self, tag: u8) -> io::Result<SpooledRow> {
        let input = u16::from_le_bytes(self.bytes()?);
        let line = u64::from_le_bytes(self.bytes()?);
        let record_id = self.text()?;
        let kind = match tag {
            CALLBACK => Kind::Callback,
            OUTSIDE_HOURS => Kind::OutsideHours { raw: self.blob()? },
            REJECTED => Kind::Rejected(Box::new(self.reject(Shape::Parsed)?)),
            BROKEN => Kind::Rejected(Box::new(self.reject(Shape::Broken)?)),
            other => return Err(io::Error::other(format!("the spool holds a row of kind {other}"))),
        };
        Ok(SpooledRow { input, line, record_id, kind })
    }

    fn reject(&mut self, shape: Shape) -> io::Result<Reject> {
        Ok(Reject {
            codes: self.text()?,
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
}

impl Iterator for SpooledRows {
    type Item = io::Result<SpooledRow>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut tag = [0];
        match self.file.read(&mut tag) {
            Ok(0) => None,
            Ok(_) => Some(self.row(tag[0])),
            Err(error) => Some(Err(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out_in_order() {
        let row = |line, kind| SpooledRow { input: 3, line, record_id: format!("call-{line}"), kind };
        let reject = Reject {
            codes: "phone.invalid;time.missing".into(),
            detail: "é\n".into(),
            start: Some(Timestamp::from_unix(-5)),
            raw: vec![0, 255, b'\n'],
            shape: Shape::Broken,
            ..Reject::default()
        };
        let parsed = Reject { shape: Shape::Parsed, ..reject.clone() };
        let rows = [
            row(2, Kind::Callback),
            row(u64::MAX, Kind::Rejected(Box::new(reject))),
            row(4, Kind::OutsideHours { raw: vec![1; 70_000] }),
            row(5, Kind::Rejected(Box::new(parsed))),
        ];
        let place = tempfile::tempdir().expect("a folder");
        let mut spool = Spool::begin(place.path()).expect("begins");
        for row in &rows {
            let mut encoded = Vec::new();
            encode(row, &mut encoded);
            spool.add(&encoded).expect("adds");
        }
        let read: Vec<_> = spool.rows().expect("turns").collect::<io::Result<_>>().expect("reads");
        assert_eq!(read, rows);
        assert_eq!(std::fs::read_dir(place.path()).expect("lists").count(), 0, "it has no name");
    }
}
