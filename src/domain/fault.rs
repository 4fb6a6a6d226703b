//! What can be wrong with a row, and what is told of it.

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
