//! What every ledger keeps to: the same is asked of the one on disk and of the one in memory.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;

use super::memory_tests::{Memory, MemoryLedger};
use super::*;
use crate::domain::code::Code;
use crate::domain::past::InputSeen;
use crate::domain::progress::Progress;

pub(super) const AT: Stamp = Stamp(1_795_400_000_123);

pub(super) fn enrolment(last_digits: u64) -> Enrolment {
    let phone = E164::from_digits(12_025_550_000 + last_digits).expect("a number");
    let start = Timestamp::from_unix(1_795_438_800);
    let window = Window::new(start, start.plus(7200)).expect("a window");
    let id = CallbackId::of(phone, window, "a1b2");
    Enrolment { id, phone, window, campaign: "a1b2".into(), language: "en-US".into(), offset_minutes: -300 }
}

/// The version at which a callback is.
async fn version(ledger: &impl Ledger, id: CallbackId) -> u32 {
    ledger.standings(&[id]).await.expect("reads").remove(0).map_or(0, |standing| standing.version)
}

/// Takes callbacks up at the versions at which they are.
pub(super) async fn enrol(ledger: &impl Ledger, batch: impl IntoIterator<Item = Enrolment>, at: Stamp) {
    let mut known = Vec::new();
    for new in batch {
        let version = version(ledger, new.id).await;
        known.push((new, version));
    }
    let written = ledger.enrol(known, at).await.expect("enrols");
    assert!(written.iter().all(Result::is_ok));
}

/// Writes entries to callbacks at the versions at which they are.
pub(super) async fn append_all(
    ledger: &impl Ledger,
    entries: impl IntoIterator<Item = (CallbackId, Entry)>,
    at: Stamp,
) {
    let (mut versions, mut known) = (BTreeMap::new(), Vec::new());
    for (id, entry) in entries {
        let version = match versions.get(&id) {
            Some(version) => *version,
            None => version(ledger, id).await,
        };
        known.push(Append { id, version, entry });
        versions.insert(id, version + 1);
    }
    let written = ledger.append_all(known, at).await.expect("follows");
    assert!(written.iter().all(Result::is_ok));
}

/// Writes an entry to a callback at the version at which it is.
pub(super) async fn append(ledger: &impl Ledger, id: CallbackId, entry: Entry) -> Result<Standing, LedgerError> {
    let version = version(ledger, id).await;
    ledger.append(Append { id, version, entry }, AT).await
}

/// Where a ledger lies between its runs.
trait Shelf {
    type Ledger<'a>: Ledger
    where
        Self: 'a;

    /// Begins a run, which finds these inputs.
    fn open(&self, inputs: &[InputSeen]) -> Self::Ledger<'_>;
}

struct Disk(tempfile::TempDir);

impl Shelf for Disk {
    type Ledger<'a> = SqliteLedger;

    fn open(&self, inputs: &[InputSeen]) -> SqliteLedger {
        SqliteLedger::open(&Opening { inputs: inputs.to_vec(), ..opening(&self.0.path().join("l.db")) }).expect("opens")
    }
}

struct InMemory(RefCell<Memory>);

impl Shelf for InMemory {
    type Ledger<'a> = MemoryLedger<'a>;

    fn open(&self, inputs: &[InputSeen]) -> MemoryLedger<'_> {
        MemoryLedger::begin(&self.0, RunId(uuid::Uuid::now_v7()), (AT.timestamp(), inputs))
    }
}

pub(super) fn opening(path: &Path) -> Opening {
    Opening {
        path: path.to_owned(),
        owner: Some(Owner { platform: "https://one.example".into(), client_id: "id".into() }),
        run: RunId(uuid::Uuid::now_v7()),
        command: "run",
        started_at: Timestamp::from_unix(1_795_438_800),
        witness: None,
        adoption: None,
        wait: std::time::Duration::ZERO,
        inputs: Vec::new(),
    }
}

macro_rules! of_every_ledger {
    ($($promise:ident),* $(,)?) => {
        mod on_disk {
            $(#[tokio::test]
            async fn $promise() {
                super::$promise(&super::Disk(tempfile::tempdir().expect("a folder"))).await;
            })*
        }
        mod in_memory {
            $(#[tokio::test]
            async fn $promise() {
                super::$promise(&super::InMemory(std::cell::RefCell::default())).await;
            })*
        }
    };
}

