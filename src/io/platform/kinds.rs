//! The kinds of back ends that each role may have, by the words of the settings.

use std::rc::Rc;

use strum::{EnumString, IntoStaticStr, VariantNames};

use crate::domain::abilities::{Abilities, Repeat};

use super::http::HttpSettings;
use super::v2::{self, V2};
use super::{Capacity, Contacts, Platform, Texts};

/// Who may know the hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum CapacityKind {
    /// The contract `v2`.
    V2,
}

/// Who may create contacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum ContactsKind {
    /// The contract `v2`.
    V2,
}

/// Who may send texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum TextsKind {
    /// The contract `v2`.
    V2,
}

/// The kind of each role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kinds {
    /// Who knows the hours.
    pub capacity: CapacityKind,
    /// Who creates contacts.
    pub contacts: ContactsKind,
    /// Who sends texts.
    pub texts: TextsKind,
}

/// What the back ends are made of.
#[derive(Clone, Debug)]
pub struct Access {
    /// Where a platform with the contract `v2` is, `https://…` or `http://…` of this machine.
    pub base_url: String,
    /// Who asks there.
    pub credentials: v2::Credentials,
    /// How it is reached.
    pub http: HttpSettings,
}

impl ContactsKind {
    /// What it can do with contacts, where the settings say so of their ids.
    #[must_use]
    pub fn abilities(self, repeat: Repeat) -> Abilities {
        match self {
            Self::V2 => v2::abilities(repeat),
        }
    }
}

impl Kinds {
    /// Prepares the back ends; nothing is sent. The error says what is wrong with the address, the proxy or the
    /// certificates.
    pub fn connect(self, access: Access) -> Result<Platform<'static>, String> {
        let v2 = Rc::new(V2::new(&access.base_url, access.credentials, access.http)?);
        let capacity: Rc<dyn Capacity> = match self.capacity {
            CapacityKind::V2 => v2.clone(),
        };
        let contacts: Rc<dyn Contacts> = match self.contacts {
            ContactsKind::V2 => v2.clone(),
        };
        let texts: Rc<dyn Texts> = match self.texts {
            TextsKind::V2 => v2,
        };
        Ok(Platform { capacity, contacts, texts })
    }
}
