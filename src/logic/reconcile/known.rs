//! A callback of the ledger, and what it lets one expect on the platform.

use crate::domain::callback::CallbackId;
use crate::domain::outcome::Standing;
use crate::domain::phone::E164;
use crate::domain::progress::Progress;
use crate::domain::window::Window;

use super::contact::{Contact, ContactKey, Contacts, Wish};
use super::finding::Kind;

/// A callback as the ledger knows it.
#[derive(Clone, Debug)]
pub struct Known {
    /// Its business key.
    pub id: CallbackId,
    /// Who is to be called.
    pub phone: E164,
    /// When that was asked for.
    pub window: Window,
    /// By which campaign.
    pub campaign: String,
    /// What became of it.
    pub standing: Standing,
}

/// Whether a contact is to be found on the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// It was created.
    Created,
    /// Nobody knows, and a person is to find out.
    Doubted,
    /// A request may have been carried out, and the next run sees to it.
    Open,
    /// It was never created.
    Nothing,
}

impl Known {
    /// Whether its contact is to be found on the platform.
    #[must_use]
    pub fn expected(&self) -> Expected {
        match self.standing.progress {
            Progress::Contacted
            | Progress::TextWaiting
            | Progress::TextInFlight { .. }
            | Progress::TextOpen
            | Progress::TextDoubted
            | Progress::TextFailed
            | Progress::Confirmed
            | Progress::Scheduled => Expected::Created,
            Progress::ContactDoubted => Expected::Doubted,
            Progress::ContactInFlight { .. } | Progress::ContactOpen => Expected::Open,
            Progress::Pending | Progress::ContactOwed | Progress::ContactFailed | Progress::Expired => {
                Expected::Nothing
            }
        }
    }

    /// The word by which the ledger's state is told.
    #[must_use]
    pub fn status(&self) -> &'static str {
        self.standing.status(self.standing.run).as_str()
    }

    /// The ids under which the platform may have its contact: the one that it gave, and the one that it was sent.
    #[must_use]
    pub fn keys(&self) -> (ContactKey, Option<ContactKey>) {
        let sent = ContactKey::Uuid(self.id);
        let given = self.standing.contact_id.as_deref().map(ContactKey::of).filter(|given| *given != sent);
        (sent, given)
    }

    /// What a contact is held against.
    #[must_use]
    pub fn wish(&self) -> Wish<'_> {
        let Self { phone, window, ref campaign, ref standing, .. } = *self;
        Wish { phone, window, campaign, dispatch_at: standing.dispatch_at }
    }

    /// In what a contact of its own differs from it.
    #[must_use]
    pub fn differences(&self, contact: &Contact, contacts: &Contacts) -> Vec<Kind> {
        let time = self.standing.dispatch_at.is_some() && contact.at != self.standing.dispatch_at;
        let phone = contact.phone != Some(self.phone);
        let campaign = contacts.campaign(contact) != self.campaign;
        let all = [(time, Kind::TimeDiffers), (phone, Kind::PhoneDiffers), (campaign, Kind::CampaignDiffers)];
        all.into_iter().filter(|(differs, _)| *differs).map(|(_, kind)| kind).collect()
    }
}
