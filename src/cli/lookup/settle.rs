//! `ringback settle`: a person decides what is in doubt. All that is named, or nothing.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use crate::cli::again;
use crate::cli::args_ledger::SettleArgs;
use crate::cli::exit::Ending;
use crate::cli::log;
use crate::cli::runtime;
use crate::cli::settings::Surroundings;
use crate::cli::state::client_folder;
use crate::cli::work::Desk;
use crate::domain::callback::RunId;
use crate::domain::entry::{Entry, Verdict};
use crate::domain::exit::ExitCode;
use crate::domain::outcome::Standing;
use crate::domain::prefix::IdPrefix;
use crate::domain::report::Report;
use crate::domain::shown::marked;
use crate::io::clock::Clock;
use crate::io::ledger::{self, Append, Archive, Kept, Ledger, LedgerError, Opening, SqliteLedger, Stamp, Turn};
use crate::logic::settle::settled;
use crate::render::settled::{Settled, sheets, table};
use crate::render::summary;
use crate::render::surroundings::Commands;

use super::{CALLBACK_CHARACTERS_MIN, answer, ids, settings};

/// Callbacks that cannot be settled, as far as they are named.
const NAMED_MAX: usize = 20;

/// Characters of a name that are said back.
const NAME_MAX: usize = 80;

/// What is to be written, and how it will be told.
#[derive(Default)]
pub(super) struct Decision {
    pub(super) settled: Vec<(Kept, Vec<Entry>)>,
    pub(super) refused: Vec<String>,
}

/// Settles callbacks in doubt.
pub(in crate::cli) fn do_settle(args: &SettleArgs, desk: &Desk<'_>) -> Result<ExitCode, Ending> {
    let settings = settings(&args.ledger, desk)?;
    let commands = again::of(desk.common, &settings);
    let path = settings.ledger;
    let (names, verdict) = (ids::named(args)?, args.verdict);
    // What cannot be settled leaves no run behind either.
    let reader = Archive::require(&path)?;
    judge(&names, verdict, &reader)?.or_refuse(&path)?;
    let clock = Clock::system();
    let ledger = hold(&reader, (clock, args.wait), &commands)?;
    drop(reader);
    // Another run may have been there in between.
    let decision = judge(&names, verdict, ledger.reader()?)?;
    let told = runtime()?.block_on(carry_out(&decision, &ledger, clock))?;
    drop(ledger);
    decision.or_refuse(&path)?;
    answer(desk.common, &table(&told, &commands), &sheets(&told))
}

/// Takes the lock of a ledger that is there, for a person's word.
pub(super) fn hold(
    reader: &Archive,
    (clock, wait): (Clock, Duration),
    commands: &Commands,
) -> Result<SqliteLedger, Ending> {
    let (run, started_at) = (RunId(uuid::Uuid::now_v7()), clock.now());
    log::name_run(run);
    let witness = reader.owner()?.and_then(|owner| client_folder(&owner, &Surroundings::of_this_process()));
    let path = reader.path().to_owned();
    let (owner, adoption, inputs) = (None, None, Vec::new());
    let opening = Opening { path, owner, run, command: "settle", started_at, witness, adoption, wait, inputs };
    let turn = Turn::take(&opening)?;
    turn.begin(&Opening { started_at: clock.now(), ..opening }).map_err(|error| again::refused(error, commands))
}

/// Judges every name before anything is written.
pub(super) fn judge(names: &[String], verdict: Verdict, reader: &Archive) -> Result<Decision, LedgerError> {
    let _still = reader.hold_still()?;
    let provenance = reader.provenance();
    let (mut decision, mut met) = (Decision::default(), BTreeSet::new());
    for name in names {
        let found = match IdPrefix::parse(name, CALLBACK_CHARACTERS_MIN) {
            Some(prefix) => reader.callbacks_like(&prefix, 2)?,
            None => Vec::new(),
        };
        let why = match <[Kept; 1]>::try_from(found) {
            Ok([kept]) if !met.insert(kept.enrolment.id) => continue,
            Ok([kept]) => match settled(kept.enrolment.id, &kept.standing, verdict, provenance) {
                Ok(entries) => {
                    decision.settled.push((kept, entries));
                    continue;
                }
                Err(why) => why.to_string(),
            },
            Err(found) if found.is_empty() => "no callback goes by it (8 characters or more are needed)".to_owned(),
            Err(_) => "several callbacks begin so; give more of it".to_owned(),
        };
        decision.refused.push(format!("{}: {why}", marked(name, NAME_MAX)));
    }
    Ok(decision)
}

impl Decision {
    /// Ends where something cannot be settled.
    fn or_refuse(&self, ledger: &Path) -> Result<(), Ending> {
        if self.refused.is_empty() {
            return Ok(());
        }
        let mut text = format!("nothing was settled in the ledger {}, for these cannot be:", ledger.display());
        for refused in self.refused.iter().take(NAMED_MAX) {
            let _ = write!(text, "\n  {refused}");
        }
        if self.refused.len() > NAMED_MAX {
            let _ = write!(text, "\n  and {} more", self.refused.len() - NAMED_MAX);
        }
        Err(Ending::usage(&text))
    }
}

/// Writes the entries in one commit and ends the run; nothing is written where something was refused.
pub(super) async fn carry_out(
    decision: &Decision,
    ledger: &SqliteLedger,
    clock: Clock,
) -> Result<Vec<Settled>, LedgerError> {
    let (run, stamp) = (ledger.run(), Stamp(clock.unix_millis()));
    let mut report = Report::of_nothing(run, clock.now(), Some(clock.now()));
    let mut told = Vec::new();
    if decision.refused.is_empty() {
        let of_one = |(kept, entries): &(Kept, Vec<Entry>)| {
            let (id, first) = (kept.enrolment.id, kept.standing.version);
            let entries = (first..).zip(entries.clone());
            entries.map(move |(version, entry)| Append { id, version, entry })
        };
        for written in ledger.append_all(decision.settled.iter().flat_map(of_one).collect(), stamp).await? {
            written?;
        }
        for (Kept { enrolment, standing: before }, entries) in &decision.settled {
            let mut now: Standing = before.clone();
            for entry in entries {
                now.apply(entry, run, stamp.timestamp())?;
            }
            let (was, is) = (before.status(before.run), now.status(run));
            report.count(is, now.code);
            told.push(Settled { id: enrolment.id, phone: enrolment.phone, was, is });
        }
    } else {
        report.add_condition(ExitCode::Usage);
    }
    let ending = ledger::Ending { exit_code: report.exit_code().number(), summary: Some(summary::to_json(&report)) };
    ledger.finish(ending, Stamp(clock.unix_millis())).await?;
    Ok(told)
}
