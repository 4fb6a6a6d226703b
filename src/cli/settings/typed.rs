//! What was typed: every key optional, in the words of the file. Judging them is left to `resolve`.

use std::collections::BTreeMap;

use serde::Deserialize;

/// One layer of settings as it was typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Typed {
    pub(super) ledger: Option<String>,
    pub(super) platform: TypedPlatform,
    pub(super) validation: TypedValidation,
    pub(super) hours: BTreeMap<String, BTreeMap<String, TextOrList>>,
    pub(super) placement: TypedPlacement,
    pub(super) contact: TypedContact,
    pub(super) sms: TypedSms,
    pub(super) retry: TypedRetry,
    pub(super) forecast: TypedForecast,
    pub(super) campaigns: BTreeMap<String, TypedCampaign>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TypedPlatform {
    pub(super) region: Option<String>,
    pub(super) base_url: Option<String>,
    pub(super) client_id: Option<String>,
    pub(super) client_secret_file: Option<String>,
    pub(super) client_secret_command: Option<String>,
    /// The environment variable that holds the secret: its name, which no file can give.
    #[serde(skip)]
    pub(super) client_secret_variable: Option<String>,
    pub(super) requests_per_minute: Option<i64>,
    pub(super) concurrency: Option<i64>,
    pub(super) timeout: Option<String>,
    pub(super) proxy: Option<String>,
    pub(super) ca_file: Option<String>,
    /// The list of `NO_PROXY`, which no file can give.
    #[serde(skip)]
    pub(super) no_proxy: Option<String>,
    pub(super) contact_ids: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TypedValidation {
    pub(super) default_region: Option<String>,
    pub(super) timezone: Option<String>,
    pub(super) time_formats: Option<Vec<String>>,
    pub(super) min_window: Option<String>,
    pub(super) max_window: Option<String>,
    pub(super) spoken_digits: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TypedPlacement {
    pub(super) calls_per_agent_hour: Option<f64>,
    pub(super) lead_time: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TypedContact {
    pub(super) retry_count: Option<i64>,
    pub(super) retry_interval: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TypedSms {
    pub(super) enabled: Option<bool>,
    pub(super) from: Option<String>,
    pub(super) hours: Option<String>,
    pub(super) default_language: Option<String>,
    pub(super) on_no_answer: Option<String>,
    pub(super) templates: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TypedRetry {
    pub(super) max_attempts: Option<i64>,
    pub(super) server_error_wait: Option<Vec<String>>,
    pub(super) give_up_after: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TypedForecast {
    pub(super) max_range: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TypedCampaign {
    pub(super) hours: Option<String>,
    pub(super) timezone: Option<String>,
    pub(super) sms_from: Option<String>,
    pub(super) calls_per_agent_hour: Option<f64>,
}

/// A key of an hours table: its zone is a text, its days and holidays are lists.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum TextOrList {
    Text(String),
    List(Vec<String>),
}
