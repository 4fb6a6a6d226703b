//! ISO 8601, by one parser that says what it takes.
//!
//! Taken: `YYYY-MM-DD` or `YYYYMMDD`; `T`, `t` or one space; `hh:mm` or `hh:mm:ss` (`hhmm`, `hhmmss` behind
//! a date without hyphens); a fraction of one to nine digits behind `.` or `,`, which is cut; nothing, `Z`,
//! `z`, `±hh:mm`, `±hhmm` or `±hh`. Refused: everything else, so also `24:00`, a 60th second, weeks, days of
//! the year, and an offset of a day or more.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use crate::domain::time::Timestamp;

/// A time as it is spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelled {
    /// With its distance from UTC, in minutes.
    Instant(Timestamp, i16),
    /// Of some clock on some wall.
    Local(NaiveDateTime),
}

impl Spelled {
    /// A wall-clock time whose clock is so many minutes ahead of UTC; `None` beyond the years 0000 to 9999.
    pub(super) fn ahead(local: NaiveDateTime, minutes: i16) -> Option<Self> {
        let seconds = local.and_utc().timestamp() - i64::from(minutes) * 60;
        let at = Timestamp::from_unix(seconds);
        (at.unix() == seconds).then_some(Self::Instant(at, minutes))
    }
}

/// Why a text is no time: the rest of a sentence that begins with the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
pub(super) enum NotIso {
    #[strum(serialize = "is not a date and time as in 2026-11-23T10:00:00-05:00; validation.time_formats adds shapes")]
    Shape,
    #[strum(serialize = "is a date without a time of day")]
    DateAlone,
    #[strum(serialize = "names no real date")]
    NoSuchDate,
    #[strum(serialize = "names no real time of day")]
    NoSuchTime,
    #[strum(serialize = "is no time of day: for the end of a day write 00:00 of the next day")]
    EndOfDay,
    #[strum(serialize = "names no real offset from UTC")]
    NoSuchOffset,
}

/// Reads a whole text as one time.
pub(super) fn parse(text: &str) -> Result<Spelled, NotIso> {
    let mut rest = Rest(text.as_bytes());
    let (year, month, day, style) = date(&mut rest)?;
    if rest.0.is_empty() {
        return Err(NotIso::DateAlone);
    }
    if !rest.eat_any(b"Tt ") {
        return Err(NotIso::Shape);
    }
    let date = NaiveDate::from_ymd_opt(year, month, day).ok_or(NotIso::NoSuchDate)?;
    let time = time(&mut rest, style)?;
    let local = NaiveDateTime::new(date, time);
    match offset_minutes(&mut rest)? {
        None => Ok(Spelled::Local(local)),
        Some(minutes) => Spelled::ahead(local, minutes).ok_or(NotIso::NoSuchDate),
    }
}

/// Whether a date and its time have separators.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Extended,
    Basic,
}

/// Year, month and day, whether or not there is such a day.
fn date(rest: &mut Rest) -> Result<(i32, u32, u32, Style), NotIso> {
    let year = rest.digits(4)?;
    let style = if rest.eat(b'-') { Style::Extended } else { Style::Basic };
    let month = rest.digits(2)?;
    if style == Style::Extended && !rest.eat(b'-') {
        return Err(NotIso::Shape);
    }
    let day = rest.digits(2)?;
    let year = i32::try_from(year).map_err(|_| NotIso::Shape)?;
    Ok((year, month, day, style))
}

/// The time of day, in whole seconds.
fn time(rest: &mut Rest, style: Style) -> Result<NaiveTime, NotIso> {
    let hour = rest.digits(2)?;
    if style == Style::Extended && !rest.eat(b':') {
        return Err(NotIso::Shape);
    }
    let minute = rest.digits(2)?;
    let has_seconds = match style {
        Style::Extended => rest.eat(b':'),
        Style::Basic => rest.0.first().is_some_and(u8::is_ascii_digit),
    };
    let second = if has_seconds { rest.digits(2)? } else { 0 };
    if has_seconds && rest.eat_any(b".,") && !(1..=9).contains(&rest.skip_digits()) {
        return Err(NotIso::Shape);
    }
    let why = if (hour, minute, second) == (24, 0, 0) { NotIso::EndOfDay } else { NotIso::NoSuchTime };
    NaiveTime::from_hms_opt(hour, minute, second).ok_or(why)
}

