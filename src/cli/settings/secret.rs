//! Where the client secret is read from, at each token. The secret itself is not here.

use std::fmt;
use std::path::PathBuf;

use secrecy::SecretString;

use super::text::{clean, clean_path};

/// Where the client secret is read from.
#[derive(Clone)]
pub enum SecretSource {
    /// A file that holds the secret and nothing else.
    File(PathBuf),
    /// A command that prints the secret.
    Command(String),
    /// The environment variable of this name.
    Env(String),
    /// A secret that needs no keeping: the sandbox's.
    Fixed(SecretString),
}

impl SecretSource {
    /// The source for a person. Of a command only the program: its arguments may hold a token.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::File(path) => clean_path(path),
            Self::Command(command) => match command.split_whitespace().next() {
                Some(program) if !program.contains(['=', '\'', '"', '$', '`', ';', '|']) => {
                    format!("{} …", clean(program))
                }
                Some(_) | None => "…".to_owned(),
            },
            Self::Env(name) => clean(name),
            Self::Fixed(_) => "the sandbox's".to_owned(),
        }
    }
}

impl fmt::Debug for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::File(_) => "File",
            Self::Command(_) => "Command",
            Self::Env(_) => "Env",
            Self::Fixed(_) => "Fixed",
        };
        f.debug_tuple(name).field(&self.shown()).finish()
    }
}
