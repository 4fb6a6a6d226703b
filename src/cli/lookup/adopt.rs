//! `ringback ledger adopt`: a person says what a ledger is that a run refuses to use.

use serde::Serialize;

use crate::cli::again;
use crate::cli::args_ledger::AdoptArgs;
use crate::cli::exit::Ending;
use crate::cli::settings::{Settings, Surroundings};
use crate::cli::state::client_folder;
use crate::cli::work::Desk;
use crate::cli::{log, runtime};
use crate::domain::callback::RunId;
use crate::domain::exit::ExitCode;
use crate::domain::outcome::Status;
use crate::io::clock::Clock;
use crate::io::ledger::{self, Archive, Ledger, LedgerError, Opening, Owner, SqliteLedger, Stamp, Turn};
use crate::logic::adoption::Adoption;
use crate::render::json::pretty;
use crate::render::surroundings::Commands;

use super::{say, settings};

/// The answer for a machine.
#[derive(Serialize)]
struct Adopted {
    ledger: String,
    #[serde(rename = "as")]
    adoption: &'static str,
    run_id: String,
    in_doubt: u64,
}

/// Says what a ledger is, once: the answer stands in the ledger, and on record on this machine.
pub(in crate::cli) fn do_adopt(args: &AdoptArgs, desk: &Desk<'_>) -> Result<ExitCode, Ending> {
    let settings = settings(&args.ledger, desk)?;
    let commands = again::of(desk.common, &settings);
    let (clock, adoption) = (Clock::system(), args.adoption);
    let owner = owner(&settings, adoption)?;
    let (run, started_at) = (RunId(uuid::Uuid::now_v7()), clock.now());
    log::name_run(run);
    let opening = Opening {
        path: settings.ledger.clone(),
        witness: client_folder(&owner, &Surroundings::of_this_process()),
        owner: Some(owner),
        run,
        command: "adopt",
        started_at,
        adoption: Some(adoption),
        wait: args.wait,
        inputs: Vec::new(),
    };
    let begun = Turn::take(&opening)?.begin(&Opening { started_at: clock.now(), ..opening });
    let ledger = begun.map_err(|error| again::refused(error, &commands))?;
    runtime()?.block_on(finish(&ledger, clock))?;
    let backlog = ledger.reader()?.backlog()?;
    let doubts = backlog.of(Status::InDoubt) + backlog.of(Status::SmsInDoubt);
    drop(ledger);
    let path = settings.ledger.display();
    if desk.common.json {
        let run = run.to_string();
        let (ledger, adoption) = (path.to_string(), adoption.as_str());
        return say(pretty(&Adopted { ledger, adoption, run_id: run, in_doubt: doubts }));
    }
    if desk.common.quiet {
        return Ok(ExitCode::Done);
    }
    say(format!("{path}: {}\n", told(adoption, doubts, &commands)))
}

/// Whom the ledger belongs to: as it says itself, else as the settings say.
fn owner(settings: &Settings, adoption: Adoption) -> Result<Owner, Ending> {
    let reader = Archive::open(&settings.ledger)?;
    if reader.is_none() && adoption == Adoption::Copy {
        return Err(LedgerError::NotThere(settings.ledger.clone()).into());
    }
    if let Some(owner) = reader.as_ref().map(Archive::owner).transpose()?.flatten() {
        return Ok(owner);
    }
    Ok(settings.platform()?.0)
}

async fn finish(ledger: &SqliteLedger, clock: Clock) -> Result<(), LedgerError> {
    ledger
        .finish(ledger::Ending { exit_code: ExitCode::Done.number(), summary: None }, Stamp(clock.unix_millis()))
        .await
}

fn told(adoption: Adoption, doubts: u64, commands: &Commands) -> String {
    match adoption {
        Adoption::Original => "on record as the original; runs go on with it.".to_owned(),
        Adoption::New => "on record as new. A contact that the platform has already gets no text.".to_owned(),
        Adoption::Copy if doubts == 0 => {
            "on record as a copy. A contact that the platform has already gets no text.".to_owned()
        }
        Adoption::Copy => format!(
            "on record as a copy; callbacks in doubt: {doubts}. Look on the platform for each, and say \
             with `{}` what became of it. A contact that the platform has already gets no text.",
            commands.ringback("settle")
        ),
    }
}
