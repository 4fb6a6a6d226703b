//! Clocks on the wall: the zones in which people say times.
//!
//! The rules of all zones are built in, so that the same release gives the same answer everywhere,
//! however old the machine's own tables are.

use std::sync::LazyLock;

use chrono::{Datelike, NaiveDateTime, Timelike};
use jiff::civil;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};

use super::time::Timestamp;

static RULES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// A time zone by its name, or a fixed distance from UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// No time zone has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no time zone is called {0:?}; a name from the IANA list is needed, such as \"America/New_York\" or \"UTC\"")]
pub struct UnknownZone(pub String);

/// What a time without an offset means in a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// The clocks show it once: the instant, and the seconds that they are ahead of UTC then.
    Once(Timestamp, i32),
    /// The clocks skip it.
    Skipped,
    /// The clocks show it twice.
    Twice,
}

impl Zone {
    /// The zone with this IANA name, in any letter case.
    pub fn named(name: &str) -> Result<Self, UnknownZone> {
        let zone = RULES.get(name).ok().filter(|zone| !zone.is_unknown());
        zone.map(Self).ok_or_else(|| UnknownZone(name.to_owned()))
    }

    /// Its IANA name in the list's letter case; a fixed distance has none.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.0.iana_name()
    }

    /// The zone that is always this many minutes ahead of UTC, at most 25 hours either way.
    #[must_use]
    pub fn fixed(minutes: i16) -> Self {
        let seconds = i32::from(minutes.clamp(-25 * 60, 25 * 60)) * 60;
        Self(Offset::from_seconds(seconds).map_or(TimeZone::UTC, TimeZone::fixed))
    }

    /// Seconds that its clocks are ahead of UTC at an instant.
    #[must_use]
    pub fn seconds_ahead(&self, at: Timestamp) -> i32 {
        self.0.to_offset(instant(at)).seconds()
    }

    /// The first instant behind `at` at which its clocks are set.
    #[must_use]
    pub fn next_change(&self, at: Timestamp) -> Option<Timestamp> {
        let change = self.0.following(instant(at)).next()?;
        Some(Timestamp::from_unix(change.timestamp().as_second())).filter(|change| *change > at)
    }

    /// The instant at which its clocks show `local`, if there is exactly one.
    #[must_use]
    pub fn read(&self, local: NaiveDateTime) -> Reading {
        match self.0.to_ambiguous_timestamp(civil(local)).offset() {
            AmbiguousOffset::Unambiguous { offset } => {
                let seconds = local.and_utc().timestamp() - i64::from(offset.seconds());
                Reading::Once(Timestamp::from_unix(seconds), offset.seconds())
            }
            AmbiguousOffset::Gap { .. } => Reading::Skipped,
            AmbiguousOffset::Fold { .. } => Reading::Twice,
        }
    }

    /// What its clocks show at an instant.
    #[must_use]
    pub fn wall_clock(&self, at: Timestamp) -> NaiveDateTime {
        at.plus(i64::from(self.seconds_ahead(at))).chrono().naive_utc()
    }

    /// The short name of its time at an instant, `EST`; where it has none, `UTC-05:00`, and `UTC` for no distance.
    #[must_use]
    pub fn abbreviation(&self, at: Timestamp) -> String {
        let info = self.0.to_offset_info(instant(at));
        let name = info.abbreviation();
        if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return name.to_owned();
        }
        distance(info.offset().seconds())
    }
}

/// A distance from UTC as people write it, `UTC-05:00`.
fn distance(seconds: i32) -> String {
    let minutes = seconds.abs() / 60;
    match seconds {
        0 => "UTC".to_owned(),
        1.. => format!("UTC+{:02}:{:02}", minutes / 60, minutes % 60),
        _ => format!("UTC-{:02}:{:02}", minutes / 60, minutes % 60),
    }
}

/// The same instant in jiff's type, whose years end a day before ours.
fn instant(at: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_second(at.unix()).unwrap_or(jiff::Timestamp::MAX)
}

