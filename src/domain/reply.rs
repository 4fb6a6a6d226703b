//! What came back for a request, whatever the wire.

use super::limits::PLATFORM_WORDS_MAX;
use super::shown;

/// The kinds of request that ringback makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// Asks for a bearer token.
    Token,
    /// Asks for the hours of a campaign.
    Forecast,
    /// Creates a contact.
    Contact,
    /// Sends a confirmation.
    Text,
}

impl Step {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Token, Self::Forecast, Self::Contact, Self::Text];

    /// The word that files carry.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Forecast => "forecast",
            Self::Contact => "contact",
            Self::Text => "sms",
        }
    }
}

/// A reply, and the HTTP status with which it came; without a status, no answer came.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered<T> {
    /// What came back.
    pub reply: Reply<T>,
    /// The HTTP status of the answer.
    pub status: Option<u16>,
}

/// What came back for a request whose good answer is a `T`.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply<T> {
    /// It was done, and the answer says what.
    Done(T),
    /// It was not done, or it is not known.
    Trouble(Trouble),
}

/// A contact that the platform says is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Its id on the platform; `None` where the answer has no body: then it is the id that was sent.
    pub id: Option<String>,
    /// The HTTP status, 2xx. Some platforms answer 201 to a contact that is new and 200 to one that they have already.
    pub status: u16,
}

/// An answer that is not the one hoped for, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// 2xx, but the body does not say whether it was done.
    Unreadable {
        /// What the body is.
        body: BodyKind,
        /// What stood there, cut and cleaned.
        words: String,
    },
    /// Any other status, or 2xx with a body that says that it was not done.
    Status(Refusal),
    /// The request did not leave: no connection, no name, no TLS.
    NotSent(String),
    /// The request did not leave, and none will until a person does what the words say: a certificate that is not
    /// trusted, a proxy that refuses.
    Blocked(String),
    /// The request may have left, and nothing came back.
    NoAnswer(String),
}

/// What the body of an answer is that does not say whether something was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyKind {
    /// A web page, as a proxy or the sign-in of a network sends it.
    Page,
    /// An id and an error in one answer.
    Contradiction,
    /// Anything else, or nothing.
    Other,
}

/// An answer that says that something was not done, or whose status leaves it open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status; 2xx where the body says that it was not done.
    pub status: u16,
    /// Seconds that the platform asks to be left alone, where it says so.
    pub retry_after: Option<u64>,
    /// What stood there, cut and cleaned.
    pub words: String,
    /// The short name of the error in the answer to a token request, such as `invalid_scope` (RFC 6749, 5.2).
    pub error: Option<String>,
}

impl Trouble {
    /// One line for a person.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Unreadable { body: BodyKind::Page, words } => words.clone(),
            Self::Unreadable { body: BodyKind::Contradiction, words } => {
                format!("an answer with both an id and an error: {words}")
            }
            Self::Unreadable { body: BodyKind::Other, words } => {
                format!("an answer that cannot be understood: {words}")
            }
            Self::Status(Refusal { status, words, .. }) if words.is_empty() => format!("HTTP {status}"),
            Self::Status(Refusal { status, words, .. }) => format!("HTTP {status}: {words}"),
            Self::Blocked(why) => format!("not sent: {why}"),
            Self::NotSent(why) => format!("could not be sent: {why}"),
            Self::NoAnswer(why) => format!("no answer: {why}"),
        }
    }
}

/// Cuts and cleans text from the platform before a person sees it: what steers a screen becomes a space.
#[must_use]
pub fn clean_words(text: &str) -> String {
    shown::words(text, PLATFORM_WORDS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_from_the_platform_are_one_clean_line() {
        assert_eq!(clean_words("a\r\n\u{1b}[31mb\tc\u{202e}d\0"), "a [31mb c d");
        assert_eq!(clean_words(&"x".repeat(9000)).len(), 500);
    }
}
