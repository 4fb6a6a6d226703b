//! Looking things up, older schemas, and copies.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;

use rusqlite::Connection;

use super::tests::{AT, append_all, enrol, enrolment, lock_of_a_run, opening};
use super::*;
use crate::domain::code::Code;
use crate::domain::entry::Verdict;
use crate::domain::outcome::Status;
use crate::domain::past::{NotedRun, RunEnd};
use crate::domain::prefix::IdPrefix;
use crate::domain::progress::Progress;
use crate::io::ledger::*;

fn files(folder: &Path) -> BTreeSet<OsString> {
    std::fs::read_dir(folder).expect("lists").map(|entry| entry.expect("an entry").file_name()).collect()
}

fn version(path: &Path) -> i64 {
    let uri = format!("file:{}?immutable=1", path.display());
    let connection = Connection::open(uri).expect("opens");
    connection.pragma_query_value(None, "user_version", |row| row.get(0)).expect("a version")
}

fn later(seconds: i64) -> Stamp {
    Stamp(AT.0 + 1000 * seconds)
}

fn sent() -> Entry {
    Entry::ContactIntended(Some(Box::new(Bodies { contact: b"{}".to_vec(), text: Some(b"{}".to_vec()) })))
}

async fn write(ledger: &SqliteLedger, id: CallbackId, entries: &[Entry], at: Stamp) {
    append_all(ledger, entries.iter().map(|entry| (id, entry.clone())), at).await;
}

async fn finish(ledger: &SqliteLedger, at: Stamp) {
    let summary = "{\"by_status\":{\"confirmed\":1}}\n".to_owned();
    ledger.finish(Ending { exit_code: 0, summary: Some(summary) }, at).await.expect("finishes");
}

/// A ledger of the first schema, with a run in it that confirmed one callback and left another in doubt.
fn first_schema(path: &Path) {
    lock_of_a_run(path);
    let connection = Connection::open(path).expect("opens");
    connection.pragma_update(None, "journal_mode", "WAL").expect("sets");
    connection.execute_batch(include_str!("schema_1.sql")).expect("makes");
    connection.pragma_update(None, "application_id", 0x7262_616b_i64).expect("sets");
    connection.pragma_update(None, "user_version", 1).expect("sets");
    let run = [9_u8; 16];
    let query = "INSERT INTO runs VALUES (?1, 1, 'run', '0.1.0', 1795400000, 1795400060, 5, NULL)";
    connection.execute(query, [run]).expect("a run");
    for (digits, progress, last) in [(1, "confirmed", "sms_accepted"), (2, "sms_in_doubt", "sms_doubted")] {
        let new = enrolment(digits);
        let code = (digits == 2).then_some("sms.no_answer");
        let (phone, start, end) = (new.phone.digits(), new.window.start().unix(), new.window.end().unix());
        let query = "INSERT INTO callbacks VALUES (?1, ?2, 'a1b2', 'en-US', ?3, ?4, -300, ?5, ?6, '', ?7, 'c-1', 's-1', \
             2, 1795400001, 1795400002, ?8)";
        let id = new.id.as_bytes();
        let phone = i64::try_from(phone).expect("15 digits");
        let row = rusqlite::params![id, phone, start, end, progress, code, start + 60, run];
        connection.execute(query, row).expect("a callback");
        for kind in ["enrolled", "placed", "contact_intended", "contact_created", "sms_intended", last] {
            let code = code.filter(|_| kind == last);
            let query = "INSERT INTO entries (callback_id, run_id, at_ms, kind, code, detail)
                 VALUES (?1, ?2, 1795400000000, ?3, ?4, '')";
            connection.execute(query, rusqlite::params![id, run, kind, code]).expect("an entry");
        }
    }
}

/// The callbacks of a run, as they stood when it ended.
fn rows(reader: &Archive, run: &NotedRun) -> Vec<Kept> {
    let mut rows = Vec::new();
    let given = reader.callbacks_in(run, |kept| {
        rows.push(kept);
        Ok::<_, LedgerError>(())
    });
    given.expect("reads");
    rows
}

