//! Runs that died before their input was taken up: which they are, and what answers for them.
//!
//! Nobody but its input knows what such a run was to do. A run that a signal stopped while it read is one of them too: its
//! exit code, 4, sends people to `resume`, which must say that the input is needed. A run that was refused with another
//! exit code is told by that. A run is named until each of its inputs was read by a later run
//! that took its batch up, or until a person dismisses it. An input is known by its SHA-256 where the run came so far,
//! else by its path, size and time of change; one of which none is known, as standard input, only by a person. Runs that
//! are older than schema 4 have no inputs in the ledger: the newest one alone is named, until a later run begins.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Row, Transaction, params};

use crate::domain::callback::RunId;
use crate::domain::past::{CutOff, Fate, InputRead, InputSeen};
use crate::domain::time::Timestamp;
use crate::io::ledger::lock::{self, Lock};
use crate::io::ledger::{LedgerError, Stamp};

use super::ledger::connect;
use super::reader::Archive;
use super::{place, schema, unusable};

/// A run that is older than schema 4 and died early: no later run began, and none of its entries shows that its batch
/// was taken up. (The first schema does not say when that was.)
macro_rules! of_older_runs {
    ($later:literal) => {
        concat!(
            "CASE WHEN NOT EXISTS (SELECT 1 FROM runs AS later WHERE later.command = 'run'
                     AND later.number > runs.number AND ",
            $later,
            ")
                 AND NOT EXISTS (SELECT 1 FROM entries WHERE entries.run_id = runs.run_id
                     AND kind IN ('placed', 'contact_intended', 'sms_intended', 'left'))
             THEN 'missing' END"
        )
    };
}

/// What became of a run's input where the run died before it was taken up, else NULL: of a row of `runs`.
const FATE: &str = concat!(
    "CASE WHEN command <> 'run' OR taken_up_at IS NOT NULL
               OR (finished_at IS NOT NULL AND (inputs IS NULL OR exit_code IS NOT 4)) THEN NULL
          WHEN dismissed_at IS NOT NULL THEN 'dismissed'
          WHEN inputs IS NULL THEN ",
    of_older_runs!("(later.taken_up_at IS NOT NULL OR later.inputs IS NULL)"),
    "     WHEN inputs = 0 OR EXISTS (SELECT 1 FROM run_inputs AS missing WHERE missing.run_id = runs.run_id AND NOT EXISTS (
              SELECT 1 FROM runs AS later JOIN run_inputs AS again ON again.run_id = later.run_id
              WHERE later.number > runs.number AND later.taken_up_at IS NOT NULL
                AND CASE WHEN missing.sha256 IS NULL
                    THEN again.path = missing.path AND again.bytes = missing.bytes
                        AND again.modified_ns = missing.modified_ns
                    ELSE again.sha256 = missing.sha256 END)) THEN 'missing'
          ELSE 'came_again' END"
);

/// The same of a ledger of schema 2 or 3.
const OLDER_FATE: &str = concat!(
    "CASE WHEN command <> 'run' OR finished_at IS NOT NULL OR taken_up_at IS NOT NULL THEN NULL ELSE ",
    of_older_runs!("1"),
    " END"
);

/// The expression that gives what became of the input of a row of `runs`, in a ledger of this schema.
pub(super) fn fate_in(schema: i64) -> &'static str {
    match schema {
        ..schema::WITH_TAKING_UP => "NULL",
        schema::WITH_TAKING_UP..schema::WITH_INPUTS => OLDER_FATE,
        schema::WITH_INPUTS.. => FATE,
    }
}

/// Reads what became of a run's input. The run that holds the ledger goes on.
pub(super) fn fate(row: &Row<'_>, column: usize, is_running: bool) -> rusqlite::Result<Option<Fate>> {
    let told: Option<String> = row.get(column)?;
    Ok(told.and_then(|told| told.parse().ok()).filter(|_| !is_running))
}

