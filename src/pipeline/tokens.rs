//! The bearer token: one for all, renewed once for all who wait, before it ends or when it is refused.
//!
//! Where the platform keeps one token a client, another process may have asked for one since: a token that is refused
//! then has proven nothing against the credentials, and is renewed. The other process keeps its token for some time
//! first, and the renewals without any success between them are limited.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::io::pace::{Asking, TokenTurns, step};
use crate::io::platform::Grant;
use crate::logic::retry::TokenAge;

/// A token is renewed so long before its end, or a tenth of its life where that is less.
const RENEWED_EARLY_MAX: Duration = Duration::from_mins(1);

/// How long another process may use a token that took ours away: for so many requests, within these limits.
const OTHERS_KEEP_STEPS: u32 = 20;
const OTHERS_KEEP_MIN: Duration = Duration::from_secs(2);
const OTHERS_KEEP_MAX: Duration = Duration::from_mins(1);

/// Fresh tokens in a row that another process may take away before one was accepted; more are wrong credentials.
const OVERTAKEN_MAX: u32 = 10;

/// A token in someone's hand.
#[derive(Clone, Debug)]
pub struct Pass {
    /// What requests are made with.
    pub credential: SecretString,
    generation: u64,
}

impl Pass {
    /// What a request has that asks for a token: none.
    #[must_use]
    pub fn none() -> Self {
        Self { credential: SecretString::default(), generation: u64::MAX }
    }

    /// The number of the token among those of the run.
    pub(super) fn generation(&self) -> u64 {
        self.generation
    }
}

#[derive(Debug)]
struct Held {
    pass: Pass,
    renew_at: Instant,
    ends_at: Instant,
    proven: bool,
}

/// The tokens of a run.
#[derive(Debug, Default)]
pub struct Tokens<'a> {
    newest: RefCell<Option<Held>>,
    /// Whoever holds it renews; the others wait and then find the new one.
    renewing: Mutex<()>,
    /// The turns of all processes of this client, where they take turns.
    turns: Option<&'a TokenTurns>,
    others_keep: Duration,
    /// Fresh tokens in a row that another process took away, as it seems.
    overtaken: Cell<u32>,
}

impl<'a> Tokens<'a> {
    /// No token yet; the rate tells how long another process keeps its own.
    #[must_use]
    pub fn new(turns: Option<&'a TokenTurns>, limit_per_minute: u32) -> Self {
        let keep = step(f64::from(limit_per_minute)) * OTHERS_KEEP_STEPS;
        Self { turns, others_keep: keep.clamp(OTHERS_KEEP_MIN, OTHERS_KEEP_MAX), ..Self::default() }
    }

