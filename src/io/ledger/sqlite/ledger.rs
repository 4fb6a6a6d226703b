//! A ledger that a run holds: the lock, the writer's thread, and a reader.

use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, params};
use tokio::sync::{mpsc, oneshot};

use crate::domain::callback::{CallbackId, RunId};
use crate::domain::entry::Bodies;
use crate::domain::hold::Hold;
use crate::domain::outcome::Standing;
use crate::domain::past::{CutOff, InputRead, InputSeen};
use crate::domain::provenance::Provenance;
use crate::domain::time::{Interval, Timestamp};
use crate::io::crash::{self, Point};
use crate::io::ledger::evidence::{self, Doubt, Facts, Numbers, Record};
use crate::io::ledger::lock::{self, Holder, Lock};
use crate::io::ledger::witness::{self, Pencil, Witness};
use crate::io::ledger::{
    Append, Ending, Enrolment, Kept, Ledger, LedgerError, LedgerRead, Owner, Stamp, Written, beside,
};
use crate::logic::adoption::Adoption;

use super::reader::{Archive, check_owner};
use super::writer::{Answer, Command, QUEUE_MAX, TransactionWriter, WriteOp, Writer};
use super::{cut_off, identity, not_opened, place, schema, unusable};

/// How a run opens its ledger.
#[derive(Clone, Debug)]
pub struct Opening {
    /// The file; it is made where it is not there.
    pub path: PathBuf,
    /// Who runs; `None` where nobody is asked for anything, so that it does not matter.
    pub owner: Option<Owner>,
    /// The run.
    pub run: RunId,
    /// What was asked for: `run`, `resume`, `settle` or `adopt`.
    pub command: &'static str,
    /// When it began: once it had the lock.
    pub started_at: Timestamp,
    /// The client's folder in the state directory, which remembers its ledgers; `None` for rehearsals, and where there
    /// is none.
    pub witness: Option<PathBuf>,
    /// What a person says that the ledger is; `None` where the evidence decides whether it may be used.
    pub adoption: Option<Adoption>,
    /// How long to wait for another run to end.
    pub wait: Duration,
    /// The inputs of a `run`, in order, as they are found before they are read.
    pub inputs: Vec<InputSeen>,
}

/// A ledger in a SQLite file, held by one run.
#[derive(Debug)]
pub struct SqliteLedger {
    run: RunId,
    /// `None` only while it is dropped: the last connection to close, which tidies up, must be the writer's.
    reader: Option<Archive>,
    commands: Option<mpsc::Sender<Command>>,
    writer: Option<JoinHandle<()>>,
    provenance: Provenance,
    witness: Option<Witness>,
    _lock: Lock,
}

/// A ledger's lock, had before the run begins for which it was taken: to wait for it is not yet to run.
#[derive(Debug)]
pub struct Turn {
    real: PathBuf,
    lock: Lock,
}

impl Turn {
    /// Looks at what is there, and waits for the lock as long as the opening says.
    pub fn take(opening: &Opening) -> Result<Self, LedgerError> {
        let real = place::of(&opening.path)?;
        let lock = Lock::take(&real, &opening.path, opening.wait)?;
        Ok(Self { real, lock })
    }

