//! The pace that all processes of a client share: a small file in the client's folder, locked for the moment in which
//! departures are reserved. Nothing is synced to disk: after a restart of the machine only a hold still counts.
//!
//! Time is that since the machine was started, so that no step of the wall clock moves anything. A damaged file is as
//! good as new, and what this process has reserved itself it knows in any case. Where the file cannot be used this is
//! told once, and the process goes on with what it knows.

use std::cell::{Cell, RefCell};
use std::fs::{File, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::future::{FutureExt, LocalBoxFuture, ready};

use super::rates::{self, RateFile};
use super::record::{Now, Record};
use super::{Moment, PaceStore, Schedule, Wanted, boot, step};
use crate::domain::hold::{HOLD_KEPT_MAX, Hold};
use crate::io::state;

/// The file, in the client's folder.
const NAME: &str = "pace";

/// How often a lock is asked for that another process has.
const LOCK_POLL: Duration = Duration::from_millis(1);

/// How long the lock is waited for. Nobody keeps it longer than a moment, unless a process was stopped that has it.
const LOCK_WAIT: Duration = Duration::from_secs(5);

/// How often the lock is asked for where nothing may wait.
const LOCK_ATTEMPTS: u32 = 20;

/// Departures farther ahead are not believed: this long, or so many steps where that is longer.
const AHEAD_MAX: Duration = Duration::from_mins(2);
const AHEAD_STEPS_MAX: u32 = 16;

/// How often it is looked whether a process has ended whose rate counts.
const RATES_LOOKED_AT: Duration = Duration::from_secs(1);

/// A pace in a file that processes share.
#[derive(Debug)]
pub struct FilePace {
    folder: PathBuf,
    file: RefCell<Rc<File>>,
    boot: String,
    /// What this process knows by itself.
    known: Cell<Schedule>,
    /// A hold that is not in the file yet.
    unwritten: Cell<Option<Hold>>,
    own: RefCell<Option<RateFile>>,
    others: Cell<Others>,
    /// Whether it was told that the file cannot be used.
    is_told: Cell<bool>,
}

/// The rates of other processes, when they were last looked at.
#[derive(Clone, Copy, Debug, Default)]
struct Others {
    generation: u64,
    at: Moment,
    lowest: Option<f64>,
}

/// The shared file, locked until this is dropped.
struct Locked(Rc<File>);

impl Drop for Locked {
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

impl FilePace {
    /// Opens the file in a client's folder, made where it is not there.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let boot = boot::id().ok_or_else(|| io::Error::other("the system does not say since when it runs"))?;
        let file = state::open(&folder.join(NAME))?;
        Ok(Self {
            folder: folder.to_owned(),
            file: RefCell::new(Rc::new(file)),
            boot,
            known: Cell::default(),
            unwritten: Cell::default(),
            own: RefCell::default(),
            others: Cell::default(),
            is_told: Cell::default(),
        })
    }

    fn clocks(&self) -> Now {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let wall_ms = i64::try_from(wall.as_millis()).unwrap_or(i64::MAX);
        Now { boot: self.boot.clone(), moment: boot::now(), wall_ms }
    }

    /// Asks for the lock once. A file that was removed meanwhile is made anew: other processes have another by now.
    fn try_lock(&self) -> io::Result<Option<Locked>> {
        let mut file = Rc::clone(&self.file.borrow());
        if file.metadata()?.nlink() == 0 {
            file = Rc::new(state::open(&self.folder.join(NAME))?);
            self.file.replace(Rc::clone(&file));
            self.own.replace(None);
        }
        match file.try_lock() {
            Ok(()) => Ok(Some(Locked(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Waits for the lock.
    async fn lock(&self) -> io::Result<Locked> {
        let until = boot::now().plus(LOCK_WAIT);
        loop {
            if let Some(locked) = self.try_lock()? {
                return Ok(locked);
            }
            if boot::now() >= until {
                return Err(io::Error::other("another process keeps it locked"));
            }
            tokio::time::sleep(LOCK_POLL).await;
        }
    }

    /// What the file says, with what this process knows by itself.
    fn read(&self, file: &File, now: &Now, ahead_max: Duration) -> io::Result<Record> {
        let mut record = Record::read(file)?.unwrap_or_default().believed(now, ahead_max);
        let (known, said) = (self.known.get(), &mut record.schedule);
        said.next = said.next.max(known.next);
        said.held_until = said.held_until.max(known.held_until);
        record.hold = self.unwritten.get().or(record.hold);
        Ok(record)
    }

    fn write(&self, file: &File, record: &Record) -> io::Result<()> {
        self.known.set(record.schedule);
        record.write(file)?;
        self.unwritten.set(None);
        Ok(())
    }

    async fn reserve_shared(&self, wanted: Wanted) -> io::Result<Vec<Moment>> {
        let locked = self.lock().await?;
        let now = self.clocks();
        let lowest = self.others.get().lowest.map_or(wanted.rate, |lowest| lowest.min(wanted.rate));
        let mut record = self.read(&locked.0, &now, AHEAD_MAX.max(step(lowest) * AHEAD_STEPS_MAX))?;
        let rate = self.ruling_rate(wanted.rate, &mut record.generation, now.moment)?;
        let reserved = record.schedule.reserve(Wanted { rate, ..wanted }, now.moment);
        self.write(&locked.0, &record)?;
        Ok(reserved)
    }

    /// The lowest rate of all processes that live, after this one has noted its own.
    fn ruling_rate(&self, rate: f64, generation: &mut u64, now: Moment) -> io::Result<f64> {
        let (own, is_new) = match self.own.take() {
            Some(own) => own.note(rate)?,
            None => (RateFile::make(&self.folder, rate)?, true),
        };
        *generation = generation.wrapping_add(u64::from(is_new));
        let mut others = self.others.get();
        if others.generation != *generation || now.since(others.at) >= RATES_LOOKED_AT {
            let lowest = rates::lowest(&self.folder, Some(&own))?;
            others = Others { generation: *generation, at: now, lowest };
        }
        self.own.replace(Some(own));
        self.others.set(others);
        Ok(others.lowest.map_or(rate, |lowest| lowest.min(rate)))
    }

    /// Reserves by what this process knows alone.
    fn reserve_alone(&self, wanted: Wanted) -> Vec<Moment> {
        let mut known = self.known.get();
        let reserved = known.reserve(wanted, boot::now());
        self.known.set(known);
        reserved
    }

    /// Writes a hold into the file, unless another process keeps it locked: then the next reservation does it.
    fn publish(&self) -> io::Result<()> {
        for _ in 0..LOCK_ATTEMPTS {
            if let Some(locked) = self.try_lock()? {
                let record = self.read(&locked.0, &self.clocks(), Duration::MAX)?;
                return self.write(&locked.0, &record);
            }
            std::thread::sleep(LOCK_POLL);
        }
        Ok(())
    }

    fn tell(&self, error: &io::Error) {
        if !self.is_told.replace(true) {
            tracing::error!(
                "the pace in {} cannot be shared: {error}; requests of other processes of this client are not counted",
                self.folder.join(NAME).display()
            );
        }
    }
}

impl PaceStore for FilePace {
    fn now(&self) -> Moment {
        boot::now()
    }

    fn reserve(&self, wanted: Wanted) -> LocalBoxFuture<'_, Vec<Moment>> {
        async move {
            self.reserve_shared(wanted).await.unwrap_or_else(|error| {
                self.tell(&error);
                self.reserve_alone(wanted)
            })
        }
        .boxed_local()
    }

    /// The file is read without its lock: one that is written meanwhile is damaged at worst, and read again.
    fn held_until(&self) -> LocalBoxFuture<'_, Moment> {
        let now = self.clocks();
        let file = Rc::clone(&self.file.borrow());
        let read = || Record::read(&file).ok().flatten();
        let said = read().or_else(read).map(|record| record.believed(&now, Duration::MAX).schedule.held_until);
        let held_until = said.unwrap_or_default().max(self.known.get().held_until);
        ready(held_until).boxed_local()
    }

    fn hold(&self, until: Moment) {
        let (mut known, now) = (self.known.get(), self.clocks());
        let length = until.since(now.moment).min(HOLD_KEPT_MAX);
        let until = now.moment.plus(length);
        if until <= known.held_until {
            return;
        }
        known.held_until = until;
        self.known.set(known);
        self.unwritten.set(Some(Hold::from_now(now.wall_ms, length)));
        self.publish().unwrap_or_else(|error| self.tell(&error));
    }
}
