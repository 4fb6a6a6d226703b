//! What is told, against what the platform holds.

use ringback::domain::callback::CallbackId;
use ringback::domain::code::Code;
use ringback::domain::outcome::Status;
use ringback::domain::provenance::Provenance;
use ringback::domain::reply::Step;
use uuid::Uuid;

use super::{Judge, Promise};
use crate::record::{End, Record, Run};

/// What somebody is told of a callback.
struct Told {
    status: Status,
    code: Option<Code>,
    by: String,
}

impl Judge<'_> {
    /// After every run: what the ledger holds, and what the results say.
    pub(super) fn truth(&mut self) {
        for (number, run) in self.record.runs.iter().enumerate() {
            for (id, standing) in &run.standings {
                let status = Status::of(standing.progress);
                let told = Told { status, code: standing.code, by: format!("the ledger after run {number}") };
                self.is_true(*id, &told, run);
            }
            let End::Reported { table: Some(table), .. } = &run.end else { continue };
            for row in table {
                let status = Status::ALL.into_iter().find(|status| status.as_str() == row.status);
                let (Some(status), Ok(id)) = (status, row.id.parse::<Uuid>()) else { continue };
                let code = Code::from_spelling(&row.code);
                let told = Told { status, code, by: format!("the results of run {number}") };
                self.is_true(CallbackId::from_bytes(*id.as_bytes()), &told, run);
            }
        }
        let known = |id: &CallbackId| self.record.book.callbacks.contains_key(id);
        let strangers = self.record.sent.iter().filter_map(|sent| sent.id).filter(|id| !known(id)).count();
        self.must(strangers == 0, Promise::Truth, || format!("{strangers} requests for callbacks nobody enrolled"));
    }

    fn is_true(&mut self, id: CallbackId, told: &Told, run: &Run) {
        let contacts = self.record.deeds(id, Step::Contact, run.numbers);
        let texts = self.record.deeds(id, Step::Text, run.numbers);
        let foreign = self.record.scenario.is_foreign(id);
        let holds = match told.status {
            Status::Confirmed => (contacts > 0 || foreign) && texts > 0,
            Status::Scheduled | Status::SmsWaiting | Status::SmsFailed => (contacts > 0 || foreign) && texts == 0,
            Status::Failed | Status::Expired => contacts == 0 && texts == 0,
            // A ledger that may not hold all does not claim what it created itself.
            Status::SmsInDoubt if told.code == Some(Code::ContactExisted) => {
                let unproven = self.record.scenario.habits.provenance == Provenance::Unproven;
                (foreign || (unproven && contacts > 0)) && texts == 0
            }
            // An earlier run knows whether there is a text; for one in doubt nobody does.
            Status::AlreadyDone | Status::SmsInDoubt => contacts > 0 || foreign,
            Status::InDoubt => texts == 0,
            Status::Pending => texts == 0 || is_maybe(self.record, id, Step::Text, run),
            // Nothing is told of what these rows hold.
            Status::Duplicate | Status::Rejected | Status::Valid | Status::Planned => true,
        };
        self.must(holds, Promise::Truth, || {
            let Told { status, code, by } = told;
            format!("{id}: {by} has {status:?} {code:?}, the platform {contacts} contacts, {texts} texts")
        });
    }

    pub(super) fn doubt(&mut self) {
        for run in &self.record.runs {
            for (id, standing) in &run.standings {
                let status = Status::of(standing.progress);
                let existed = standing.code == Some(Code::ContactExisted);
                let step = if status == Status::InDoubt { Step::Contact } else { Step::Text };
                let doubted = status == Status::InDoubt || (status == Status::SmsInDoubt && !existed);
                let maybe = is_maybe(self.record, *id, step, run);
                self.must(!doubted || maybe, Promise::Doubt, || {
                    format!("{id}: {standing:?}, but every answer is known")
                });
            }
        }
    }
}

/// Whether a request of this kind left, or was about to, that may have been carried out for all one knows.
fn is_maybe(record: &Record, id: CallbackId, step: Step, run: &Run) -> bool {
    let left = record.of(id, step).filter(|sent| sent.number < run.numbers).any(|sent| record.is_open(sent));
    left || was_about_to(record, id, step, run)
}

/// The process died, or its disk failed, between the intent and the deed.
fn was_about_to(record: &Record, id: CallbackId, step: Step, run: &Run) -> bool {
    let entry = if step == Step::Contact { "contact_intended" } else { "sms_intended" };
    let intents = record.lines.iter().filter(|line| line.id == id && line.entry == entry && line.number < run.numbers);
    intents.count() > record.of(id, step).filter(|sent| sent.number < run.numbers).count()
}
