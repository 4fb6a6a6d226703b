//! What a person looks up in a ledger: runs, callbacks and their histories.

use rusqlite::{OptionalExtension, Params, Row, Transaction, params};

use crate::domain::callback::{CallbackId, RunId};
use crate::domain::code::Code;
use crate::domain::entry::{Carried, Entry};
use crate::domain::outcome::Standing;
use crate::domain::past::{NotedEntry, NotedRun, RunEnd};
use crate::domain::phone::E164;
use crate::domain::prefix::IdPrefix;
use crate::domain::time::Timestamp;
use crate::io::ledger::{Kept, LedgerError, Stamp, lock};

use super::reader::{Archive, kept};
use super::{cut_off, schema};

/// The ledger as it is at one instant, for as long as this is held.
#[derive(Debug)]
pub struct Snapshot<'a> {
    _transaction: Transaction<'a>,
}

impl Archive {
    /// Opens a ledger that must be there.
    pub fn require(path: &std::path::Path) -> Result<Self, LedgerError> {
        Self::open(path)?.ok_or_else(|| LedgerError::NotThere(path.to_owned()))
    }

    /// Holds the ledger as it is now: whatever a run writes meanwhile is not seen until this is dropped.
    pub fn hold_still(&self) -> Result<Snapshot<'_>, LedgerError> {
        let transaction = self.connection.unchecked_transaction().map_err(self.sqlite())?;
        Ok(Snapshot { _transaction: transaction })
    }

    /// All runs, the newest first.
    pub fn runs(&self) -> Result<Vec<NotedRun>, LedgerError> {
        self.noted_runs("ORDER BY number DESC", [])
    }

    /// Runs whose id begins so, the newest first.
    pub fn runs_like(&self, prefix: &IdPrefix) -> Result<Vec<NotedRun>, LedgerError> {
        let which = "WHERE run_id BETWEEN ?1 AND ?2 ORDER BY number DESC";
        self.noted_runs(which, params![prefix.low, prefix.high])
    }

    fn noted_runs(&self, which: &str, params: impl Params) -> Result<Vec<NotedRun>, LedgerError> {
        let holder = lock::holder(&self.real);
        let query = format!(
            "SELECT number, run_id, command, version, started_at, finished_at, exit_code, summary, {} FROM runs {which}",
            cut_off::fate_in(self.schema)
        );
        self.all(&query, params, |row| noted_run(row, holder.as_deref()))
    }

    /// Callbacks whose id begins so, so many at most.
    pub fn callbacks_like(&self, prefix: &IdPrefix, most: usize) -> Result<Vec<Kept>, LedgerError> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        self.callbacks("WHERE callback_id BETWEEN ?1 AND ?2 LIMIT ?3", params![prefix.low, prefix.high, most])
    }

    /// The callbacks of a phone, by their windows.
    pub fn callbacks_of(&self, phone: E164) -> Result<Vec<Kept>, LedgerError> {
        let phone = i64::try_from(phone.digits()).unwrap_or(i64::MAX);
        self.callbacks("WHERE phone = ?1 ORDER BY window_start, campaign", [phone])
    }

    pub(super) fn callbacks(&self, which: &str, params: impl Params) -> Result<Vec<Kept>, LedgerError> {
        self.all(&format!("SELECT {} FROM callbacks {which}", self.kept_columns()), params, kept)
    }

    /// Gives every callback, in the order of their ids, and says how many there are. None is held.
    pub fn each_callback<E: From<LedgerError>>(&self, mut give: impl FnMut(Kept) -> Result<(), E>) -> Result<u64, E> {
        let query = format!("SELECT {} FROM callbacks ORDER BY callback_id", self.kept_columns());
        self.each(&query, [], |row| give(kept(row).map_err(self.sqlite())?).map(|()| 1))
    }

    /// All that was written down about a callback, the oldest first.
    pub fn history(&self, id: CallbackId) -> Result<Vec<NotedEntry>, LedgerError> {
        let query = format!(
            "SELECT at_ms, (SELECT number FROM runs WHERE runs.run_id = entries.run_id), kind, code, detail, {}
             FROM entries WHERE callback_id = ?1 ORDER BY seq",
            self.value()
        );
        self.all(&query, [id.as_bytes()], |row| {
            let code: Option<String> = row.get(3)?;
            let code = code.as_deref().and_then(Code::from_spelling);
            let (at, run, kind) = (Stamp(row.get(0)?).timestamp(), row.get(1)?, row.get(2)?);
            Ok(NotedEntry { at, run, kind, code, detail: row.get(4)?, value: row.get(5)? })
        })
    }

    /// The column of an entry's value, where this schema has one.
    pub(super) fn value(&self) -> &'static str {
        if self.schema >= schema::WITH_VALUES { "value" } else { "NULL" }
    }

    /// Gives every callback with an entry of a run, one after the other in the order of their first entries, as
    /// they stood when the run ended. A ledger of the first schema kept too little of that: there they are given as
    /// they stand now.
    pub fn callbacks_in<E: From<LedgerError>>(
        &self,
        run: &NotedRun,
        mut give: impl FnMut(Kept) -> Result<(), E>,
    ) -> Result<(), E> {
        let (first, behind) = (self.first_entry(run.number)?, self.first_entry(run.number + 1)?);
        // By the index the callbacks would come in the order of their ids.
        let query = "SELECT DISTINCT callback_id FROM entries NOT INDEXED WHERE seq >= ?1 AND seq < ?2";
        let each = self.each(query, [first, behind], |row| {
            let id = row.get(0).map(CallbackId::from_bytes).map_err(self.sqlite())?;
            for mut kept in self.callbacks("WHERE callback_id = ?1", [id.as_bytes()])? {
                if kept.standing.run != run.id && self.schema >= schema::WITH_VALUES {
                    kept.standing = self.standing_before(behind, &kept)?.unwrap_or(kept.standing);
                }
                give(kept)?;
            }
            Ok(1)
        });
        each.map(|_| ())
    }

    /// The place of the first entry that was written by this run or a later one. Runs write one after the other, so
    /// that their entries stand in the order of their numbers.
    pub(super) fn first_entry(&self, number: i64) -> Result<i64, LedgerError> {
        let newest = "SELECT coalesce(max(seq), 0) FROM entries";
        let newest: i64 = self.connection.query_row(newest, [], |row| row.get(0)).map_err(self.sqlite())?;
        let query = "SELECT runs.number FROM entries CROSS JOIN runs ON runs.run_id = entries.run_id
             WHERE entries.seq >= ?1 ORDER BY entries.seq LIMIT 1";
        let mut statement = self.connection.prepare_cached(query).map_err(self.sqlite())?;
        let (mut low, mut high) = (1, newest + 1);
        while low < high {
            let middle = i64::midpoint(low, high);
            let found = statement.query_row([middle], |row| row.get::<_, i64>(0)).optional();
            if found.map_err(self.sqlite())?.is_none_or(|found| found >= number) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        Ok(low)
    }

    /// How a callback stood before the entry at a place, by its entries up to there. What entries of the first schema
    /// did not keep is taken from how it stands now; `None` where that is not there either.
    fn standing_before(&self, behind: i64, now: &Kept) -> Result<Option<Standing>, LedgerError> {
        let id = now.enrolment.id;
        let query = "SELECT run_id, at_ms, kind, code, detail, value FROM entries
             WHERE callback_id = ?1 AND seq < ?2 ORDER BY seq";
        let mut standing: Option<Standing> = None;
        for (run, at, entry) in self.all(query, params![id.as_bytes(), behind], |row| past_entry(row, now))? {
            let Some(entry) = entry else { return Ok(None) };
            standing.get_or_insert_with(|| Standing::untouched(run)).apply(&entry, run, at.timestamp())?;
        }
        Ok(standing)
    }
}

