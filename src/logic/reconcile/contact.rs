//! The contacts that the platform says it has.

use std::ops::Range;

use hashbrown::HashMap;

use crate::domain::callback::{CallbackId, RowNumber};
use crate::domain::interned::{CampaignNo, Names};
use crate::domain::phone::E164;
use crate::domain::time::Timestamp;
use crate::domain::window::Window;

/// Characters of a UUID as contacts carry it.
const UUID_CHARACTERS: usize = 36;

/// The id of a contact: a UUID however its letters are written, or the platform's own name to the letter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContactKey {
    /// A UUID. Those that ringback sent are callback ids.
    Uuid(CallbackId),
    /// Whatever else stands there; empty where nothing does.
    Other(Box<str>),
}

impl ContactKey {
    /// The key that a text spells.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let uuid = uuid::Uuid::try_parse(text).ok().filter(|_| text.len() == UUID_CHARACTERS);
        uuid.map_or_else(|| Self::Other(text.into()), |uuid| Self::Uuid(CallbackId::from_bytes(*uuid.as_bytes())))
    }

    /// The id as a file carries it.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Uuid(id) => id.to_string(),
            Self::Other(text) => text.to_string(),
        }
    }

    /// Whether nothing stands there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Other(text) if text.is_empty())
    }
}

/// One contact. There may be millions.
#[derive(Clone, Debug)]
pub struct Contact {
    /// Its id.
    pub key: ContactKey,
    /// Whom it calls; `None` where that could not be read.
    pub phone: Option<E164>,
    /// By which campaign, by its number in the export; the empty word where it names none.
    pub campaign: CampaignNo,
    /// When; `None` where that could not be read.
    pub at: Option<Timestamp>,
    /// Where it stands in the platform's export.
    pub row: RowNumber,
}

/// What a contact is held against.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// Who is to be called.
    pub phone: E164,
    /// When that was asked for.
    pub window: Window,
    /// By which campaign.
    pub campaign: &'a str,
    /// The dispatch time, where there is one.
    pub dispatch_at: Option<Timestamp>,
}

/// All contacts of the platform's export, in the order of their ids.
#[derive(Clone, Debug, Default)]
pub struct Contacts {
    list: Vec<Contact>,
    campaigns: Names,
    faults: HashMap<RowNumber, Box<str>>,
}

impl Contacts {
    /// Puts contacts in order. `faults` says of some rows why a field of theirs could not be read.
    #[must_use]
    pub fn new(mut list: Vec<Contact>, campaigns: Names, faults: HashMap<RowNumber, Box<str>>) -> Self {
        list.sort_unstable_by(|one, other| (&one.key, one.row).cmp(&(&other.key, other.row)));
        Self { list, campaigns, faults }
    }

    /// All of them, in their order.
    #[must_use]
    pub fn all(&self) -> &[Contact] {
        &self.list
    }

    /// The places of those with this id.
    #[must_use]
    pub fn with(&self, key: &ContactKey) -> Range<usize> {
        if key.is_empty() {
            return 0..0;
        }
        let first = self.list.partition_point(|contact| contact.key < *key);
        let count = self.list[first..].iter().take_while(|contact| contact.key == *key).count();
        first..first + count
    }

    /// The name of a contact's campaign.
    #[must_use]
    pub fn campaign(&self, contact: &Contact) -> &str {
        self.campaigns.word(contact.campaign.0)
    }

    /// Why a field of a contact could not be read; empty where all could.
    #[must_use]
    pub fn fault(&self, contact: &Contact) -> &str {
        self.faults.get(&contact.row).map_or("", |words| words)
    }

    /// How many seconds a contact is from the time of a callback of the same phone and campaign, where it lies in
    /// its window or is for its very time; `None` where it is not for this callback.
    #[must_use]
    pub fn distance(&self, contact: &Contact, wish: &Wish<'_>) -> Option<u64> {
        let at = contact.at.filter(|_| contact.phone == Some(wish.phone))?;
        let from_time = wish.dispatch_at.map(|time| at.since(time).unsigned_abs());
        let fits = wish.window.interval().contains(at) || from_time == Some(0);
        (fits && self.campaign(contact) == wish.campaign).then(|| from_time.unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_same_in_capitals_and_names_are_taken_to_the_letter() {
        let id = "194c33ee-72c2-591b-92ab-b071e07b2a7f";
        assert_eq!(ContactKey::of(id), ContactKey::of(&id.to_uppercase()));
        assert_eq!(ContactKey::of(&id.to_uppercase()).text(), id);
        for name in ["C-1", "", "194c33ee72c2591b92abb071e07b2a7f", "{194c33ee-72c2-591b-92ab-b071e07b2a7f}"] {
            assert_eq!(ContactKey::of(name), ContactKey::Other(name.into()), "{name}");
        }
        assert_ne!(ContactKey::of("C-1"), ContactKey::of("c-1"));
    }

    #[test]
    fn contacts_are_found_by_id_all_of_them_and_never_by_none() {
        let contact = |id: &str, line| Contact {
            key: ContactKey::of(id),
            phone: None,
            campaign: CampaignNo(0),
            at: None,
            row: RowNumber::new(0, line),
        };
        let list = vec![contact("b", 4), contact("", 3), contact("a", 2), contact("b", 1), contact("", 5)];
        let contacts = Contacts::new(list, Names::default(), HashMap::new());
        let lines = |id: &str| {
            contacts.all()[contacts.with(&ContactKey::of(id))].iter().map(|one| one.row.line()).collect::<Vec<_>>()
        };
        assert_eq!((lines("a"), lines("b"), lines("c"), lines("")), (vec![2], vec![1, 4], vec![], vec![]));
    }
}
