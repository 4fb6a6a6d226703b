//! Where this machine keeps what processes of one client share.

use std::path::PathBuf;

use crate::io::ledger::Owner;
use crate::io::state;

use super::rehearsal;

use super::settings::Surroundings;

/// The folder of a client in the state directory; `None`, with a warning, where there can be none. Rehearsals share
/// nothing and have none.
pub(super) fn client_folder(owner: &Owner, around: &Surroundings) -> Option<PathBuf> {
    if owner.platform == rehearsal::PLATFORM {
        return None;
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
