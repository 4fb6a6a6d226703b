//! Whether requests may leave: after several troubles in a row only test requests do, until one is answered.
//!
//! A test request (a probe) holds nothing, so that the platform can only refuse it. That it is refused says that
//! somebody is there, and not yet that real requests succeed: the first real one after it goes alone, on trial.
//! Reads no clock and sleeps nowhere: what it says holds from the moment at which it is told.

use std::time::Duration;

/// The longest wait after a probe that met trouble.
const PROBE_WAIT_MAX: Duration = Duration::from_mins(1);

/// How much trouble is borne.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerance {
    /// Troubles in a row that open the circuit.
    pub troubles_max: u32,
    /// The longest wait after a trial that met trouble.
    pub trial_wait_max: Duration,
}

impl Tolerance {
    /// For all requests together.
    pub const ALL: Self = Self { troubles_max: 20, trial_wait_max: PROBE_WAIT_MAX };

    /// For texts: each trouble may be a customer who was texted, which a person has to look up. Where probes are
    /// answered and texts are not, every trial is one more, so the waits between trials grow on.
    pub const TEXTS: Self = Self { troubles_max: 3, trial_wait_max: Duration::from_hours(1) };
}

/// Whether requests may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Circuit {
    /// They may.
    Closed {
        /// Troubles in a row.
        troubles: u32,
    },
    /// Only a probe may, after a wait.
    Open {
        /// Probes in a row that met trouble.
        failed_probes: u32,
        /// Trials in a row that met trouble.
        failed_trials: u32,
    },
    /// A probe was answered: one request at a time may, until one succeeds.
    Trial {
        /// Trials in a row that met trouble.
        failed_trials: u32,
    },
}

/// What an answer says of the platform's health.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// 5xx, not sent, no answer.
    Trouble,
    /// Somebody is there, but nothing was done for a customer: the answer to a probe, or a token.
    Answered,
    /// A request was done, or refused for what it holds.
    Well,
}

impl Default for Circuit {
    fn default() -> Self {
        Self::Closed { troubles: 0 }
    }
}

impl Circuit {
    /// The circuit after an answer.
    #[must_use]
    pub fn after(self, health: Health, tolerance: Tolerance) -> Self {
        match (self, health) {
            (_, Health::Well) | (Self::Closed { .. }, Health::Answered) => Self::default(),
            (Self::Open { failed_trials, .. } | Self::Trial { failed_trials }, Health::Answered) => {
                Self::Trial { failed_trials }
            }
            (Self::Closed { troubles }, Health::Trouble) if troubles + 1 < tolerance.troubles_max => {
                Self::Closed { troubles: troubles + 1 }
            }
            (Self::Closed { .. }, Health::Trouble) => Self::Open { failed_probes: 0, failed_trials: 0 },
            (Self::Open { failed_probes, failed_trials }, Health::Trouble) => {
                Self::Open { failed_probes: failed_probes.saturating_add(1), failed_trials }
            }
            (Self::Trial { failed_trials }, Health::Trouble) => {
                Self::Open { failed_probes: 0, failed_trials: failed_trials.saturating_add(1) }
            }
        }
    }

    /// How long to wait before the next probe: `first`, then twice as long after each probe or trial that met
    /// trouble, up to a limit. `None` where nothing is waited for.
    #[must_use]
    pub fn probe_wait(self, first: Duration, tolerance: Tolerance) -> Option<Duration> {
        let Self::Open { failed_probes, failed_trials } = self else { return None };
        let doubled = |times: u32, most: Duration| first.saturating_mul(1 << times.min(30)).min(most.max(first));
        Some(doubled(failed_probes, PROBE_WAIT_MAX).max(doubled(failed_trials, tolerance.trial_wait_max)))
    }

    /// Whether only probes may leave.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Open { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(tolerance: Tolerance, healths: impl IntoIterator<Item = Health>) -> Circuit {
        healths.into_iter().fold(Circuit::default(), |circuit, health| circuit.after(health, tolerance))
    }

    fn troubles(count: u32) -> impl Iterator<Item = Health> {
        (0..count).map(|_| Health::Trouble)
    }

    #[test]
    fn so_many_troubles_in_a_row_open_it_and_any_answer_between_them_counts_anew() {
        for (tolerance, most) in [(Tolerance::ALL, 20), (Tolerance::TEXTS, 3)] {
            let after = |healths: &mut dyn Iterator<Item = Health>| after(tolerance, healths);
            assert!(!after(&mut troubles(most - 1)).is_open());
            assert!(after(&mut troubles(most)).is_open());
            for between in [Health::Well, Health::Answered] {
                let mut healths = troubles(most - 1).chain([between]).chain(troubles(most - 1));
                assert!(!after(&mut healths).is_open(), "{between:?}");
            }
            assert_eq!(after(&mut troubles(50).chain([Health::Well])), Circuit::Closed { troubles: 0 });
        }
    }

    #[test]
    fn an_answered_probe_allows_a_trial_which_closes_it_or_opens_it_again() {
        let trial = after(Tolerance::TEXTS, troubles(9).chain([Health::Answered]));
        assert_eq!(trial, Circuit::Trial { failed_trials: 0 });
        assert_eq!(trial.after(Health::Answered, Tolerance::TEXTS), trial, "a probe proves nothing of real requests");
        assert_eq!(trial.after(Health::Well, Tolerance::TEXTS), Circuit::default());
        let again = trial.after(Health::Trouble, Tolerance::TEXTS);
        assert_eq!(again, Circuit::Open { failed_probes: 0, failed_trials: 1 });
    }

    #[test]
    fn probes_wait_twice_as_long_each_time_up_to_a_minute() {
        let first = Duration::from_secs(7);
        let wait = |count| after(Tolerance::ALL, troubles(count)).probe_wait(first, Tolerance::ALL);
        let waits: Vec<_> = (20..26).map(|count| wait(count).map(|wait| wait.as_secs())).collect();
        assert_eq!(waits, [Some(7), Some(14), Some(28), Some(56), Some(60), Some(60)]);
        assert_eq!(Circuit::default().probe_wait(first, Tolerance::ALL), None);
    }

    #[test]
    fn trials_of_texts_wait_twice_as_long_each_time_up_to_an_hour() {
        let first = Duration::from_secs(30);
        let wait = |tolerance: Tolerance, trials: u32| {
            let trials = (0..trials).flat_map(|_| [Health::Answered, Health::Trouble]);
            let opened = troubles(tolerance.troubles_max);
            after(tolerance, opened.chain(trials)).probe_wait(first, tolerance).map_or(0, |wait| wait.as_secs())
        };
        let waits = |tolerance| [0, 1, 2, 4, 9, 99].map(|trials| wait(tolerance, trials));
        assert_eq!(waits(Tolerance::TEXTS), [30, 60, 120, 480, 3600, 3600]);
        assert_eq!(waits(Tolerance::ALL), [30, 60, 60, 60, 60, 60]);
    }
}
