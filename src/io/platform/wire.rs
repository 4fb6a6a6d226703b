//! The shapes on the wire, as the platform's contract has them. Unknown fields of answers are ignored.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

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

#[derive(Deserialize)]
pub(super) struct TokenAnswer {
    pub(super) access_token: String,
    pub(super) expires_in: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ContactAnswer {
    pub(super) contact_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SessionAnswer {
    pub(super) session_id: String,
}

#[derive(Deserialize)]
pub(super) struct ForecastAnswer {
    forecast: Vec<Hour>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
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
