//! Runs that died before their input was taken up.

use std::path::Path;

use rusqlite::{Connection, params};

use super::tests::{AT, enrolment, lock_of_a_run, opening};
use super::*;
use crate::domain::past::{Fate, InputSeen};
use crate::io::ledger::*;

fn seen(path: &str) -> InputSeen {
    InputSeen { path: Some(path.to_owned()), bytes: Some(7), modified_ns: Some(1_795_400_000_000_000_007) }
}

fn read(seen: &InputSeen, sha256: &str) -> InputRead {
    InputRead { seen: seen.clone(), sha256: Some(sha256.to_owned()) }
}

/// A run of these inputs.
fn run(path: &Path, inputs: &[InputSeen]) -> SqliteLedger {
    SqliteLedger::open(&Opening { inputs: inputs.to_vec(), ..opening(path) }).expect("opens")
}

/// A run of these inputs that takes all up.
async fn whole(path: &Path, inputs: &[(InputSeen, &str)]) {
    let seen: Vec<InputSeen> = inputs.iter().map(|(seen, _)| seen.clone()).collect();
    let ledger = run(path, &seen);
    let read = inputs.iter().map(|(seen, sha256)| self::read(seen, sha256)).collect();
    ledger.inputs_read(read, AT).await.expect("notes");
    ledger.taken_up(AT).await.expect("notes");
    ledger.finish(Ending { exit_code: 0, summary: None }, AT).await.expect("finishes");
}

/// The numbers of the runs that are named.
fn named(path: &Path) -> Vec<i64> {
    let reader = Archive::require(path).expect("opens");
    let named: Vec<i64> = reader.cut_off().expect("reads").iter().map(|cut_off| cut_off.number).collect();
    assert_eq!(reader.backlog().expect("reads").runs_cut_off, named.len() as u64);
    let runs = reader.runs().expect("reads").into_iter().rev();
    let missing = runs.filter(|run| run.cut_off == Some(Fate::Missing)).map(|run| run.number);
    assert_eq!(missing.collect::<Vec<_>>(), named);
    named
}

fn place() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("l.db");
    (folder, path)
}

#[tokio::test]
async fn a_run_is_named_until_each_of_its_inputs_was_read_by_runs_that_took_them_up() {
    let (_folder, path) = place();
    let (a, b) = (seen("/a.csv"), seen("/b.csv"));
    drop(run(&path, &[a.clone(), b.clone()]));
    assert_eq!(named(&path), [1]);
    // Read, but not taken up; another size, another time, another path.
    let ledger = run(&path, &[a.clone(), b.clone()]);
    ledger.inputs_read(vec![read(&a, "x"), read(&b, "y")], AT).await.expect("notes");
    drop(ledger);
    let bytes = InputSeen { bytes: Some(8), ..a.clone() };
    let touched = InputSeen { modified_ns: Some(1), ..a.clone() };
    whole(&path, &[(bytes, "1"), (touched, "2"), (seen("/c.csv"), "3"), (InputSeen::default(), "4")]).await;
    assert_eq!(named(&path), [1, 2]);
    whole(&path, &[(a, "x")]).await;
    assert_eq!(named(&path), [1, 2]);
    // The second is known by its bytes: for the first it is the path that counts.
    whole(&path, &[(seen("/elsewhere.csv"), "y")]).await;
    assert_eq!(named(&path), [1]);
    whole(&path, &[(b, "changed")]).await;
    assert!(named(&path).is_empty());
    let fates: Vec<Option<Fate>> =
        Archive::require(&path).expect("opens").runs().expect("reads").iter().map(|run| run.cut_off).collect();
    assert_eq!(fates[4..], [Some(Fate::CameAgain), Some(Fate::CameAgain)]);
}

/// Earlier runs answer for nobody: the input has not come again since.
#[tokio::test]
async fn an_earlier_run_of_the_same_input_does_not_count() {
    let (_folder, path) = place();
    whole(&path, &[(seen("/a.csv"), "x")]).await;
    drop(run(&path, &[seen("/a.csv")]));
    assert_eq!(named(&path), [2]);
}

/// What was read may not be what stood there when the run began.
#[tokio::test]
async fn a_file_that_was_replaced_before_it_was_read_answers_by_its_bytes_alone() {
    let (_folder, path) = place();
    drop(run(&path, &[seen("/a.csv")]));
    let ledger = run(&path, &[seen("/a.csv")]);
    let replaced = InputSeen { modified_ns: Some(1), ..seen("/a.csv") };
    ledger.inputs_read(vec![read(&replaced, "x")], AT).await.expect("notes");
    ledger.taken_up(AT).await.expect("notes");
    drop(ledger);
    assert_eq!(named(&path), [1]);
}

#[tokio::test]
async fn standard_input_is_known_by_its_bytes_or_by_a_person() {
    let (_folder, path) = place();
    drop(run(&path, &[InputSeen::default()]));
    let ledger = run(&path, &[InputSeen::default()]);
    ledger.inputs_read(vec![read(&InputSeen::default(), "x")], AT).await.expect("notes");
    let id = ledger.run();
    assert!(matches!(dismiss(&path, id, AT), Err(LedgerError::Held { .. })), "it goes on");
    assert_eq!(named(&path), [1], "what goes on has not died");
    drop(ledger);
    whole(&path, &[(seen("/a.csv"), "x")]).await;
    assert_eq!(named(&path), [1]);
    let first = Archive::require(&path).expect("opens").cut_off().expect("reads").remove(0);
    assert_eq!((first.inputs, first.is_stopped), (vec![None], false));
    assert_eq!(dismiss(&path, first.run, AT).expect("dismisses"), Some(Fate::Missing));
    assert_eq!(dismiss(&path, first.run, AT).expect("no fault"), Some(Fate::Dismissed));
    assert!(named(&path).is_empty());
    assert_eq!(dismiss(&path, id, AT).expect("no fault"), Some(Fate::CameAgain));
    assert_eq!(Archive::require(&path).expect("opens").runs().expect("reads").len(), 3, "no run was begun for it");
}

