//! How far a callback has come, and the one function by which it goes on.
//!
//! The ledger writes entries with [`Progress::next`] and recovers with the same function: a step that it
//! does not allow is an error, never a guess. An intent is written before its request leaves, so that after
//! a crash the worst that is believed is the worst that can have happened.

use strum::{EnumCount, EnumString, IntoStaticStr, VariantArray};

use super::entry::{Entry, Verdict};
use super::reply::Step;

/// How far a callback has come. The ledger keeps it under a name: a promise to those who read its tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, EnumCount, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Progress {
    /// Nothing was created, as far as is known for sure.
    #[default]
    Pending,
    /// A contact request is on its way, or was when the process died.
    ContactInFlight,
    /// The same, and an earlier request may have been carried out.
    ContactInFlightAgain,
    /// A contact request may have been carried out; the same bytes may be sent again.
    ContactOpen,
    /// The contact may or may not exist: a person decides.
    #[strum(serialize = "in_doubt")]
    ContactDoubted,
    /// A person has found that the contact does not exist, and it is to be created after all.
    ContactOwed,
    /// The contact is there, its text is owed.
    Contacted,
    /// The contact is there, its text waits for texting hours.
    #[strum(serialize = "sms_waiting")]
    TextWaiting,
    /// A text request is on its way, or was when the process died.
    #[strum(serialize = "sms_in_flight")]
    TextInFlight,
    /// The same, and an earlier request may have been carried out.
    #[strum(serialize = "sms_in_flight_again")]
    TextInFlightAgain,
    /// A text request may have been carried out; the settings allow a second one.
    #[strum(serialize = "sms_open")]
    TextOpen,
    /// The text may or may not have gone out: a person decides.
    #[strum(serialize = "sms_in_doubt")]
    TextDoubted,
    /// The contact is there, the text was refused.
    #[strum(serialize = "sms_failed")]
    TextFailed,
    /// The contact is there, the text was accepted.
    Confirmed,
    /// The contact is there, and no text on purpose.
    Scheduled,
    /// The contact will not be created unless somebody asks again.
    #[strum(serialize = "failed")]
    ContactFailed,
    /// The window closed before the contact could be created.
    Expired,
}

/// Whether an earlier request of ours may have been carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Earlier {
    /// No earlier one, or all were turned away for certain.
    None,
    /// One got no answer, or an answer that leaves it open.
    Open,
}

/// An entry that does not follow from the progress made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the ledger holds a callback at {progress:?}, which {entry} cannot follow")]
pub struct OutOfOrder {
    /// Where the callback stood.
    pub progress: Progress,
    /// The name of the entry that came.
    pub entry: &'static str,
}

impl Progress {
    /// Every progress.
    pub const ALL: [Self; Self::COUNT] = *Self::VARIANTS.first_chunk().expect("as many as were counted");

    /// Where the entry leads from here. Live writing and recovery go through this one function.
    pub fn next(self, entry: &Entry) -> Result<Self, OutOfOrder> {
        // Every entry stands here, so that a new one does not build before somebody has said where it leads.
        let towards = match entry {
            Entry::Enrolled | Entry::Placed(_) | Entry::Left(..) | Entry::Expired(..) => self.before_contact(entry),
            Entry::ContactIntended(_)
            | Entry::ContactCreated(_)
            | Entry::ContactTurnedAway
            | Entry::ContactUnanswered
            | Entry::ContactDoubted(..)
            | Entry::ContactExisted(_)
            | Entry::ContactFailed(..) => self.through_contact(entry),
            Entry::TextDeferred
            | Entry::TextDropped(_)
            | Entry::TextRemade(_)
            | Entry::TextIntended
            | Entry::TextAccepted(_)
            | Entry::TextTurnedAway
            | Entry::TextUnanswered
            | Entry::TextDoubted(..)
            | Entry::TextFailed(_) => self.through_text(entry),
            Entry::Reopened | Entry::Settled(..) => self.by_a_person(entry),
        };
        towards.ok_or(OutOfOrder { progress: self, entry: entry.name() })
    }

