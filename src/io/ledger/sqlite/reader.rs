//! Reading a ledger, in a run or beside one.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, OptionalExtension, Params, Row, params};

use crate::domain::callback::{CallbackId, RunId};
use crate::domain::code::Code;
use crate::domain::entry::Bodies;
use crate::domain::hold::Hold;
use crate::domain::outcome::Standing;
use crate::domain::phone::E164;
use crate::domain::progress::Progress;
use crate::domain::provenance::Provenance;
use crate::domain::time::{Interval, Timestamp};
use crate::domain::window::Window;
use crate::io::ledger::{Enrolment, Kept, LedgerError, Owner};

use super::{identity, place, schema, standings, unusable, words};

/// A connection that only reads; a run may write meanwhile.
#[derive(Debug)]
pub struct Archive {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
    /// The file that the path leads to.
    pub(super) real: PathBuf,
    /// The version of its schema, which reading leaves as it is.
    pub(super) schema: i64,
}

impl Archive {
    /// Opens a ledger that is there; `None` where there is none. Nothing is written, and nothing left behind.
    pub fn open(path: &Path) -> Result<Option<Self>, LedgerError> {
        let Some(real) = place::existing(path)? else { return Ok(None) };
        let connection = place::connect_to_read(&real, path)?;
        Self::of(connection, &real, path)
    }

    /// Opens a ledger by its file, under the name by which it is known to people, beside a connection that writes.
    pub(super) fn at(real: &Path, path: &Path) -> Result<Option<Self>, LedgerError> {
        let sqlite = unusable(path);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(real, flags).map_err(sqlite)?;
        connection.busy_timeout(std::time::Duration::from_secs(10)).map_err(sqlite)?;
        Self::of(connection, real, path)
    }

    fn of(connection: Connection, real: &Path, path: &Path) -> Result<Option<Self>, LedgerError> {
        let schema = schema::check(&connection, path)?;
        let reader = Self { connection, path: path.to_owned(), real: real.to_owned(), schema };
        Ok((schema > 0).then_some(reader))
    }

    /// The name by which it was opened.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whom it belongs to; nobody before its first run.
    pub fn owner(&self) -> Result<Option<Owner>, LedgerError> {
        owner_of(&self.connection, &self.path)
    }

    /// Refuses a ledger that belongs to somebody else.
    pub fn belongs_to(&self, owner: &Owner) -> Result<(), LedgerError> {
        check_owner(&self.connection, &self.path, owner)
    }

    /// Reads all rows of a query.
    pub(super) fn all<T>(
        &self,
        query: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, LedgerError> {
        let mut statement = self.connection.prepare_cached(query).map_err(self.sqlite())?;
        statement.query_map(params, read).and_then(Iterator::collect).map_err(self.sqlite())
    }

    /// Goes through the rows of a query, and adds up what is said of each. None is held.
    pub(super) fn each<E: From<LedgerError>>(
        &self,
        query: &str,
        params: impl Params,
        mut take: impl FnMut(&Row<'_>) -> Result<u64, E>,
    ) -> Result<u64, E> {
        let mut statement = self.connection.prepare(query).map_err(self.sqlite())?;
        let mut rows = statement.query(params).map_err(self.sqlite())?;
        let mut count = 0;
        while let Some(row) = rows.next().map_err(self.sqlite())? {
            count += take(row)?;
        }
        Ok(count)
    }

    /// The columns of a callback with its standing, in the order in which [`kept`] reads them.
    pub(super) fn kept_columns(&self) -> String {
        let standing = standing_columns(self.schema);
        format!("{standing}, callback_id, phone, window_start, window_end, campaign, language, offset_minutes")
    }

    pub(super) fn sqlite(&self) -> impl Fn(rusqlite::Error) -> LedgerError + Copy + '_ {
        unusable(&self.path)
    }
}

/// Refuses a ledger that belongs to somebody else; one without an owner belongs to nobody yet.
pub(super) fn check_owner(connection: &Connection, path: &Path, owner: &Owner) -> Result<(), LedgerError> {
    let Some(theirs) = owner_of(connection, path)?.filter(|theirs| theirs != owner) else { return Ok(()) };
    let name = |owner: &Owner| format!("{} (client id {})", owner.platform, owner.client_id);
    Err(LedgerError::Foreign { path: path.to_owned(), theirs: name(&theirs), ours: name(owner) })
}

fn owner_of(connection: &Connection, path: &Path) -> Result<Option<Owner>, LedgerError> {
    let meta = |key| identity::get(connection, key).map_err(unusable(path));
    let (platform, client_id) = (meta("platform")?, meta("client_id")?);
    Ok(platform.zip(client_id).map(|(platform, client_id)| Owner { platform, client_id }))
}

/// The columns of a standing in a ledger of this schema, in the order in which [`standing`] reads them.
pub(super) fn standing_columns(schema: i64) -> String {
    // The version of an older ledger matters to nobody: who writes brings the schema up to date.
    let version = if schema >= schema::WITH_VERSIONS { "version" } else { "0" };
    format!(
        "progress, code, detail, dispatch_at, contact_id, sms_session_id, attempts, contact_at, sms_at, run_id, {version}"
    )
}

/// The progress that goes by this name in a ledger.
pub(super) fn progress(name: &str) -> Result<Progress, LedgerError> {
    Progress::from_name(name).ok_or_else(|| LedgerError::Damaged(format!("a callback at {name:?}")))
}

/// Reads a standing from a row that begins with [`standing_columns`].
pub(super) fn standing(row: &Row<'_>) -> rusqlite::Result<Standing> {
    let time = |column| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.map(Timestamp::from_unix));
    Ok(Standing {
        progress: progress(row.get_ref(0)?.as_str()?)?,
        code: row.get_ref(1)?.as_str_or_null()?.and_then(Code::from_spelling),
        detail: row.get(2)?,
        dispatch_at: time(3)?,
        contact_id: row.get(4)?,
        session_id: row.get(5)?,
        attempts: row.get(6)?,
        contact_at: time(7)?,
        sms_at: time(8)?,
        run: RunId(uuid::Uuid::from_bytes(row.get(9)?)),
        version: row.get(10)?,
    })
}

