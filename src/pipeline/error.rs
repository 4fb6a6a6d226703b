//! What ends a run before it can be reported: each with the exit code that it asks for.

use std::io;

use crate::io::ledger::LedgerError;
use crate::io::read::error::{ErrorClass, ReadError};
use crate::io::write::WriteError;

/// What ends a run before it can be reported.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// An input.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// An output.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The spool that rows wait in.
    #[error("the spool in the output folder cannot be used: {0}")]
    Spool(io::Error),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// More than one run can hold.
    #[error("more than {most} {what}; split them")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        most: usize,
    },
    /// Campaigns whose texts have no sender.
    #[error("no number to text from, needed by campaign {}; set sms.from", campaigns.join(", "))]
    NoSender {
        /// Which.
        campaigns: Vec<String>,
    },
    /// A fault of ringback's own.
    #[error("a fault of ringback's own: {0}")]
    Fault(String),
}

impl RunError {
    /// The exit code that it asks for.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Read(error) => match error.class() {
                ErrorClass::NotThere => 66,
                ErrorClass::Unreadable => 65,
                ErrorClass::Io => 74,
            },
            Self::Write(_) | Self::Spool(_) => 74,
            Self::Ledger(error) => ledger_exit_code(error),
            Self::TooMany { .. } => 65,
            Self::NoSender { .. } => 78,
            Self::Fault(_) => 70,
        }
    }
}

fn ledger_exit_code(error: &LedgerError) -> u8 {
    match error {
        LedgerError::Held { .. } | LedgerError::Conflict(_) => 75,
        LedgerError::NotThere { .. } => 66,
        LedgerError::Taken { .. } | LedgerError::ItsOwn { .. } | LedgerError::NotNew { .. } => 2,
        LedgerError::Foreign { .. }
        | LedgerError::NotALedger { .. }
        | LedgerError::Newer { .. }
        | LedgerError::Doubted { .. } => 78,
        LedgerError::Open { .. }
        | LedgerError::Copy { .. }
        | LedgerError::Pause { .. }
        | LedgerError::Unusable { .. }
        | LedgerError::Stopped(_)
        | LedgerError::Damaged { .. } => 74,
        LedgerError::OutOfOrder(_) => 70,
    }
}
