use std::path::Path;
use std::time::Duration;

use super::*;
use crate::domain::callback::RunId;
use crate::domain::code::Code;
use crate::domain::progress::Progress;
use crate::io::ledger::*;

fn owner(platform: &str) -> Owner {
    Owner { platform: platform.into(), client_id: "id".into() }
}

pub(super) fn opening(path: &Path) -> Opening {
    Opening {
        path: path.to_owned(),
        owner: Some(owner("https://one.example")),
        run: RunId(uuid::Uuid::now_v7()),
        command: "run",
        started_at: Timestamp::from_unix(1_795_438_800),
        witness: None,
        adoption: None,
        wait: Duration::ZERO,
        inputs: Vec::new(),
    }
}

/// The lock that the one run of an older ringback left behind.
pub(super) fn lock_of_a_run(ledger: &Path) {
    let text = r#"{"pid":1,"since":"2026-11-23T02:13:20Z","run":"09090909-0909-0909-0909-090909090909","number":1}"#;
    std::fs::write(beside(ledger, ".lock"), text).expect("writes");
}

pub(super) fn enrolment(last_digits: u64) -> Enrolment {
    let phone = E164::from_digits(12_025_550_000 + last_digits).expect("a number");
    let start = Timestamp::from_unix(1_795_438_800);
    let window = Window::new(start, start.plus(7200)).expect("a window");
    let id = CallbackId::of(phone, window, "a1b2");
    Enrolment { id, phone, window, campaign: "a1b2".into(), language: "en-US".into(), offset_minutes: -300 }
}

pub(super) const AT: Stamp = Stamp(1_795_400_000_123);

#[tokio::test]
async fn what_was_appended_is_there_for_the_next_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ringback.db");
    let (one, first) = (enrolment(1), opening(&path));
    let dispatch_at = one.window.start().plus(60);
    {
        let ledger = SqliteLedger::open(&first).expect("opens");
        ledger.enrol(vec![one.clone(), enrolment(2)], AT).await.expect("enrols");
        ledger.append_all(vec![(one.id, Entry::Placed(dispatch_at))], AT).await.expect("places");
        let bodies = Bodies { contact: b"{}".to_vec(), text: None };
        let intent = Entry::ContactIntended(Some(Box::new(bodies)));
        ledger.append(one.id, intent, AT).await.expect("intends");
    }
    let ledger = SqliteLedger::open(&opening(&path)).expect("opens again");
    let known = ledger.standings(&[one.id, enrolment(2).id, enrolment(3).id]).await.expect("reads");
    let seen = known[0].clone().expect("known");
    assert_eq!(seen.progress, Progress::ContactInFlight);
    assert_eq!((seen.dispatch_at, seen.attempts, seen.run), (Some(dispatch_at), 1, first.run));
    assert_eq!(known[1].as_ref().map(|standing| standing.progress), Some(Progress::Pending));
    assert_eq!(known[2], None);
    assert_eq!(ledger.bodies(one.id).await.expect("reads").expect("kept").contact, b"{}");
    let range = one.window.interval();
    assert_eq!(ledger.scheduled_counts("a1b2", range).await.expect("reads"), [(dispatch_at, 1)]);
}

#[tokio::test]
async fn a_step_that_does_not_follow_is_refused_and_writes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = SqliteLedger::open(&opening(&folder.path().join("l.db"))).expect("opens");
    let one = enrolment(1);
    ledger.enrol(vec![one.clone()], AT).await.expect("enrols");
    let refused = ledger.append(one.id, Entry::TextIntended, AT).await;
    assert!(matches!(refused, Err(LedgerError::OutOfOrder(_))), "{refused:?}");
    ledger.append(one.id, Entry::Left(Code::RunLimit, String::new()), AT).await.expect("still writes");
    let standing = ledger.standings(&[one.id]).await.expect("reads").remove(0).expect("known");
    assert_eq!((standing.progress, standing.code, standing.attempts), (Progress::Pending, Some(Code::RunLimit), 0));
}

#[test]
fn one_run_at_a_time_and_only_its_owner() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("l.db");
    let held = SqliteLedger::open(&opening(&path)).expect("opens");
    let second = SqliteLedger::open(&opening(&path)).expect_err("held").to_string();
    assert!(second.contains(&format!("process {}", std::process::id())), "{second}");
    assert!(second.contains("since 2026-11-23T13:00:00Z"), "{second}");
    drop(held);
    let other = Opening { owner: Some(owner("sandbox")), ..opening(&path) };
    let foreign = SqliteLedger::open(&other).expect_err("foreign").to_string();
    assert!(foreign.contains("https://one.example") && foreign.contains("sandbox"), "{foreign}");
    SqliteLedger::open(&opening(&path)).expect("the owner may");
}

#[test]
fn what_is_no_ledger_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("export.csv");
    std::fs::write(&path, "phone,campaign\n".repeat(100)).expect("writes");
    let refused = SqliteLedger::open(&opening(&path)).expect_err("no ledger").to_string();
    assert!(refused.contains("is not a ledger"), "{refused}");
    assert!(std::fs::read_to_string(&path).expect("reads").starts_with("phone,campaign"));
    let newer = folder.path().join("newer.db");
    drop(SqliteLedger::open(&opening(&newer)).expect("opens"));
    rusqlite::Connection::open(&newer).and_then(|c| c.pragma_update(None, "user_version", 99)).expect("sets");
    let refused = SqliteLedger::open(&opening(&newer)).expect_err("newer").to_string();
    assert!(refused.contains("schema 99"), "{refused}");
    assert!(Archive::open(&folder.path().join("none.db")).expect("no fault").is_none());
}

#[test]
fn the_ledger_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("l.db");
    let _ledger = SqliteLedger::open(&opening(&path)).expect("opens");
    for file in std::fs::read_dir(folder.path()).expect("lists") {
        let file = file.expect("an entry");
        let mode = file.metadata().expect("metadata").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", file.path().display());
    }
}
