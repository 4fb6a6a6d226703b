//! The faults that strike by chance: those before the deed, and those after it.

use serde_json::json;

use super::{
    chance::Luck,
    fault::{Fault, Target},
    message::Answer,
    settings::{RetryAfter, SandboxSettings},
};

/// One request's luck, held against the settings.
pub(super) struct Trouble<'a> {
    pub(super) settings: &'a SandboxSettings,
    pub(super) target: Target,
    pub(super) luck: Luck,
    /// Milliseconds of the Unix clock, for Retry-After as a date.
    pub(super) now_ms: i64,
}

impl Trouble<'_> {
    /// The trouble that keeps the request from being carried out.
    pub(super) fn before(&self, path: &str) -> Option<Answer> {
        let settings = self.settings;
        if self.strikes("cut_before", &settings.cut_before) {
            return Some(Answer::cut().by("cut_before"));
        }
        if self.strikes("too_many", &settings.too_many) {
            let wait_ms = i64::from(settings.retry_after_secs) * 1000;
            return Some(too_many(settings.retry_after, wait_ms, self.now_ms).by("too_many"));
        }
        if self.strikes("unavailable", &settings.unavailable) {
            return Some(self.unavailable().by("unavailable"));
        }
        if self.strikes("redirect", &settings.redirect) {
            let header = Some(("location", format!("/moved{path}")));
            return Some(Answer { header, ..Answer::empty(307) }.by("redirect"));
        }
        if self.strikes("failed_body", &settings.failed_body) {
            let errors =
                json!({ "status": "failed", "errors": [{ "code": "rejected", "message": "it was not taken" }] });
            return Some(Answer::json(200, &errors).by("failed_body"));
        }
        self.strikes("error_before", &settings.error_before).then(|| self.server_error().by("error_before"))
    }

    /// The trouble that keeps the client from learning that its request was carried out.
    pub(super) fn after(&self, done: &Answer) -> Option<Answer> {
        if self.strikes("cut_after", &self.settings.cut_after) {
            return Some(Answer::cut().by("cut_after"));
        }
        if self.strikes("error_after", &self.settings.error_after) {
            return Some(self.server_error().by("error_after"));
        }
        if self.strikes("unavailable_after", &self.settings.unavailable_after) {
            return Some(self.unavailable().by("unavailable_after"));
        }
        if self.strikes("redirect_after", &self.settings.redirect_after) {
            let header = Some(("location", "/sign-in".to_owned()));
            return Some(Answer { header, ..Answer::html(302, "Sign in") }.by("redirect_after"));
        }
        if self.strikes("timeout_after", &self.settings.timeout_after) {
            return Some(Answer::html(408, "408 Request Time-out").by("timeout_after"));
        }
        let succeeded = done.status.is_some_and(|status| status < 300);
        if succeeded && self.strikes("empty_body", &self.settings.empty_body) {
            return Some(Answer { content_type: None, body: Vec::new(), ..done.clone() }.by("empty_body"));
        }
        (succeeded && self.strikes("broken_body", &self.settings.broken_body)).then(|| self.broken(done))
    }

    /// Whether the request's token is revoked on the spot.
    pub(super) fn revokes(&self) -> bool {
        self.target != Target::Token && self.strikes("token_revoked", &self.settings.token_revoked)
    }

    /// Milliseconds until the answer may leave.
    pub(super) fn latency_ms(&self) -> u64 {
        let jitter = f64::from(self.settings.latency_jitter_ms) * self.luck.draw("latency");
        u64::from(self.settings.latency_ms) + whole(jitter)
    }

    fn strikes(&self, kind: &str, fault: &Fault) -> bool {
        fault.share > 0.0 && fault.targets.contains(&self.target) && self.luck.draw(kind) < fault.share
    }

    fn server_error(&self) -> Answer {
        match self.luck.pick("5xx", &[500, 502, 503, 504]) {
            502 => Answer::html(502, "502 Bad Gateway"),
            504 => Answer::html(504, "504 Gateway Time-out"),
            status => Answer::problem(status, "internal_error", "the platform is in trouble"),
        }
    }

    fn unavailable(&self) -> Answer {
        let style = match self.settings.retry_after {
            RetryAfter::HttpDate => RetryAfter::HttpDate,
            RetryAfter::Seconds | RetryAfter::Absent => RetryAfter::Seconds,
        };
        let wait_ms = i64::from(self.settings.retry_after_secs) * 1000;
        Answer { header: retry_after(style, wait_ms, self.now_ms), ..Answer::html(503, "503 Service Unavailable") }
    }

    fn broken(&self, done: &Answer) -> Answer {
        let (content_type, body) = match self.luck.pick("body", &["half", "html", "empty"]) {
            "half" => (done.content_type, done.body[..done.body.len() / 2].to_vec()),
            "html" => (Some("text/html"), b"<html><body>It works!</body></html>".to_vec()),
            _ => (done.content_type, Vec::new()),
        };
        Answer { content_type, body, ..done.clone() }.by("broken_body")
    }
}

/// A 429 that asks the client to wait so long.
pub(super) fn too_many(style: RetryAfter, wait_ms: i64, now_ms: i64) -> Answer {
    let refusal = Answer::problem(429, "too_many_requests", "slow down");
    Answer { header: retry_after(style, wait_ms, now_ms), ..refusal }
}

/// The header's value, rounded up to whole seconds, so that who obeys it does not come too early.
fn retry_after(style: RetryAfter, wait_ms: i64, now_ms: i64) -> Option<(&'static str, String)> {
    let value = match style {
        RetryAfter::Seconds => seconds_up(wait_ms).to_string(),
        RetryAfter::HttpDate => {
            let until = std::time::Duration::from_secs(seconds_up(now_ms + wait_ms));
            httpdate::fmt_http_date(std::time::UNIX_EPOCH + until)
        }
        RetryAfter::Absent => return None,
    };
    Some(("retry-after", value))
}

fn seconds_up(ms: i64) -> u64 {
    u64::try_from(ms).unwrap_or_default().div_ceil(1000)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a u32 fits and is not negative"
)]
fn whole(number: f64) -> u64 {
    number as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_rounded_up_in_all_its_spellings() {
        let check = |style, wait_ms, now_ms, expected: Option<&str>| {
            let header = retry_after(style, wait_ms, now_ms);
            assert_eq!(header.as_ref().map(|(_, value)| value.as_str()), expected);
        };
        check(RetryAfter::Seconds, 1, 0, Some("1"));
        check(RetryAfter::Seconds, 2000, 0, Some("2"));
        check(RetryAfter::HttpDate, 1200, 1_795_438_800_000, Some("Mon, 23 Nov 2026 13:00:02 GMT"));
        check(RetryAfter::Absent, 2000, 0, None);
    }
}
