//! The second walk through the ledger: what was found of each callback, and at its end of all that is left.

use hashbrown::HashSet;

use crate::domain::phone::E164;

use super::contact::{Contact, ContactKey, Contacts};
use super::finding::{About, Conclusion, Finding, How, Kind, Scope};
use super::known::{Expected, Known};
use super::pairs::{Deferred, most, pair_up};
use super::survey::{Claim, Sides};
use super::wanted::Wanted;

/// Phones, to ask whether one is among them.
pub(super) type Phones = HashSet<E164, foldhash::fast::RandomState>;

/// The second walk through the ledger.
#[derive(Debug)]
pub struct Reconciler<'a> {
    sides: Sides<'a>,
    /// Phones of contacts that nobody knows by their ids.
    strangers: Phones,
    /// The callbacks of these phones.
    deferred: Vec<Deferred>,
}

/// The contacts of a callback.
#[derive(Clone, Debug, Default)]
pub(super) struct Held {
    /// The one that is its own, and how it was found.
    pub(super) own: Option<(usize, How)>,
    /// The others.
    pub(super) again: Vec<(usize, How)>,
}

/// A row that no run has taken up, and that has no contact: its place in the inputs, and among such rows.
#[derive(Clone, Copy, Debug)]
struct Lacking {
    row: u32,
    index: usize,
}

impl<'a> Reconciler<'a> {
    pub(super) fn new(sides: Sides<'a>, strangers: Phones) -> Self {
        Self { sides, strangers, deferred: Vec::new() }
    }

    /// The contacts, to which findings refer by place.
    #[must_use]
    pub fn contacts(&self) -> &Contacts {
        &self.sides.contacts
    }

