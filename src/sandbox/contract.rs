//! Whether a body or a query keeps the contract, checked by hand. The first fault is named with its key.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset};
use serde_json::{Map, Value};

use super::time::{is_duration, parse_rfc3339};

/// Why a request was refused: the key and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Breach(pub(super) String);

type Checked<T> = Result<T, Breach>;

fn breach<T>(key: &str, wrong: &str) -> Checked<T> {
    Err(Breach(format!("{key}: {wrong}")))
}

/// What the platform needs to know of a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ContactAsked {
    pub(super) contact_id: String,
    pub(super) phone: String,
}

/// What the platform needs to know of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TextAsked {
    pub(super) to: String,
    pub(super) from: String,
    pub(super) message: String,
}

/// What the platform needs to know of a forecast: seconds of the Unix clock, `start < end`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ForecastAsked {
    pub(super) campaign: String,
    pub(super) start: i64,
    pub(super) end: i64,
}

/// Seven days: the longest range of one forecast.
const RANGE_MAX_SECS: i64 = 7 * 24 * 3600;

/// Checks the body of a contact.
pub(super) fn contact(body: &[u8]) -> Checked<ContactAsked> {
    let body = parse(body)?;
    let contact = Fields::of(&body, "", &["contact"])?
        .object("contact", &["contactId", "campaignId", "phone", "scheduledStartDateTime", "attributes", "retry"])?;
    let contact_id = contact.text("contactId", "not a UUID", is_uuid)?;
    contact.text("campaignId", "must not be empty", |id| !id.trim().is_empty())?;
    let phone = contact.phone("phone")?;
    let (start, end) = window(&contact)?;
    let scheduled = contact.time("scheduledStartDateTime")?;
    if scheduled < start || scheduled >= end {
        return breach("contact.scheduledStartDateTime", "not inside [callback_window_start, callback_window_end)");
    }
    let retry = contact.object("retry", &["retryCount", "retryInterval"])?;
    retry.count("retryCount")?;
    retry.text("retryInterval", "not an ISO 8601 duration", is_duration)?;
    Ok(ContactAsked { contact_id, phone })
}

fn window(contact: &Fields<'_>) -> Checked<(DateTime<FixedOffset>, DateTime<FixedOffset>)> {
    let keys = ["callback_requested_by", "callback_language", "callback_window_start", "callback_window_end"];
    let attributes = contact.object("attributes", &keys)?;
    attributes.text("callback_requested_by", "must be `ivr`", |by| by == "ivr")?;
    attributes.text("callback_language", "not a language tag", is_language)?;
    let (start, end) = (attributes.time("callback_window_start")?, attributes.time("callback_window_end")?);
    if start >= end {
        return breach("contact.attributes.callback_window_end", "not after callback_window_start");
    }
    Ok((start, end))
}

/// Checks the body of a text.
pub(super) fn session(body: &[u8]) -> Checked<TextAsked> {
    let body = parse(body)?;
    let session = Fields::of(&body, "", &["to", "from", "message", "channels"])?;
    let (to, from) = (session.phone("to")?, session.phone("from")?);
    let message = session.text("message", "must not be empty", |message| !message.is_empty())?;
    let channels = session.value("channels")?.as_array();
    if !channels.is_some_and(|channels| !channels.is_empty() && channels.iter().all(|channel| channel == "sms")) {
        return breach("channels", "must be [\"sms\"]");
    }
    Ok(TextAsked { to, from, message })
}

/// Checks the query of a forecast.
pub(super) fn forecast(query: &str) -> Checked<ForecastAsked> {
    let given = pairs(query, &["campaignId", "startTime", "endTime", "granularity"])?;
    let campaign = given["campaignId"].clone();
    if campaign.trim().is_empty() {
        return breach("campaignId", "must not be empty");
    }
    if given["granularity"] != "hourly" {
        return breach("granularity", "must be `hourly`");
    }
    let time = |key: &str| match parse_rfc3339(&given[key]) {
        Some(time) => Ok(time.timestamp()),
        None => breach(key, "not an RFC 3339 time"),
    };
    let (start, end) = (time("startTime")?, time("endTime")?);
    if start >= end {
        return breach("endTime", "not after startTime");
    }
    if end - start > RANGE_MAX_SECS {
        return breach("endTime", "more than 7 days after startTime");
    }
    Ok(ForecastAsked { campaign, start, end })
}

