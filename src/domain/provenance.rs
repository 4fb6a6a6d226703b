//! Whether a ledger is known to hold all that was done for its callbacks.

/// Whether a ledger is known to hold all that was done for its callbacks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Provenance {
    /// It is: a contact that the platform says it has, and that this ledger sent, is this ledger's own.
    #[default]
    Proven,
    /// It is not: it was restored from a copy, or replaces one that was lost. A contact that the platform says it has
    /// may have been created, and its text sent, by runs that this ledger does not know of.
    Unproven,
}
