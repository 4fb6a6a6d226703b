//! The hours of every day in which texts may go out.

use std::fmt;

use chrono::Timelike;

use crate::domain::time::Timestamp;
use crate::domain::zone::Zone;

use super::span::{BadSpan, Span};

/// The same hours every day, or all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DailyHours {
    /// At any time.
    Always,
    /// In one part of each day.
    Daily(Span),
}

/// Seconds in a day.
const DAY: i64 = 24 * 3600;

impl DailyHours {
    /// Reads `always`, or a part of a day, `08:00-21:00`; it may run overnight.
    pub fn parse(text: &str) -> Result<Self, BadSpan> {
        if text.trim().eq_ignore_ascii_case("always") {
            return Ok(Self::Always);
        }
        Span::parse(text).map(Self::Daily)
    }

    /// Whether an instant lies in these hours, by the clocks of a zone.
    #[must_use]
    pub fn is_open(self, at: Timestamp, zone: &Zone) -> bool {
        self.until_open(i64::from(zone.wall_clock(at).num_seconds_from_midnight())) == 0
    }

    /// The first instant not before `at` that lies in these hours: `at` itself where it does.
    #[must_use]
    pub fn next_open(self, at: Timestamp, zone: &Zone) -> Timestamp {
        let mut at = at;
        // Clocks are set a few times a year at most: a day that nothing disturbs is soon there.
        for _ in 0..CHANGES_MAX {
            let wait = self.until_open(i64::from(zone.wall_clock(at).num_seconds_from_midnight()));
            let opens = at.plus(wait);
            match zone.next_change(at).filter(|change| *change <= opens && wait > 0) {
                Some(change) => at = change,
                None => return opens,
            }
        }
        at
    }

    /// Seconds from a second of the day until these hours are open, if no clock is set meanwhile.
    fn until_open(self, second: i64) -> i64 {
        let Self::Daily(span) = self else { return 0 };
        let (start, end) = (i64::from(span.start) * 60, i64::from(span.end) * 60);
        let wait = (start - second).rem_euclid(DAY);
        let open_since = DAY - wait;
        if wait == 0 || open_since < end - start { 0 } else { wait }
    }
}

impl fmt::Display for DailyHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Always => f.write_str("always"),
            Self::Daily(span) => span.fmt(f),
        }
    }
}

/// How often the clocks may be set before the hours open.
const CHANGES_MAX: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from_unix(chrono::DateTime::parse_from_rfc3339(text).expect("a time").timestamp())
    }

    fn new_york() -> Zone {
        Zone::named("America/New_York").expect("a zone")
    }

    #[test]
    fn the_next_text_goes_out_in_its_hours() {
        for (hours, now, next) in [
            ("08:00-21:00", "2026-11-23T12:00:00-05:00", "2026-11-23T12:00:00-05:00"),
            ("08:00-21:00", "2026-11-23T07:59:59-05:00", "2026-11-23T08:00:00-05:00"),
            ("08:00-21:00", "2026-11-23T08:00:00-05:00", "2026-11-23T08:00:00-05:00"),
            ("08:00-21:00", "2026-11-23T20:59:59-05:00", "2026-11-23T20:59:59-05:00"),
            ("08:00-21:00", "2026-11-23T21:00:00-05:00", "2026-11-24T08:00:00-05:00"),
            ("20:00-06:00", "2026-11-23T05:59:59-05:00", "2026-11-23T05:59:59-05:00"),
            ("20:00-06:00", "2026-11-23T06:00:00-05:00", "2026-11-23T20:00:00-05:00"),
            ("00:00-24:00", "2026-11-23T00:00:00-05:00", "2026-11-23T00:00:00-05:00"),
            ("always", "2026-11-23T03:00:00-05:00", "2026-11-23T03:00:00-05:00"),
            // The clocks are set in the night between.
            ("08:00-21:00", "2026-10-31T22:00:00-04:00", "2026-11-01T08:00:00-05:00"),
            ("08:00-21:00", "2026-03-07T22:00:00-05:00", "2026-03-08T08:00:00-04:00"),
            ("02:30-03:30", "2026-03-08T01:00:00-05:00", "2026-03-08T03:00:00-04:00"),
            ("02:10-02:50", "2026-03-08T01:00:00-05:00", "2026-03-09T02:10:00-04:00"),
            ("01:15-01:45", "2026-11-01T01:45:00-04:00", "2026-11-01T01:15:00-05:00"),
        ] {
            let hours = DailyHours::parse(hours).expect("hours");
            assert_eq!(hours.next_open(at(now), &new_york()), at(next), "{hours:?} {now}");
            assert_eq!(hours.is_open(at(now), &new_york()), now == next, "{hours:?} {now}");
        }
    }

    #[test]
    fn a_fixed_offset_is_a_zone_too() {
        let hours = DailyHours::parse("08:00-21:00").expect("hours");
        assert_eq!(hours.next_open(at("2026-11-23T00:00:00Z"), &Zone::fixed(330)), at("2026-11-23T08:00:00+05:30"));
    }

    #[test]
    fn hours_that_are_none_are_refused() {
        for text in ["", "never", "8-21", "08:00-08:00"] {
            assert!(DailyHours::parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_next_opening_is_open_and_nothing_before_it(
            start in 0u16..1440,
            length in 30u16..1440,
            days in 0i64..365,
            minute in 0i64..1440,
        ) {
            let end = (start + length) % 1440;
            let text = format!("{:02}:{:02}-{:02}:{:02}", start / 60, start % 60, end / 60, end % 60);
            let hours = DailyHours::parse(&text).expect("hours");
            let now = at("2026-01-01T00:00:00Z").plus(days * DAY + minute * 60);
            let next = hours.next_open(now, &new_york());
            prop_assert!(hours.is_open(next, &new_york()));
            for second in (now.unix()..next.unix()).step_by(60) {
                prop_assert!(!hours.is_open(Timestamp::from_unix(second), &new_york()));
            }
        }
    }
}
