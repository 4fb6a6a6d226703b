//! What an answer over HTTP says. The bytes are there already: nothing waits here, and nothing is asked.

use std::borrow::Cow;
use std::time::SystemTime;

use reqwest::StatusCode;
use reqwest::header::{DATE, HeaderValue};

use crate::domain::forecast::ToldHours;
use crate::domain::reply::{Made, Newness, Probed, Reply, Step, Trouble, Unclear};

use super::body::{PAGE, is_page, plain};
use super::retry_after;
use super::verdict::Refusal;
use super::wire::{ForecastAnswer, Said, TokenAnswer, TokenError};
use crate::io::platform::Grant;
use crate::io::platform::http::Answer;
use crate::io::platform::words::{Secrets, Telling};

/// The good answer, or why there is none.
type Understood<T> = Result<T, Not>;

/// No good answer.
#[derive(Debug)]
enum Not {
    /// A refusal, or a status that leaves it open.
    Refusal(Refusal),
    /// A body that leaves it open.
    Unclear(Unclear, String),
}

impl Not {
    fn verdict(self, step: Step) -> Trouble {
        match self {
            Self::Refusal(refusal) => refusal.verdict(step),
            Self::Unclear(why, words) => Trouble::Unknown { why, hold: None, words },
        }
    }
}

fn reply<T>(understood: Understood<T>, step: Step) -> Reply<T> {
    understood.map_or_else(|not| Reply::Trouble(not.verdict(step)), Reply::Done)
}

/// The words for a contact that was there before, told by a status where a new one has another.
const PRESENT: &str = "HTTP 200, where a contact that is new is answered 201";

/// An answer that is being understood.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// The answer.
    pub answer: &'a Answer,
    /// What must not be told.
    pub secrets: &'a Secrets,
}

