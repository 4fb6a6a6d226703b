//! The commands that a person is told to type next. They work as they are printed, in the folder in which they are
//! printed: with the ledger and the settings that were named, quoted where a shell needs it.

use std::path::Path;

use anyhow::anyhow;

use crate::io::ledger::{Doubt, LedgerError};
use crate::pipeline::error::RunError;
use crate::render::table::Surroundings as Around;

use super::args::Common;
use super::exit::Ending;
use super::settings::{Origin, Settings};

/// How a ledger is named to the next command.
#[derive(Clone, Debug, Default)]
pub(super) struct Again {
    sandbox: &'static str,
    /// Options, each with a space in front.
    options: String,
}

impl Again {
    /// For the ledger of these settings. A ledger that the settings' file names, or that lies in its own place, is
    /// found again by itself; one that a flag or a variable named may not be.
    pub(super) fn of(common: &Common, settings: &Settings) -> Self {
        let is_named = match settings.origin("ledger") {
            Some(Origin::Flag(_) | Origin::Variable(_)) => true,
            Some(Origin::File { .. } | Origin::Default) | None => false,
        };
        Self::naming(common, is_named.then_some(&settings.ledger))
    }

    /// For the ledger that was named, where one was.
    pub(super) fn naming(common: &Common, ledger: Option<&impl AsRef<Path>>) -> Self {
        let option = |name: &str, path: &Path| format!(" {name} {}", quoted(path));
        let config = common.config.as_deref().map(|config| option("--config", config));
        let ledger = ledger.map(|ledger| option("--ledger", ledger.as_ref()));
        Self { sandbox: "", options: config.unwrap_or_default() + &ledger.unwrap_or_default() }
    }

    /// The same in a rehearsal.
    pub(super) fn in_sandbox(self) -> Self {
        Self { sandbox: " --sandbox", ..self }
    }

    /// The command that goes on with what the ledger holds.
    pub(super) fn resume(&self) -> String {
        format!("ringback resume{}{}", self.sandbox, self.options)
    }

    /// The command that settles what is in doubt.
    pub(super) fn settle(&self) -> String {
        format!("ringback settle{}", self.options)
    }

    /// What a person can do about a ledger in doubt.
    pub(super) fn advice(&self, doubt: &Doubt) -> String {
        doubt.advice(&format!("ringback ledger adopt{}", self.options))
    }

    /// How a command ends that cannot use the ledger, with what to do about it.
    pub(super) fn refused(&self, error: LedgerError) -> Ending {
        let advice =
            if let LedgerError::Doubted { doubt, .. } = &error { self.advice(doubt) } else { return error.into() };
        let error = RunError::from(error);
        Ending { code: error.exit_code(), words: Some(anyhow!("{error}. Nothing was sent. What to do: {advice}")) }
    }

    /// The command that gives inputs to ringback.
    pub(super) fn run(&self) -> String {
        format!("ringback run{}{}", self.sandbox, self.options)
    }

    /// The command that says that the input of a run that died is not needed, as far as the run's number.
    pub(super) fn dismiss(&self) -> String {
        format!("ringback runs{} --dismiss", self.options)
    }

    /// The command that ends a pause.
    pub(super) fn unpause(&self) -> String {
        format!("ringback unpause{}", self.options)
    }

    /// What stands around the sums of a command that can be gone on with.
    pub(super) fn around<'a>(&self, command: &'a str) -> Around<'a> {
        Around {
            command,
            resume: self.resume(),
            settle: self.settle(),
            rerun: self.run(),
            dismiss: self.dismiss(),
            unpause: self.unpause(),
            ..Around::default()
        }
    }

    /// The commands between backquotes in a text that names no ledger, each with the ledger and the settings.
    pub(super) fn told_in(&self, text: &str) -> String {
        let (resume, settle) = (format!("`{}`", self.resume()), format!("`{}", self.settle()));
        text.replace("`ringback resume`", &resume).replace("`ringback settle", &settle)
    }

    /// The command that tells a run again.
    pub(super) fn report(&self, run: &str) -> String {
        format!("ringback report {run} --out DIR{}", self.options)
    }
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
