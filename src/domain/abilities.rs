//! What a back end can do: known from its settings, before anything is sent, so that plans go by it too.

use std::num::NonZeroU16;
use std::time::Duration;

/// How a request whose outcome is unknown may be treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// It is never repeated: a person decides.
    Never,
    /// It is repeated with the same id and the same bytes, which changes nothing where it was done.
    SameId,
    /// The same, for so long from the first request on.
    WithinLife(Duration),
    /// The platform is to be asked first whether it was done. As long as nobody asks, a person decides.
    LookUpFirst,
}

impl Repeat {
    /// Whether a request may be repeated for which others have been leaving for so long; `None` where an earlier run
    /// sent the first of them.
    #[must_use]
    pub fn allows(self, trying_for: Option<Duration>) -> bool {
        match self {
            Self::SameId => true,
            Self::WithinLife(life) => trying_for.is_some_and(|lasted| lasted < life),
            Self::Never | Self::LookUpFirst => false,
        }
    }
}

/// What a back end can do that creates contacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abilities {
    /// How a contact may be treated of which it is not known whether it was created.
    pub repeat: Repeat,
    /// Contacts that one request creates at most.
    pub items_max: NonZeroU16,
    /// How far ahead a contact may lie; `None` where there is no limit.
    pub horizon: Option<Duration>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_that_is_not_known_is_over() {
        let life = Repeat::WithinLife(Duration::from_mins(5));
        let lasted = [Some(Duration::ZERO), Some(Duration::from_secs(299)), Some(Duration::from_mins(5)), None];
        assert_eq!(lasted.map(|lasted| life.allows(lasted)), [true, true, false, false]);
        for lasted in lasted {
            let others = [Repeat::SameId, Repeat::Never, Repeat::LookUpFirst].map(|repeat| repeat.allows(lasted));
            assert_eq!(others, [true, false, false]);
        }
    }
}
