//! What a 403 is about.

use ringback::domain::reply::Step;

use super::{Judge, Promise};
use crate::record::{Means, Said, Sent};

/// So many in a row are about the credentials.
pub(super) const IN_A_ROW_MAX: usize = 5;

impl Judge<'_> {
    /// A row fails by a 403 only where another of its step was carried out with the same token.
    pub(super) fn forbidden(&mut self) {
        let record = self.record;
        for line in &record.lines {
            let step = match line.entry {
                "contact_failed" => Step::Contact,
                "sms_failed" => Step::Text,
                _ => continue,
            };
            let last = record.of(line.id, step).filter(|sent| sent.number < line.number).last();
            let Some(last) = last.filter(|last| last.answer.said == Some(Said::Forbidden) && last.run == line.run)
            else {
                continue;
            };
            let allowed = self.others(last).any(succeeded);
            self.must(allowed, Promise::Forbidden, || format!("{}: failed by {last:?}", line.id));
        }
    }

    /// Whether what is forbidden speaks against the credentials: none of its step succeeded before with its token, or it is one of
    /// many.
    pub(super) fn accuses(&self, forbidden: &Sent) -> bool {
        if forbidden.step == Step::Token {
            return true;
        }
        let before = |sent: &&Sent| sent.answered.is_some_and(|at| forbidden.answered.is_none_or(|this| at < this));
        let many = self.record.sent.iter().filter(|sent| {
            sent.run == forbidden.run && sent.step == forbidden.step && sent.answer.said == Some(Said::Forbidden)
        });
        let many = many.count() >= IN_A_ROW_MAX;
        many || !self.others(forbidden).filter(before).any(succeeded)
    }

    /// Those of the same run, step and token.
    fn others<'a>(&'a self, sent: &'a Sent) -> impl Iterator<Item = &'a Sent> {
        let like = move |other: &&Sent| other.run == sent.run && other.step == sent.step && other.token == sent.token;
        self.record.sent.iter().filter(like).filter(|other| other.answered.is_some())
    }
}

/// Whether an answer shows that the step is allowed.
fn succeeded(sent: &Sent) -> bool {
    sent.answer.means == Means::Done || sent.answer.said == Some(Said::Existed)
}