of_every_ledger!(
    what_was_appended_is_there_for_the_next_run,
    enrolment_gives_where_each_callback_stands,
    what_somebody_else_has_written_to_is_left_alone,
    a_step_that_does_not_follow_is_refused_and_writes_nothing,
    what_a_run_owes_is_given_by_dispatch_time_wherever_it_stands,
    bytes_belong_to_one_dispatch_time,
    what_may_be_called_counts_at_its_dispatch_time,
    a_run_that_died_early_is_named_until_its_input_comes_again,
    holds_and_answers_outlive_their_run,
);

async fn what_was_appended_is_there_for_the_next_run(shelf: &impl Shelf) {
    let one = enrolment(1);
    let dispatch_at = one.window.start().plus(60);
    let first = {
        let ledger = shelf.open(&[]);
        enrol(&ledger, [one.clone(), enrolment(2)], AT).await;
        append_all(&ledger, [(one.id, Entry::Placed(dispatch_at))], AT).await;
        let bodies = Bodies { contact: b"{}".to_vec(), text: None };
        append(&ledger, one.id, Entry::ContactIntended(Some(Box::new(bodies)))).await.expect("intends");
        ledger.run()
    };
    let ledger = shelf.open(&[]);
    let known = ledger.standings(&[one.id, enrolment(2).id, enrolment(3).id]).await.expect("reads");
    let seen = known[0].clone().expect("known");
    assert_eq!((seen.progress, seen.version), (Progress::ContactInFlight, 3));
    assert_eq!((seen.dispatch_at, seen.attempts, seen.run), (Some(dispatch_at), 1, first));
    assert_eq!(known[1].as_ref().map(|standing| (standing.progress, standing.version)), Some((Progress::Pending, 1)));
    assert_eq!(known[2], None);
    assert_eq!(ledger.bodies(one.id).await.expect("reads").expect("kept").contact, b"{}");
}

async fn enrolment_gives_where_each_callback_stands(shelf: &impl Shelf) {
    let [fresh, failed, contacted] = [1, 2, 3].map(enrolment);
    let ledger = shelf.open(&[]);
    enrol(&ledger, [failed.clone(), contacted.clone()], AT).await;
    let refused = Entry::ContactFailed(Code::PlatformRefused, String::new());
    append(&ledger, failed.id, refused).await.expect("follows");
    for entry in [Entry::ContactIntended(None), Entry::ContactCreated("c".into())] {
        append(&ledger, contacted.id, entry).await.expect("follows");
    }
    // Whoever enrols has not heard of the contact.
    let other = Enrolment { language: "de".into(), ..contacted.clone() };
    let batch = vec![(fresh, 0), (failed.clone(), 2), (other, 0)];
    let written = ledger.enrol(batch, AT).await.expect("enrols");
    let told: Vec<_> =
        written.iter().map(|written| written.as_ref().map(|stands| (stands.progress, stands.version))).collect();
    assert_eq!(told[..2], [Ok((Progress::Pending, 1)), Ok((Progress::Pending, 3))]);
    let conflict = written[2].clone().expect_err("somebody else has it");
    assert_eq!((conflict.id, conflict.stands.progress), (contacted.id, Progress::Contacted));
    let kept = ledger.unfinished().await.expect("reads").into_iter().find(|kept| kept.enrolment.id == contacted.id);
    let kept = kept.expect("is owed a text");
    assert_eq!((kept.enrolment, kept.standing), (contacted, *conflict.stands), "nothing of it has changed");
}

async fn what_somebody_else_has_written_to_is_left_alone(shelf: &impl Shelf) {
    let [one, two] = [1, 2].map(enrolment);
    let at = one.window.start();
    let first = shelf.open(&[]);
    enrol(&first, [one.clone(), two.clone()], AT).await;
    let placed = append(&first, one.id, Entry::Placed(at)).await.expect("follows");
    // It would follow from where the callback was, and from where it is.
    let late = |id| Append { id, version: 1, entry: Entry::Placed(at.plus(60)) };
    let refused = first.append(late(one.id), AT).await;
    let Err(LedgerError::Conflict(conflict)) = refused else { panic!("{refused:?}") };
    assert_eq!((conflict.id, &*conflict.stands), (one.id, &placed));
    let ahead = Append { version: 3, ..late(one.id) };
    assert!(matches!(first.append(ahead, AT).await, Err(LedgerError::Conflict(_))));
    let written = first.append_all(vec![late(one.id), late(two.id)], AT).await.expect("writes");
    assert_eq!(written[0], Err(conflict));
    assert_eq!(written[1].as_ref().map(|stands| stands.dispatch_at), Ok(Some(at.plus(60))), "the other is written");
    let stands = first.standings(&[one.id]).await.expect("reads").remove(0);
    assert_eq!(stands, Some(placed));
}

