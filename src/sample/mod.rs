//! A realistic export, made from a seed: to try ringback out, and to measure it.
//!
//! Each row is a function of the settings and its number alone. The same settings give the same bytes, rows need no
//! memory of one another, and [`count`] knows without writing how many are good.

mod broken;
mod phone;
mod random;
mod row;
mod when;

use std::io::{self, Write};

pub use row::Kind;

/// What to write.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampleSettings {
    /// Data rows; the header of a CSV comes on top. Phones are distinct up to 70 million rows.
    pub rows: u64,
    /// The same seed gives the same bytes.
    pub seed: u64,
    /// Percent (0 to 100) of rows that are no callbacks. Where it is above 0, 1 % of the rows repeat an earlier one.
    pub broken_percent: f64,
    /// The format of the export.
    pub format: SampleFormat,
    /// Seconds of the Unix clock; all windows begin on the three days after that day.
    pub now: i64,
}

impl Default for SampleSettings {
    fn default() -> Self {
        Self { rows: 1000, seed: 0, broken_percent: 5.0, format: SampleFormat::Csv, now: 0 }
    }
}

/// The format of an export.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SampleFormat {
    /// Comma-separated, with a header.
    #[default]
    Csv,
    /// One JSON object a line.
    Ndjson,
}

/// How many rows of each kind an export holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SampleCounts {
    /// Distinct callbacks.
    pub good: u64,
    /// Exact repeats of good rows above them.
    pub repeated: u64,
    /// Rows that are no callbacks, where times without an offset are not allowed.
    pub broken: u64,
}

/// The columns of the CSV and the keys of the NDJSON, in order.
const COLUMNS: [&str; 6] = ["callId", "phone_number", "requestedStart", "requestedEnd", "campaignId", "language"];

/// Bytes gathered before they are written.
const CHUNK_BYTES: usize = 64 * 1024;

/// Writes the export. An error is the writer's own.
pub fn write(settings: &SampleSettings, out: &mut impl Write) -> io::Result<()> {
    let mut chunk = Vec::with_capacity(CHUNK_BYTES + 4096);
    if settings.format == SampleFormat::Csv {
        chunk.extend_from_slice(COLUMNS.join(",").as_bytes());
        chunk.push(b'\n');
    }
    for number in 0..settings.rows {
        row::spell(settings, number, &mut chunk);
        if chunk.len() >= CHUNK_BYTES {
            out.write_all(&chunk)?;
            chunk.clear();
        }
    }
    out.write_all(&chunk)?;
    out.flush()
}

/// Counts the rows that [`write()`] would write, by what they are.
pub fn count(settings: &SampleSettings) -> SampleCounts {
    let mut counts = SampleCounts::default();
    for number in 0..settings.rows {
        match row::kind(settings, number) {
            Kind::Good => counts.good += 1,
            Kind::Repeat { .. } => counts.repeated += 1,
            Kind::Broken => counts.broken += 1,
        }
    }
    counts
}

#[cfg(test)]
mod tests;
