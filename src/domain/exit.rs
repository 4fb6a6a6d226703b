//! With which exit codes commands end. Scripts go by the numbers: they are a promise.

use std::fmt;

use strum::{FromRepr, VariantArray};

/// How a command ended. Where several hold, the one declared first counts: what can go on by itself goes on first, so
/// 4 stands before 5.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromRepr, VariantArray)]
#[repr(u8)]
pub enum ExitCode {
    /// The command line is wrong.
    Usage = 2,
    /// A fault of ringback's own.
    Fault = 70,
    /// The settings are wrong.
    Settings = 78,
    /// The platform said 401 or 403, or gives no token.
    Denied = 77,
    /// Reading or writing failed on this machine.
    Io = 74,
    /// An input file, or the ledger that is asked, is not there.
    NotThere = 66,
    /// The input cannot be read as CSV or NDJSON with the fields needed, or has more rejected rows than allowed.
    Input = 65,
    /// Another run holds the ledger, or it is paused.
    Busy = 75,
    /// Stopped early: callbacks are pending.
    Pending = 4,
    /// Finished; some callbacks are in doubt and need a person.
    InDoubt = 5,
    /// Finished; valid callbacks are failed, expired or without their text.
    Failed = 6,
    /// Finished; some rows are rejected, nothing worse.
    Rejected = 3,
    /// Every row is settled.
    #[default]
    Done = 0,
}

impl ExitCode {
    /// Every code, the worst first.
    pub const WORST_FIRST: &[Self] = Self::VARIANTS;

    /// The code of a number that was stored; `None` where no code has it.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::from_repr(number)
    }

    /// The number that the process ends with.
    #[must_use]
    pub fn number(self) -> u8 {
        self as u8
    }
}

impl fmt::Display for ExitCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_that_were_promised() {
        for (code, number) in [
            (ExitCode::Done, 0),
            (ExitCode::Usage, 2),
            (ExitCode::Rejected, 3),
            (ExitCode::Pending, 4),
            (ExitCode::InDoubt, 5),
            (ExitCode::Failed, 6),
            (ExitCode::Input, 65),
            (ExitCode::NotThere, 66),
            (ExitCode::Fault, 70),
            (ExitCode::Io, 74),
            (ExitCode::Busy, 75),
            (ExitCode::Denied, 77),
            (ExitCode::Settings, 78),
        ] {
            assert_eq!((code.number(), ExitCode::from_number(number)), (number, Some(code)));
        }
        assert_eq!(ExitCode::from_number(1), None);
    }
}
