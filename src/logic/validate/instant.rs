//! Instants as RFC 3339 and most exports write them, read in passing: some nanoseconds, no branch a figure.

use crate::domain::time::Timestamp;

/// An instant as RFC 3339 and most exports write it, `2026-11-23T10:00:00Z` or `2026-11-23T10:00:00.5-05:00`; the minutes
/// are those that its clock is ahead of UTC. `None` for all else, be it a time or not: [`super::iso`] tells.
pub(super) fn plain(text: &[u8]) -> Option<(Timestamp, i16)> {
    let (clock, zone) = text.split_first_chunk::<19>()?;
    let clock = Figures::of(clock)?;
    let (date, time) = (clock.pair(0) * 100 + clock.pair(2), [clock.pair(11), clock.pair(14), clock.pair(17)]);
    let ahead = match behind_fraction(zone)? {
        [b'Z'] => 0,
        [sign @ (b'+' | b'-'), offset @ ..] => offset_ahead(*sign, offset.try_into().ok()?)?,
        _ => return None,
    };
    let [hour, minute, second] = time;
    let is_time = hour <= 23 && minute <= 59 && second <= 59;
    let days = day_number(date, clock.pair(5), clock.pair(8)).filter(|_| is_time)?;
    let seconds = days * 86_400 + i64::from(hour * 3600 + minute * 60 + second) - i64::from(ahead) * 60;
    let at = Timestamp::from_unix(seconds);
    Some((at, i16::try_from(ahead).ok()?)).filter(|_| at.unix() == seconds)
}

/// The minutes of an offset, `05:00`.
fn offset_ahead(sign: u8, offset: [u8; 5]) -> Option<i32> {
    let value = |place: usize| Some(i32::from(offset[place].wrapping_sub(b'0'))).filter(|value| *value <= 9);
    let (hours, minutes) = (value(0)? * 10 + value(1)?, value(3)? * 10 + value(4)?);
    let ahead = hours * 60 + minutes;
    let is_offset = offset[2] == b':' && hours <= 23 && minutes <= 59;
    is_offset.then_some(if sign == b'-' { -ahead } else { ahead })
}

/// The figures of `2026-11-23T10:00:00`, each 0 to 9; a 0 stands for each sign between them.
struct Figures([u8; 19]);

/// The signs, and a 0 of text for each figure.
const FORM: &[u8; 19] = b"0000-00-00T00:00:00";

impl Figures {
    /// All of them are looked at together: a byte that is no figure is found by its highest bits.
    #[inline]
    fn of(clock: &[u8; 19]) -> Option<Self> {
        let mut figures = [0; 19];
        let mut strange = 0;
        for place in 0..19 {
            let figure = clock[place] ^ FORM[place];
            let most = if FORM[place] == b'0' { 9 } else { 0 };
            strange |= (figure | figure.wrapping_add(0x7f - most)) & 0x80;
            figures[place] = figure;
        }
        (strange == 0).then_some(Self(figures))
    }

    #[inline]
    fn pair(&self, place: usize) -> i32 {
        i32::from(self.0[place]) * 10 + i32::from(self.0[place + 1])
    }
}

/// What follows a fraction of a second, where there is one.
fn behind_fraction(text: &[u8]) -> Option<&[u8]> {
    let [b'.', behind @ ..] = text else { return Some(text) };
    let digits = behind.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (1..=9).contains(&digits).then(|| &behind[digits..])
}

/// Days from 1970-01-01 to a date of the years 0000 to 9999 in the Gregorian calendar; `None` where there is no such date.
fn day_number(year: i32, month: i32, day: i32) -> Option<i64> {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + i32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => return None,
    };
    // Counted from March on, the day that leap years add is the last of all.
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let before_month = (153 * month + 2) / 5;
    let before_year = 365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    (1..=days).contains(&day).then(|| i64::from(before_year + before_month + day - 1) - 719_468)
}

#[cfg(test)]
mod tests {
    use super::super::iso::{Spelled, parse};
    use super::*;
    use proptest::prelude::*;

    /// Whatever is read in passing is what a closer look finds.
    fn agrees(text: &str) {
        if let Some((at, minutes)) = plain(text.as_bytes()) {
            assert_eq!(parse(text), Ok(Spelled::Instant(at, minutes)), "{text}");
        }
    }

    #[test]
    fn dates_that_there_are_not_are_not_read_in_passing() {
        for year in 0..=9999 {
            for (month, day) in
                [(2, 28), (2, 29), (2, 30), (3, 1), (4, 30), (4, 31), (12, 31), (12, 32), (0, 1), (13, 1), (1, 0)]
            {
                let text = format!("{year:04}-{month:02}-{day:02}T10:00:00Z");
                let both =
                    (plain(text.as_bytes()).map(|(at, minutes)| Spelled::Instant(at, minutes)), parse(&text).ok());
                assert_eq!(both.0, both.1, "{text}");
            }
        }
    }

    /// Texts that are nearly instants.
    fn nearly() -> impl Strategy<Value = String> {
        let time = "[0-9]{4}-[0-1][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-6][0-9](:[0-6][0-9]([.,][0-9]{0,10})?)?";
        let strange = "([-:0-9TZ+. /]|\\PC){0,2}";
        (time, "|Z|z|[+-][0-2][0-9](:?[0-6][0-9])?", strange)
            .prop_map(|(time, offset, behind)| time + &offset + &behind)
    }

    proptest! {
        #[test]
        fn what_is_read_in_passing_is_read_the_same_at_a_closer_look(text in nearly()) {
            agrees(&text);
        }

        #[test]
        fn every_second_of_every_zone_is_read_in_passing(seconds in -62_135_596_800i64..253_402_214_400, minutes in -1439i32..=1439) {
            let zone = chrono::FixedOffset::east_opt(minutes * 60).expect("an offset");
            let time = chrono::DateTime::from_timestamp(seconds, 0).expect("a time").with_timezone(&zone);
            for text in [time.to_rfc3339(), time.to_utc().to_rfc3339_opts(chrono::SecondsFormat::Secs, true)] {
                prop_assume!(text.starts_with(|c: char| c.is_ascii_digit()));
                prop_assert_eq!(plain(text.as_bytes()).map(|(at, _)| at.unix()), Some(seconds), "{}", text);
                agrees(&text);
            }
        }

        #[test]
        fn one_byte_more_or_less_is_seen(place in 0..25usize, byte in any::<u8>()) {
            let mut text = b"2026-11-23T10:00:00-05:00".to_vec();
            text[place] = byte;
            if let Some((at, minutes)) = plain(&text) {
                let text = String::from_utf8(text).expect("ASCII");
                prop_assert_eq!(parse(&text), Ok(Spelled::Instant(at, minutes)), "{}", text);
            }
        }
    }
}