    fn before_contact(self, entry: &Entry) -> Option<Self> {
        match (self, entry) {
            (Self::Pending | Self::ContactOwed | Self::ContactFailed | Self::Expired, Entry::Enrolled)
            | (Self::Pending, Entry::Placed(_)) => Some(Self::Pending),
            (Self::Pending, Entry::Expired(..)) => Some(Self::Expired),
            // What is owed or open stays so; the entry only says why the run left it there.
            (
                Self::Pending
                | Self::ContactOpen
                | Self::ContactOwed
                | Self::Contacted
                | Self::TextWaiting
                | Self::TextOpen,
                Entry::Left(..),
            ) => Some(self),
            (Self::ContactInFlight | Self::ContactInFlightAgain, Entry::Left(..)) => Some(Self::ContactOpen),
            (Self::TextInFlight | Self::TextInFlightAgain, Entry::Left(..)) => Some(Self::TextOpen),
            _ => None,
        }
    }

    fn through_contact(self, entry: &Entry) -> Option<Self> {
        match (self, entry) {
            (Self::Pending | Self::ContactOwed, Entry::ContactIntended(_)) => Some(Self::ContactInFlight),
            // A request in flight when the process died may have been carried out.
            (Self::ContactOpen | Self::ContactInFlight | Self::ContactInFlightAgain, Entry::ContactIntended(_)) => {
                Some(Self::ContactInFlightAgain)
            }
            (Self::ContactInFlight | Self::ContactInFlightAgain, Entry::ContactCreated(_)) => Some(Self::Contacted),
            (Self::ContactInFlight, Entry::ContactTurnedAway) => Some(Self::Pending),
            (Self::ContactInFlightAgain, Entry::ContactTurnedAway)
            | (Self::ContactInFlight | Self::ContactInFlightAgain, Entry::ContactUnanswered) => Some(Self::ContactOpen),
            // One that is pending or owed may have been created too, where the ledger was restored from a copy.
            (
                Self::Pending
                | Self::ContactInFlight
                | Self::ContactInFlightAgain
                | Self::ContactOpen
                | Self::ContactOwed,
                Entry::ContactDoubted(..),
            ) => Some(Self::ContactDoubted),
            // After an earlier request too: a ledger that is not known to hold all cannot tell whose contact it is.
            (Self::ContactInFlight | Self::ContactInFlightAgain, Entry::ContactExisted(_)) => Some(Self::TextDoubted),
            // A refusal says nothing of an earlier request that may have been carried out.
            (Self::Pending | Self::ContactInFlight, Entry::ContactFailed(..)) => Some(Self::ContactFailed),
            _ => None,
        }
    }

    /// Where a person leads, who asks for what was refused, or has looked up what is in doubt.
    fn by_a_person(self, entry: &Entry) -> Option<Self> {
        use Verdict::{NotSent, Retry, Sent};
        match (self, entry) {
            (Self::ContactFailed, Entry::Reopened) => Some(Self::Pending),
            (Self::TextFailed, Entry::Reopened)
            | (Self::ContactDoubted, Entry::Settled(Sent, _))
            | (Self::TextDoubted, Entry::Settled(Retry, _)) => Some(Self::Contacted),
            (Self::ContactDoubted, Entry::Settled(NotSent, _)) => Some(Self::ContactFailed),
            (Self::ContactDoubted, Entry::Settled(Retry, _)) => Some(Self::ContactOwed),
            (Self::TextDoubted, Entry::Settled(Sent, _)) => Some(Self::Confirmed),
            (Self::TextDoubted, Entry::Settled(NotSent, _)) => Some(Self::TextFailed),
            _ => None,
        }
    }

