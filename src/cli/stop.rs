//! SIGINT, SIGTERM and SIGHUP: the first ends the handing out, the second leaves at once. A SIGHUP that was ignored when
//! the program began stays ignored: that is how `nohup` keeps it running when its terminal closes.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use tokio::sync::Notify;

use crate::domain::exit::ExitCode;

/// Listens for signals on a thread of its own: while inputs are read, nothing else would hear them.
#[derive(Clone)]
pub(super) struct Stop {
    asked: Arc<Notify>,
    reading: Arc<Mutex<Reading>>,
}

/// The time in which nothing was sent yet. Whoever leaves in it holds it to the end, so that nothing is begun meanwhile.
#[derive(Default)]
struct Reading {
    is_over: bool,
    /// What is done before leaving, the last first.
    closing: Vec<Box<dyn FnOnce() + Send>>,
}

impl Stop {
    /// Begins to listen; `again` is the command that goes on, where one does. While inputs are read nothing has been sent,
    /// and the first signal leaves after the closing.
    pub(super) fn listen(again: &str) -> io::Result<Self> {
        let stop = Self { asked: Arc::new(Notify::new()), reading: Arc::default() };
        let hangup = (!is_ignored(SIGHUP)).then_some(SIGHUP);
        let mut signals = Signals::new([SIGINT, SIGTERM].into_iter().chain(hangup))?;
        let heard = stop.clone();
        let left = left_at_once(again);
        std::thread::Builder::new().name("signals".into()).spawn(move || {
            for (count, _) in signals.forever().enumerate() {
                if count > 0 {
                    tracing::error!("{left}");
                    signal_hook::low_level::exit(ExitCode::Pending.number().into());
                }
                // On a thread of its own: the second signal is heard while the first is obeyed.
                let obeyed = heard.clone();
                let obeying = std::thread::Builder::new().name("stop".into()).spawn(move || obeyed.obey());
                if obeying.is_err() {
                    heard.obey();
                }
            }
        })?;
        Ok(stop)
    }

    /// What the first signal does before it leaves, while inputs are read.
    pub(super) fn closes_with(&self, closing: impl FnOnce() + Send + 'static) {
        self.reading().closing.push(Box::new(closing));
    }

    /// Opens something that must be closed before leaving. A signal waits until both are there.
    pub(super) fn opening<T, E, C: FnOnce() + Send + 'static>(
        &self,
        open: impl FnOnce() -> Result<(T, C), E>,
    ) -> Result<T, E> {
        let mut reading = self.reading();
        let (opened, closing) = open()?;
        reading.closing.push(Box::new(closing));
        Ok(opened)
    }

    /// From now on the first signal lets what is in flight finish. Never returns where somebody leaves already.
    pub(super) fn reading_is_over(&self) {
        *self.reading() = Reading { is_over: true, closing: Vec::new() };
    }

    fn obey(&self) {
        let mut reading = self.reading();
        if reading.is_over {
            self.asked.notify_one();
            return;
        }
        tracing::error!(
            "stopped while reading: nothing was sent, and no report is written; the same command again begins anew"
        );
        while let Some(closing) = reading.closing.pop() {
            closing();
        }
        signal_hook::low_level::exit(ExitCode::Pending.number().into());
    }

    fn reading(&self) -> MutexGuard<'_, Reading> {
        self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether inputs are still read: nothing was sent then.
    pub(super) fn is_reading(&self) -> bool {
        !self.reading().is_over
    }

    /// Ends with the first signal.
    pub(super) async fn asked(&self) {
        self.asked.notified().await;
    }
}

/// Whether this process ignores a signal, as far as the system says.
fn is_ignored(signal: i32) -> bool {
    std::fs::read_to_string("/proc/self/status").is_ok_and(|status| ignores(&status, signal))
}

/// Whether a process ignores a signal, by its status in the format of Linux.
fn ignores(status: &str, signal: i32) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    let bit = u32::try_from(signal - 1).ok().and_then(|place| 1_u64.checked_shl(place));
    mask.zip(bit).is_some_and(|(mask, bit)| mask & bit != 0)
}

/// What is told of a run that a second signal ended, or of a command that leaves nothing behind.
fn left_at_once(again: &str) -> String {
    if again.is_empty() {
        return "left at once".to_owned();
    }
    format!("left at once; `{again}`, or the same command again, goes on where the ledger stands")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ignored_stands_in_the_status_of_the_process() {
        let check = |mask: &str, signal: i32, ignored: bool| {
            let status = format!("Name:\tringback\nSigBlk:\t0000000000000003\nSigIgn:\t{mask}\nSigCgt:\t00\n");
            assert_eq!(ignores(&status, signal), ignored, "{mask} {signal}");
        };
        check("0000000000000001", SIGHUP, true);
        check("0000000000001006", SIGHUP, false);
        check("0000000000000002", SIGINT, true);
        check("no mask", SIGHUP, false);
        assert!(!ignores("", SIGHUP) && !ignores("SigIgn:\tffffffffffffffff", 0));
    }
}
