//! What is written down about a callback, one entry a step.

use std::borrow::Cow;

use strum::VariantArray;

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

/// The names under which the ledger keeps entries.
#[derive(Clone, Copy, strum::EnumString, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
enum Kind {
    Enrolled,
    Placed,
    Left,
    Expired,
    ContactIntended,
    ContactCreated,
    ContactTurnedAway,
    ContactUnanswered,
    ContactDoubted,
    ContactExisted,
    ContactFailed,
    SmsDeferred,
    SmsDropped,
    SmsRemade,
    SmsIntended,
    SmsAccepted,
    SmsTurnedAway,
    SmsUnanswered,
    SmsDoubted,
    SmsFailed,
    Reopened,
    SettledSent,
    SettledNotSent,
    SettledRetry,
}

/// What an entry carries in the ledger beside its name.
#[derive(Clone, Debug, Default)]
pub struct Carried<'a> {
    /// The reason, if any.
    pub code: Option<Code>,
    /// What it tells a person; empty where the code says all.
    pub detail: &'a str,
    /// What it carries besides: a dispatch time, the contact's id, the text's session. `None` too where an older ledger
    /// kept no such thing.
    pub value: Option<Cow<'a, str>>,
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
    /// How the ledger keeps it, without the bytes of its requests: its name, and what it carries.
    #[must_use]
    pub fn written(&self) -> (&'static str, Carried<'_>) {
        let nothing = Carried::default;
        let why = |code, detail| Carried { code: Some(code), detail, value: None };
        let value = |value| Carried { value, ..nothing() };
        let (kind, carried) = match self {
            Self::Enrolled => (Kind::Enrolled, nothing()),
            Self::Placed(at) => (Kind::Placed, value(Some(at.rfc3339().into()))),
            Self::Left(code, detail) => (Kind::Left, why(*code, detail)),
            Self::Expired(code, detail) => (Kind::Expired, why(*code, detail)),
            Self::ContactIntended(_) => (Kind::ContactIntended, nothing()),
            Self::ContactCreated(id) => (Kind::ContactCreated, value(Some(id.into()))),
            Self::ContactTurnedAway => (Kind::ContactTurnedAway, nothing()),
            Self::ContactUnanswered => (Kind::ContactUnanswered, nothing()),
            Self::ContactDoubted(code, detail) => (Kind::ContactDoubted, why(*code, detail)),
            Self::ContactExisted(detail) => (Kind::ContactExisted, why(Code::ContactExisted, detail)),
            Self::ContactFailed(code, detail) => (Kind::ContactFailed, why(*code, detail)),
            Self::TextDeferred => (Kind::SmsDeferred, why(Code::SmsQuietHours, "")),
            Self::TextDropped(code) => (Kind::SmsDropped, why(*code, "")),
            Self::TextRemade(_) => (Kind::SmsRemade, nothing()),
            Self::TextIntended => (Kind::SmsIntended, nothing()),
            Self::TextAccepted(session) => (Kind::SmsAccepted, value(session.as_deref().map(Into::into))),
            Self::TextTurnedAway => (Kind::SmsTurnedAway, nothing()),
            Self::TextUnanswered => (Kind::SmsUnanswered, nothing()),
            Self::TextDoubted(code, detail) => (Kind::SmsDoubted, why(*code, detail)),
            Self::TextFailed(detail) => (Kind::SmsFailed, why(Code::SmsRefused, detail)),
            Self::Reopened => (Kind::Reopened, nothing()),
            Self::Settled(verdict, _) => verdict.written(),
        };
        (kind.into(), carried)
    }

    /// The name under which the ledger keeps it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.written().0
    }

    /// The entry of a callback that the ledger keeps so, without the bytes of its requests. `None` where no ringback
    /// writes it, or where what it carries is not there.
    #[must_use]
    pub fn read(id: CallbackId, kind: &str, carried: &Carried<'_>) -> Option<Self> {
        let (code, value) = (carried.code, carried.value.as_deref());
        let detail = || carried.detail.to_owned();
        Some(match kind.parse().ok()? {
            Kind::Enrolled => Self::Enrolled,
            Kind::Placed => Self::Placed(Timestamp::from_rfc3339(value?)?),
            Kind::Left => Self::Left(code?, detail()),
            Kind::Expired => Self::Expired(code?, detail()),
            Kind::ContactIntended => Self::ContactIntended(None),
            Kind::ContactCreated => Self::ContactCreated(value?.to_owned()),
            Kind::ContactTurnedAway => Self::ContactTurnedAway,
            Kind::ContactUnanswered => Self::ContactUnanswered,
            Kind::ContactDoubted => Self::ContactDoubted(code?, detail()),
            Kind::ContactExisted => Self::ContactExisted(detail()),
            Kind::ContactFailed => Self::ContactFailed(code?, detail()),
            Kind::SmsDeferred => Self::TextDeferred,
            Kind::SmsDropped => Self::TextDropped(code?),
            Kind::SmsRemade => Self::TextRemade(Box::default()),
            Kind::SmsIntended => Self::TextIntended,
            Kind::SmsAccepted => Self::TextAccepted(value.map(ToOwned::to_owned)),
            Kind::SmsTurnedAway => Self::TextTurnedAway,
            Kind::SmsUnanswered => Self::TextUnanswered,
            Kind::SmsDoubted => Self::TextDoubted(code?, detail()),
            Kind::SmsFailed => Self::TextFailed(detail()),
            Kind::Reopened => Self::Reopened,
            Kind::SettledSent => Self::Settled(Verdict::Sent, id),
            Kind::SettledNotSent => Self::Settled(Verdict::NotSent, id),
            Kind::SettledRetry => Self::Settled(Verdict::Retry, id),
        })
    }

    /// An entry of this name, to see where it leads, which hangs on its name alone; what it carries is made up.
    #[must_use]
    pub fn of_kind(kind: &str) -> Option<Self> {
        let (code, value) = (Some(Code::RunStopped), Some("1970-01-01T00:00:00Z".into()));
        Self::read(CallbackId::from_bytes([0; 16]), kind, &Carried { code, detail: "", value })
    }

    /// One entry of every name; what they carry is made up.
    pub fn of_each_kind() -> impl Iterator<Item = Self> {
        Kind::VARIANTS.iter().filter_map(|&kind| Self::of_kind(kind.into()))
    }
}

