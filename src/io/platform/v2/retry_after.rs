//! How long the platform asks to be left alone.

use std::time::{Duration, SystemTime};

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// Seconds of `Retry-After`: a number, a fraction rounded up, or a date minus the server's own date, so that a clock that is wrong
/// on either side does not matter. A date in the past is 0; what is neither is as if it were not there.
pub(super) fn seconds(headers: &HeaderMap, now: SystemTime) -> Option<u64> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Some(seconds) = number(text) {
        return Some(seconds);
    }
    let until = httpdate::parse_http_date(text).ok()?;
    let theirs = headers.get(DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
    let wait = until.duration_since(theirs.unwrap_or(now)).unwrap_or(Duration::ZERO);
    Some(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
}

/// A number of seconds, whole or with a fraction, which is rounded up; `None` for anything else.
fn number(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let more = u64::from(fraction.bytes().any(|digit| digit != b'0'));
    Some(whole.parse().unwrap_or(u64::MAX).saturating_add(more))
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    const DATED: &str = "Mon, 23 Nov 2026 13:00:00 GMT";

    fn check(retry_after: &'static str, date: Option<&'static str>, expected: Option<u64>) {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_static(retry_after));
        if let Some(date) = date {
            headers.insert(DATE, HeaderValue::from_static(date));
        }
        let now = httpdate::parse_http_date("Mon, 23 Nov 2026 12:59:00 GMT").expect("a date");
        assert_eq!(seconds(&headers, now), expected, "{retry_after} {date:?}");
    }

    #[test]
    fn seconds_dates_and_nonsense() {
        check("7", None, Some(7));
        check(" 0 ", None, Some(0));
        check("99999999999999999999999999", None, Some(u64::MAX));
        check("Mon, 23 Nov 2026 13:01:30 GMT", Some(DATED), Some(90));
        check("Mon, 23 Nov 2026 13:01:30 GMT", None, Some(150));
        check("Mon, 23 Nov 2026 12:00:00 GMT", Some(DATED), Some(0));
        check("soon", Some(DATED), None);
        check("-5", None, None);
        check("", None, None);
        check("4.5", None, Some(5));
        check("0.0001", None, Some(1));
        check("2.000", None, Some(2));
        check("99999999999999999999999999.9", None, Some(u64::MAX));
        for nonsense in ["1.", ".5", "1.2.3", "1,5", "+1", "1.5s", "1e3", "."] {
            check(nonsense, None, None);
        }
    }
}
