//! Stretches of time as people type them: `90s`, `45m`, `6h`, `1h30m`, `500ms`.

use std::fmt::Write;
use std::time::Duration;

/// Units from the widest to the narrowest, with their milliseconds.
const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// Digits of one number at most, so that no product can overflow.
const DIGITS_MAX: usize = 9;

/// Reads a duration: whole numbers with `h`, `m`, `s` or `ms`, widest first, each once; or `0`.
#[must_use]
pub fn parse_duration(text: &str) -> Option<Duration> {
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let (mut rest, mut units, mut total) = (text, UNITS.as_slice(), 0_u64);
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, behind) = rest.split_at(digits);
        let letters = behind.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, behind) = behind.split_at(letters);
        let place = units.iter().position(|(name, _)| *name == unit)?;
        if digits > DIGITS_MAX {
            return None;
        }
        total += number.parse::<u64>().ok()? * units[place].1;
        (rest, units) = (behind, &units[place + 1..]);
    }
    (!text.is_empty()).then(|| Duration::from_millis(total))
}

/// Writes a duration as [`parse_duration`] reads it; what is below a millisecond is cut.
#[must_use]
pub fn format_duration(duration: Duration) -> String {
    let mut left = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let mut text = String::new();
    for (unit, width) in UNITS {
        if left >= width {
            let _ = write!(text, "{}{unit}", left / width); // a String takes everything
            left %= width;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_written_alike() {
        for (text, milliseconds) in [
            ("90s", 90_000),
            ("45m", 2_700_000),
            ("6h", 21_600_000),
            ("1h30m", 5_400_000),
            ("500ms", 500),
            ("1h2m3s4ms", 3_723_004),
            ("0s", 0),
            ("0", 0),
        ] {
            let read = parse_duration(text);
            assert_eq!(read, Some(Duration::from_millis(milliseconds)), "{text}");
            assert_eq!(parse_duration(&format_duration(read.unwrap())), read, "{text}");
        }
        assert_eq!(format_duration(Duration::from_secs(90)), "1m30s");
    }

    #[test]
    fn anything_else_is_no_duration() {
        for text in ["", "5", "s", "1.5h", "-1s", "1 h", "30m1h", "1h1h", "1d", "1H", "1234567890s", "1h30", "５m"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }
}
