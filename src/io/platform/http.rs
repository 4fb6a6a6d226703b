//! The platform over HTTP: one request, one reply, nothing hidden. No retry, no redirect, no proxy for
//! this machine, and never more of an answer than is allowed.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Client, ClientBuilder, Method, RequestBuilder, Response, Url};
use secrecy::{ExposeSecret, SecretString};

use crate::domain::forecast::ToldHours;
use crate::domain::limits::ANSWER_BYTES_MAX;
use crate::domain::reply::{Answered, Made, Reply, Trouble, clean_words};
use crate::domain::time::Interval;
use crate::io::client::{Failure, Proxy, Route};

use super::answer::Answer;
use super::wire;
use super::words::Secrets;
use super::{ContactRequest, Grant, Platform, SecretError, SecretSource, TextRequest};

/// How long a connection may take at most.
const CONNECT_MAX: Duration = Duration::from_secs(10);

/// How the platform is reached.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// `https://…`, or `http://…` of this machine.
    pub base_url: String,
    /// The client's id.
    pub client_id: String,
    /// Where the client's secret comes from.
    pub secret: SecretSource,
    /// How long an answer may take.
    pub timeout: Duration,
    /// Connections that are kept open at most.
    pub connections_max: usize,
    /// The proxy through which an `https` address is reached.
    pub proxy: Option<Proxy>,
    /// A PEM file of authorities that are trusted besides the system's.
    pub ca_file: Option<PathBuf>,
}

/// The platform over HTTP.
#[derive(Debug)]
pub struct HttpPlatform {
    client: Client,
    route: Route,
    token_url: Url,
    forecast_url: Url,
    contacts_url: Url,
    sessions_url: Url,
    client_id: String,
    secret: SecretSource,
    /// What must not be told, though the platform may echo it.
    secrets: Secrets,
    /// Seconds that the platform's clock was ahead of this machine's when it first answered; `None` where it did not say.
    clock_ahead: OnceLock<Option<i64>>,
}

impl HttpPlatform {
    /// Prepares a client; nothing is sent. The error says what is wrong with the address, the proxy or the certificates.
    pub fn new(settings: HttpSettings) -> Result<Self, String> {
        let base = settings.base_url.trim_end_matches('/');
        let url = |path: &str| Url::parse(&format!("{base}{path}")).map_err(|error| format!("{base}: {error}"));
        let route = Route::to(base).through(settings.proxy.clone()).trusting(settings.ca_file.clone());
        let client = route.client(|builder| set_up(builder, &settings))?;
        Ok(Self {
            client,
            route,
            token_url: url("/oauth/token")?,
            forecast_url: url("/api/v2/outbound/forecast")?,
            contacts_url: url("/api/v2/outbound/contacts")?,
            sessions_url: url("/api/v2/messaging/sessions")?,
            client_id: settings.client_id,
            secret: settings.secret,
            secrets: Secrets::default(),
            clock_ahead: OnceLock::new(),
        })
    }

    /// Seconds that the platform's clock was ahead of this machine's when it first answered, as its `Date` told; `None`
    /// where nothing told it.
    pub fn clock_ahead(&self) -> Option<i64> {
        self.clock_ahead.get().copied().flatten()
    }

    fn post(&self, url: &Url, token: &SecretString, body: &[u8]) -> RequestBuilder {
        let request = self.client.request(Method::POST, url.clone()).headers(bearer(token));
        request.header(CONTENT_TYPE, "application/json").body(body.to_vec())
    }

    /// Sends a request, and understands its answer.
    async fn ask<T>(&self, request: RequestBuilder, understood: fn(&Answer, &Secrets) -> Reply<T>) -> Answered<T> {
        match self.send(request).await {
            Ok(answer) => {
                self.clock_ahead.get_or_init(|| answer.clock_ahead());
                let status = Some(answer.status.as_u16());
                Answered { reply: understood(&answer, &self.secrets), status }
            }
            Err(trouble) => Answered { reply: Reply::Trouble(trouble), status: None },
        }
    }

    /// Sends one request and reads one answer.
    async fn send(&self, request: RequestBuilder) -> Result<Answer, Trouble> {
        let mut response = request.send().await.map_err(|error| self.trouble(&error))?;
        let came_at = SystemTime::now();
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        Ok(Answer { status, headers, body: read(response, &self.route).await, came_at })
    }

    /// What it means that no answer came. A proxy that opened a way before refuses because of trouble, not by its rules.
    fn trouble(&self, error: &reqwest::Error) -> Trouble {
        match self.route.failure(error) {
            Failure::Blocked(words) => Trouble::Blocked(clean_words(&words)),
            Failure::Refused(words) if self.clock_ahead.get().is_none() => Trouble::Blocked(clean_words(&words)),
            Failure::Refused(words) | Failure::NotSent(words) => Trouble::NotSent(clean_words(&words)),
            Failure::NoAnswer(words) => Trouble::NoAnswer(clean_words(&words)),
        }
    }

