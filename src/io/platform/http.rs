//! One request over HTTP and one answer, nothing hidden: no retry, no redirect, no proxy for this machine, and never more
//! of an answer than is allowed. What an answer means is the back end's matter.

use std::cell::Cell;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;
use reqwest::{Client, ClientBuilder, RequestBuilder, Response, StatusCode};

use crate::domain::limits::ANSWER_BYTES_MAX;
use crate::domain::reply::{Trouble, clean_words};
use crate::io::client::{Failure, Proxy, Route};

/// How long a connection may take at most.
const CONNECT_MAX: Duration = Duration::from_secs(10);

/// How a server is reached.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// How long an answer may take.
    pub timeout: Duration,
    /// Connections that are kept open at most.
    pub connections_max: usize,
    /// The proxy through which an `https` address is reached.
    pub proxy: Option<Proxy>,
    /// A PEM file of authorities that are trusted besides the system's.
    pub ca_file: Option<PathBuf>,
}

/// An answer as it came, not yet understood.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, or why there is none.
    pub body: Result<Vec<u8>, String>,
    /// When it came, by this machine's clock.
    pub came_at: SystemTime,
}

/// A server over HTTP.
#[derive(Debug)]
pub(super) struct Http {
    pub(super) client: Client,
    route: Route,
    /// Whether it has answered.
    has_answered: Cell<bool>,
}

impl Http {
    /// Prepares a client; nothing is sent. The error says what is wrong with the proxy or the certificates.
    pub(super) fn new(base_url: &str, settings: HttpSettings) -> Result<Self, String> {
        let HttpSettings { timeout, connections_max, proxy, ca_file } = settings;
        let route = Route::to(base_url).through(proxy).trusting(ca_file);
        let client = route.client(|builder| set_up(builder, timeout, connections_max))?;
        Ok(Self { client, route, has_answered: Cell::new(false) })
    }

    /// Sends one request and reads one answer.
    pub(super) async fn send(&self, request: RequestBuilder) -> Result<Answer, Trouble> {
        let mut response = request.send().await.map_err(|error| self.trouble(&error))?;
        self.has_answered.set(true);
        let came_at = SystemTime::now();
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        Ok(Answer { status, headers, body: read(response, &self.route).await, came_at })
    }

    /// What it means that no answer came. A proxy that opened a way before refuses because of trouble, not by its rules.
    fn trouble(&self, error: &reqwest::Error) -> Trouble {
        match self.route.failure(error) {
            Failure::Blocked(words) => Trouble::Blocked(clean_words(&words)),
            Failure::Refused(words) if !self.has_answered.get() => Trouble::Blocked(clean_words(&words)),
            Failure::Refused(words) | Failure::NotSent(words) => Trouble::NotSent(clean_words(&words)),
            Failure::NoAnswer(words) => Trouble::NoAnswer(clean_words(&words)),
        }
    }
}

fn set_up(builder: ClientBuilder, timeout: Duration, connections_max: usize) -> ClientBuilder {
    builder
        .timeout(timeout)
        // Well before the answer's own limit: a connection that was never made is known as a request not sent.
        .connect_timeout((timeout / 2).min(CONNECT_MAX))
        .pool_max_idle_per_host(connections_max)
        .pool_idle_timeout(Duration::from_secs(30))
        .http1_only()
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

    async fn post(base_url: &str, timeout: Duration) -> Result<Answer, Trouble> {
        let ca_file = Some(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tls/authority.pem").into());
        let settings = HttpSettings { timeout, connections_max: 1, proxy: None, ca_file };
        let http = Http::new(base_url, settings).expect("an address");
        http.send(http.client.post(base_url).body("{}")).await
    }

    #[tokio::test]
    async fn a_connection_that_is_never_made_is_a_request_not_sent() {
        // It is connected to, and says nothing: the handshake hangs, and no byte of the request leaves.
        let silent = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let base_url = format!("https://{}", silent.local_addr().expect("an address"));
        let answer = post(&base_url, Duration::from_millis(600)).await;
        assert_eq!(answer.expect_err("no answer"), Trouble::NotSent("timed out".into()));
    }

    #[tokio::test]
    async fn a_request_that_left_without_an_answer_may_have_been_carried_out() {
        let silent = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let base_url = format!("http://{}", silent.local_addr().expect("an address"));
        let answer = post(&base_url, Duration::from_millis(300)).await;
        assert_eq!(answer.expect_err("no answer"), Trouble::NoAnswer("timed out".into()));
    }
}
