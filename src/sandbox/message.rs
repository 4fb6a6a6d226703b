//! A request as it came and an answer as it leaves, without sockets.

use std::time::Duration;

use serde_json::{Value, json};

use super::fault::Target;

/// A request whose body has been read.
#[derive(Clone, Debug, Default)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) authorization: String,
    pub(super) content_type: String,
    pub(super) body: Body,
}

/// What came as a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Body {
    Read(Vec<u8>),
    TooLarge,
}

impl Default for Body {
    fn default() -> Self {
        Self::Read(Vec::new())
    }
}

impl Body {
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Read(bytes) => bytes,
            Self::TooLarge => &[],
        }
    }
}

/// Method, path and what is asked there.
const ROUTES: [(&str, &str, Target); 4] = [
    ("POST", "/oauth/token", Target::Token),
    ("GET", "/api/v2/outbound/forecast", Target::Forecast),
    ("POST", "/api/v2/outbound/contacts", Target::Contact),
    ("POST", "/api/v2/messaging/sessions", Target::Sms),
];

impl Request {
    /// What is asked, or the answer to a request that fits no route: 404, or 405 where only the method is wrong.
    pub(super) fn target(&self) -> Result<Target, Answer> {
        let mut at_path = ROUTES.iter().filter(|(_, path, _)| *path == self.path).peekable();
        if at_path.peek().is_none() {
            return Err(Answer::problem(404, "not_found", &format!("there is nothing at {}", self.path)));
        }
        let fitting = at_path.find(|(method, _, _)| *method == self.method).map(|(_, _, target)| *target);
        fitting.ok_or_else(|| Answer::problem(405, "method_not_allowed", &format!("{} not here", self.method)))
    }
}

/// An answer, or none: the connection is closed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Answer {
    /// `None`: the connection is cut.
    pub(super) status: Option<u16>,
    pub(super) content_type: Option<&'static str>,
    /// One more header: `Retry-After` or `Location`.
    pub(super) header: Option<(&'static str, String)>,
    pub(super) body: Vec<u8>,
    /// The fault that made it, for the journal.
    pub(super) fault: Option<&'static str>,
    /// How long it is held back.
    pub(super) delay: Duration,
}

impl Answer {
    /// An answer in JSON.
    pub(super) fn json(status: u16, body: &Value) -> Self {
        let body = body.to_string().into_bytes();
        Self { status: Some(status), content_type: Some("application/json"), body, ..Self::default() }
    }

    /// An answer without a body.
    pub(super) fn empty(status: u16) -> Self {
        Self { status: Some(status), ..Self::default() }
    }

    /// A page, as a proxy in front of the platform makes it.
    pub(super) fn html(status: u16, title: &str) -> Self {
        let body =
            format!("<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>").into_bytes();
        Self { status: Some(status), content_type: Some("text/html"), body, ..Self::default() }
    }

    /// A refusal in the shape of the contract.
    pub(super) fn problem(status: u16, code: &str, message: &str) -> Self {
        Self::json(status, &json!({ "error": { "code": code, "message": message } }))
    }

    /// No answer at all.
    pub(super) fn cut() -> Self {
        Self::default()
    }

    /// The same answer, the fault that made it named.
    pub(super) fn by(self, fault: &'static str) -> Self {
        Self { fault: Some(fault), ..self }
    }
}
