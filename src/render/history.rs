//! One callback with its history, as a person and a machine read it. Whoever looks a customer up sees the phone
//! whole.

use std::fmt::Write;

use serde::Serialize;

use crate::domain::callback::CallbackId;
use crate::domain::code::Code;
use crate::domain::outcome::{Standing, Status};
use crate::domain::past::NotedEntry;
use crate::domain::phone::E164;
use crate::domain::shown::marked;
use crate::domain::time::Timestamp;
use crate::domain::window::Window;

use super::advice;
use super::surroundings::Commands;

/// Characters of a text from outside that are shown to a person.
const TEXT_MAX: usize = 500;

/// A callback that is looked up.
#[derive(Clone, Debug)]
pub struct Dossier<'a> {
    /// Its business key.
    pub id: CallbackId,
    /// Who is to be called.
    pub phone: E164,
    /// When.
    pub window: Window,
    /// By which campaign.
    pub campaign: &'a str,
    /// In which language.
    pub language: &'a str,
    /// Minutes that the customer's own clock is ahead of UTC.
    pub offset_minutes: i16,
    /// What became of it.
    pub standing: &'a Standing,
    /// All that was written down about it, the oldest first.
    pub history: &'a [NotedEntry],
}

impl Dossier<'_> {
    fn status(&self) -> Status {
        self.standing.status(self.standing.run)
    }

    /// What a person does about it.
    fn next(&self, commands: &Commands) -> String {
        advice::of_callback(self.standing).told(commands)
    }

    /// An instant, in UTC and on the customer's own clock.
    fn time(&self, at: Timestamp) -> String {
        let utc = at.rfc3339();
        if self.offset_minutes == 0 { utc } else { format!("{utc} ({})", at.rfc3339_at(self.offset_minutes)) }
    }
}

/// All that is known of a callback, for a person.
#[must_use]
pub fn text(told: &Dossier<'_>, commands: &Commands) -> String {
    let Standing { code, detail, contact_id, session_id, attempts, contact_at, sms_at, run, .. } = told.standing;
    let time = |at: &Option<Timestamp>| at.map_or_else(String::new, |at| told.time(at));
    let shown = |text: &str| marked(text, TEXT_MAX);
    let word = |text: &Option<String>| text.as_deref().map_or_else(String::new, shown);
    let lines = [
        ("phone", told.phone.reveal()),
        ("window start", told.time(told.window.start())),
        ("window end", told.time(told.window.end())),
        ("campaign", shown(told.campaign)),
        ("language", shown(told.language)),
        ("status", told.status().as_str().to_owned()),
        ("code", code.map_or("", Code::as_str).to_owned()),
        ("detail", shown(detail)),
        ("dispatch time", time(&told.standing.told_dispatch_at())),
        ("contact id", word(contact_id)),
        ("contact at", time(contact_at)),
        ("sms session id", word(session_id)),
        ("sms at", time(sms_at)),
        ("attempts", attempts.to_string()),
        ("run", run.to_string()),
        ("next", told.next(commands)),
    ];
    let mut text = format!("callback {}\n", told.id);
    for (name, told) in lines.iter().filter(|(_, told)| !told.is_empty()) {
        let _ = writeln!(text, "  {name:<16}{told}");
    }
    text.push_str("history\n");
    for NotedEntry { at, run, kind, code, detail, value } in told.history {
        let (at, run) = (at.rfc3339(), run.map_or_else(|| "?".to_owned(), |run| run.to_string()));
        let _ = write!(text, "  {at}  run {run:<5}  {}", shown(kind));
        let more = [code.map_or("", Code::as_str), value.as_deref().unwrap_or_default(), detail];
        for more in more.iter().filter(|more| !more.is_empty()) {
            let _ = write!(text, "  {}", shown(more));
        }
        text.push('\n');
    }
    text
}

/// All that is known of a callback, for a machine.
#[derive(Serialize)]
pub struct CallbackSheet<'a> {
    callback_id: String,
    phone: String,
    window_start: String,
    window_end: String,
    campaign_id: &'a str,
    language: &'a str,
    utc_offset_minutes: i16,
    status: &'static str,
    code: Option<&'static str>,
    detail: &'a str,
    next: String,
    dispatch_at: Option<String>,
    contact_id: Option<&'a str>,
    contact_at: Option<String>,
    sms_session_id: Option<&'a str>,
    sms_at: Option<String>,
    attempts: u32,
    run_id: String,
    history: Vec<EntrySheet<'a>>,
}

/// What was written down about a callback.
#[derive(Serialize)]
struct EntrySheet<'a> {
    at: String,
    run: Option<i64>,
    entry: &'a str,
    code: Option<&'static str>,
    detail: &'a str,
    value: Option<&'a str>,
}

/// All that is known of a callback, for a machine.
#[must_use]
pub fn sheet<'a>(told: &Dossier<'a>, commands: &Commands) -> CallbackSheet<'a> {
    let standing = told.standing;
    let time = |at: Option<Timestamp>| at.map(Timestamp::rfc3339);
    CallbackSheet {
        callback_id: told.id.to_string(),
        phone: told.phone.reveal(),
        window_start: told.window.start().rfc3339(),
        window_end: told.window.end().rfc3339(),
        campaign_id: told.campaign,
        language: told.language,
        utc_offset_minutes: told.offset_minutes,
        status: told.status().as_str(),
        code: standing.code.map(Code::as_str),
        detail: &standing.detail,
        next: told.next(commands),
        dispatch_at: time(standing.told_dispatch_at()),
        contact_id: standing.contact_id.as_deref(),
        contact_at: time(standing.contact_at),
        sms_session_id: standing.session_id.as_deref(),
        sms_at: time(standing.sms_at),
        attempts: standing.attempts,
        run_id: standing.run.to_string(),
        history: told.history.iter().map(entry).collect(),
    }
}

fn entry(NotedEntry { at, run, kind, code, detail, value }: &NotedEntry) -> EntrySheet<'_> {
    let (at, code) = (at.rfc3339(), code.map(Code::as_str));
    EntrySheet { at, run: *run, entry: kind, code, detail, value: value.as_deref() }
}
