//! `doctor`: looks over what a run needs, and says what to mend. It asks the platform four things at most: for a token,
//! for one hour of a forecast, and two that it can only refuse; it writes nothing to a ledger and creates nothing
//! anywhere.

mod ledger;
mod network;
mod platform;
mod settings;

use std::path::PathBuf;

use crate::domain::exit::ExitCode;
use crate::io::clock::Clock;
use crate::io::ledger::{Archive, Owner};
use crate::io::pace::Shared;
use crate::render::checkup::{Check, exit_code, is_well, sheet, table};
use crate::render::json::pretty;

use super::again;
use super::args_ops::DoctorArgs;
use super::exit::Ending;
use super::output::say;
use super::rehearsal;
use super::settings::{Overrides, Settings, Surroundings, load};
use super::state::{self, ClientFiles};
use super::work::Desk;

/// `ringback doctor`.
pub(super) fn do_doctor(args: &DoctorArgs, desk: &Desk<'_>) -> Result<ExitCode, Ending> {
    let checks = look_over(args, desk)?;
    let code = exit_code(&checks);
    if desk.common.quiet && is_well(&checks) {
        return Ok(code);
    }
    let text = if desk.common.json { pretty(&sheet(&checks)) } else { table(&checks) };
    say(text)?;
    Ok(code)
}

fn look_over(args: &DoctorArgs, desk: &Desk<'_>) -> Result<Vec<Check>, Ending> {
    let sandbox = args.sandbox.then(|| rehearsal::start(&args.fault, 0)).transpose()?;
    let overrides = Overrides { ledger: args.ledger.ledger.clone(), ..Overrides::default() };
    let loaded = load(desk.common.config.as_deref(), &overrides, &Surroundings::of_this_process());
    let loaded = loaded.and_then(|settings| match &sandbox {
        Some(sandbox) => settings.for_sandbox(&sandbox.base_url()),
        None => Ok(settings),
    });
    let settings = match loaded {
        Ok(settings) => settings,
        Err(error) => {
            let rest = "nothing can be looked over without settings";
            return Ok(vec![
                Check::failed("settings", error.to_string(), (ExitCode::Settings, "")),
                Check::unasked("all else", rest),
            ]);
        }
    };
    let mut checks = settings::look_over(&settings);
    let (folder, beside) = match ledger::owner_in(&settings).filter(|_| !args.sandbox) {
        None => (None, ClientFiles::default()),
        Some(owner) => state_directory(&owner, &mut checks),
    };
    checks.extend(network::look_over(&settings));
    let commands = again::of(desk.common, &settings);
    let commands = if args.sandbox { commands.in_sandbox() } else { commands };
    // A rehearsal makes a ledger of its own.
    let reader = if args.sandbox && args.ledger.ledger.is_none() {
        checks.push(Check::unasked("ledger", "a rehearsal makes a new one; name one with --ledger"));
        None
    } else {
        let (settings, witness, commands) = (&settings, folder.as_deref(), commands.clone());
        ledger::look_over(&ledger::Place { settings, witness, commands }, &mut checks)
    };
    let seen = Seen { settings: &settings, reader: reader.as_ref(), clock: Clock::system(), shared: beside.shared() };
    checks.extend(settings::texts(&seen, &commands));
    checks.extend(platform::look_over(&seen, args.campaign.as_deref())?);
    Ok(checks)
}

/// Looks at what this machine keeps of the client, and gives what can be had of it.
fn state_directory(owner: &Owner, checks: &mut Vec<Check>) -> (Option<PathBuf>, ClientFiles) {
    let what = "state directory";
    let folder = state::look(owner, &Surroundings::of_this_process());
    let opened = folder.as_deref().map_err(Clone::clone).and_then(ClientFiles::open_in);
    checks.push(match &opened {
        Err(why) => Check::warned(what, why, ""),
        Ok(_) => Check::good(what, "this client's folder can be written"),
    });
    (folder.ok(), opened.unwrap_or_default())
}

/// What later checks build on.
struct Seen<'a> {
    settings: &'a Settings,
    /// The ledger, where one is there and can be read.
    reader: Option<&'a Archive>,
    clock: Clock,
    /// What other processes of this client share.
    shared: Shared<'a>,
}
