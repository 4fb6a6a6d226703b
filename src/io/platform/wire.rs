//! The shapes on the wire, as the platform's contract has them. Unknown fields of answers are ignored.

use std::time::Duration;

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::domain::forecast::Slot;
use crate::domain::time::Timestamp;

use super::{ContactRequest, TextRequest};

#[derive(Serialize)]
struct CreateContact<'a> {
    contact: Contact<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the names are the platform's")]
struct Contact<'a> {
    contact_id: String,
    campaign_id: &'a str,
    phone: String,
    scheduled_start_date_time: String,
    attributes: Attributes<'a>,
    retry: Retry<'a>,
}

/// The only attribute names that are not in camel case on the wire.
#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the names are the platform's")]
struct Attributes<'a> {
    callback_requested_by: &'static str,
    callback_language: &'a str,
    callback_window_start: String,
    callback_window_end: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Retry<'a> {
    retry_count: u32,
    retry_interval: &'a str,
}

#[derive(Serialize)]
struct MessagingSession<'a> {
    to: String,
    from: &'a str,
    message: &'a str,
    channels: [&'static str; 1],
}

/// The body of a contact request.
pub(super) fn contact_body(request: &ContactRequest<'_>) -> Vec<u8> {
    let contact = Contact {
        contact_id: request.id.to_string(),
        campaign_id: request.campaign,
        phone: request.phone.reveal(),
        scheduled_start_date_time: request.dispatch_at.rfc3339(),
        attributes: Attributes {
            callback_requested_by: "ivr",
            callback_language: request.language,
            callback_window_start: request.window.start().rfc3339(),
            callback_window_end: request.window.end().rfc3339(),
        },
        retry: Retry { retry_count: request.retry_count, retry_interval: request.retry_interval },
    };
    to_json(&CreateContact { contact })
}

/// The body of a text request.
pub(super) fn text_body(request: &TextRequest<'_>) -> Vec<u8> {
    let (to, from, message) = (request.to.reveal(), request.from, request.message);
    to_json(&MessagingSession { to, from, message, channels: ["sms"] })
}

fn to_json(body: &impl Serialize) -> Vec<u8> {
    // Strings and numbers only: there is nothing that serde_json refuses to write.
    serde_json::to_vec(body).unwrap_or_default()
}

/// The life of a token whose answer does not say it.
const TOKEN_LIFETIME_DEFAULT: Duration = Duration::from_mins(30);

/// The longest life that is believed.
const TOKEN_LIFETIME_MAX: Duration = Duration::from_hours(24);

#[derive(Deserialize)]
#[serde(expecting = "an object with access_token")]
pub(super) struct TokenAnswer {
    pub(super) access_token: String,
    /// Whatever stands there: a token is none the worse for an odd life.
    expires_in: Option<Box<RawValue>>,
}

impl TokenAnswer {
    /// How long the token is good: a positive number of seconds, also in a string; all else is the default.
    pub(super) fn lifetime(&self) -> Duration {
        let told = self.expires_in.as_ref().map_or("", |raw| raw.get());
        let text = serde_json::from_str::<String>(told).unwrap_or_else(|_| told.to_owned());
        // Words such as `inf` are numbers to Rust, but not to the platform.
        let number = Some(text.trim()).filter(|text| text.starts_with(|first: char| first.is_ascii_digit()));
        match number.and_then(|number| number.parse::<f64>().ok()) {
            Some(seconds) if seconds > 0.0 => Duration::from_secs_f64(seconds.min(TOKEN_LIFETIME_MAX.as_secs_f64())),
            Some(_) | None => TOKEN_LIFETIME_DEFAULT,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object with contactId")]
pub(super) struct ContactAnswer {
    pub(super) contact_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object with sessionId")]
pub(super) struct SessionAnswer {
    pub(super) session_id: String,
}

#[derive(Deserialize)]
#[serde(expecting = "an object with forecast")]
pub(super) struct ForecastAnswer {
    forecast: Vec<Hour>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an hour of a forecast")]
struct Hour {
    #[serde(rename = "hour")]
    start: DateTime<FixedOffset>,
    available_agents: f64,
    expected_calls: f64,
}

impl ForecastAnswer {
    /// The hours as they were told: in any order, at any offset, fractions of a second cut.
    pub(super) fn slots(self) -> Vec<Slot> {
        let slot = |told: Hour| Slot {
            start: Timestamp::from_unix(told.start.timestamp()),
            agents: told.available_agents,
            expected_calls: told.expected_calls,
        };
        self.forecast.into_iter().map(slot).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_however_its_life_is_told() {
        let check = |told: &str, expected: f64| {
            let answer: TokenAnswer =
                serde_json::from_str(&format!("{{\"access_token\":\"t\",\"expires_in\":{told}}}")).expect("a token");
            assert!((answer.lifetime().as_secs_f64() - expected).abs() < 1e-6, "{told}: {:?}", answer.lifetime());
        };
        for (told, expected) in [("600", 600.0), ("600.5", 600.5), ("\"600\"", 600.0), ("\" 600.5 \"", 600.5)] {
            check(told, expected);
        }
        for told in ["86401", "1e400", "99999999999999999999999999", "\"1e400\""] {
            check(told, 86_400.0);
        }
        for told in ["0", "-1", "null", "\"\"", "\"soon\"", "\"inf\"", "\"-600\"", "true", "[600]", "{\"s\":600}"] {
            check(told, 1800.0);
        }
        let untold: TokenAnswer = serde_json::from_str(r#"{"access_token":"t"}"#).expect("a token");
        assert_eq!(untold.lifetime(), TOKEN_LIFETIME_DEFAULT);
    }

    #[test]
    fn what_is_wrong_is_told_in_words_of_the_contract() {
        fn check<T: for<'de> Deserialize<'de>>(expected: &str) {
            let error = serde_json::from_str::<T>("7").err().expect("no object").to_string();
            assert!(error.contains(expected) && !error.contains("struct"), "{error}");
        }
        check::<TokenAnswer>("an object with access_token");
        check::<ContactAnswer>("an object with contactId");
        check::<SessionAnswer>("an object with sessionId");
        check::<ForecastAnswer>("an object with forecast");
        check::<Hour>("an hour of a forecast");
    }
}
