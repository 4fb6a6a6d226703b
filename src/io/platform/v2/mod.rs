//! The platform with the contract `v2`: a bearer token for client credentials, forecasts by campaign, contacts that keep
//! their id, and messaging sessions. It has all three roles.

#![expect(
    clippy::redundant_closure_for_method_calls,
    reason = "a method of a type with a lifetime is not a function of all lifetimes"
)]

mod address;
mod answer;
mod body;
mod retry_after;
#[cfg(test)]
mod table_tests;
mod verdict;
mod wire;

use std::cell::OnceCell;
use std::num::NonZeroU16;
use std::time::SystemTime;

use futures_util::FutureExt;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{RequestBuilder, Url};
use secrecy::{ExposeSecret, SecretString};

use crate::domain::abilities::{Abilities, Repeat};
use crate::domain::forecast::ToldHours;
use crate::domain::reply::{Answered, Label, Made, Probed, Reply, Step};
use crate::domain::time::{HOUR, Interval, Timestamp};

use super::http::{Http, HttpSettings};
use super::{
    Asking, AskingAccess, Backend, Capacity, ContactRequest, Contacts, SecretSource, Secrets, TextRequest, Texts,
};

pub use address::PlatformAddress;
pub use answer::Reading;

/// Variables in which the platform's own tools keep their credentials.
pub const CLIENT_ID_VARIABLE: &str = "CXONE_CLIENT_ID";
/// The same of the secret.
pub const CLIENT_SECRET_VARIABLE: &str = "CXONE_CLIENT_SECRET";

/// A body of which nothing can be made.
const EMPTY: &[u8] = b"{}";

/// What the platform may promise of contact ids.
pub const CONTACT_IDS: [&str; 2] = ["unique", "advisory"];

/// How a contact may be treated whose outcome is unknown, by that promise; `None` for any other word.
#[must_use]
pub fn repeat(contact_ids: &str) -> Option<Repeat> {
    [(CONTACT_IDS[0], Repeat::SameId), (CONTACT_IDS[1], Repeat::Never)]
        .into_iter()
        .find_map(|(word, repeat)| (word == contact_ids).then_some(repeat))
}

/// What it can do with contacts.
#[must_use]
pub fn abilities(repeat: Repeat) -> Abilities {
    Abilities { repeat, items_max: NonZeroU16::MIN, horizon: None }
}

/// Who asks.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The client's id.
    pub client_id: String,
    /// Where the client's secret comes from.
    pub secret: SecretSource,
}

/// A platform with this contract.
#[derive(Debug)]
pub struct V2 {
    http: Http,
    token_url: Url,
    forecast_url: Url,
    contacts_url: Url,
    sessions_url: Url,
    credentials: Credentials,
    /// What must not be told, though the platform may echo it.
    secrets: Secrets,
    /// Seconds that the platform's clock was ahead of this machine's when it first answered; `None` where it did not say.
    clock_ahead: OnceCell<Option<i64>>,
}

impl V2 {
    /// Prepares a client for a base URL, `https://…` or `http://…` of this machine; nothing is sent. The error says what
    /// is wrong with the address, the proxy or the certificates.
    pub fn new(base_url: &str, credentials: Credentials, settings: HttpSettings) -> Result<Self, String> {
        let base = base_url.trim_end_matches('/');
        let url = |path: &str| Url::parse(&format!("{base}{path}")).map_err(|error| format!("{base}: {error}"));
        Ok(Self {
            http: Http::new(base, settings)?,
            token_url: url("/oauth/token")?,
            forecast_url: url("/api/v2/outbound/forecast")?,
            contacts_url: url("/api/v2/outbound/contacts")?,
            sessions_url: url("/api/v2/messaging/sessions")?,
            credentials,
            secrets: Secrets::default(),
            clock_ahead: OnceCell::new(),
        })
    }

    fn post(&self, url: &Url, token: &SecretString, body: &[u8]) -> RequestBuilder {
        let request = self.http.client.post(url.clone()).headers(bearer(token));
        request.header(CONTENT_TYPE, "application/json").body(body.to_vec())
    }

