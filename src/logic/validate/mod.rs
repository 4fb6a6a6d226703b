//! Whether a row is a callback. All its faults are found, not only the first.
//!
//! The form alone is judged here: neither the clock nor the opening hours nor the ledger is asked.

mod address;
mod extension;
mod field;
pub mod format;
mod instant;
mod iso;
mod keyed;
mod numbering;
pub mod passing;
pub mod phone;
pub mod rules;
mod spoken;
mod time;
mod window;

use std::borrow::Cow;
use std::fmt;

use crate::domain::fault::{Fault, Faults, Finding};
use crate::domain::language::LanguageTag;
use crate::domain::phone::E164;
use crate::domain::report::Warning;
use crate::domain::row::{Field, RawFields, RawRow};
use crate::domain::time::Timestamp;
use crate::domain::window::Window;

use self::field::{Content, excerpt};
use self::rules::Rules;
use self::time::Moment;

/// What a row is.
#[derive(Debug)]
pub enum Verdict<'a> {
    /// A callback.
    Accepted(Accepted<'a>),
    /// Something else.
    Rejected(Box<Rejected<'a>>),
}

/// A row that is a callback.
#[derive(Debug)]
pub struct Accepted<'a> {
    /// Who is to be called.
    pub phone: E164,
    /// When.
    pub window: Window,
    /// By which campaign, without blanks around it.
    pub campaign: Cow<'a, str>,
    /// In which language: the row's, or the default.
    pub language: LanguageTag,
    /// Why the language is the default.
    pub language_warning: Option<Warning>,
    /// Minutes that the clock which showed the start was ahead of UTC.
    pub offset_minutes: i16,
    /// The record's own id, as far as it can be shown; empty where it has none.
    pub record_id: Cow<'a, str>,
}

/// A row that is no callback.
pub struct Rejected<'a> {
    /// All that is wrong with it, phone first, then times, window, campaign and the row as such.
    pub findings: Vec<Finding>,
    /// What could be read of it.
    pub seen: Columns<'a>,
}

impl fmt::Debug for Rejected<'_> {
    /// Shows the codes alone: the details hold what customers typed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Rejected").field(&Faults::of(&self.findings).to_string()).finish()
    }
}

/// What could be read of a rejected row. It may hold a customer's number and has no `Debug` for that.
#[derive(Default)]
pub struct Columns<'a> {
    /// The record's own id.
    pub record_id: Cow<'a, str>,
    /// The number in E.164 form where it is one, else the text as written.
    pub phone: Cow<'a, str>,
    /// The campaign.
    pub campaign: Cow<'a, str>,
    /// The language, where the row names one.
    pub language: Option<LanguageTag>,
    /// When the window begins.
    pub window_start: Option<Timestamp>,
    /// When it ends.
    pub window_end: Option<Timestamp>,
}

/// Bytes of a campaign's id, and of a record's.
const ID_BYTES_MAX: usize = 256;

/// Bytes of a phone field that results repeat.
const PHONE_BYTES_MAX: usize = 256;

/// Judges a row.
#[must_use]
pub fn row<'a>(row: &RawRow<'a>, rules: &Rules) -> Verdict<'a> {
    match &row.fields {
        Ok(fields) => Reading::of(fields, rules).verdict(rules),
        Err(broken) => Verdict::Rejected(Box::new(Rejected {
            findings: vec![Finding::new(broken.fault, broken.detail.clone())],
            seen: Columns::default(),
        })),
    }
}

/// Each field of a row, judged for itself.
struct Reading<'a> {
    phone: Result<E164, Finding>,
    start: Result<Moment, Finding>,
    end: Result<Moment, Finding>,
    campaign: Result<(), Finding>,
    language: Result<LanguageTag, Warning>,
    phone_text: Content<'a>,
    campaign_text: Content<'a>,
    record_id: Cow<'a, str>,
}

