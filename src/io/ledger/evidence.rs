//! Whether a ledger is the one that holds all that was done, judged by evidence: what its file tells of itself, what its
//! lock remembers, and what the witness of this machine remembers. Nothing is read or written here.
//!
//! Numbers of runs and entries only grow. The lock and the witness are told of each entry after it is on disk and before
//! its request leaves, so a ledger that has fewer than they remember lacks something that may have been sent. A kill
//! leaves them behind the ledger, never ahead of it.

use std::fmt;

use uuid::Uuid;

/// The newest run and the newest entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// The number of the newest run; 0 where there was none.
    pub run: i64,
    /// The number of the newest entry; 0 where there is none.
    pub entry: i64,
}

impl Numbers {
    /// Whether something is missing here that is there.
    fn lacks(self, other: Self) -> bool {
        self.run < other.run || self.entry < other.entry
    }
}

impl fmt::Display for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "run {}, entry {}", self.run, self.entry)
    }
}

/// What a ledger's file tells of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// Its id; `None` where it has no runs yet.
    pub(super) id: Option<Uuid>,
    /// What it ends with.
    pub(super) newest: Numbers,
    /// Whether its newest run had ended.
    pub(super) has_ended: bool,
    /// Whether `ringback backup` has made it, and no run has used it since.
    pub(super) is_backup: bool,
    /// Whether a person has just said what it is, and the process died before lock and witness were told.
    pub(super) is_just_adopted: bool,
}

/// What this machine remembers of a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// Its id.
    pub(super) id: Uuid,
    /// Where it was.
    pub(super) path: String,
    /// What it ended with.
    pub(super) newest: Numbers,
    /// Where the ledger is that has taken its place.
    pub(super) replaced_by: Option<String>,
}

/// Why a ledger may lack something that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// More was written to it than it holds.
    Older {
        /// What it ends with.
        found: Numbers,
        /// What it ended with once.
        remembered: Numbers,
    },
    /// It is known at another place.
    SecondPath {
        /// That place.
        path: String,
    },
    /// Another ledger has taken its place.
    Replaced {
        /// Where that one is.
        by: String,
        /// Whether that is the same place.
        is_here: bool,
    },
    /// It is new, and the client has other ledgers.
    Fresh {
        /// How many.
        others: usize,
        /// Where the one is that was here, or else one of them.
        path: String,
        /// What that one ended with.
        newest: Numbers,
    },
    /// It is new, and the lock beside it remembers runs.
    Emptied {
        /// What the lock remembers.
        remembered: Numbers,
    },
    /// It has more than is remembered of it, and no lock lies beside it.
    Lockless,
    /// `ringback backup` has made it while a run went on, or runs followed.
    Backup,
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&match self {
            Self::Older { found, remembered } => format!(
                "ends with {found}, but {remembered} was written to it: it was restored from a copy, or has lost its -wal"
            ),
            Self::SecondPath { path } => {
                format!("is known on this machine as {path}: it was moved, or is a copy of that")
            }
            Self::Replaced { by, is_here: true } => format!(
                "was replaced: a newer ledger was begun here ({by}), which may have gone on with its callbacks"
            ),
            Self::Replaced { by, is_here: false } => {
                format!("was replaced by {by}, which may have gone on with its callbacks")
            }
            Self::Fresh { others: 1, path, newest } => {
                format!("is new, but this client has a ledger already: {path} (up to {newest})")
            }
            Self::Fresh { others, path, newest } => {
                format!("is new, but this client has {others} ledgers already: {path} (up to {newest}) among them")
            }
            Self::Emptied { remembered } => {
                format!("is new, but the .lock beside it remembers {remembered}: the ledger was lost or removed")
            }
            Self::Lockless => {
                "has entries that this machine does not remember, and no .lock lies beside it: it may be a copy".into()
            }
            Self::Backup => "is a backup that was made before the newest run had ended, as far as is known here".into(),
        })
    }
}

