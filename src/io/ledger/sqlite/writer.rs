//! The one thread that writes.

use std::path::PathBuf;

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use tokio::sync::{mpsc, oneshot};

use crate::domain::callback::{CallbackId, RunId};
use crate::domain::code::Code;
use crate::domain::entry::{Bodies, Carried, Entry};
use crate::domain::hold::Hold;
use crate::domain::outcome::Standing;
use crate::domain::past::InputRead;
use crate::domain::time::Timestamp;
use crate::io::ledger::lock::Signature;
use crate::io::ledger::{Append, Conflict, Ending, Enrolment, LedgerError, Stamp, Written};

use super::reader::{standing, standing_columns};
use super::schema::WITH_VERSIONS;
use super::{cut_off, identity, refusal, unusable};

/// Commands that are written together at most: one fsync carries them all.
const COMMIT_COMMANDS_MAX: usize = 256;

/// Commands that may wait for the writer. Each task waits for its own, so there are never many.
pub(super) const QUEUE_MAX: usize = 4096;

/// Something to be written.
pub(super) enum WriteOp {
    /// A batch to take up, each callback at the version that is known of it.
    Enrol(Vec<(Enrolment, u32)>),
    /// Entries.
    Append(Vec<Append>),
    /// A pause that the platform asks for.
    Hold(Hold),
    /// The platform answers 201 to new contacts.
    TellsCreated,
    /// What the run has read.
    InputsRead(Vec<InputRead>),
    /// All of the run's input is here.
    TakenUp,
    /// The run's end.
    Finish(Ending),
}

/// An operation, when it was done, and who waits for it to be on disk.
pub(super) struct Command {
    pub(super) op: WriteOp,
    pub(super) at: Stamp,
    pub(super) done: oneshot::Sender<Answer>,
}

/// The writer: its connection, and the run for which it writes.
pub(super) struct Writer {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
    pub(super) run: RunId,
    /// The lock, which is told of each entry.
    pub(super) signature: Signature,
}

impl Writer {
    /// Writes what comes until nobody can send any more. After a failed commit nothing is written again:
    /// what the disk holds then is what the next run recovers from.
    pub(super) fn write_all(mut self, mut commands: mpsc::Receiver<Command>) {
        let mut broken: Option<String> = None;
        while let Some(first) = commands.blocking_recv() {
            let mut together = vec![first];
            while together.len() < COMMIT_COMMANDS_MAX {
                let Ok(command) = commands.try_recv() else { break };
                together.push(command);
            }
            if let Some(why) = &broken {
                answer_all(together, why);
            } else if let Err(why) = self.commit(together) {
                broken = Some(why);
            }
        }
    }

    /// Writes some commands in one transaction and answers each. An entry that does not follow is refused
    /// alone; trouble with the disk is everybody's.
    fn commit(&mut self, together: Vec<Command>) -> Result<(), String> {
        let run = self.run;
        let mut answers = Vec::with_capacity(together.len());
        let mut write = || {
            let transaction = self.connection.transaction()?;
            for command in &together {
                let writer = TransactionWriter { transaction: &transaction, run, at: command.at };
                answers.push(match writer.write(&command.op) {
                    Ok(written) => Ok(written),
                    Err(error) => Err(refusal(error)?),
                });
            }
            transaction.commit()
        };
        match write() {
            Ok(()) => {
                self.signature.note(self.connection.last_insert_rowid());
                for (command, answer) in together.into_iter().zip(answers) {
                    let _ = command.done.send(answer);
                }
                Ok(())
            }
            Err(error) => {
                let why = unusable(&self.path)(error).to_string();
                answer_all(together, &why);
                Err(why)
            }
        }
    }
}

fn answer_all(commands: Vec<Command>, why: &str) {
    for command in commands {
        let _ = command.done.send(Err(LedgerError::Stopped(why.to_owned())));
    }
}

/// Where the callbacks of an operation stand now, in their order, or why it was refused.
pub(super) type Answer = Result<Vec<Written>, LedgerError>;

/// One operation in a transaction. What it refuses passes through as an error; see [`refusal`].
pub(super) struct TransactionWriter<'a> {
    pub(super) transaction: &'a Transaction<'a>,
    pub(super) run: RunId,
    pub(super) at: Stamp,
}