impl Verdict {
    fn written(self) -> (Kind, Carried<'static>) {
        let (kind, code, detail) = match self {
            Self::Sent => (Kind::SettledSent, None, "a person found that it was sent"),
            Self::NotSent => {
                let words = "a person found that it was not sent, and it is not to be";
                (Kind::SettledNotSent, Some(Code::SettleNotSent), words)
            }
            Self::Retry => (Kind::SettledRetry, None, "a person found that it was not sent; the next run sends it"),
        };
        (kind, Carried { code, detail, value: None })
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
        for entry in &entries {
            let (kind, carried) = entry.written();
            assert_eq!(Entry::read(id, kind, &carried).as_ref(), Some(entry), "{entry:?}");
            assert_eq!(Entry::of_kind(entry.name()).expect("is known").name(), entry.name());
        }
        let of_each_kind: Vec<Entry> = Entry::of_each_kind().collect();
        let names: Vec<&str> = of_each_kind.iter().map(Entry::name).collect();
        assert_eq!(names.len(), Kind::VARIANTS.len());
        let mut written: Vec<&str> = entries.iter().map(Entry::name).collect();
        written.dedup();
        assert_eq!(names, written);
        assert_eq!(Entry::read(id, "placed", &Carried::default()), None);
        assert_eq!(Entry::read(id, "dreamt", &Carried::default()), None);
    }
}