fn whole(id: CallbackId) -> IdPrefix {
    IdPrefix { low: *id.as_bytes(), high: *id.as_bytes() }
}

#[test]
fn readers_take_an_older_schema_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("l.db");
    first_schema(&path);
    let (bytes, names) = (std::fs::read(&path).expect("reads"), files(folder.path()));
    let reader = Archive::require(&path).expect("opens");
    let history = reader.history(enrolment(2).id).expect("reads");
    assert_eq!(history.len(), 6);
    assert_eq!((history[5].kind.as_str(), history[5].code), ("sms_doubted", Some(Code::SmsNoAnswer)));
    assert_eq!((&history[1].value, history[1].run), (&None, Some(1)));
    let run = reader.runs().expect("reads").remove(0);
    assert!(matches!(run.end, RunEnd::Finished { exit_code: 5, .. }));
    let rows = rows(&reader, &run);
    assert_eq!(rows[0].standing.status(run.id), Status::Confirmed);
    assert_eq!(rows[1].standing.status(run.id), Status::SmsInDoubt);
    assert_eq!(reader.callbacks_of(enrolment(1).phone).expect("reads").len(), 1);
    let copy = folder.path().join("copy.db");
    assert_eq!(reader.copy_to(&copy).map(|copied| (copied.callbacks, copied.runs)).expect("copies"), (2, 1));
    assert_eq!(version(&copy), 1);
    drop(reader);
    std::fs::remove_file(&copy).expect("removes");
    assert_eq!((std::fs::read(&path).expect("reads"), files(folder.path())), (bytes, names));
}

#[tokio::test]
async fn a_run_brings_an_older_schema_up_to_date_and_keeps_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("l.db");
    first_schema(&path);
    let second = enrolment(2);
    {
        let ledger = SqliteLedger::open(&opening(&path)).expect("opens");
        let known = ledger.standings(&[enrolment(1).id, second.id]).await.expect("reads");
        let known: Vec<_> = known.into_iter().map(|known| known.expect("kept").progress).collect();
        assert_eq!(known, [Progress::Confirmed, Progress::TextDoubted]);
        write(&ledger, second.id, &[Entry::Settled(Verdict::Sent, second.id)], AT).await;
    }
    assert_eq!(version(&path), 5);
    let reader = Archive::require(&path).expect("opens");
    assert_eq!(reader.history(second.id).expect("reads").len(), 7);
    let first = reader.runs().expect("reads").pop().expect("a run");
    assert_eq!(first.number, 1);
    // Its entries have no values: what they carried is taken from how the callback stands now.
    let then = rows(&reader, &first).remove(1).standing;
    assert_eq!((then.progress, then.code), (Progress::TextDoubted, Some(Code::SmsNoAnswer)));
    assert_eq!(then.dispatch_at, Some(second.window.start().plus(60)));
    assert_eq!((then.contact_id.as_deref(), then.attempts, then.run), (Some("c-1"), 2, first.id));
}

#[test]
fn a_newer_schema_is_refused_by_those_who_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("l.db");
    drop(SqliteLedger::open(&opening(&path)).expect("opens"));
    Connection::open(&path).and_then(|newer| newer.pragma_update(None, "user_version", 99)).expect("sets");
    let refused = Archive::require(&path).expect_err("newer");
    assert!(matches!(refused, LedgerError::Newer { found: 99, .. }), "{refused}");
    let missing = Archive::require(&folder.path().join("none.db")).expect_err("none");
    assert!(missing.to_string().contains("none.db") && missing.to_string().contains("--ledger"), "{missing}");
}

