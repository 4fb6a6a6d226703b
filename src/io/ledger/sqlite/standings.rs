//! Where many callbacks stand: each is looked up, or a stretch of the table is walked where most of it is asked for.

use rusqlite::{Connection, OptionalExtension, params};

use crate::domain::callback::CallbackId;
use crate::domain::outcome::Standing;

use super::reader::standing;

/// Fewer are looked up one by one.
const WALKED_MIN: usize = 64;

/// A stretch is walked that holds at most so many callbacks for each that is asked for.
const PASSED_BY_MAX: usize = 4;

/// The column behind those of a standing.
const BEHIND_STANDING: usize = 11;

/// What is found of each.
type Found = rusqlite::Result<Vec<Option<Standing>>>;

/// What the ledger holds of these callbacks, in their order; `columns` are those of a standing.
pub(super) fn of(ids: &[CallbackId], ledger: &Connection, columns: &str) -> Found {
    match ids {
        [first, .., last] if ids.len() >= WALKED_MIN && ids.is_sorted() && is_dense(ids, ledger)? => {
            walk(ids, (first, last), ledger, columns)
        }
        _ => look_up(ids, ledger, columns),
    }
}

/// Whether the table has not many more callbacks between the first and the last than are asked for.
fn is_dense(ids: &[CallbackId], ledger: &Connection) -> rusqlite::Result<bool> {
    let query = "SELECT count(*) FROM (SELECT 1 FROM callbacks WHERE callback_id BETWEEN ?1 AND ?2 LIMIT ?3)";
    let (first, last, most) = (&ids[0], &ids[ids.len() - 1], ids.len() * PASSED_BY_MAX);
    let asked = params![first.as_bytes(), last.as_bytes(), i64::try_from(most + 1).unwrap_or(i64::MAX)];
    let there: i64 = ledger.prepare_cached(query)?.query_row(asked, |row| row.get(0))?;
    Ok(usize::try_from(there).is_ok_and(|there| there <= most))
}

fn walk(ids: &[CallbackId], (first, last): (&CallbackId, &CallbackId), ledger: &Connection, columns: &str) -> Found {
    let query = format!(
        "SELECT {columns}, callback_id FROM callbacks WHERE callback_id BETWEEN ?1 AND ?2 ORDER BY callback_id"
    );
    let mut statement = ledger.prepare_cached(&query)?;
    let mut rows = statement.query([first.as_bytes(), last.as_bytes()])?;
    let mut found = Vec::with_capacity(ids.len());
    while let Some(row) = rows.next()? {
        let here = row.get_ref(BEHIND_STANDING)?.as_blob()?;
        while ids.get(found.len()).is_some_and(|id| id.as_bytes().as_slice() < here) {
            found.push(None);
        }
        while ids.get(found.len()).is_some_and(|id| id.as_bytes().as_slice() == here) {
            found.push(Some(standing(row)?));
        }
    }
    found.resize(ids.len(), None);
    Ok(found)
}

fn look_up(ids: &[CallbackId], ledger: &Connection, columns: &str) -> Found {
    let mut statement = ledger.prepare_cached(&format!("SELECT {columns} FROM callbacks WHERE callback_id = ?1"))?;
    ids.iter().map(|id| statement.query_row([id.as_bytes()], standing).optional()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::SqliteLedger;
    use super::super::tests::{AT, enrol, enrolment, opening};
    use super::*;
    use crate::io::ledger::LedgerRead as _;

    /// Asks for callbacks of which every so manieth is there, in and out of order, among others.
    async fn check(asked: usize, every: usize, others: usize) {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = SqliteLedger::open(&opening(&folder.path().join("ringback.db"))).expect("opens");
        let mut ids: Vec<CallbackId> = (0..asked as u64).map(|number| enrolment(number).id).collect();
        let there = (0..asked).step_by(every).chain(5000..5000 + others);
        let there: Vec<_> = there.map(|number| enrolment(number as u64)).collect();
        enrol(&ledger, there.clone(), AT).await;
        for _ in 0..2 {
            let standings = ledger.standings(&ids).await.expect("reads");
            assert_eq!(standings.len(), ids.len());
            for (id, standing) in ids.iter().zip(standings) {
                assert_eq!(standing.is_some(), there.iter().any(|there| there.id == *id), "{asked} {every} {others}");
            }
            ids.sort_unstable();
        }
    }

    #[tokio::test]
    async fn what_is_asked_for_is_found_however_it_is_looked_for() {
        check(300, 1, 0).await;
        check(300, 3, 0).await;
        check(300, 400, 0).await;
        check(300, 2, 700).await;
        check(300, 2, 3000).await;
        check(3, 2, 20).await;
        check(1, 1, 0).await;
    }

    #[tokio::test]
    async fn one_that_is_asked_for_twice_is_found_twice() {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = SqliteLedger::open(&opening(&folder.path().join("ringback.db"))).expect("opens");
        enrol(&ledger, vec![enrolment(1)], AT).await;
        let twice = ledger.standings(&[enrolment(1).id; 2 * WALKED_MIN]).await.expect("reads");
        assert!(twice.len() == 2 * WALKED_MIN && twice.iter().all(Option::is_some));
    }
}
