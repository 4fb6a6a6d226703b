//! What an answer over HTTP says. The bytes are there already: nothing waits here, and nothing is asked.

use std::time::SystemTime;

use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderValue};
use serde::de::DeserializeOwned;

use crate::domain::forecast::Slot;
use crate::domain::reply::{BodyKind, Refusal, Reply, Trouble};

use super::wire::{ContactAnswer, ForecastAnswer, SessionAnswer, TokenAnswer};
use super::words::{Secrets, Telling};
use super::{Grant, retry_after};

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

impl Answer {
    /// Seconds that the server's clock is ahead of this machine's, by its `Date`, which knows whole seconds.
    pub(super) fn clock_ahead(&self) -> Option<i64> {
        let theirs = httpdate::parse_http_date(self.headers.get(DATE)?.to_str().ok()?).ok()?;
        let seconds = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).ok().map(|since| since.as_secs());
        i64::try_from(seconds(theirs)?).ok()?.checked_sub_unsigned(seconds(self.came_at)?)
    }

    /// The answer to a request for a token. The token is remembered among the secrets.
    #[must_use]
    pub fn grant(&self, secrets: &Secrets) -> Reply<Grant> {
        and_then(self.read::<TokenAnswer>(Telling::Nothing), |answer| {
            // A token that cannot stand in a header is no token.
            HeaderValue::from_str(&answer.access_token).ok().filter(|token| !token.is_empty())?;
            secrets.learn(&answer.access_token);
            let lifetime = answer.lifetime();
            Some(Grant { token: answer.access_token.into(), lifetime })
        })
    }

    /// The answer to a request for hours of a campaign.
    #[must_use]
    pub fn slots(&self, secrets: &Secrets) -> Reply<Vec<Slot>> {
        and_then(self.read::<ForecastAnswer>(Telling::But(secrets)), |answer| Some(answer.slots()))
    }

    /// The answer to a contact: its id.
    #[must_use]
    pub fn contact_id(&self, secrets: &Secrets) -> Reply<String> {
        and_then(self.read::<ContactAnswer>(Telling::But(secrets)), |answer| id(&answer.contact_id, secrets))
    }

    /// The answer to a text: its session's id.
    #[must_use]
    pub fn session_id(&self, secrets: &Secrets) -> Reply<String> {
        and_then(self.read::<SessionAnswer>(Telling::But(secrets)), |answer| id(&answer.session_id, secrets))
    }

    fn read<T: DeserializeOwned>(&self, telling: Telling<'_>) -> Reply<T> {
        let body = self.body.as_deref();
        if !self.status.is_success() {
            let words = telling.words(&String::from_utf8_lossy(body.unwrap_or_default()));
            let retry_after = retry_after::seconds(&self.headers, self.came_at);
            return Reply::Trouble(Trouble::Status(Refusal { status: self.status.as_u16(), retry_after, words }));
        }
        let parsed = body
            .map_err(Clone::clone)
            .and_then(|body| serde_json::from_slice(body).map_err(|error| telling.unreadable(body, &error)));
        match parsed {
            Ok(answer) => Reply::Done(answer),
            Err(words) => Reply::Trouble(Trouble::Unreadable { body: body_kind(&self.headers), words }),
        }
    }
}

/// An id of the platform's, clean and not empty.
fn id(text: &str, secrets: &Secrets) -> Option<String> {
    Some(secrets.clean(text)).filter(|id| !id.is_empty())
}

/// Makes something of an answer; what nothing can be made of is unreadable, though it was JSON.
fn and_then<T, U>(reply: Reply<T>, make: impl FnOnce(T) -> Option<U>) -> Reply<U> {
    match reply {
        Reply::Trouble(trouble) => Reply::Trouble(trouble),
        Reply::Done(answer) => match make(answer) {
            Some(good) => Reply::Done(good),
            None => Reply::Trouble(Trouble::Unreadable { body: BodyKind::Json, words: "a field is empty".into() }),
        },
    }
}

fn body_kind(headers: &HeaderMap) -> BodyKind {
    let declared = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if media == "application/json" || media.ends_with("+json") { BodyKind::Json } else { BodyKind::Other }
}
