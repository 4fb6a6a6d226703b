//! What is written down about a callback, one entry a step.

use super::code::Code;
use super::time::Timestamp;

/// What is written down about a callback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// It is part of a run's batch, to be tried afresh.
    Enrolled,
    /// It has a dispatch time.
    Placed(Timestamp),
    /// It stays pending at the end of a run; why.
    Left(Code, String),
    /// Its window closed; why.
    Expired(Code, String),
    /// A contact request leaves next.
    ContactIntended(Option<Box<Bodies>>),
    /// The contact exists under this id.
    ContactCreated(String),
    /// The request was turned away for certain: nothing was carried out by it.
    ContactTurnedAway,
    /// The request may have been carried out, and will be repeated.
    ContactUnanswered,
    /// It is not known whether the contact exists, and nothing is repeated.
    ContactDoubted(Code, String),
    /// The contact was there before this ledger.
    ContactExisted(String),
    /// There will be no contact; why.
    ContactFailed(Code, String),
    /// The text waits for texting hours.
    TextDeferred,
    /// There will be no text, on purpose; why.
    TextDropped(Code),
    /// The text has new words, for the old ones were refused: the bytes of its request.
    TextRemade(Box<[u8]>),
    /// A text request leaves next.
    TextIntended,
    /// The text was accepted, under this session id where it is known.
    TextAccepted(Option<String>),
    /// The request was turned away for certain.
    TextTurnedAway,
    /// The request may have been carried out, and may be repeated.
    TextUnanswered,
    /// It is not known whether the text went out, and nothing is repeated.
    TextDoubted(Code, String),
    /// The text was refused; the platform's words.
    TextFailed(String),
    /// A refused contact or text is to be tried again, for somebody asked.
    Reopened,
}

/// The bytes of a callback's two requests, fixed when the first one leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bodies {
    /// The body of the contact request.
    pub contact: Vec<u8>,
    /// The body of the text request; `None` where texts are off.
    pub text: Option<Vec<u8>>,
}

impl Entry {
    /// The reason that it carries, if any.
    #[must_use]
    pub fn code(&self) -> Option<Code> {
        match self {
            Self::Left(code, _)
            | Self::Expired(code, _)
            | Self::ContactDoubted(code, _)
            | Self::ContactFailed(code, _)
            | Self::TextDropped(code)
            | Self::TextDoubted(code, _) => Some(*code),
            Self::ContactExisted(_) => Some(Code::ContactExisted),
            Self::TextDeferred => Some(Code::SmsQuietHours),
            Self::TextFailed(_) => Some(Code::SmsRefused),
            Self::Enrolled
            | Self::Placed(_)
            | Self::ContactIntended(_)
            | Self::ContactCreated(_)
            | Self::ContactTurnedAway
            | Self::ContactUnanswered
            | Self::TextRemade(_)
            | Self::TextIntended
            | Self::TextAccepted(_)
            | Self::TextTurnedAway
            | Self::TextUnanswered
            | Self::Reopened => None,
        }
    }

    /// What it tells a person; empty where the code says all.
    #[must_use]
    pub fn detail(&self) -> &str {
        match self {
            Self::Left(_, detail)
            | Self::Expired(_, detail)
            | Self::ContactDoubted(_, detail)
            | Self::ContactExisted(detail)
            | Self::ContactFailed(_, detail)
            | Self::TextDoubted(_, detail)
            | Self::TextFailed(detail) => detail,
            Self::Enrolled
            | Self::Placed(_)
            | Self::ContactIntended(_)
            | Self::ContactCreated(_)
            | Self::ContactTurnedAway
            | Self::ContactUnanswered
            | Self::TextDeferred
            | Self::TextDropped(_)
            | Self::TextRemade(_)
            | Self::TextIntended
            | Self::TextAccepted(_)
            | Self::TextTurnedAway
            | Self::TextUnanswered
            | Self::Reopened => "",
        }
    }

    /// The name under which the ledger keeps it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Enrolled => "enrolled",
            Self::Placed(_) => "placed",
            Self::Left(..) => "left",
            Self::Expired(..) => "expired",
            Self::ContactIntended(_) => "contact_intended",
            Self::ContactCreated(_) => "contact_created",
            Self::ContactTurnedAway => "contact_turned_away",
            Self::ContactUnanswered => "contact_unanswered",
            Self::ContactDoubted(..) => "contact_doubted",
            Self::ContactExisted(_) => "contact_existed",
            Self::ContactFailed(..) => "contact_failed",
            Self::TextDeferred => "sms_deferred",
            Self::TextDropped(_) => "sms_dropped",
            Self::TextRemade(_) => "sms_remade",
            Self::TextIntended => "sms_intended",
            Self::TextAccepted(_) => "sms_accepted",
            Self::TextTurnedAway => "sms_turned_away",
            Self::TextUnanswered => "sms_unanswered",
            Self::TextDoubted(..) => "sms_doubted",
            Self::TextFailed(_) => "sms_failed",
            Self::Reopened => "reopened",
        }
    }
}
