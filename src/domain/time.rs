//! Instants and clock hours, in whole seconds of UTC.

use chrono::{DateTime, FixedOffset, Utc};

/// Seconds in one slot of a forecast.
pub const HOUR: i64 = 3600;

/// An instant: seconds since 1970-01-01T00:00:00Z, within the years 0000 to 9999.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(i64);

/// 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z: what four digits of a year can spell.
const SPELLABLE: std::ops::RangeInclusive<i64> = -62_167_219_200..=253_402_300_799;

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    /// The instant at these seconds of the Unix clock; beyond the years 0000 to 9999, the nearest end.
    #[must_use]
    pub fn from_unix(seconds: i64) -> Self {
        Self(seconds.clamp(*SPELLABLE.start(), *SPELLABLE.end()))
    }

    /// Seconds of the Unix clock.
    #[must_use]
    pub fn unix(self) -> i64 {
        self.0
    }

    /// The instant some seconds later, or earlier where they are negative.
    #[must_use]
    pub fn plus(self, seconds: i64) -> Self {
        Self::from_unix(self.0.saturating_add(seconds))
    }

    /// Seconds from `earlier` to here; negative where `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// The full hour at or before this instant.
    #[must_use]
    pub fn hour_floor(self) -> Self {
        Self::from_unix(self.0.div_euclid(HOUR) * HOUR)
    }

    /// The full hour at or after this instant.
    #[must_use]
    pub fn hour_ceil(self) -> Self {
        Self::from_unix((self.0 + HOUR - 1).div_euclid(HOUR) * HOUR)
    }

    /// `YYYY-MM-DDTHH:MM:SSZ`, the spelling of every file and of the wire.
    #[must_use]
    pub fn rfc3339(self) -> String {
        self.spelled().as_str().to_owned()
    }

    /// The same without a place in memory of its own: a report spells tens of millions.
    #[must_use]
    #[inline]
    pub fn spelled(self) -> SpelledTime {
        let (days, second) = self.day_and_second();
        SpelledTime::of(date(days), second)
    }

    /// Whole days since 0000-01-01, and the second of the day.
    #[inline]
    fn day_and_second(self) -> (usize, usize) {
        let seconds = usize::try_from(self.0 - SPELLABLE.start()).unwrap_or_default();
        (seconds / DAY, seconds % DAY)
    }

    /// The instant that such a text spells, in UTC or with an offset; fractions of a second are cut.
    #[must_use]
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(|time| Self::from_unix(time.timestamp()))
    }

    /// The same instant on a clock that is so many minutes ahead of UTC: `2026-11-23T08:00:00-05:00`.
    #[must_use]
    pub fn rfc3339_at(self, offset_minutes: i16) -> String {
        let offset = FixedOffset::east_opt(i32::from(offset_minutes) * 60);
        offset.map_or_else(|| self.rfc3339(), |offset| self.chrono().with_timezone(&offset).to_rfc3339())
    }

    /// The same instant in chrono's type.
    #[must_use]
    pub fn chrono(self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.0, 0).unwrap_or(DateTime::UNIX_EPOCH)
    }
}

/// An instant as `YYYY-MM-DDTHH:MM:SSZ`, in ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpelledTime([u8; 20]);

impl SpelledTime {
    /// Two instants. Mostly they are of one day, and its date is found once.
    #[must_use]
    #[inline]
    pub fn both(first: Timestamp, second: Timestamp) -> [Self; 2] {
        let (one, other) = (first.day_and_second(), second.day_and_second());
        let date_of_one = date(one.0);
        let date_of_other = if one.0 == other.0 { date_of_one } else { date(other.0) };
        [Self::of(date_of_one, one.1), Self::of(date_of_other, other.1)]
    }

    #[inline]
    fn of((year, month, day): (usize, usize, usize), second: usize) -> Self {
        let [[y1, y2], [y3, y4]] = [PAIRS[year / 100], PAIRS[year % 100]];
        let [[m1, m2], [d1, d2]] = [PAIRS[month], PAIRS[day]];
        let [[h1, h2], [n1, n2], [s1, s2]] = [second / 3600, second / 60 % 60, second % 60].map(|two| PAIRS[two]);
        Self([y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':', s1, s2, b'Z'])
    }

