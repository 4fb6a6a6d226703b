//! What this machine remembers of the ledgers of a client: a record for each, in the client's folder of the state
//! directory, and whether the platform has ever told a new contact from one that it had.
//!
//! A record is told of each commit after it is on disk and before anybody acts on it. It is not synced: a record that
//! falls behind its ledger only notices less.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::io::state;

use super::evidence::{Numbers, Record};

/// How the file of a record is called, before the ledger's id.
const PREFIX: &str = "ledger-";

/// The file that is there once the platform has answered 201 to a new contact.
const TELLS_CREATED: &str = "tells-created";

/// A record is read up to so many bytes.
const RECORD_BYTES_MAX: u64 = 64 << 10;

/// Records that are read at most.
const RECORDS_MAX: usize = 10_000;

/// The memory of this machine about one client's ledgers.
#[derive(Clone, Debug)]
pub(super) struct Witness {
    folder: PathBuf,
}

/// The second line of a record: what changes seldom.
#[derive(Serialize, Deserialize)]
struct Place {
    path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    replaced_by: Option<String>,
}

impl Witness {
    /// The memory in the folder of a client.
    pub(super) fn of(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// All records that can be read. A record whose path leads to the file at `real` is given that path.
    pub(super) fn records(&self, real: &Path) -> io::Result<Vec<Record>> {
        let mut records = Vec::new();
        for entry in fs::read_dir(&self.folder)?.take(RECORDS_MAX) {
            let name = entry?.file_name();
            let id = name.to_str().and_then(|name| name.strip_prefix(PREFIX)).and_then(|id| Uuid::parse_str(id).ok());
            if let Some(record) = id.and_then(|id| self.record(id)) {
                records.push(seen_from(real, record));
            }
        }
        records.sort_by_key(|record| record.id);
        Ok(records)
    }

    /// The record of a ledger. One that a power failure has left empty remembers nothing of it.
    fn record(&self, id: Uuid) -> Option<Record> {
        let mut text = String::new();
        File::open(self.file(id)).and_then(|file| file.take(RECORD_BYTES_MAX).read_to_string(&mut text)).ok()?;
        let (numbers, place) = text.split_once('\n')?;
        let (run, entry) = numbers.split_once(' ')?;
        let newest = Numbers { run: run.parse().ok()?, entry: entry.parse().ok()? };
        let Place { path, replaced_by } = serde_json::from_str(place).ok()?;
        Some(Record { id, path, newest, replaced_by })
    }

    /// Remembers a ledger at its place, and that it has taken the place of others there and of the one that it was
    /// before a person adopted it as the original.
    pub(super) fn remember(&self, ledger: &Record, before: Option<Uuid>, real: &Path) -> io::Result<Pencil> {
        for other in self.records(real)? {
            let is_replaced = other.path == ledger.path || Some(other.id) == before;
            if other.id != ledger.id && is_replaced && other.replaced_by.is_none() {
                self.write(&Record { replaced_by: Some(ledger.path.clone()), ..other })?;
            }
        }
        self.write(ledger)?;
        let file = state::open(&self.file(ledger.id))?;
        Ok(Pencil { file, run: ledger.newest.run })
    }

    fn write(&self, record: &Record) -> io::Result<()> {
        let place = Place { path: record.path.clone(), replaced_by: record.replaced_by.clone() };
        let text = format!("{}{}\n", line(record.newest), serde_json::to_string(&place)?);
        state::replace(&self.file(record.id), text.as_bytes())
    }

    fn file(&self, id: Uuid) -> PathBuf {
        self.folder.join(format!("{PREFIX}{id}"))
    }

    /// Whether the platform has ever answered 201 to a contact of this client.
    pub(super) fn tells_created(&self) -> bool {
        self.folder.join(TELLS_CREATED).exists()
    }

    /// Notes that it has.
    pub(super) fn note_created(&self) -> io::Result<()> {
        state::open(&self.folder.join(TELLS_CREATED)).map(drop)
    }
}

/// What tells a record of each commit.
#[derive(Debug)]
pub(super) struct Pencil {
    file: File,
    run: i64,
}

impl Pencil {
    /// Notes the newest entry, over the numbers that stood there, as long as they were.
    pub(super) fn note(&self, entry: i64) -> io::Result<()> {
        self.file.write_all_at(line(Numbers { run: self.run, entry }).as_bytes(), 0)
    }
}

/// The first line of a record: always as long.
fn line(numbers: Numbers) -> String {
    format!("{:020} {:020}\n", numbers.run, numbers.entry)
}

/// The place of a ledger in the words of a record.
pub(super) fn place(real: &Path) -> String {
    real.to_string_lossy().into_owned()
}

/// A record as it is seen from the file at `real`: one file that is mounted twice has two paths.
fn seen_from(real: &Path, record: Record) -> Record {
    let here = place(real);
    let file = |path: &Path| fs::metadata(path).ok().map(|found| (found.dev(), found.ino()));
    let is_here = record.path != here && file(real).is_some_and(|this| file(Path::new(&record.path)) == Some(this));
    if is_here { Record { path: here, ..record } } else { record }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: u128, path: &str) -> Record {
        Record { id: Uuid::from_u128(id), path: path.into(), newest: Numbers { run: 3, entry: 40 }, replaced_by: None }
    }

