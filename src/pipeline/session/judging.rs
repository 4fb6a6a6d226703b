//! What an answer means: for its request, which is given back, and for everybody, which is seen to here.

use crate::domain::answers::{Came, Verdict};
use crate::domain::reply::{Answered, Made, Newness, Reply, Step, Trouble, Unclear};
use crate::io::ledger::Ledger;
use crate::logic::retry::{Access, Next, RequestState, RunEffect, Situation, TokenAge, after};

use super::super::halt::Halt;
use super::super::health::Errand;
use super::super::heard::next_on;
use super::super::tokens::Pass;
use super::attempt::History;
use super::{Failure, Session, words};

impl<L: Ledger> Session<'_, L> {
    /// What came back: the good answer, or what follows from the bad one. Holds, renewals and halts that
    /// follow for everybody have happened when this returns.
    pub(super) async fn judge<T>(
        &self,
        answered: Answered<T>,
        pass: &Pass,
        (errand, role): (Errand, Step),
        history: History,
    ) -> Result<T, Failure> {
        let step = errand.step();
        let came = Came::of(&answered);
        let trouble = match answered.reply {
            Reply::Done(answer) => {
                self.answers.borrow_mut().count(step, came, Verdict::Accepted);
                self.tokens(role).accepted(pass);
                self.accesses.succeeded(step, pass);
                self.went_well(errand, role);
                return Ok(answer);
            }
            Reply::Trouble(trouble) => trouble,
        };
        let access = self.access(&trouble, pass, errand).await;
        let situation = Situation { access, token: self.tokens(role).age(pass), ..self.situation(step, history) };
        let next = next_on(errand, after(&trouble, situation));
        self.answers.borrow_mut().count(step, came, verdict(next.request));
        self.count(&trouble);
        note(&trouble, &next, errand);
        if let Errand::Ordinary(_) = errand {
            self.note_access(&next, pass, situation);
        }
        self.follow(&trouble, &next, pass, (errand, role));
        Err(Failure { trouble, next })
    }

    /// The answer to a contact, by what is known of the platform: where it tells new contacts, one that it does not tell so
    /// was there before. Gives the contact's id, where the platform tells one.
    pub fn newly_made(&self, answered: Answered<Made>) -> Answered<Option<String>> {
        let reply = match answered.reply {
            Reply::Trouble(trouble) => Reply::Trouble(trouble),
            Reply::Done(Made { id, newness: Newness::Present(words) }) if self.tells_created.get() => {
                Reply::Trouble(Trouble::Existed { id, words: words.to_owned() })
            }
            Reply::Done(Made { id, newness }) => {
                if newness == Newness::Created {
                    self.note_created();
                }
                Reply::Done(id)
            }
        };
        Answered { reply, label: answered.label }
    }

    /// Notes that the platform tells new contacts.
    fn note_created(&self) {
        self.tells_created.set(true);
        if !self.noted_created.replace(true) {
            self.ledger.note_created();
        }
    }

    /// What a decision depends on, but for the token.
    fn situation(&self, step: Step, history: History) -> Situation {
        Situation {
            step,
            earlier: history.earlier,
            token: TokenAge::NewestUnproven,
            access: Access::Unproven,
            repeat: self.repeat,
            trying_for: history.trying_for,
            on_no_answer: self.on_no_answer,
            provenance: self.ledger.provenance(),
        }
    }

    /// Whether the token allows this step. It matters to what is forbidden alone, which may have to wait for other answers.
    async fn access(&self, trouble: &Trouble, pass: &Pass, errand: Errand) -> Access {
        let is_forbidden = matches!(trouble, Trouble::Forbidden { .. });
        match errand {
            Errand::Probe(step) if is_forbidden => self.accesses.so_far(step),
            Errand::Ordinary(step) if is_forbidden && step != Step::Token => self.accesses.forbidden(step, pass).await,
            Errand::Probe(_) | Errand::Ordinary(_) => Access::Unproven,
        }
    }

    /// Notes what an answer that forbids nothing tells of the access to its step.
    fn note_access(&self, next: &Next, pass: &Pass, situation: Situation) {
        match next.request {
            // Whoever may not create contacts is not told that one is there.
            RequestState::Done | RequestState::Existed => self.accesses.succeeded(situation.step, pass),
            RequestState::Refused if situation.access == Access::Unproven => self.accesses.refused(situation.step),
            RequestState::Refused | RequestState::NotDone | RequestState::MaybeDone | RequestState::InDoubt => {}
        }
    }

    fn count(&self, trouble: &Trouble) {
        let mut counts = self.counts.borrow_mut();
        if let Trouble::Busy { .. } = trouble {
            counts.status_429 += 1;
            self.traffic.borrow_mut().turned_away(self.begun_at.elapsed());
        }
        counts.status_5xx += u64::from(matches!(trouble, Trouble::Unknown { why: Unclear::Troubled, .. }));
    }

    /// What an answer means for everybody.
    fn follow(&self, trouble: &Trouble, next: &Next, pass: &Pass, (errand, role): (Errand, Step)) {
        match &next.run {
            RunEffect::Hold(seconds) => self.hold(*seconds, trouble, (errand, role)),
            RunEffect::Renew => self.tokens(role).refused(pass),
            RunEffect::Stop(stop) => self.halting.halt(Halt::Barred(stop.clone(), words(trouble))),
            RunEffect::None => match next.request {
                RequestState::Done | RequestState::Existed | RequestState::Refused => {
                    self.tokens(role).accepted(pass);
                    self.went_well(errand, role);
                }
                RequestState::NotDone | RequestState::MaybeDone | RequestState::InDoubt => {
                    self.unwell(trouble, errand);
                }
            },
        }
    }

    /// Holds the whole client back, as the platform asks; one that asks for too long is given up.
    fn hold(&self, seconds: Option<u64>, trouble: &Trouble, (errand, role): (Errand, Step)) {
        let hold = self.gate(role).hold(seconds);
        // What the ledger keeps is about contacts.
        if std::ptr::eq(self.gate(role), self.gate(Step::Contact)) {
            self.keep_hold(hold);
        }
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
fn note(trouble: &Trouble, next: &Next, errand: Errand) {
    let words = words(trouble);
    if matches!(errand, Errand::Probe(_)) {
        tracing::debug!("a test request came back: {words}");
        return;
    }
    match (next.request, &next.run) {
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
