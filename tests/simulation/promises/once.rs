//! Nothing happens twice, and what may have happened is only ever repeated to the byte.

use ringback::domain::callback::CallbackId;
use ringback::domain::language::LanguageTag;
use ringback::domain::reply::Step;
use ringback::domain::time::Timestamp;
use ringback::domain::zone::Zone;
use ringback::logic::retry::OnNoAnswer;
use ringback::logic::text::texter::Appointment;
use serde_json::Value;

use super::{Judge, Promise};
use crate::record::{Means, Record, Sent};
use crate::rules;

impl Judge<'_> {
    fn ids(&self) -> Vec<CallbackId> {
        self.record.book.callbacks.keys().copied().collect()
    }

    pub(super) fn one_contact(&mut self) {
        for id in self.ids() {
            let contacts = self.record.deeds(id, Step::Contact, u64::MAX);
            self.must(contacts <= 1, Promise::OneContact, || format!("{id}: {contacts} contacts"));
        }
    }

    /// After a text that went out, or may have, none leaves again; where somebody allows a second one, none
    /// after one that is known to have gone out.
    pub(super) fn one_text(&mut self) {
        let resend = self.record.scenario.settings.on_no_answer == OnNoAnswer::Resend;
        for id in self.ids() {
            let texts: Vec<&Sent> = self.record.of(id, Step::Text).collect();
            let Some((_, earlier)) = texts.split_last() else { continue };
            let ends = |text: &&&Sent| {
                let open = self.record.is_open(text) && !self.record.was_found_unsent(text);
                if resend { text.answer.means == Means::Done && !open } else { text.done || open }
            };
            let repeated = earlier.iter().find(ends).map(|text| text.at);
            self.must(repeated.is_none(), Promise::OneText, || format!("{id}: a text after that of {repeated:?}"));
        }
    }

    /// However many left, one arrived at most.
    pub(super) fn one_text_went_out(&mut self) {
        for id in self.ids() {
            let texts = self.record.deeds(id, Step::Text, u64::MAX);
            self.must(texts <= 1, Promise::OneText, || format!("{id}: {texts} texts"));
        }
    }

    pub(super) fn same_bytes(&mut self) {
        for id in self.ids() {
            let contacts: Vec<&Sent> = self.record.of(id, Step::Contact).collect();
            let open = |sent: &Sent| self.record.is_open(sent) && !self.record.was_found_unsent(sent);
            let first = contacts.iter().position(|sent| sent.done || open(sent));
            let Some(first) = first else { continue };
            let other = contacts[first..].iter().find(|sent| sent.body != contacts[first].body).map(|sent| sent.at);
            self.must(other.is_none(), Promise::SameBytes, || format!("{id}: other bytes at {other:?}"));
        }
    }

    pub(super) fn text_after_contact(&mut self) {
        let record = self.record;
        for text in record.sent.iter().filter(|sent| sent.step == Step::Text) {
            let Some(id) = text.id else { continue };
            let foreign = record.scenario.is_foreign(id);
            let contact = record.of(id, Step::Contact).find(|sent| sent.done && sent.number < text.number);
            // What the platform held before this ledger is not known: the text keeps to the last request.
            let last = || record.of(id, Step::Contact).filter(|sent| foreign && sent.number < text.number).last();
            let contact = contact.or_else(last);
            let Some(contact) = contact else {
                self.must(false, Promise::TextAfterContact, || {
                    format!("{id}: a text at {:?} without a contact", text.at)
                });
                continue;
            };
            let (body, expected) = (told(&text.body), message(record, id, contact));
            let right = body["message"] == expected && body["to"] == told(&contact.body)["phone"];
            self.must(right, Promise::TextAfterContact, || format!("{id}: {body} instead of {expected}"));
        }
    }
}

pub(super) fn told(body: &[u8]) -> Value {
    serde_json::from_slice(body).expect("a body of the fake platform")
}

/// What a customer must read, by the contact that was created.
fn message(record: &Record, id: CallbackId, contact: &Sent) -> String {
    let body = told(&contact.body);
    let at = Timestamp::from_unix(body["at"].as_i64().expect("a time"));
    let language = LanguageTag::parse(body["language"].as_str().expect("a language")).expect("a language");
    rules::texter().write(&language, &Appointment { id, at, zone: &zone(record, id) })
}

/// The zone in which a customer is told times.
pub(super) fn zone(record: &Record, id: CallbackId) -> Zone {
    let callback = &record.book.callbacks[&id];
    let zone = rules::campaigns().of(&callback.campaign).zone.clone();
    zone.unwrap_or_else(|| Zone::fixed(callback.offset_minutes))
}