impl Archive {
    /// The runs that died before their input was taken up, the oldest first.
    pub fn cut_off(&self) -> Result<Vec<CutOff>, LedgerError> {
        // A run may bring the schema up to date meanwhile.
        let schema = schema::check(&self.connection, &self.path)?;
        let holder = lock::holder(&self.real);
        let query = format!(
            "SELECT number, run_id, started_at, finished_at IS NOT NULL FROM runs
             WHERE command = 'run' AND ({}) = 'missing' ORDER BY number",
            fate_in(schema)
        );
        let found = self.all(&query, [], |row| {
            let (run, began) = (RunId(uuid::Uuid::from_bytes(row.get(1)?)), Timestamp::from_unix(row.get(2)?));
            Ok(CutOff { number: row.get(0)?, run, began, is_stopped: row.get(3)?, inputs: Vec::new() })
        })?;
        let died = found.into_iter().filter(|cut_off| holder.as_deref() != Some(cut_off.run.to_string().as_str()));
        died.map(|cut_off| Ok(CutOff { inputs: self.inputs_of(cut_off.run, schema)?, ..cut_off })).collect()
    }

    fn inputs_of(&self, run: RunId, schema: i64) -> Result<Vec<Option<String>>, LedgerError> {
        if schema < schema::WITH_INPUTS {
            return Ok(Vec::new());
        }
        let query = "SELECT path FROM run_inputs WHERE run_id = ?1 ORDER BY place";
        self.all(query, [run.0.as_bytes()], |row| row.get(0))
    }
}

/// Notes the inputs of a run that begins.
pub(super) fn note(transaction: &Transaction<'_>, run: RunId, inputs: &[InputSeen]) -> rusqlite::Result<()> {
    let count = i64::try_from(inputs.len()).unwrap_or(i64::MAX);
    transaction.execute("UPDATE runs SET inputs = ?2 WHERE run_id = ?1", params![run.0.as_bytes(), count])?;
    let query = "INSERT INTO run_inputs (run_id, place, path, bytes, modified_ns) VALUES (?1, ?2, ?3, ?4, ?5)";
    let mut statement = transaction.prepare_cached(query)?;
    for (place, InputSeen { path, bytes, modified_ns }) in (0_i64..).zip(inputs) {
        statement.execute(params![run.0.as_bytes(), place, path, bytes, modified_ns])?;
    }
    Ok(())
}

/// Notes what was read. A file that is another one by now was perhaps replaced before it was opened: then its path says
/// nothing of the bytes.
pub(super) fn note_read(transaction: &Transaction<'_>, run: RunId, read: &[InputRead]) -> rusqlite::Result<()> {
    let query = "UPDATE run_inputs SET sha256 = ?3,
             modified_ns = iif(path IS ?4 AND bytes IS ?5 AND modified_ns IS ?6, modified_ns, NULL)
         WHERE run_id = ?1 AND place = ?2";
    let mut statement = transaction.prepare_cached(query)?;
    for (place, InputRead { seen: InputSeen { path, bytes, modified_ns }, sha256 }) in (0_i64..).zip(read) {
        statement.execute(params![run.0.as_bytes(), place, sha256, path, bytes, modified_ns])?;
    }
    Ok(())
}

/// Notes that the input of a run that died early need not come again, under the ledger's lock, and gives how it stood
/// then: only a run whose input is missing is changed. No run is begun for it.
pub fn dismiss(path: &Path, run: RunId, at: Stamp) -> Result<Option<Fate>, LedgerError> {
    let sqlite = unusable(path);
    let real = place::existing(path)?.ok_or_else(|| LedgerError::NotThere(path.to_owned()))?;
    // Dropped behind the connection.
    let _lock = Lock::take(&real, path, Duration::ZERO)?;
    let mut connection = connect(&real, path)?;
    schema::migrate(&mut connection, path)?;
    let transaction = connection.transaction().map_err(sqlite)?;
    let query = format!("SELECT {FATE} FROM runs WHERE run_id = ?1");
    let found = transaction.query_row(&query, [run.0.as_bytes()], |row| fate(row, 0, false)).map_err(sqlite)?;
    if found == Some(Fate::Missing) {
        let query = "UPDATE runs SET dismissed_at = ?2 WHERE run_id = ?1";
        transaction.execute(query, params![run.0.as_bytes(), at.timestamp().unix()]).map_err(sqlite)?;
    }
    transaction.commit().map_err(sqlite)?;
    Ok(found)
}