    /// Remembers the client's secret, and its form in the header of HTTP Basic. The sandbox's is a word like
    /// any other, and none to keep.
    fn learn(&self, secret: &SecretString, request: &RequestBuilder) {
        if matches!(self.secret, SecretSource::Fixed(_)) {
            return;
        }
        self.secrets.learn(secret.expose_secret());
        let request = request.try_clone().and_then(|request| request.build().ok());
        let header = request.as_ref().and_then(|request| request.headers().get(AUTHORIZATION)?.to_str().ok());
        let coded = header.and_then(|header| header.strip_prefix("Basic ")).unwrap_or_default();
        self.secrets.learn(coded.trim_end_matches('='));
    }
}

fn set_up(builder: ClientBuilder, settings: &HttpSettings) -> ClientBuilder {
    builder
        .timeout(settings.timeout)
        // Well before the answer's own limit: a connection that was never made is known as a request not sent.
        .connect_timeout((settings.timeout / 2).min(CONNECT_MAX))
        .pool_max_idle_per_host(settings.connections_max)
        .pool_idle_timeout(Duration::from_secs(30))
        .http1_only()
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

impl Platform for HttpPlatform {
    async fn token(&self) -> Result<Answered<Grant>, SecretError> {
        let secret = self.secret.read().await?;
        let request = self.client.post(self.token_url.clone());
        let request = request.basic_auth(&self.client_id, Some(secret.expose_secret()));
        let form =
            request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body("grant_type=client_credentials");
        self.learn(&secret, &form);
        Ok(self.ask(form, Answer::grant).await)
    }

    async fn forecast(&self, token: &SecretString, campaign: &str, range: Interval) -> Answered<ToldHours> {
        let mut url = self.forecast_url.clone();
        url.query_pairs_mut()
            .append_pair("campaignId", campaign)
            .append_pair("startTime", &range.start.rfc3339())
            .append_pair("endTime", &range.end.rfc3339())
            .append_pair("granularity", "hourly");
        self.ask(self.client.get(url).headers(bearer(token)), Answer::hours).await
    }

    async fn create_contact(&self, token: &SecretString, body: &[u8]) -> Answered<Made> {
        self.ask(self.post(&self.contacts_url, token, body), Answer::made).await
    }

    async fn send_text(&self, token: &SecretString, body: &[u8]) -> Answered<Option<String>> {
        self.ask(self.post(&self.sessions_url, token, body), Answer::session_id).await
    }

    fn contact_body(&self, request: &ContactRequest<'_>) -> Vec<u8> {
        wire::contact_body(request)
    }

    fn text_body(&self, request: &TextRequest<'_>) -> Vec<u8> {
        wire::text_body(request)
    }
}

/// Reads a body up to the limit; what goes beyond, or ends early, is no body.
async fn read(mut response: Response, route: &Route) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= ANSWER_BYTES_MAX => body.extend_from_slice(&chunk),
            Ok(Some(_)) => return Err(format!("more than {ANSWER_BYTES_MAX} bytes")),
            Ok(None) => return Ok(body),
            Err(error) => return Err(clean_words(&route.failure(&error).words())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    fn platform(base_url: String, timeout: Duration) -> HttpPlatform {
        let secret = SecretSource::Command("echo hush".into());
        let ca_file = Some(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tls/authority.pem").into());
        let (client_id, connections_max, proxy) = ("shop".into(), 1, None);
        let settings = HttpSettings { base_url, client_id, secret, timeout, connections_max, proxy, ca_file };
        HttpPlatform::new(settings).expect("an address")
    }

    #[tokio::test]
    async fn a_connection_that_is_never_made_is_a_request_not_sent() {
        // It is connected to, and says nothing: the handshake hangs, and no byte of the request leaves.
        let silent = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let base_url = format!("https://{}", silent.local_addr().expect("an address"));
        let reply = platform(base_url, Duration::from_millis(600)).send_text(&"t".into(), b"{}").await;
        assert_eq!(reply.reply, Reply::Trouble(Trouble::NotSent("timed out".into())));
    }

    #[tokio::test]
    async fn a_request_that_left_without_an_answer_may_have_been_carried_out() {
        let silent = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let base_url = format!("http://{}", silent.local_addr().expect("an address"));
        let reply = platform(base_url, Duration::from_millis(300)).send_text(&"t".into(), b"{}").await;
        assert_eq!(reply.reply, Reply::Trouble(Trouble::NoAnswer("timed out".into())));
    }
}