    fn get_forecast(&self, token: &SecretString, campaign: &str, range: Interval) -> RequestBuilder {
        let mut url = self.forecast_url.clone();
        url.query_pairs_mut()
            .append_pair("campaignId", campaign)
            .append_pair("startTime", &range.start.rfc3339())
            .append_pair("endTime", &range.end.rfc3339())
            .append_pair("granularity", "hourly");
        self.http.client.get(url).headers(bearer(token))
    }

    /// Sends a request, and understands its answer.
    async fn ask<T>(&self, request: RequestBuilder, understood: impl FnOnce(&Reading<'_>) -> Reply<T>) -> Answered<T> {
        match self.http.send(request).await {
            Ok(answer) => {
                let reading = Reading { answer: &answer, secrets: &self.secrets };
                self.clock_ahead.get_or_init(|| reading.clock_ahead());
                Answered { reply: understood(&reading), label: Some(Label(answer.status.as_u16())) }
            }
            Err(trouble) => Answered { reply: Reply::Trouble(trouble), label: None },
        }
    }

    /// Remembers the client's secret, and its form in the header of HTTP Basic. The sandbox's is a word like
    /// any other, and none to keep.
    fn learn(&self, secret: &SecretString, request: &RequestBuilder) {
        if matches!(self.credentials.secret, SecretSource::Fixed(_)) {
            return;
        }
        self.secrets.learn(secret.expose_secret());
        let request = request.try_clone().and_then(|request| request.build().ok());
        let header = request.as_ref().and_then(|request| request.headers().get(AUTHORIZATION)?.to_str().ok());
        let coded = header.and_then(|header| header.strip_prefix("Basic ")).unwrap_or_default();
        self.secrets.learn(coded.trim_end_matches('='));
    }
}

/// The time of this machine.
fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_unix(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

fn bearer(token: &SecretString) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Ok(mut value) = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret())) {
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers
}

impl Backend for V2 {
    fn account(&self) -> &str {
        &self.credentials.client_id
    }

    /// The limit is the client's, whatever it asks for.
    fn pace_group(&self) -> &str {
        &self.credentials.client_id
    }

    fn right(&self, step: Step) -> &'static str {
        verdict::scope(step)
    }

    fn grant(&self) -> AskingAccess<'_> {
        async move {
            let secret = self.credentials.secret.read().await?;
            let request = self.http.client.post(self.token_url.clone());
            let request = request.basic_auth(&self.credentials.client_id, Some(secret.expose_secret()));
            let form =
                request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body("grant_type=client_credentials");
            self.learn(&secret, &form);
            Ok(self.ask(form, |reading| reading.grant()).await)
        }
        .boxed_local()
    }

    /// Contacts and texts are asked for with an empty object, forecasts for no campaign.
    fn probe<'a>(&'a self, credential: &'a SecretString, step: Step) -> Asking<'a, Probed> {
        let request = match step {
            Step::Forecast => {
                let start = now().hour_ceil();
                self.get_forecast(credential, "", Interval { start, end: start.plus(HOUR) })
            }
            Step::Token | Step::Contact => self.post(&self.contacts_url, credential, EMPTY),
            Step::Text => self.post(&self.sessions_url, credential, EMPTY),
        };
        self.ask(request, move |reading| reading.probed(step)).boxed_local()
    }

    fn clock_ahead(&self) -> Option<i64> {
        self.clock_ahead.get().copied().flatten()
    }
}

impl Capacity for V2 {
    fn hours<'a>(&'a self, credential: &'a SecretString, campaign: &'a str, range: Interval) -> Asking<'a, ToldHours> {
        self.ask(self.get_forecast(credential, campaign, range), |reading| reading.hours()).boxed_local()
    }
}

impl Contacts for V2 {
    fn body(&self, request: &ContactRequest<'_>) -> Vec<u8> {
        wire::contact_body(request)
    }

    fn create<'a>(&'a self, credential: &'a SecretString, body: &'a [u8]) -> Asking<'a, Made> {
        self.ask(self.post(&self.contacts_url, credential, body), |reading| reading.made()).boxed_local()
    }
}

impl Texts for V2 {
    fn body(&self, request: &TextRequest<'_>) -> Vec<u8> {
        wire::text_body(request)
    }

    fn send<'a>(&'a self, credential: &'a SecretString, body: &'a [u8]) -> Asking<'a, Option<String>> {
        self.ask(self.post(&self.sessions_url, credential, body), |reading| reading.session_id()).boxed_local()
    }
}
