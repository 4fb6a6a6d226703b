//! What went wrong with a request: whether it left, who is the cause, and what a person can do.
//!
//! What a library says of a proxy is known by its words alone, for its types are not public; the tests of the whole
//! binary meet each of them.

use std::error::Error;
use std::io;

use rustls::CertificateError;

use super::proxy::Proxy;

/// What went wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The request did not leave, and none will until somebody does what the words say.
    Blocked(String),
    /// The request did not leave, because the proxy did not open a way to the host; it may be its rules, or the host.
    Refused(String),
    /// The request did not leave: no connection, no name, no TLS.
    NotSent(String),
    /// The request may have left, and nothing came back.
    NoAnswer(String),
}

impl Failure {
    /// The words for a person.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Blocked(words) | Self::Refused(words) | Self::NotSent(words) | Self::NoAnswer(words) => words,
        }
    }
}

/// The causes of an error, outermost first, without the address: that may carry a campaign or be a secret, and it says
/// nothing new.
pub(super) fn causes(error: &reqwest::Error) -> Vec<String> {
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    causes.map(ToString::to_string).collect()
}

/// What an error means for a request to a host through a proxy.
pub(super) fn of(error: &reqwest::Error, host: &str, proxy: Option<&Proxy>) -> Failure {
    let causes = causes(error);
    if !error.is_connect() {
        return if error.is_builder() {
            Failure::NotSent(told(&causes))
        } else {
            Failure::NoAnswer(waited(error, &causes))
        };
    }
    let at_proxy = proxy.and_then(|proxy| at_proxy(&causes, host, proxy));
    match (distrust(error), proxy, at_proxy) {
        // TLS with the proxy itself comes before the tunnel.
        (Some(why), Some(proxy), Some(_)) => Failure::Blocked(distrusted(&why, &format!("the proxy {proxy}"))),
        (Some(why), ..) => Failure::Blocked(distrusted(&why, host)),
        (None, _, Some(failure)) => failure,
        (None, Some(proxy), None) => Failure::NotSent(format!("{}, through the proxy {proxy}", waited(error, &causes))),
        (None, None, None) => Failure::NotSent(waited(error, &causes)),
    }
}

fn waited(error: &reqwest::Error, causes: &[String]) -> String {
    if error.is_timeout() { "timed out".to_owned() } else { told(causes) }
}

fn told(causes: &[String]) -> String {
    if causes.is_empty() { "the request failed".to_owned() } else { causes.join(": ") }
}

/// What a proxy did; `None` where the failure lies behind it.
fn at_proxy(causes: &[String], host: &str, proxy: &Proxy) -> Option<Failure> {
    let place = causes.iter().position(|cause| cause.starts_with("tunnel error") || cause.contains("socks proxy"))?;
    let (cause, deeper) = (&causes[place], told(&causes[place + 1..]));
    let is_unauthorised = cause.ends_with("proxy authorization required")
        || deeper.contains("credentials not accepted")
        || deeper.contains("user/pass authentication");
    Some(if is_unauthorised {
        unauthorised(proxy)
    } else if cause.ends_with("unsuccessful") || deeper.ends_with("connection not allowed") {
        Failure::Refused(format!(
            "the proxy {proxy} opens no way to {host}; have it allowed there, or name another proxy in platform.proxy"
        ))
    } else if cause.contains(UNREACHED) || deeper.contains(UNREACHED) {
        Failure::NotSent(format!("the proxy {proxy} cannot be reached: {deeper}"))
    } else {
        Failure::NotSent(format!("no connection to {host} through the proxy {proxy}: {}", told(&causes[place..])))
    })
}

/// The words for a connection to a proxy that failed.
const UNREACHED: &str = "failed to create underlying connection";

fn unauthorised(proxy: &Proxy) -> Failure {
    let code = if proxy.is_socks() { "" } else { " (407)" };
    Failure::Blocked(if proxy.has_user() {
        format!(
            "the proxy {proxy} does not accept the user and password in its address{code}; correct them where the proxy \
             is named"
        )
    } else {
        let scheme = proxy.scheme();
        format!("the proxy {proxy} asks for a user and password{code}; name it as {scheme}://user:password@HOST:PORT")
    })
}

/// The certificate error among the causes of an error.
fn distrust(error: &reqwest::Error) -> Option<CertificateError> {
    std::iter::successors(error.source(), |&cause| cause.source()).find_map(certificate_error)
}

/// An I/O error holds the error of TLS, and does not name it among its causes.
fn certificate_error(error: &(dyn Error + 'static)) -> Option<CertificateError> {
    if let Some(io) = error.downcast_ref::<io::Error>() {
        return certificate_error(io.get_ref()?);
    }
    if let rustls::Error::InvalidCertificate(why) = error.downcast_ref()? { Some(why.clone()) } else { None }
}

/// What is wrong with a certificate, and what to do.
fn distrusted(why: &CertificateError, whose: &str) -> String {
    use CertificateError::{
        Expired, ExpiredContext, NotValidForName, NotValidForNameContext, NotValidYet, NotValidYetContext,
        UnknownIssuer,
    };
    let what = if matches!(why, UnknownIssuer) {
        "is signed by nobody whom this machine trusts; name the certificate of its authority in platform.ca_file (PEM), \
         or add it to the system's; a proxy that looks into TLS has an authority of its own"
    } else if matches!(why, Expired | ExpiredContext { .. }) {
        "has expired, by the clock of this machine; check the clock, then have the certificate renewed"
    } else if matches!(why, NotValidYet | NotValidYetContext { .. }) {
        "is not valid yet, by the clock of this machine; set the clock"
    } else if matches!(why, NotValidForName | NotValidForNameContext { .. }) {
        "is for another name; check the address (platform.base_url, platform.region), and what answers in its place"
    } else {
        return format!("the certificate of {whose} cannot be trusted: {why}; have it replaced");
    };
    format!("the certificate of {whose} {what}")
}
