//! One attempt, whatever is asked for: turn and token, intent, departure, request, answer, verdict.

use std::time::Duration;

use secrecy::SecretString;

use crate::domain::progress::Earlier;
use crate::domain::reply::{Answered, Step};
use crate::io::ledger::Ledger;

use super::super::gate::Exit;
use super::super::halt::Halted;
use super::super::health::Errand;
use super::super::tokens::Pass;
use super::{Failure, Session};

/// What other requests for the same contact or text have left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pipeline) struct History {
    /// Whether one of them may have been carried out.
    pub earlier: Earlier,
    /// For how long they have been leaving; `None` where an earlier run sent the first.
    pub trying_for: Option<Duration>,
}

impl History {
    /// Of what nobody has asked for before.
    pub(in crate::pipeline) const NONE: Self = Self { earlier: Earlier::None, trying_for: Some(Duration::ZERO) };
}

/// Whether a request is still wanted, now that its turn has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pipeline) enum Intent {
    /// It is, and what has to stand in the ledger first stands there.
    Stands(History),
    /// It is not.
    Dropped,
}

/// Something that is asked for with one request.
pub(in crate::pipeline) trait Attempt {
    /// The good answer.
    type Answer;

    /// On what errand the request leaves.
    fn errand(&self) -> Errand;

    /// On what errand its answer is judged.
    fn judged_as(&self) -> Errand {
        self.errand()
    }

    /// The step for whose sake it is asked: by this it has its token and its pace.
    fn role(&self) -> Step {
        self.errand().step()
    }

    /// Requests for the same that left before, in this run.
    fn departures(&self) -> u32 {
        0
    }

    /// Looks at its turn whether it is still wanted, and writes down what must stand in the ledger before it leaves.
    async fn intend(&mut self) -> Result<Intent, Halted> {
        Ok(Intent::Stands(History::NONE))
    }

    /// Whether it may still leave, though a disk or other processes held it up after its intent.
    fn is_due(&self) -> bool {
        true
    }

    /// Notes whether the request leaves. Where the run halts first, the platform asks for a pause, or requests of its kind
    /// are held back by now, it is known that it did not.
    async fn departs(&mut self, _exit: Exit) -> Result<(), Halted> {
        Ok(())
    }

    /// Makes the request.
    async fn ask(&mut self, credential: &SecretString) -> Result<Answered<Self::Answer>, Halted>;
}

/// What came of an attempt.
#[derive(Debug)]
pub(in crate::pipeline) enum Attempted<T> {
    /// Nothing left: it was not wanted any more.
    Dropped,
    /// Nothing left: requests are held back. It is to be attempted again.
    Held,
    /// An answer came, or none that is hoped for.
    Judged(Result<T, Failure>),
}

impl<L: Ledger> Session<'_, L> {
    /// Attempts something once. What follows from the answer for everybody has happened when this returns.
    pub(in crate::pipeline) async fn attempt<A: Attempt>(
        &self,
        attempt: &mut A,
    ) -> Result<Attempted<A::Answer>, Halted> {
        let (errand, role) = (attempt.errand(), attempt.role());
        let pass = if errand.step() == Step::Token {
            // Whoever waits at the gate for long must not keep other processes from asking for tokens.
            self.turn(role).await.map(|()| Some(Pass::none()))?
        } else {
            self.admitted(errand).await?
        };
        let Some(pass) = pass else { return Ok(Attempted::Held) };
        let Intent::Stands(history) = attempt.intend().await? else { return Ok(Attempted::Dropped) };
        let exit = self.leave(attempt).await;
        attempt.departs(*exit.as_ref().unwrap_or(&Exit::Held)).await?;
        if exit? == Exit::Held {
            return Ok(Attempted::Held);
        }
        let judged_as = attempt.judged_as();
        let in_flight = matches!(judged_as, Errand::Ordinary(_)).then(|| self.in_flight(judged_as.step()));
        let answered = attempt.ask(&pass.credential).await?;
        drop(in_flight);
        Ok(Attempted::Judged(self.judge(answered, &pass, (judged_as, role), history).await))
    }

    /// Lets a request leave that was written down, and counts it.
    async fn leave(&self, attempt: &impl Attempt) -> Result<Exit, Halted> {
        let errand = attempt.errand();
        let exit = self.halting.unless(self.gate(attempt.role()).leave()).await?;
        if exit == Exit::Held || !self.health.lets_pass(errand) || !attempt.is_due() {
            return Ok(Exit::Held);
        }
        self.left(errand.step(), attempt.departures());
        Ok(Exit::Left)
    }
}
