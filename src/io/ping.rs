//! Tells a monitoring service that something begins or has ended, the way that healthchecks.io listens: an address,
//! with a word behind it. Nothing depends on whether it hears.
//!
//! The address is as good as a password: whoever knows it can say that all is well. It goes over https, or to this
//! machine, and no message shows more of it than its host.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use reqwest::{Client, Url};

use super::client::Route;

/// How long one word may take, tried twice where the first try fails early.
pub const PING_MAX: Duration = Duration::from_secs(5);

/// Between the first try and the second.
const PAUSE: Duration = Duration::from_millis(500);

/// Where pings go.
#[derive(Clone)]
pub struct PingAddress(Url);

impl fmt::Debug for PingAddress {
    /// Shows the host alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}/…", self.0.scheme(), self.0.host_str().unwrap_or_default())
    }
}

impl PingAddress {
    /// An address that may be pinged; the error says what is wrong, and nothing of the address.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let url = Url::parse(text.trim()).map_err(|_| "it is no address, such as https://hc-ping.com/…")?;
        let host = url.host_str().unwrap_or_default();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let is_this_machine = host == "localhost" || bare.parse().is_ok_and(|address: IpAddr| address.is_loopback());
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if is_this_machine => Ok(Self(url)),
            "http" => {
                Err("it must be https://, or http:// to this machine: whoever sees it could say that all is well")
            }
            _ => Err("it must be https://"),
        }
    }

    /// The address with a word behind it.
    fn with(&self, word: &str) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push(word);
        }
        url
    }

    /// Says a word, within [`PING_MAX`]; the error is for a person.
    pub async fn say(&self, word: &str) -> Result<(), String> {
        let route = Route::by_environment(self.0.as_str())?;
        let client = route.client(|builder| builder.timeout(PING_MAX))?;
        let url = self.with(word);
        let tries = async {
            if once(&client, &route, url.clone()).await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
            once(&client, &route, url).await
        };
        let heard = tokio::time::timeout(PING_MAX, tries).await;
        heard.unwrap_or_else(|_| Err("timed out".to_owned())).map_err(|why| format!("{self:?}: {why}"))
    }
}

async fn once(client: &Client, route: &Route, url: Url) -> Result<(), String> {
    let answer = client.get(url).send().await.map_err(|error| route.failure(&error).words())?;
    let status = answer.status();
    if status.is_success() { Ok(()) } else { Err(format!("HTTP {}", status.as_u16())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_https_or_of_this_machine() {
        let is_good = |text: &str| PingAddress::parse(text).is_ok();
        for text in
            ["https://hc-ping.com/abc", "http://localhost:8000/ping/abc", "http://127.0.0.1/abc", "http://[::1]/x"]
        {
            assert!(is_good(text), "{text}");
        }
        for text in [
            "http://hc-ping.com/abc",
            "http://10.0.0.7/abc",
            "ftp://hc-ping.com/abc",
            "hc-ping.com/abc",
            "",
            "https://",
        ] {
            assert!(!is_good(text), "{text}");
        }
    }

    #[test]
    fn the_word_stands_behind_the_path_and_before_the_query() {
        let with = |text: &str| PingAddress::parse(text).expect("an address").with("start").to_string();
        assert_eq!(with("https://hc-ping.com/abc"), "https://hc-ping.com/abc/start");
        assert_eq!(with("https://hc-ping.com/abc/"), "https://hc-ping.com/abc/start");
        assert_eq!(with("https://hc-ping.com/key/night?create=1"), "https://hc-ping.com/key/night/start?create=1");
        assert_eq!(with("https://hc-ping.com"), "https://hc-ping.com/start");
    }

    #[test]
    fn nothing_shows_the_path() {
        let address = PingAddress::parse("https://user:word@hc-ping.com/abc?x=y").expect("an address");
        assert_eq!(format!("{address:?}"), "https://hc-ping.com/…");
        let wrong = PingAddress::parse("http://hc-ping.com/abc").expect_err("plain");
        assert!(!wrong.contains("abc"));
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_that_says_nothing_costs_five_seconds() {
        let silent = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let text = format!("http://{}/abc", silent.local_addr().expect("an address"));
        let begun = tokio::time::Instant::now();
        let why = PingAddress::parse(&text).expect("an address").say("0").await.expect_err("silence");
        assert!(begun.elapsed() <= PING_MAX, "{:?}", begun.elapsed());
        assert_eq!(why, "http://127.0.0.1/…: timed out");
    }
}
