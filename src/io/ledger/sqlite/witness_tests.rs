//! Ledgers that were restored, copied, moved, lost or replaced, before the witness of a machine and without one.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::tests::{AT, append, append_all, enrol, enrolment, opening};
use super::*;
use crate::domain::code::Code;
use crate::domain::progress::Progress;
use crate::io::ledger::*;
use crate::logic::adoption::Adoption;

/// A machine: a folder for ledgers, and a state directory that remembers them.
struct Machine {
    folder: TempDir,
    state: TempDir,
}

impl Machine {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), state: tempfile::tempdir().expect("a folder") }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn opening(&self, name: &str) -> Opening {
        Opening { witness: Some(self.state.path().to_owned()), ..opening(&self.at(name)) }
    }

    fn open(&self, name: &str) -> Result<SqliteLedger, LedgerError> {
        SqliteLedger::open(&self.opening(name))
    }

    /// A person's answer.
    fn adopt(&self, name: &str, adoption: Adoption) -> Result<SqliteLedger, LedgerError> {
        SqliteLedger::open(&Opening { adoption: Some(adoption), command: "adopt", ..self.opening(name) })
    }

    /// Another callback in the ledger, and the run at its end.
    async fn night(&self, name: &str, number: u64) {
        let ledger = self.open(name).expect("opens");
        enrol(&ledger, vec![enrolment(number)], AT).await;
        ledger.finish(Ending { exit_code: 4, summary: None }, AT).await.expect("ends");
    }

    #[track_caller]
    fn refuses(&self, name: &str, expected: impl Fn(&Doubt) -> bool) {
        let before = std::fs::read(self.at(name)).ok();
        match self.open(name) {
            Err(LedgerError::Doubted { doubt, path }) => {
                assert!(expected(&doubt), "{doubt:?}");
                assert_eq!(path, self.at(name));
            }
            Err(error) => panic!("{error}"),
            Ok(_) => panic!("{name} was opened"),
        }
        assert_eq!(std::fs::read(self.at(name)).ok(), before, "a ledger in doubt is left as it is");
    }

    /// The ledger and its lock, as `tar` or `cp -a` save them.
    fn save(&self, names: &[&str]) -> Vec<(PathBuf, Vec<u8>)> {
        names.iter().map(|name| (self.at(name), std::fs::read(self.at(name)).expect("reads"))).collect()
    }
}

/// Puts files back as they were, with their content alone.
fn restore(saved: &[(PathBuf, Vec<u8>)]) {
    for (path, bytes) in saved {
        std::fs::write(path, bytes).expect("writes");
    }
}

fn is_older(doubt: &Doubt) -> bool {
    matches!(doubt, Doubt::Older { .. })
}

fn is_fresh(doubt: &Doubt) -> bool {
    matches!(doubt, Doubt::Fresh { .. })
}

fn is_second(doubt: &Doubt) -> bool {
    matches!(doubt, Doubt::SecondPath { .. })
}

/// In the same files, so that neither the file's number nor its lock tells anything.
#[tokio::test]
async fn a_ledger_that_was_restored_with_its_lock_is_refused() {
    let machine = Machine::new();
    machine.night("l.db", 1).await;
    let saved = machine.save(&["l.db", "l.db.lock"]);
    machine.night("l.db", 2).await;
    restore(&saved);
    machine.refuses("l.db", is_older);
    // Without the state directory the same goes unnoticed, as the documentation says.
    SqliteLedger::open(&opening(&machine.at("l.db"))).expect("nothing tells");
}

#[tokio::test]
async fn one_entry_more_on_record_is_enough() {
    let machine = Machine::new();
    {
        let ledger = machine.open("l.db").expect("opens");
        enrol(&ledger, vec![enrolment(1)], AT).await;
        let beside = Archive::require(&machine.at("l.db")).expect("opens");
        beside.copy_to(&machine.at("copy.db")).expect("copies");
        append(&ledger, enrolment(1).id, Entry::Placed(enrolment(1).window.start())).await.expect("writes");
    }
    std::fs::copy(machine.at("copy.db"), machine.at("l.db")).expect("restores");
    std::fs::remove_file(machine.at("l.db.lock")).expect("removes");
    machine.refuses("l.db", is_older);
}

#[tokio::test]
async fn a_kill_alone_is_no_doubt() {
    let machine = Machine::new();
    for number in 0..3 {
        let ledger = machine.open("l.db").expect("opens");
        enrol(&ledger, vec![enrolment(number)], AT).await;
        // It is not finished.
    }
    // What a kill between the commit and the record leaves.
    machine.night("l.db", 9).await;
    let (record, bytes) = machine.record();
    machine.night("l.db", 10).await;
    std::fs::write(record, bytes).expect("writes");
    machine.open("l.db").expect("a ledger newer than its record is fine");
}

