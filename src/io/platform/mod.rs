//! The platform that creates contacts and sends texts, as something that can be asked.
//!
//! It sends one request and says what came back: when to send, what to do about the answer and what to
//! write down are decided elsewhere.

mod answer;
mod body;
mod command;
mod http;
mod retry_after;
mod secret;
mod wire;
mod words;

use std::future::Future;
use std::time::Duration;

use secrecy::SecretString;

use crate::domain::callback::CallbackId;
use crate::domain::forecast::ToldHours;
use crate::domain::phone::E164;
use crate::domain::reply::{Answered, Made, Reply, Step};
use crate::domain::time::{Interval, Timestamp};
use crate::domain::window::Window;

pub use answer::Answer;
pub use http::{HttpPlatform, HttpSettings};
pub use secret::{SecretError, SecretSource};
pub use words::Secrets;

/// A bearer token, and how long it is good.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The token itself; it is never printed.
    pub token: SecretString,
    /// From the moment of the answer on.
    pub lifetime: Duration,
}

/// A contact that is to be created.
#[derive(Clone, Debug)]
pub struct ContactRequest<'a> {
    /// The business key.
    pub id: CallbackId,
    /// The campaign that will dial.
    pub campaign: &'a str,
    /// Whom.
    pub phone: E164,
    /// When.
    pub dispatch_at: Timestamp,
    /// What the customer asked for.
    pub window: Window,
    /// The customer's language.
    pub language: &'a str,
    /// The platform's own dial retries.
    pub retry_count: u32,
    /// The time between them, an ISO 8601 duration.
    pub retry_interval: &'a str,
}

/// A text that is to be sent.
#[derive(Clone, Debug)]
pub struct TextRequest<'a> {
    /// To whom.
    pub to: E164,
    /// From which number.
    pub from: &'a str,
    /// The words.
    pub message: &'a str,
}

/// A body of which nothing can be made.
const EMPTY: &[u8] = b"{}";

fn without_id<T>(answered: Answered<T>) -> Answered<()> {
    let reply = match answered.reply {
        Reply::Done(_) => Reply::Done(()),
        Reply::Trouble(trouble) => Reply::Trouble(trouble),
    };
    Answered { reply, status: answered.status }
}

/// A platform. One back end speaks HTTP; tests have one that speaks to nobody.
pub trait Platform {
    /// Asks for a token with the client's credentials.
    fn token(&self) -> impl Future<Output = Result<Answered<Grant>, SecretError>>;

    /// Asks for the hours of a campaign in a stretch of time.
    fn forecast(
        &self,
        token: &SecretString,
        campaign: &str,
        range: Interval,
    ) -> impl Future<Output = Answered<ToldHours>>;

    /// Creates a contact from a body made by [`Platform::contact_body`].
    fn create_contact(&self, token: &SecretString, body: &[u8]) -> impl Future<Output = Answered<Made>>;

    /// Sends a text from a body made by [`Platform::text_body`]; the good answer is the session's id, where one is told.
    fn send_text(&self, token: &SecretString, body: &[u8]) -> impl Future<Output = Answered<Option<String>>>;

    /// Sends an empty object to where texts are made, for any other step to where contacts are. Nothing can be made of
    /// it, so the platform can only refuse it: what comes back says whether somebody is there, and who may ask.
    fn probe(&self, token: &SecretString, step: Step) -> impl Future<Output = Answered<()>> {
        async move {
            match step {
                Step::Text => without_id(self.send_text(token, EMPTY).await),
                Step::Token | Step::Forecast | Step::Contact => without_id(self.create_contact(token, EMPTY).await),
            }
        }
    }

    /// The bytes that create a contact: made once, kept, and sent unchanged however often.
    fn contact_body(&self, request: &ContactRequest<'_>) -> Vec<u8>;

    /// The bytes that send a text.
    fn text_body(&self, request: &TextRequest<'_>) -> Vec<u8>;
}