#[tokio::test]
async fn a_run_is_told_again_as_it_ended_whatever_came_later() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("l.db");
    let (one, two, first) = (enrolment(1), enrolment(2), opening(&path));
    let at = one.window.start().plus(60);
    {
        let ledger = SqliteLedger::open(&first).expect("opens");
        // The second row comes first, whatever their ids are.
        enrol(&ledger, vec![two.clone(), one.clone()], AT).await;
        let created = Entry::ContactCreated("c-9".into());
        write(&ledger, one.id, &[Entry::Placed(at), sent(), created, Entry::TextDeferred], AT).await;
        write(&ledger, two.id, &[Entry::Placed(at), Entry::Left(Code::RunLimit, "enough".into())], AT).await;
        finish(&ledger, later(1)).await;
    }
    let before = {
        let ledger = SqliteLedger::open(&opening(&path)).expect("opens again");
        write(&ledger, one.id, &[Entry::TextIntended, Entry::TextAccepted(Some("s-1".into()))], later(60)).await;
        enrol(&ledger, vec![two.clone()], later(60)).await;
        write(&ledger, two.id, &[Entry::Placed(at.plus(60)), sent()], later(60)).await;
        files(folder.path())
    };
    assert!(before.contains(&OsString::from("l.db-wal")));
    let reader = Archive::require(&path).expect("opens");
    let [cut, ended] = <[NotedRun; 2]>::try_from(reader.runs().expect("reads")).expect("two runs");
    assert_eq!((cut.end, cut.number, ended.id), (RunEnd::Cut, 2, first.run));
    assert_eq!(ended.end, RunEnd::Finished { at: later(1).timestamp(), exit_code: 0 });
    let then = rows(&reader, &ended);
    assert_eq!(then.iter().map(|kept| kept.enrolment.id).collect::<Vec<_>>(), [two.id, one.id]);
    let (left, waits) = (&then[0].standing, &then[1].standing);
    assert_eq!(
        (left.status(first.run), left.code, left.detail.as_str()),
        (Status::Pending, Some(Code::RunLimit), "enough")
    );
    assert_eq!((left.dispatch_at, left.attempts), (Some(at), 0));
    assert_eq!((waits.status(first.run), waits.code), (Status::SmsWaiting, Some(Code::SmsQuietHours)));
    assert_eq!((waits.contact_id.as_deref(), waits.session_id.as_deref()), (Some("c-9"), None));
    assert_eq!((waits.contact_at, waits.attempts), (Some(AT.timestamp()), 1));
    let now = rows(&reader, &cut);
    assert_eq!(now.len(), 2);
    let confirmed = &now.iter().find(|kept| kept.enrolment.id == one.id).expect("it").standing;
    assert_eq!((confirmed.status(cut.id), confirmed.session_id.as_deref()), (Status::Confirmed, Some("s-1")));
    assert_eq!(
        reader
            .runs_like(&IdPrefix { low: *first.run.0.as_bytes(), high: *first.run.0.as_bytes() })
            .expect("reads")
            .len(),
        1
    );
    assert_eq!(reader.callbacks_like(&whole(two.id), 9).expect("reads").len(), 1);
}

#[tokio::test]
async fn a_run_that_goes_on_is_told_from_one_that_was_cut_off() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("l.db");
    drop(SqliteLedger::open(&opening(&path)).expect("opens"));
    let held = SqliteLedger::open(&opening(&path)).expect("opens again");
    let ends = |reader: &Archive| reader.runs().expect("reads").iter().map(|run| run.end).collect::<Vec<_>>();
    assert_eq!(ends(held.reader().expect("reads")), [RunEnd::Running, RunEnd::Cut]);
    drop(held);
    assert_eq!(ends(&Archive::require(&path).expect("opens")), [RunEnd::Cut; 2]);
}

#[tokio::test]
async fn reading_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("l.db");
    {
        let ledger = SqliteLedger::open(&opening(&path)).expect("opens");
        enrol(&ledger, vec![enrolment(1)], AT).await;
    }
    let before = (files(folder.path()), std::fs::read(&path).expect("reads"));
    let reader = Archive::open(&path).expect("opens").expect("is there");
    assert_eq!(reader.callbacks_like(&whole(enrolment(1).id), 9).expect("reads").len(), 1);
    let refused = reader.connection.execute("DELETE FROM callbacks", []);
    assert!(refused.is_err(), "a reader cannot write");
    // A run that begins and ends while somebody reads is not disturbed, and whoever is last tidies up.
    drop(SqliteLedger::open(&opening(&path)).expect("opens beside a reader"));
    drop(reader);
    assert_eq!(files(folder.path()), before.0);
    let reader = Archive::open(&path).expect("opens").expect("is there");
    assert_eq!(reader.runs().expect("reads").len(), 2);
}