    /// Its bytes.
    #[must_use]
    #[inline]
    pub fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// The same as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

const DAY: usize = 86_400;

/// The numbers of two digits, spelled.
pub(super) const PAIRS: [[u8; 2]; 100] = pairs();

const fn pairs() -> [[u8; 2]; 100] {
    let (mut pairs, mut tens) = ([[b'0'; 2]; 100], b'0');
    let mut at = 0;
    while at < pairs.len() {
        let mut ones = b'0';
        while ones <= b'9' {
            pairs[at] = [tens, ones];
            (at, ones) = (at + 1, ones + 1);
        }
        tens += 1;
    }
    pairs
}

/// Days from the 1st of March of the year -400 to the 1st of January of the year 0.
const DAYS_BEFORE: usize = 146_097 - 60;

/// Year, month and day, so many days behind 0000-01-01. Years are counted from March on, so that a leap day is a
/// year's last (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`).
#[inline]
fn date(days: usize) -> (usize, usize, usize) {
    let days = days + DAYS_BEFORE;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, later) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year + later - 400, month, day)
}

/// A half-open stretch of time, `[start, end)`. It may be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Interval {
    /// The first instant inside.
    pub start: Timestamp,
    /// The first instant behind.
    pub end: Timestamp,
}

impl Interval {
    /// The part that both have; empty where they do not meet.
    #[must_use]
    pub fn intersect(self, other: Self) -> Self {
        Self { start: self.start.max(other.start), end: self.end.min(other.end) }
    }

    /// Whether no instant lies inside.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// Whole seconds inside.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.end.since(self.start).max(0)
    }

    /// Whether the instant lies inside.
    #[must_use]
    pub fn contains(self, at: Timestamp) -> bool {
        self.start <= at && at < self.end
    }
}

#[cfg(test)]
mod tests {
    use chrono::SecondsFormat;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hours_are_floored_and_raised_on_both_sides_of_the_epoch() {
        for (at, floor, ceil) in [(0, 0, 0), (1, 0, 3600), (3599, 0, 3600), (-1, -3600, 0), (7200, 7200, 7200)] {
            let at = Timestamp::from_unix(at);
            assert_eq!((at.hour_floor().unix(), at.hour_ceil().unix()), (floor, ceil), "{at:?}");
        }
    }

    #[test]
    fn the_spelling_is_whole_seconds_of_utc() {
        assert_eq!(Timestamp::from_unix(1_795_438_800).rfc3339(), "2026-11-23T13:00:00Z");
        let (read, at) = (Timestamp::from_rfc3339("2026-11-23T08:00:00.9-05:00"), Timestamp::from_unix(1_795_438_800));
        assert_eq!((read, Timestamp::from_rfc3339("tomorrow")), (Some(at), None));
        assert_eq!(at.rfc3339_at(-300), "2026-11-23T08:00:00-05:00");
        assert_eq!(Timestamp::from_unix(i64::MAX).rfc3339(), "9999-12-31T23:59:59Z");
        assert_eq!(Timestamp::from_unix(i64::MIN).rfc3339(), "0000-01-01T00:00:00Z");
    }

    fn as_chrono_spells(at: Timestamp) -> String {
        at.chrono().to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    #[test]
    fn every_day_of_four_centuries_is_the_calendars() {
        // They repeat themselves to the day.
        for day in 0..=146_097_i64 {
            let at = Timestamp::from_unix(SPELLABLE.start() + 86_400 * day + day % 86_400);
            assert_eq!(at.rfc3339(), as_chrono_spells(at));
        }
    }

    proptest! {
        #[test]
        fn every_second_is_spelled_as_the_calendar_does(seconds in SPELLABLE) {
            let at = Timestamp::from_unix(seconds);
            prop_assert_eq!(at.rfc3339(), as_chrono_spells(at));
        }

        #[test]
        fn two_instants_are_spelled_as_each_is(seconds in SPELLABLE, later in 0..=3 * 86_400_i64) {
            let (one, other) = (Timestamp::from_unix(seconds), Timestamp::from_unix(seconds + later));
            prop_assert_eq!(SpelledTime::both(one, other), [one.spelled(), other.spelled()]);
        }
    }
}
