//! A proxy: its address, which may hold a password and is never shown whole, and the hosts that are reached without it.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

/// What a proxy's address may be, for a person.
pub const SHAPE: &str =
    "http://, https://, socks5:// or socks5h:// with HOST:PORT, with user:password@ before HOST where needed";

/// The variables that name a proxy for https; the first that is set and not empty counts.
pub const PROXY_VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// The variables that name hosts to be reached without the proxy of the variables above.
pub const EXCEPTION_VARIABLES: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// A proxy, and the setting or variable that names it.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    url: Url,
    named_by: String,
}

impl Proxy {
    /// Reads an address; `http://` is assumed where no scheme is given. `None` where it is none that a proxy can have.
    #[must_use]
    pub fn parse(text: &str, named_by: &str) -> Option<Self> {
        let text = text.trim();
        let whole = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let mut url = Url::parse(&whole).ok().filter(Url::has_host)?;
        let is_known = matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h");
        let is_bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
        if !is_known || !is_bare || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return None;
        }
        if url.scheme().starts_with("socks") && url.port().is_none() {
            url.set_port(Some(1080)).ok()?;
        }
        Some(Self { url, named_by: named_by.to_owned() })
    }

    /// The address without user and password.
    #[must_use]
    pub fn shown(&self) -> String {
        let port = self.url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let user = if self.has_user() { "***@" } else { "" };
        format!("{}://{user}{}{port}", self.url.scheme(), self.url.host_str().unwrap_or_default())
    }

    pub(super) fn scheme(&self) -> &str {
        self.url.scheme()
    }

    pub(super) fn is_socks(&self) -> bool {
        self.scheme().starts_with("socks")
    }

    pub(super) fn has_user(&self) -> bool {
        !self.url.username().is_empty() || self.url.password().is_some()
    }

    pub(super) fn to_reqwest(&self) -> Result<reqwest::Proxy, String> {
        reqwest::Proxy::all(self.url.clone()).map_err(|_| format!("{self} is not a proxy: it must be {SHAPE}"))
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.shown(), self.named_by)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}

/// The first of some variables that is set and not empty, with its value.
pub fn first_set(
    names: &[&'static str],
    variable: impl Fn(&str) -> Option<OsString>,
) -> Option<(&'static str, OsString)> {
    names.iter().find_map(|&name| Some((name, variable(name).filter(|value| value != OsStr::new(""))?)))
}

/// Whether a list such as that of `NO_PROXY` names a host: `*`, the host or a domain above it (with or without a dot in
/// front), an IP address, or a network such as `10.0.0.0/8`; separated by commas or blanks.
#[must_use]
pub fn is_excepted(list: &str, host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches([']', '.']).to_ascii_lowercase();
    let address: Option<IpAddr> = host.parse().ok();
    let names = list.split(|c: char| c == ',' || c.is_whitespace()).filter(|name| !name.is_empty());
    names.map(str::to_ascii_lowercase).any(|name| match address {
        _ if name == "*" => true,
        Some(address) => network_holds(&name, address),
        None => {
            let domain = name.trim_start_matches('.');
            host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        }
    })
}

/// Whether an address is this one, or lies in this network.
fn network_holds(network: &str, address: IpAddr) -> bool {
    let (base, length) = network.split_once('/').map_or((network, None), |(base, length)| (base, Some(length)));
    let Ok(base) = base.trim_matches(['[', ']']).parse::<IpAddr>() else { return false };
    let (base, address, bits) = match (base, address) {
        (IpAddr::V4(base), IpAddr::V4(address)) => (u128::from(base.to_bits()), u128::from(address.to_bits()), 32),
        (IpAddr::V6(base), IpAddr::V6(address)) => (base.to_bits(), address.to_bits(), 128),
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return false,
    };
    let length = length.map_or(Some(bits), |length| length.parse().ok().filter(|length: &u32| *length <= bits));
    // A shift by all bits is none: every address lies in a network of length 0.
    length.is_some_and(|length| (base ^ address).checked_shr(bits - length).unwrap_or(0) == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_shown_without_user_and_password() {
        for (text, shown) in [
            ("http://proxy.example:3128", Some("http://proxy.example:3128")),
            ("proxy.example:3128", Some("http://proxy.example:3128")),
            ("https://proxy.example", Some("https://proxy.example")),
            ("http://ada:s3cret@proxy.example:3128/", Some("http://***@proxy.example:3128")),
            ("http://ada@proxy.example", Some("http://***@proxy.example")),
            ("http://:s3cret@10.0.0.1:8080", Some("http://***@10.0.0.1:8080")),
            ("socks5://[::1]", Some("socks5://[::1]:1080")),
            ("socks5h://proxy.example:9", Some("socks5h://proxy.example:9")),
            ("socks4://proxy.example:9", None),
            ("ftp://proxy.example", None),
            ("http://proxy.example/path", None),
            ("http://proxy.example?x", None),
            ("http://proxy .example", None),
            ("http://", None),
            ("http://proxy.example:99999", None),
            ("", None),
        ] {
            let proxy = Proxy::parse(text, "HTTPS_PROXY");
            assert_eq!(proxy.as_ref().map(Proxy::shown).as_deref(), shown, "{text}");
            let told = format!("{proxy:?} {}", proxy.as_ref().map(Proxy::to_string).unwrap_or_default());
            assert!(!told.contains("s3cret") && !told.contains("ada"), "{told}");
        }
    }

    #[test]
    fn exceptions_are_hosts_domains_addresses_and_networks() {
        let check = |list: &str, host: &str, excepted: bool| {
            assert_eq!(is_excepted(list, host), excepted, "{list:?} {host}");
        };
        check("*", "api.example.com", true);
        check("example.com", "api.example.com", true);
        check(".example.com", "API.example.com.", true);
        check("other.org, Example.COM", "example.com", true);
        check("ample.com", "example.com", false);
        check("api.example.com", "example.com", false);
        check("", "example.com", false);
        check("127.0.0.1 localhost", "127.0.0.1", true);
        check("127.0.0.0/8", "127.9.9.9", true);
        check("10.0.0.0/8", "127.0.0.1", false);
        check("0.0.0.0/0", "127.0.0.1", true);
        check("127.0.0.1/33", "127.0.0.1", false);
        check("::1", "[::1]", true);
        check("fd00::/8", "[fd12::1]", true);
        check("::/0", "[fd12::1]", true);
        check("0.0.0.0/0", "[::1]", false);
        check("1", "127.0.0.1", false);
    }

    #[test]
    fn the_first_variable_that_is_not_empty_counts() {
        let variable = |name: &str| match name {
            "HTTPS_PROXY" => Some(OsString::new()),
            "https_proxy" => Some("a".into()),
            "ALL_PROXY" => Some("b".into()),
            _ => None,
        };
        assert_eq!(first_set(&PROXY_VARIABLES, variable), Some(("https_proxy", "a".into())));
        assert_eq!(first_set(&EXCEPTION_VARIABLES, variable), None);
    }
}
