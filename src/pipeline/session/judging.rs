//! What an answer means: for its request, which is given back, and for everybody, which is seen to here.

use crate::domain::answers::{Came, Verdict};
use crate::domain::progress::Earlier;
use crate::domain::reply::{Answered, Refusal, Reply, Step, Trouble};
use crate::io::ledger::Ledger;
use crate::io::platform::Platform;
use crate::logic::retry::{Access, NewContacts, Next, RequestState, RunEffect, Situation, TokenAge, after, made};

use super::super::halt::Halt;
use super::super::health::Errand;
use super::super::heard::next_on;
use super::super::tokens::Pass;
use super::{Failure, Session, words};

impl<P: Platform, L: Ledger> Session<'_, P, L> {
    /// What came back: the good answer, or what follows from the bad one. Holds, renewals and halts that
    /// follow for everybody have happened when this returns.
    pub async fn judge<T>(
        &self,
        answered: Answered<T>,
        pass: &Pass,
        step: Step,
        earlier: Earlier,
    ) -> Result<T, Failure> {
        self.judge_errand(answered, pass, Errand::Ordinary(step), earlier).await
    }

    /// The same of a request on any errand.
    pub(super) async fn judge_errand<T>(
        &self,
        answered: Answered<T>,
        pass: &Pass,
        errand: Errand,
        earlier: Earlier,
    ) -> Result<T, Failure> {
        let step = errand.step();
        let came = Came::of(&answered);
        let trouble = match answered.reply {
            Reply::Done(answer) => {
                self.answers.borrow_mut().count(step, came, Verdict::Accepted);
                self.tokens.accepted(pass);
                self.accesses.succeeded(step, pass);
                self.went_well(errand);
                return Ok(answer);
            }
            Reply::Trouble(trouble) => trouble,
        };
        let access = self.access(&trouble, pass, errand).await;
        let situation = Situation { access, token: self.tokens.age(pass), ..self.situation(step, earlier) };
        let next = next_on(errand, after(&trouble, situation));
        self.answers.borrow_mut().count(step, came, verdict(next.request));
        self.count(&trouble);
        note(&trouble, next, errand);
        if let Errand::Ordinary(_) = errand {
            self.note_access(next, pass, situation);
        }
        self.follow(&trouble, next, (pass, errand));
        Err(Failure { trouble, next })
    }

    /// What is known of a contact that the platform says is there: that it was created, or that it existed before.
    pub fn judge_made(&self, status: u16, earlier: Earlier) -> RequestState {
        if status == 201 {
            self.new_contacts.set(NewContacts::Answered201);
            if !self.noted_created.replace(true) {
                self.ledger.note_created();
            }
        }
        let state = made(status, self.situation(Step::Contact, earlier));
        if state != RequestState::Done {
            self.answers.borrow_mut().recount(Step::Contact, Came::Answer(status), verdict(state));
        }
        state
    }

    /// What a decision depends on, but for the token.
    fn situation(&self, step: Step, earlier: Earlier) -> Situation {
        Situation {
            step,
            earlier,
            token: TokenAge::NewestUnproven,
            access: Access::Unproven,
            contact_ids: self.contact_ids,
            on_no_answer: self.on_no_answer,
            provenance: self.ledger.provenance(),
            new_contacts: self.new_contacts.get(),
        }
    }

    /// Whether the token allows this step. It matters to a 403 alone, which may have to wait for other answers.
    async fn access(&self, trouble: &Trouble, pass: &Pass, errand: Errand) -> Access {
        match (trouble, errand) {
            (Trouble::Status(Refusal { status: 403, .. }), Errand::Probe(step)) => self.accesses.so_far(step),
            (Trouble::Status(Refusal { status: 403, .. }), Errand::Ordinary(step)) if step != Step::Token => {
                self.accesses.forbidden(step, pass).await
            }
            (
                Trouble::Status(_)
                | Trouble::Unreadable { .. }
                | Trouble::NotSent(_)
                | Trouble::Blocked(_)
                | Trouble::NoAnswer(_),
                _,
            ) => Access::Unproven,
        }
    }

    /// Notes what an answer that is no 403 tells of the access to its step.
    fn note_access(&self, next: Next, pass: &Pass, situation: Situation) {
        match next.request {
            // Whoever may not create contacts is not told that one is there.
            RequestState::Done | RequestState::Existed => self.accesses.succeeded(situation.step, pass),
            RequestState::Refused if situation.access == Access::Unproven => self.accesses.refused(situation.step),
            RequestState::Refused | RequestState::NotDone | RequestState::MaybeDone | RequestState::InDoubt => {}
        }
    }

    fn count(&self, trouble: &Trouble) {
        let mut counts = self.counts.borrow_mut();
        if let Trouble::Status(Refusal { status, .. }) = trouble {
            if *status == 429 {
                counts.status_429 += 1;
                self.traffic.borrow_mut().turned_away(self.begun_at.elapsed());
            }
            counts.status_5xx += u64::from((500..600).contains(status));
        }
    }

    /// What an answer means for everybody.
    fn follow(&self, trouble: &Trouble, next: Next, (pass, errand): (&Pass, Errand)) {
        match next.run {
            RunEffect::Hold(seconds) => self.hold(seconds, trouble, errand),
            RunEffect::Renew => self.tokens.refused(pass),
            RunEffect::Stop(stop) => self.halting.halt(Halt::Barred(stop, words(trouble))),
            RunEffect::None => match next.request {
                RequestState::Done | RequestState::Existed | RequestState::Refused => {
                    self.tokens.accepted(pass);
                    self.went_well(errand);
                }
                RequestState::NotDone | RequestState::MaybeDone | RequestState::InDoubt => {
                    self.unwell(trouble, errand);
                }
            },
        }
    }

    /// Holds the whole client back, as the platform asks; one that asks for too long is given up.
    fn hold(&self, seconds: Option<u64>, trouble: &Trouble, errand: Errand) {
        let hold = self.gate.hold(seconds);
        self.keep_hold(hold);
        self.held(hold, &words(trouble));
        self.unwell(trouble, errand);
    }
}

/// What is known of a request whose answer is not the one hoped for.
fn verdict(request: RequestState) -> Verdict {
    match request {
        RequestState::Done => Verdict::Accepted,
        RequestState::Existed | RequestState::Refused => Verdict::Refused,
        RequestState::MaybeDone | RequestState::InDoubt => Verdict::InDoubt,
        RequestState::NotDone => Verdict::NotDone,
    }
}

/// Logs what came of a request: what a person may have to explain with `-v`, the rest with `-vv`. What concerns all is
/// told where it is done. Which callback it was about, the span around it says.
fn note(trouble: &Trouble, next: Next, errand: Errand) {
    let words = words(trouble);
    if matches!(errand, Errand::Probe(_)) {
        tracing::debug!("a test request came back: {words}");
        return;
    }
    match (next.request, next.run) {
        (RequestState::Refused, _) => tracing::info!("refused: {words}"),
        (RequestState::Existed, _) => tracing::info!("there before this ledger: {words}"),
        (RequestState::InDoubt, _) => tracing::info!("in doubt: {words}"),
        (RequestState::Done, _) => tracing::debug!("done by an earlier attempt: {words}"),
        (RequestState::NotDone | RequestState::MaybeDone, RunEffect::None | RunEffect::Renew) => {
            tracing::debug!("to be tried again: {words}");
        }
        (RequestState::NotDone | RequestState::MaybeDone, RunEffect::Hold(_) | RunEffect::Stop(_)) => {}
    }
}
