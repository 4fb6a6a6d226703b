//! The opening hours of a campaign, week by week.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime};

use crate::domain::fault::{Fault, Finding};
use crate::domain::row::Field;
use crate::domain::time::{Interval, Timestamp};
use crate::domain::window::Window;
use crate::domain::zone::{UnknownZone, Zone};

use super::span::{BadSpan, Span};

/// Opening hours as settings spell them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HoursSpec {
    /// The zone of all times below.
    pub timezone: String,
    /// Days, `mon`, `mon-fri` or `fri-mon`, and their parts that are open. Days not named are closed.
    pub days: Vec<(String, Vec<String>)>,
    /// Dates, `2026-12-25`, on which nothing opens. What opened the day before stays open.
    pub holidays: Vec<String>,
}

/// Opening hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    zone: Zone,
    /// The spans that begin on each day, Monday first.
    week: [Vec<Span>; 7],
    holidays: BTreeSet<NaiveDate>,
}

/// Opening hours that cannot be followed, and what would do instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadHours {
    /// The zone.
    #[error(transparent)]
    Zone(#[from] UnknownZone),
    /// A key that is no day.
    #[error("{0:?} is no day; allowed are timezone, holidays, mon tue wed thu fri sat sun, and ranges such as mon-fri")]
    Day(String),
    /// A day that two keys name.
    #[error("{day} stands in {first:?} and in {second:?}; once is enough")]
    Twice {
        /// The day.
        day: &'static str,
        /// The key that names it first.
        first: String,
        /// The key that names it again.
        second: String,
    },
    /// A part of a day.
    #[error("{key}: {error}")]
    Span {
        /// The key in which it stands.
        key: String,
        /// What is wrong with it.
        error: BadSpan,
    },
    /// A holiday.
    #[error("holidays: {0:?} is no date; one is needed as in \"2026-12-25\"")]
    Holiday(String),
}

/// The days by their keys, Monday first.
pub const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Hours {
    /// The hours that a specification spells, or the first fault in it.
    pub fn new(spec: &HoursSpec) -> Result<Self, BadHours> {
        let mut week: [Vec<Span>; 7] = Default::default();
        let mut named: [Option<&str>; 7] = [None; 7];
        for (key, texts) in &spec.days {
            let spans = texts.iter().map(|text| Span::parse(text)).collect::<Result<Vec<_>, _>>();
            let spans = spans.map_err(|error| BadHours::Span { key: key.clone(), error })?;
            for day in days(key)? {
                if let Some(first) = named[day].replace(key) {
                    return Err(BadHours::Twice { day: DAYS[day], first: first.to_owned(), second: key.clone() });
                }
                week[day].clone_from(&spans);
            }
        }
        Ok(Self {
            zone: Zone::named(&spec.timezone)?,
            week,
            holidays: spec.holidays.iter().map(|text| holiday(text)).collect::<Result<_, _>>()?,
        })
    }

    /// The zone of these hours.
    #[must_use]
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Whether no day of the week has any.
    #[must_use]
    pub fn is_never_open(&self) -> bool {
        self.week.iter().all(Vec::is_empty)
    }

    /// The parts of a window in which it can be kept, or that there are none.
    pub fn judge(&self, window: Window) -> Result<Vec<Interval>, Finding> {
        let parts = self.open_parts(window.interval());
        if parts.is_empty() {
            let (start, end) = (window.start().rfc3339(), window.end().rfc3339());
            let words = format!("{start} to {end} lies outside the opening hours");
            return Err(Finding::new(Fault::WindowOutsideHours, words).of(Field::Start.name()));
        }
        Ok(parts)
    }

    /// The parts of a stretch of time that are open: in order, without overlap, none of them empty.
    #[must_use]
    pub fn open_parts(&self, of: Interval) -> Vec<Interval> {
        let mut parts = Vec::new();
        let mut from = of.start;
        while from < of.end {
            let until = self.zone.next_change(from).map_or(of.end, |change| change.min(of.end));
            self.open_between_changes(Interval { start: from, end: until }, &mut parts);
            from = until;
        }
        merged(parts)
    }

    /// Collects the open parts of a stretch in which the clocks are not set.
    fn open_between_changes(&self, of: Interval, parts: &mut Vec<Interval>) {
        let ahead = i64::from(self.zone.seconds_ahead(of.start));
        let first = of.start.plus(ahead).chrono().date_naive();
        let last = of.end.plus(ahead).chrono().date_naive();
        let yesterday = first.checked_sub_days(Days::new(1)).unwrap_or(first);
        for day in yesterday.iter_days().take_while(|day| *day <= last) {
            let midnight = day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp() - ahead;
            for span in self.opening_on(day) {
                let minute = |minute: u16| Timestamp::from_unix(midnight + i64::from(minute) * 60);
                let part = Interval { start: minute(span.start), end: minute(span.end) }.intersect(of);
                if !part.is_empty() {
                    parts.push(part);
                }
            }
        }
    }

    /// The spans that begin on a date.
    fn opening_on(&self, day: NaiveDate) -> &[Span] {
        if self.holidays.contains(&day) {
            return &[];
        }
        &self.week[day.weekday().num_days_from_monday() as usize]
    }
}

/// The days that a key names, counted from Monday. A range may run over the end of the week.
pub fn days(key: &str) -> Result<Vec<usize>, BadHours> {
    let day = |name: &str| DAYS.iter().position(|day| day.eq_ignore_ascii_case(name.trim()));
    let range = match key.split_once('-') {
        Some((first, last)) => day(first).zip(day(last)),
        None => day(key).map(|day| (day, day)),
    };
    let (first, last) = range.ok_or_else(|| BadHours::Day(key.to_owned()))?;
    let count = (last + DAYS.len() - first) % DAYS.len();
    Ok((first..=first + count).map(|day| day % DAYS.len()).collect())
}

fn holiday(text: &str) -> Result<NaiveDate, BadHours> {
    let date = format!("{}T00:00:00", text.trim()).parse::<NaiveDateTime>().map(|midnight| midnight.date());
    date.ok().filter(|_| text.trim().len() == "2026-12-25".len()).ok_or_else(|| BadHours::Holiday(text.to_owned()))
}

/// Intervals in order, those that meet or overlap as one.
fn merged(mut parts: Vec<Interval>) -> Vec<Interval> {
    parts.sort_unstable();
    parts.dedup_by(|next, kept| {
        let meets = next.start <= kept.end;
        if meets {
            kept.end = kept.end.max(next.end);
        }
        meets
    });
    parts
}

#[cfg(test)]
#[path = "week_tests.rs"]
mod tests;
