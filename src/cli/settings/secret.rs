//! How the place of the client secret is shown. The secret itself is nowhere in the settings.

use crate::io::platform::SecretSource;

use super::text::{clean, clean_path};

/// The source for a person. Of a command only the program: its arguments may hold a token.
pub(super) fn shown(source: &SecretSource) -> String {
    match source {
        SecretSource::File(path) => clean_path(path),
        SecretSource::Command(command) => match command.split_whitespace().next() {
            Some(program) if !program.contains(['=', '\'', '"', '$', '`', ';', '|']) => format!("{} …", clean(program)),
            Some(_) | None => "…".to_owned(),
        },
        SecretSource::Env(name) => clean(name),
        SecretSource::Fixed(_) => "the sandbox's".to_owned(),
    }
}
