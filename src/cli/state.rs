//! Where this machine keeps what processes of one client share.

use std::path::{Path, PathBuf};

use crate::io::ledger::Owner;
use crate::io::pace::{FilePace, Shared, TokenTurns};
use crate::io::state;

use super::rehearsal;

use super::settings::Surroundings;

/// The folder of a client in the state directory; `None`, with an error told, where there can be none. Rehearsals share
/// nothing and have none.
pub(super) fn client_folder(owner: &Owner, around: &Surroundings) -> Option<PathBuf> {
    if owner.platform == rehearsal::PLATFORM {
        return None;
    }
    look(owner, around).inspect_err(|why| tracing::error!("{why}")).ok()
}

/// The folder of a client; the error says what is wrong, what follows, and what to do.
pub(super) fn look(owner: &Owner, around: &Surroundings) -> Result<PathBuf, String> {
    const FOLLOWS: &str = "restored ledgers and other runs of this client are not noticed";
    let is_relative = |value: &std::ffi::OsStr| !value.is_empty() && Path::new(value).is_relative();
    if around.variable(state::VARIABLE).is_some_and(is_relative) {
        tracing::warn!("{} is no absolute path and is ignored; give it one that begins with /", state::VARIABLE);
    }
    let Some(directory) = state::directory(|name| around.variable(name)) else {
        return Err(format!("no state directory: set {} to a folder that stays, or HOME; {FOLLOWS}", state::VARIABLE));
    };
    state::client_folder(&directory, &owner.platform, &owner.client_id).map_err(|error| {
        let (shown, variable) = (directory.display(), state::VARIABLE);
        format!("the state directory {shown} cannot be written: {error}; set {variable} to one that can: {FOLLOWS}")
    })
}

/// The files by which the processes of one client share its pace and take turns to ask for tokens.
#[derive(Default)]
pub(super) struct ClientFiles(Option<(FilePace, TokenTurns)>);

impl ClientFiles {
    /// Opens them in the client's folder. Where there is none, or they cannot be opened, which is told, a process goes by
    /// itself.
    pub(super) fn open(folder: Option<&Path>) -> Self {
        let opened = folder.map(|folder| Self::open_in(folder).inspect_err(|why| tracing::error!("{why}")));
        opened.and_then(Result::ok).unwrap_or_default()
    }

    /// Opens them in this folder; the error says what is wrong, what follows, and what to do.
    pub(super) fn open_in(folder: &Path) -> Result<Self, String> {
        let open = || Ok((FilePace::open(folder)?, TokenTurns::open(folder)?));
        open().map(|files| Self(Some(files))).map_err(|error: std::io::Error| {
            format!(
                "the pace of this client cannot be shared in {}: {error}; set {} to a folder that can be written: requests \
                 of its other processes are not counted",
                folder.display(),
                state::VARIABLE
            )
        })
    }

    pub(super) fn shared(&self) -> Shared<'_> {
        let Some((pace, tokens)) = &self.0 else { return Shared::default() };
        Shared { pace: Some(pace), tokens: Some(tokens) }
    }
}
