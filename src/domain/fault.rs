//! What can be wrong with a row, and what is told of it.

use std::fmt;

/// One thing wrong with a row. A row has all that apply, not only the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fault {
    /// The phone field is empty or not there.
    PhoneMissing,
    /// The phone field cannot be a number.
    PhoneUnparseable,
    /// A number that nobody can have.
    PhoneInvalid,
    /// A time field is empty or not there.
    TimeMissing,
    /// A time field is in no known shape, or names no real date.
    TimeUnparseable,
    /// A time without an offset, and no time zone is set.
    TimeNoOffset,
    /// A local time that the clocks skipped.
    TimeNonexistent,
    /// A local time that the clocks showed twice.
    TimeAmbiguous,
    /// The window's end is not behind its start.
    WindowReversed,
    /// The window is narrower than allowed.
    WindowTooShort,
    /// The window is wider than allowed.
    WindowTooLong,
    /// No part of the window lies in the campaign's opening hours.
    WindowOutsideHours,
    /// The campaign field is empty or not there.
    CampaignMissing,
    /// The record cannot be taken apart, or a field that is needed holds what is no text.
    RowMalformed,
    /// A field that is needed is not UTF-8.
    RowEncoding,
    /// The record, or a field of it, is longer than allowed.
    RowTooLong,
}

impl Fault {
    /// Every fault, in the order in which their codes are listed.
    pub const ALL: [Self; 16] = [
        Self::PhoneMissing,
        Self::PhoneUnparseable,
        Self::PhoneInvalid,
        Self::TimeMissing,
        Self::TimeUnparseable,
        Self::TimeNoOffset,
        Self::TimeNonexistent,
        Self::TimeAmbiguous,
        Self::WindowReversed,
        Self::WindowTooShort,
        Self::WindowTooLong,
        Self::WindowOutsideHours,
        Self::CampaignMissing,
        Self::RowMalformed,
        Self::RowEncoding,
        Self::RowTooLong,
    ];

    /// The code that files carry: a promise to their readers.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::PhoneMissing => "phone.missing",
            Self::PhoneUnparseable => "phone.unparseable",
            Self::PhoneInvalid => "phone.invalid",
            Self::TimeMissing => "time.missing",
            Self::TimeUnparseable => "time.unparseable",
            Self::TimeNoOffset => "time.no_offset",
            Self::TimeNonexistent => "time.nonexistent",
            Self::TimeAmbiguous => "time.ambiguous",
            Self::WindowReversed => "window.reversed",
            Self::WindowTooShort => "window.too_short",
            Self::WindowTooLong => "window.too_long",
            Self::WindowOutsideHours => "window.outside_hours",
            Self::CampaignMissing => "campaign.missing",
            Self::RowMalformed => "row.malformed",
            Self::RowEncoding => "row.encoding",
            Self::RowTooLong => "row.too_long",
        }
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