fn past_entry(row: &Row<'_>, now: &Kept) -> rusqlite::Result<(RunId, Stamp, Option<Entry>)> {
    let (kind, code): (String, Option<String>) = (row.get(2)?, row.get(3)?);
    let (detail, value): (String, Option<String>) = (row.get(4)?, row.get(5)?);
    let stands = || match kind.as_str() {
        "placed" => now.standing.dispatch_at.map(Timestamp::rfc3339),
        "contact_created" => now.standing.contact_id.clone(),
        "sms_accepted" => now.standing.session_id.clone(),
        _ => None,
    };
    let (code, value) = (code.as_deref().and_then(Code::from_spelling), value.or_else(stands));
    let carried = Carried { code, detail: &detail, value: value.map(Into::into) };
    let entry = Entry::read(now.enrolment.id, &kind, &carried);
    Ok((RunId(uuid::Uuid::from_bytes(row.get(0)?)), Stamp(row.get(1)?), entry))
}

fn noted_run(row: &Row<'_>, holder: Option<&str>) -> rusqlite::Result<NotedRun> {
    let id = RunId(uuid::Uuid::from_bytes(row.get(1)?));
    let end = match (row.get::<_, Option<i64>>(5)?, row.get(6)?) {
        (Some(at), Some(exit_code)) => RunEnd::Finished { at: Timestamp::from_unix(at), exit_code },
        _ if holder == Some(id.to_string().as_str()) => RunEnd::Running,
        _ => RunEnd::Cut,
    };
    let (number, command, version) = (row.get(0)?, row.get(2)?, row.get(3)?);
    let started_at = Timestamp::from_unix(row.get(4)?);
    let cut_off = cut_off::fate(row, 8, end == RunEnd::Running)?;
    Ok(NotedRun { number, id, command, version, started_at, end, summary: row.get(7)?, cut_off })
}