impl Doubt {
    /// Whether it is certain that the ledger lacks something: then no person can call it the original.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        matches!(self, Self::Older { .. } | Self::Replaced { .. })
    }

    /// What a person can do about it, in commands that begin with `adopt`.
    #[must_use]
    pub fn advice(&self, adopt: &str) -> String {
        let copy =
            format!("`{adopt} --as copy` if it was restored or copied (what it holds unfinished becomes in doubt)");
        let original = |when: &str| format!("`{adopt} --as original` if {when}");
        match self {
            Self::Older { .. } | Self::Backup => format!("{copy}; or put the newest ledger in its place"),
            Self::SecondPath { .. } | Self::Lockless => {
                format!("{}; {copy}", original("it was moved and nothing else has used it since"))
            }
            Self::Replaced { is_here: true, .. } => format!("{copy}; or put the newer ledger back in its place"),
            Self::Replaced { by, is_here: false } => format!("use {by}, or {copy}"),
            Self::Fresh { .. } | Self::Emptied { .. } => format!(
                "restore the lost ledger from a backup; {}; `{adopt} --as new` if the earlier one is lost for good",
                original("this is a second ledger for other campaigns")
            ),
        }
    }
}

/// Judges a ledger. `records` are those of its client, `place` is where it lies; a record whose path leads to the same
/// file counts as one of that place.
pub(super) fn judge(facts: &Facts, place: &str, records: &[Record], lock: Numbers) -> Result<(), Doubt> {
    let Some(id) = facts.id else { return fresh(place, records, lock) };
    let older = |remembered| Err(Doubt::Older { found: facts.newest, remembered });
    if facts.newest.lacks(lock) && !facts.is_just_adopted {
        return older(lock);
    }
    let record = records.iter().find(|record| record.id == id);
    match record {
        Some(Record { replaced_by: Some(by), .. }) => {
            return Err(Doubt::Replaced { by: by.clone(), is_here: by == place });
        }
        Some(record) if record.path != place => return Err(Doubt::SecondPath { path: record.path.clone() }),
        Some(record) if facts.newest.lacks(record.newest) => return older(record.newest),
        Some(_) | None => {}
    }
    // A record may be behind: where the state directory could not be written, or another machine wrote.
    let is_on_record = record.is_some_and(|record| record.newest == facts.newest);
    // Runs that were killed before their lock heard of them have done nothing.
    if lock.run == 0 && facts.newest.entry > 0 && !is_on_record {
        return Err(Doubt::Lockless);
    }
    let is_whole = facts.has_ended && (is_on_record || lock.run == facts.newest.run);
    if facts.is_backup && !is_whole { Err(Doubt::Backup) } else { Ok(()) }
}