/// The same wall-clock time in jiff's type. Its years hold all of four digits.
fn civil(local: NaiveDateTime) -> civil::DateTime {
    let year = i16::try_from(local.year()).unwrap_or(i16::MAX);
    let small = |number: u32| i8::try_from(number).unwrap_or(i8::MAX);
    let (month, day) = (small(local.month()), small(local.day()));
    let (hour, minute, second) = (small(local.hour()), small(local.minute()), small(local.second()));
    civil::DateTime::new(year, month, day, hour, minute, second, 0).unwrap_or(civil::DateTime::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> Zone {
        Zone::named(name).expect("a zone")
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::from_unix(text.parse::<jiff::Timestamp>().expect("an instant").as_second())
    }

    #[test]
    fn a_wall_clock_time_is_read_once_never_or_twice() {
        for (name, local, expected) in [
            ("America/New_York", "2026-07-01T12:00:00", Reading::Once(at("2026-07-01T16:00:00Z"), -4 * 3600)),
            ("America/New_York", "2026-03-08T02:30:00", Reading::Skipped),
            ("America/New_York", "2026-11-01T01:30:00", Reading::Twice),
            ("america/new_york", "2026-11-01T00:59:59", Reading::Once(at("2026-11-01T04:59:59Z"), -4 * 3600)),
            ("UTC", "2026-11-01T01:30:00", Reading::Once(at("2026-11-01T01:30:00Z"), 0)),
            // British Columbia stays on summer time from 2026: its last change was in March.
            ("America/Vancouver", "2026-11-23T10:00:00", Reading::Once(at("2026-11-23T17:00:00Z"), -7 * 3600)),
            ("America/Vancouver", "2026-11-01T01:30:00", Reading::Once(at("2026-11-01T08:30:00Z"), -7 * 3600)),
        ] {
            assert_eq!(zone(name).read(local.parse().expect("a time")), expected, "{name} {local}");
        }
    }

    #[test]
    fn unknown_names_are_refused_with_a_way_out() {
        for name in ["", "Mars/Phobos", "Etc/Unknown", "EST5EDT,M3.2.0", "../UTC", "New York"] {
            let error = Zone::named(name).expect_err(name).to_string();
            assert!(error.contains("America/New_York"), "{error}");
        }
    }

    #[test]
    fn a_zone_names_its_time() {
        for (zone, when, expected) in [
            (zone("America/New_York"), "2026-11-24T19:30:00Z", "EST"),
            (zone("America/New_York"), "2026-07-24T19:30:00Z", "EDT"),
            (zone("UTC"), "2026-07-24T19:30:00Z", "UTC"),
            (zone("America/Sao_Paulo"), "2026-07-24T19:30:00Z", "UTC-03:00"),
            (Zone::fixed(-300), "2026-07-24T19:30:00Z", "UTC-05:00"),
            (Zone::fixed(345), "2026-07-24T19:30:00Z", "UTC+05:45"),
            (Zone::fixed(-30), "2026-07-24T19:30:00Z", "UTC-00:30"),
            (Zone::fixed(0), "2026-07-24T19:30:00Z", "UTC"),
        ] {
            assert_eq!(zone.abbreviation(at(when)), expected);
        }
    }

    #[test]
    fn the_next_change_lies_behind_and_the_last_days_of_all_do_no_harm() {
        let new_york = zone("America/New_York");
        let autumn = at("2026-11-01T06:00:00Z");
        assert_eq!(new_york.next_change(at("2026-10-31T00:00:00Z")), Some(autumn));
        assert_ne!(new_york.next_change(autumn), Some(autumn));
        assert_eq!(Zone::fixed(60).next_change(autumn), None);
        let last = Timestamp::from_unix(i64::MAX);
        assert_eq!(new_york.seconds_ahead(last), -5 * 3600);
        assert_eq!(new_york.next_change(last), None);
        assert_eq!(Zone::fixed(0).wall_clock(last), last.chrono().naive_utc());
    }
}
