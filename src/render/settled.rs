//! What a person has settled, with phones masked.

use std::fmt::Write;

use serde::Serialize;

use crate::domain::callback::CallbackId;
use crate::domain::outcome::Status;
use crate::domain::phone::E164;

use super::advice::{Advice, Doubtful, Gain};
use super::plan_table::counted;
use super::surroundings::{Commands, Onward};

/// A callback that was in doubt, and is no longer.
#[derive(Clone, Copy, Debug)]
pub struct Settled {
    /// Its business key.
    pub id: CallbackId,
    /// Whose it is.
    pub phone: E164,
    /// How it stood.
    pub was: Status,
    /// How it stands.
    pub is: Status,
}

/// The table, and what comes next.
#[must_use]
pub fn table(settled: &[Settled], commands: &Commands) -> String {
    let mut text = format!("settled {}\n", counted(settled.len() as u64, "callback"));
    for Settled { id, phone, was, is } in settled {
        let (phone, was, is) = (phone.masked(), was.as_str(), is.as_str());
        let _ = writeln!(text, "  {id}  {phone:<16}  {was} -> {is}");
    }
    let steps = [
        (Status::Pending, Advice::GoOn(Onward::Resume, Gain::Owed)),
        (Status::SmsInDoubt, Advice::Settle(Doubtful::TextsOfFound)),
    ];
    for (_, step) in steps.iter().filter(|(is, _)| settled.iter().any(|settled| settled.is == *is)) {
        let _ = writeln!(text, "next: {}", step.told(commands));
    }
    text
}

/// One of them for a machine.
#[derive(Serialize)]
pub struct SettledSheet {
    callback_id: String,
    phone: String,
    was: &'static str,
    status: &'static str,
}

/// The same for a machine.
#[must_use]
pub fn sheets(settled: &[Settled]) -> Vec<SettledSheet> {
    let one = |Settled { id, phone, was, is }: &Settled| {
        let (callback_id, phone, was, status) = (id.to_string(), phone.masked(), was.as_str(), is.as_str());
        SettledSheet { callback_id, phone, was, status }
    };
    settled.iter().map(one).collect()
}