async fn a_step_that_does_not_follow_is_refused_and_writes_nothing(shelf: &impl Shelf) {
    let (ledger, one) = (shelf.open(&[]), enrolment(1));
    enrol(&ledger, [one.clone()], AT).await;
    let refused = append(&ledger, one.id, Entry::TextIntended).await;
    assert!(matches!(refused, Err(LedgerError::OutOfOrder(_))), "{refused:?}");
    let nobody = append(&ledger, enrolment(2).id, Entry::Enrolled).await;
    assert!(matches!(nobody, Err(LedgerError::Damaged { .. })), "{nobody:?}");
    append(&ledger, one.id, Entry::Left(Code::RunLimit, String::new())).await.expect("still writes");
    let standing = ledger.standings(&[one.id]).await.expect("reads").remove(0).expect("known");
    assert_eq!((standing.progress, standing.code, standing.attempts), (Progress::Pending, Some(Code::RunLimit), 0));
}

/// For each progress, entries that lead there from a callback that was taken up.
fn ways() -> Vec<(Progress, Vec<Entry>)> {
    let mut ways = vec![(Progress::Pending, Vec::new())];
    let mut next: VecDeque<usize> = VecDeque::from([0]);
    while let Some(at) = next.pop_front() {
        for entry in Entry::of_each_kind() {
            let (from, way) = ways[at].clone();
            let Ok(to) = from.next(&entry) else { continue };
            if ways.iter().all(|(progress, _)| *progress != to) {
                next.push_back(ways.len());
                ways.push((to, [way, vec![entry]].concat()));
            }
        }
    }
    assert_eq!(ways.len(), Progress::ALL.len());
    ways
}

async fn what_a_run_owes_is_given_by_dispatch_time_wherever_it_stands(shelf: &impl Shelf) {
    let ways = ways();
    {
        let ledger = shelf.open(&[]);
        for (number, (_, way)) in (0_i64..).zip(&ways) {
            let new = enrolment(number.unsigned_abs());
            enrol(&ledger, [new.clone()], AT).await;
            // The later it was taken up, the earlier it is due.
            let placed = Entry::Placed(new.window.start().plus(6000 - number * 60));
            append_all(&ledger, std::iter::once(placed).chain(way.clone()).map(|entry| (new.id, entry)), AT).await;
        }
    }
    let ledger = shelf.open(&[]);
    let owed = ledger.unfinished().await.expect("reads");
    let found: BTreeSet<&str> = owed.iter().map(|kept| kept.standing.progress.name()).collect();
    let expected = Progress::ALL.into_iter().filter(|progress| progress.is_unfinished());
    assert_eq!(found, expected.map(Progress::name).collect());
    assert!(owed.is_sorted_by_key(|kept| (kept.standing.dispatch_at, kept.enrolment.id)));
    for kept in owed {
        let number = (0..1000).map(enrolment).position(|new| new.id == kept.enrolment.id).expect("one of them");
        assert_eq!(kept.enrolment, enrolment(number as u64));
        assert_eq!(kept.standing.progress, ways[number].0);
    }
}

async fn bytes_belong_to_one_dispatch_time(shelf: &impl Shelf) {
    let (ledger, one) = (shelf.open(&[]), enrolment(1));
    enrol(&ledger, [one.clone()], AT).await;
    let bodies = Bodies { contact: b"{}".to_vec(), text: Some(b"old".to_vec()) };
    let intended = || Entry::ContactIntended(Some(Box::new(bodies.clone())));
    append_all(&ledger, [Entry::Placed(one.window.start()), intended()].map(|entry| (one.id, entry)), AT).await;
    assert_eq!(ledger.bodies(one.id).await.expect("reads").as_ref(), Some(&bodies));
    append(&ledger, one.id, Entry::ContactTurnedAway).await.expect("follows");
    append(&ledger, one.id, Entry::Placed(one.window.start().plus(60))).await.expect("follows");
    assert_eq!(ledger.bodies(one.id).await.expect("reads"), None);
    let remade = Entry::TextRemade(b"new".to_vec().into());
    append_all(&ledger, [intended(), Entry::ContactCreated("c".into()), remade].map(|entry| (one.id, entry)), AT).await;
    let kept = ledger.bodies(one.id).await.expect("reads").expect("kept");
    assert_eq!((kept.contact, kept.text), (b"{}".to_vec(), Some(b"new".to_vec())));
}

