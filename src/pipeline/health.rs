//! How the platform does: the circuit over all requests, and the patience with a platform in trouble.

use std::cell::Cell;
use std::time::Duration;

use tokio::time::Instant;

use crate::logic::circuit::{Circuit, Health as Answer};

/// How the platform does.
#[derive(Debug, Default)]
pub struct Health {
    circuit: Cell<Circuit>,
    /// The wait before the first probe, drawn when the circuit opened.
    first_wait: Cell<Duration>,
    probe_at: Cell<Option<Instant>>,
    probe_is_out: Cell<bool>,
    unwell_since: Cell<Option<Instant>>,
}

/// What may be sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Anything.
    Open,
    /// One probe.
    ProbeDue,
    /// Nothing before this instant; `None` while a probe is out.
    Shut(Option<Instant>),
}

/// On what errand a request leaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Errand {
    /// For its own sake.
    #[default]
    Ordinary,
    /// To find out how the platform does: it counts as nobody's attempt.
    Probe,
}

impl Health {
    /// What may be sent now.
    pub fn door(&self) -> Door {
        match self.probe_at.get() {
            _ if !self.circuit.get().is_open() => Door::Open,
            _ if self.probe_is_out.get() => Door::Shut(None),
            Some(at) if Instant::now() < at => Door::Shut(Some(at)),
            Some(_) | None => Door::ProbeDue,
        }
    }

    /// Whether a request may leave on this errand, now that its turn has come.
    pub fn lets_pass(&self, errand: Errand) -> bool {
        errand == Errand::Probe || !self.circuit.get().is_open()
    }

    /// Notes that a probe sets out.
    pub fn probe_sets_out(&self) {
        self.probe_is_out.set(true);
    }

    /// Notes that the probe is back, whether or not it had to send anything.
    pub fn probe_is_back(&self) {
        self.probe_is_out.set(false);
    }

    /// Notes an answer that shows that somebody is there.
    pub fn went_well(&self) {
        if self.circuit.get().is_open() {
            tracing::warn!("the platform answers again");
        }
        self.circuit.set(self.circuit.get().after(Answer::Well));
        self.unwell_since.set(None);
    }

    /// Notes trouble. `first_wait` is how long the first probe waits if this is what opens the circuit.
    pub fn met_trouble(&self, first_wait: Duration) {
        let before = self.circuit.get();
        if before.is_open() && !self.probe_is_out.get() {
            // A request that was in flight when the circuit opened: it tells nothing new.
            return;
        }
        let now = before.after(Answer::Trouble);
        if now.is_open() && !before.is_open() {
            tracing::warn!("the platform is in trouble: from now on one request at a time");
            self.first_wait.set(first_wait);
        }
        self.circuit.set(now);
        self.probe_at.set(now.probe_wait(self.first_wait.get()).map(|wait| Instant::now() + wait));
    }

    /// For how long there has been no success; it begins with the first call after one.
    pub fn unwell_for(&self) -> Duration {
        let since = self.unwell_since.get().unwrap_or_else(Instant::now);
        self.unwell_since.set(Some(since));
        since.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Duration = Duration::from_secs(7);

    /// So many troubles, one after the other.
    fn after_troubles(troubles: usize) -> Health {
        let health = Health::default();
        for _ in 0..troubles {
            health.met_trouble(FIRST);
        }
        health
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_in_flight_when_it_opened_does_not_put_the_first_probe_off() {
        for troubles in [20, 35] {
            let health = after_troubles(troubles);
            assert_eq!(health.door(), Door::Shut(Some(Instant::now() + FIRST)), "{troubles}");
            tokio::time::sleep(FIRST).await;
            assert_eq!(health.door(), Door::ProbeDue);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_probe_at_a_time_and_each_that_meets_trouble_doubles_the_wait() {
        let health = after_troubles(20);
        assert!(health.lets_pass(Errand::Probe) && !health.lets_pass(Errand::Ordinary));
        health.probe_sets_out();
        assert_eq!(health.door(), Door::Shut(None));
        health.met_trouble(FIRST);
        health.probe_is_back();
        assert_eq!(health.door(), Door::Shut(Some(Instant::now() + FIRST * 2)));
        health.went_well();
        assert_eq!((health.door(), health.lets_pass(Errand::Ordinary)), (Door::Open, true));
    }
}