    #[test]
    fn a_record_is_read_as_it_was_written_and_noted() {
        let folder = tempfile::tempdir().expect("a folder");
        let witness = Witness::of(folder.path());
        let real = Path::new("/somewhere/l \u{e9}\n.db");
        let mine = record(1, &place(real));
        let pencil = witness.remember(&mine, None, real).expect("writes");
        assert_eq!(witness.records(real).expect("reads"), std::slice::from_ref(&mine));
        pencil.note(41).expect("writes");
        let noted = Record { newest: Numbers { run: 3, entry: 41 }, ..mine };
        assert_eq!(witness.records(real).expect("reads"), [noted]);
    }

    #[test]
    fn a_ledger_takes_the_place_of_others_there_and_of_what_it_was() {
        let folder = tempfile::tempdir().expect("a folder");
        let witness = Witness::of(folder.path());
        let real = Path::new("/a/l.db");
        for (id, path) in [(1, "/a/l.db"), (2, "/b/l.db"), (3, "/c/l.db")] {
            witness.write(&record(id, path)).expect("writes");
        }
        witness.remember(&record(4, "/a/l.db"), Some(Uuid::from_u128(2)), real).expect("writes");
        let replaced: Vec<bool> =
            witness.records(real).expect("reads").iter().map(|record| record.replaced_by.is_some()).collect();
        assert_eq!(replaced, [true, true, false, false]);
    }

    #[test]
    fn what_cannot_be_read_is_no_record_and_one_file_has_one_place() {
        let folder = tempfile::tempdir().expect("a folder");
        let witness = Witness::of(folder.path());
        for (id, text) in [(1, ""), (2, "1 2"), (3, "x y\n{}\n"), (4, "1 2\n[]\n")] {
            fs::write(witness.file(Uuid::from_u128(id)), text).expect("writes");
        }
        fs::write(folder.path().join("ledger-x"), "1 2\n{}").expect("writes");
        assert_eq!(witness.records(Path::new("/l.db")).expect("reads"), []);
        let (real, other) = (folder.path().join("l.db"), folder.path().join("by-another-name.db"));
        fs::write(&real, "").expect("writes");
        std::os::unix::fs::symlink(&real, &other).expect("links");
        witness.write(&record(5, &place(&other))).expect("writes");
        assert_eq!(witness.records(&real).expect("reads")[0].path, place(&real));
    }

    #[test]
    fn whether_the_platform_tells_new_contacts_is_remembered() {
        let folder = tempfile::tempdir().expect("a folder");
        let witness = Witness::of(folder.path());
        assert!(!witness.tells_created());
        witness.note_created().expect("writes");
        assert!(witness.tells_created());
    }
}
