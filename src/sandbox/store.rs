//! What was done: contacts and texts. Each contact is kept as the bytes it came in, once an id.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{contract::TextAsked, time::spell_millis};

/// Whether the id was new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stored {
    New,
    Existed,
}

#[derive(Debug)]
struct Contact {
    body: Box<[u8]>,
    created_at_ms: i64,
    asked: u32,
    asked_otherwise: u32,
}

#[derive(Debug)]
struct Text {
    session_id: String,
    asked: TextAsked,
    at_ms: i64,
}

/// All contacts and texts, in the order in which they were made.
#[derive(Debug, Default)]
pub(super) struct Store {
    contacts: Vec<Contact>,
    by_id: HashMap<String, usize>,
    texts: Vec<Text>,
}

impl Store {
    /// Whether a contact with this id exists. The letters of an id may be of either case.
    pub(super) fn has(&self, contact_id: &str) -> bool {
        self.by_id.contains_key(&contact_id.to_ascii_lowercase())
    }

    /// Keeps a contact, unless its id exists: then only the asking is counted.
    pub(super) fn contact(&mut self, contact_id: &str, body: &[u8], at_ms: i64) -> Stored {
        let id = contact_id.to_ascii_lowercase();
        if let Some(&place) = self.by_id.get(&id) {
            let contact = &mut self.contacts[place];
            contact.asked += 1;
            contact.asked_otherwise += u32::from(*contact.body != *body);
            return Stored::Existed;
        }
        self.by_id.insert(id, self.contacts.len());
        self.contacts.push(Contact { body: body.into(), created_at_ms: at_ms, asked: 1, asked_otherwise: 0 });
        Stored::New
    }

    /// Keeps a text, whatever was sent before.
    pub(super) fn text(&mut self, session_id: String, asked: TextAsked, at_ms: i64) {
        self.texts.push(Text { session_id, asked, at_ms });
    }

    /// How many texts were sent.
    pub(super) fn texts(&self) -> usize {
        self.texts.len()
    }

    /// The contacts as the state shows them.
    pub(super) fn contacts_shown(&self) -> Vec<Value> {
        self.contacts.iter().map(Contact::shown).collect()
    }

    /// The texts as the state shows them.
    pub(super) fn texts_shown(&self) -> Vec<Value> {
        self.texts.iter().map(Text::shown).collect()
    }
}

impl Contact {
    fn shown(&self) -> Value {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let mut shown = body["contact"].clone();
        shown["createdAt"] = json!(spell_millis(self.created_at_ms));
        shown["asked"] = json!(self.asked);
        shown["askedOtherwise"] = json!(self.asked_otherwise);
        shown
    }
}

impl Text {
    fn shown(&self) -> Value {
        let TextAsked { to, from, message } = &self.asked;
        let at = spell_millis(self.at_ms);
        json!({ "sessionId": self.session_id, "to": to, "from": from, "message": message, "at": at })
    }
}