impl Machine {
    fn record(&self) -> (PathBuf, Vec<u8>) {
        let files = std::fs::read_dir(self.state.path()).expect("lists").map(|entry| entry.expect("reads").path());
        let mut records: Vec<PathBuf> = files.filter(|path| path.to_string_lossy().contains("ledger-")).collect();
        assert_eq!(records.len(), 1, "{records:?}");
        let record = records.remove(0);
        let bytes = std::fs::read(&record).expect("reads");
        (record, bytes)
    }
}

#[tokio::test]
async fn a_copy_at_a_second_path_and_a_ledger_that_was_moved_are_refused_until_a_person_says_which() {
    let machine = Machine::new();
    machine.night("l.db", 1).await;
    for name in ["l.db", "l.db.lock"] {
        std::fs::copy(machine.at(name), machine.at(&format!("moved{}", &name[1..]))).expect("copies");
    }
    machine.refuses("moved.db", is_second);
    machine.open("l.db").expect("the one that is known goes on");
    drop(machine.adopt("moved.db", Adoption::Original).expect("a person answers"));
    let moved = machine.open("moved.db").expect("once is enough");
    assert_eq!(moved.provenance(), Provenance::Proven);
    drop(moved);
    machine.refuses("l.db", |doubt| matches!(doubt, Doubt::Replaced { by, .. } if by.ends_with("moved.db")));
}

#[tokio::test]
async fn a_copy_and_its_original_go_on_side_by_side_once_a_person_has_said_so() {
    let machine = Machine::new();
    machine.night("l.db", 1).await;
    std::fs::copy(machine.at("l.db"), machine.at("copy.db")).expect("copies");
    machine.refuses("copy.db", is_second);
    drop(machine.adopt("copy.db", Adoption::Copy).expect("a person answers"));
    let copy = machine.open("copy.db").expect("once is enough");
    assert_eq!(copy.provenance(), Provenance::Unproven);
    let standing = copy.standings(&[enrolment(1).id]).await.expect("reads").remove(0).expect("known");
    assert_eq!((standing.progress, standing.code), (Progress::ContactDoubted, Some(Code::ContactNoAnswer)));
    assert_eq!(standing.dispatch_at, None, "for which time a lost run created it is not known");
    drop(copy);
    assert_eq!(machine.open("l.db").expect("goes on").provenance(), Provenance::Proven);
}

#[tokio::test]
async fn what_a_copy_owes_is_in_doubt_and_what_is_done_stays() {
    let machine = Machine::new();
    let [pending, sent, contacted, done] = [1, 2, 3, 4].map(enrolment);
    {
        let ledger = machine.open("l.db").expect("opens");
        let all = [&pending, &sent, &contacted, &done].map(Clone::clone).to_vec();
        enrol(&ledger, all, AT).await;
        let (created, accepted) = (|| Entry::ContactCreated("c".into()), Entry::TextAccepted(None));
        let intended = || Entry::ContactIntended(Some(Box::new(Bodies { contact: b"{}".to_vec(), text: None })));
        let mut entries = vec![(sent.id, Entry::Placed(sent.window.start())), (sent.id, intended())];
        entries.extend([(contacted.id, intended()), (contacted.id, created())]);
        entries.extend([intended(), created(), Entry::TextIntended, accepted].map(|entry| (done.id, entry)));
        append_all(&ledger, entries, AT).await;
    }
    let ledger = machine.adopt("l.db", Adoption::Copy).expect("a person may say so of any ledger");
    let ids = [pending.id, sent.id, contacted.id, done.id];
    let stands: Vec<Standing> = ledger.standings(&ids).await.expect("reads").into_iter().flatten().collect();
    let progress: Vec<Progress> = stands.iter().map(|standing| standing.progress).collect();
    let contact = Progress::ContactDoubted;
    assert_eq!(progress, [contact, contact, Progress::TextDoubted, Progress::Confirmed]);
    let sent_for = Some(sent.window.start());
    assert_eq!(stands[1].dispatch_at, sent_for, "its bytes say for which time, whoever sent them");
}

#[tokio::test]
async fn a_new_ledger_beside_others_is_refused_and_leaves_no_file() {
    let machine = Machine::new();
    machine.night("l.db", 1).await;
    machine.refuses("other.db", is_fresh);
    assert!(!machine.at("other.db").exists());
    drop(machine.adopt("other.db", Adoption::Original).expect("for other campaigns"));
    assert_eq!(machine.open("other.db").expect("goes on").provenance(), Provenance::Proven);
    for name in ["l.db", "l.db.lock"] {
        std::fs::remove_file(machine.at(name)).expect("is lost");
    }
    machine.refuses("l.db", |doubt| matches!(doubt, Doubt::Fresh { path, .. } if path.ends_with("/l.db")));
    drop(machine.adopt("l.db", Adoption::New).expect("a person answers"));
    let new = machine.open("l.db").expect("goes on");
    assert_eq!(new.provenance(), Provenance::Unproven);
    drop(new);
    assert!(matches!(machine.adopt("l.db", Adoption::New), Err(LedgerError::NotNew { .. })));
    assert!(matches!(machine.adopt("none.db", Adoption::Copy), Err(LedgerError::NotThere { .. })));
}