    fn through_text(self, entry: &Entry) -> Option<Self> {
        match (self, entry) {
            (Self::Contacted | Self::TextWaiting, Entry::TextDeferred) => Some(Self::TextWaiting),
            (Self::Contacted | Self::TextWaiting, Entry::TextDropped(_)) => Some(Self::Scheduled),
            (Self::Contacted | Self::TextWaiting, Entry::TextIntended) => Some(Self::TextInFlight),
            (Self::TextOpen | Self::TextInFlight | Self::TextInFlightAgain, Entry::TextIntended) => {
                Some(Self::TextInFlightAgain)
            }
            (Self::TextInFlight | Self::TextInFlightAgain, Entry::TextAccepted(_)) => Some(Self::Confirmed),
            (Self::Contacted | Self::TextWaiting, Entry::TextRemade(_))
            | (Self::TextInFlight, Entry::TextTurnedAway) => Some(Self::Contacted),
            (Self::TextInFlightAgain, Entry::TextTurnedAway)
            | (Self::TextInFlight | Self::TextInFlightAgain, Entry::TextUnanswered) => Some(Self::TextOpen),
            // One that is owed may have gone out too, where the ledger was restored from a copy.
            (
                Self::Contacted | Self::TextWaiting | Self::TextInFlight | Self::TextInFlightAgain | Self::TextOpen,
                Entry::TextDoubted(..),
            ) => Some(Self::TextDoubted),
            (Self::TextInFlight, Entry::TextFailed(_)) => Some(Self::TextFailed),
            _ => None,
        }
    }

    /// The step that a run owes it and that nobody has to ask for.
    #[must_use]
    pub fn owed(self) -> Option<Step> {
        match self {
            Self::Pending
            | Self::ContactInFlight
            | Self::ContactInFlightAgain
            | Self::ContactOpen
            | Self::ContactOwed => Some(Step::Contact),
            Self::Contacted | Self::TextWaiting | Self::TextInFlight | Self::TextInFlightAgain | Self::TextOpen => {
                Some(Step::Text)
            }
            Self::ContactDoubted
            | Self::ContactFailed
            | Self::TextDoubted
            | Self::TextFailed
            | Self::Confirmed
            | Self::Scheduled
            | Self::Expired => None,
        }
    }

    /// Whether a run owes it something that nobody has to ask for.
    #[must_use]
    pub fn is_unfinished(self) -> bool {
        self.owed().is_some()
    }

    /// Whether nothing is left to be done for it, by a run or by a person, unless somebody asks for it.
    #[must_use]
    pub fn is_closed(self) -> bool {
        match self {
            Self::Confirmed | Self::Scheduled | Self::ContactFailed | Self::Expired => true,
            Self::Pending
            | Self::ContactInFlight
            | Self::ContactInFlightAgain
            | Self::ContactOpen
            | Self::ContactDoubted
            | Self::ContactOwed
            | Self::Contacted
            | Self::TextWaiting
            | Self::TextInFlight
            | Self::TextInFlightAgain
            | Self::TextOpen
            | Self::TextDoubted
            | Self::TextFailed => false,
        }
    }

    /// Whether the platform may call at its dispatch time, so that it counts among those of that time.
    #[must_use]
    pub fn takes_a_slot(self) -> bool {
        !matches!(self, Self::ContactFailed | Self::Expired)
    }

    /// The name under which the ledger keeps it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The progress that the ledger keeps under this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        name.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::callback::CallbackId;
    use crate::domain::code::Code;
    use crate::domain::time::Timestamp;

    fn check(entries: &[Entry], ends: Option<Progress>) {
        let walked = entries.iter().try_fold(Progress::Pending, Progress::next);
        assert_eq!(walked.ok(), ends, "{entries:?}");
    }