    /// Waits until no other process of this client asks for a token, and lets none ask until this is dropped. Where one
    /// took ours away, it may use its own for a while first.
    pub async fn turn(&self) -> Option<Asking<'a>> {
        let others_keep = if self.overtaken.get() > 0 { self.others_keep } else { Duration::ZERO };
        Some(self.turns?.take(others_keep).await)
    }

    /// The newest token, or one that `renew` fetches where there is none that is good for some time yet.
    pub async fn pass<E>(&self, renew: impl AsyncFnOnce() -> Result<Grant, E>) -> Result<Pass, E> {
        if let Some(pass) = self.fresh() {
            return Ok(pass);
        }
        let _turn = self.renewing.lock().await;
        if let Some(pass) = self.fresh() {
            return Ok(pass);
        }
        let Grant { credential, lifetime } = renew().await?;
        let mut newest = self.newest.borrow_mut();
        let generation = newest.as_ref().map_or(0, |held| held.pass.generation + 1);
        let pass = Pass { credential, generation };
        let now = Instant::now();
        let renew_at = now + lifetime.saturating_sub(RENEWED_EARLY_MAX.min(lifetime / 10));
        *newest = Some(Held { pass: pass.clone(), renew_at, ends_at: now + lifetime, proven: false });
        Ok(pass)
    }

    /// The newest token, where it is good for some time yet.
    #[must_use]
    pub fn fresh(&self) -> Option<Pass> {
        let newest = self.newest.borrow();
        newest.as_ref().filter(|held| Instant::now() < held.renew_at).map(|held| held.pass.clone())
    }

    /// Notes that the platform accepted a token.
    pub fn accepted(&self, pass: &Pass) {
        if let Some(held) = self.newest.borrow_mut().as_mut().filter(|held| held.pass.generation == pass.generation) {
            held.proven = true;
            self.overtaken.set(0);
        }
    }

    /// How a token stands to the newest. One whose life is over, or that another process may have taken away, has proven
    /// nothing against the credentials.
    #[must_use]
    pub fn age(&self, pass: &Pass) -> TokenAge {
        match self.newest.borrow().as_ref() {
            Some(held) if held.pass.generation != pass.generation => TokenAge::Older,
            Some(held) if held.proven || held.ends_at <= Instant::now() => TokenAge::NewestProven,
            Some(_) if self.is_overtaken() && self.overtaken.get() < OVERTAKEN_MAX => TokenAge::NewestProven,
            Some(_) | None => TokenAge::NewestUnproven,
        }
    }

    /// Notes that the platform refused a token: whoever comes next renews it, unless that was done already.
    pub fn refused(&self, pass: &Pass) {
        if let Some(held) = self.newest.borrow_mut().as_mut().filter(|held| held.pass.generation == pass.generation) {
            held.renew_at = Instant::now();
            self.overtaken.set(self.overtaken.get() + u32::from(self.is_overtaken()));
        }
    }

    /// Whether another process has asked for a token since this one did.
    fn is_overtaken(&self) -> bool {
        self.turns.is_some_and(TokenTurns::is_overtaken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    fn grant(seconds: u64) -> Grant {
        Grant { credential: "t".into(), lifetime: Duration::from_secs(seconds) }
    }

    #[tokio::test(start_paused = true)]
    async fn forty_who_wait_make_one_request() {
        let (tokens, asked) = (Tokens::default(), Cell::new(0));
        let ask = || {
            tokens.pass::<()>(async || {
                asked.set(asked.get() + 1);
                tokio::time::sleep(Duration::from_secs(3)).await;
                Ok(grant(1800))
            })
        };
        let passes = futures_util::future::join_all((0..40).map(|_| ask())).await;
        assert_eq!(asked.get(), 1);
        for pass in passes.iter().flatten() {
            assert_eq!(tokens.age(pass), TokenAge::NewestUnproven);
            tokens.refused(pass);
        }
        futures_util::future::join_all((0..40).map(|_| ask())).await;
        assert_eq!(asked.get(), 2, "refused by all, renewed once");
    }

    #[tokio::test(start_paused = true)]
    async fn renewed_a_minute_or_a_tenth_of_its_life_early() {
        for (lifetime, good_for) in [(1800, 1740), (100, 90), (0, 0)] {
            let (tokens, asked) = (Tokens::default(), Cell::new(0));
            let ask = || {
                tokens.pass::<()>(async || {
                    asked.set(asked.get() + 1);
                    Ok(grant(lifetime))
                })
            };
            ask().await.expect("a token");
            tokio::time::sleep(Duration::from_secs(good_for).saturating_sub(Duration::from_millis(1))).await;
            ask().await.expect("a token");
            assert_eq!(asked.get(), if good_for == 0 { 2 } else { 1 }, "{lifetime}");
            tokio::time::sleep(Duration::from_millis(1)).await;
            ask().await.expect("a token");
            assert_eq!(asked.get(), if good_for == 0 { 3 } else { 2 }, "{lifetime}");
        }
    }

    /// Two processes of a client that may have one token, as two tasks.
    #[tokio::test]
    async fn a_fresh_token_that_another_process_took_away_accuses_nobody_but_not_without_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let open = || TokenTurns::open(folder.path()).expect("opens");
        let (mine, others) = (open(), open());
        let tokens = Tokens { turns: Some(&mine), ..Tokens::default() };
        let fetch = async || {
            let asked = tokens.pass::<()>(async || {
                let _turn = tokens.turn().await;
                Ok(grant(1800))
            });
            asked.await.expect("a token")
        };
        let first = fetch().await;
        assert_eq!(tokens.age(&first), TokenAge::NewestUnproven, "nobody else has asked");
        for _ in 0..OVERTAKEN_MAX {
            let pass = fetch().await;
            drop(others.take(Duration::ZERO).await);
            assert_eq!(tokens.age(&pass), TokenAge::NewestProven);
            tokens.refused(&pass);
        }
        let pass = fetch().await;
        drop(others.take(Duration::ZERO).await);
        assert_eq!(tokens.age(&pass), TokenAge::NewestUnproven);
        tokens.accepted(&pass);
        assert_eq!(tokens.overtaken.get(), 0);
    }

    #[tokio::test]
    async fn an_older_token_is_known_as_such() {
        let tokens = Tokens::default();
        let first = tokens.pass::<()>(async || Ok(grant(1800))).await.expect("a token");
        tokens.accepted(&first);
        assert_eq!(tokens.age(&first), TokenAge::NewestProven);
        tokens.refused(&first);
        let second = tokens.pass::<()>(async || Ok(grant(1800))).await.expect("a token");
        assert_eq!((tokens.age(&first), tokens.age(&second)), (TokenAge::Older, TokenAge::NewestUnproven));
        tokens.refused(&first);
        let third = tokens.pass::<()>(async || Ok(grant(1800))).await.expect("a token");
        assert_eq!(tokens.age(&third), TokenAge::NewestUnproven);
        assert_eq!(third.generation, second.generation, "a late refusal of the old one renews nothing");
    }
}
