//! What the report needs of every row, on disk until the outcomes are known.
//!
//! Rows are written when they are judged, a frame for each block, and come back in the same order when the report is
//! made, a stretch at a time; nothing of a rejected row stays in memory. The file has no name and goes with the process.

pub mod frame;
pub mod stretch;

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Seek, SeekFrom};
use std::path::Path;

use crate::domain::fault::Faults;
use crate::domain::row::Shape;
use crate::domain::time::Timestamp;

use frame::Frame;
use stretch::Stretches;

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

    /// Adds the rows of a block.
    pub fn add(&mut self, frame: &Frame) -> io::Result<()> {
        frame.write(&mut self.file)
    }

    /// Turns to reading, from the first row on.
    pub fn stretches(self) -> io::Result<Stretches> {
        let mut file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        Ok(Stretches::of(BufReader::with_capacity(1 << 18, file)))
    }
}

/// One row as it comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpooledRow<'a> {
    /// The physical line on which it begins.
    pub line: u64,
    /// The record's own id.
    pub record_id: &'a str,
    /// What it was judged to be.
    pub kind: Kind<'a>,
}

/// What a row was judged to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind<'a> {
    /// A callback: the next of those that are held in memory.
    Callback,
    /// A callback that no opening hour meets: what is needed should it be rejected.
    OutsideHours {
        /// The record's bytes.
        raw: &'a [u8],
    },
    /// No callback.
    Rejected(Reject<'a>),
}

/// What is kept of a rejected row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reject<'a> {
    /// What is wrong with it.
    pub faults: Faults,
    /// What a person is told.
    pub detail: &'a str,
    /// The phone, as E.164 where it is one.
    pub phone: &'a str,
    /// The campaign.
    pub campaign: &'a str,
    /// The language.
    pub language: &'a str,
    /// When the window begins.
    pub start: Option<Timestamp>,
    /// When it ends.
    pub end: Option<Timestamp>,
    /// The record's bytes.
    pub raw: &'a [u8],
    /// Whether the record could be taken apart.
    pub shape: Shape,
}
