//! Whether the platform is asked at all: after many troubles in a row, one request at a time finds out.
//!
//! Reads no clock and sleeps nowhere: what it says holds from the moment at which it is told.

use std::time::Duration;

/// Troubles in a row that open the circuit.
const TROUBLES_MAX: u32 = 20;

/// The longest wait before a probe.
const PROBE_WAIT_MAX: Duration = Duration::from_mins(1);

/// Whether the platform is asked at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Circuit {
    /// It is, and so many answers in a row were trouble.
    Closed {
        /// Troubles in a row.
        troubles: u32,
    },
    /// One probe at a time.
    Open {
        /// Probes that met trouble.
        failed_probes: u32,
    },
}

/// What an answer says of the platform's health.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// 5xx, not sent, no answer.
    Trouble,
    /// Any other answer: somebody is there.
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
    pub fn after(self, health: Health) -> Self {
        match (self, health) {
            (_, Health::Well) => Self::default(),
            (Self::Closed { troubles }, Health::Trouble) if troubles + 1 < TROUBLES_MAX => {
                Self::Closed { troubles: troubles + 1 }
            }
            (Self::Closed { .. }, Health::Trouble) => Self::Open { failed_probes: 0 },
            (Self::Open { failed_probes }, Health::Trouble) => {
                Self::Open { failed_probes: failed_probes.saturating_add(1) }
            }
        }
    }

    /// How long to wait before the next probe: `first`, then twice as long after each that met trouble, up to a
    /// minute. `None` where nothing is waited for.
    #[must_use]
    pub fn probe_wait(self, first: Duration) -> Option<Duration> {
        let Self::Open { failed_probes } = self else { return None };
        let doubled = first.saturating_mul(1 << failed_probes.min(16));
        Some(doubled.min(PROBE_WAIT_MAX.max(first)))
    }

    /// Whether one probe at a time is all that is sent.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Open { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(healths: impl IntoIterator<Item = Health>) -> Circuit {
        healths.into_iter().fold(Circuit::default(), Circuit::after)
    }

    #[test]
    fn twenty_troubles_in_a_row_open_it_and_any_answer_closes_it() {
        let troubles = |count| std::iter::repeat_n(Health::Trouble, count);
        assert!(!after(troubles(19)).is_open());
        assert!(after(troubles(20)).is_open());
        assert!(!after(troubles(19).chain([Health::Well]).chain(troubles(19))).is_open());
        assert_eq!(after(troubles(50).chain([Health::Well])), Circuit::Closed { troubles: 0 });
    }

    #[test]
    fn probes_wait_twice_as_long_each_time_up_to_a_minute() {
        let first = Duration::from_secs(7);
        let waits: Vec<_> = (20..26)
            .map(|troubles| after(std::iter::repeat_n(Health::Trouble, troubles)).probe_wait(first))
            .map(|wait| wait.map(|wait| wait.as_secs()))
            .collect();
        assert_eq!(waits, [Some(7), Some(14), Some(28), Some(56), Some(60), Some(60)]);
        assert_eq!(Circuit::default().probe_wait(first), None);
    }
}
