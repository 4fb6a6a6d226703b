//! Whose a contact is that the platform says it has already.

use ringback::domain::presence::Presence;
use ringback::domain::provenance::Provenance;
use ringback::domain::reply::Step;

use super::times::is_repeated;
use super::{Judge, Promise};
use crate::record::{Means, Record, Said, Sent};

impl Judge<'_> {
    /// No text after a contact that existed, unless this ledger holds all that was done and an earlier request of its
    /// own may have created it. No such row shows a time.
    pub(super) fn existing(&mut self) {
        let record = self.record;
        let proven = record.scenario.habits.provenance == Provenance::Proven;
        for text in record.sent.iter().filter(|sent| sent.step == Step::Text) {
            // A test request is nobody's.
            let Some(id) = text.id else { continue };
            let last = record.of(id, Step::Contact).filter(|sent| sent.number < text.number).last();
            let Some(last) = last.filter(|last| existed(record, last)) else { continue };
            let ours = proven && is_repeated(record, last);
            self.must(ours, Promise::Existing, || format!("{id}: a text for a contact that existed: {last:?}"));
        }
        for run in &record.runs {
            for (id, standing) in run.standings.iter().filter(|(_, standing)| standing.contact_at.is_none()) {
                let is_there = Presence::of(standing.progress) == Presence::There;
                let time = standing.dispatch_at.filter(|_| is_there);
                self.must(time.is_none(), Promise::Existing, || {
                    format!("{id}: a time that nobody knows: {standing:?}")
                });
            }
        }
    }
}

/// Whether an answer says that the contact was there before, or does not say "created" though the platform has said so
/// before.
fn existed(record: &Record, contact: &Sent) -> bool {
    let is_known = |at| {
        let created = record.sent.iter().filter(|sent| sent.answer.said == Some(Said::Created));
        // What died before it was answered taught nobody.
        created.filter_map(|sent| sent.answered).any(|created| created < at)
    };
    match contact.answer.said {
        Some(Said::Existed) => true,
        Some(Said::Fine) if contact.answer.means == Means::Done => contact.answered.is_some_and(is_known),
        _ => false,
    }
}
