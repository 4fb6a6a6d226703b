//! Whether a customer's contact is on the platform: what a person asks before they call by hand.

use super::outcome::{Standing, Status};
use super::progress::Progress;
use super::time::Timestamp;

/// Whether the contact of a callback is on the platform.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Presence {
    /// It is not, as far as is known.
    #[default]
    Absent,
    /// A request for it left, and what became of it is not known.
    Perhaps,
    /// It is: the customer will be called.
    There,
}

impl Presence {
    /// Of a callback that has come so far.
    #[must_use]
    pub fn of(progress: Progress) -> Self {
        match progress {
            Progress::Pending | Progress::ContactOwed | Progress::ContactFailed | Progress::Expired => Self::Absent,
            Progress::ContactInFlight
            | Progress::ContactInFlightAgain
            | Progress::ContactOpen
            | Progress::ContactDoubted => Self::Perhaps,
            Progress::Contacted
            | Progress::TextWaiting
            | Progress::TextInFlight
            | Progress::TextInFlightAgain
            | Progress::TextOpen
            | Progress::TextDoubted
            | Progress::TextFailed
            | Progress::Confirmed
            | Progress::Scheduled => Self::There,
        }
    }
}

impl Standing {
    /// When the platform is to dial, as it is told; `None` of a contact that was there before this ledger: its time is
    /// not known here, though ledgers of version 0.1 keep the one that they had planned.
    #[must_use]
    pub fn told_dispatch_at(&self) -> Option<Timestamp> {
        let existed = self.contact_at.is_none() && Presence::of(self.progress) == Presence::There;
        self.dispatch_at.filter(|_| !existed)
    }
}

/// Pending rows whose customers are called all the same, or may be: the contact was made, and its text is owed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PendingContacts {
    /// Those whose contact is on the platform.
    pub there: u64,
    /// Those whose contact may be.
    pub perhaps: u64,
}

impl PendingContacts {
    /// Counts a callback by where it stands, if it is pending.
    pub fn count(&mut self, standing: &Standing) {
        if Status::of(standing.progress) != Status::Pending {
            return;
        }
        match Presence::of(standing.progress) {
            Presence::Absent => {}
            Presence::Perhaps => self.perhaps += 1,
            Presence::There => self.there += 1,
        }
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { there: self.there + other.there, perhaps: self.perhaps + other.perhaps }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::callback::RunId;

    #[test]
    fn a_pending_callback_whose_request_has_left_may_be_called() {
        let mut contacts = PendingContacts::default();
        for progress in Progress::ALL {
            contacts.count(&Standing { progress, ..Standing::untouched(RunId(uuid::Uuid::nil())) });
        }
        // In flight, the first time or again, and open: of a contact; contacted, and the same of a text.
        assert_eq!(contacts, PendingContacts { there: 4, perhaps: 3 });
    }

    #[test]
    fn the_time_of_a_contact_that_existed_before_is_not_told() {
        let (at, created) = (Some(Timestamp::from_unix(7)), Some(Timestamp::EPOCH));
        let told = |progress, contact_at| {
            let untouched = Standing::untouched(RunId(uuid::Uuid::nil()));
            Standing { progress, contact_at, dispatch_at: at, ..untouched }.told_dispatch_at()
        };
        for progress in [Progress::TextDoubted, Progress::TextFailed, Progress::Confirmed] {
            assert_eq!((told(progress, None), told(progress, created)), (None, at), "{progress:?}");
        }
        assert_eq!((told(Progress::Pending, None), told(Progress::ContactDoubted, None)), (at, at));
    }
}
