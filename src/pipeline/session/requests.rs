//! The requests that are nobody's: for a token, and to find out whether the platform answers.

use secrecy::SecretString;

use crate::domain::reply::{Answered, Probed, Reply, Step, Trouble};
use crate::io::ledger::Ledger;
use crate::io::pace::Asking;
use crate::io::platform::Grant;
use crate::logic::retry::RunEffect;

use super::super::gate::Exit;
use super::super::halt::{Halt, Halted};
use super::super::health::Errand;
use super::attempt::{Attempt, Attempted, History, Intent};
use super::{Failure, Session};

/// A request for a token, for the sake of requests of this step.
struct ForToken<'a, 's, L> {
    session: &'s Session<'a, L>,
    role: Step,
    left: u32,
    /// No other process of this client asks for one meanwhile.
    asking: Option<Asking<'a>>,
}

impl<L: Ledger> Attempt for ForToken<'_, '_, L> {
    type Answer = Grant;

    fn errand(&self) -> Errand {
        Errand::Ordinary(Step::Token)
    }

    fn role(&self) -> Step {
        self.role
    }

    fn departures(&self) -> u32 {
        self.left
    }

    async fn intend(&mut self) -> Result<Intent, Halted> {
        let turn = self.session.tokens(self.role).turn();
        self.asking = self.session.halting.unless(turn).await?;
        Ok(Intent::Stands(History::NONE))
    }

    async fn departs(&mut self, exit: Exit) -> Result<(), Halted> {
        self.left += u32::from(exit == Exit::Left);
        Ok(())
    }

    async fn ask(&mut self, _: &SecretString) -> Result<Answered<Grant>, Halted> {
        let answered = self.session.platform.of(self.role).grant().await;
        self.asking = None;
        answered.map_err(|error| {
            // Without a secret nothing has left.
            self.session.had_not_left(Step::Token);
            self.session.halting.halt(Halt::NoSecret(error.to_string()));
            Halted
        })
    }
}

/// A request that holds nothing, to where this step is made.
struct Probing<'a, 's, L> {
    session: &'s Session<'a, L>,
    step: Step,
}

impl<L: Ledger> Attempt for Probing<'_, '_, L> {
    type Answer = ();

    fn errand(&self) -> Errand {
        Errand::Probe(self.step)
    }

    async fn ask(&mut self, credential: &SecretString) -> Result<Answered<()>, Halted> {
        let Answered { reply, label } = self.session.platform.of(self.step).probe(credential, self.step).await;
        let reply = match reply {
            Reply::Done(Probed::Taken) => Reply::Done(()),
            Reply::Done(Probed::Refused(words)) => Reply::Trouble(Trouble::Refused(words)),
            Reply::Trouble(trouble) => Reply::Trouble(trouble),
        };
        Ok(Answered { reply, label })
    }
}

impl<L: Ledger> Session<'_, L> {
    /// Sends a request that holds nothing to where contacts or texts are made, to find out whether the platform
    /// answers. It is nobody's attempt; what follows from the answer has happened when this returns.
    pub async fn probe(&self, step: Step) -> Result<(), Halted> {
        if let Attempted::Judged(Ok(())) = self.attempt(&mut Probing { session: self, step }).await? {
            tracing::warn!(
                "the platform took a test request that holds nothing, which it has to refuse; look there whether \
                 anything was made of it"
            );
        }
        Ok(())
    }

    /// Fetches a token, however often it takes, until the run halts.
    pub(super) async fn fetch_token(&self, role: Step) -> Result<Grant, Halted> {
        let mut asking = ForToken { session: self, role, left: 0, asking: None };
        loop {
            // In a box: whoever needs a token attempts something, and so does this.
            match Box::pin(self.attempt(&mut asking)).await? {
                Attempted::Judged(Ok(grant)) => return Ok(grant),
                Attempted::Judged(Err(Failure { next, .. })) => {
                    self.halting.check()?;
                    if next.run == RunEffect::None {
                        tokio::time::sleep(self.trouble_wait()).await;
                    }
                }
                Attempted::Held | Attempted::Dropped => asking.asking = None,
            }
        }
    }
}
