//! The durable record of every callback's fate, across runs.
//!
//! Here are its traits and what they speak of; `sqlite/` has every line of SQL.

mod error;
mod evidence;
mod lock;
pub mod pause;
mod read_only;
mod sqlite;
mod witness;

use std::ffi::OsString;
use std::future::Future;
use std::path::{Path, PathBuf};

use crate::domain::callback::{CallbackId, RunId};
use crate::domain::entry::{Bodies, Entry};
use crate::domain::hold::Hold;
use crate::domain::outcome::Standing;
use crate::domain::past::{CutOff, InputRead};
use crate::domain::phone::E164;
use crate::domain::provenance::Provenance;
use crate::domain::time::{Interval, Timestamp};
use crate::domain::window::Window;

pub use error::{Conflict, LedgerError};
pub use evidence::{Doubt, Numbers};
pub use read_only::ReadOnlyLedger;
pub use sqlite::{
    Archive, Barrier, Checkup, Choice, Copied, Opening, Snapshot, SqliteLedger, Turn, can_be_made, dismiss,
    doubt_of_new,
};

/// Whom a ledger belongs to: set by its first run, and refused to all others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The platform's address; `sandbox` for every sandbox.
    pub platform: String,
    /// The client id.
    pub client_id: String,
}

/// A callback as the ledger takes it up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolment {
    /// Its business key.
    pub id: CallbackId,
    /// Who is to be called.
    pub phone: E164,
    /// When.
    pub window: Window,
    /// By which campaign.
    pub campaign: String,
    /// In which language.
    pub language: String,
    /// Minutes that the row's own clock is ahead of UTC.
    pub offset_minutes: i16,
}

/// A callback as the ledger keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// What the customer asked for.
    pub enrolment: Enrolment,
    /// What became of it.
    pub standing: Standing,
}

/// An entry to be written.
#[derive(Clone, Debug)]
pub struct Append {
    /// To which callback.
    pub id: CallbackId,
    /// The version at which the callback must stand.
    pub version: u32,
    /// What.
    pub entry: Entry,
}

/// Where a callback stands after it was written to, or that it was left alone, for somebody else has written to it.
pub type Written = Result<Standing, Conflict>;

/// An instant to the millisecond, as entries are stamped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp(pub i64);

impl Stamp {
    /// The whole second.
    #[must_use]
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_unix(self.0.div_euclid(1000))
    }
}

/// What a run asks of a ledger, and who plans beside one. Answers may come over a network.
pub trait LedgerRead {
    /// What it holds of these callbacks, in their order.
    fn standings(&self, ids: &[CallbackId]) -> impl Future<Output = Result<Vec<Option<Standing>>, LedgerError>>;

    /// All that a run owes something, by dispatch time: what is pending, in flight, open, owed or waiting.
    fn unfinished(&self) -> impl Future<Output = Result<Vec<Kept>, LedgerError>>;

    /// The bytes that were sent for a callback, if any were.
    fn bodies(&self, id: CallbackId) -> impl Future<Output = Result<Option<Bodies>, LedgerError>>;

    /// Callbacks of a campaign per dispatch time in a range.
    fn scheduled_counts(
        &self,
        campaign: &str,
        range: Interval,
    ) -> impl Future<Output = Result<Vec<(Timestamp, u32)>, LedgerError>>;

    /// The runs that died or were stopped before their input was in the ledger, and whose input has not come again, the
    /// oldest first.
    /// The run that holds the ledger is none of them.
    fn cut_off(&self) -> impl Future<Output = Result<Vec<CutOff>, LedgerError>>;

    /// The last pause that the platform asked for, in any run.
    fn last_hold(&self) -> impl Future<Output = Result<Option<Hold>, LedgerError>>;

    /// Whether it is known to hold all that was done for its callbacks.
    fn provenance(&self) -> Provenance {
        Provenance::Proven
    }

    /// Whether the platform is known to tell a contact that it creates (201) from one that it has already (200): it
    /// has answered 201 to this client before.
    fn tells_created(&self) -> bool {
        false
    }
}

/// A ledger that a run holds. All that returns without an error is on disk.
pub trait Ledger: LedgerRead {
    /// The run that holds it.
    fn run(&self) -> RunId;

    /// Notes that the platform has answered 201 to a contact, for all runs of this client.
    fn note_created(&self) {}

    /// Notes a pause that the platform asks for. It is on disk at the latest with what is written next.
    fn note_hold(&self, _hold: Hold) {}

    /// Takes up a batch: each callback becomes pending, to be tried afresh. One that is not at the version that is given
    /// with it, 0 of one that the ledger does not know, is somebody else's and left alone. Gives in their order where
    /// they stand.
    fn enrol(&self, batch: Vec<(Enrolment, u32)>, at: Stamp)
    -> impl Future<Output = Result<Vec<Written>, LedgerError>>;

    /// Writes many entries in one commit. One whose callback is not at its version is left out. One that does not follow
    /// ends it there: that is a fault of ours. Gives in their order where the callbacks stand.
    fn append_all(&self, entries: Vec<Append>, at: Stamp) -> impl Future<Output = Result<Vec<Written>, LedgerError>>;

    /// Writes one entry, together with those of other tasks, and says where the callback stands now. Where it is not at
    /// the entry's version, that is a [`LedgerError::Conflict`], and nothing is written.
    fn append(&self, new: Append, at: Stamp) -> impl Future<Output = Result<Standing, LedgerError>> {
        async move {
            let id = new.id;
            let written = self.append_all(vec![new], at).await?.pop();
            Ok(written.ok_or_else(|| LedgerError::Damaged(format!("no callback {id}")))??)
        }
    }

    /// Notes what the run has read, in the order of its inputs, before anything of it is taken up.
    fn inputs_read(&self, _read: Vec<InputRead>, _at: Stamp) -> impl Future<Output = Result<(), LedgerError>> {
        std::future::ready(Ok(()))
    }

    /// Notes that all of the run's input is in the ledger.
    fn taken_up(&self, at: Stamp) -> impl Future<Output = Result<(), LedgerError>>;

    /// Notes the run's end.
    fn finish(&self, ending: Ending, at: Stamp) -> impl Future<Output = Result<(), LedgerError>>;
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct Ending {
    /// Its exit code.
    pub exit_code: u8,
    /// Its sums, as `summary.json` has them; `None` where it could not come so far.
    pub summary: Option<String>,
}

/// The file beside a ledger with this ending.
fn beside(ledger: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(ledger);
    name.push(ending);
    PathBuf::from(name)
}

/// The folder of a file.
fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
#[path = "../../../tests/simulation/book.rs"]
mod book;
#[cfg(test)]
mod contract_tests;
#[cfg(test)]
mod memory_tests;