impl TransactionWriter<'_> {
    fn write(&self, op: &WriteOp) -> rusqlite::Result<Vec<Written>> {
        match op {
            WriteOp::Enrol(batch) => return each(batch, |(new, version)| self.enrol(new, *version)),
            WriteOp::Append(entries) => return each(entries, |new| self.append(new)),
            WriteOp::Hold(hold) => self.hold(*hold)?,
            WriteOp::TellsCreated => identity::note_created(self.transaction)?,
            WriteOp::InputsRead(read) => cut_off::note_read(self.transaction, self.run, read)?,
            WriteOp::TakenUp => {
                let query = "UPDATE runs SET taken_up_at = ?2 WHERE run_id = ?1";
                self.transaction.execute(query, params![self.run.0.as_bytes(), self.at.timestamp().unix()])?;
            }
            WriteOp::Finish(Ending { exit_code, summary }) => {
                // A signal may have noted an end already: what fails behind it is a consequence of that.
                let query = "UPDATE runs SET finished_at = ?2, exit_code = ?3, summary = ?4
                     WHERE run_id = ?1 AND finished_at IS NULL";
                let finished_at = self.at.timestamp().unix();
                self.transaction.execute(query, params![self.run.0.as_bytes(), finished_at, exit_code, summary])?;
            }
        }
        Ok(Vec::new())
    }

    fn hold(&self, hold: Hold) -> rusqlite::Result<()> {
        let query = "INSERT INTO meta VALUES ('hold_set_ms', ?1), ('held_until_ms', ?2)
             ON CONFLICT DO UPDATE SET value = excluded.value";
        let row = [hold.set_ms.to_string(), hold.until_ms.to_string()];
        self.transaction.prepare_cached(query)?.execute(row).map(|_| ())
    }

    fn enrol(&self, new: &Enrolment, version: u32) -> rusqlite::Result<Standing> {
        let found = self.found(new.id, version)?.unwrap_or_else(|| Standing::untouched(self.run));
        let query = "INSERT INTO callbacks (callback_id, phone, campaign, language, window_start, window_end,
                 offset_minutes, progress, detail, attempts, run_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'pending', '', 0, ?8)
             ON CONFLICT DO UPDATE SET language = excluded.language, offset_minutes = excluded.offset_minutes";
        let phone = i64::try_from(new.phone.digits()).unwrap_or(i64::MAX);
        let (start, end) = (new.window.start().unix(), new.window.end().unix());
        let row = params![
            new.id.as_bytes(),
            phone,
            new.campaign,
            new.language,
            start,
            end,
            new.offset_minutes,
            self.run.0.as_bytes()
        ];
        self.transaction.prepare_cached(query)?.execute(row)?;
        self.advance(new.id, found, &Entry::Enrolled)
    }

    /// Writes one entry, and gives where it leads.
    pub(super) fn append(&self, new: &Append) -> rusqlite::Result<Standing> {
        let unknown = || LedgerError::Damaged(format!("no callback {}", new.id));
        self.advance(new.id, self.found(new.id, new.version)?.ok_or_else(unknown)?, &new.entry)
    }

    /// Where a callback stands, which must be at this version; `None` where the ledger does not know it.
    fn found(&self, id: CallbackId, version: u32) -> rusqlite::Result<Option<Standing>> {
        let query = format!("SELECT {} FROM callbacks WHERE callback_id = ?1", standing_columns(WITH_VERSIONS));
        let mut statement = self.transaction.prepare_cached(&query)?;
        match statement.query_row([id.as_bytes()], standing).optional()? {
            Some(stands) if stands.version != version => {
                Err(LedgerError::from(Conflict { id, stands: Box::new(stands) }).into())
            }
            found => Ok(found),
        }
    }

    fn advance(&self, id: CallbackId, mut now: Standing, entry: &Entry) -> rusqlite::Result<Standing> {
        now.apply(entry, self.run, self.at.timestamp()).map_err(LedgerError::from)?;
        self.store(id, &now)?;
        if let (Entry::Enrolled | Entry::Placed(_), 1..) = (entry, now.attempts) {
            // Bytes belong to one dispatch time.
            self.transaction.prepare_cached("DELETE FROM bodies WHERE callback_id = ?1")?.execute([id.as_bytes()])?;
        }
        if let Entry::ContactIntended(Some(bodies)) = entry {
            self.store_bodies(id, bodies)?;
        }
        if let Entry::TextRemade(text) = entry {
            // The contact's bytes are not here where a ledger was restored that did not know of it yet.
            let query = "INSERT INTO bodies (callback_id, contact, sms) VALUES (?1, x'', ?2)
                 ON CONFLICT DO UPDATE SET sms = excluded.sms";
            self.transaction.prepare_cached(query)?.execute(params![id.as_bytes(), text])?;
        }
        let query = "INSERT INTO entries (callback_id, run_id, at_ms, kind, code, detail, value)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let (kind, Carried { code, value, .. }) = entry.written();
        let (run, code) = (self.run.0.as_bytes(), code.map(Code::as_str));
        let row = params![id.as_bytes(), run, self.at.0, kind, code, now.detail, value];
        self.transaction.prepare_cached(query)?.execute(row)?;
        Ok(now)
    }

    fn store(&self, id: CallbackId, now: &Standing) -> rusqlite::Result<()> {
        let query = "UPDATE callbacks SET progress = ?2, code = ?3, detail = ?4, dispatch_at = ?5, contact_id = ?6,
                 sms_session_id = ?7, attempts = ?8, contact_at = ?9, sms_at = ?10, run_id = ?11, version = ?12
             WHERE callback_id = ?1";
        let time = |at: Option<Timestamp>| at.map(Timestamp::unix);
        let row = params![
            id.as_bytes(),
            now.progress.name(),
            now.code.map(Code::as_str),
            now.detail,
            time(now.dispatch_at),
            now.contact_id,
            now.session_id,
            now.attempts,
            time(now.contact_at),
            time(now.sms_at),
            now.run.0.as_bytes(),
            now.version
        ];
        self.transaction.prepare_cached(query)?.execute(row).map(|_| ())
    }

    fn store_bodies(&self, id: CallbackId, bodies: &Bodies) -> rusqlite::Result<()> {
        let query = "INSERT OR REPLACE INTO bodies (callback_id, contact, sms) VALUES (?1, ?2, ?3)";
        let row = params![id.as_bytes(), bodies.contact, bodies.text];
        self.transaction.prepare_cached(query)?.execute(row).map(|_| ())
    }
}

/// Writes one after the other. What somebody else has written to is left alone; any other refusal ends it.
fn each<T>(all: &[T], write: impl Fn(&T) -> rusqlite::Result<Standing>) -> rusqlite::Result<Vec<Written>> {
    let one = |one| match write(one).map_err(refusal) {
        Ok(stands) => Ok(Ok(stands)),
        Err(Ok(LedgerError::Conflict(conflict))) => Ok(Err(conflict)),
        Err(Ok(refused)) => Err(refused.into()),
        Err(Err(failed)) => Err(failed),
    };
    all.iter().map(one).collect()
}