    /// Judges by the evidence whether the ledger may be used, brings its schema up to date, and notes the run, which
    /// begins now. The path is that by which the lock was taken. A ledger in doubt is left as it is.
    pub fn begin(self, opening: &Opening) -> Result<SqliteLedger, LedgerError> {
        let Self { real, lock } = self;
        let sqlite = unusable(&opening.path);
        let past = Past::look(&real, opening)?;
        past.judge(opening).inspect_err(|_| lock.unmake(&real))?;
        let mut connection = connect(&real, &opening.path)?;
        schema::migrate(&mut connection, &opening.path)?;
        let newest = begin(&mut connection, opening, &past).map_err(sqlite)?;
        let provenance = identity::provenance(&connection).map_err(sqlite)?;
        let since = opening.started_at.rfc3339();
        crash::at(Point::OpenBetween);
        let Numbers { run: number, entry } = newest;
        let holder = Holder { pid: std::process::id(), since, run: opening.run.to_string(), number, entry };
        let pencil = past.remember(&connection, newest, opening).map_err(sqlite)?;
        let signature = lock.sign(holder, pencil)?;
        let writer = Writer { connection, path: opening.path.clone(), run: opening.run, signature };
        let (sender, receiver) = mpsc::channel(QUEUE_MAX);
        let thread = std::thread::Builder::new().name("ledger".into()).spawn(move || writer.write_all(receiver));
        let writer = thread.map_err(|cause| LedgerError::Open(opening.path.clone(), cause))?;
        let reader = Archive::at(&real, &opening.path)?;
        let reader = reader.ok_or_else(|| LedgerError::NotALedger(opening.path.clone()))?;
        let (reader, commands, writer) = (Some(reader), Some(sender), Some(writer));
        let (run, witness) = (opening.run, past.witness);
        Ok(SqliteLedger { run, reader, commands, writer, provenance, witness, _lock: lock })
    }
}

/// What is known of a ledger before a run writes to it.
struct Past {
    facts: Facts,
    lock: Numbers,
    witness: Option<Witness>,
    records: Vec<Record>,
    real: PathBuf,
}

impl Past {
    /// Reads what the ledger, its lock and the witness say. Nothing is written.
    fn look(real: &Path, opening: &Opening) -> Result<Self, LedgerError> {
        let witness = opening.witness.as_deref().map(Witness::of);
        let records = witness.as_ref().map_or(Ok(Vec::new()), |witness| witness.records(real));
        let records = records.unwrap_or_else(|error| {
            tracing::error!("the state directory cannot be read: {error}; a restored ledger may go unnoticed");
            Vec::new()
        });
        let facts = look(real, &opening.path, opening.owner.as_ref())?;
        Ok(Self { facts, lock: lock::remembers(real), witness, records, real: real.to_owned() })
    }

    /// Refuses a ledger that may lack something that was done, unless a person says what it is.
    fn judge(&self, opening: &Opening) -> Result<(), LedgerError> {
        let path = || opening.path.clone();
        match opening.adoption {
            Some(Adoption::New) if self.facts.id.is_some() => {
                Err(LedgerError::NotNew { path: path(), runs: self.facts.newest.run })
            }
            Some(Adoption::Copy) if self.facts.id.is_none() => Err(LedgerError::NotThere(path())),
            Some(Adoption::Copy | Adoption::New) => Ok(()),
            Some(Adoption::Original) => self.evidence(&opening.path, Doubt::is_certain),
            None => self.evidence(&opening.path, |_| true),
        }
    }

