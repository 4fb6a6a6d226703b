//! What ends a run before it can be reported: each with the exit code that it asks for.

use std::io;

use crate::domain::exit::ExitCode;
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
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Read(error) => match error.class() {
                ErrorClass::NotThere => ExitCode::NotThere,
                ErrorClass::Unreadable => ExitCode::Input,
                ErrorClass::Io => ExitCode::Io,
            },
            Self::Write(_) | Self::Spool(_) => ExitCode::Io,
            Self::Ledger(error) => ledger_exit_code(error),
            Self::TooMany { .. } => ExitCode::Input,
            Self::NoSender { .. } => ExitCode::Settings,
            Self::Fault(_) => ExitCode::Fault,
        }
    }
}

fn ledger_exit_code(error: &LedgerError) -> ExitCode {
    match error {
        LedgerError::Held { .. } | LedgerError::Conflict(_) => ExitCode::Busy,
        LedgerError::NotThere { .. } => ExitCode::NotThere,
        LedgerError::Taken { .. } | LedgerError::ItsOwn { .. } | LedgerError::NotNew { .. } => ExitCode::Usage,
        LedgerError::Foreign { .. }
        | LedgerError::NotALedger { .. }
        | LedgerError::Newer { .. }
        | LedgerError::Doubted { .. } => ExitCode::Settings,
        LedgerError::Open { .. }
        | LedgerError::Copy { .. }
        | LedgerError::Pause { .. }
        | LedgerError::Unusable { .. }
        | LedgerError::Stopped(_)
        | LedgerError::Damaged { .. } => ExitCode::Io,
        LedgerError::OutOfOrder(_) => ExitCode::Fault,
    }
}
