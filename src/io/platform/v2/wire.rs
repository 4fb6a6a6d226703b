//! The shapes on the wire, as the platform's contract has them. Unknown fields of answers are ignored.

use std::time::Duration;

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::domain::forecast::{Slot, ToldHours};
use crate::domain::time::Timestamp;

use crate::io::platform::{ContactRequest, TextRequest};

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

/// Why there is no token (RFC 6749, 5.2), in the few shapes that platforms have for it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct TokenError {
    /// Its short name, such as `invalid_scope`.
    pub(super) name: String,
    /// The same in words; empty where there are none.
    pub(super) description: String,
}

impl TokenError {
    /// Whether it accuses the client's id or secret.
    pub(super) fn is_invalid_client(&self) -> bool {
        self.name == "invalid_client"
    }

    /// The error that a body names: `{"error": "…"}`, or an object with a code there.
    pub(super) fn of(body: &[u8]) -> Option<Self> {
        let body: Value = serde_json::from_slice(body).ok()?;
        let error = body.get("error")?;
        let name = error.as_str().or_else(|| error.get("code")?.as_str())?;
        let description = body.get("error_description").or_else(|| error.get("message"));
        let description = description.and_then(Value::as_str).unwrap_or_default();
        Some(Self { name: name.to_owned(), description: description.to_owned() })
    }
}

/// What an answer in JSON says of a contact or a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Said {
    /// The id that it names, a string or a whole number.
    pub(super) id: Option<String>,
    /// Whether it says that it was not done.
    pub(super) refuses: bool,
}

/// Keys under which an answer tells what went wrong; there is nothing in them where all went well.
const ERRORS: [&str; 6] = ["errors", "error", "errorCode", "error_code", "errorMessage", "error_message"];

/// Words of a status by which something was not done.
const FAILED: [&str; 10] = [
    "error",
    "errored",
    "failed",
    "failure",
    "rejected",
    "refused",
    "denied",
    "invalid",
    "undelivered",
    "undeliverable",
];

impl Said {
    /// Reads an answer whose id stands under `key` or `id`. One that is no object says nothing.
    pub(super) fn of(body: &[u8], key: &str) -> Result<Self, serde_json::Error> {
        let body: Value = serde_json::from_slice(body)?;
        let id = [key, "id"].into_iter().find_map(|key| id(body.get(key)?));
        let errors = ERRORS.iter().filter_map(|key| body.get(key)).any(is_something);
        let status = ["status", "state", "result"].iter().filter_map(|key| body.get(key)).any(is_failure);
        let success = ["success", "ok"].iter().filter_map(|key| body.get(key)).any(|told| *told == Value::Bool(false));
        Ok(Self { id, refuses: errors || status || success })
    }
}