    #[test]
    fn the_ways_of_a_callback() {
        use Entry::{
            ContactCreated, ContactDoubted, ContactExisted, ContactFailed, ContactIntended, ContactTurnedAway,
            ContactUnanswered, Enrolled, Expired, Left, Placed, TextAccepted, TextDoubted, TextDropped, TextFailed,
            TextIntended, TextTurnedAway, TextUnanswered,
        };
        let at = Placed(Timestamp::from_unix(0));
        let (created, accepted) = (ContactCreated(String::new()), TextAccepted(None));
        let existed = ContactExisted(String::new());
        let doubted = TextDoubted(Code::SmsNoAnswer, String::new());
        let sent = ContactIntended(None);
        check(
            &[Enrolled, at.clone(), sent.clone(), created.clone(), TextIntended, accepted.clone()],
            Some(Progress::Confirmed),
        );
        check(
            &[sent.clone(), created.clone(), TextIntended, TextTurnedAway, TextIntended, accepted],
            Some(Progress::Confirmed),
        );
        check(&[sent.clone(), created.clone(), TextIntended, doubted.clone()], Some(Progress::TextDoubted));
        check(&[sent.clone(), created.clone(), doubted], Some(Progress::TextDoubted));
        check(&[sent.clone(), created.clone(), TextDropped(Code::SmsTooLate)], Some(Progress::Scheduled));
        check(&[sent.clone(), ContactTurnedAway, at.clone()], Some(Progress::Pending));
        check(&[sent.clone(), ContactUnanswered, sent.clone(), ContactTurnedAway], Some(Progress::ContactOpen));
        check(&[sent.clone(), existed.clone()], Some(Progress::TextDoubted));
        check(&[sent.clone(), sent.clone(), existed], Some(Progress::TextDoubted));
        check(&[sent.clone(), sent.clone(), created.clone()], Some(Progress::Contacted));
        check(&[sent.clone(), ContactDoubted(Code::ContactNoAnswer, String::new())], Some(Progress::ContactDoubted));
        check(&[sent.clone(), Left(Code::RunStopped, String::new())], Some(Progress::ContactOpen));
        let second = [sent.clone(), created.clone(), TextIntended, TextUnanswered, TextIntended];
        check(&[&second[..], &[TextTurnedAway]].concat(), Some(Progress::TextOpen));
        // What would lose or repeat something is refused.
        check(&[&second[..], &[TextFailed(String::new())]].concat(), None);
        check(
            &[sent.clone(), ContactUnanswered, sent.clone(), ContactFailed(Code::PlatformRefused, String::new())],
            None,
        );
        check(std::slice::from_ref(&created), None);
        check(&[TextIntended], None);
        check(&[sent.clone(), at], None);
        check(&[sent.clone(), Enrolled], None);
        check(&[sent.clone(), Expired(Code::WindowPast, String::new())], None);
        check(&[sent.clone(), created.clone(), sent], None);
        check(&[ContactIntended(None), created, TextIntended, Enrolled], None);
    }

    #[test]
    fn a_person_decides_what_is_in_doubt_and_nothing_else() {
        let id = CallbackId::from_bytes([7; 16]);
        let settled = |progress: Progress| {
            [Verdict::Sent, Verdict::NotSent, Verdict::Retry]
                .map(|verdict| progress.next(&Entry::Settled(verdict, id)).ok())
        };
        let contact = [Progress::Contacted, Progress::ContactFailed, Progress::ContactOwed];
        let text = [Progress::Confirmed, Progress::TextFailed, Progress::Contacted];
        for progress in Progress::ALL {
            let expected = if progress == Progress::ContactDoubted {
                contact.map(Some)
            } else if progress == Progress::TextDoubted {
                text.map(Some)
            } else {
                [None; 3]
            };
            assert_eq!(settled(progress), expected, "{progress:?}");
        }
        let owed = [
            Entry::ContactIntended(None),
            Entry::ContactDoubted(Code::ContactNoAnswer, String::new()),
            Entry::Settled(Verdict::Retry, id),
        ];
        let sent = Progress::ContactInFlight;
        check(&[&owed[..], &[Entry::ContactIntended(None)]].concat(), Some(sent));
        check(&[&owed[..], &[Entry::Enrolled]].concat(), Some(Progress::Pending));
        check(&[&owed[..], &[Entry::Left(Code::RunLate, String::new())]].concat(), Some(Progress::ContactOwed));
        check(&[&owed[..], &[Entry::ContactCreated(String::new())]].concat(), None);
        check(&[&owed[..], &[Entry::TextIntended]].concat(), None);
    }

    #[test]
    fn names_and_progress_are_one_to_one() {
        for progress in Progress::ALL {
            assert_eq!(Progress::from_name(progress.name()), Some(progress));
        }
    }
}
