//! The platforms that create contacts and send texts, as something that can be asked.
//!
//! Whoever is asked has one of three roles: it knows the hours of a campaign, creates contacts, or sends texts. A back end
//! lives in a folder of its own and may have one role or all. It sends one request and says what came back, as a verdict
//! that means the same for all; no status, scope, path, header or variable of a platform is known outside its folder.
//! When to send, what to do about an answer and what to write down are decided elsewhere.

mod command;
mod http;
pub mod kinds;
mod secret;
pub mod v2;
mod words;

use std::rc::Rc;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use secrecy::SecretString;

use crate::domain::callback::CallbackId;
use crate::domain::forecast::ToldHours;
use crate::domain::phone::E164;
use crate::domain::reply::{Answered, Made, Probed, Step};
use crate::domain::time::{Interval, Timestamp};
use crate::domain::window::Window;

pub use http::{Answer, HttpSettings};
pub use secret::{SecretError, SecretSource};
pub use words::Secrets;

/// One request and what came back.
pub type Asking<'a, T> = LocalBoxFuture<'a, Answered<T>>;

/// A request for a credential and what came back; an error where nothing left for want of the secret.
pub type AskingAccess<'a> = LocalBoxFuture<'a, Result<Answered<Grant>, SecretError>>;

/// What requests are made with, and how long it is good.
#[derive(Clone, Debug)]
pub struct Grant {
    /// A token, keys, an address that is told with them: whatever the back end needs, and only it can read. It is never
    /// printed.
    pub credential: SecretString,
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

/// What every back end has, whatever its role.
pub trait Backend {
    /// The name of the credentials that it uses: back ends of one account share what they were granted.
    fn account(&self) -> &str;

    /// The name of the limit that its requests count against: requests of one group share one pace.
    fn pace_group(&self) -> &str;

    /// The right that a step takes, in the platform's words.
    fn right(&self, step: Step) -> &'static str;

    /// Asks for what requests are made with.
    fn grant(&self) -> AskingAccess<'_>;

    /// Sends a request of this step that holds nothing. The platform can only refuse it: what comes back says whether
    /// somebody is there, and who may ask.
    fn probe<'a>(&'a self, credential: &'a SecretString, step: Step) -> Asking<'a, Probed>;

    /// Seconds that its clock was ahead of this machine's when it first answered; `None` where nothing told it.
    fn clock_ahead(&self) -> Option<i64> {
        None
    }
}

/// Knows the hours of campaigns.
pub trait Capacity: Backend {
    /// Asks for the hours of a campaign in a stretch of time.
    fn hours<'a>(&'a self, credential: &'a SecretString, campaign: &'a str, range: Interval) -> Asking<'a, ToldHours>;
}

/// Creates contacts.
pub trait Contacts: Backend {
    /// The bytes that create a contact: made once, kept, and sent unchanged however often.
    fn body(&self, request: &ContactRequest<'_>) -> Vec<u8>;

    /// Creates a contact from a body made by [`Contacts::body`].
    fn create<'a>(&'a self, credential: &'a SecretString, body: &'a [u8]) -> Asking<'a, Made>;
}

/// Sends texts.
pub trait Texts: Backend {
    /// The bytes that send a text.
    fn body(&self, request: &TextRequest<'_>) -> Vec<u8>;

    /// Sends a text from a body made by [`Texts::body`]; the good answer is the text's id, where one is told.
    fn send<'a>(&'a self, credential: &'a SecretString, body: &'a [u8]) -> Asking<'a, Option<String>>;
}

/// Who is asked in each role.
#[derive(Clone)]
pub struct Platform<'b> {
    /// Who knows the hours.
    pub capacity: Rc<dyn Capacity + 'b>,
    /// Who creates contacts.
    pub contacts: Rc<dyn Contacts + 'b>,
    /// Who sends texts.
    pub texts: Rc<dyn Texts + 'b>,
}

impl<'b> Platform<'b> {
    /// One back end in all roles.
    pub fn all(backend: impl Capacity + Contacts + Texts + 'b) -> Self {
        let backend = Rc::new(backend);
        Self { capacity: backend.clone(), contacts: backend.clone(), texts: backend }
    }

    /// Who is asked for this step. A token is asked of whoever a request is made to, so of no one in particular: the
    /// answer is who creates contacts.
    pub fn of(&self, step: Step) -> &dyn Backend {
        match step {
            Step::Forecast => &*self.capacity,
            Step::Token | Step::Contact => &*self.contacts,
            Step::Text => &*self.texts,
        }
    }
}
