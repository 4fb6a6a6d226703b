//! What a person should do next: made from what is known and spelled here alone, in commands that work as they are
//! printed.

use crate::domain::callback::CallbackId;
use crate::domain::code::Code;
use crate::domain::outcome::{Standing, Status};
use crate::domain::report::Report;

use super::surroundings::{Commands, Onward, Source, Surroundings};

/// What a person should do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Wait for the end of a run that goes on.
    Wait,
    /// Mend what stopped the run; this does the rest.
    Mend(Onward),
    /// Let this go on, for what it does.
    GoOn(Onward, Gain),
    /// Say what became of what is in doubt.
    Settle(Doubtful),
    /// Look at the codes, and try again what was refused.
    RetryFailed,
    /// Try a refused callback or text again.
    RetryOne,
    /// Try a callback afresh once its forecast has agents.
    RetryWithAgents,
    /// Give the input of callbacks to a run that will not be called otherwise.
    RetryNotSent,
    /// Repair the rejected records that are here.
    Repair(String),
    /// Ask for a report, which says which rows are rejected.
    AskForReport,
    /// Give the input of runs that died early again, or dismiss them.
    GiveInput {
        /// The number of the run; `None` where there are several.
        run: Option<i64>,
        /// Whether the ledger would notice that the input came again.
        is_known: bool,
    },
    /// End the pause.
    Unpause,
    /// Look whether the platform's export is the right one.
    CheckExport,
    /// Read what the rows of a comparison say.
    ReadDetails,
    /// Have a comparison settle what was in doubt.
    LetSettle,
    /// Nothing: it is done.
    Done,
    /// Nothing: its window has closed.
    Closed,
    /// Nothing: the contact was there before the ledger.
    WasThere,
}

/// What is gained where a run goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gain {
    /// What is pending is done.
    Pending,
    /// What a run left is finished.
    Left,
    /// The texts that wait are sent.
    WaitingTexts,
    /// A text that waits is sent.
    WaitingText,
    /// One callback is done.
    Callback,
    /// Some callbacks are done.
    Callbacks,
    /// One request is finished.
    Request,
    /// All that is owed is sent.
    Owed,
    /// The texts that are owed are sent.
    OwedTexts,
    /// Contacts are created.
    Contacts,
    /// What is planned is done.
    Planned,
}

/// What is in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubtful {
    /// Callbacks, said in brief.
    Callbacks,
    /// Callbacks, with how to settle them.
    All,
    /// Whether a contact exists.
    Contact,
    /// Whether a text went out.
    Text,
    /// Whether a customer was texted whose contact was there before the ledger.
    TextOfExisting,
    /// Whether texts went out, of contacts that were found just now.
    TextsOfFound,
    /// The same, said in brief.
    Again,
    /// A contact that the platform's export has.
    Found(CallbackId),
    /// A contact that the platform's export does not have.
    Absent(CallbackId),
}

/// Conditions under which the same command would stop at the same place.
const MENDED_FIRST: [u8; 5] = [65, 70, 74, 77, 78];

/// What a person does about a run, in order.
#[must_use]
pub fn of_run(report: &Report, around: &Surroundings<'_>) -> Vec<Advice> {
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
#[must_use]
pub fn of_callback(standing: &Standing) -> Advice {
    match (standing.status(standing.run), standing.code) {
        (Status::SmsFailed, Some(Code::SettleNotSent)) if standing.contact_at.is_none() => Advice::WasThere,
        (Status::SmsWaiting, _) => Advice::GoOn(Onward::Resume, Gain::WaitingText),
        (Status::Pending, _) => Advice::GoOn(Onward::Resume, Gain::Callback),
        (Status::InDoubt, _) => Advice::Settle(Doubtful::Contact),
        (Status::SmsInDoubt, Some(Code::ContactExisted)) => Advice::Settle(Doubtful::TextOfExisting),
        (Status::SmsInDoubt, _) => Advice::Settle(Doubtful::Text),
        (Status::Failed, Some(Code::ForecastEmpty | Code::ForecastNoAgents)) => Advice::RetryWithAgents,
        (Status::Failed | Status::SmsFailed, _) => Advice::RetryOne,
        (Status::Expired, _) => Advice::Closed,
        (
            Status::Confirmed
            | Status::Scheduled
            | Status::AlreadyDone
            | Status::Duplicate
            | Status::Valid
            | Status::Planned
            | Status::Rejected,
            _,
        ) => Advice::Done,
    }
}

impl Advice {
    /// The sentence, without a point; commands stand between backticks.
    #[must_use]
    pub fn told(&self, commands: &Commands) -> String {
        match self {
            Self::Wait => format!(
                "wait for its end: what is pending now may be done by then; `{}` says how it ended",
                commands.ringback("runs")
            ),
            Self::Mend(onward) => format!("mend what stopped the run; then {} does the rest", onward.told(commands)),
            Self::GoOn(onward, gain) => format!("{}{}", onward.told(commands), gain.told()),
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
            Self::GiveInput { run, is_known } => give_input(*run, *is_known, commands),
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

impl Gain {
    /// What follows on whoever does it.
    fn told(self) -> &'static str {
        match self {
            Self::Pending => " goes on with what is pending",
            Self::Left => " finishes what it left, and says whether its input is needed once more",
            Self::WaitingTexts => ", in texting hours, sends the texts that wait",
            Self::WaitingText => ", in texting hours, sends the text",
            Self::Callback => ", or the same command again, goes on with it",
            Self::Callbacks => " goes on with them",
            Self::Request => " finishes it",
            Self::Owed => " sends what is owed",
            Self::OwedTexts => " sends the texts that are owed",
            Self::Contacts => " creates their contacts",
            Self::Planned => " does what is planned",
        }
    }
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
            Advice::GiveInput { run: Some(7), is_known: true },
            Advice::GiveInput { run: None, is_known: false },
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
