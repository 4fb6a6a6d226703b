//! What a person has settled, with phones masked.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::domain::callback::CallbackId;
use crate::domain::outcome::Status;
use crate::domain::phone::E164;

use super::advice::{Advice, Doubtful, Gain};
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
    let callbacks = if settled.len() == 1 { "callback" } else { "callbacks" };
    let mut text = format!("settled {} {callbacks}\n", settled.len());
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

/// The same for a machine.
#[must_use]
pub fn to_json(settled: &[Settled]) -> Value {
    let one = |Settled { id, phone, was, is }: &Settled| json!({ "callback_id": id.to_string(), "phone": phone.masked(), "was": was.as_str(), "status": is.as_str() });
    settled.iter().map(one).collect()
}
