//! RFC 3339 times and ISO 8601 durations, as strictly as the contract writes them.

use chrono::{DateTime, FixedOffset, SecondsFormat, Utc};

/// An RFC 3339 time with a `T` and an offset; nothing looser.
pub(super) fn parse_rfc3339(text: &str) -> Option<DateTime<FixedOffset>> {
    let shaped = text.is_ascii() && text.as_bytes().get(10) == Some(&b'T');
    if shaped { DateTime::parse_from_rfc3339(text).ok() } else { None }
}

/// Milliseconds of the Unix clock as an RFC 3339 time in UTC with milliseconds.
pub(super) fn spell_millis(unix_ms: i64) -> String {
    at_millis(unix_ms).to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Seconds of the Unix clock as an RFC 3339 time in UTC.
pub(super) fn spell_seconds(unix: i64) -> String {
    at_millis(unix * 1000).to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn at_millis(unix_ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(unix_ms).unwrap_or(DateTime::UNIX_EPOCH)
}

/// Whether the text is an ISO 8601 duration such as `PT15M`, `P1DT2H` or `P2W`.
pub(super) fn is_duration(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('P') else { return false };
    match rest.split_once('T') {
        None => are_parts(rest, "YMWD"),
        Some((days, clock)) => (days.is_empty() || are_parts(days, "YMWD")) && are_parts(clock, "HMS"),
    }
}

/// Whether the text is one or more numbers, each with a unit, the units in this order and none twice.
fn are_parts(text: &str, units: &str) -> bool {
    let (mut rest, mut units_left) = (text, units);
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let Some(unit) = rest[digits..].chars().next() else { return false };
        let Some(place) = units_left.find(unit) else { return false };
        if digits == 0 {
            return false;
        }
        units_left = &units_left[place + 1..];
        rest = &rest[digits + 1..];
    }
    !text.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_need_a_t_an_offset_and_a_real_date() {
        let check = |text: &str, unix: Option<i64>| {
            assert_eq!(parse_rfc3339(text).map(|time| time.timestamp()), unix, "{text}");
        };
        check("2026-11-23T13:00:00Z", Some(1_795_438_800));
        check("2026-11-23T08:00:00.250-05:00", Some(1_795_438_800));
        check("2026-11-23 13:00:00Z", None);
        check("2026-11-23T13:00:00", None);
        check("2026-02-30T13:00:00Z", None);
        check("1795438800", None);
    }

    #[test]
    fn durations_are_numbers_with_units_in_order() {
        for good in ["PT15M", "P1D", "P2W", "P1DT2H", "PT1H30M", "PT90S"] {
            assert!(is_duration(good), "{good}");
        }
        for bad in ["", "P", "PT", "15M", "PT15", "PTM", "P1DT", "PT30M1H", "PT1M1M", "PT15M ", "pt15m", "P1H"] {
            assert!(!is_duration(bad), "{bad}");
        }
    }
}
