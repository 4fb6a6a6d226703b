//! What a person should do next: made from what is known and spelled here alone, in commands that work as they are
//! printed.

use strum::IntoStaticStr;

use crate::domain::callback::CallbackId;
use crate::domain::code::Code;
use crate::domain::exit::ExitCode;
use crate::domain::outcome::{Standing, Status};
use crate::domain::report::Report;

use super::surroundings::{Commands, Onward, Source, Surroundings};

/// What a person should do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Advice {
    Wait,
    Mend(Onward),
    GoOn(Onward, Gain),
    Settle(Doubtful),
    RetryFailed,
    RetryOne,
    RetryWithAgents,
    RetryNotSent,
    /// The rejected records that are here.
    Repair(String),
    AskForReport,
    /// To this run, or to several; and whether the ledger would notice that it came again.
    GiveInput(Option<i64>, bool),
    Unpause,
    CheckExport,
    ReadDetails,
    LetSettle,
    Done,
    Closed,
    WasThere,
}

/// What a run is to go on for, and the words that follow on whoever does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
pub(crate) enum Gain {
    #[strum(serialize = " goes on with what is pending")]
    Pending,
    #[strum(serialize = " finishes what it left, and says whether its input is needed once more")]
    Left,
    #[strum(serialize = ", in texting hours, sends the texts that wait")]
    WaitingTexts,
    #[strum(serialize = ", in texting hours, sends the text")]
    WaitingText,
    #[strum(serialize = ", or the same command again, goes on with it")]
    Callback,
    #[strum(serialize = " goes on with them")]
    Callbacks,
    #[strum(serialize = " finishes it")]
    Request,
    #[strum(serialize = " sends what is owed")]
    Owed,
    #[strum(serialize = " sends the texts that are owed")]
    OwedTexts,
    #[strum(serialize = " creates their contacts")]
    Contacts,
    #[strum(serialize = " does what is planned")]
    Planned,
}

/// What is in doubt; `Callbacks` and `Again` are said in brief.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doubtful {
    Callbacks,
    All,
    Contact,
    Text,
    /// Of a contact that was there before the ledger.
    TextOfExisting,
    /// Of contacts that were found just now.
    TextsOfFound,
    Again,
    /// By the platform's export.
    Found(CallbackId),
    Absent(CallbackId),
}

/// Conditions under which the same command would stop at the same place.
const MENDED_FIRST: [ExitCode; 5] =
    [ExitCode::Input, ExitCode::Fault, ExitCode::Io, ExitCode::Denied, ExitCode::Settings];

/// What a person does about a run, in order.
pub(crate) fn of_run(report: &Report, around: &Surroundings<'_>) -> Vec<Advice> {
    let has = |statuses: &[Status]| statuses.iter().any(|status| report.by_status.contains_key(status));
    if around.source == Source::Beside {
        return vec![Advice::Wait];
    }
    let Some(rejects) = around.rejects() else {
        return if has(&[Status::Rejected]) { vec![Advice::AskForReport] } else { Vec::new() };
    };
    let stopped = report.conditions.iter().any(|code| MENDED_FIRST.contains(code));
    let (onward, is_pending) = (around.onward(report), has(&[Status::Pending]));
    let steps = [
        (stopped, Advice::Mend(onward)),
        (!stopped && is_pending, Advice::GoOn(onward, Gain::Pending)),
        (report.finished_at.is_none() && !is_pending, Advice::GoOn(onward, Gain::Left)),
        (has(&[Status::SmsWaiting]), Advice::GoOn(onward, Gain::WaitingTexts)),
        (has(&[Status::InDoubt, Status::SmsInDoubt]), Advice::Settle(Doubtful::All)),
        (has(&[Status::Failed, Status::SmsFailed]), Advice::RetryFailed),
        (!stopped && has(&[Status::Rejected]), Advice::Repair(rejects)),
    ];
    steps.into_iter().filter(|(applies, _)| *applies).map(|(_, step)| step).collect()
}

/// What a person does about a callback that stands so.
pub(crate) fn of_callback(standing: &Standing) -> Advice {
    let (status, code) = (standing.status(standing.run), standing.code);
    let was_there = code == Some(Code::SettleNotSent) && standing.contact_at.is_none();
    let without_agents = matches!(code, Some(Code::ForecastEmpty | Code::ForecastNoAgents));
    let steps = [
        (Status::SmsFailed, was_there, Advice::WasThere),
        (Status::SmsFailed, true, Advice::RetryOne),
        (Status::SmsWaiting, true, Advice::GoOn(Onward::Resume, Gain::WaitingText)),
        (Status::Pending, true, Advice::GoOn(Onward::Resume, Gain::Callback)),
        (Status::InDoubt, true, Advice::Settle(Doubtful::Contact)),
        (Status::SmsInDoubt, code == Some(Code::ContactExisted), Advice::Settle(Doubtful::TextOfExisting)),
        (Status::SmsInDoubt, true, Advice::Settle(Doubtful::Text)),
        (Status::Failed, without_agents, Advice::RetryWithAgents),
        (Status::Failed, true, Advice::RetryOne),
        (Status::Expired, true, Advice::Closed),
    ];
    let found = steps.into_iter().find(|(of, applies, _)| *of == status && *applies);
    found.map_or(Advice::Done, |(.., step)| step)
}