/// What a run finds owed in a ledger at `path`: a text, where it may be sent.
fn is_doubted(path: &Path) -> bool {
    match SqliteLedger::open(&opening(path)) {
        Ok(_) => false,
        Err(LedgerError::Doubted { .. }) => true,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_copy_knows_that_it_is_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let (one, path) = (enrolment(1), at("l.db"));
    {
        let ledger = SqliteLedger::open(&opening(&path)).expect("opens");
        enrol(&ledger, vec![one.clone()], AT).await;
        write(&ledger, one.id, &[sent(), Entry::ContactCreated("c-1".into())], AT).await;
        let beside = Archive::require(&path).expect("opens");
        beside.copy_to(&at("during.db")).expect("copies beside a run");
        finish(&ledger, later(1)).await;
    }
    Archive::require(&path).expect("opens").copy_to(&at("after.db")).expect("copies");
    // Made while the run went on, which may have sent the text since: the lock knows of no later run.
    std::fs::copy(at("during.db"), &path).expect("restores");
    assert!(is_doubted(&path));
    // On another machine nobody knows whether there were later runs.
    assert!(is_doubted(&at("after.db")));
}

#[tokio::test]
async fn a_copy_that_lacks_nothing_doubts_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, path, copy) = (enrolment(1), folder.path().join("l.db"), folder.path().join("copy.db"));
    {
        let ledger = SqliteLedger::open(&opening(&path)).expect("opens");
        enrol(&ledger, vec![one.clone()], AT).await;
        write(&ledger, one.id, &[sent(), Entry::ContactCreated("c-1".into())], AT).await;
        finish(&ledger, later(1)).await;
    }
    Archive::require(&path).expect("opens").copy_to(&copy).expect("copies");
    std::fs::copy(&copy, &path).expect("restores");
    assert!(!is_doubted(&path));
    // A run that was cut off is no end: it may have sent more than a copy holds.
    Archive::require(&path).expect("opens").copy_to(&folder.path().join("cut.db")).expect("copies");
    std::fs::copy(folder.path().join("cut.db"), &path).expect("restores");
    assert!(is_doubted(&path));
}

#[test]
fn a_copy_replaces_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    drop(SqliteLedger::open(&opening(&at("l.db"))).expect("opens"));
    std::fs::write(at("taken"), "mine").expect("writes");
    std::os::unix::fs::symlink(at("nowhere"), at("link")).expect("links");
    let reader = Archive::require(&at("l.db")).expect("opens");
    for name in ["taken", "link"] {
        let refused = reader.copy_to(&at(name)).expect_err("taken");
        assert!(matches!(refused, LedgerError::Taken { .. }), "{refused}");
    }
    for name in ["l.db", "l.db-wal", "l.db-shm", "l.db.lock"] {
        let refused = reader.copy_to(&at(name)).expect_err("its own");
        assert!(matches!(refused, LedgerError::ItsOwn { .. }), "{refused}");
    }
    assert!(matches!(reader.copy_to(&at("none/copy.db")), Err(LedgerError::Copy { .. })));
    assert_eq!(std::fs::read(at("taken")).expect("reads"), b"mine");
    reader.copy_to(&at("copy.db")).expect("copies");
    assert_eq!(std::fs::metadata(at("copy.db")).expect("is there").permissions().mode() & 0o777, 0o600);
    drop(reader);
    let names: Vec<_> = files(folder.path()).into_iter().collect();
    assert_eq!(names, ["copy.db", "l.db", "l.db.lock", "link", "taken"]);
}
