//! SIGINT, SIGTERM and SIGHUP: the first ends the handing out, the second leaves at once.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use tokio::sync::Notify;

/// Listens for signals on a thread of its own: while inputs are read, nothing else would hear them.
#[derive(Clone, Debug)]
pub(super) struct Stop {
    asked: Arc<Notify>,
    reading: Arc<AtomicBool>,
}

/// The exit code of a run that was stopped.
const STOPPED: i32 = 4;

impl Stop {
    /// Begins to listen; `again` is the command that goes on, where one does. While inputs are read nothing has been sent, and the first signal leaves at once.
    pub(super) fn listen(again: &str) -> io::Result<Self> {
        let stop = Self { asked: Arc::new(Notify::new()), reading: Arc::new(AtomicBool::new(true)) };
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
        let heard = stop.clone();
        let left = left_at_once(again);
        std::thread::Builder::new().name("signals".into()).spawn(move || {
            for (count, _) in signals.forever().enumerate() {
                if heard.reading.load(Ordering::SeqCst) {
                    tracing::error!("stopped while reading; nothing was sent");
                    signal_hook::low_level::exit(STOPPED);
                }
                if count > 0 {
                    tracing::error!("{left}");
                    signal_hook::low_level::exit(STOPPED);
                }
                heard.asked.notify_one();
            }
        })?;
        Ok(stop)
    }

    /// From now on the first signal lets what is in flight finish.
    pub(super) fn reading_is_over(&self) {
        self.reading.store(false, Ordering::SeqCst);
    }

    /// Ends with the first signal.
    pub(super) async fn asked(&self) {
        self.asked.notified().await;
    }
}

/// What is told of a run that a second signal ended, or of a command that leaves nothing behind.
fn left_at_once(again: &str) -> String {
    if again.is_empty() {
        return "left at once".to_owned();
    }
    format!("left at once; `{again}`, or the same command again, goes on where the ledger stands")
}