impl Advice {
    /// The sentence, without a point; commands stand between backticks.
    pub(crate) fn told(&self, commands: &Commands) -> String {
        match self {
            Self::Wait => format!(
                "wait for its end: what is pending now may be done by then; `{}` says how it ended",
                commands.ringback("runs")
            ),
            Self::Mend(onward) => format!("mend what stopped the run; then {} does the rest", onward.told(commands)),
            Self::GoOn(onward, gain) => onward.told(commands) + gain.into(),
            Self::Settle(what) => what.told(&commands.ringback("settle")),
            Self::RetryFailed => {
                "the code of each failed row says why; --retry-failed tries what was refused again".into()
            }
            Self::RetryOne => "the same command again with --retry-failed tries it again".into(),
            Self::RetryWithAgents => {
                "the same command again tries it afresh, once the forecast has agents in its window".into()
            }
            Self::RetryNotSent => format!(
                "nobody calls these customers, and no run creates their contacts, unless `{}` is given their input with \
                 --retry-failed",
                commands.run()
            ),
            Self::Repair(rejects) => {
                format!("repair the records in {rejects}, move the file elsewhere, and give it to ringback")
            }
            Self::AskForReport => "with --out DIR there is a report that says which rows".into(),
            Self::GiveInput(run, is_known) => give_input(*run, *is_known, commands),
            Self::Unpause => format!("`{}` ends the pause", commands.ringback("unpause")),
            Self::CheckExport => {
                "the platform's export has not one contact: look whether it is the right one, and whole".into()
            }
            Self::ReadDetails => "the detail of each row says what to do; rows that are `matched` need nothing".into(),
            Self::LetSettle => "the same command with --settle decides what was in doubt".into(),
            Self::Done => "nothing: it is done".into(),
            Self::Closed => "nothing: its window has closed".into(),
            Self::WasThere => {
                "nothing: the contact was on the platform before this ledger, for a time that is not known here".into()
            }
        }
    }
}

fn give_input(run: Option<i64>, is_known: bool, commands: &Commands) -> String {
    let (rerun, dismiss) = (commands.run(), commands.ringback("runs"));
    let Some(run) = run else {
        let piped = if is_known { "" } else { ", or was given where it came from standard input" };
        return format!(
            "give that input to `{rerun}` again, or say with `{dismiss} --dismiss RUN` that it is not needed{piped}"
        );
    };
    let (say, why) =
        if is_known { ("or say", "is not needed") } else { ("and then say", "was given, or is not needed") };
    format!("give that input to `{rerun}` again, {say} with `{dismiss} --dismiss {run}` that it {why}")
}

impl Doubtful {
    fn told(self, settle: &str) -> String {
        match self {
            Self::Callbacks => format!("look on the platform, then `{settle}`"),
            Self::All => format!(
                "look up on the platform what is in doubt, by callback_id or phone; then `{settle} ID --as sent`, \
                 `not-sent` or `retry`, or all with `--from`"
            ),
            Self::Contact => format!(
                "look on the platform for the contact, by the callback id or the phone; then `{settle} ID --as sent`, \
                 `not-sent` or `retry`"
            ),
            Self::Text => format!(
                "look on the platform whether the text went out; then `{settle} ID --as sent`, `not-sent` or `retry`"
            ),
            Self::TextOfExisting => format!(
                "the contact was on the platform before this ledger: look whether the customer was texted; then \
                 `{settle} ID --as sent` or `not-sent`"
            ),
            Self::TextsOfFound => {
                "these contacts are there; look whether their texts went out too, and settle them again".into()
            }
            Self::Again => format!("look there, then `{settle}` once more"),
            Self::Found(id) => format!("`{settle} {} --as sent`, or --settle here", id.reference()),
            Self::Absent(id) => format!(
                "look whether the export is whole; then `{settle} {} --as not-sent` or `--as retry`, or --settle here",
                id.reference()
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::callback::RunId;
    use crate::domain::progress::Progress;

    #[test]
    fn whatever_asks_for_an_exit_code_has_advice() {
        for progress in Progress::ALL {
            let standing = Standing { progress, ..Standing::untouched(RunId(uuid::Uuid::nil())) };
            let is_done = matches!(progress, Progress::Confirmed | Progress::Scheduled);
            assert_eq!(of_callback(&standing) == Advice::Done, is_done, "{progress:?}");
        }
    }

    #[test]
    fn every_command_names_the_ledger() {
        let commands = Commands::naming(" --ledger l.db");
        let all = [
            Advice::Wait,
            Advice::Mend(Onward::Run),
            Advice::GoOn(Onward::AfterPause, Gain::Pending),
            Advice::Settle(Doubtful::Callbacks),
            Advice::Settle(Doubtful::Found(CallbackId::from_bytes([7; 16]))),
            Advice::RetryNotSent,
            Advice::GiveInput(Some(7), true),
            Advice::GiveInput(None, false),
            Advice::Unpause,
        ];
        for advice in all {
            let told = advice.told(&commands);
            let named = told.split('`').filter(|piece| piece.starts_with("ringback "));
            assert!(named.clone().count() > 0, "{told}");
            named.for_each(|command| assert!(command.contains(" --ledger l.db"), "{told}"));
        }
    }
}