/// Runs that say themselves how they ended are told by their exit codes; one that a signal stopped has the code that
/// sends people to `resume`.
#[tokio::test]
async fn a_run_that_was_refused_is_not_named_and_one_that_was_stopped_is() {
    let (_folder, path) = place();
    for exit_code in [65, 66, 70, 74, 77, 78] {
        let ledger = run(&path, &[seen("/a.csv")]);
        ledger.finish(Ending { exit_code, summary: None }, AT).await.expect("finishes");
    }
    assert!(named(&path).is_empty());
    let ends = run(&path, &[seen("/a.csv")]).ended_by(4, || AT);
    tokio::task::spawn_blocking(ends).await.expect("its ledger is closed: nothing is written");
    let ledger = run(&path, &[seen("/a.csv")]);
    tokio::task::spawn_blocking(ledger.ended_by(4, || AT)).await.expect("ends");
    // What fails while it leaves, such as a report's folder that is gone, is not how it ended.
    ledger.finish(Ending { exit_code: 74, summary: None }, AT).await.expect("no fault");
    drop(ledger);
    assert_eq!(named(&path), [7, 8]);
    let stopped = Archive::require(&path).expect("opens").cut_off().expect("reads");
    assert_eq!(stopped.iter().map(|run| run.is_stopped).collect::<Vec<_>>(), [false, true]);
}

/// A ledger of an older schema, with these runs: when each ended, and when it was taken up where that is known.
fn older(path: &Path, schema: i64, runs: &[(Option<i64>, Option<i64>)]) {
    let connection = Connection::open(path).expect("opens");
    connection.execute_batch(include_str!("schema_1.sql")).expect("makes");
    if schema > 1 {
        connection.execute_batch(include_str!("schema_2.sql")).expect("makes");
    }
    connection.pragma_update(None, "application_id", 0x7262_616b_i64).expect("sets");
    connection.pragma_update(None, "user_version", schema).expect("sets");
    for (number, &(finished_at, taken_up_at)) in (1_u8..).zip(runs) {
        let query = "INSERT INTO runs (run_id, number, command, version, started_at, finished_at, exit_code)
             VALUES (?1, ?2, 'run', '0.1.0', 1795400000, ?3, ?4)";
        let row = params![[number; 16], number, finished_at, finished_at.map(|_| 4)];
        connection.execute(query, row).expect("a run");
        if schema > 1 {
            let query = "UPDATE runs SET taken_up_at = ?2 WHERE number = ?1";
            connection.execute(query, params![number, taken_up_at]).expect("a run");
        }
    }
}

/// No false alarms after an upgrade.
#[tokio::test]
async fn of_older_runs_the_newest_alone_is_named_until_another_is_taken_up() {
    const DIED: (Option<i64>, Option<i64>) = (None, None);
    const ENDED: (Option<i64>, Option<i64>) = (Some(1_795_400_060), None);
    const TAKEN_UP: (Option<i64>, Option<i64>) = (None, Some(1_795_400_030));
    for (schema, runs, before, after) in [
        (1, &[DIED, DIED, ENDED][..], &[][..], &[][..]),
        (1, &[ENDED, DIED], &[], &[2]),
        (2, &[DIED, ENDED], &[], &[]),
        (2, &[DIED, TAKEN_UP], &[], &[]),
        (2, &[DIED, DIED], &[2], &[2]),
    ] {
        let (_folder, path) = place();
        older(&path, schema, runs);
        assert_eq!(named(&path), before, "{schema} {runs:?}");
        // A run that is refused brings the schema up to date, and takes nothing up.
        let ledger = run(&path, &[seen("/a.csv")]);
        ledger.finish(Ending { exit_code: 65, summary: None }, AT).await.expect("finishes");
        drop(ledger);
        assert_eq!(named(&path), after, "{schema} {runs:?}");
        whole(&path, &[(seen("/a.csv"), "x")]).await;
        assert!(named(&path).is_empty(), "{schema} {runs:?}");
    }
}

/// The first schema does not say when a run had taken all up; its entries do.
#[tokio::test]
async fn a_run_of_the_first_schema_that_was_killed_at_its_work_is_not_named() {
    let (_folder, path) = place();
    older(&path, 1, &[(None, None)]);
    let query = "INSERT INTO entries (callback_id, run_id, at_ms, kind, detail) VALUES (?1, ?2, 1795400000000, ?3, '')";
    lock_of_a_run(&path);
    let connection = Connection::open(&path).expect("opens");
    connection.execute(query, params![enrolment(1).id.as_bytes(), [1_u8; 16], "enrolled"]).expect("an entry");
    drop(connection);
    let ledger = SqliteLedger::open(&Opening { command: "settle", ..opening(&path) }).expect("opens");
    drop(ledger);
    assert_eq!(named(&path), [1]);
    let connection = Connection::open(&path).expect("opens");
    connection.execute(query, params![enrolment(1).id.as_bytes(), [1_u8; 16], "placed"]).expect("an entry");
    drop(connection);
    assert!(named(&path).is_empty());
}
