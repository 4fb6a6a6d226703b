//! What all HTTP of ringback has in common: it asks whom it was told to ask, once, and shows nobody the address. Who is
//! asked, and what an answer means, is not known here.

mod failure;
mod proxy;
mod trust;

use std::path::PathBuf;
use std::sync::Once;

use reqwest::{Client, ClientBuilder, Url, redirect, retry};

pub use failure::Failure;
pub use proxy::{EXCEPTION_VARIABLES, PROXY_VARIABLES, Proxy, SHAPE as PROXY_SHAPE, first_set, is_excepted};
pub use trust::{CA_VARIABLES, check_variables, own_certificates};

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

/// The way to a host: over which line, through which proxy, and which certificates are trusted.
#[derive(Clone, Debug)]
pub struct Route {
    line: Line,
    host: String,
    proxy: Option<Proxy>,
    ca_file: Option<PathBuf>,
}

impl Route {
    /// The way to the host of an address, without a proxy, trusting what the system trusts.
    #[must_use]
    pub fn to(url: &str) -> Self {
        let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
        Self { line: Line::of(url), host, proxy: None, ca_file: None }
    }

    /// The way that the environment of this process asks for. The error names the variable that is wrong.
    pub fn by_environment(url: &str) -> Result<Self, String> {
        let route = Self::to(url);
        let Some((name, text)) = first_set(&PROXY_VARIABLES, |name| std::env::var_os(name)) else { return Ok(route) };
        let exceptions = first_set(&EXCEPTION_VARIABLES, |name| std::env::var_os(name));
        let is_direct = exceptions.is_some_and(|(_, list)| is_excepted(&list.to_string_lossy(), &route.host));
        if route.line == Line::Local || is_direct {
            return Ok(route);
        }
        let proxy = text.to_str().and_then(|text| Proxy::parse(text, name));
        Ok(route.through(Some(proxy.ok_or_else(|| format!("{name} is not a proxy: it must be {}", proxy::SHAPE))?)))
    }

    /// The same through a proxy. Plain HTTP, to this machine, never uses one.
    #[must_use]
    pub fn through(self, proxy: Option<Proxy>) -> Self {
        Self { proxy: proxy.filter(|_| self.line == Line::Secure), ..self }
    }

    /// The same, trusting the certificates of this file too.
    #[must_use]
    pub fn trusting(self, ca_file: Option<PathBuf>) -> Self {
        Self { ca_file, ..self }
    }

    /// A client that goes this way: no redirect is followed and nothing is sent again. The error says what is wrong with
    /// the proxy or the certificates, and what to do.
    pub fn client(&self, set_up: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Result<Client, String> {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            // An error means that one is installed already.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let builder = Client::builder()
            .user_agent(concat!("ringback/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            // The environment's proxies are looked up here, by the same rules for whoever shows them.
            .no_proxy();
        let builder = match self.line {
            Line::Local => builder.tls_certs_only([]),
            Line::Secure => self.secure(builder)?,
        };
        set_up(builder).build().map_err(|error| match self.line {
            Line::Secure => trust::none_found(&failure::causes(&error)),
            Line::Local => failure::causes(&error).join(": "),
        })
    }

    fn secure(&self, builder: ClientBuilder) -> Result<ClientBuilder, String> {
        check_variables(|name| std::env::var_os(name))?;
        let own = self.ca_file.as_deref().map(own_certificates).transpose()?;
        let builder = builder.https_only(true).tls_certs_merge(own.into_iter().flatten());
        match &self.proxy {
            None => Ok(builder),
            Some(proxy) => Ok(builder.proxy(proxy.to_reqwest()?)),
        }
    }

    /// What went wrong with a request that went this way.
    #[must_use]
    pub fn failure(&self, error: &reqwest::Error) -> Failure {
        failure::of(error, &self.host, self.proxy.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUTHORITY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tls/authority.pem");

    #[tokio::test]
    async fn a_failure_tells_its_causes_and_not_the_address() {
        let nobody = std::net::TcpListener::bind(("127.0.0.1", 0)).and_then(|port| port.local_addr()).expect("a port");
        let url = format!("http://{nobody}/ping/7f3c9d?campaign=a1b2");
        let route = Route::to(&url);
        let client = route.client(|builder| builder).expect("a client");
        let error = client.get(url).send().await.expect_err("nobody listens");
        let Failure::NotSent(told) = route.failure(&error) else { panic!("{error:?}") };
        assert!(told.to_lowercase().contains("refused") && !told.contains("7f3c9d"), "{told}");
        assert!(!told.contains("a1b2"), "{told}");
    }

    #[tokio::test]
    async fn an_open_line_is_for_this_machine_alone() {
        let route = Route::to("https://one.example").trusting(Some(AUTHORITY.into()));
        let client = route.client(|builder| builder).expect("a client");
        let error = client.get("http://127.0.0.1:9/").send().await.expect_err("an open line");
        assert!(error.is_builder(), "{error:?}");
    }

    #[test]
    fn plain_http_takes_no_proxy() {
        let proxy = Proxy::parse("http://proxy.example:3128", "platform.proxy");
        assert!(Route::to("http://127.0.0.1:80").through(proxy.clone()).proxy.is_none());
        assert!(Route::to("https://127.0.0.1:80").through(proxy).proxy.is_some());
    }
}