fn id(told: &Value) -> Option<String> {
    match told {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) if number.is_u64() || number.is_i64() => Some(number.to_string()),
        Value::Number(_) | Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn is_something(told: &Value) -> bool {
    match told {
        Value::Null | Value::Bool(false) => false,
        Value::Bool(true) => true,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(all) => !all.is_empty(),
        Value::Object(all) => !all.is_empty(),
    }
}

fn is_failure(told: &Value) -> bool {
    match told {
        Value::String(text) => FAILED.iter().any(|word| text.trim().eq_ignore_ascii_case(word)),
        Value::Number(status) => status.as_u64().is_some_and(|status| (400..600).contains(&status)),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => false,
    }
}

#[derive(Deserialize)]
#[serde(expecting = "an object with forecast")]
pub(super) struct ForecastAnswer {
    forecast: Vec<Box<RawValue>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an hour of a forecast")]
struct Hour {
    #[serde(rename = "hour")]
    start: DateTime<FixedOffset>,
    available_agents: Box<RawValue>,
    expected_calls: Box<RawValue>,
}

impl ForecastAnswer {
    /// The hours as they were told: in any order, at any offset, fractions of a second cut; those that cannot be read
    /// are counted.
    pub(super) fn hours(self) -> ToldHours {
        let told = self.forecast.len();
        let slots: Vec<Slot> = self.forecast.iter().filter_map(|hour| slot(hour.get())).collect();
        let unreadable = (told - slots.len()) as u64;
        ToldHours { slots, unreadable }
    }
}

fn slot(hour: &str) -> Option<Slot> {
    let Hour { start, available_agents, expected_calls } = serde_json::from_str(hour).ok()?;
    let start = Timestamp::from_unix(start.timestamp());
    Some(Slot { start, agents: figure(&available_agents)?, expected_calls: figure(&expected_calls)? })
}

/// A number, also in quotes. Words such as `inf` are numbers to Rust, but not to the platform.
fn figure(told: &RawValue) -> Option<f64> {
    let text = serde_json::from_str::<String>(told.get()).unwrap_or_else(|_| told.get().to_owned());
    let text = text.trim();
    let is_number = text.trim_start_matches(['-', '+']).starts_with(|first: char| first.is_ascii_digit());
    text.parse().ok().filter(|number: &f64| is_number && number.is_finite())
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
        check::<ForecastAnswer>("an object with forecast");
        check::<Hour>("an hour of a forecast");
    }

    #[test]
    fn accepted_is_what_says_so() {
        let check = |body: &str, id: Option<&str>, refuses: bool| {
            let said = Said::of(body.as_bytes(), "contactId").expect("JSON");
            assert_eq!(said, Said { id: id.map(str::to_owned), refuses }, "{body}");
        };
        check(r#"{"contactId": "c-1"}"#, Some("c-1"), false);
        check(r#"{"contactId": 1007, "id": "other"}"#, Some("1007"), false);
        check(r#"{"id": -3, "errors": [], "error": null, "status": "queued", "success": true}"#, Some("-3"), false);
        for nothing in ["null", "\"\"", "\" \"", "1.5", "1e30", "true", "[\"c\"]", "{}"] {
            check(&format!("{{\"contactId\": {nothing}}}"), None, false);
        }
        for none in ["{}", "[]", "7", "\"contactId\"", "null", "[{\"contactId\": \"c\"}]"] {
            check(none, None, false);
        }
        for no in [
            r#"{"errors": [{"code": "DNC"}]}"#,
            r#"{"errors": {"phone": "bad"}}"#,
            r#"{"error": "quota exceeded"}"#,
            r#"{"error": {"code": 7}}"#,
            r#"{"errorCode": 21610}"#,
            r#"{"status": "FAILED"}"#,
            r#"{"status": 400}"#,
            r#"{"success": false}"#,
        ] {
            check(no, None, true);
        }
        check(r#"{"contactId": "c", "status": "ERROR"}"#, Some("c"), true);
        assert!(Said::of(b"{\"contactId\": \"c", "contactId").is_err());
    }

    #[test]
    fn an_hour_that_cannot_be_read_costs_itself_alone() {
        let good = r#"{"hour": "2026-11-23T13:00:00Z", "availableAgents": "4.5", "expectedCalls": "0"}"#;
        let hours = |hour: &str| {
            let answer: ForecastAnswer =
                serde_json::from_str(&format!("{{\"forecast\": [{hour}, {good}]}}")).expect("a forecast");
            answer.hours()
        };
        let start = Timestamp::from_unix(1_795_438_800);
        let read = Slot { start, agents: 4.5, expected_calls: 0.0 };
        for (agents, expected) in [("-1", -1.0), ("\" 7 \"", 7.0), ("1e2", 100.0), ("\"-0.5\"", -0.5)] {
            let hour =
                format!(r#"{{"hour": "2026-11-23T14:00:00+01:00", "availableAgents": {agents}, "expectedCalls": 2}}"#);
            let told = Slot { start, agents: expected, expected_calls: 2.0 };
            assert_eq!(hours(&hour), ToldHours { slots: vec![told, read], unreadable: 0 });
        }
        for agents in ["null", "true", "[]", "{}", "\"\"", "\"many\"", "\"inf\"", "\"NaN\"", "1e400", "\"4,5\""] {
            let hour =
                format!(r#"{{"hour": "2026-11-23T13:00:00Z", "availableAgents": {agents}, "expectedCalls": 2}}"#);
            assert_eq!(hours(&hour), ToldHours { slots: vec![read], unreadable: 1 }, "{agents}");
        }
        for hour in [
            r#"{"hour": "2026-11-23T13:00:00", "availableAgents": 1, "expectedCalls": 2}"#,
            r#"{"hour": null, "availableAgents": 1, "expectedCalls": 2}"#,
            r#"{"hour": "2026-11-23T13:00:00Z", "expectedCalls": 2}"#,
            "null",
            "7",
        ] {
            assert_eq!(hours(hour), ToldHours { slots: vec![read], unreadable: 1 }, "{hour}");
        }
    }

    #[test]
    fn the_error_of_a_token_request_is_found() {
        let check = |body: &str, name: &str, description: &str| {
            let error = TokenError { name: name.to_owned(), description: description.to_owned() };
            assert_eq!(TokenError::of(body.as_bytes()), Some(error), "{body}");
        };
        check(r#"{"error": "invalid_scope", "error_description": "no such scope"}"#, "invalid_scope", "no such scope");
        check(r#"{"error": {"code": "invalid_client", "message": "who?"}}"#, "invalid_client", "who?");
        for none in ["{}", "[]", r#"{"error": null}"#, r#"{"error": 7}"#, "<html>", ""] {
            assert_eq!(TokenError::of(none.as_bytes()), None, "{none}");
        }
    }
}
