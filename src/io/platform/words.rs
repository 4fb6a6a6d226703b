//! What may be told of an answer: the platform's words, but never a secret that it echoes, and of an answer
//! to a request for a token nothing at all.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use secrecy::{ExposeSecret, SecretString};

use crate::domain::reply::clean_words;

/// What stands where a secret stood.
const MARK: &str = "•••";

/// Secrets that are looked for at most: each token brings itself, the client's secret and its Basic form.
const SECRETS_MAX: usize = 12;

/// Characters of an answer that are shown where it cannot be understood.
const BEGINNING_MAX: usize = 200;

/// The secrets in use, the newest last.
#[derive(Default)]
pub struct Secrets(Mutex<VecDeque<Forms>>);

/// A secret in the ways in which it may be echoed, itself first.
type Forms = Vec<SecretString>;

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets")
    }
}

impl Secrets {
    /// Remembers a secret; beyond a dozen the one that was named longest ago is forgotten.
    pub fn learn(&self, secret: &str) {
        if secret.is_empty() {
            return;
        }
        let mut known = self.known();
        known.retain(|forms| forms.first().is_none_or(|itself| itself.expose_secret() != secret));
        known.push_back(forms(secret));
        while known.len() > SECRETS_MAX {
            known.pop_front();
        }
    }

    /// A text without the secrets that stand in it.
    pub(super) fn redact(&self, text: &str) -> String {
        let known = self.known();
        let mut found: Vec<&str> = known.iter().flatten().map(ExposeSecret::expose_secret).collect();
        found.retain(|form| text.contains(form));
        // The longest first: a shorter one may be a part of it, and the rest would stay.
        found.sort_unstable_by_key(|form| std::cmp::Reverse(form.len()));
        found.iter().fold(text.to_owned(), |text, form| text.replace(form, MARK))
    }

    /// Words of the platform, without secrets, cut and cleaned. A cut comes last, or it could leave a half.
    pub(super) fn clean(&self, text: &str) -> String {
        clean_words(&self.redact(text))
    }

    fn known(&self) -> MutexGuard<'_, VecDeque<Forms>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// As it is, as JSON writes it with and without `\/`, and as a form does.
fn forms(secret: &str) -> Forms {
    let quoted = serde_json::to_string(secret).unwrap_or_default();
    let in_json = quoted.trim_start_matches('"').strip_suffix('"').unwrap_or_default();
    let mut forms = vec![secret.to_owned()];
    for form in [in_json.to_owned(), in_json.replace('/', "\\/"), percent(secret)] {
        if !form.is_empty() && !forms.contains(&form) {
            forms.push(form);
        }
    }
    forms.into_iter().map(SecretString::from).collect()
}

fn percent(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let each = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(each).collect()
}

/// How much is told of an answer's body.
#[derive(Clone, Copy, Debug)]
pub(super) enum Telling<'a> {
    /// Nothing: it may hold a token that is not known yet.
    Nothing,
    /// All but these.
    But(&'a Secrets),
}

impl Telling<'_> {
    /// A body, or what went wrong on its way.
    pub(super) fn words(self, text: &str) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::But(secrets) => secrets.clean(text),
        }
    }

    /// A body that is not what was hoped for.
    pub(super) fn unreadable(self, body: &[u8], error: &serde_json::Error) -> String {
        match self {
            Self::Nothing if error.is_data() => "JSON, but not that of a token".to_owned(),
            Self::Nothing => "not JSON".to_owned(),
            Self::But(secrets) => {
                let what = if error.is_data() { "JSON, but not that of the answer: " } else { "not JSON: " };
                let why = secrets.redact(&error.to_string());
                self.with_beginning(&format!("{what}{why}"), body)
            }
        }
    }

    /// What is wrong with a body, and how it begins.
    pub(super) fn with_beginning(self, wrong: &str, body: &[u8]) -> String {
        let Self::But(secrets) = self else { return wrong.to_owned() };
        let redacted = secrets.redact(&String::from_utf8_lossy(body));
        let beginning: String = redacted.chars().take(BEGINNING_MAX).collect();
        clean_words(&format!("{wrong} in {beginning:?}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(all: &[&str]) -> Secrets {
        let secrets = Secrets::default();
        for secret in all {
            secrets.learn(secret);
        }
        secrets
    }

    #[test]
    fn a_secret_is_found_however_it_is_echoed() {
        let check = |secret: &str, text: &str, expected: &str| {
            assert_eq!(known(&[secret]).clean(text), expected, "{secret} in {text}");
        };
        check("hush", "no hush, no HTTP", "no •••, no HTTP");
        check("hushhush", "hush", "hush");
        check("a\"b/c\\d", r#"{"it":"a\"b/c\\d"}"#, r#"{"it":"•••"}"#);
        check("a/b", r#"{"it":"a\/b"}"#, r#"{"it":"•••"}"#);
        check("a+b/c", "client_secret=a%2Bb%2Fc&x", "client_secret=•••&x");
        check("", "nothing is known", "nothing is known");
    }

    #[test]
    fn no_half_of_a_secret_is_left() {
        assert_eq!(known(&["hush", "hush-token-hush"]).clean("Bearer hush-token-hush"), "Bearer •••");
        let edge = format!("{} {}", "x".repeat(495), "secret-that-is-cut");
        assert!(!known(&["secret-that-is-cut"]).clean(&edge).contains("secr"));
        let body = format!("{{\"note\":\"{}secret-that-is-cut\"}}", "x".repeat(BEGINNING_MAX - 14));
        let error = serde_json::from_str::<u8>(&body).expect_err("no number");
        let secrets = known(&["secret-that-is-cut"]);
        assert!(!Telling::But(&secrets).unreadable(body.as_bytes(), &error).contains("secr"));
    }

    #[test]
    fn the_secrets_in_use_are_remembered_through_many_renewals() {
        let secrets = Secrets::default();
        for number in 0..100 {
            secrets.learn("hush");
            secrets.learn(&format!("token-{number}-"));
        }
        assert_eq!(secrets.clean("hush token-99- token-98- token-1-"), "••• ••• ••• token-1-");
    }

    #[test]
    fn of_an_answer_with_a_token_nothing_is_told() {
        let body = r#"{"access_token":["hush"]}"#;
        let error = serde_json::from_str::<u8>(body).expect_err("no number");
        assert_eq!(Telling::Nothing.words(body), "");
        assert_eq!(Telling::Nothing.unreadable(body.as_bytes(), &error), "JSON, but not that of a token");
    }
}