impl<'a> Reading<'a> {
    fn of(fields: &RawFields<'a>, rules: &Rules) -> Self {
        let phone_text = Content::of(fields, Field::Phone);
        let campaign_text = Content::of(fields, Field::Campaign);
        let moment = |field| {
            let content = Content::of(fields, field);
            content.needed(field, Fault::TimeMissing).and_then(|text| time::judge(text, field, rules))
        };
        Self {
            phone: phone_text.needed(Field::Phone, Fault::PhoneMissing).and_then(|text| phone::judge(text, rules)),
            start: moment(Field::Start),
            end: moment(Field::End),
            campaign: campaign_text.needed(Field::Campaign, Fault::CampaignMissing).and_then(campaign),
            language: language(&Content::of(fields, Field::Language)),
            phone_text,
            campaign_text,
            record_id: Content::of(fields, Field::Id).shown(ID_BYTES_MAX),
        }
    }

    fn verdict(self, rules: &Rules) -> Verdict<'a> {
        let window = match (&self.start, &self.end) {
            (Ok(start), Ok(end)) => Some(window::judge(start.at, end.at, rules)),
            (Err(_), _) | (_, Err(_)) => None,
        };
        let (Ok(phone), Ok(start), Some(Ok(window)), Ok(())) = (&self.phone, &self.start, &window, &self.campaign)
        else {
            return Verdict::Rejected(Box::new(self.rejected(window.and_then(Result::err))));
        };
        Verdict::Accepted(Accepted {
            phone: *phone,
            window: *window,
            offset_minutes: start.offset_minutes,
            campaign: self.campaign_text.shown(ID_BYTES_MAX),
            language_warning: self.language.as_ref().err().copied(),
            language: self.language.unwrap_or_else(|_| rules.default_language.clone()),
            record_id: self.record_id,
        })
    }

    fn rejected(self, window: Option<Finding>) -> Rejected<'a> {
        let seen = Columns {
            record_id: self.record_id,
            phone: match &self.phone {
                Ok(phone) => Cow::Owned(phone.reveal()),
                Err(_) => self.phone_text.shown(PHONE_BYTES_MAX),
            },
            campaign: self.campaign_text.shown(ID_BYTES_MAX),
            language: self.language.ok(),
            window_start: self.start.as_ref().ok().map(|moment| moment.at),
            window_end: self.end.as_ref().ok().map(|moment| moment.at),
        };
        let faults = [self.phone.err(), self.start.err(), self.end.err(), window, self.campaign.err()];
        let mut findings: Vec<Finding> = faults.into_iter().flatten().collect();
        let of_the_row =
            |finding: &Finding| matches!(finding.fault, Fault::RowMalformed | Fault::RowEncoding | Fault::RowTooLong);
        findings.sort_by_key(of_the_row);
        Rejected { findings, seen }
    }
}

/// Judges a campaign's id.
fn campaign(text: &str) -> Result<(), Finding> {
    let finding = |fault, words: &str| Err(Finding::new(fault, words).of(Field::Campaign.name()));
    if let Some(control) = text.chars().find(|c| c.is_control()) {
        let words = format!("{} has a control character in it, U+{:04X}", excerpt(text), u32::from(control));
        return finding(Fault::RowMalformed, &words);
    }
    if text.len() > ID_BYTES_MAX {
        return finding(Fault::RowTooLong, &format!("{} bytes long, {ID_BYTES_MAX} at most", text.len()));
    }
    Ok(())
}

/// The language that a row names, or why it is the default one.
fn language(content: &Content) -> Result<LanguageTag, Warning> {
    match content {
        Content::Missing => Err(Warning::LanguageMissing),
        Content::Text(text) => LanguageTag::parse(text).ok_or(Warning::LanguageMalformed),
        Content::Garbled(_) | Content::Unfit(_) => Err(Warning::LanguageMalformed),
    }
}

#[cfg(test)]
mod tests;
