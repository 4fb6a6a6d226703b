//! What all HTTP of ringback has in common: it asks whom it was told to ask, once, and shows nobody the address. Who is
//! asked, and what an answer means, is not known here.

use std::error::Error;
use std::sync::Once;

use reqwest::{Client, ClientBuilder, redirect, retry};

/// Which lines a client speaks over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// TLS alone, verified.
    Secure,
    /// Plain HTTP, to this machine alone: no proxy, and no certificates to look for.
    Local,
}

impl Line {
    /// The line that an address asks for.
    #[must_use]
    pub fn of(url: &str) -> Self {
        if url.starts_with("http://") { Self::Local } else { Self::Secure }
    }
}

/// A client to be: no redirect is followed and nothing is sent again.
pub fn client(line: Line) -> ClientBuilder {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // An error means that one is installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    let builder = Client::builder()
        .user_agent(concat!("ringback/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .retry(retry::never());
    match line {
        Line::Secure => builder.https_only(true),
        Line::Local => builder.no_proxy().tls_certs_only([]),
    }
}

/// What went wrong, with its causes and without the address: that may carry a campaign or be a secret, and it says
/// nothing new.
#[must_use]
pub fn failure(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "timed out".to_owned();
    }
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    let told = causes.map(ToString::to_string).collect::<Vec<_>>().join(": ");
    if told.is_empty() { "the request failed".to_owned() } else { told }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_failure_tells_its_causes_and_not_the_address() {
        let nobody = std::net::TcpListener::bind(("127.0.0.1", 0)).and_then(|port| port.local_addr()).expect("a port");
        let url = format!("http://{nobody}/ping/7f3c9d?campaign=a1b2");
        let client = client(Line::of(&url)).build().expect("a client");
        let error = client.get(url).send().await.expect_err("nobody listens");
        let told = failure(&error);
        assert!(told.to_lowercase().contains("refused") && !told.contains("7f3c9d"), "{told}");
        assert!(!told.contains("a1b2"), "{told}");
    }

    #[tokio::test]
    async fn an_open_line_is_for_this_machine_alone() {
        let client = client(Line::of("https://one.example")).build().expect("a client");
        let error = client.get("http://127.0.0.1:9/").send().await.expect_err("an open line");
        assert!(error.is_builder(), "{error:?}");
    }
}
