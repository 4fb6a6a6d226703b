//! `pause` and `unpause`: the switch that every run of a ledger obeys.

use serde::Serialize;

use crate::domain::exit::ExitCode;
use crate::domain::pause::{Pause, Paused, REASON_CHARACTERS_MAX};
use crate::domain::time::Timestamp;
use crate::io::clock::Clock;
use crate::io::ledger::{LedgerError, pause};
use crate::render::advice::{Advice, Gain};
use crate::render::surroundings::Onward;

use super::args_ledger::{LedgerArgs, PauseArgs};
use super::exit::Ending;
use super::lookup;
use super::output::answer;
use super::settings::Surroundings;
use super::work::Desk;

/// `ringback pause`.
pub(super) fn do_pause(args: &PauseArgs, desk: &Desk<'_>) -> Result<ExitCode, Ending> {
    let (ledger, commands) = lookup::named(&args.ledger, desk)?;
    if matches!(std::fs::exists(&ledger), Ok(false)) {
        return Err(LedgerError::NotThere(ledger).into());
    }
    let reason = args.reason.clone().unwrap_or_default();
    if reason.chars().count() > REASON_CHARACTERS_MAX {
        tracing::warn!("--reason: only the first {REASON_CHARACTERS_MAX} characters are kept");
    }
    let (user, since) = (user(&Surroundings::of_this_process()), Some(Clock::system().now()));
    let new = Pause { user, host: pause::host(), since, reason }.cleaned();
    let earlier = pause::pause(&ledger, &new)?;
    let (begins, is_new) = match &earlier {
        Some(_) => ("was paused already", false),
        None => ("is paused", true),
    };
    // As everybody else will read it.
    let paused = earlier.or_else(|| pause::look(&ledger)).unwrap_or(Paused::By(new));
    let words = format!(
        "the ledger {} {begins} {}\nruns stop handing out within 2 seconds, and `run` and `resume` do not begin; {}\n",
        ledger.display(),
        paused.told(),
        Advice::Unpause.told(&commands)
    );
    answer(
        desk.common,
        &words,
        &PauseSheet { paused: true, is_new: Some(is_new), was_paused: None, pause: Some(described(&paused)) },
    )
}

/// `ringback unpause`.
pub(super) fn do_unpause(args: &LedgerArgs, desk: &Desk<'_>) -> Result<ExitCode, Ending> {
    let (ledger, commands) = lookup::named(args, desk)?;
    let ended = pause::unpause(&ledger)?;
    let ledger = ledger.display();
    let words = match &ended {
        None => format!("the ledger {ledger} is not paused\n"),
        Some(paused) => format!(
            "the pause of the ledger {ledger} is over; it was paused {}\n{}\n",
            paused.told(),
            Advice::GoOn(Onward::Resume, Gain::Pending).told(&commands)
        ),
    };
    let (was_paused, pause) = (Some(ended.is_some()), ended.as_ref().map(described));
    answer(desk.common, &words, &PauseSheet { paused: false, is_new: None, was_paused, pause })
}

/// A switch of a pause for a machine.
#[derive(Serialize)]
struct PauseSheet<'a> {
    paused: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_new: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    was_paused: Option<bool>,
    #[serde(flatten)]
    pause: Option<Described<'a>>,
}

/// What is known of a pause.
#[derive(Serialize)]
#[serde(untagged)]
enum Described<'a> {
    By { user: &'a str, host: &'a str, since: Option<String>, reason: &'a str },
    Unreadable { unreadable: &'a str },
}

fn described(paused: &Paused) -> Described<'_> {
    match paused {
        Paused::By(Pause { user, host, since, reason }) => {
            Described::By { user, host, since: since.map(Timestamp::rfc3339), reason }
        }
        Paused::Unreadable(why) => Described::Unreadable { unreadable: why },
    }
}

/// Who types. Who became root is named by the name before.
fn user(around: &Surroundings) -> String {
    let named = ["SUDO_USER", "USER", "LOGNAME"].into_iter().filter_map(|name| around.variable(name));
    named.map(|name| name.to_string_lossy().into_owned()).find(|name| !name.is_empty()).unwrap_or_default()
}
