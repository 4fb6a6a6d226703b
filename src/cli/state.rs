//! Where this machine keeps what processes of one client share.

use std::path::{Path, PathBuf};

use crate::io::ledger::Owner;
use crate::io::pace::{FilePace, Shared, TokenTurns};
use crate::io::state;

use super::rehearsal;

use super::settings::Surroundings;

/// The folder of a client in the state directory; `None`, with a warning, where there can be none. Rehearsals share
/// nothing and have none.
pub(super) fn client_folder(owner: &Owner, around: &Surroundings) -> Option<PathBuf> {
    if owner.platform == rehearsal::PLATFORM {
        return None;
    }
    let is_relative = |value: &std::ffi::OsStr| !value.is_empty() && Path::new(value).is_relative();
    if around.variable(state::VARIABLE).is_some_and(is_relative) {
        tracing::warn!("{} is no absolute path and is ignored; give it one that begins with /", state::VARIABLE);
    }
    let Some(directory) = state::directory(|name| around.variable(name)) else {
        tracing::warn!(
            "no state directory: set {} to a folder that stays, or HOME; restored ledgers and other runs of this client \
             are not noticed",
            state::VARIABLE
        );
        return None;
    };
    match state::client_folder(&directory, &owner.platform, &owner.client_id) {
        Ok(folder) => Some(folder),
        Err(error) => {
            tracing::warn!(
                "the state directory {} cannot be written: {error}; set {} to one that can: restored ledgers and other \
                 runs of this client are not noticed",
                directory.display(),
                state::VARIABLE
            );
            None
        }
    }
}

/// The files by which the processes of one client share its pace and take turns to ask for tokens.
pub(super) struct ClientFiles(Option<(FilePace, TokenTurns)>);

impl ClientFiles {
    /// Opens them in the client's folder. Where there is none, or they cannot be opened, which is told, a process goes by
    /// itself.
    pub(super) fn open(folder: Option<&Path>) -> Self {
        let open = |folder| Ok((FilePace::open(folder)?, TokenTurns::open(folder)?));
        let opened = folder.map(|folder| open(folder).inspect_err(|error| tell(folder, error)));
        Self(opened.and_then(Result::ok))
    }

    pub(super) fn shared(&self) -> Shared<'_> {
        let Some((pace, tokens)) = &self.0 else { return Shared::default() };
        Shared { pace: Some(pace), tokens: Some(tokens) }
    }
}

fn tell(folder: &Path, error: &std::io::Error) {
    tracing::warn!(
        "the pace of this client cannot be shared in {}: {error}; set {} to a folder that can be written: requests of its \
         other processes are not counted",
        folder.display(),
        state::VARIABLE
    );
}
