//! Whose turn it is to ask for a token. A platform may keep one token a client: then a new one ends the one before, and
//! processes that ask at the same time take each other's away. They ask one after the other, and a number tells each
//! whether another has asked since. The token itself is written nowhere.

use std::cell::Cell;
use std::fs::{File, TryLockError};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Duration;

use super::{Moment, boot};
use crate::io::state;

/// The file, in the client's folder.
const NAME: &str = "token-turn";

/// How often a turn is asked for that another process has.
const POLL: Duration = Duration::from_millis(20);

/// How long a turn is waited for: longer than any token request takes. After that something is wrong with the process
/// that has it, and asking beside it costs one token at most.
const WAIT_MAX: Duration = Duration::from_mins(2);

/// Bytes of the file: how often was asked, and when the last time.
const LENGTH: usize = 41;

/// The turns of one process.
#[derive(Debug)]
pub struct TokenTurns {
    file: File,
    /// The number of the newest token that this process asked for.
    asked: Cell<u64>,
}

/// A turn: no other process asks until it is dropped.
#[derive(Debug)]
pub struct Asking<'a>(Option<&'a File>);

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.0.map(File::unlock);
    }
}

impl TokenTurns {
    /// Opens the file in a client's folder, made where it is not there.
    pub fn open(folder: &Path) -> io::Result<Self> {
        Ok(Self { file: state::open(&folder.join(NAME))?, asked: Cell::default() })
    }

    /// Waits for this process's turn. Where another has asked since this process did, that one's token is left alone for
    /// `others_keep`, so that two processes do not take each other's away without end.
    pub async fn take(&self, others_keep: Duration) -> Asking<'_> {
        let until = boot::now().plus(WAIT_MAX.max(others_keep));
        while boot::now() < until {
            match self.file.try_lock() {
                Ok(()) if self.is_too_early(others_keep) => drop(Asking(Some(&self.file))),
                Ok(()) => return self.asks(),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(_)) => break,
            }
            tokio::time::sleep(POLL).await;
        }
        // Whoever keeps the turn for so long must learn all the same that another has asked.
        self.note();
        Asking(None)
    }

    /// Whether another process has asked since this one did. Where nothing can be read, nobody has.
    #[must_use]
    pub fn is_overtaken(&self) -> bool {
        self.read().is_some_and(|(number, _)| self.asked.get() != 0 && number != self.asked.get())
    }

    fn is_too_early(&self, others_keep: Duration) -> bool {
        let now = boot::now();
        let asked_lately = |at: Moment| at <= now && now.since(at) < others_keep;
        self.is_overtaken() && self.read().is_some_and(|(_, at)| asked_lately(at))
    }

    fn asks(&self) -> Asking<'_> {
        self.note();
        Asking(Some(&self.file))
    }

    /// Writes down that this process asks.
    fn note(&self) {
        let number = self.read().map_or(1, |(number, _)| number.wrapping_add(1)).max(1);
        let nanos = u64::try_from(boot::now().0.as_nanos()).unwrap_or(u64::MAX);
        let is_written = self.file.write_all_at(format!("{number:020} {nanos:020}").as_bytes(), 0).is_ok();
        self.asked.set(if is_written { number } else { 0 });
    }

    /// How often was asked, and when the last time.
    fn read(&self) -> Option<(u64, Moment)> {
        let mut bytes = [0; LENGTH];
        self.file.read_exact_at(&mut bytes, 0).ok()?;
        let (number, nanos) = std::str::from_utf8(&bytes).ok()?.split_once(' ')?;
        Some((number.parse().ok()?, Moment(Duration::from_nanos(nanos.parse().ok()?))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Duration = Duration::ZERO;

    #[tokio::test]
    async fn one_asks_after_the_other_and_each_knows_whether_another_has_asked_since() {
        let folder = tempfile::tempdir().expect("a folder");
        let open = || TokenTurns::open(folder.path()).expect("opens");
        let (one, other) = (open(), open());
        let asking = one.take(NOTHING).await;
        assert!(other.file.try_lock().is_err(), "the turn is taken");
        drop(asking);
        assert!(!one.is_overtaken() && !other.is_overtaken());
        drop(other.take(NOTHING).await);
        assert!(one.is_overtaken() && !other.is_overtaken());
        drop(one.take(NOTHING).await);
        assert!(!one.is_overtaken() && other.is_overtaken());
    }

    #[tokio::test]
    async fn a_token_of_another_process_is_left_alone_for_a_while() {
        let folder = tempfile::tempdir().expect("a folder");
        let open = || TokenTurns::open(folder.path()).expect("opens");
        let (one, other) = (open(), open());
        drop(one.take(NOTHING).await);
        let begun = boot::now();
        // The first time, nobody's token was taken away.
        drop(other.take(Duration::from_hours(1)).await);
        drop(one.take(Duration::from_millis(150)).await);
        assert!(boot::now().since(begun) >= Duration::from_millis(140));
    }

    #[tokio::test]
    async fn a_damaged_file_accuses_nobody() {
        let folder = tempfile::tempdir().expect("a folder");
        let turns = TokenTurns::open(folder.path()).expect("opens");
        drop(turns.take(NOTHING).await);
        turns.file.set_len(7).expect("cut");
        assert!(!turns.is_overtaken());
        turns.file.write_all_at(&[0xff; 64], 0).expect("written");
        assert!(!turns.is_overtaken());
        drop(turns.take(Duration::from_hours(1)).await);
        assert!(!turns.is_overtaken());
    }
}
