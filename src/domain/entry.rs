//! What is written down about a callback, one entry a step.

use super::callback::CallbackId;
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
    /// A person has looked up what was in doubt; of which callback.
    Settled(Verdict, CallbackId),
}

/// What a person says of a request in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was carried out.
    Sent,
    /// It was not, and is not to be.
    NotSent,
    /// It was not, and is to be sent again.
    Retry,
}

/// What an entry tells that doubts what a ledger holds as owed, for it was restored from a copy. Ledgers keep these
/// words, and what they doubt is settled otherwise: they stay as they are.
pub const RESTORED: &str = "the ledger was restored from a copy, and this may have been done since";

/// An entry as it stands in the ledger.
#[derive(Clone, Copy, Debug)]
pub struct Written<'a> {
    /// Whose.
    pub id: CallbackId,
    /// Its name.
    pub kind: &'a str,
    /// The reason that it carries.
    pub code: Option<Code>,
    /// What it tells a person.
    pub detail: &'a str,
    /// What it carries besides; `None` too where an older ledger kept no such thing.
    pub value: Option<&'a str>,
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
            Self::Settled(Verdict::NotSent, _) => Some(Code::SettleNotSent),
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
            | Self::Reopened
            | Self::Settled(Verdict::Sent | Verdict::Retry, _) => None,
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
            Self::Settled(Verdict::Sent, _) => "a person found that it was sent",
            Self::Settled(Verdict::NotSent, _) => "a person found that it was not sent, and it is not to be",
            Self::Settled(Verdict::Retry, _) => "a person found that it was not sent; the next run sends it",
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
            Self::Settled(Verdict::Sent, _) => "settled_sent",
            Self::Settled(Verdict::NotSent, _) => "settled_not_sent",
            Self::Settled(Verdict::Retry, _) => "settled_retry",
        }
    }

    /// What it carries besides code and detail: a dispatch time, the contact's id, the text's session.
    #[must_use]
    pub fn value(&self) -> Option<String> {
        match self {
            Self::Placed(at) => Some(at.rfc3339()),
            Self::ContactCreated(id) => Some(id.clone()),
            Self::TextAccepted(session) => session.clone(),
            Self::Enrolled
            | Self::Left(..)
            | Self::Expired(..)
            | Self::ContactIntended(_)
            | Self::ContactTurnedAway
            | Self::ContactUnanswered
            | Self::ContactDoubted(..)
            | Self::ContactExisted(_)
            | Self::ContactFailed(..)
            | Self::TextDeferred
            | Self::TextDropped(_)
            | Self::TextRemade(_)
            | Self::TextIntended
            | Self::TextTurnedAway
            | Self::TextUnanswered
            | Self::TextDoubted(..)
            | Self::TextFailed(_)
            | Self::Reopened
            | Self::Settled(..) => None,
        }
    }

    /// The entry that the ledger keeps so, without the bytes of its requests. `None` where no ringback writes it,
    /// or where what it carries is not there.
    #[must_use]
    pub fn read(written: Written<'_>) -> Option<Self> {
        let Written { id, kind, code, value, .. } = written;
        let detail = || written.detail.to_owned();
        Some(match kind {
            "enrolled" => Self::Enrolled,
            "placed" => Self::Placed(Timestamp::from_rfc3339(value?)?),
            "left" => Self::Left(code?, detail()),
            "expired" => Self::Expired(code?, detail()),
            "contact_intended" => Self::ContactIntended(None),
            "contact_created" => Self::ContactCreated(value?.to_owned()),
            "contact_turned_away" => Self::ContactTurnedAway,
            "contact_unanswered" => Self::ContactUnanswered,
            "contact_doubted" => Self::ContactDoubted(code?, detail()),
            "contact_existed" => Self::ContactExisted(detail()),
            "contact_failed" => Self::ContactFailed(code?, detail()),
            "sms_deferred" => Self::TextDeferred,
            "sms_dropped" => Self::TextDropped(code?),
            "sms_remade" => Self::TextRemade(Box::default()),
            "sms_intended" => Self::TextIntended,
            "sms_accepted" => Self::TextAccepted(value.map(ToOwned::to_owned)),
            "sms_turned_away" => Self::TextTurnedAway,
            "sms_unanswered" => Self::TextUnanswered,
            "sms_doubted" => Self::TextDoubted(code?, detail()),
            "sms_failed" => Self::TextFailed(detail()),
            "reopened" => Self::Reopened,
            "settled_sent" => Self::Settled(Verdict::Sent, id),
            "settled_not_sent" => Self::Settled(Verdict::NotSent, id),
            "settled_retry" => Self::Settled(Verdict::Retry, id),
            _ => return None,
        })
    }

    /// An entry of this name, to see where it leads, which hangs on its name alone; what it carries is made up.
    #[must_use]
    pub fn of_kind(kind: &str) -> Option<Self> {
        let id = CallbackId::from_bytes([0; 16]);
        let (code, value) = (Some(Code::RunStopped), Some("1970-01-01T00:00:00Z"));
        Self::read(Written { id, kind, code, detail: "", value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_again() {
        let id = CallbackId::from_bytes([7; 16]);
        let words = || "words".to_owned();
        let entries = [
            Entry::Enrolled,
            Entry::Placed(Timestamp::from_unix(1_795_438_800)),
            Entry::Left(Code::RunLimit, words()),
            Entry::Expired(Code::RunLate, words()),
            Entry::ContactIntended(None),
            Entry::ContactCreated("c-1".into()),
            Entry::ContactTurnedAway,
            Entry::ContactUnanswered,
            Entry::ContactDoubted(Code::ContactNoAnswer, words()),
            Entry::ContactExisted(words()),
            Entry::ContactFailed(Code::PlatformRefused, words()),
            Entry::TextDeferred,
            Entry::TextDropped(Code::SmsTooLate),
            Entry::TextRemade(Box::default()),
            Entry::TextIntended,
            Entry::TextAccepted(Some("s-1".into())),
            Entry::TextAccepted(None),
            Entry::TextTurnedAway,
            Entry::TextUnanswered,
            Entry::TextDoubted(Code::SmsNoAnswer, words()),
            Entry::TextFailed(words()),
            Entry::Reopened,
            Entry::Settled(Verdict::Sent, id),
            Entry::Settled(Verdict::NotSent, id),
            Entry::Settled(Verdict::Retry, id),
        ];
        for entry in entries {
            let (code, value) = (entry.code(), entry.value());
            let written = Written { id, kind: entry.name(), code, detail: entry.detail(), value: value.as_deref() };
            assert_eq!(Entry::read(written), Some(entry.clone()), "{entry:?}");
            let same_name = Entry::of_kind(entry.name()).map(|entry| entry.name());
            assert_eq!(same_name, Some(entry.name()));
        }
        let old = Written { id, kind: "placed", code: None, detail: "", value: None };
        assert_eq!(Entry::read(old), None);
        assert_eq!(Entry::read(Written { kind: "dreamt", ..old }), None);
    }
}
