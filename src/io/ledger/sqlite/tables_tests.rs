//! The tables and the views: two ways to tell the same.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{DateTime, SecondsFormat};
use rusqlite::Connection;

use super::tests::{AT, append_all, enrol, enrolment, lock_of_a_run, opening};
use super::*;
use crate::domain::callback::CallbackId;
use crate::domain::code::Code;
use crate::domain::entry::Verdict;
use crate::domain::outcome::Status;
use crate::domain::past::NotedRun;
use crate::domain::progress::Progress;
use crate::domain::table::{Cell, Column, Kind, Table};
use crate::io::ledger::*;

type Rows = Vec<Vec<String>>;

/// A cell as the views spell it.
fn spelled(column: &Column, cell: &Cell<'_>) -> String {
    match cell {
        Cell::Nothing => String::new(),
        Cell::Text(text) => text.clone().into_owned(),
        Cell::Integer(number) => number.to_string(),
        Cell::Time(at_ms) if column.kind == Kind::Millisecond => {
            DateTime::from_timestamp_millis(*at_ms).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Millis, true)
        }
        Cell::Time(at_ms) => Timestamp::from_unix(at_ms.div_euclid(1000)).rfc3339(),
    }
}

fn rows(reader: &Archive, table: Table, choice: &Choice<'_>) -> Rows {
    let mut rows = Vec::new();
    let given = reader.each_row(table, choice, |row| {
        assert_eq!(row.len(), table.columns().len());
        rows.push(table.columns().iter().zip(row).map(|(column, cell)| spelled(column, cell)).collect());
        Ok::<_, LedgerError>(())
    });
    assert_eq!(given.expect("reads"), rows.len() as u64);
    rows
}

/// A view's rows, by the columns that the table has too; nothing is an empty text.
fn view(path: &Path, table: Table) -> (Vec<&'static str>, Rows) {
    let connection = Connection::open(path).expect("opens");
    let name = format!("v_{}", table.name());
    let mut info =
        connection.prepare(&format!("SELECT name, type FROM pragma_table_info('{name}')")).expect("is there");
    let has: Vec<(String, String)> = info
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .expect("reads")
        .map(|row| row.expect("a row"))
        .collect();
    assert!(has.iter().all(|(_, kind)| ["TEXT", "INTEGER", "INT"].contains(&kind.as_str())), "{has:?}");
    let names = table.columns().iter().map(|column| column.name);
    let names: Vec<_> = names.filter(|name| has.iter().any(|(column, _)| column == name)).collect();
    let text = names.iter().map(|name| format!("coalesce(CAST({name} AS TEXT), '')")).collect::<Vec<_>>().join(", ");
    let order = if table == Table::Runs { "number" } else { "callback_id, seq" };
    let order = if table == Table::Callbacks { "callback_id" } else { order };
    let mut query = connection.prepare(&format!("SELECT {text} FROM {name} ORDER BY {order}")).expect("a query");
    let read = |row: &rusqlite::Row<'_>| (0..names.len()).map(|at| row.get(at)).collect::<Result<Vec<String>, _>>();
    let rows = query.query_map([], read).expect("reads").map(|row| row.expect("a row")).collect();
    (names, rows)
}

/// Each view tells what the tables tell; how far an entry led is told by the table alone, its status by both.
fn views_agree(path: &Path) -> Rows {
    let reader = Archive::require(path).expect("opens");
    let mut entries = Vec::new();
    for &table in Table::ALL {
        let (names, told) = view(path, table);
        let missing: Vec<_> = table.columns().iter().filter(|column| !names.contains(&column.name)).collect();
        assert_eq!(missing.len(), usize::from(table == Table::Entries), "{missing:?}");
        entries = rows(&reader, table, &Choice::default());
        let kept = entries.iter().map(|row| row[..names.len()].to_vec());
        assert_eq!(kept.collect::<Vec<_>>(), told, "{table:?}");
    }
    entries
}

/// Every entry that there is, with what it carries.
fn all_entries(id: CallbackId) -> Vec<Entry> {
    let words = || "because".to_owned();
    let bodies = Bodies { contact: b"{}".to_vec(), text: Some(b"{}".to_vec()) };
    vec![
        Entry::Enrolled,
        Entry::Placed(AT.timestamp().plus(3600)),
        Entry::Left(Code::RunLimit, words()),
        Entry::Expired(Code::WindowPast, words()),
        Entry::ContactIntended(Some(Box::new(bodies))),
        Entry::ContactCreated("c-1".into()),
        Entry::ContactTurnedAway,
        Entry::ContactUnanswered,
        Entry::ContactDoubted(Code::ContactNoAnswer, words()),
        Entry::ContactExisted(words()),
        Entry::ContactFailed(Code::PlatformRefused, words()),
        Entry::TextDeferred,
        Entry::TextDropped(Code::SmsTooLate),
        Entry::TextRemade(Box::default()),
        Entry::TextIntended,
        Entry::TextAccepted(Some("s-1".into())),
        Entry::TextTurnedAway,
        Entry::TextUnanswered,
        Entry::TextDoubted(Code::SmsNoAnswer, words()),
        Entry::TextFailed(words()),
        Entry::Reopened,
        Entry::Settled(Verdict::Sent, id),
        Entry::Settled(Verdict::NotSent, id),
        Entry::Settled(Verdict::Retry, id),
    ]
}

