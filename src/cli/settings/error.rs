//! What is wrong with the settings: every error says where, which key, and what is allowed.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::text::clean_path;
use crate::io::platform::v2::CLIENT_SECRET_VARIABLE;

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The defaults that are built in.
    Default,
    /// A line of the settings file, 1 for the first.
    File {
        /// The file as it was found.
        path: PathBuf,
        /// The line on which the value begins.
        line: usize,
    },
    /// An environment variable, by its name.
    Variable(String),
    /// A flag of the command line.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{}:{line}", clean_path(path)),
            Self::Variable(name) => f.write_str(name),
            Self::Flag(flag) => f.write_str(flag),
        }
    }
}

/// Why there are no settings to work with. Never carries a secret; foreign text in it is cut and cleaned.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A settings file was named and is not there.
    #[error("{}: the settings file is not there", clean_path(path))]
    NotThere {
        /// The file that was named.
        path: PathBuf,
    },
    /// A settings file is there and cannot be read.
    #[error("{}: the settings file cannot be read: {why}", clean_path(path))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said; the words above hold it, so it is no source that a chain would say again.
        why: io::Error,
    },
    /// The file is not TOML.
    #[error("{}:{line}:{column}: {reason}", clean_path(path))]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line, 1 for the first.
        line: usize,
        /// The character in the line, 1 for the first.
        column: usize,
        /// What the parser met and expected.
        reason: String,
    },
    /// A key that does not exist.
    #[error("{place}: {key}: no such key; {hint}")]
    UnknownKey {
        /// Where it stands.
        place: Origin,
        /// The key with its tables.
        key: String,
        /// The known key that was probably meant, else those that may stand there.
        hint: String,
    },
    /// An environment variable that looks like a setting and is none.
    #[error("{name}: no such setting; {hint}")]
    UnknownVariable {
        /// The variable.
        name: String,
        /// The known variable that was probably meant, else how they are named.
        hint: String,
    },
    /// A value that is not allowed.
    #[error("{place}: {key}: {given} is not allowed: {allowed}")]
    NotAllowed {
        /// Where it stands.
        place: Origin,
        /// The key with its tables.
        key: String,
        /// The value as it was typed.
        given: String,
        /// What may stand there.
        allowed: String,
    },
    /// Keys that exclude one another, set in the same place.
    #[error("{place}: only one of {keys} may be set")]
    Conflict {
        /// Where the first of them stands.
        place: Origin,
        /// The keys.
        keys: String,
    },
    /// A secret where it would be read by others.
    #[error(
        "{place}: {key}: a secret does not stand in settings or flags; \
         set platform.client_secret_file, platform.client_secret_command or the variable {CLIENT_SECRET_VARIABLE}"
    )]
    InlineSecret {
        /// Where it stands.
        place: Origin,
        /// The key with its tables.
        key: String,
    },
    /// Something the command needs is not set anywhere.
    #[error("{place}: not set: {missing}")]
    Missing {
        /// The settings file, or where one was looked for.
        place: String,
        /// Each missing key with the ways to set it.
        missing: String,
    },
}
