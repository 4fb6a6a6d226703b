//! How a command ends: with an exit code, and words where something is wrong.

use anyhow::anyhow;

use crate::domain::exit::ExitCode;
use crate::pipeline::error::RunError;

use super::settings::SettingsError;

/// How a command ends that could not do its work.
#[derive(Debug)]
pub(super) struct Ending {
    /// The exit code.
    pub(super) code: ExitCode,
    /// What a person is told; `None` where nobody listens any more.
    pub(super) words: Option<anyhow::Error>,
}

impl Ending {
    /// The command line is wrong.
    pub(super) fn usage(words: &str) -> Self {
        Self { code: ExitCode::Usage, words: Some(anyhow!("{words}")) }
    }

    /// The settings are wrong.
    pub(super) fn settings(words: anyhow::Error) -> Self {
        Self { code: ExitCode::Settings, words: Some(words) }
    }

    /// Reading or writing failed on this machine.
    pub(super) fn io(words: anyhow::Error) -> Self {
        Self { code: ExitCode::Io, words: Some(words) }
    }

    /// A fault of ringback's own.
    pub(super) fn fault(words: anyhow::Error) -> Self {
        Self { code: ExitCode::Fault, words: Some(words) }
    }
}

impl From<RunError> for Ending {
    fn from(error: RunError) -> Self {
        Self { code: error.exit_code(), words: Some(error.into()) }
    }
}

impl From<SettingsError> for Ending {
    fn from(error: SettingsError) -> Self {
        Self { code: ExitCode::Settings, words: Some(error.into()) }
    }
}
