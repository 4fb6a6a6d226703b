//! What the platform says that it was asked, and did.

use std::collections::BTreeMap;

use serde_json::Value;

/// `GET /sandbox/state`, read.
pub(crate) struct State(pub(crate) Value);

/// The routes, as the platform counts them.
pub(crate) const TOKEN: &str = "POST /oauth/token";
pub(crate) const FORECAST: &str = "GET /api/v2/outbound/forecast";
pub(crate) const CONTACT: &str = "POST /api/v2/outbound/contacts";
pub(crate) const TEXT: &str = "POST /api/v2/messaging/sessions";

impl State {
    /// All contacts that exist.
    pub(crate) fn contacts(&self) -> &[Value] {
        self.0["contacts"].as_array().unwrap()
    }

    /// All texts that went out.
    pub(crate) fn texts(&self) -> &[Value] {
        self.0["texts"].as_array().unwrap()
    }

    /// The requests, whole.
    pub(crate) fn requests(&self) -> &[Value] {
        self.0["requests"].as_array().unwrap()
    }

    /// How many requests of a route got this status.
    pub(crate) fn answered(&self, route: &str, status: &str) -> u64 {
        self.0["counts"][route][status].as_u64().unwrap_or_default()
    }

    /// How many requests of a route came.
    pub(crate) fn asked(&self, route: &str) -> u64 {
        let counts = self.0["counts"][route].as_object();
        counts.map_or(0, |counts| counts.values().filter_map(Value::as_u64).sum())
    }

    /// How many requests came at all.
    pub(crate) fn asked_in_all(&self) -> u64 {
        [TOKEN, FORECAST, CONTACT, TEXT, "other"].iter().map(|route| self.asked(route)).sum()
    }

    /// Contacts by id.
    pub(crate) fn by_id(&self) -> BTreeMap<&str, &Value> {
        self.contacts().iter().map(|contact| (contact["contactId"].as_str().unwrap(), contact)).collect()
    }

    /// The texts to a phone that name a callback: its reference stands in them.
    pub(crate) fn texts_for<'a>(&'a self, phone: &'a str, callback_id: &'a str) -> Vec<&'a str> {
        let texts = self.texts().iter().filter(move |text| text["to"] == phone);
        let messages = texts.map(|text| text["message"].as_str().unwrap());
        messages.filter(|message| message.contains(&callback_id[..8])).collect()
    }
}
