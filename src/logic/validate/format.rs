//! More shapes of times, as settings name them.

use std::fmt::Write as _;

use chrono::format::{Fixed, Item, Parsed, StrftimeItems};
use chrono::{DateTime, FixedOffset, NaiveDateTime, Timelike};

use super::iso::Spelled;

/// A shape in the letters of `strftime`, `%m/%d/%Y %I:%M %p`. Without `%z` its times are those of a wall clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeFormat(Vec<Item<'static>>);

/// Why a shape cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadFormat {
    /// A letter behind `%` has no meaning.
    #[error("has a % with no meaning; see the letters of strftime")]
    Letters,
    /// `%Z`: `EST` or `CST` alone do not say which zone is meant.
    #[error("has %Z, but a zone's abbreviation is not unique; use %z for an offset")]
    Abbreviation,
    /// It leaves open the date, the hour or the minute.
    #[error("does not give a whole date, hour and minute (with %I, %p is needed too)")]
    Incomplete,
}

impl TimeFormat {
    /// The shape that a text spells: every date, hour and minute must come back from it.
    pub fn new(spelling: &str) -> Result<Self, BadFormat> {
        let items = StrftimeItems::new(spelling).parse_to_owned().map_err(|_| BadFormat::Letters)?;
        if items.contains(&Item::Fixed(Fixed::TimezoneName)) {
            return Err(BadFormat::Abbreviation);
        }
        let format = Self(items);
        let comes_back = samples().all(|sample| {
            format.write(sample).and_then(|text| format.read(&text)).is_some_and(|spelled| match spelled {
                Spelled::Instant(at, _) => at.unix() / 60 == sample.timestamp() / 60,
                Spelled::Local(local) => local.with_second(0) == sample.naive_local().with_second(0),
            })
        });
        if comes_back { Ok(format) } else { Err(BadFormat::Incomplete) }
    }

    /// The time that a text has in this shape.
    pub(super) fn read(&self, text: &str) -> Option<Spelled> {
        let mut parsed = Parsed::new();
        chrono::format::parse(&mut parsed, text, self.0.iter()).ok()?;
        if parsed.second() == Some(60) {
            return None;
        }
        if parsed.offset().is_none() && parsed.timestamp().is_none() {
            return parsed.to_naive_datetime_with_offset(0).ok().and_then(whole_seconds).map(Spelled::Local);
        }
        let offset = parsed.offset().unwrap_or(0);
        let local = parsed.to_naive_datetime_with_offset(offset).ok().and_then(whole_seconds)?;
        Spelled::ahead(local, i16::try_from(offset / 60).ok()?)
    }

    fn write(&self, sample: DateTime<FixedOffset>) -> Option<String> {
        let mut text = String::new();
        write!(text, "{}", sample.format_with_items(self.0.iter())).ok()?;
        Some(text)
    }
}

/// A time of a year with four digits, its fraction cut.
fn whole_seconds(local: NaiveDateTime) -> Option<NaiveDateTime> {
    Spelled::ahead(local, 0)?;
    local.with_nanosecond(0)
}

/// Two times that differ in every part: a morning and an evening.
fn samples() -> impl Iterator<Item = DateTime<FixedOffset>> {
    ["2026-11-23T10:42:07-05:00", "2031-02-03T21:05:59+01:00"]
        .into_iter()
        .filter_map(|sample| DateTime::parse_from_rfc3339(sample).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_that_leave_something_open_are_refused() {
        for (spelling, expected) in [
            ("%m/%d/%Y %I:%M %p", Ok(())),
            ("%d.%m.%y %H:%M", Ok(())),
            ("%Y-%m-%d %H:%M:%S %z", Ok(())),
            ("%b %e, %Y at %l:%M%P", Ok(())),
            ("%s", Ok(())),
            ("%m/%d/%Y %I:%M", Err(BadFormat::Incomplete)),
            ("%m/%d/%Y", Err(BadFormat::Incomplete)),
            ("%H:%M", Err(BadFormat::Incomplete)),
            ("%d %H:%M", Err(BadFormat::Incomplete)),
            ("", Err(BadFormat::Incomplete)),
            ("%m/%d/%Y %H:%M %Z", Err(BadFormat::Abbreviation)),
            ("%m/%d/%Y %!", Err(BadFormat::Letters)),
            ("%", Err(BadFormat::Letters)),
        ] {
            assert_eq!(TimeFormat::new(spelling).map(|_| ()), expected, "{spelling}");
        }
    }

    #[test]
    fn a_shape_reads_what_is_written_in_it() {
        let ten = Spelled::Local("2026-11-23T10:00:00".parse().expect("a time"));
        let evening = Spelled::Local("2026-11-23T22:00:00".parse().expect("a time"));
        let shifted = Spelled::ahead("2026-11-23T10:00:00".parse().expect("a time"), -300);
        for (spelling, text, expected) in [
            ("%m/%d/%Y %I:%M %p", "11/23/2026 10:00 AM", Some(ten)),
            ("%m/%d/%Y %I:%M %p", "11/23/2026 10:00 pm", Some(evening)),
            ("%m/%d/%Y %I:%M %p", "11/31/2026 10:00 AM", None),
            ("%m/%d/%Y %I:%M %p", "11/23/2026 13:00 PM", None),
            ("%m/%d/%Y %I:%M %p", "11/23/2026 10:00 AM EST", None),
            ("%m/%d/%Y %H:%M:%S", "11/23/2026 10:00:60", None),
            ("%m/%d/%Y %H:%M:%S%.f", "11/23/2026 10:00:00.75", Some(ten)),
            ("%m/%d/%Y %H:%M %z", "11/23/2026 10:00 -0500", shifted),
            ("%s", "1795446000", Spelled::ahead("2026-11-23T15:00:00".parse().expect("a time"), 0)),
            ("%s", "99999999999999", None),
        ] {
            assert_eq!(TimeFormat::new(spelling).expect("a format").read(text), expected, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_shape_and_no_text_is_too_strange(spelling in "(%[-_0]?[a-zA-Z+:#]|.){0,6}", text in ".{0,30}") {
            if let Ok(format) = TimeFormat::new(&spelling) {
                let _ = format.read(&text);
            }
        }
    }
}
