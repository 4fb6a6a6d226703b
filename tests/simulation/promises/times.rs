//! When the platform is to dial, and when customers are texted.

use std::time::Duration;

use ringback::domain::reply::Step;
use ringback::domain::time::Timestamp;

use super::once::{told, zone};
use super::{Judge, Promise};
use crate::record::{Record, Sent};
use crate::rules::{self, MARGIN_SECONDS};

impl Judge<'_> {
    pub(super) fn dispatch_time(&mut self) {
        let record = self.record;
        for contact in record.sent.iter().filter(|sent| sent.step == Step::Contact) {
            let Some(id) = contact.id else { continue };
            let callback = &record.book.callbacks[&id];
            let at = dispatch_at(contact);
            let window = callback.window.interval();
            let open = rules::campaigns().of(&callback.campaign).placing.open_parts(window);
            let inside = open.iter().any(|part| part.contains(at));
            self.must(inside, Promise::DispatchTime, || format!("{id}: {at:?} is outside {window:?} or its hours"));
            let repeats = is_repeated(record, contact);
            let margin = if repeats { 1 } else { MARGIN_SECONDS.min(record.scenario.settings.lead_time).max(0) };
            for (at_latest, margin) in
                [(departed(record, contact), 1.min(margin)), (looked_at(record, contact), margin)]
            {
                let ahead = at.since(record.wall(at_latest));
                self.must(ahead >= margin, Promise::DispatchTime, || format!("{id}: sent {ahead} s before its time"));
            }
        }
    }

    pub(super) fn text_hours(&mut self) {
        let record = self.record;
        for text in record.sent.iter().filter(|sent| sent.step == Step::Text) {
            let Some(id) = text.id else { continue };
            let left = record.wall(departed(record, text));
            let open = record.scenario.settings.texting;
            let open = open.is_some_and(|hours| rules::texting_hours(hours).is_open(left, &zone(record, id)));
            self.must(open, Promise::TextHours, || format!("{id}: texted at {left:?}"));
            let contact = record.of(id, Step::Contact).filter(|sent| sent.number < text.number).last();
            let late = contact.is_some_and(|contact| dispatch_at(contact) <= left);
            self.must(!late, Promise::TextHours, || format!("{id}: texted at {left:?}, when its call was due"));
        }
    }
}

/// Whether an earlier request may have been carried out, or was about to leave when the process died: such a
/// contact keeps its time.
pub(super) fn is_repeated(record: &Record, contact: &Sent) -> bool {
    let id = contact.id.expect("contacts are somebody's");
    let earlier = record.of(id, Step::Contact).filter(|sent| sent.number < contact.number);
    let intents = record.lines.iter().filter(|line| line.id == id && line.entry == "contact_intended");
    let intents = intents.filter(|line| line.number < contact.number).count();
    intents > earlier.clone().count() + 1 || earlier.clone().any(|sent| record.is_open(sent))
}

/// When a request passed the gate, at the latest: before its intent was written.
fn departed(record: &Record, sent: &Sent) -> Duration {
    sent.at.saturating_sub(disk(record))
}

/// When a contact was looked at for the last time, at the latest: before its intent. Between intent and wire it may wait.
fn looked_at(record: &Record, contact: &Sent) -> Duration {
    let intents = record.lines.iter().filter(|line| Some(line.id) == contact.id && line.number < contact.number);
    let mut intended = intents.filter(|line| line.entry == "contact_intended").map(|line| line.at);
    intended.next_back().unwrap_or(contact.at).saturating_sub(disk(record))
}

fn disk(record: &Record) -> Duration {
    Duration::from_millis(2 * (record.scenario.habits.disk_millis_max + 1))
}

/// The time that a contact request names.
fn dispatch_at(contact: &Sent) -> Timestamp {
    Timestamp::from_unix(told(&contact.body)["at"].as_i64().expect("a time"))
}
