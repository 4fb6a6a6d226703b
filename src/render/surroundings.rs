//! What stands around the sums of a run, and the commands that a person types next.

use crate::domain::exit::ExitCode;
use crate::domain::report::Report;

/// The commands that a person types next, with the ledger and the settings that were named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commands {
    sandbox: &'static str,
    /// Options, each with a space in front.
    options: String,
}

impl Commands {
    /// With these options, each with a space in front.
    pub fn naming(options: impl Into<String>) -> Self {
        Self { sandbox: "", options: options.into() }
    }

    /// The same in a rehearsal.
    #[must_use]
    pub fn in_sandbox(self) -> Self {
        Self { sandbox: " --sandbox", ..self }
    }

    /// The command of these words.
    #[must_use]
    pub fn ringback(&self, words: &str) -> String {
        format!("ringback {words}{}", self.options)
    }

    /// The command that goes on with what the ledger holds.
    #[must_use]
    pub fn resume(&self) -> String {
        format!("ringback resume{}{}", self.sandbox, self.options)
    }

    /// The command that gives inputs to ringback, as far as the inputs.
    #[must_use]
    pub fn run(&self) -> String {
        format!("ringback run{}{}", self.sandbox, self.options)
    }
}

/// What goes on where something ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Onward {
    /// The same command.
    SameCommand,
    /// `run`.
    Run,
    /// `resume`.
    Resume,
    /// `resume`, once the pause is over.
    AfterPause,
}

impl Onward {
    /// The commands between backticks.
    #[must_use]
    pub fn told(self, commands: &Commands) -> String {
        match self {
            Self::SameCommand => "the same command again".to_owned(),
            Self::Run => format!("`{}`", commands.run()),
            Self::Resume => format!("`{}`", commands.resume()),
            Self::AfterPause => format!("`{}`, then `{}`,", commands.ringback("unpause"), commands.resume()),
        }
    }
}

/// Whence the sums and rows are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// From the run itself, as it ends: every row is at hand.
    #[default]
    Run,
    /// From the ledger: the sums that the run kept, and the callbacks that it changed.
    Kept,
    /// From the ledger alone: the run kept no sums, and they are counted from the callbacks that it changed.
    Counted,
    /// The same while the run goes on.
    Beside,
}

impl Source {
    /// Whether nothing is known but what the ledger's callbacks say.
    pub(super) fn is_counted(self) -> bool {
        match self {
            Self::Counted | Self::Beside => true,
            Self::Run | Self::Kept => false,
        }
    }
}

/// What stands around the sums.
#[derive(Clone, Debug, Default)]
pub struct Surroundings<'a> {
    /// What was done, `run`, `resume`, `plan` or `validate`.
    pub command: &'a str,
    /// The commands that may follow.
    pub commands: Commands,
    /// Whether the ledger holds what was done, so that it can be gone on with.
    pub is_kept: bool,
    /// The folder of the report, where one was written.
    pub folder: Option<String>,
    /// Why the run stopped, where it did.
    pub halt: Option<String>,
    /// Whether that was a pause, which must end before anything goes on.
    pub is_paused: bool,
    /// Which runs died before their input was taken up, where that is not why this one has not done all.
    pub cut_off: Option<String>,
    /// Whence all this is known.
    pub source: Source,
}

impl Surroundings<'_> {
    /// What goes on where this ended. A batch that was turned back whole is in no ledger.
    pub(super) fn onward(&self, report: &Report) -> Onward {
        match (self.is_kept, self.command) {
            _ if report.conditions.contains(&ExitCode::Input) => Onward::SameCommand,
            (false, "plan") => Onward::Run,
            (false, _) => Onward::SameCommand,
            (true, _) if self.is_paused => Onward::AfterPause,
            (true, _) => Onward::Resume,
        }
    }

    /// Where the rejected records are; the ledger does not know the folder of a run.
    pub(super) fn rejects(&self) -> Option<String> {
        match self.source {
            Source::Run => self.folder.as_ref().map(|folder| format!("{folder}/rejects*")),
            Source::Kept | Source::Counted | Source::Beside => {
                Some("the rejects file of the run's own folder".to_owned())
            }
        }
    }
}
