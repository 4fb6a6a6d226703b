//! `ringback show`: whatever goes by a name, with all that is known of it.

use std::fmt::Write;
use std::path::Path;

use serde::Serialize;

use crate::cli::args_ledger::ShowArgs;
use crate::cli::exit::Ending;
use crate::cli::work::Desk;
use crate::domain::exit::ExitCode;
use crate::domain::past::{NotedEntry, NotedRun};
use crate::domain::phone::E164;
use crate::domain::prefix::IdPrefix;
use crate::domain::shown::marked;
use crate::io::ledger::{Archive, Kept};
use crate::logic::validate::phone;
use crate::logic::validate::rules::Rules;
use crate::render::history::{self, CallbackSheet, Dossier};
use crate::render::json::pretty;
use crate::render::runs::{self, RunSheet};
use crate::render::surroundings::Commands;

use super::{CALLBACK_CHARACTERS_MIN, commands, runs_called, say, settings_to_look};

/// Callbacks that are named where a name may be any of them; more say nothing more.
const NAMED_MAX: usize = 20;

/// Characters of a name that are said back.
const NAME_MAX: usize = 80;

/// What goes by a name.
struct Found {
    /// By the beginning of their ids.
    callbacks: Vec<Kept>,
    runs: Vec<NotedRun>,
    /// By their phone.
    of_phone: Vec<Kept>,
}

/// The same for a machine.
#[derive(Serialize)]
struct Shown<'a> {
    callbacks: Vec<CallbackSheet<'a>>,
    runs: Vec<RunSheet<'a>>,
}

/// Shows everything known of a callback, of a phone's callbacks, or of a run.
pub(in crate::cli) fn do_show(args: &ShowArgs, desk: &Desk<'_>) -> Result<ExitCode, Ending> {
    let settings = settings_to_look(&args.ledger, desk)?;
    let reader = Archive::require(&settings.ledger)?;
    let _still = reader.hold_still()?;
    let found = find(args.id.trim(), &reader, &settings.form)?;
    let name = marked(&args.id, NAME_MAX);
    let to = (&commands(&args.ledger, desk)?, desk);
    match (&*found.callbacks, &*found.runs, &*found.of_phone) {
        ([], [], []) => Err(Ending::usage(&unknown(&name, &settings.ledger))),
        ([_], [], []) => tell(&found.callbacks, &[], &reader, to),
        ([], [_], []) => tell(&[], &found.runs, &reader, to),
        ([], [], _) => tell(&found.of_phone, &[], &reader, to),
        _ => Err(Ending::usage(&ambiguous(&name, &found))),
    }
}

fn find(name: &str, reader: &Archive, rules: &Rules) -> Result<Found, Ending> {
    let callbacks = match IdPrefix::parse(name, CALLBACK_CHARACTERS_MIN) {
        Some(prefix) => reader.callbacks_like(&prefix, NAMED_MAX)?,
        None => Vec::new(),
    };
    // A number of a run is a word of `report`; here digits are somebody's phone.
    let is_number = name.bytes().all(|byte| byte.is_ascii_digit()) && !name.starts_with('0');
    let runs = if is_number { Vec::new() } else { runs_called(name, reader)? };
    let mut of_phone = Vec::new();
    for phone in phones(name, rules) {
        if of_phone.is_empty() {
            of_phone = reader.callbacks_of(phone)?;
        }
    }
    Ok(Found { callbacks, runs, of_phone })
}

/// The numbers that a text may mean: its digits with a country code, or as somebody in the default region writes it.
fn phones(text: &str, rules: &Rules) -> Vec<E164> {
    let is_sign = |c: char| c.is_whitespace() || "+-().".contains(c);
    if !text.chars().all(|c| c.is_ascii_digit() || is_sign(c)) {
        return Vec::new();
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let whole = E164::from_canonical(&format!("+{digits}"));
    whole.into_iter().chain(phone::judge(text, rules).ok()).collect()
}

fn tell(
    callbacks: &[Kept],
    noted: &[NotedRun],
    reader: &Archive,
    (commands, desk): (&Commands, &Desk<'_>),
) -> Result<ExitCode, Ending> {
    let histories = callbacks.iter().map(|kept| reader.history(kept.enrolment.id)).collect::<Result<Vec<_>, _>>()?;
    let dossiers: Vec<Dossier<'_>> = callbacks.iter().zip(&histories).map(dossier).collect();
    if desk.common.json {
        return say(pretty(&Shown {
            callbacks: dossiers.iter().map(|told| history::sheet(told, commands)).collect(),
            runs: noted.iter().map(runs::sheet).collect(),
        }));
    }
    let told = noted.iter().map(|run| runs::one(run, commands));
    let texts: Vec<String> = told.chain(dossiers.iter().map(|told| history::text(told, commands))).collect();
    say(texts.join("\n"))
}

fn dossier<'a>((Kept { enrolment, standing }, history): (&'a Kept, &'a Vec<NotedEntry>)) -> Dossier<'a> {
    Dossier {
        id: enrolment.id,
        phone: enrolment.phone,
        window: enrolment.window,
        campaign: &enrolment.campaign,
        language: &enrolment.language,
        offset_minutes: enrolment.offset_minutes,
        standing,
        history,
    }
}

fn unknown(name: &str, ledger: &Path) -> String {
    format!(
        "nothing goes by {name:?} in the ledger {}: no callback id (8 characters or more) and no run id begins so, and \
         no callback has this phone",
        ledger.display()
    )
}

fn ambiguous(name: &str, found: &Found) -> String {
    let mut text = format!("{name:?} may be any of these; give more of it:");
    for Kept { enrolment, standing } in found.callbacks.iter().chain(&found.of_phone).take(NAMED_MAX) {
        let (id, phone, start) = (enrolment.id, enrolment.phone.masked(), enrolment.window.start().rfc3339());
        let status = standing.status(standing.run).as_str();
        let _ = write!(text, "\n  callback {id}  {phone}  {start}  {status}");
    }
    for run in found.runs.iter().take(NAMED_MAX) {
        let _ = write!(text, "\n  run {}  number {}  {}", run.id, run.number, run.started_at.rfc3339());
    }
    text
}
