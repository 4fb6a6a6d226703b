//! Dates and times in the words of a language.

use chrono::{Datelike, NaiveDateTime, Timelike};
use icu_calendar::{Date, Gregorian};
use icu_datetime::fieldsets::{T, YMDE};
use icu_datetime::{DateTimeFormatterLoadError, FixedCalendarDateTimeFormatter, NoCalendarFormatter};
use icu_locale_core::Locale;
use icu_time::Time;

/// The words of one language. Dates are Gregorian in all of them: they are the dates that the customer asked for.
pub(super) struct Words {
    date: FixedCalendarDateTimeFormatter<Gregorian, YMDE>,
    time: NoCalendarFormatter<T>,
}

impl Words {
    /// The words of a language; those of its first part, else of no language in particular, where it has none.
    pub(super) fn of(language: &str) -> Option<Self> {
        let first_part = language.split('-').next().unwrap_or_default();
        let locale = Locale::try_from_str(language).or_else(|_| Locale::try_from_str(first_part));
        Self::load(&locale.unwrap_or(Locale::UNKNOWN)).or_else(|_| Self::load(&Locale::UNKNOWN)).ok()
    }

    fn load(locale: &Locale) -> Result<Self, DateTimeFormatterLoadError> {
        Ok(Self {
            date: FixedCalendarDateTimeFormatter::try_new(locale.into(), YMDE::long())?,
            time: NoCalendarFormatter::try_new(locale.into(), T::hm())?,
        })
    }

    /// A date with its weekday: `Tuesday, November 24, 2026`.
    pub(super) fn date(&self, local: NaiveDateTime) -> Option<String> {
        let (month, day) = (u8::try_from(local.month()).ok()?, u8::try_from(local.day()).ok()?);
        let date = Date::try_new_gregorian(local.year(), month, day).ok()?;
        Some(with_plain_spaces(&self.date.format(&date).to_string()))
    }

    /// A time of day: `2:30 PM`.
    pub(super) fn time(&self, local: NaiveDateTime) -> Option<String> {
        let (hour, minute) = (u8::try_from(local.hour()).ok()?, u8::try_from(local.minute()).ok()?);
        let time = Time::try_new(hour, minute, 0, 0).ok()?;
        Some(with_plain_spaces(&self.time.format(&time).to_string()))
    }
}

/// A text without the narrow and unbreakable spaces that would halve what fits into an SMS.
fn with_plain_spaces(text: &str) -> String {
    text.replace(['\u{202f}', '\u{a0}', '\u{2009}'], " ")
}
