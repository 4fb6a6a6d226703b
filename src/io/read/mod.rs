//! Reads CSV and NDJSON, packed or not, and cuts it into records.
//!
//! [`source::open`] looks at an input and finds out how it is written. A [`source::Source`] then
//! gives [`block::Block`]s, one behind the other, each of whole records; whoever holds a block takes
//! it apart, on any thread. What the records are does not depend on where the blocks were cut.
//!
//! A record that cannot be taken apart is a row like any other, with its fault. Only what makes the
//! whole input useless is a [`error::ReadError`]. Nothing here judges what stands in a field.

use std::collections::BTreeMap;

use crate::domain::row::Field;

pub mod block;
mod cells;
pub mod error;
mod first;
mod format;
mod header;
mod json;
pub mod layout;
mod passing_csv;
mod passing_json;
pub mod rejects;
mod scan;
pub mod seen;
pub mod source;
mod stream;
mod transcode;

#[cfg(test)]
mod tests;

/// How inputs are to be read.
#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// Where a field is, if it does not go by a name of its own: a column, or a JSON pointer.
    pub columns: BTreeMap<Field, String>,
    /// Whether lines of JSON must have these fields, as a table must have the columns.
    pub mapped: Mapped,
    /// The encoding of inputs that do not tell it by a byte-order mark; UTF-8 where it is `None`.
    pub encoding: Option<&'static encoding_rs::Encoding>,
    /// About how many bytes go into a block.
    pub block_bytes: usize,
    /// What no input may exceed.
    pub limits: ReadLimits,
    /// Whether somebody will be told the hash of the bytes.
    pub hashing: Hashing,
}

/// What becomes of lines of JSON where a field is not where it is said to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mapped {
    /// Each is a row that lacks it.
    #[default]
    MayLack,
    /// Where none of the first has it, the input is refused.
    Needed,
}

/// Whether inputs are hashed while they are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Hashing {
    /// SHA-256.
    #[default]
    Sha256,
    /// No hash.
    None,
}

impl Default for ReadOptions {
    fn default() -> Self {
        // A block fits into the cache of a core.
        let (block_bytes, limits) = (1 << 18, ReadLimits::default());
        let (columns, mapped, hashing) = (BTreeMap::new(), Mapped::default(), Hashing::default());
        Self { columns, mapped, encoding: None, block_bytes, limits, hashing }
    }
}

/// What no input may exceed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadLimits {
    /// The longest physical line; a quoted record of several lines must stay below it.
    pub record_bytes_max: usize,
    /// How far a compressed input may unpack.
    pub unpacked_bytes_max: u64,
    /// How much is kept of a record that is too long or cannot be taken apart.
    pub kept_bytes_max: usize,
}

impl Default for ReadLimits {
    fn default() -> Self {
        Self { record_bytes_max: 1 << 20, unpacked_bytes_max: 64 << 30, kept_bytes_max: 4 << 10 }
    }
}
