//! Whether what is forbidden is one campaign or row, or a whole step. It is one campaign or row where another request of
//! the same step succeeds with the same token; so the judgement waits for the answers of those that are in flight.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use tokio::sync::Notify;

use crate::domain::reply::Step;
use crate::logic::retry::Access;

use super::tokens::Pass;

/// So many that are forbidden in a row are about the credentials, whatever succeeded before.
const IN_A_ROW_MAX: u32 = 5;

/// What the answers of a run tell of the access to each step.
#[derive(Debug, Default)]
pub(super) struct Accesses {
    steps: RefCell<HashMap<Step, Seen>>,
    /// Rings at each answer.
    answered: Notify,
}

/// What was seen of a step.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    /// Requests without an answer yet.
    in_flight: u32,
    /// So many were forbidden in a row.
    forbidden: u32,
    /// The newest two tokens with which requests succeeded, the newest first.
    succeeded_with: [Option<u64>; 2],
}

impl Seen {
    /// Whether the step is allowed; `None` as long as an answer that is to come may tell.
    fn access(self, generation: u64) -> Option<Access> {
        if self.forbidden >= IN_A_ROW_MAX {
            Some(Access::Unproven)
        } else if self.succeeded_with.contains(&Some(generation)) {
            Some(Access::Granted)
        } else {
            (self.in_flight == 0).then_some(Access::Unproven)
        }
    }
}

/// A request in flight, until its answer is there.
#[derive(Debug)]
pub struct InFlight<'a> {
    of: &'a Accesses,
    step: Step,
    answered: Cell<bool>,
}

impl InFlight<'_> {
    /// Notes that the answer is there. What it says is noted by who judges it, without a wait between.
    pub(super) fn land(&self) {
        if !self.answered.replace(true) {
            self.of.change(self.step, |seen| seen.in_flight = seen.in_flight.saturating_sub(1));
        }
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.land();
    }
}

impl Accesses {
    /// Notes that a request leaves.
    pub(super) fn leaves(&self, step: Step) -> InFlight<'_> {
        self.change(step, |seen| seen.in_flight += 1);
        InFlight { of: self, step, answered: Cell::new(false) }
    }

    /// Notes that a request succeeded with this token.
    pub(super) fn succeeded(&self, step: Step, pass: &Pass) {
        self.change(step, |seen| {
            seen.forbidden = 0;
            let [newest, before] = seen.succeeded_with;
            let this = Some(pass.generation());
            if this != newest {
                seen.succeeded_with = if this > newest { [this, newest] } else { [newest, before.max(this)] };
            }
        });
    }

    /// Notes that a request was refused for what it holds: what was forbidden in a row is so no longer.
    pub(super) fn refused(&self, step: Step) {
        self.change(step, |seen| seen.forbidden = 0);
    }

    /// Notes that a request was forbidden, and says what it is about once that can be known.
    pub(super) async fn forbidden(&self, step: Step, pass: &Pass) -> Access {
        self.change(step, |seen| seen.forbidden += 1);
        loop {
            let answered = self.answered.notified();
            let seen = self.steps.borrow().get(&step).copied().unwrap_or_default();
            match seen.access(pass.generation()) {
                Some(access) => return access,
                None => answered.await,
            }
        }
    }

    /// Whether the step has succeeded in this run, with any token. A probe that is forbidden waits for nobody.
    pub(super) fn so_far(&self, step: Step) -> Access {
        let has_succeeded = self.steps.borrow().get(&step).is_some_and(|seen| seen.succeeded_with[0].is_some());
        if has_succeeded { Access::Granted } else { Access::Unproven }
    }

    fn change(&self, step: Step, change: impl FnOnce(&mut Seen)) {
        change(self.steps.borrow_mut().entry(step).or_default());
        self.answered.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use std::time::Duration;

    use crate::io::platform::Grant;
    use crate::pipeline::tokens::Tokens;

    async fn passes() -> [Pass; 2] {
        let tokens = Tokens::default();
        let grant = || Grant { credential: "t".into(), lifetime: Duration::from_mins(30) };
        let old = tokens.pass::<()>(async || Ok(grant())).await.expect("a token");
        tokens.refused(&old);
        [old, tokens.pass::<()>(async || Ok(grant())).await.expect("a token")]
    }

    /// A token is renewed while requests with the one before are on their way.
    #[tokio::test]
    async fn a_success_with_a_newer_token_takes_nothing_from_the_older_one() {
        let [old, new] = passes().await;
        for order in [[&old, &new], [&new, &old]] {
            let accesses = Accesses::default();
            for pass in order {
                accesses.succeeded(Step::Contact, pass);
            }
            for pass in [&old, &new] {
                assert_eq!(accesses.forbidden(Step::Contact, pass).now_or_never(), Some(Access::Granted));
            }
        }
    }

    #[tokio::test]
    async fn alone_it_is_about_the_credentials() {
        let [pass, _] = passes().await;
        let accesses = Accesses::default();
        accesses.leaves(Step::Contact).land();
        assert_eq!(accesses.forbidden(Step::Contact, &pass).now_or_never(), Some(Access::Unproven));
    }

    #[tokio::test]
    async fn after_a_success_of_the_same_step_and_token_it_is_about_the_row() {
        let [old, new] = passes().await;
        let accesses = Accesses::default();
        accesses.succeeded(Step::Contact, &new);
        assert_eq!(accesses.forbidden(Step::Contact, &new).now_or_never(), Some(Access::Granted));
        assert_eq!(accesses.forbidden(Step::Contact, &old).now_or_never(), Some(Access::Unproven), "another token");
        assert_eq!(accesses.forbidden(Step::Text, &new).now_or_never(), Some(Access::Unproven), "another step");
    }

    #[tokio::test]
    async fn it_waits_for_the_answers_of_those_in_flight() {
        for success in [true, false] {
            let [pass, _] = passes().await;
            let accesses = Accesses::default();
            let (other, last) = (accesses.leaves(Step::Forecast), accesses.leaves(Step::Forecast));
            let mut judged = Box::pin(accesses.forbidden(Step::Forecast, &pass));
            assert_eq!(judged.as_mut().now_or_never(), None);
            other.land();
            assert_eq!(judged.as_mut().now_or_never(), None);
            last.land();
            if success {
                accesses.succeeded(Step::Forecast, &pass);
            }
            assert_eq!(judged.await, if success { Access::Granted } else { Access::Unproven });
        }
    }

    #[tokio::test]
    async fn five_in_a_row_are_about_the_credentials_whatever_succeeded() {
        let [pass, _] = passes().await;
        let accesses = Accesses::default();
        accesses.succeeded(Step::Text, &pass);
        for _ in 0..4 {
            assert_eq!(accesses.forbidden(Step::Text, &pass).await, Access::Granted);
        }
        accesses.refused(Step::Text);
        for number in 1..=5 {
            let access = accesses.forbidden(Step::Text, &pass).await;
            assert_eq!(access, if number == 5 { Access::Unproven } else { Access::Granted }, "{number}");
        }
    }
}
