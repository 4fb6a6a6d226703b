//! What came back for a request, by its meaning: each back end translates its answers into these verdicts.

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

/// The raw status with which an answer came, as the back end has it: a label to count and to show answers by. What it
/// means is the back end's own matter; nothing is decided by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label(pub u16);

/// A reply, and the raw status with which it came; without a status, no answer came.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered<T> {
    /// What came back.
    pub reply: Reply<T>,
    /// The raw status of the answer.
    pub label: Option<Label>,
}

impl<T> Answered<T> {
    /// The same with another good answer.
    pub fn map<U>(self, good: impl FnOnce(T) -> U) -> Answered<U> {
        let reply = match self.reply {
            Reply::Done(answer) => Reply::Done(good(answer)),
            Reply::Trouble(trouble) => Reply::Trouble(trouble),
        };
        Answered { reply, label: self.label }
    }
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
    /// Its id on the platform; `None` where the answer has none: then it is the id that was sent.
    pub id: Option<String>,
    /// Whether it is new.
    pub newness: Newness,
}

/// What an answer says of whether a contact is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Newness {
    /// The request created it.
    Created,
    /// It is there. A platform that answers [`Newness::Created`] to new contacts had it already; these words say so.
    Present(&'static str),
    /// Nothing.
    Untold,
}

/// How a request was taken that holds nothing, so that nothing can be made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probed {
    /// It was refused for what it lacks, as it has to be, in these words: somebody is there, and this client may ask.
    Refused(String),
    /// It was taken.
    Taken,
}

/// An answer that is not the one hoped for, or none: the verdict of the back end that asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The request did not leave.
    NotSent(String),
    /// The request did not leave, and none will until a person does what the words say.
    Blocked(String),
    /// The request may have left, and nothing came back.
    NoAnswer(String),
    /// An answer came that leaves it open whether it was done.
    Unknown {
        /// What is wrong with the answer.
        why: Unclear,
        /// Seconds that the platform asks to be left alone, where it says so.
        hold: Option<u64>,
        /// What stood there, cut and cleaned.
        words: String,
    },
    /// It was done before, by this client or by another.
    Existed {
        /// Its id on the platform, where it is told.
        id: Option<String>,
        /// What stood there, cut and cleaned.
        words: String,
    },
    /// The platform will not do it, for what the request holds.
    Refused(String),
    /// It was not done, and nothing is said against asking again.
    NotDone(String),
    /// It was not done: the platform asks this client for a pause, for so many seconds where it says so.
    Busy {
        /// Seconds, where they are told.
        hold: Option<u64>,
        /// What stood there, cut and cleaned.
        words: String,
    },
    /// The credential is not, or no longer, accepted.
    Unauthorised(String),
    /// The client may not do this.
    Forbidden {
        /// The right that it lacks, in the platform's words.
        what: String,
        /// What stood there, cut and cleaned.
        words: String,
    },
    /// It was not done, and no further request of this kind will be before a person has seen to the quota.
    QuotaUsedUp(String),
    /// Somebody else answers than the platform, or the platform sends elsewhere: the settings are wrong.
    WrongAddress(String),
}

/// Why an answer leaves it open whether something was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unclear {
    /// The platform, or what stands before it, is in trouble.
    Troubled,
    /// Somebody waited in vain for the request or for the platform.
    TimedOut,
    /// A web page, as a proxy or the sign-in of a network sends it.
    Page,
    /// An id and an error in one answer.
    Contradiction,
    /// It cannot be understood.
    Unreadable,
}

impl Trouble {
    /// One line for a person.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::NotSent(why) => format!("could not be sent: {why}"),
            Self::Blocked(why) => format!("not sent: {why}"),
            Self::NoAnswer(why) => format!("no answer: {why}"),
            Self::Unknown { words, .. }
            | Self::Existed { words, .. }
            | Self::Refused(words)
            | Self::NotDone(words)
            | Self::Busy { words, .. }
            | Self::Unauthorised(words)
            | Self::Forbidden { words, .. }
            | Self::QuotaUsedUp(words)
            | Self::WrongAddress(words) => words.clone(),
        }
    }

    /// Whether an answer came.
    #[must_use]
    pub fn is_answer(&self) -> bool {
        !matches!(self, Self::NotSent(_) | Self::Blocked(_) | Self::NoAnswer(_))
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
