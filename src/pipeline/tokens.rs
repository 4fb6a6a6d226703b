//! The bearer token: one for all, renewed once for all who wait, before it ends or when it is refused.

use std::cell::RefCell;
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::io::platform::Grant;
use crate::logic::retry::TokenAge;

/// A token is renewed so long before its end, or a tenth of its life where that is less.
const RENEWED_EARLY_MAX: Duration = Duration::from_mins(1);

/// A token in someone's hand.
#[derive(Clone, Debug)]
pub struct Pass {
    /// The token.
    pub token: SecretString,
    generation: u64,
}

impl Pass {
    /// What a request has that asks for a token: none.
    #[must_use]
    pub fn none() -> Self {
        Self { token: SecretString::default(), generation: u64::MAX }
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
pub struct Tokens {
    newest: RefCell<Option<Held>>,
    /// Whoever holds it renews; the others wait and then find the new one.
    renewing: Mutex<()>,
}

impl Tokens {
    /// The newest token, or one that `renew` fetches where there is none that is good for some time yet.
    pub async fn pass<E>(&self, renew: impl AsyncFnOnce() -> Result<Grant, E>) -> Result<Pass, E> {
        if let Some(pass) = self.fresh() {
            return Ok(pass);
        }
        let _turn = self.renewing.lock().await;
        if let Some(pass) = self.fresh() {
            return Ok(pass);
        }
        let Grant { token, lifetime } = renew().await?;
        let mut newest = self.newest.borrow_mut();
        let generation = newest.as_ref().map_or(0, |held| held.pass.generation + 1);
        let pass = Pass { token, generation };
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
        }
    }

    /// How a token stands to the newest. One whose life is over has proven nothing against the credentials.
    #[must_use]
    pub fn age(&self, pass: &Pass) -> TokenAge {
        match self.newest.borrow().as_ref() {
            Some(held) if held.pass.generation != pass.generation => TokenAge::Older,
            Some(held) if held.proven || held.ends_at <= Instant::now() => TokenAge::NewestProven,
            Some(_) | None => TokenAge::NewestUnproven,
        }
    }

    /// Notes that the platform refused a token: whoever comes next renews it, unless that was done already.
    pub fn refused(&self, pass: &Pass) {
        if let Some(held) = self.newest.borrow_mut().as_mut().filter(|held| held.pass.generation == pass.generation) {
            held.renew_at = Instant::now();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    fn grant(seconds: u64) -> Grant {
        Grant { token: "t".into(), lifetime: Duration::from_secs(seconds) }
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