/// Checks the form of a token request.
pub(super) fn grant(body: &[u8]) -> Checked<()> {
    let form = pairs(&String::from_utf8_lossy(body), &["grant_type"])?;
    if form["grant_type"] == "client_credentials" {
        Ok(())
    } else {
        breach("grant_type", "must be `client_credentials`")
    }
}

/// The pairs of a query or form; each key is there, once, and no other.
fn pairs(text: &str, keys: &[&str]) -> Checked<BTreeMap<String, String>> {
    let mut given = BTreeMap::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (Some(key), Some(value)) = (percent_decoded(key), percent_decoded(value)) else {
            return breach(pair, "not percent-encoded UTF-8");
        };
        if !keys.contains(&key.as_str()) {
            return breach(&key, "unknown");
        }
        if given.insert(key.clone(), value).is_some() {
            return breach(&key, "given twice");
        }
    }
    match keys.iter().find(|key| !given.contains_key(**key)) {
        Some(key) => breach(key, "missing"),
        None => Ok(given),
    }
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => hex(bytes.next()?)? << 4 | hex(bytes.next()?)?,
            plain => plain,
        });
    }
    String::from_utf8(decoded).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

fn parse(body: &[u8]) -> Checked<Value> {
    serde_json::from_slice(body).map_err(|error| Breach(format!("the body is no JSON: {error}")))
}

/// A JSON object that holds exactly the keys it should.
struct Fields<'a> {
    path: String,
    map: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    fn of(value: &'a Value, path: &str, keys: &[&str]) -> Checked<Self> {
        let Some(map) = value.as_object() else {
            return breach(if path.is_empty() { "the body" } else { path }, "must be an object");
        };
        let path = if path.is_empty() { String::new() } else { format!("{path}.") };
        if let Some(key) = map.keys().find(|key| !keys.contains(&key.as_str())) {
            return breach(&format!("{path}{key}"), "unknown");
        }
        match keys.iter().find(|key| !map.contains_key(**key)) {
            Some(key) => breach(&format!("{path}{key}"), "missing"),
            None => Ok(Self { path, map }),
        }
    }

    fn value(&self, key: &str) -> Checked<&'a Value> {
        self.map.get(key).map_or_else(|| self.breach(key, "missing"), Ok)
    }

    fn object(&self, key: &str, keys: &[&str]) -> Checked<Self> {
        Self::of(self.value(key)?, &format!("{}{key}", self.path), keys)
    }

    fn text(&self, key: &str, wrong: &str, holds: impl Fn(&str) -> bool) -> Checked<String> {
        match self.value(key)?.as_str() {
            None => self.breach(key, "must be a string"),
            Some(text) if !holds(text) => self.breach(key, wrong),
            Some(text) => Ok(text.to_owned()),
        }
    }

    fn phone(&self, key: &str) -> Checked<String> {
        self.text(key, r"does not match ^\+[1-9][0-9]{6,14}$", is_phone)
    }

    fn time(&self, key: &str) -> Checked<DateTime<FixedOffset>> {
        let text = self.text(key, "", |_| true)?;
        parse_rfc3339(&text).map_or_else(|| self.breach(key, "not an RFC 3339 time"), Ok)
    }

    fn count(&self, key: &str) -> Checked<u64> {
        self.value(key)?.as_u64().map_or_else(|| self.breach(key, "must be a whole number from 0"), Ok)
    }

    fn breach<T>(&self, key: &str, wrong: &str) -> Checked<T> {
        breach(&format!("{}{key}", self.path), wrong)
    }
}

fn is_phone(text: &str) -> bool {
    let Some(digits) = text.strip_prefix('+') else { return false };
    (7..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_uuid(text: &str) -> bool {
    let fits =
        |(at, byte): (usize, u8)| if [8, 13, 18, 23].contains(&at) { byte == b'-' } else { byte.is_ascii_hexdigit() };
    text.len() == 36 && text.bytes().enumerate().all(fits)
}

fn is_language(text: &str) -> bool {
    text.split('-').all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

#[cfg(test)]
#[path = "contract_tests.rs"]
mod tests;
