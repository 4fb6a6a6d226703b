//! What can be wrong with a row, and what is told of it.

use strum::{IntoStaticStr, VariantArray};

/// One thing wrong with a row. A row has all that apply, not only the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, IntoStaticStr, VariantArray)]
pub enum Fault {
    /// The phone field is empty or not there.
    #[strum(serialize = "phone.missing")]
    PhoneMissing,
    /// The phone field cannot be a number.
    #[strum(serialize = "phone.unparseable")]
    PhoneUnparseable,
    /// A number that nobody can have.
    #[strum(serialize = "phone.invalid")]
    PhoneInvalid,
    /// A time field is empty or not there.
    #[strum(serialize = "time.missing")]
    TimeMissing,
    /// A time field is in no known shape, or names no real date.
    #[strum(serialize = "time.unparseable")]
    TimeUnparseable,
    /// A time without an offset, and no time zone is set.
    #[strum(serialize = "time.no_offset")]
    TimeNoOffset,
    /// A local time that the clocks skipped.
    #[strum(serialize = "time.nonexistent")]
    TimeNonexistent,
    /// A local time that the clocks showed twice.
    #[strum(serialize = "time.ambiguous")]
    TimeAmbiguous,
    /// The window's end is not behind its start.
    #[strum(serialize = "window.reversed")]
    WindowReversed,
    /// The window is narrower than allowed.
    #[strum(serialize = "window.too_short")]
    WindowTooShort,
    /// The window is wider than allowed.
    #[strum(serialize = "window.too_long")]
    WindowTooLong,
    /// No part of the window lies in the campaign's opening hours.
    #[strum(serialize = "window.outside_hours")]
    WindowOutsideHours,
    /// The campaign field is empty or not there.
    #[strum(serialize = "campaign.missing")]
    CampaignMissing,
    /// The record cannot be taken apart, or a field that is needed holds what is no text.
    #[strum(serialize = "row.malformed")]
    RowMalformed,
    /// A field that is needed is not UTF-8.
    #[strum(serialize = "row.encoding")]
    RowEncoding,
    /// The record, or a field of it, is longer than allowed.
    #[strum(serialize = "row.too_long")]
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
    /// Where and why, as in `requestedEnd: 2026-02-30T10:00:00Z names no real date`.
    pub detail: String,
}

impl Finding {
    /// A finding with its words.
    pub fn new(fault: Fault, detail: impl Into<String>) -> Self {
        Self { fault, detail: detail.into() }
    }
}

/// The codes of some findings, each once, in order, joined by `;`.
#[must_use]
pub fn codes(findings: &[Finding]) -> String {
    let mut codes: Vec<&str> = Vec::new();
    for finding in findings {
        if !codes.contains(&finding.fault.code()) {
            codes.push(finding.fault.code());
        }
    }
    codes.join(";")
}

/// The words of some findings, joined by `; `.
#[must_use]
pub fn details(findings: &[Finding]) -> String {
    let details: Vec<&str> = findings.iter().map(|finding| finding.detail.as_str()).collect();
    details.join("; ")
}
