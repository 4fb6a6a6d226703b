//! A part of a day, `08:00-20:00`.

use std::fmt;

/// Minutes in a day.
pub(super) const DAY: u16 = 24 * 60;

/// From a minute of a day to a later one, at most 24 hours later: behind midnight where it runs overnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first minute inside, counted from midnight.
    pub(super) start: u16,
    /// The first minute behind, counted from the same midnight: beyond 1440 where it runs overnight.
    pub(super) end: u16,
}

/// A text that is no part of a day.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no part of a day; two times are needed, as in \"08:00-20:00\", \"22:00-06:00\" or \"00:00-24:00\"")]
pub struct BadSpan(pub String);

impl Span {
    /// Reads `HH:MM-HH:MM`. An end before the start, or `00:00`, is of the next day; `24:00` may end.
    pub fn parse(text: &str) -> Result<Self, BadSpan> {
        let bad = || BadSpan(text.to_owned());
        let (start, end) = text.split_once('-').ok_or_else(bad)?;
        let start = minute(start.trim()).filter(|start| *start < DAY).ok_or_else(bad)?;
        let end = minute(end.trim()).filter(|end| *end != start).ok_or_else(bad)?;
        Ok(Self { start, end: if end < start { end + DAY } else { end } })
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, end) = (self.start, if self.end > DAY { self.end - DAY } else { self.end });
        write!(f, "{:02}:{:02}-{:02}:{:02}", start / 60, start % 60, end / 60, end % 60)
    }
}

/// The minute of `HH:MM`, `24:00` included.
fn minute(text: &str) -> Option<u16> {
    let [a, b, b':', c, d] = text.as_bytes() else { return None };
    if ![a, b, c, d].iter().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let number = |tens: &u8, ones: &u8| u16::from(tens - b'0') * 10 + u16::from(ones - b'0');
    let (hour, minute) = (number(a, b), number(c, d));
    let in_day = minute < 60 && (hour < 24 || (hour, minute) == (24, 0));
    in_day.then_some(hour * 60 + minute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_day() {
        for (text, expected) in [
            ("08:00-20:00", Some((480, 1200))),
            (" 08:00 - 20:00 ", Some((480, 1200))),
            ("00:00-24:00", Some((0, 1440))),
            ("22:00-06:00", Some((1320, 1800))),
            ("22:00-00:00", Some((1320, 1440))),
            ("23:59-24:00", Some((1439, 1440))),
            ("08:00-08:00", None),
            ("24:00-08:00", None),
            ("08:00-24:01", None),
            ("8:00-20:00", None),
            ("08:60-20:00", None),
            ("25:00-26:00", None),
            ("08:00", None),
            ("8am-5pm", None),
            ("08:00-12:00-13:00", None),
            ("", None),
        ] {
            let span = Span::parse(text).map(|span| (span.start, span.end));
            assert_eq!(span.ok(), expected, "{text}");
        }
    }

    #[test]
    fn a_part_of_a_day_is_written_as_it_is_read() {
        for text in ["08:00-20:00", "22:00-06:00", "00:00-24:00", "23:59-24:00"] {
            assert_eq!(Span::parse(text).map(|span| span.to_string()).as_deref(), Ok(text));
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_too_strange(text in "[0-9:é -]{0,12}") {
            let _ = Span::parse(&text);
        }
    }
}