/// Entries that follow one another from `from` on, by chance.
fn stroll(rng: &mut fastrand::Rng, id: CallbackId, from: &mut Progress) -> Vec<(CallbackId, Entry)> {
    let mut entries = Vec::new();
    for _ in 0..rng.usize(4..24) {
        let mut next = all_entries(id);
        next.retain(|entry| from.next(entry).is_ok());
        let Some(entry) = rng.choice(next) else { break };
        *from = from.next(&entry).expect("follows");
        entries.push((id, entry));
    }
    entries
}

#[tokio::test]
async fn views_and_tables_tell_the_same_wherever_callbacks_went() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("l.db");
    let mut rng = fastrand::Rng::with_seed(7);
    let mut ways: Vec<_> = (0..150).map(|number| (enrolment(number), Progress::Pending)).collect();
    for (run, at) in [(0, AT), (1, Stamp(AT.0 + 86_400_999))] {
        let ledger = SqliteLedger::open(&opening(&path)).expect("opens");
        let new: Vec<_> = ways.iter().map(|(new, _)| new.clone()).collect();
        if run == 0 {
            enrol(&ledger, new, at).await;
        }
        for (new, progress) in &mut ways {
            let entries = stroll(&mut rng, new.id, progress);
            append_all(&ledger, entries, at).await;
        }
        let summary = "{\"rows\":150,\"by_status\":{\"confirmed\":149,\"in_doubt\":1}}\n".to_owned();
        let ending = Ending { exit_code: 5, summary: (run == 1).then_some(summary) };
        ledger.finish(ending, at).await.expect("finishes");
    }
    let entries = views_agree(&path);
    let seen = |column: usize| entries.iter().map(|row| row[column].as_str()).collect::<BTreeSet<_>>();
    let kinds: BTreeSet<_> = all_entries(enrolment(0).id).iter().map(Entry::name).collect();
    assert_eq!(seen(4), kinds);
    assert_eq!(seen(9), Progress::ALL.iter().map(|progress| progress.name()).collect());
    // Where the entries lead is where the callbacks stand.
    let reader = Archive::require(&path).expect("opens");
    for row in rows(&reader, Table::Callbacks, &Choice::default()) {
        let last = entries.iter().rfind(|entry| entry[0] == row[0]).expect("entries");
        assert_eq!((&row[8], &row[9], &row[17], &row[18]), (&last[8], &last[9], &last[3], &last[2]));
    }
}

/// Two runs, a day apart: the first leaves three callbacks pending, the second changes two of them.
async fn two_nights(path: &Path) -> [NotedRun; 2] {
    let other = Enrolment { campaign: "o'ther".into(), ..enrolment(3) };
    let (one, two) = (enrolment(1), enrolment(2));
    {
        let ledger = SqliteLedger::open(&opening(path)).expect("opens");
        enrol(&ledger, vec![one.clone(), two.clone(), other.clone()], AT).await;
    }
    let at = Stamp(AT.0 + 86_400_000);
    let second = Opening { started_at: at.timestamp(), ..opening(path) };
    {
        let ledger = SqliteLedger::open(&second).expect("opens");
        let doubted = [Entry::ContactIntended(None), Entry::ContactDoubted(Code::ContactNoAnswer, "?".into())];
        let entries = doubted.into_iter().map(|entry| (two.id, entry));
        append_all(&ledger, entries, at).await;
        append_all(&ledger, [(other.id, Entry::Expired(Code::WindowPast, String::new()))], at).await;
    }
    let mut runs = Archive::require(path).expect("opens").runs().expect("reads");
    runs.reverse();
    runs.try_into().expect("two runs")
}

