//! Opening hours as they are typed: days, times of the clock, holidays. What the clock's changes do to
//! them is decided elsewhere.

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;

use super::error::SettingsError;
use super::given::{Given, Layers};
use super::layer::unknown;
use super::typed::TextOrList;

/// The days by their keys, Monday first.
pub const DAY_NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Minutes in a day: what `24:00` reads as.
const DAY_MINUTES: u16 = 24 * 60;

/// A stretch of the clock, in minutes since midnight. One that ends at or before its start goes on
/// past midnight, and belongs to the day on which it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockRange {
    /// Below 1440.
    pub start: u16,
    /// Up to 1440, and never the start.
    pub end: u16,
}

impl ClockRange {
    /// Reads `HH:MM-HH:MM`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (start, end) = text.split_once('-')?;
        let (start, end) = (clock(start)?, clock(end)?);
        (start < DAY_MINUTES && start != end).then_some(Self { start, end })
    }
}

impl fmt::Display for ClockRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { start, end } = self;
        write!(f, "{:02}:{:02}-{:02}:{:02}", start / 60, start % 60, end / 60, end % 60)
    }
}

/// `HH:MM` as minutes since midnight, up to `24:00`.
fn clock(text: &str) -> Option<u16> {
    let &[h1 @ b'0'..=b'9', h2 @ b'0'..=b'9', b':', m1 @ b'0'..=b'5', m2 @ b'0'..=b'9'] = text.as_bytes() else {
        return None;
    };
    let two = |tens: u8, ones: u8| u16::from(tens - b'0') * 10 + u16::from(ones - b'0');
    Some(two(h1, h2) * 60 + two(m1, m2)).filter(|minutes| *minutes <= DAY_MINUTES)
}

/// One table of opening hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    /// The zone of its clock, a name of the IANA database.
    pub timezone: String,
    /// The openings that begin on each day, Monday first.
    pub week: [Vec<ClockRange>; 7],
    /// Days on which no opening begins.
    pub holidays: Vec<NaiveDate>,
}

/// The days that a key names: `mon`, `mon-fri`, `sat-mon`; 0 is Monday.
pub(super) fn days(key: &str) -> Option<Vec<usize>> {
    let day = |name: &str| DAY_NAMES.iter().position(|known| *known == name);
    let (first, last) = key.split_once('-').unwrap_or((key, key));
    let (first, last) = (day(first)?, day(last)?);
    Some((0..=(last + 7 - first) % 7).map(|step| (first + step) % 7).collect())
}

/// Judges every table of hours. `zone` is for those that name none.
pub(super) fn judge(layers: &Layers, zone: Option<&str>) -> Result<BTreeMap<String, Hours>, SettingsError> {
    let judged = layers.tables(|typed| &typed.hours).into_iter().map(|(name, table)| {
        let judged = Judged::of(layers, &name, table)?;
        let hours = judged.finish(&layers.given(format!("hours.{name}"), ()), zone)?;
        Ok((name, hours))
    });
    judged.collect()
}

/// A table as far as it was judged.
#[derive(Default)]
struct Judged<'a> {
    timezone: Option<String>,
    week: [Vec<ClockRange>; 7],
    holidays: Vec<NaiveDate>,
    /// The key in which each day stands.
    keys: [Option<&'a str>; 7],
}

impl<'a> Judged<'a> {
    fn of(layers: &Layers, name: &str, table: &'a BTreeMap<String, TextOrList>) -> Result<Self, SettingsError> {
        let mut judged = Self::default();
        for (key, value) in table {
            let given = layers.given(format!("hours.{name}.{key}"), ());
            match (key.as_str(), value) {
                ("timezone", TextOrList::Text(zone)) => judged.timezone = Some(given.with(zone.clone()).zone()?),
                ("holidays", TextOrList::List(dates)) => judged.holidays = given.with(dates.clone()).each(date)?,
                ("timezone" | "holidays", _) => return Err(given.refused()),
                (day, TextOrList::List(times)) => judged.open(day, &given.with(times.clone()))?,
                (day, TextOrList::Text(_)) if days(day).is_some() => return Err(given.refused()),
                (_, TextOrList::Text(_)) => return Err(unknown(given.origin(), &given.key)),
            }
        }
        Ok(judged)
    }

    fn open(&mut self, key: &'a str, times: &Given<Vec<String>>) -> Result<(), SettingsError> {
        let Some(days) = days(key) else { return Err(unknown(times.origin(), &times.key)) };
        let openings = times.each(ClockRange::parse)?;
        for day in days {
            if let Some(other) = self.keys[day].replace(key) {
                let once = format!("{} stands in {other} too, and may stand once", DAY_NAMES[day]);
                return Err(times.refused_for(key, once));
            }
            self.week[day].clone_from(&openings);
        }
        Ok(())
    }

    fn finish(self, table: &Given<()>, zone: Option<&str>) -> Result<Hours, SettingsError> {
        let Some(timezone) = self.timezone.or_else(|| zone.map(str::to_owned)) else {
            let both = "set its timezone, or validation.timezone for all".to_owned();
            return Err(table.refused_for("a table without timezone", both));
        };
        if self.keys.iter().all(Option::is_none) {
            let days = "always closed is spelled mon-sun = []".to_owned();
            return Err(table.refused_for("a table without days", days));
        }
        Ok(Hours { timezone, week: self.week, holidays: self.holidays })
    }
}

/// `YYYY-MM-DD` and nothing shorter.
fn date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|date| date.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clock_ranges_are_read_and_written_alike() {
        for text in ["08:00-20:00", "22:00-06:00", "00:00-24:00", "22:00-00:00", "23:59-24:00"] {
            assert_eq!(ClockRange::parse(text).map(|range| range.to_string()).as_deref(), Some(text));
        }
        for text in
            ["", "8:00-20:00", "08:00", "24:00-06:00", "08:00-24:01", "08:60-09:00", "08:00-08:00", "08:00–09:00"]
        {
            assert_eq!(ClockRange::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_key_names_a_day_or_a_range_of_days() {
        assert_eq!(days("mon"), Some(vec![0]));
        assert_eq!(days("mon-fri"), Some(vec![0, 1, 2, 3, 4]));
        assert_eq!(days("sat-mon"), Some(vec![5, 6, 0]));
        assert_eq!(days("sun-sun"), Some(vec![6]));
        for key in ["", "monday", "Mon", "mon-", "mon-tue-wed"] {
            assert_eq!(days(key), None, "{key}");
        }
    }
}