/// The answer is in the ledger: a backup from before it is known as such, and one from after it goes by its numbers.
#[tokio::test]
async fn an_answer_does_not_cover_what_is_restored_later() {
    let machine = Machine::new();
    machine.night("l.db", 1).await;
    let first = machine.save(&["l.db", "l.db.lock"]);
    machine.night("l.db", 2).await;
    restore(&first);
    machine.refuses("l.db", is_older);
    drop(machine.adopt("l.db", Adoption::Copy).expect("a person answers"));
    let second = machine.save(&["l.db", "l.db.lock"]);
    machine.night("l.db", 3).await;
    restore(&second);
    machine.refuses("l.db", is_older);
    restore(&first);
    machine.refuses("l.db", |doubt| matches!(doubt, Doubt::Replaced { .. }));
}

/// Another user's state directory, and another machine's, know the ledger from before the answer.
#[tokio::test]
async fn the_answer_is_accepted_by_other_witnesses() {
    let (mine, theirs) = (Machine::new(), Machine::new());
    let with = |witness: &Path| Opening { witness: Some(witness.to_owned()), ..mine.opening("l.db") };
    mine.night("l.db", 1).await;
    drop(SqliteLedger::open(&with(theirs.state.path())).expect("its lock says that it is whole"));
    let saved = mine.save(&["l.db", "l.db.lock"]);
    for _ in 0..2 {
        drop(SqliteLedger::open(&with(theirs.state.path())).expect("goes on"));
    }
    restore(&saved);
    mine.open("l.db").expect("this state directory does not know of the two runs, as the documentation says");
    SqliteLedger::open(&with(theirs.state.path())).expect_err("that one does");
    drop(mine.adopt("l.db", Adoption::Copy).expect("a person answers here"));
    SqliteLedger::open(&with(theirs.state.path())).expect("the answer stands in the ledger");
}

#[tokio::test]
async fn without_a_witness_the_lock_and_the_mark_of_a_backup_decide() {
    let machine = Machine::new();
    let open = || SqliteLedger::open(&opening(&machine.at("l.db")));
    machine.night("l.db", 1).await;
    drop(open().expect("a machine without a state directory goes on"));
    machine.night("l.db", 2).await;
    let lock = std::fs::read(machine.at("l.db.lock")).expect("reads");
    std::fs::remove_file(machine.at("l.db.lock")).expect("removes");
    assert!(matches!(open(), Err(LedgerError::Doubted { doubt: Doubt::Lockless, .. })));
    for name in ["l.db", "l.db.lock"] {
        let _ = std::fs::remove_file(machine.at(name));
    }
    std::fs::write(machine.at("l.db.lock"), lock).expect("writes");
    assert!(matches!(open(), Err(LedgerError::Doubted { doubt: Doubt::Emptied { .. }, .. })));
}

/// `progress` of a contact that was sent is kept by an unproven ledger too; only what the platform says of it is judged
/// otherwise.
#[tokio::test]
async fn a_ledger_keeps_what_it_is_until_a_person_says_otherwise() {
    let machine = Machine::new();
    drop(machine.adopt("l.db", Adoption::New).expect("a person answers"));
    {
        let ledger = machine.open("l.db").expect("opens");
        assert!(!ledger.tells_created());
        ledger.note_created();
        enrol(&ledger, vec![enrolment(1)], AT).await;
        let bodies = Box::new(Bodies { contact: b"{}".to_vec(), text: None });
        let standing = append(&ledger, enrolment(1).id, Entry::ContactIntended(Some(bodies))).await.expect("writes");
        assert_eq!(standing.progress, Progress::ContactInFlight);
    }
    let again = machine.open("l.db").expect("opens");
    assert!(again.tells_created());
    assert_eq!(again.provenance(), Provenance::Unproven);
    drop(again);
    drop(machine.adopt("l.db", Adoption::Original).expect("a person answers"));
    assert_eq!(machine.open("l.db").expect("opens").provenance(), Provenance::Proven);
}

/// Bytes that were sent for one time are never sent for another.
#[tokio::test]
async fn bytes_belong_to_one_dispatch_time() {
    let machine = Machine::new();
    let one = enrolment(1);
    let ledger = machine.open("l.db").expect("opens");
    enrol(&ledger, vec![one.clone()], AT).await;
    let bodies = Box::new(Bodies { contact: b"{}".to_vec(), text: None });
    for entry in [Entry::Placed(one.window.start()), Entry::ContactIntended(Some(bodies)), Entry::ContactTurnedAway] {
        append(&ledger, one.id, entry).await.expect("writes");
    }
    assert!(ledger.bodies(one.id).await.expect("reads").is_some());
    append(&ledger, one.id, Entry::Placed(one.window.start().plus(60))).await.expect("writes");
    assert_eq!(ledger.bodies(one.id).await.expect("reads"), None);
}