impl Reading<'_> {
    /// Seconds that the server's clock is ahead of this machine's, by its `Date`, which knows whole seconds.
    pub(super) fn clock_ahead(&self) -> Option<i64> {
        let theirs = httpdate::parse_http_date(self.answer.headers.get(DATE)?.to_str().ok()?).ok()?;
        let seconds = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).ok().map(|since| since.as_secs());
        i64::try_from(seconds(theirs)?).ok()?.checked_sub_unsigned(seconds(self.answer.came_at)?)
    }

    /// The answer to a request for a token. The token is remembered among the secrets.
    #[must_use]
    pub fn grant(&self) -> Reply<Grant> {
        reply(self.granted(), Step::Token)
    }

    /// The answer to a request for hours of a campaign. Hours that cannot be read cost themselves alone, unless none
    /// can be read.
    #[must_use]
    pub fn hours(&self) -> Reply<ToldHours> {
        reply(self.told_hours(), Step::Forecast)
    }

    /// The answer to a contact.
    #[must_use]
    pub fn made(&self) -> Reply<Made> {
        let newness = match self.answer.status.as_u16() {
            201 => Newness::Created,
            200 => Newness::Present(PRESENT),
            _ => Newness::Untold,
        };
        reply(self.accepted("contactId").map(|id| Made { id, newness }), Step::Contact)
    }

    /// The answer to a text: its session's id, where it tells one.
    #[must_use]
    pub fn session_id(&self) -> Reply<Option<String>> {
        reply(self.accepted("sessionId"), Step::Text)
    }

    /// The answer to a request that holds nothing.
    #[must_use]
    pub fn probed(&self, step: Step) -> Reply<Probed> {
        let understood = match step {
            Step::Forecast => self.told_hours().map(|_| ()),
            Step::Token | Step::Contact => self.accepted("contactId").map(|_| ()),
            Step::Text => self.accepted("sessionId").map(|_| ()),
        };
        match understood {
            Ok(()) => Reply::Done(Probed::Taken),
            Err(Not::Refusal(refusal)) => refusal.probed(step),
            Err(not) => Reply::Trouble(not.verdict(step)),
        }
    }

    fn granted(&self) -> Understood<Grant> {
        let body = self.plain();
        let error = || body.as_deref().ok().and_then(TokenError::of);
        if !self.answer.status.is_success() {
            // Only of this refusal it is certain that it holds no token, and it says what is wrong with the request.
            let is_told = self.answer.status == StatusCode::BAD_REQUEST;
            let telling = if is_told { Telling::But(self.secrets) } else { Telling::Nothing };
            let is_invalid_client = error().is_some_and(|error| error.is_invalid_client());
            return Err(Not::Refusal(Refusal { is_invalid_client, ..self.refusal(&body, telling) }));
        }
        let bytes = body.as_deref().map_err(|why| self.unreadable(&body, why))?;
        let answer = match serde_json::from_slice::<TokenAnswer>(bytes) {
            Ok(answer) => answer,
            Err(wrong) => {
                return Err(error().map_or_else(
                    || self.unreadable(&body, &Telling::Nothing.unreadable(bytes, &wrong)),
                    |error| Not::Refusal(self.no_token(&error)),
                ));
            }
        };
        // A token that cannot stand in a header is no token.
        if answer.access_token.is_empty() || HeaderValue::from_str(&answer.access_token).is_err() {
            return Err(self.unreadable(&body, "access_token is empty, or cannot stand in a header"));
        }
        self.secrets.learn(&answer.access_token);
        let lifetime = answer.lifetime();
        Ok(Grant { credential: answer.access_token.into(), lifetime })
    }

    fn told_hours(&self) -> Understood<ToldHours> {
        let (body, telling) = (self.plain(), Telling::But(self.secrets));
        if !self.answer.status.is_success() {
            return Err(Not::Refusal(self.refusal(&body, telling)));
        }
        let parsed = body.as_deref().map_err(Clone::clone).and_then(|bytes| {
            let answer: Result<ForecastAnswer, _> = serde_json::from_slice(bytes);
            answer.map_err(|error| telling.unreadable(bytes, &error))
        });
        match parsed.map(ForecastAnswer::hours) {
            Ok(hours) if hours.slots.is_empty() && hours.unreadable > 0 => {
                let why = format!("none of {} hours has a time with a zone and numbers", hours.unreadable);
                Err(self.unreadable(&body, &telling.with_beginning(&why, body.as_deref().unwrap_or_default())))
            }
            Ok(hours) => Ok(hours),
            Err(words) => Err(self.unreadable(&body, &words)),
        }
    }

    /// Accepted is what says so: an id, or 201, 202 or 204 without a body.
    fn accepted(&self, key: &str) -> Understood<Option<String>> {
        let (body, telling) = (self.plain(), Telling::But(self.secrets));
        if !self.answer.status.is_success() {
            return Err(Not::Refusal(self.refusal(&body, telling)));
        }
        let bytes = body.as_deref().map_err(|why| self.unreadable(&body, why))?;
        if bytes.trim_ascii().is_empty() {
            let is_accepted = matches!(self.answer.status.as_u16(), 201 | 202 | 204);
            return if is_accepted { Ok(None) } else { Err(self.unreadable(&body, "it is empty")) };
        }
        let said = Said::of(bytes, key).map_err(|error| self.unreadable(&body, &telling.unreadable(bytes, &error)))?;
        match (said.id.map(|id| self.secrets.clean(&id)).filter(|id| !id.is_empty()), said.refuses) {
            (Some(id), false) => Ok(Some(id)),
            (None, true) => Err(Not::Refusal(self.refusal(&body, telling))),
            (None, false) => Err(self.unreadable(&body, &telling.with_beginning(&format!("no {key}"), bytes))),
            (Some(_), true) => {
                let words = telling.words(&String::from_utf8_lossy(bytes));
                let words = format!("an answer with both an id and an error: {words}");
                Err(Not::Unclear(Unclear::Contradiction, words))
            }
        }
    }

    fn plain(&self) -> Result<Cow<'_, [u8]>, String> {
        self.answer.body.as_deref().map_err(Clone::clone).and_then(|body| plain(&self.answer.headers, body))
    }

    /// A 2xx whose body does not say whether it was done.
    fn unreadable(&self, body: &Result<Cow<'_, [u8]>, String>, words: &str) -> Not {
        if body.as_deref().is_ok_and(|text| is_page(&self.answer.headers, text)) {
            return Not::Unclear(Unclear::Page, PAGE.to_owned());
        }
        Not::Unclear(Unclear::Unreadable, format!("an answer that cannot be understood: {words}"))
    }

    /// An answer that says no, or that leaves it open. The pages of a platform in trouble are its own.
    fn refusal(&self, body: &Result<Cow<'_, [u8]>, String>, telling: Telling<'_>) -> Refusal {
        let text = body.as_deref().unwrap_or_default();
        let page = !self.answer.status.is_server_error() && is_page(&self.answer.headers, text);
        let words = if page { PAGE.to_owned() } else { telling.words(&String::from_utf8_lossy(text)) };
        let retry_after = retry_after::seconds(&self.answer.headers, self.answer.came_at);
        Refusal { status: self.answer.status.as_u16(), retry_after, words, is_invalid_client: false }
    }

    /// A 2xx to a token request that names an error. Of such an answer nothing else is told.
    fn no_token(&self, error: &TokenError) -> Refusal {
        let words = self.secrets.clean(format!("{} {}", error.name, error.description).trim_end());
        let status = self.answer.status.as_u16();
        Refusal { status, retry_after: None, words, is_invalid_client: error.is_invalid_client() }
    }
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
