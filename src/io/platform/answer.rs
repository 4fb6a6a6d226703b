//! What an answer over HTTP says. The bytes are there already: nothing waits here, and nothing is asked.

use std::borrow::Cow;
use std::time::SystemTime;

use reqwest::StatusCode;
use reqwest::header::{DATE, HeaderMap, HeaderValue};

use crate::domain::forecast::ToldHours;
use crate::domain::reply::{BodyKind, Made, Refusal, Reply, Trouble};

use super::body::{PAGE, is_page, plain};
use super::wire::{ForecastAnswer, Said, TokenAnswer, TokenError};
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
        let body = self.plain();
        let error = || body.as_deref().ok().and_then(TokenError::of);
        if !self.status.is_success() {
            // Only of this refusal it is certain that it holds no token, and it says what is wrong with the request.
            let telling = if self.status == StatusCode::BAD_REQUEST { Telling::But(secrets) } else { Telling::Nothing };
            let error = error().map(|error| secrets.clean(&error.name));
            return Reply::Trouble(Trouble::Status(Refusal { error, ..self.refusal(&body, telling) }));
        }
        let bytes = match &body {
            Ok(bytes) => bytes,
            Err(why) => return self.unreadable(&body, why.clone()),
        };
        let answer = match serde_json::from_slice::<TokenAnswer>(bytes) {
            Ok(answer) => answer,
            Err(wrong) => match error() {
                Some(error) => return Reply::Trouble(Trouble::Status(self.no_token(&error, secrets))),
                None => return self.unreadable(&body, Telling::Nothing.unreadable(bytes, &wrong)),
            },
        };
        // A token that cannot stand in a header is no token.
        if answer.access_token.is_empty() || HeaderValue::from_str(&answer.access_token).is_err() {
            return self.unreadable(&body, "access_token is empty, or cannot stand in a header".to_owned());
        }
        secrets.learn(&answer.access_token);
        let lifetime = answer.lifetime();
        Reply::Done(Grant { token: answer.access_token.into(), lifetime })
    }

    /// The answer to a request for hours of a campaign. Hours that cannot be read cost themselves alone, unless none
    /// can be read.
    #[must_use]
    pub fn hours(&self, secrets: &Secrets) -> Reply<ToldHours> {
        let body = self.plain();
        if !self.status.is_success() {
            return Reply::Trouble(Trouble::Status(self.refusal(&body, Telling::But(secrets))));
        }
        let parsed = body.as_deref().map_err(Clone::clone).and_then(|bytes| {
            let answer: Result<ForecastAnswer, _> = serde_json::from_slice(bytes);
            answer.map_err(|error| Telling::But(secrets).unreadable(bytes, &error))
        });
        match parsed.map(ForecastAnswer::hours) {
            Ok(hours) if hours.slots.is_empty() && hours.unreadable > 0 => {
                let why = format!("none of {} hours has a time with a zone and numbers", hours.unreadable);
                self.unreadable(&body, Telling::But(secrets).with_beginning(&why, body.as_deref().unwrap_or_default()))
            }
            Ok(hours) => Reply::Done(hours),
            Err(words) => self.unreadable(&body, words),
        }
    }

    /// The answer to a contact: its id and the status.
    #[must_use]
    pub fn made(&self, secrets: &Secrets) -> Reply<Made> {
        match self.accepted("contactId", secrets) {
            Reply::Done(id) => Reply::Done(Made { id, status: self.status.as_u16() }),
            Reply::Trouble(trouble) => Reply::Trouble(trouble),
        }
    }

    /// The answer to a text: its session's id, where it tells one.
    #[must_use]
    pub fn session_id(&self, secrets: &Secrets) -> Reply<Option<String>> {
        self.accepted("sessionId", secrets)
    }

    /// Accepted is what says so: an id, or 201, 202 or 204 without a body.
    fn accepted(&self, key: &str, secrets: &Secrets) -> Reply<Option<String>> {
        let (body, telling) = (self.plain(), Telling::But(secrets));
        if !self.status.is_success() {
            return Reply::Trouble(Trouble::Status(self.refusal(&body, telling)));
        }
        let bytes = match &body {
            Ok(bytes) => bytes.as_ref(),
            Err(why) => return self.unreadable(&body, why.clone()),
        };
        if bytes.trim_ascii().is_empty() {
            let is_accepted = matches!(self.status.as_u16(), 201 | 202 | 204);
            return if is_accepted { Reply::Done(None) } else { self.unreadable(&body, "it is empty".to_owned()) };
        }
        let said = match Said::of(bytes, key) {
            Ok(said) => said,
            Err(error) => return self.unreadable(&body, telling.unreadable(bytes, &error)),
        };
        match (said.id.map(|id| secrets.clean(&id)).filter(|id| !id.is_empty()), said.refuses) {
            (Some(id), false) => Reply::Done(Some(id)),
            (None, true) => Reply::Trouble(Trouble::Status(self.refusal(&body, telling))),
            (None, false) => self.unreadable(&body, telling.with_beginning(&format!("no {key}"), bytes)),
            (Some(_), true) => {
                let words = telling.words(&String::from_utf8_lossy(bytes));
                Reply::Trouble(Trouble::Unreadable { body: BodyKind::Contradiction, words })
            }
        }
    }

    fn plain(&self) -> Result<Cow<'_, [u8]>, String> {
        self.body.as_deref().map_err(Clone::clone).and_then(|body| plain(&self.headers, body))
    }

    /// A 2xx whose body does not say whether it was done.
    fn unreadable<T>(&self, body: &Result<Cow<'_, [u8]>, String>, words: String) -> Reply<T> {
        let page = body.as_deref().is_ok_and(|text| is_page(&self.headers, text));
        let (body, words) = if page { (BodyKind::Page, PAGE.to_owned()) } else { (BodyKind::Other, words) };
        Reply::Trouble(Trouble::Unreadable { body, words })
    }

    /// An answer that says no, or that leaves it open. The pages of a platform in trouble are its own.
    fn refusal(&self, body: &Result<Cow<'_, [u8]>, String>, telling: Telling<'_>) -> Refusal {
        let text = body.as_deref().unwrap_or_default();
        let page = !self.status.is_server_error() && is_page(&self.headers, text);
        let words = if page { PAGE.to_owned() } else { telling.words(&String::from_utf8_lossy(text)) };
        let retry_after = retry_after::seconds(&self.headers, self.came_at);
        Refusal { status: self.status.as_u16(), retry_after, words, error: None }
    }

    /// A 2xx to a token request that names an error. Of such an answer nothing else is told.
    fn no_token(&self, error: &TokenError, secrets: &Secrets) -> Refusal {
        let words = secrets.clean(format!("{} {}", error.name, error.description).trim_end());
        Refusal { status: self.status.as_u16(), retry_after: None, words, error: Some(secrets.clean(&error.name)) }
    }
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
