//! By which rule the hour of a callback is chosen.

use strum::IntoStaticStr;

/// How an hour is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Strategy {
    /// The whole batch as evenly as it can be.
    Balanced,
    /// The hour with most agents, the first on ties.
    Peak,
}

impl Strategy {
    /// The word that is typed, and that files carry.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The one that it is compared with.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Balanced => Self::Peak,
            Self::Peak => Self::Balanced,
        }
    }
}
