//! Windows as customers choose them, in the zones of the United States, on the three days after today.

use std::io::Write;

use chrono::{DateTime, Datelike, Timelike};

use super::random::Random;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// How a time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    /// With the offset, in hours behind UTC, of the customer's zone.
    Local { behind: i64 },
    /// In UTC, `Z`.
    Zulu,
    /// In UTC with milliseconds, as a browser writes it.
    ZuluMillis,
    /// As the customer's clock shows it, without an offset.
    Clock { behind: i64 },
}

/// A window of a row: seconds of the Unix clock, and how both ends are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct When {
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) spelling: Spelling,
}

/// A window of one to four hours that starts between 08:00 and 19:59 in its zone.
pub(super) fn draw(now: i64, random: &mut Random) -> When {
    let behind = random.pick(&[5, 5, 5, 5, 6, 6, 6, 7, 8, 8]);
    let day = now.div_euclid(DAY) + 1 + random.pick(&[0, 0, 0, 1, 1, 2]);
    let hour = random.pick(&[8, 9, 9, 10, 10, 11, 12, 13, 14, 14, 15, 16, 17, 17, 18, 19]);
    let start = day * DAY + (hour + behind) * HOUR + minutes(random) * MINUTE;
    let width = random.pick(&[60, 60, 60, 90, 120, 120, 120, 180, 240, 75, 150, 61]);
    let spelling = match random.below(100) {
        0..82 => Spelling::Local { behind },
        82..96 => Spelling::Zulu,
        _ => Spelling::ZuluMillis,
    };
    When { start, end: start + width * MINUTE, spelling }
}

/// On the hour mostly, on the half hour often, and now and then at any minute.
fn minutes(random: &mut Random) -> i64 {
    let any = i64::try_from(random.below(60)).unwrap_or_default();
    random.pick(&[0, 0, 0, 0, 0, 30, 30, 15, 45, any])
}

/// Writes one instant.
pub(super) fn spell(at: i64, spelling: Spelling) -> String {
    let (behind, tail) = match spelling {
        Spelling::Local { behind } => (behind, format!("-{behind:02}:00")),
        Spelling::Zulu => (0, "Z".to_owned()),
        Spelling::ZuluMillis => (0, ".000Z".to_owned()),
        Spelling::Clock { behind } => (behind, String::new()),
    };
    let clock = DateTime::from_timestamp(at - behind * HOUR, 0).unwrap_or_default();
    let mut text = Vec::with_capacity(32);
    let (year, month, day) = (clock.year(), clock.month(), clock.day());
    let (hour, minute, second) = (clock.hour(), clock.minute(), clock.second());
    // Writing to a vector does not fail.
    write!(text, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{tail}").unwrap_or_default();
    String::from_utf8(text).unwrap_or_default()
}