async fn what_may_be_called_counts_at_its_dispatch_time(shelf: &impl Shelf) {
    let ledger = shelf.open(&[]);
    let window = enrolment(0).window;
    let (at, range) = (window.start().plus(60), window.interval());
    let other = Enrolment { campaign: "c3d4".into(), ..enrolment(9) };
    enrol(&ledger, (0..5).map(enrolment).chain([other.clone()]), AT).await;
    let placed = (0..4).map(|number| (enrolment(number).id, Entry::Placed(at))).chain([(other.id, Entry::Placed(at))]);
    append_all(&ledger, placed, AT).await;
    append(&ledger, enrolment(0).id, Entry::Expired(Code::RunLate, String::new())).await.expect("follows");
    append(&ledger, enrolment(1).id, Entry::ContactFailed(Code::PlatformRefused, String::new()))
        .await
        .expect("follows");
    append(&ledger, enrolment(4).id, Entry::Placed(at.plus(60))).await.expect("follows");
    let counts = ledger.scheduled_counts("a1b2", range).await.expect("reads");
    assert_eq!(counts, [(at, 2), (at.plus(60), 1)]);
    let outside = Interval { start: range.start, end: at };
    assert_eq!(ledger.scheduled_counts("a1b2", outside).await.expect("reads"), []);
}

async fn a_run_that_died_early_is_named_until_its_input_comes_again(shelf: &impl Shelf) {
    let seen = |path: &str| InputSeen { path: Some(path.into()), bytes: Some(7), modified_ns: Some(9) };
    let read = |path: &str, sha256: &str| vec![InputRead { seen: seen(path), sha256: Some(sha256.into()) }];
    let first = shelf.open(&[seen("a.csv")]).run();
    let second = {
        let ledger = shelf.open(&[seen("b.csv")]);
        ledger.inputs_read(read("b.csv", "bb"), AT).await.expect("notes");
        ledger.run()
    };
    let third = shelf.open(&[seen("c.csv")]);
    let found = third.cut_off().await.expect("reads");
    assert_eq!(found.iter().map(|cut_off| cut_off.run).collect::<Vec<_>>(), [first, second]);
    assert_eq!((found[0].number, found[0].is_stopped), (1, false));
    assert_eq!(found[0].inputs, [Some("a.csv".to_owned())]);
    third.inputs_read(read("c.csv", "bb"), AT).await.expect("notes");
    assert_eq!(third.cut_off().await.expect("reads").len(), 2, "it may die too");
    third.taken_up(AT).await.expect("notes");
    let found = third.cut_off().await.expect("reads");
    assert_eq!(found.iter().map(|cut_off| cut_off.run).collect::<Vec<_>>(), [first]);
    third.finish(Ending { exit_code: 0, summary: None }, AT).await.expect("finishes");
    drop(third);
    let fourth = shelf.open(&[seen("a.csv")]);
    fourth.inputs_read(read("a.csv", "aa"), AT).await.expect("notes");
    fourth.taken_up(AT).await.expect("notes");
    assert_eq!(fourth.cut_off().await.expect("reads"), []);
}

async fn holds_and_answers_outlive_their_run(shelf: &impl Shelf) {
    let hold = Hold { set_ms: 7, until_ms: 60_007 };
    {
        let ledger = shelf.open(&[]);
        assert_eq!((ledger.last_hold().await.expect("reads"), ledger.tells_created()), (None, false));
        ledger.note_hold(hold);
        ledger.note_created();
        enrol(&ledger, [enrolment(1)], AT).await;
    }
    let ledger = shelf.open(&[]);
    assert_eq!((ledger.last_hold().await.expect("reads"), ledger.tells_created()), (Some(hold), true));
}
