//! What is not settled, counted.

use rusqlite::OptionalExtension;

use crate::domain::backlog::Backlog;
use crate::domain::outcome::Status;
use crate::io::ledger::{LedgerError, Stamp, pause};

use super::reader::{Archive, progress};
use super::words;

impl Archive {
    /// What is not settled, and since when.
    pub fn backlog(&self) -> Result<Backlog, LedgerError> {
        let mut backlog = Backlog::default();
        let mut pending = Vec::new();
        for (name, count) in self.unsettled()? {
            let status = Status::of(progress(&name)?);
            *backlog.by_status.entry(status).or_default() += count;
            if status == Status::Pending {
                pending.push(name);
            }
        }
        backlog.runs_cut_off = self.cut_off()?.len() as u64;
        backlog.is_paused = pause::look(&self.real).is_some();
        backlog.oldest_pending = self.first_entry_of(&pending)?.map(Stamp::timestamp);
        Ok(backlog)
    }

    /// How many callbacks stand where, of those that are not settled.
    fn unsettled(&self) -> Result<Vec<(String, u64)>, LedgerError> {
        let query = format!("SELECT progress, count(*) FROM callbacks WHERE {} GROUP BY progress", words::is_open());
        self.all(&query, [], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))
    }

    /// When the first entry was written of the callbacks that stand there.
    fn first_entry_of(&self, names: &[String]) -> Result<Option<Stamp>, LedgerError> {
        if names.is_empty() {
            return Ok(None);
        }
        // Entries stand in the order of their times: the least place is in the index, the times are not.
        let query = format!(
            "SELECT at_ms FROM entries WHERE seq = (SELECT min(seq) FROM entries WHERE callback_id IN
             (SELECT callback_id FROM callbacks WHERE {} AND progress IN ({})))",
            words::is_open(),
            vec!["?"; names.len()].join(", ")
        );
        let mut statement = self.connection.prepare(&query).map_err(self.sqlite())?;
        let found = statement.query_row(rusqlite::params_from_iter(names), |row| row.get(0)).optional();
        Ok(found.map_err(self.sqlite())?.map(Stamp))
    }
}