#[tokio::test]
async fn rows_are_chosen_by_run_time_campaign_and_status() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("l.db");
    let [first, second] = two_nights(&path).await;
    let reader = Archive::require(&path).expect("opens");
    let check = |choice: Choice<'_>, expected: [usize; 3]| {
        let counts: Vec<usize> = Table::ALL.iter().map(|&table| rows(&reader, table, &choice).len()).collect();
        assert_eq!(counts, expected, "{choice:?}");
    };
    let all = Choice::default;
    let (day, begun) = (AT.timestamp().plus(86_400), second.started_at);
    let (quoted, plain) = (["o'ther".to_owned()], ["a1b2".to_owned(), "nobody".to_owned()]);
    check(all(), [2, 3, 6]);
    check(Choice { run: Some(&first), ..all() }, [1, 3, 3]);
    check(Choice { run: Some(&second), ..all() }, [1, 2, 3]);
    check(Choice { since: Some(day), ..all() }, [1, 2, 3]);
    check(Choice { since: Some(day.plus(1)), ..all() }, [0, 0, 0]);
    check(Choice { until: Some(day), ..all() }, [1, 1, 3]);
    check(Choice { until: Some(day.plus(1)), ..all() }, [2, 3, 6]);
    check(Choice { since: Some(begun), until: Some(begun.plus(1)), ..all() }, [1, 2, 3]);
    check(Choice { campaigns: &quoted, ..all() }, [2, 1, 2]);
    check(Choice { campaigns: &plain, ..all() }, [2, 2, 4]);
    check(Choice { statuses: &[Status::InDoubt], ..all() }, [2, 1, 3]);
    check(Choice { statuses: &[Status::Pending, Status::Expired], ..all() }, [2, 2, 3]);
    check(Choice { statuses: &[Status::Confirmed], ..all() }, [2, 0, 0]);
    check(Choice { run: Some(&second), statuses: &[Status::Pending], ..all() }, [1, 0, 0]);
    check(Choice { since: Some(day), campaigns: &plain, statuses: &[Status::InDoubt], ..all() }, [1, 1, 2]);
}

/// A ledger as an older ringback left it, with a run in it.
fn older(path: &Path, version: u8) {
    lock_of_a_run(path);
    let connection = Connection::open(path).expect("opens");
    connection.pragma_update(None, "journal_mode", "WAL").expect("sets");
    for step in &[include_str!("schema_1.sql"), include_str!("schema_2.sql")][..usize::from(version)] {
        connection.execute_batch(step).expect("makes");
    }
    connection.pragma_update(None, "application_id", 0x7262_616b_i64).expect("sets");
    connection.pragma_update(None, "user_version", version).expect("sets");
    let new = enrolment(1);
    let (run, id) = ([9_u8; 16], new.id.as_bytes());
    let query =
        "INSERT INTO runs (run_id, number, command, version, started_at) VALUES (?1, 1, 'run', '0.1.0', 1795400000)";
    connection.execute(query, [run]).expect("a run");
    let query =
        "INSERT INTO callbacks VALUES (?1, 12025550001, 'a1b2', 'en-US', 1795438800, 1795446000, -300, 'failed',
         'platform.refused', 'no', 1795438860, NULL, NULL, 1, NULL, NULL, ?2)";
    connection.execute(query, rusqlite::params![id, run]).expect("a callback");
    for kind in ["enrolled", "placed", "contact_intended", "contact_failed"] {
        let query = "INSERT INTO entries (callback_id, run_id, at_ms, kind, code, detail)
             VALUES (?1, ?2, 1795400000007, ?3, NULL, '')";
        connection.execute(query, rusqlite::params![id, run, kind]).expect("an entry");
    }
}

#[test]
fn an_older_ledger_gives_its_tables_as_it_is_and_its_views_after_the_next_run() {
    for version in [1, 2] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("l.db");
        older(&path, version);
        let told = |run: Option<&NotedRun>| {
            let reader = Archive::require(&path).expect("opens");
            Table::ALL
                .iter()
                .map(|&table| rows(&reader, table, &Choice { run, ..Choice::default() }))
                .collect::<Vec<_>>()
        };
        let before = told(None);
        assert_eq!(before.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1, 4], "{version}");
        assert_eq!((before[1][0][8].as_str(), before[1][0][18].as_str()), ("failed", "2026-11-23T02:13:20.007Z"));
        let states: Vec<&str> = before[2].iter().map(|row| row[9].as_str()).collect();
        assert_eq!(states, ["pending", "pending", "contact_in_flight", "failed"]);
        drop(SqliteLedger::open(&opening(&path)).expect("brings it up to date"));
        let first = Archive::require(&path).expect("opens").runs().expect("reads").pop();
        assert_eq!(told(first.as_ref()), before, "{version}");
        views_agree(&path);
    }
}

#[tokio::test]
async fn a_history_that_does_not_follow_is_not_guessed_at() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("l.db");
    two_nights(&path).await;
    let broken = |kind: &str| {
        let connection = Connection::open(&path).expect("opens");
        connection.execute("UPDATE entries SET kind = ?1 WHERE kind <> 'enrolled'", [kind]).expect("writes");
        let reader = Archive::require(&path).expect("opens");
        reader.each_row(Table::Entries, &Choice::default(), |_| Ok::<_, LedgerError>(())).expect_err("is damaged")
    };
    assert!(matches!(broken("sms_accepted"), LedgerError::OutOfOrder(_)));
    assert!(matches!(broken("dreamt"), LedgerError::Damaged { .. }));
}
