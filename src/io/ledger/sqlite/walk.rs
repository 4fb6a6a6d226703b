//! All callbacks of a ledger, one after the other.

use crate::io::ledger::{Kept, LedgerError};

use super::reader::{Archive, kept};

impl Archive {
    /// Gives every callback, in the order of their ids, and says how many there are. None is held.
    pub fn each_callback<E: From<LedgerError>>(&self, mut give: impl FnMut(Kept) -> Result<(), E>) -> Result<u64, E> {
        let query = format!("SELECT {} FROM callbacks ORDER BY callback_id", self.kept_columns());
        let mut statement = self.connection.prepare_cached(&query).map_err(self.sqlite())?;
        let mut rows = statement.query([]).map_err(self.sqlite())?;
        let mut count = 0;
        while let Some(row) = rows.next().map_err(self.sqlite())? {
            give(kept(row).map_err(self.sqlite())??)?;
            count += 1;
        }
        Ok(count)
    }
}
