//! The platform's address: built once, from a region or a base URL, and safe to send a secret to.

use std::net::IpAddr;

use reqwest::Url;

/// Characters of a region at most: it is one label of a host name.
const REGION_MAX: usize = 63;

/// Where the platform is: `https`, or `http` to this machine alone; no user, query or fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformAddress {
    base_url: String,
    region: Option<String>,
    identity: Option<&'static str>,
}

impl PlatformAddress {
    /// The address of a region: lower-case letters, digits and `-`.
    #[must_use]
    pub fn from_region(region: &str) -> Option<Self> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let whole = !region.is_empty() && region.len() <= REGION_MAX && region.chars().all(fits);
        if !whole || region.starts_with('-') || region.ends_with('-') {
            return None;
        }
        let base_url = format!("https://api.{region}.conversationalcloud.com");
        Some(Self { base_url, region: Some(region.to_owned()), identity: None })
    }

    /// The address of a base URL, written the one way that URLs are compared in.
    #[must_use]
    pub fn from_base_url(text: &str) -> Option<Self> {
        let odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '\\' | '@' | '?' | '#');
        let scheme = text.split_once("://")?.0.to_ascii_lowercase();
        if text.contains(odd) || !matches!(scheme.as_str(), "https" | "http") {
            return None;
        }
        let url = Url::parse(text).ok().filter(Url::has_host)?;
        if scheme == "http" && !is_this_machine(url.host_str()?) {
            return None;
        }
        let base_url = url.as_str().trim_end_matches('/').to_owned();
        Some(Self { base_url, region: None, identity: None })
    }

    /// The sandbox's address: the same platform whatever its port.
    #[must_use]
    pub fn of_sandbox(base_url: &str) -> Option<Self> {
        Self::from_base_url(base_url).map(|address| Self { identity: Some("sandbox"), ..address })
    }

    /// The base URL without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// What a ledger knows the platform by: the base URL, or `sandbox`.
    #[must_use]
    pub fn identity(&self) -> &str {
        self.identity.unwrap_or(&self.base_url)
    }

    /// The host's name or address.
    #[must_use]
    pub fn host(&self) -> String {
        Url::parse(&self.base_url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
    }

    /// The region, where the address was made from one.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }
}

fn is_this_machine(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_urls_are_https_or_of_this_machine() {
        for (text, base_url) in [
            ("https://api.example.com", Some("https://api.example.com")),
            ("HTTPS://API.Example.com:443/", Some("https://api.example.com")),
            ("https://example.com/platform//", Some("https://example.com/platform")),
            ("http://localhost:8080", Some("http://localhost:8080")),
            ("http://127.0.0.1:9/", Some("http://127.0.0.1:9")),
            ("http://127.8.9.1", Some("http://127.8.9.1")),
            ("http://[::1]:8080", Some("http://[::1]:8080")),
            ("http://example.com", None),
            ("http://localhost.example.com", None),
            ("http://128.0.0.1", None),
            ("http://[::2]", None),
            ("http://0.0.0.0:80", None),
            ("https://user:pass@example.com", None),
            ("https://example.com?x=1", None),
            ("https://example.com/#x", None),
            ("https://exa mple.com", None),
            ("https:\\\\example.com", None),
            ("https://", None),
            ("ftp://example.com", None),
            ("example.com", None),
            ("", None),
        ] {
            let address = PlatformAddress::from_base_url(text);
            assert_eq!(address.as_ref().map(PlatformAddress::base_url), base_url, "{text}");
        }
    }

    #[test]
    fn a_region_is_one_label_of_a_host_name() {
        let us = PlatformAddress::from_region("us").unwrap();
        assert_eq!(us.base_url(), "https://api.us.conversationalcloud.com");
        assert_eq!(us.identity(), us.base_url());
        for region in ["", "US", "us.evil.com/", "-us", "us-", "u_s", "ü", &"a".repeat(64)] {
            assert_eq!(PlatformAddress::from_region(region), None, "{region}");
        }
    }
}
