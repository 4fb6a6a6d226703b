//! How it ended, in one sentence: what somebody sees who reads one line of a mail.

use crate::domain::exit::ExitCode;
use crate::domain::outcome::Status;
use crate::domain::report::Report;

use super::advice::{Advice, Doubtful};
use super::surroundings::Surroundings;

/// The sentence: how it ended and what to do about the worst, then what is beside it.
pub(super) fn verdict(report: &Report, around: &Surroundings<'_>) -> String {
    let Some((&worst, others)) = report.conditions.split_first() else {
        return format!("ringback {}: {}.", around.command, all_well(report, around));
    };
    let others: Vec<String> = others.iter().filter_map(|&code| beside(code, report)).collect();
    let also = if others.is_empty() { String::new() } else { format!("; also {}", others.join(", ")) };
    format!("ringback {}: {}{also}.", around.command, trouble(worst, report, around))
}

fn all_well(report: &Report, around: &Surroundings<'_>) -> String {
    let waiting = of(report, &[Status::SmsWaiting]);
    match around.command {
        _ if report.rows == 0 => "there was nothing to do".to_owned(),
        // It takes up what is owed; what was in doubt before is a person's.
        "resume" if waiting == 0 => "all that was owed is done".to_owned(),
        "validate" => "every row is a callback".to_owned(),
        "plan" => "all is placed or settled, and nothing was sent".to_owned(),
        _ if waiting > 0 => {
            let texts = counted(waiting, "text waits", "texts wait");
            let onward = around.onward(report).told(&around.commands);
            format!("all is settled but {texts} for texting hours: then {onward}")
        }
        _ => "all is settled, nothing to do".to_owned(),
    }
}

fn trouble(worst: ExitCode, report: &Report, around: &Surroundings<'_>) -> String {
    use ExitCode::{
        Busy, Denied, Done, Failed, Fault, InDoubt, Input, Io, NotThere, Pending, Rejected, Settings, Usage,
    };
    let halt = around.halt.as_deref().unwrap_or("see the log");
    let is_plan_of_inputs = around.command == "plan" && !around.is_kept;
    match worst {
        Rejected => {
            let rows = counted(of(report, &[Status::Rejected]), "row is", "rows are");
            format!("{rows} rejected, all else is well: repair what stands in the rejects file")
        }
        // Nothing is pending, and yet not all is done: the reason says what goes on.
        Pending if of(report, &[Status::Pending]) == 0 && !is_plan_of_inputs && around.halt.is_some() => {
            halt.to_owned()
        }
        Pending => format!("{}: {} goes on", early(report, around), around.onward(report).told(&around.commands)),
        InDoubt => {
            let callbacks = counted(of(report, DOUBTS), "callback is", "callbacks are");
            format!("{callbacks} in doubt: {}", Advice::Settle(Doubtful::Callbacks).told(&around.commands))
        }
        Failed => {
            let callbacks = counted(of(report, LOSSES), "valid callback", "valid callbacks");
            format!("{callbacks} came to nothing or without a text: the code of each row says why")
        }
        Input => format!("nothing was sent: {halt}"),
        Usage | Fault | Settings | Denied | Io | NotThere | Busy | Done => {
            format!("it stopped and needs mending: {halt}")
        }
    }
}

fn early(report: &Report, around: &Surroundings<'_>) -> String {
    match (of(report, &[Status::Pending]), around.command) {
        (0, _) => "not all could be done".to_owned(),
        (pending, "plan") => format!("{} without a time", counted(pending, "callback is", "callbacks are")),
        (pending, _) => format!("it stopped early, {} pending", counted(pending, "callback is", "callbacks are")),
    }
}

const DOUBTS: &[Status] = &[Status::InDoubt, Status::SmsInDoubt];
const LOSSES: &[Status] = &[Status::Failed, Status::SmsFailed, Status::Expired];

/// What is beside the worst, where rows tell it.
const BESIDE: [(ExitCode, &[Status], &str); 4] = [
    (ExitCode::Rejected, &[Status::Rejected], "rejected"),
    (ExitCode::Pending, &[Status::Pending], "pending"),
    (ExitCode::InDoubt, DOUBTS, "in doubt"),
    (ExitCode::Failed, LOSSES, "failed or expired"),
];

fn beside(code: ExitCode, report: &Report) -> Option<String> {
    let (_, statuses, word) = BESIDE.iter().find(|(known, ..)| *known == code)?;
    Some(of(report, statuses)).filter(|count| *count > 0).map(|count| format!("{count} {word}"))
}

fn of(report: &Report, statuses: &[Status]) -> u64 {
    statuses.iter().filter_map(|status| report.by_status.get(status)).sum()
}

fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
