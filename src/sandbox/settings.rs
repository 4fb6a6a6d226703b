//! How the sandbox behaves: its limits, its credentials and the troubles it makes. By default it makes none.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::fault::{Fault, Target};

/// Everything that can be asked of the sandbox. The default is a platform without limits and without faults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SandboxSettings {
    /// The seed of all chance: the same seed and the same requests meet the same faults, in whatever order they come.
    pub seed: u64,
    /// The client id that is let in.
    pub client_id: String,
    /// The secret of that client id.
    pub client_secret: String,
    /// Seconds until a token expires.
    pub token_lifetime_secs: u32,
    /// Whether the answer to a token request says when the token expires.
    pub expires_in: ExpiresIn,
    /// Requests let through in any half-open 60 seconds; those beyond are answered 429. No limit where it is not set.
    pub requests_per_minute: Option<u32>,
    /// How a 429 says when to come back.
    pub retry_after: RetryAfter,
    /// Seconds that a 429 or 503 by chance asks the client to wait. A 429 of the limit names the true wait.
    pub retry_after_secs: u32,
    /// Milliseconds between a request and its answer, at least.
    pub latency_ms: u32,
    /// Milliseconds more, drawn evenly from nothing to this.
    pub latency_jitter_ms: u32,
    /// A 5xx, and nothing was done.
    pub error_before: Fault,
    /// A 5xx, though what was asked is done.
    pub error_after: Fault,
    /// The connection is closed without an answer, and nothing was done.
    pub cut_before: Fault,
    /// The connection is closed without an answer, though what was asked is done.
    pub cut_after: Fault,
    /// A success whose body is half a JSON, a page of HTML or nothing.
    pub broken_body: Fault,
    /// A 429 by chance, whatever the limit says.
    pub too_many: Fault,
    /// A 503 with Retry-After.
    pub unavailable: Fault,
    /// A 503 with Retry-After, though what was asked is done.
    pub unavailable_after: Fault,
    /// A 307 to an address of the same server where nothing is.
    pub redirect: Fault,
    /// A 302 to a page of the same server, though what was asked is done.
    pub redirect_after: Fault,
    /// A 408, though what was asked is done.
    pub timeout_after: Fault,
    /// A 200 whose body says that it failed, and nothing was done.
    pub failed_body: Fault,
    /// A success without a body.
    pub empty_body: Fault,
    /// The token is revoked while it is still good: 401, also for all who hold it. Token requests are spared.
    pub token_revoked: Fault,
    /// Scopes that the client was not given: 403 where one of them is needed.
    pub missing_scopes: BTreeSet<Scope>,
    /// Campaigns that the client may not read: 403 to their forecast.
    pub forbidden_campaigns: BTreeSet<String>,
    /// Phone numbers, in E.164, that the client may neither call nor text: 403.
    pub forbidden_phones: BTreeSet<String>,
    /// The error by which no token is given: 400, such as `invalid_scope`.
    pub token_error: Option<String>,
    /// The share (0 to 1) of phone numbers that no campaign takes: 400, always for the same numbers.
    pub refused_phones_share: f64,
    /// Phone numbers, in E.164, that no campaign takes: 400.
    pub refused_phones: BTreeSet<String>,
    /// The share (0 to 1) of phone numbers that no text reaches: 400, always for the same numbers.
    pub refused_texts_share: f64,
    /// Phone numbers, in E.164, that no text reaches: 400.
    pub refused_texts: BTreeSet<String>,
    /// The answer to a second contact with an id that exists.
    pub answers_conflict: ConflictAnswer,
    /// Campaigns without a forecast: the list is empty.
    pub forecast_empty: BTreeSet<String>,
    /// Campaigns whose forecast has no agents in any hour.
    pub forecast_no_agents: BTreeSet<String>,
    /// Campaigns whose forecast has its numbers in quotes, no number of agents in its first hour and no zone in its
    /// second.
    pub forecast_damaged: BTreeSet<String>,
    /// Whether the hours of a forecast come in order or in disorder.
    pub forecast_order: ForecastOrder,
}

impl Default for SandboxSettings {
    fn default() -> Self {
        Self {
            seed: 0,
            client_id: "sandbox".to_owned(),
            client_secret: "sandbox".to_owned(),
            token_lifetime_secs: 1800,
            expires_in: ExpiresIn::default(),
            requests_per_minute: None,
            retry_after: RetryAfter::default(),
            retry_after_secs: 1,
            latency_ms: 0,
            latency_jitter_ms: 0,
            error_before: Fault::default(),
            error_after: Fault::default(),
            cut_before: Fault::default(),
            cut_after: Fault::default(),
            broken_body: Fault::default(),
            too_many: Fault::default(),
            unavailable: Fault::default(),
            unavailable_after: Fault::default(),
            redirect: Fault::default(),
            redirect_after: Fault::default(),
            timeout_after: Fault::default(),
            failed_body: Fault::default(),
            empty_body: Fault::default(),
            token_revoked: Fault::default(),
            missing_scopes: BTreeSet::new(),
            forbidden_campaigns: BTreeSet::new(),
            forbidden_phones: BTreeSet::new(),
            token_error: None,
            refused_phones_share: 0.0,
            refused_phones: BTreeSet::new(),
            refused_texts_share: 0.0,
            refused_texts: BTreeSet::new(),
            answers_conflict: ConflictAnswer::default(),
            forecast_empty: BTreeSet::new(),
            forecast_no_agents: BTreeSet::new(),
            forecast_damaged: BTreeSet::new(),
            forecast_order: ForecastOrder::default(),
        }
    }
}

/// Whether a token says how long it lives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExpiresIn {
    /// `expires_in` is there.
    #[default]
    Told,
    /// `expires_in` is left out.
    Untold,
}

/// How a 429 says when to come back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RetryAfter {
    /// `Retry-After: 12`, rounded up.
    #[default]
    Seconds,
    /// `Retry-After: Tue, 24 Nov 2026 13:00:00 GMT`, rounded up.
    HttpDate,
    /// No header. A 503 by chance still has one, in seconds: without, it would be any 5xx.
    Absent,
}

/// The answer to a second contact with an id that exists. Nothing is changed in either case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConflictAnswer {
    /// 409.
    #[default]
    Conflict,
    /// 200 with the same id.
    SameId,
}

/// Whether the hours of a forecast come in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForecastOrder {
    /// In order, in UTC, each hour once, none beyond the range.
    #[default]
    Orderly,
    /// Shuffled, with hours beyond the range, fractions of seconds, fractions of agents and other offsets.
    Disorderly,
}

/// What a token may allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Scope {
    /// To read forecasts.
    #[serde(rename = "outbound:forecast:read")]
    ForecastRead,
    /// To create contacts.
    #[serde(rename = "outbound:contact:write")]
    ContactWrite,
    /// To send texts.
    #[serde(rename = "messaging:session:write")]
    SessionWrite,
}

impl Scope {
    /// The scope that a request needs; a token request needs none.
    pub fn needed_for(target: Target) -> Option<Self> {
        match target {
            Target::Token => None,
            Target::Forecast => Some(Self::ForecastRead),
            Target::Contact => Some(Self::ContactWrite),
            Target::Sms => Some(Self::SessionWrite),
        }
    }

    /// The scope as the contract spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ForecastRead => "outbound:forecast:read",
            Self::ContactWrite => "outbound:contact:write",
            Self::SessionWrite => "messaging:session:write",
        }
    }
}