fn fresh(place: &str, records: &[Record], lock: Numbers) -> Result<(), Doubt> {
    // A ledger without entries has sent nothing.
    let others = || records.iter().filter(|record| record.newest.entry > 0 && record.replaced_by.is_none());
    let here = others().find(|record| record.path == place);
    match here.or(others().next()) {
        Some(Record { path, newest, .. }) => {
            Err(Doubt::Fresh { others: others().count(), path: path.clone(), newest: *newest })
        }
        None if lock.entry > 0 => Err(Doubt::Emptied { remembered: lock }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: &str = "/here/l.db";
    const THERE: &str = "/there/l.db";
    const NONE: Numbers = Numbers { run: 0, entry: 0 };
    const AT: Numbers = Numbers { run: 7, entry: 100 };

    fn ledger(newest: Numbers) -> Facts {
        Facts { id: Some(Uuid::from_u128(1)), newest, has_ended: true, ..Facts::default() }
    }

    fn record(id: u128, path: &str, newest: Numbers) -> Record {
        Record { id: Uuid::from_u128(id), path: path.to_owned(), newest, replaced_by: None }
    }

    fn older(remembered: Numbers) -> impl Fn(Numbers) -> Doubt {
        move |found| Doubt::Older { found, remembered }
    }

    #[track_caller]
    fn check(facts: Facts, records: &[Record], lock: Numbers, expected: impl Into<Option<Doubt>>) {
        assert_eq!(judge(&facts, HERE, records, lock).err(), expected.into(), "{facts:?} {records:?} {lock:?}");
    }

    #[test]
    fn a_ledger_that_holds_all_that_is_remembered_goes_on() {
        let more = Numbers { run: 8, entry: 101 };
        for lock in [NONE, AT, Numbers { run: 7, entry: 50 }] {
            check(ledger(AT), &[record(1, HERE, AT)], lock, None);
        }
        check(ledger(more), &[record(1, HERE, AT), record(2, THERE, AT)], AT, None);
        check(Facts { is_backup: true, ..ledger(AT) }, &[record(1, HERE, AT)], AT, None);
        check(Facts { has_ended: false, ..ledger(AT) }, &[record(1, HERE, AT)], AT, None);
    }

    #[test]
    fn a_ledger_that_lacks_a_run_or_an_entry_is_older() {
        for missing in [Numbers { run: 6, entry: 100 }, Numbers { run: 7, entry: 99 }, Numbers { run: 6, entry: 200 }] {
            check(ledger(missing), &[record(1, HERE, AT)], NONE, older(AT)(missing));
            check(ledger(missing), &[], AT, older(AT)(missing));
            // Another user's state directory may know less than the lock.
            check(ledger(missing), &[record(1, HERE, NONE)], AT, older(AT)(missing));
        }
    }

    #[test]
    fn an_answer_that_the_lock_has_not_heard_of_stands() {
        let adopted = Facts { has_ended: false, is_just_adopted: true, ..ledger(Numbers { run: 8, entry: 0 }) };
        check(adopted, &[], AT, None);
        check(Facts { is_just_adopted: false, ..adopted }, &[], AT, older(AT)(adopted.newest));
    }

    #[test]
    fn an_id_at_a_second_path_is_in_doubt_however_new_it_is() {
        let there = || record(1, THERE, AT);
        let more = Numbers { run: 9, entry: 300 };
        check(ledger(more), &[there()], more, Doubt::SecondPath { path: THERE.into() });
        let replaced = Record { replaced_by: Some(THERE.into()), ..record(1, HERE, AT) };
        check(ledger(more), &[replaced], more, Doubt::Replaced { by: THERE.into(), is_here: false });
        let here = Record { replaced_by: Some(HERE.into()), ..record(1, HERE, AT) };
        check(ledger(more), &[here], more, Doubt::Replaced { by: HERE.into(), is_here: true });
    }

    #[test]
    fn a_new_ledger_stands_alone() {
        let new = Facts { has_ended: true, ..Facts::default() };
        check(new, &[], NONE, None);
        check(new, &[], AT, Doubt::Emptied { remembered: AT });
        check(new, &[record(1, THERE, Numbers { run: 3, entry: 0 })], NONE, None);
        let others = [record(1, THERE, Numbers { run: 1, entry: 9 }), record(2, HERE, AT)];
        check(new, &others, NONE, Doubt::Fresh { others: 2, path: HERE.into(), newest: AT });
        check(
            new,
            &others[..1],
            AT,
            Doubt::Fresh { others: 1, path: THERE.into(), newest: Numbers { run: 1, entry: 9 } },
        );
    }

    #[test]
    fn a_record_that_is_behind_proves_nothing_without_the_lock() {
        let behind = || record(1, HERE, Numbers { run: 6, entry: 90 });
        check(ledger(AT), &[behind()], AT, None);
        check(ledger(AT), &[behind()], NONE, Doubt::Lockless);
        let backup = Facts { is_backup: true, ..ledger(AT) };
        check(backup, &[behind()], AT, None);
        check(backup, &[behind()], NONE, Doubt::Lockless);
        check(backup, &[behind()], Numbers { run: 6, entry: 90 }, Doubt::Backup);
        check(backup, &[record(1, HERE, AT)], NONE, None);
        check(Facts { has_ended: false, ..backup }, &[record(1, HERE, AT)], AT, Doubt::Backup);
    }

    #[test]
    fn without_a_record_the_lock_and_the_mark_of_a_backup_decide() {
        check(ledger(AT), &[], AT, None);
        check(ledger(AT), &[record(2, THERE, AT)], AT, None);
        check(ledger(AT), &[], NONE, Doubt::Lockless);
        check(ledger(Numbers { run: 2, entry: 0 }), &[], NONE, None);
        let backup = Facts { is_backup: true, ..ledger(AT) };
        check(backup, &[], AT, None);
        check(Facts { has_ended: false, ..backup }, &[], AT, Doubt::Backup);
        check(backup, &[], Numbers { run: 6, entry: 90 }, Doubt::Backup);
        check(Facts { has_ended: false, ..ledger(AT) }, &[], AT, None);
    }
}
