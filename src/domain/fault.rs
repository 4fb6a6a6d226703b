//! What can be wrong with a row, and what is told of it.

use std::fmt;
use strum::{EnumMessage, IntoStaticStr, VariantArray};

/// One thing wrong with a row. A row has all that apply, not only the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumMessage, IntoStaticStr, VariantArray)]
pub enum Fault {
    /// The phone field is empty or not there.
    #[strum(serialize = "phone.missing", message = "no phone number stands there")]
    PhoneMissing,
    /// The phone field cannot be a number.
    #[strum(serialize = "phone.unparseable", message = "what stands there cannot be a phone number")]
    PhoneUnparseable,
    /// A number that nobody can have.
    #[strum(serialize = "phone.invalid", message = "a phone number that nobody can have")]
    PhoneInvalid,
    /// A time field is empty or not there.
    #[strum(serialize = "time.missing", message = "a time is missing")]
    TimeMissing,
    /// A time field is in no known shape, or names no real date.
    #[strum(serialize = "time.unparseable", message = "a time in no known shape, or no real date")]
    TimeUnparseable,
    /// A time without an offset, and no time zone is set.
    #[strum(serialize = "time.no_offset", message = "a time without an offset, and no time zone is set")]
    TimeNoOffset,
    /// A local time that the clocks skipped.
    #[strum(serialize = "time.nonexistent", message = "a local time that the clocks skipped")]
    TimeNonexistent,
    /// A local time that the clocks showed twice.
    #[strum(serialize = "time.ambiguous", message = "a local time that the clocks showed twice")]
    TimeAmbiguous,
    /// The window's end is not behind its start.
    #[strum(serialize = "window.reversed", message = "the window ends before it begins")]
    WindowReversed,
    /// The window is narrower than allowed.
    #[strum(serialize = "window.too_short", message = "the window is too narrow")]
    WindowTooShort,
    /// The window is wider than allowed.
    #[strum(serialize = "window.too_long", message = "the window is too wide")]
    WindowTooLong,
    /// No part of the window lies in the campaign's opening hours.
    #[strum(serialize = "window.outside_hours", message = "the campaign is never open in the window")]
    WindowOutsideHours,
    /// The campaign field is empty or not there.
    #[strum(serialize = "campaign.missing", message = "no campaign is named")]
    CampaignMissing,
    /// The record cannot be taken apart, or a field that is needed holds what is no text.
    #[strum(serialize = "row.malformed", message = "the record cannot be taken apart")]
    RowMalformed,
    /// A field that is needed is not UTF-8.
    #[strum(serialize = "row.encoding", message = "a field that is needed is not UTF-8")]
    RowEncoding,
    /// The record, or a field of it, is longer than allowed.
    #[strum(serialize = "row.too_long", message = "the record, or a field of it, is too long")]
    RowTooLong,
}

impl Fault {
    /// Every fault, in the order in which their codes are listed.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The code that files carry: a promise to their readers.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.into()
    }
}

/// A fault and what a person is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which fault.
    pub fault: Fault,
    /// The own name of the field that it is about; empty where that is the row as such.
    pub field: &'static str,
    /// What is wrong there, as in `2026-02-30T10:00:00Z names no real date`.
    pub words: String,
}

impl Finding {
    /// A finding about a row as such.
    pub fn new(fault: Fault, words: impl Into<String>) -> Self {
        Self { fault, field: "", words: words.into() }
    }

    /// The same about a field, given by its own name.
    #[must_use]
    pub fn of(self, field: &'static str) -> Self {
        Self { field, ..self }
    }

    /// Where and why, as in `requestedEnd: 2026-02-30T10:00:00Z names no real date`.
    #[must_use]
    pub fn detail(&self) -> String {
        if self.field.is_empty() { self.words.clone() } else { format!("{}: {}", self.field, self.words) }
    }
}

/// The words of some findings, joined by `; `.
#[must_use]
pub fn details(findings: &[Finding]) -> String {
    findings.iter().map(Finding::detail).collect::<Vec<_>>().join("; ")
}

/// Faults of one row: its phone, its campaign and either both times or the window can have one each.
const OF_A_ROW_MAX: usize = 4;

/// The faults of a row, each once, in the order in which they were found. Displayed, their codes are joined by `;`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults([Option<Fault>; OF_A_ROW_MAX]);

impl Faults {
    /// The faults of some findings.
    #[must_use]
    pub fn of(findings: &[Finding]) -> Self {
        findings.iter().map(|finding| finding.fault).collect()
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = Fault> {
        self.0.into_iter().flatten()
    }
}

impl FromIterator<Fault> for Faults {
    fn from_iter<I: IntoIterator<Item = Fault>>(all: I) -> Self {
        let mut faults = Self::default();
        for fault in all {
            let free = faults.0.iter_mut().find(|slot| slot.is_none_or(|known| known == fault));
            debug_assert!(free.is_some(), "a row has {OF_A_ROW_MAX} faults at most");
            if let Some(slot) = free {
                *slot = Some(fault);
            }
        }
        faults
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let codes: Vec<&str> = self.iter().map(Fault::code).collect();
        f.write_str(&codes.join(";"))
    }
}
