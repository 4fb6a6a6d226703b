//! One row of `results.csv`.

use std::borrow::Cow;

use crate::domain::callback::{Callback, CallbackId, RunId};
use crate::domain::code::Code;
use crate::domain::outcome::{Outcome, Standing};
use crate::domain::time::Timestamp;
use crate::logic::cells::defuse;

/// The columns, in order: a promise to their readers. New ones go to the end.
pub const COLUMNS: [&str; 19] = [
    "input",
    "line",
    "record_id",
    "status",
    "code",
    "detail",
    "phone",
    "campaign_id",
    "language",
    "window_start",
    "window_end",
    "dispatch_at",
    "callback_id",
    "contact_id",
    "sms_session_id",
    "attempts",
    "contact_at",
    "sms_at",
    "run_id",
];

/// One row. Text is as it was read: what a spreadsheet would run is defused when the cells are made.
#[derive(Clone, Debug, Default)]
pub struct ResultRow<'a> {
    /// The input's name.
    pub input: &'a str,
    /// The physical line; `None` where there is no record.
    pub line: Option<u64>,
    /// The record's own id.
    pub record_id: &'a str,
    /// The fate.
    pub status: &'static str,
    /// Why.
    pub code: Cow<'a, str>,
    /// The same for a person.
    pub detail: Cow<'a, str>,
    /// The number, E.164 where it is one.
    pub phone: Cow<'a, str>,
    /// The campaign.
    pub campaign: &'a str,
    /// The language.
    pub language: &'a str,
    /// When the window begins.
    pub start: Option<Timestamp>,
    /// When it ends.
    pub end: Option<Timestamp>,
    /// When the platform is to dial.
    pub dispatch_at: Option<Timestamp>,
    /// The business key.
    pub callback_id: Option<CallbackId>,
    /// The contact on the platform.
    pub contact_id: Option<&'a str>,
    /// The text on the platform.
    pub session_id: Option<&'a str>,
    /// Requests made for it; nothing where none could be.
    pub attempts: Option<u32>,
    /// When the contact was created.
    pub contact_at: Option<Timestamp>,
    /// When the text was accepted.
    pub sms_at: Option<Timestamp>,
    /// The run that brought it to its status.
    pub run: Option<RunId>,
}

impl<'a> ResultRow<'a> {
    /// Takes over what a callback is.
    pub fn tell_callback(&mut self, callback: &Callback, campaign: &'a str, language: &'a str) {
        let window = callback.window();
        self.phone = callback.phone.reveal().into();
        (self.campaign, self.language) = (campaign, language);
        (self.start, self.end) = (Some(window.start()), Some(window.end()));
        self.callback_id = Some(CallbackId::of(callback.phone, window, campaign));
    }

    /// Takes over what became of it. `of` says where the row of a duplicate stands that counts.
    pub fn tell_outcome(&mut self, outcome: &'a Outcome, this_run: RunId, of: impl FnOnce() -> String) {
        self.status = outcome.status(this_run).as_str();
        self.run = Some(this_run);
        match outcome {
            Outcome::Valid => {}
            Outcome::Planned(at) => self.dispatch_at = Some(*at),
            Outcome::Duplicate { .. } => self.detail = of().into(),
            Outcome::OutsideHours(finding) => {
                (self.code, self.detail) = (finding.fault.code().into(), finding.detail.as_str().into());
            }
            Outcome::Past(code) => self.code = code.as_str().into(),
            Outcome::Unplanned { code, detail, .. } => {
                (self.code, self.detail) = (code.as_str().into(), detail.as_str().into());
            }
            Outcome::Stands(standing) => self.tell_standing(standing),
        }
    }

    fn tell_standing(&mut self, standing: &'a Standing) {
        self.code = standing.code.map_or("", Code::as_str).into();
        self.detail = standing.detail.as_str().into();
        self.dispatch_at = standing.dispatch_at;
        self.contact_id = standing.contact_id.as_deref();
        self.session_id = standing.session_id.as_deref();
        self.attempts = Some(standing.attempts);
        (self.contact_at, self.sms_at) = (standing.contact_at, standing.sms_at);
        self.run = Some(standing.run);
    }

    /// The cells, in the order of [`COLUMNS`].
    #[must_use]
    pub fn cells(&self) -> [Cow<'_, str>; 19] {
        let time = |at: Option<Timestamp>| at.map_or(Cow::Borrowed(""), |at| at.rfc3339().into());
        let text = |text: Option<&'a str>| defuse(text.unwrap_or_default());
        [
            defuse(self.input),
            self.line.map_or(Cow::Borrowed(""), |line| line.to_string().into()),
            defuse(self.record_id),
            self.status.into(),
            self.code.as_ref().into(),
            defuse(&self.detail),
            defuse(&self.phone),
            defuse(self.campaign),
            defuse(self.language),
            time(self.start),
            time(self.end),
            time(self.dispatch_at),
            self.callback_id.map_or(Cow::Borrowed(""), |id| id.to_string().into()),
            text(self.contact_id),
            text(self.session_id),
            self.attempts.map_or(Cow::Borrowed(""), |attempts| attempts.to_string().into()),
            time(self.contact_at),
            time(self.sms_at),
            self.run.map_or(Cow::Borrowed(""), |run| run.to_string().into()),
        ]
    }
}