/// The offset, which is the last; `None` where there is none.
fn offset_minutes(rest: &mut Rest) -> Result<Option<i16>, NotIso> {
    if rest.0.is_empty() {
        return Ok(None);
    }
    if rest.eat_any(b"Zz") {
        return if rest.0.is_empty() { Ok(Some(0)) } else { Err(NotIso::Shape) };
    }
    let west = rest.eat(b'-');
    if !west && !rest.eat(b'+') {
        return Err(NotIso::Shape);
    }
    let hours = rest.digits(2)?;
    let colon = rest.eat(b':');
    let minutes = if colon || !rest.0.is_empty() { rest.digits(2)? } else { 0 };
    if !rest.0.is_empty() {
        return Err(NotIso::Shape);
    }
    if hours > 23 || minutes > 59 {
        return Err(NotIso::NoSuchOffset);
    }
    let ahead = i16::try_from(hours * 60 + minutes).map_err(|_| NotIso::NoSuchOffset)?;
    Ok(Some(if west { -ahead } else { ahead }))
}

/// What is still to be read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    /// Takes exactly so many digits, as a number.
    fn digits(&mut self, count: usize) -> Result<u32, NotIso> {
        let (digits, rest) = self.0.split_at_checked(count).ok_or(NotIso::Shape)?;
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(NotIso::Shape);
        }
        self.0 = rest;
        Ok(digits.iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0')))
    }

    /// Passes all digits that come next, and says how many there were.
    fn skip_digits(&mut self) -> usize {
        let count = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.0 = &self.0[count..];
        count
    }

    /// Takes this byte if it comes next.
    fn eat(&mut self, byte: u8) -> bool {
        self.eat_any(&[byte])
    }

    /// Takes one of these bytes if it comes next.
    fn eat_any(&mut self, bytes: &[u8]) -> bool {
        match self.0.split_first() {
            Some((first, rest)) if bytes.contains(first) => {
                self.0 = rest;
                true
            }
            Some(_) | None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn instant(text: &str, minutes: i16) -> Spelled {
        let at = chrono::DateTime::parse_from_rfc3339(text).expect("a time").timestamp();
        Spelled::Instant(Timestamp::from_unix(at), minutes)
    }

    #[test]
    fn spellings_that_are_taken() {
        let ten = instant("2026-11-22T10:00:00Z", 0);
        let east = instant("2026-11-22T10:00:00+05:30", 330);
        let west = instant("2026-11-22T10:00:00-05:00", -300);
        for (text, expected) in [
            ("2026-11-22T10:00:00Z", ten),
            ("2026-11-22t10:00:00z", ten),
            ("2026-11-22 10:00:00Z", ten),
            ("2026-11-22T10:00Z", ten),
            ("2026-11-22T10:00:00.9Z", ten),
            ("2026-11-22T10:00:00,123456789Z", ten),
            ("2026-11-22T10:00:00+00:00", ten),
            ("2026-11-22T10:00:00-00:00", ten),
            ("20261122T100000Z", ten),
            ("20261122T1000Z", ten),
            ("20261122T100000.5Z", ten),
            ("2026-11-22T10:00:00+05:30", east),
            ("2026-11-22T10:00:00+0530", east),
            ("20261122T100000+0530", east),
            ("2026-11-22T10:00-05", west),
            ("2026-11-22 10:00:00-05:00", west),
            ("2024-02-29T23:59:59+23:59", instant("2024-02-29T23:59:59+23:59", 1439)),
            ("0000-01-01T00:00:00Z", instant("0000-01-01T00:00:00Z", 0)),
            ("9999-12-31T23:59:59Z", instant("9999-12-31T23:59:59Z", 0)),
        ] {
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
        let local = "2026-11-22T10:00:00".parse().expect("a time");
        for text in ["2026-11-22T10:00:00", "2026-11-22 10:00", "20261122T100000", "2026-11-22T10:00:00.25"] {
            assert_eq!(parse(text), Ok(Spelled::Local(local)), "{text}");
        }
    }

    #[test]
    fn spellings_that_are_refused() {
        use NotIso::{DateAlone, EndOfDay, NoSuchDate, NoSuchOffset, NoSuchTime, Shape};
        for (text, why) in [
            ("", Shape),
            ("tomorrow at 3", Shape),
            ("1795438800", Shape),
            ("2026-11-22", DateAlone),
            ("20261122", DateAlone),
            ("2026-11-22T", Shape),
            ("2026-11-22T10", Shape),
            ("2026-11-22T10Z", Shape),
            ("2026-11-22T10:0", Shape),
            ("2026-11-22  10:00:00Z", Shape),
            ("2026-11-22T10:00:00 Z", Shape),
            ("2026-11-22T10:00:00 05:00", Shape),
            ("2026-11-22_10:00:00Z", Shape),
            ("2026-11-22T10:00:00ZZ", Shape),
            ("2026-11-22T10:00:00Z[UTC]", Shape),
            ("2026-11-22T10:00:00.Z", Shape),
            ("2026-11-22T10:00:00.1234567890Z", Shape),
            ("2026-11-22T10:00.5Z", Shape),
            ("2026-11-22T100000Z", Shape),
            ("20261122T10:00:00Z", Shape),
            ("2026-1122T10:00:00Z", Shape),
            ("2026-W48-1T10:00:00Z", Shape),
            ("2026-326T10:00:00Z", Shape),
            ("+2026-11-22T10:00:00Z", Shape),
            ("2026-11-22T10:00:00−05:00", Shape),
            ("2026-11-22T10:00:00+5", Shape),
            ("2026-11-22T10:00:00+05:", Shape),
            ("2026-11-22T10:00:00+05:30:00", Shape),
            ("11/22/2026 10:00", Shape),
            ("２０２６-11-22T10:00:00Z", Shape),
            ("2026-02-30T10:00:00Z", NoSuchDate),
            ("2026-02-29T10:00:00Z", NoSuchDate),
            ("2026-13-01T10:00:00Z", NoSuchDate),
            ("2026-00-10T10:00:00Z", NoSuchDate),
            ("0000-01-01T00:00:00+00:01", NoSuchDate),
            ("9999-12-31T23:59:59-00:01", NoSuchDate),
            ("2026-11-22T24:00:00Z", EndOfDay),
            ("20261122T2400-05", EndOfDay),
            ("2026-11-22T24:00:01Z", NoSuchTime),
            ("2026-11-22T10:60:00Z", NoSuchTime),
            ("2026-12-31T23:59:60Z", NoSuchTime),
            ("2026-11-22T10:00:00+24:00", NoSuchOffset),
            ("2026-11-22T10:00:00-05:60", NoSuchOffset),
        ] {
            assert_eq!(parse(text), Err(why), "{text}");
        }
    }

    /// Texts that are nearly times.
    fn nearly() -> impl Strategy<Value = String> {
        let date = "[0-9]{4}-[0-1][0-9]-[0-3][0-9]|[0-9]{4}[0-1][0-9][0-3][0-9]|2026-W[0-9]{2}-[1-7]";
        let time = "[0-2][0-9]:[0-6][0-9](:[0-6][0-9]([.,][0-9]{1,10})?)?|[0-2][0-9][0-6][0-9]([0-6][0-9])?";
        let offset = "|Z|z|[+-][0-2][0-9](:?[0-6][0-9])?";
        (date, "[Tt ]", time, offset).prop_map(|(date, t, time, offset)| format!("{date}{t}{time}{offset}"))
    }

    proptest! {
        #[test]
        fn where_chrono_reads_an_instant_too_it_is_the_same(text in nearly()) {
            if let (Ok(Spelled::Instant(at, minutes)), Ok(theirs)) = (parse(&text), chrono::DateTime::parse_from_rfc3339(&text)) {
                prop_assert_eq!(at.unix(), theirs.timestamp());
                prop_assert_eq!(i32::from(minutes) * 60, theirs.offset().local_minus_utc());
            }
        }

        #[test]
        fn where_jiff_reads_it_too_it_is_the_same(text in nearly()) {
            let theirs = text.parse::<jiff::Timestamp>();
            match (parse(&text), theirs, text.parse::<jiff::civil::DateTime>()) {
                (Ok(Spelled::Instant(at, _)), Ok(theirs), _) => {
                    // jiff keeps the fraction; ours was cut.
                    prop_assert_eq!(i128::from(at.unix()), theirs.as_nanosecond().div_euclid(1_000_000_000));
                }
                (Ok(Spelled::Local(local)), _, Ok(theirs)) => {
                    prop_assert_eq!(local.format("%FT%T").to_string(), theirs.strftime("%FT%T").to_string());
                }
                _ => {}
            }
        }

        #[test]
        fn rfc_3339_with_four_digit_years_is_always_taken(seconds in -62_135_596_800i64..253_402_214_400, minutes in -1439i32..=1439) {
            let zone = chrono::FixedOffset::east_opt(minutes * 60).expect("an offset");
            let text = chrono::DateTime::from_timestamp(seconds, 0).expect("a time").with_timezone(&zone).to_rfc3339();
            prop_assume!(text.starts_with(|c: char| c.is_ascii_digit()));
            let expected = Spelled::Instant(Timestamp::from_unix(seconds), i16::try_from(minutes).expect("minutes"));
            prop_assert_eq!(parse(&text), Ok(expected));
        }

        #[test]
        fn no_text_is_too_strange(text in any::<String>()) {
            let _ = parse(&text);
        }
    }
}