/// Reads a callback from a row that begins with [`Archive::kept_columns`].
pub(super) fn kept(row: &Row<'_>) -> rusqlite::Result<Kept> {
    let (standing, id) = (standing(row)?, CallbackId::from_bytes(row.get(11)?));
    let (start, end) = (Timestamp::from_unix(row.get(13)?), Timestamp::from_unix(row.get(14)?));
    let phone = u64::try_from(row.get::<_, i64>(12)?).ok().and_then(E164::from_digits);
    let (Some(phone), Some(window)) = (phone, Window::new(start, end)) else {
        return Err(LedgerError::Damaged(format!("a phone or a window of {id}")).into());
    };
    let (campaign, language, offset_minutes) = (row.get(15)?, row.get(16)?, row.get(17)?);
    Ok(Kept { enrolment: Enrolment { id, phone, window, campaign, language, offset_minutes }, standing })
}

/// What a run asks too: see [`LedgerRead`](crate::io::ledger::LedgerRead).
impl Archive {
    /// Whether the platform is known to tell a contact that it creates from one that it has already.
    pub(super) fn tells_created(&self) -> bool {
        identity::tells_created(&self.connection).unwrap_or_default()
    }

    /// Whether it is known to hold all that was done for its callbacks.
    #[must_use]
    pub fn provenance(&self) -> Provenance {
        // A ledger that cannot be read tells so when its callbacks are read.
        identity::provenance(&self.connection).unwrap_or_default()
    }

    /// What it holds of these callbacks, in their order.
    pub(in crate::io::ledger) fn standings(&self, ids: &[CallbackId]) -> Result<Vec<Option<Standing>>, LedgerError> {
        // One look at the ledger: each question alone would take and give back its locks.
        let look = self.connection.unchecked_transaction().map_err(self.sqlite())?;
        standings::of(ids, &look, &standing_columns(self.schema)).map_err(self.sqlite())
    }

    /// All that a run owes something, by dispatch time.
    pub(in crate::io::ledger) fn unfinished(&self) -> Result<Vec<Kept>, LedgerError> {
        let which = format!("WHERE {} ORDER BY dispatch_at, callback_id", words::is_open());
        let mut open = self.callbacks(&which, [])?;
        open.retain(|kept| kept.standing.progress.is_unfinished());
        Ok(open)
    }

    /// The bytes that were sent for a callback, if any were.
    pub(in crate::io::ledger) fn bodies(&self, id: CallbackId) -> Result<Option<Bodies>, LedgerError> {
        let query = "SELECT contact, sms FROM bodies WHERE callback_id = ?1";
        let read = |row: &Row<'_>| Ok(Bodies { contact: row.get(0)?, text: row.get(1)? });
        let mut statement = self.connection.prepare_cached(query).map_err(self.sqlite())?;
        statement.query_row([id.as_bytes()], read).optional().map_err(self.sqlite())
    }

    /// Callbacks of a campaign per dispatch time in a range.
    pub(in crate::io::ledger) fn scheduled_counts(
        &self,
        campaign: &str,
        range: Interval,
    ) -> Result<Vec<(Timestamp, u32)>, LedgerError> {
        let query = format!(
            "SELECT dispatch_at, count(*) FROM callbacks
             WHERE campaign = ?1 AND dispatch_at >= ?2 AND dispatch_at < ?3 AND {} GROUP BY dispatch_at",
            words::takes_a_slot()
        );
        let asked = params![campaign, range.start.unix(), range.end.unix()];
        self.all(&query, asked, |row| Ok((Timestamp::from_unix(row.get(0)?), row.get(1)?)))
    }

    /// The last pause that the platform asked for, in any run.
    pub fn last_hold(&self) -> Result<Option<Hold>, LedgerError> {
        let query = "SELECT CAST(value AS INTEGER) FROM meta WHERE key = ?1";
        let number =
            |key: &str| self.connection.query_row(query, [key], |row| row.get(0)).optional().map_err(self.sqlite());
        let (set_ms, until_ms) = (number("hold_set_ms")?, number("held_until_ms")?);
        Ok(set_ms.zip(until_ms).map(|(set_ms, until_ms)| Hold { set_ms, until_ms }))
    }
}
