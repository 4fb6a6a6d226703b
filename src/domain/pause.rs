//! A pause: somebody said that nothing more is to be sent for a ledger, until somebody takes it back.

use super::discreet::without_numbers;
use super::shown::words;
use super::time::Timestamp;

/// Characters of a reason; what is longer is cut.
pub const REASON_CHARACTERS_MAX: usize = 200;

/// Characters of the name of a user or a machine.
const NAME_CHARACTERS_MAX: usize = 64;

/// Who paused a ledger, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    /// The user; empty where it is not known.
    pub user: String,
    /// The machine; empty where it is not known.
    pub host: String,
    /// Since when.
    pub since: Option<Timestamp>,
    /// Why; empty where nobody said it.
    pub reason: String,
}

/// A ledger that is paused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Paused {
    /// By somebody.
    By(Pause),
    /// By a file that does not say by whom: what is wrong with it.
    Unreadable(String),
}

impl Pause {
    /// With all texts on one line, cut, and without what steers a screen.
    #[must_use]
    pub fn cleaned(self) -> Self {
        let Self { user, host, since, reason } = self;
        let name = |name: &str| words(name, NAME_CHARACTERS_MAX);
        Self { user: name(&user), host: name(&host), since, reason: words(&reason, REASON_CHARACTERS_MAX) }
    }
}

impl Paused {
    /// Who paused it, since when and why: what stands behind `paused`. No phone number is in it.
    #[must_use]
    pub fn told(&self) -> String {
        match self {
            Self::By(pause) => by(pause),
            Self::Unreadable(why) => format!("by a file that cannot be read ({})", words(why, REASON_CHARACTERS_MAX)),
        }
    }
}

fn by(pause: &Pause) -> String {
    let Pause { user, host, since, reason } = pause.clone().cleaned();
    let mut told = match (user.is_empty(), host.is_empty()) {
        (false, false) => format!("by {user} on {host}"),
        (false, true) => format!("by {user}"),
        (true, false) => format!("by somebody on {host}"),
        (true, true) => "by somebody".to_owned(),
    };
    if let Some(since) = since {
        told = format!("{told} since {}", since.rfc3339());
    }
    if !reason.is_empty() {
        told = format!("{told}: {reason}");
    }
    without_numbers(&told)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pause(reason: &str) -> Paused {
        let since = Some(Timestamp::from_unix(1_795_438_800));
        Paused::By(Pause { user: "ann".into(), host: "db1".into(), since, reason: reason.into() })
    }

    #[test]
    fn who_since_when_and_why_are_told_on_one_line_without_numbers() {
        assert_eq!(pause("").told(), "by ann on db1 since 2026-11-23T13:00:00Z");
        let told = pause("wrong\u{1b}[2J template,\nask +1 202 555 0198").told();
        assert_eq!(told, "by ann on db1 since 2026-11-23T13:00:00Z: wrong [2J template, ask +•••0198");
        assert!(pause(&"x".repeat(9000)).told().len() < 300);
        let nobody = Pause { user: String::new(), host: String::new(), since: None, reason: "\u{7}".into() };
        assert_eq!(Paused::By(nobody).told(), "by somebody");
    }
}
