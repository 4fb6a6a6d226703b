//! How a run listens to a pause of its ledger.

use std::path::Path;
use std::time::Duration;

use anyhow::anyhow;

use crate::domain::exit::ExitCode;
use crate::domain::pause::Paused;
use crate::io::ledger::pause;
use crate::pipeline::halt::Halt;
use crate::render::advice::Advice;
use crate::render::surroundings::Commands;

use super::exit::Ending;
use super::stop::Stop;

/// How often a run looks whether it is paused.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What a person is told of a ledger that is paused, and what to type; `None` where it is not.
pub(super) fn words(ledger: &Path, commands: &Commands) -> Option<String> {
    let paused = pause::look(ledger)?;
    let unpause = Advice::Unpause.told(commands);
    Some(format!("the ledger {} is paused {}; {unpause}", ledger.display(), paused.told()))
}

/// Refuses to begin a run of a ledger that is paused.
pub(super) fn refuse(ledger: &Path, commands: &Commands) -> Result<(), Ending> {
    match words(ledger, commands) {
        Some(words) => Err(Ending { code: ExitCode::Busy, words: Some(anyhow!("{words}; nothing was sent")) }),
        None => Ok(()),
    }
}

/// Ends with the first signal, or as soon as the ledger is paused.
pub(super) async fn asked_to_stop(stop: &Stop, ledger: &Path) -> Halt {
    tokio::select! {
        () = stop.asked() => Halt::Signal,
        paused = paused(ledger) => Halt::Paused(paused.told()),
    }
}

/// Ends as soon as the ledger is paused.
async fn paused(ledger: &Path) -> Paused {
    loop {
        if let Some(paused) = pause::look(ledger) {
            return paused;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
