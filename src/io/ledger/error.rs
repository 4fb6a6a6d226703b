//! What can be wrong with a ledger.

use std::io;
use std::path::PathBuf;

use crate::domain::callback::CallbackId;
use crate::domain::outcome::Standing;
use crate::domain::progress::OutOfOrder;

use super::evidence::Doubt;

/// Somebody else has written to a callback since its version was read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("another run has written to the callback {id} meanwhile, and goes on with it")]
pub struct Conflict {
    /// Which.
    pub id: CallbackId,
    /// Where it stands.
    pub stands: Box<Standing>,
}

/// What can be wrong with a ledger. A message holds its cause, which is therefore nobody's `source`: a chain
/// of causes would tell it twice.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Another process holds it.
    #[error("another run holds the ledger {}: {holder}; wait for it, or let --wait do so", path.display())]
    Held {
        /// The ledger.
        path: PathBuf,
        /// Who, and since when.
        holder: String,
    },
    /// It was begun for another platform or client.
    #[error(
        "the ledger {} belongs to {theirs}, this run is for {ours}; give this one a ledger of its own with --ledger",
        path.display()
    )]
    Foreign {
        /// The ledger.
        path: PathBuf,
        /// Whom it belongs to.
        theirs: String,
        /// Who asks.
        ours: String,
    },
    /// There is none, where it was looked for.
    #[error("there is no ledger at {}; name the one that is meant with --ledger", .0.display())]
    NotThere(PathBuf),
    /// It may lack something that was done.
    #[error("the ledger {} {doubt}", path.display())]
    Doubted {
        /// The ledger.
        path: PathBuf,
        /// Why.
        doubt: Doubt,
    },
    /// It has runs, and was to begin anew.
    #[error(
        "the ledger {} has {runs} runs, so it is not new; name a path with --ledger where no ledger is, or move this one \
         away", path.display()
    )]
    NotNew {
        /// The ledger.
        path: PathBuf,
        /// The number of its newest run.
        runs: i64,
    },
    /// The file is something else.
    #[error("{} is not a ledger of ringback; name another file with --ledger", .0.display())]
    NotALedger(PathBuf),
    /// A newer ringback has written it.
    #[error("the ledger {} has schema {found}, this ringback knows schemas up to {known}; use the newer ringback", path.display())]
    Newer {
        /// The ledger.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest known here.
        known: i64,
    },
    /// The disk or the file system: the file concerned, and what the system says.
    #[error("the ledger {path} cannot be opened: {cause}", path = .0.display(), cause = .1)]
    Open(PathBuf, io::Error),
    /// The database: a full disk, a damaged file.
    #[error("the ledger {} {words}", path.display())]
    Unusable {
        /// The ledger.
        path: PathBuf,
        /// What is wrong, behind the ledger's name, and where the database's own words help nobody, what to do.
        words: String,
    },
    /// A value that no version of ringback writes.
    #[error("the ledger holds {0}, which no ringback writes; it may be damaged: restore it from a backup")]
    Damaged(String),
    /// The place for a copy is taken.
    #[error("{} is there already, and a backup replaces nothing; name a file that is not there", .0.display())]
    Taken(PathBuf),
    /// The place for a copy is one that the ledger uses itself.
    #[error("{} belongs to the ledger itself; name another file for the backup", .0.display())]
    ItsOwn(PathBuf),
    /// A copy could not be made: its place, and what the system says.
    #[error("the backup {path} cannot be written: {cause}", path = .0.display(), cause = .1)]
    Copy(PathBuf, io::Error),
    /// The file of a pause, and what the system says.
    #[error(
        "the pause file {path} cannot be written or removed: {cause}; see that this user may write to its folder, and \
         that the file is a file",
        path = .0.display(), cause = .1
    )]
    Pause(PathBuf, io::Error),
    /// An entry that does not follow.
    #[error(transparent)]
    OutOfOrder(#[from] OutOfOrder),
    /// Somebody else has written to a callback since its version was read.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// An earlier write failed, and nothing is written after it.
    #[error("the ledger has stopped writing: {0}")]
    Stopped(String),
}
