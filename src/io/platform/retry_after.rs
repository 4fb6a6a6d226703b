//! How long the platform asks to be left alone.

use std::time::{Duration, SystemTime};

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// Seconds of `Retry-After`: a number, or a date minus the server's own date, so that a clock that is wrong
/// on either side does not matter. A date in the past is 0; what is neither is as if it were not there.
pub(super) fn seconds(headers: &HeaderMap, now: SystemTime) -> Option<u64> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return Some(text.parse().unwrap_or(u64::MAX));
    }
    let until = httpdate::parse_http_date(text).ok()?;
    let theirs = headers.get(DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
    let wait = until.duration_since(theirs.unwrap_or(now)).unwrap_or(Duration::ZERO);
    Some(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
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
        check("1.5", None, None);
    }
}
