//! Who is let in: the client's id and secret, and the tokens given out for them.

use std::{collections::HashMap, time::Duration};

use super::{
    chance::{fingerprint, mix},
    settings::{SandboxSettings, TokensKept},
};

/// The tokens given out, and when each expires.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    expires: HashMap<String, Duration>,
    issued: u64,
}

impl Tokens {
    /// A new token, good until its lifetime is over.
    pub(super) fn issue(&mut self, settings: &SandboxSettings, at: Duration) -> String {
        self.issued += 1;
        let sum = fingerprint(settings.seed, &[b"token", &self.issued.to_le_bytes()]);
        let token = format!("sandbox-{sum:016x}{:016x}", mix(sum));
        let lifetime = Duration::from_secs(settings.token_lifetime_secs.into());
        match settings.tokens {
            TokensKept::Many => self.expires.retain(|_, expires| *expires > at),
            TokensKept::One => self.expires.clear(),
        }
        self.expires.insert(token.clone(), at + lifetime);
        token
    }

    /// Whether the header carries a token that is good now.
    pub(super) fn allow(&self, authorization: &str, at: Duration) -> bool {
        bearer(authorization).and_then(|token| self.expires.get(token)).is_some_and(|&expires| at < expires)
    }

    /// Makes the token of this header worthless.
    pub(super) fn revoke(&mut self, authorization: &str) {
        if let Some(token) = bearer(authorization) {
            self.expires.remove(token);
        }
    }

    /// How many were given out.
    pub(super) fn issued(&self) -> u64 {
        self.issued
    }
}

fn bearer(authorization: &str) -> Option<&str> {
    after_scheme(authorization, "bearer")
}

fn after_scheme<'a>(authorization: &'a str, scheme: &str) -> Option<&'a str> {
    authorization.split_once(' ').filter(|(given, _)| given.eq_ignore_ascii_case(scheme)).map(|(_, rest)| rest.trim())
}

/// Whether the header names the client by HTTP Basic, with the right secret.
pub(super) fn is_client(settings: &SandboxSettings, authorization: &str) -> bool {
    let credentials = format!("{}:{}", settings.client_id, settings.client_secret);
    after_scheme(authorization, "basic") == Some(base64(credentials.as_bytes()).as_str())
}

/// Base64 of RFC 4648 with padding.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0_usize, |bits, at| bits << 8 | usize::from(chunk.get(at).copied().unwrap_or(0)));
        for at in 0..4 {
            let sign = char::from(ALPHABET[bits >> (18 - 6 * at) & 63]);
            text.push(if at <= chunk.len() { sign } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
        assert!(is_client(&SandboxSettings::default(), "Basic c2FuZGJveDpzYW5kYm94"));
        assert!(!is_client(&SandboxSettings::default(), "Basic c2FuZGJveDpib3g="));
    }

    #[test]
    fn a_token_is_good_until_its_lifetime_is_over() {
        let (mut tokens, settings) = (Tokens::default(), SandboxSettings::default());
        let header = format!("Bearer {}", tokens.issue(&settings, Duration::ZERO));
        assert!(tokens.allow(&header, Duration::from_millis(1_799_999)));
        assert!(!tokens.allow(&header, Duration::from_mins(30)));
        assert!(!tokens.allow("Bearer x", Duration::ZERO));
        tokens.revoke(&header);
        assert!(!tokens.allow(&header, Duration::ZERO));
    }

    #[test]
    fn where_one_token_is_kept_a_new_one_ends_the_one_before() {
        for (kept, first_is_good) in [(TokensKept::Many, true), (TokensKept::One, false)] {
            let settings = SandboxSettings { tokens: kept, ..SandboxSettings::default() };
            let mut tokens = Tokens::default();
            let [first, second] = [(); 2].map(|()| format!("Bearer {}", tokens.issue(&settings, Duration::ZERO)));
            let good = |header: &str| tokens.allow(header, Duration::ZERO);
            assert_eq!((good(&first), good(&second)), (first_is_good, true), "{kept:?}");
        }
    }
}
