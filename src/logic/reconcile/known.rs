//! A callback of the ledger, and what it lets one expect on the platform.

use crate::domain::callback::{CallbackId, RunId};
use crate::domain::outcome::{Standing, Status};
use crate::domain::phone::E164;
use crate::domain::presence::Presence;
use crate::domain::progress::Progress;
use crate::domain::time::Timestamp;
use crate::domain::window::Window;

use super::contact::{Contact, ContactKey, Contacts, Wish};
use super::finding::Kind;

/// A callback as the ledger knows it, as far as it is compared. There may be millions.
#[derive(Clone, Debug)]
pub struct Known {
    /// Its business key.
    pub id: CallbackId,
    /// Who is to be called.
    pub phone: E164,
    /// When that was asked for.
    pub window: Window,
    /// By which campaign.
    pub campaign: Box<str>,
    /// The dispatch time, where there is one. Of a contact that was there before the ledger nobody here knows it.
    pub dispatch_at: Option<Timestamp>,
    /// How far it has come.
    progress: Progress,
    /// The same in the word that files carry.
    pub status: Status,
    /// The id that the platform gave its contact, where that is not the one that it was sent.
    given: Option<ContactKey>,
    /// The run that brought it to where it stands.
    pub run: RunId,
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
    /// A callback of the ledger: its key, what was asked for, and what became of it.
    #[must_use]
    pub fn new(id: CallbackId, wish: &Wish<'_>, standing: &Standing) -> Self {
        let given = standing.contact_id.as_deref().map(ContactKey::of);
        Self {
            id,
            phone: wish.phone,
            window: wish.window,
            campaign: wish.campaign.into(),
            dispatch_at: standing.told_dispatch_at(),
            progress: standing.progress,
            status: standing.status(standing.run),
            given: given.filter(|given| *given != ContactKey::Uuid(id)),
            run: standing.run,
        }
    }

    /// Whether its contact is to be found on the platform.
    #[must_use]
    pub fn expected(&self) -> Expected {
        match Presence::of(self.progress) {
            Presence::There => Expected::Created,
            Presence::Perhaps if self.progress == Progress::ContactDoubted => Expected::Doubted,
            Presence::Perhaps => Expected::Open,
            Presence::Absent => Expected::Nothing,
        }
    }

    /// The ids under which the platform may have its contact: the one that it was sent, and the one that it gave.
    #[must_use]
    pub fn keys(&self) -> (ContactKey, Option<&ContactKey>) {
        (ContactKey::Uuid(self.id), self.given.as_ref())
    }

    /// What a contact is held against.
    #[must_use]
    pub fn wish(&self) -> Wish<'_> {
        let Self { phone, window, ref campaign, dispatch_at, .. } = *self;
        Wish { phone, window, campaign, dispatch_at }
    }

    /// In what a contact of its own differs from it. What of it could not be read differs.
    #[must_use]
    pub fn differences(&self, contact: &Contact, contacts: &Contacts) -> Vec<Kind> {
        let time = contact.at.is_none() || (self.dispatch_at.is_some() && contact.at != self.dispatch_at);
        let phone = contact.phone != Some(self.phone);
        let campaign = contacts.campaign(contact) != &*self.campaign;
        let all = [(time, Kind::TimeDiffers), (phone, Kind::PhoneDiffers), (campaign, Kind::CampaignDiffers)];
        all.into_iter().filter(|(differs, _)| *differs).map(|(_, kind)| kind).collect()
    }
}
