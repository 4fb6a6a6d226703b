//! The commands that a person is told to type next. They work as they are printed, in the folder in which they are
//! printed: with the ledger and the settings that were named, quoted where a shell needs it.

use std::path::Path;

use anyhow::anyhow;

use crate::io::ledger::{Doubt, LedgerError};
use crate::pipeline::error::RunError;
use crate::render::surroundings::Commands;

use super::args::Common;
use super::exit::Ending;
use super::settings::{Origin, Settings};

/// For the ledger of these settings. A ledger that the settings' file names, or that lies in its own place, is found
/// again by itself; one that a flag or a variable named may not be.
pub(super) fn of(common: &Common, settings: &Settings) -> Commands {
    let is_named = match settings.origin("ledger") {
        Some(Origin::Flag(_) | Origin::Variable(_)) => true,
        Some(Origin::File { .. } | Origin::Default) | None => false,
    };
    naming(common, is_named.then_some(&settings.ledger))
}

/// For the ledger that was named, where one was.
pub(super) fn naming(common: &Common, ledger: Option<&impl AsRef<Path>>) -> Commands {
    let option = |name: &str, path: &Path| format!(" {name} {}", quoted(path));
    let config = common.config.as_deref().map(|config| option("--config", config));
    let ledger = ledger.map(|ledger| option("--ledger", ledger.as_ref()));
    Commands::naming(config.unwrap_or_default() + &ledger.unwrap_or_default())
}

/// What a person can do about a ledger in doubt.
pub(super) fn advice(doubt: &Doubt, commands: &Commands) -> String {
    doubt.advice(&commands.ringback("ledger adopt"))
}

/// How a command ends that cannot use the ledger, with what to do about it.
pub(super) fn refused(error: LedgerError, commands: &Commands) -> Ending {
    let LedgerError::Doubted { doubt, .. } = &error else { return error.into() };
    let advice = advice(doubt, commands);
    let error = RunError::from(error);
    Ending { code: error.exit_code(), words: Some(anyhow!("{error}. Nothing was sent. What to do: {advice}")) }
}

/// A path as a shell takes it, and as no option.
fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    let path = if path.starts_with('-') { format!("./{path}") } else { path };
    let is_plain = path.chars().all(|letter| letter.is_alphanumeric() || "/._-+:@%".contains(letter));
    if is_plain && !path.is_empty() { path } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_gives_the_path_back() {
        for path in ["plain/l.db", "two words.db", "it's.db", "$HOME/l.db", "~/l.db", "a*?[b].db", "-x.db", ""] {
            let script = format!("printf %s {}", quoted(Path::new(path)));
            let told = std::process::Command::new("sh").args(["-c", &script]).output().expect("a shell").stdout;
            let told = String::from_utf8(told).expect("text");
            assert_eq!(told.strip_prefix("./").unwrap_or(&told), path);
        }
        assert_eq!(quoted(Path::new("-x.db")), "./-x.db");
    }
}
