//! One input record as it was read: the fields that are needed, still in the words of the file.

use std::borrow::Cow;

use super::fault::Fault;

/// A field's bytes, borrowed from the input wherever it stands there as it is meant.
pub type Text<'a> = Cow<'a, [u8]>;

/// The fields of a record that ringback looks at. `None` where the record has no such field.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct RawFields<'a> {
    /// `phoneNumber`.
    pub phone: Option<Text<'a>>,
    /// `requestedStart`.
    pub start: Option<Text<'a>>,
    /// `requestedEnd`.
    pub end: Option<Text<'a>>,
    /// `campaignId`.
    pub campaign: Option<Text<'a>>,
    /// `language`.
    pub language: Option<Text<'a>>,
    /// `id`, carried through for the reader.
    pub id: Option<Text<'a>>,
}

/// Why a record could not be taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// One of the `row.` faults.
    pub fault: Fault,
    /// What is wrong, for a person.
    pub detail: String,
}

/// One input record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawRow<'a> {
    /// The physical line on which it begins, 1 for the first of the input.
    pub line: u64,
    /// Its bytes without the line end; of a record that was too long, the beginning.
    pub raw: &'a [u8],
    /// Its fields, or why there are none.
    pub fields: Result<RawFields<'a>, Broken>,
}