    /// The inputs' callbacks, to which findings refer by place.
    #[must_use]
    pub fn wanted(&self) -> &Wanted<'a> {
        &self.sides.wanted
    }

    /// Callbacks of the inputs that the ledger rightly does not have, for no opening hour meets them.
    #[must_use]
    pub fn closed_rows(&self) -> u64 {
        self.sides.closed()
    }

    /// Says what was found of a callback of the ledger; `None` where that is known only at the end. Each must come
    /// that was surveyed, in the same order whenever the findings are to be the same.
    pub fn judge(&mut self, known: Known) -> Option<Conclusion> {
        let held = self.held(&known);
        if self.strangers.contains(&known.phone) {
            self.deferred.push(Deferred { known, held });
            return None;
        }
        Some(self.conclude(known, held))
    }

    /// Says what was found of all that is left: callbacks that strangers may belong to, rows that no run has taken
    /// up, and strangers, in the order of the platform's export.
    pub fn end<E>(&mut self, mut tell: impl FnMut(&Self, &Conclusion) -> Result<(), E>) -> Result<(), E> {
        let mut deferred = std::mem::take(&mut self.deferred);
        pair_up(&mut deferred, &mut self.sides);
        for Deferred { known, held } in deferred {
            tell(self, &self.conclude(known, held))?;
        }
        for conclusion in self.rows() {
            tell(self, &conclusion)?;
        }
        let mut left = self.sides.strangers();
        left.sort_unstable_by_key(|place| self.contact(*place).row);
        for place in left {
            let alone = Finding { kind: Kind::MissingInLedger, contact: Some((place, How::Id)) };
            tell(self, &Conclusion { about: About::Contact, findings: vec![alone] })?;
        }
        Ok(())
    }

    fn contact(&self, place: usize) -> &Contact {
        &self.sides.contacts.all()[place]
    }

    /// The contacts that a callback has by their ids. Of several the one that differs least is its own.
    fn held(&mut self, known: &Known) -> Held {
        let (sent, given) = known.keys();
        let mut places = self.sides.take(&sent);
        if let Some(given) = given {
            places.extend(self.sides.take(given));
        }
        let differences = |place: &usize| known.differences(self.contact(*place), &self.sides.contacts).len();
        places.sort_by_key(differences);
        let mut places = places.into_iter().map(|place| (place, How::Id));
        Held { own: places.next(), again: places.collect() }
    }

    fn conclude(&self, known: Known, held: Held) -> Conclusion {
        let scope = self.sides.scope(&known, || held.own.is_some());
        let mut findings = match held.own {
            Some(own) => self.of_contact(&known, own, scope),
            None => Self::of_none(&known, scope),
        };
        if let Scope::Run | Scope::Platform = scope {
            findings.push(Finding { kind: Kind::NotInInput, contact: held.own });
        }
        findings.extend(held.again.into_iter().map(twice));
        Conclusion { about: About::Callback(Box::new(known), scope), findings }
    }

    fn of_contact(&self, known: &Known, own: (usize, How), scope: Scope) -> Vec<Finding> {
        let of_kind = |kind| Finding { kind, contact: Some(own) };
        let differences = known.differences(self.contact(own.0), &self.sides.contacts).into_iter().map(of_kind);
        match known.expected() {
            Expected::Nothing => vec![of_kind(Kind::MissingInLedger)],
            Expected::Doubted => std::iter::once(of_kind(Kind::InDoubtFound)).chain(differences).collect(),
            Expected::Created | Expected::Open => {
                let mut findings: Vec<Finding> = differences.collect();
                if findings.is_empty() && matches!(scope, Scope::Input(_)) {
                    findings.push(of_kind(Kind::Matched));
                }
                findings
            }
        }
    }

    fn of_none(known: &Known, scope: Scope) -> Vec<Finding> {
        let of_kind = |kind| vec![Finding { kind, contact: None }];
        match (known.expected(), scope) {
            (Expected::Open | Expected::Nothing, _) | (_, Scope::Beyond) => Vec::new(),
            (Expected::Created, _) => of_kind(Kind::MissingOnPlatform),
            (Expected::Doubted, _) => of_kind(Kind::InDoubtAbsent),
        }
    }

    /// The rows that no run has taken up, with the contacts that bear their ids or fit them.
    fn rows(&mut self) -> Vec<Conclusion> {
        let unmet = self.sides.unmet();
        let mut contacts: Vec<Vec<(usize, How)>> = Vec::with_capacity(unmet.len());
        for (id, _) in &unmet {
            let places = self.sides.take(&ContactKey::Uuid(*id));
            contacts.push(places.into_iter().map(|place| (place, How::Id)).collect());
        }
        let lacking = (0..unmet.len()).filter(|index| contacts[*index].is_empty());
        let lacking = lacking.map(|index| Lacking { row: unmet[index].1, index });
        let mut lacking: Vec<Lacking> = lacking.collect();
        lacking.sort_by_key(|one| self.sides.wanted.callback(one.row).phone);
        for (place, index) in most(&self.sides, |place| self.fitting(place, &lacking)) {
            self.sides.claims[place] = Claim::Taken;
            contacts[index].push((place, How::Window));
        }
        unmet.iter().zip(contacts).map(|((_, row), contacts)| Self::row(*row, &contacts)).collect()
    }

    /// The rows that a stranger fits, of those that lack a contact; these are in the order of their phones.
    fn fitting(&self, place: usize, lacking: &[Lacking]) -> Vec<(u64, usize)> {
        let (contact, wanted) = (self.contact(place), &self.sides.wanted);
        let Some(phone) = contact.phone else { return Vec::new() };
        let first = lacking.partition_point(|one| wanted.callback(one.row).phone < phone);
        let of_phone = lacking[first..].iter().take_while(|one| wanted.callback(one.row).phone == phone);
        let fits = |one: &&Lacking| self.sides.contacts.distance(contact, &wanted.wish(one.row)).is_some();
        of_phone.filter(fits).map(|one| (0, one.index)).collect()
    }

    fn row(row: u32, contacts: &[(usize, How)]) -> Conclusion {
        let first = Finding { kind: Kind::MissingInLedger, contact: contacts.first().copied() };
        let again = contacts.iter().skip(1).copied().map(twice);
        Conclusion { about: About::Row(row), findings: std::iter::once(first).chain(again).collect() }
    }
}

/// One more contact of a callback that has one.
fn twice(contact: (usize, How)) -> Finding {
    Finding { kind: Kind::TwiceOnPlatform, contact: Some(contact) }
}