    /// What the evidence says, where it counts.
    fn evidence(&self, path: &Path, counts: impl Fn(&Doubt) -> bool) -> Result<(), LedgerError> {
        match evidence::judge(&self.facts, &witness::place(&self.real), &self.records, self.lock) {
            Err(doubt) if counts(&doubt) => Err(LedgerError::Doubted { path: path.to_owned(), doubt }),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// The number of the newest run that anybody remembers.
    fn newest_run(&self) -> i64 {
        let same = |record: &&Record| Some(record.id) == self.facts.id;
        let recorded = self.records.iter().find(same).map_or(0, |record| record.newest.run);
        self.facts.newest.run.max(self.lock.run).max(recorded)
    }

    /// Has the witness remember the ledger from now on.
    fn remember(
        &self,
        connection: &Connection,
        newest: Numbers,
        opening: &Opening,
    ) -> rusqlite::Result<Option<Pencil>> {
        let Some(witness) = &self.witness else { return Ok(None) };
        let Some(id) = identity::facts(connection)?.id else { return Ok(None) };
        let record = Record { id, path: witness::place(&self.real), newest, replaced_by: None };
        let path = opening.path.display();
        match witness.remember(&record, identity::adopted_from(connection)?, &self.real) {
            Ok(pencil) => {
                let is_known = self.records.iter().any(|record| record.id == id);
                if self.facts.newest.entry > 0 && opening.adoption.is_none() && !is_known {
                    tracing::warn!(
                        "the ledger {path} was not on record on this machine; its .lock says that it is whole"
                    );
                }
                Ok(Some(pencil))
            }
            Err(error) => {
                tracing::error!("the state directory cannot be written: {error}; a restored ledger may go unnoticed");
                Ok(None)
            }
        }
    }
}

/// What a ledger's file tells of itself; a file that was made just now tells nothing. One of somebody else is refused.
fn look(real: &Path, path: &Path, owner: Option<&Owner>) -> Result<Facts, LedgerError> {
    let nothing = Facts { has_ended: true, ..Facts::default() };
    if real.metadata().is_ok_and(|found| found.len() == 0) && !beside(real, "-wal").exists() {
        return Ok(nothing);
    }
    let connection = place::connect_to_read(real, path)?;
    if schema::check(&connection, path)? == 0 {
        return Ok(nothing);
    }
    owner.map_or(Ok(()), |owner| check_owner(&connection, path, owner))?;
    identity::facts(&connection).map_err(unusable(path))
}

impl SqliteLedger {
    /// Looks at what is there, takes the lock, brings the schema up to date, checks the owner, and notes the
    /// run. What is no ledger is left as it is.
    pub fn open(opening: &Opening) -> Result<Self, LedgerError> {
        Turn::take(opening)?.begin(opening)
    }

    /// What looks things up, beside the writer.
    pub fn reader(&self) -> Result<&Archive, LedgerError> {
        self.reader.as_ref().ok_or_else(|| LedgerError::Stopped("it is closed".into()))
    }

    /// Notes the run's end from a thread of its own, for whoever leaves while the run is still reading.
    #[must_use]
    pub fn ended_by(&self, exit_code: u8, now: impl FnOnce() -> Stamp + Send + 'static) -> Box<dyn FnOnce() + Send> {
        // The writer ends with its senders: this must not be one of them.
        let commands = self.commands.as_ref().map(mpsc::Sender::downgrade);
        Box::new(move || {
            let Some(commands) = commands.and_then(|commands| commands.upgrade()) else { return };
            let (done, answer) = oneshot::channel();
            let op = WriteOp::Finish(Ending { exit_code, summary: None });
            if commands.blocking_send(Command { op, at: now(), done }).is_ok() {
                // Trouble here is told by the next run, which finds this one without an end.
                let _ = answer.blocking_recv();
            }
        })
    }

    /// Gives an operation to the writer that nobody waits for. Where the queue is full, it is noted another time.
    fn note(&self, op: WriteOp, at: Stamp) {
        let Some(commands) = &self.commands else { return };
        let (done, _) = oneshot::channel();
        let _ = commands.try_send(Command { op, at, done });
    }

    /// Gives an operation to the writer.
    async fn write(&self, op: WriteOp, at: Stamp) -> Answer {
        let (done, answer) = oneshot::channel();
        let stopped = || LedgerError::Stopped("its writer has ended".into());
        let commands = self.commands.as_ref().ok_or_else(stopped)?;
        commands.send(Command { op, at, done }).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

impl Drop for SqliteLedger {
    fn drop(&mut self) {
        self.reader = None;
        self.commands = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

/// Opens the file, which the lock has made, for writing.
pub(super) fn connect(real: &Path, path: &Path) -> Result<Connection, LedgerError> {
    let prepare = || {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(real, flags)?;
        connection.busy_timeout(Duration::from_secs(10))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.set_prepared_statement_cache_capacity(32);
        Ok(connection)
    };
    prepare().map_err(not_opened(path))
}

/// Notes the owner, the run, and what a person says that the ledger is. The run's number is one more than that of any
/// before; what the ledger ends with is given back.
fn begin(connection: &mut Connection, opening: &Opening, past: &Past) -> rusqlite::Result<Numbers> {
    let transaction = connection.transaction()?;
    let at = Stamp(opening.started_at.unix() * 1000);
    let writer = TransactionWriter { transaction: &transaction, run: opening.run, at };
    identity::begin(&writer, past.facts.id, opening.adoption)?;
    if let Some(owner) = &opening.owner {
        for (key, value) in [("platform", &owner.platform), ("client_id", &owner.client_id)] {
            transaction.execute("INSERT OR IGNORE INTO meta VALUES (?1, ?2)", [key, value])?;
        }
    }
    let query = "INSERT INTO runs (run_id, number, command, version, started_at)
         VALUES (?1, ?2, ?3, ?4, ?5)";
    let version = env!("CARGO_PKG_VERSION");
    let number = past.newest_run() + 1;
    let row = params![opening.run.0.as_bytes(), number, opening.command, version, opening.started_at.unix()];
    transaction.execute(query, row)?;
    cut_off::note(&transaction, opening.run, &opening.inputs)?;
    let newest = Numbers { run: number, entry: identity::newest_entry(&transaction)? };
    transaction.commit().map(|()| newest)
}

impl LedgerRead for SqliteLedger {
    async fn standings(&self, ids: &[CallbackId]) -> Result<Vec<Option<Standing>>, LedgerError> {
        self.reader()?.standings(ids)
    }

    async fn unfinished(&self) -> Result<Vec<Kept>, LedgerError> {
        self.reader()?.unfinished()
    }

    async fn bodies(&self, id: CallbackId) -> Result<Option<Bodies>, LedgerError> {
        self.reader()?.bodies(id)
    }

    async fn scheduled_counts(&self, campaign: &str, range: Interval) -> Result<Vec<(Timestamp, u32)>, LedgerError> {
        self.reader()?.scheduled_counts(campaign, range)
    }

    async fn cut_off(&self) -> Result<Vec<CutOff>, LedgerError> {
        self.reader()?.cut_off()
    }

    fn provenance(&self) -> Provenance {
        self.provenance
    }

    fn tells_created(&self) -> bool {
        let noted = || self.reader().is_ok_and(Archive::tells_created);
        self.witness.as_ref().is_some_and(Witness::tells_created) || noted()
    }

    async fn last_hold(&self) -> Result<Option<Hold>, LedgerError> {
        self.reader()?.last_hold()
    }
}

impl Ledger for SqliteLedger {
    fn run(&self) -> RunId {
        self.run
    }

    fn note_created(&self) {
        if let Some(Err(error)) = self.witness.as_ref().map(Witness::note_created) {
            tracing::debug!("the state directory cannot be written: {error}");
        }
        self.note(WriteOp::TellsCreated, Stamp(0));
    }

    fn note_hold(&self, hold: Hold) {
        self.note(WriteOp::Hold(hold), Stamp(hold.set_ms));
    }

    async fn enrol(&self, batch: Vec<(Enrolment, u32)>, at: Stamp) -> Result<Vec<Written>, LedgerError> {
        self.write(WriteOp::Enrol(batch), at).await
    }

    async fn append_all(&self, entries: Vec<Append>, at: Stamp) -> Result<Vec<Written>, LedgerError> {
        self.write(WriteOp::Append(entries), at).await
    }

    async fn inputs_read(&self, read: Vec<InputRead>, at: Stamp) -> Result<(), LedgerError> {
        self.write(WriteOp::InputsRead(read), at).await.map(|_| ())
    }

    async fn taken_up(&self, at: Stamp) -> Result<(), LedgerError> {
        self.write(WriteOp::TakenUp, at).await.map(|_| ())
    }

    async fn finish(&self, ending: Ending, at: Stamp) -> Result<(), LedgerError> {
        self.write(WriteOp::Finish(ending), at).await.map(|_| ())
    }
}
