//! The ledger and the disk it lies on.

use std::path::Path;

use crate::domain::exit::ExitCode;
use crate::domain::outcome::Status;
use crate::io::ledger::{Archive, Barrier, Checkup, Doubt, LedgerError, Owner, can_be_made, doubt_of_new, pause};
use crate::io::space;
use crate::pipeline::error::RunError;
use crate::render::advice::{Advice, Doubtful, Gain};
use crate::render::checkup::Check;
use crate::render::cut_off;
use crate::render::surroundings::{Commands, Onward};

use crate::cli::again;
use crate::cli::settings::Settings;

/// With less room than this a run of a million callbacks may not end.
const ROOM_SCARCE_MIB: u64 = 2048;

/// With less room than this no run should begin.
const ROOM_NONE_MIB: u64 = 64;

/// Where the ledger is, and what this machine remembers of it.
pub(super) struct Place<'a> {
    pub(super) settings: &'a Settings,
    /// The client's folder in the state directory.
    pub(super) witness: Option<&'a Path>,
    /// The commands that may follow.
    pub(super) commands: Commands,
}

/// Looks a ledger over, and gives it where it can be read.
pub(super) fn look_over(place: &Place<'_>, checks: &mut Vec<Check>) -> Option<Archive> {
    let path = &place.settings.ledger;
    let reader = match Archive::open(path) {
        Ok(Some(reader)) => Some(reader),
        Ok(None) => {
            checks.push(not_there(path, place));
            None
        }
        Err(error) => {
            checks.push(failed(error));
            return None;
        }
    };
    checks.extend(paused(path, &place.commands));
    if let Some(reader) = &reader {
        checks.extend(there(reader, place));
        checks.extend(unsettled(reader, &place.commands));
    }
    checks.extend(room(path));
    reader
}

fn failed(error: LedgerError) -> Check {
    let error = RunError::from(error);
    Check::failed("ledger", error.to_string(), (error.exit_code(), ""))
}

fn doubted(path: &Path, doubt: &Doubt, commands: &Commands) -> Check {
    let found = format!("{} {doubt}", path.display());
    Check::failed("ledger's past", found, (ExitCode::Settings, &again::advice(doubt, commands)))
}

fn not_there(path: &Path, place: &Place<'_>) -> Check {
    let shown = path.display();
    match can_be_made(path) {
        Ok(()) if let Some(doubt) = doubt_of_new(path, place.witness) => doubted(path, &doubt, &place.commands),
        Ok(()) => Check::good("ledger", format!("{shown} is not there yet: the first run makes it")),
        Err(error) => {
            let found = format!("{shown} cannot be made: {error}");
            let mend = "make its folder, and let this user write there; or name another with --ledger";
            Check::failed("ledger", found, (ExitCode::Io, mend))
        }
    }
}

fn there(reader: &Archive, place: &Place<'_>) -> Vec<Check> {
    let Checkup { holder, damage, doubt, barrier } = match reader.check_up(place.witness) {
        Ok(found) => found,
        Err(error) => return vec![failed(error)],
    };
    let path = place.settings.ledger.display();
    let mut checks = vec![match damage {
        None => Check::good("ledger", format!("{path} is sound")),
        Some(damage) => {
            let mend = "restore it from a backup: remove it with its -wal and -shm, keep its .lock";
            Check::failed("ledger", format!("{path} is damaged: {damage}"), (ExitCode::Io, mend))
        }
    }];
    checks.extend(barrier.map(|Barrier { path, cause }| {
        let found = format!("this user may not write to {}: {cause}", path.display());
        let mend = "give this user the ledger, what lies beside it by its name, and its folder (chown, chmod), or run as \
                    the user whom they belong to";
        Check::failed("ledger's files", found, (ExitCode::Io, mend))
    }));
    checks.extend(owner(reader, place.settings));
    checks.extend(holder.map(|run| {
        let found = format!("run {run} holds it; another that begins now ends with 75");
        Check::failed("ledger's lock", found, (ExitCode::Busy, "wait for it, or let --wait do so"))
    }));
    checks.extend(doubt.map(|doubt| doubted(&place.settings.ledger, &doubt, &place.commands)));
    checks
}

fn owner(reader: &Archive, settings: &Settings) -> Option<Check> {
    let error = reader.belongs_to(&owner_in(settings)?).err()?;
    Some(Check { what: "ledger's owner".to_owned(), ..failed(error) })
}

/// The owner that the settings name, where they do.
pub(super) fn owner_in(settings: &Settings) -> Option<Owner> {
    let (address, client_id) = (settings.platform.address.as_ref()?, settings.platform.client_id.clone()?);
    Some(Owner { platform: address.identity().to_owned(), client_id })
}

/// Whether somebody has paused it.
fn paused(path: &Path, commands: &Commands) -> Option<Check> {
    let found = format!("it is paused {}", pause::look(path)?.told());
    Some(Check::warned("pause", found, format!("{}; until then no run begins", Advice::Unpause.told(commands))))
}

/// What runs left behind for a person or another run.
fn unsettled(reader: &Archive, commands: &Commands) -> Vec<Check> {
    let Ok(backlog) = reader.backlog() else { return Vec::new() };
    let doubts = backlog.of(Status::InDoubt) + backlog.of(Status::SmsInDoubt);
    let pending = backlog.of(Status::Pending);
    let mut checks = Vec::new();
    if let Some((found, advice)) = reader.cut_off().ok().and_then(|found| cut_off::told(&found)) {
        checks.push(Check::warned("input missing", found, advice.told(commands)));
    }
    if doubts > 0 {
        let mend = Advice::Settle(Doubtful::Callbacks).told(commands);
        checks.push(Check::warned("in doubt", format!("{doubts} callbacks wait for a person"), mend));
    }
    if pending > 0 {
        let since = backlog.oldest_pending.map(|since| format!(", the oldest since {}", since.rfc3339()));
        let found = format!("{pending} callbacks{}", since.unwrap_or_default());
        checks.push(Check::warned("pending", found, Advice::GoOn(Onward::Resume, Gain::Callbacks).told(commands)));
    }
    checks
}

/// How much room the disk has.
fn room(ledger: &Path) -> Option<Check> {
    let folder = ledger.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let free = space::free(folder).ok()? >> 20;
    let found = format!("{free} MiB free in {}", folder.display());
    Some(match free {
        ..ROOM_NONE_MIB => {
            Check::failed("disk", found, (ExitCode::Io, "make room: what is sent must be written down first"))
        }
        ROOM_NONE_MIB..ROOM_SCARCE_MIB => Check::warned("disk", found, "make room before a large run"),
        ROOM_SCARCE_MIB.. => Check::good("disk", found),
    })
}
