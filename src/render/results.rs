//! One row of `results.csv`, as cells and as bytes. A report is tens of millions of cells: the bytes are spelled where
//! they will stand, and no cell has a place in memory of its own.

use std::borrow::Cow;

use crate::domain::callback::{Callback, CallbackId, RunId};
use crate::domain::code::Code;
use crate::domain::fault::{Fault, Faults};
use crate::domain::outcome::{Outcome, Standing};
use crate::domain::phone::SpelledPhone;
use crate::domain::presence::Presence;
use crate::domain::time::{SpelledTime, Timestamp};
use crate::logic::cells::push;

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

/// A customer's number, as far as it is known.
#[derive(Clone, Copy)]
pub enum Phone<'a> {
    /// It is one.
    Known(SpelledPhone),
    /// What the row has in its place.
    AsRead(&'a str),
}

impl Default for Phone<'_> {
    fn default() -> Self {
        Self::AsRead("")
    }
}

/// One row. Text is as it was read: what a spreadsheet would run is defused when the cells are made. It
/// holds a customer's number and has no `Debug` for that.
#[derive(Clone, Default)]
pub struct ResultRow<'a> {
    /// The input's name.
    pub input: &'a str,
    /// The physical line; `None` where there is no record.
    pub line: Option<u64>,
    /// The record's own id.
    pub record_id: &'a str,
    /// The fate.
    pub status: &'static str,
    /// What is wrong with the input row, where it is no callback.
    pub faults: Faults,
    /// Why a callback has its status, where that does not say it.
    pub code: Option<Code>,
    /// The same for a person.
    pub detail: Cow<'a, str>,
    /// The number.
    pub phone: Phone<'a>,
    /// The campaign.
    pub campaign: &'a str,
    /// The language.
    pub language: &'a str,
    /// When the window begins.
    pub start: Option<SpelledTime>,
    /// When it ends.
    pub end: Option<SpelledTime>,
    /// When the platform is to dial.
    pub dispatch_at: Option<SpelledTime>,
    /// The business key.
    pub callback_id: Option<CallbackId>,
    /// Whether its contact is on the platform; no column, but who is told of it needs to know.
    pub presence: Presence,
    /// The contact on the platform.
    pub contact_id: Option<&'a str>,
    /// The text on the platform.
    pub session_id: Option<&'a str>,
    /// Requests made for it; nothing where none could be.
    pub attempts: Option<u32>,
    /// When the contact was created.
    pub contact_at: Option<SpelledTime>,
    /// When the text was accepted.
    pub sms_at: Option<SpelledTime>,
    /// The run that brought it to its status.
    pub run: Option<RunId>,
}

impl<'a> ResultRow<'a> {
    /// Takes over what a callback is.
    pub fn tell_callback(&mut self, callback: &Callback, campaign: &'a str, language: &'a str) {
        let window = callback.window();
        let (phone, times) = (callback.phone.spelled(), SpelledTime::both(window.start(), window.end()));
        self.callback_id = Some(CallbackId::of_spelled(&phone, &times, campaign));
        self.phone = Phone::Known(phone);
        (self.campaign, self.language) = (campaign, language);
        (self.start, self.end) = (Some(times[0]), Some(times[1]));
    }

    /// Takes over what became of it. `of` says where the row of a duplicate stands that counts.
    pub fn tell_outcome(&mut self, outcome: &'a Outcome, this_run: RunId, of: impl FnOnce() -> String) {
        self.status = outcome.status(this_run).as_str();
        self.run = Some(this_run);
        match outcome {
            Outcome::Valid => {}
            Outcome::Planned(at) => self.dispatch_at = Some(at.spelled()),
            Outcome::Duplicate { .. } => self.detail = of().into(),
            Outcome::OutsideHours(finding) => {
                (self.faults, self.detail) = (Faults::of(std::slice::from_ref(finding)), finding.detail().into());
            }
            Outcome::Past(code) => self.code = Some(*code),
            Outcome::Unplanned { code, detail, .. } => {
                (self.code, self.detail) = (Some(*code), detail.as_str().into());
            }
            Outcome::Stands(standing) => self.tell_standing(standing),
        }
    }

    fn tell_standing(&mut self, standing: &'a Standing) {
        self.code = standing.code;
        self.detail = standing.detail.as_str().into();
        self.dispatch_at = standing.told_dispatch_at().map(Timestamp::spelled);
        self.presence = Presence::of(standing.progress);
        self.contact_id = standing.contact_id.as_deref();
        self.session_id = standing.session_id.as_deref();
        self.attempts = Some(standing.attempts);
        (self.contact_at, self.sms_at) =
            (standing.contact_at.map(Timestamp::spelled), standing.sms_at.map(Timestamp::spelled));
        self.run = Some(standing.run);
    }

    /// All codes that say why.
    pub fn codes(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.faults.iter().map(Fault::code).chain(self.code.map(Code::as_str))
    }

    /// Adds the row with its line end, to the byte as the crate `csv` writes its cells in the order of [`COLUMNS`].
    pub fn write(&self, out: &mut Vec<u8>) {
        let mut line = Line { out };
        line.text(self.input);
        line.number(self.line);
        line.text(self.record_id);
        line.plain(self.status.as_bytes());
        line.codes(self.codes());
        line.text(&self.detail);
        match &self.phone {
            Phone::Known(number) => line.plain(number.as_bytes()),
            Phone::AsRead(text) => line.text(text),
        }
        line.text(self.campaign);
        line.text(self.language);
        line.time(self.start.as_ref());
        line.time(self.end.as_ref());
        line.time(self.dispatch_at.as_ref());
        line.plain_or_empty(self.callback_id.map(|id| id.spelled()).as_ref());
        line.text(self.contact_id.unwrap_or_default());
        line.text(self.session_id.unwrap_or_default());
        line.number(self.attempts.map(u64::from));
        line.time(self.contact_at.as_ref());
        line.time(self.sms_at.as_ref());
        line.plain_or_empty(self.run.map(|run| run.spelled()).as_ref());
        line.end();
    }
}

const DELIMITER: u8 = b',';

/// A line as it grows; behind each cell stands a delimiter.
struct Line<'v> {
    out: &'v mut Vec<u8>,
}

impl Line<'_> {
    /// A cell that holds what others wrote.
    fn text(&mut self, cell: &str) {
        if !cell.is_empty() {
            push(self.out, cell.as_bytes(), DELIMITER);
        }
        self.out.push(DELIMITER);
    }

    /// A cell that needs no quotes and that no spreadsheet would run.
    fn plain(&mut self, cell: &[u8]) {
        self.out.extend_from_slice(cell);
        self.out.push(DELIMITER);
    }

    fn codes(&mut self, codes: impl Iterator<Item = &'static str>) {
        for (place, code) in codes.enumerate() {
            let before: &[u8] = if place == 0 { b"" } else { b";" };
            self.out.extend_from_slice(before);
            self.out.extend_from_slice(code.as_bytes());
        }
        self.out.push(DELIMITER);
    }

    fn plain_or_empty<const N: usize>(&mut self, cell: Option<&[u8; N]>) {
        if let Some(cell) = cell {
            self.out.extend_from_slice(cell);
        }
        self.out.push(DELIMITER);
    }

    fn time(&mut self, at: Option<&SpelledTime>) {
        self.plain_or_empty(at.map(SpelledTime::as_bytes));
    }

    fn number(&mut self, number: Option<u64>) {
        if let Some(number) = number {
            self.out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
        }
        self.out.push(DELIMITER);
    }

    fn end(self) {
        self.out.pop();
        self.out.push(b'\n');
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::phone::E164;
    use crate::logic::cells::defuse;

    /// The cells, in the order of [`COLUMNS`].
    pub(in crate::render) fn cells<'a>(row: &'a ResultRow<'_>) -> [Cow<'a, str>; 19] {
        let text = |text: Option<&'a str>| defuse(text.unwrap_or_default());
        [
            defuse(row.input),
            row.line.map_or(Cow::Borrowed(""), |line| line.to_string().into()),
            defuse(row.record_id),
            row.status.into(),
            row.codes().collect::<Vec<_>>().join(";").into(),
            defuse(&row.detail),
            match &row.phone {
                Phone::Known(number) => number.as_str().into(),
                Phone::AsRead(text) => defuse(text),
            },
            defuse(row.campaign),
            defuse(row.language),
            spelled(row.start.as_ref()),
            spelled(row.end.as_ref()),
            spelled(row.dispatch_at.as_ref()),
            row.callback_id.map_or(Cow::Borrowed(""), |id| id.to_string().into()),
            text(row.contact_id),
            text(row.session_id),
            row.attempts.map_or(Cow::Borrowed(""), |attempts| attempts.to_string().into()),
            spelled(row.contact_at.as_ref()),
            spelled(row.sms_at.as_ref()),
            row.run.map_or(Cow::Borrowed(""), |run| run.to_string().into()),
        ]
    }

    fn spelled(at: Option<&SpelledTime>) -> Cow<'_, str> {
        at.map_or("", SpelledTime::as_str).into()
    }

    /// Text of everything, and text of little but what CSV and spreadsheets mind.
    fn text() -> impl Strategy<Value = String> {
        prop_oneof![any::<String>(), "[-=@+\\t\"\r\n,;a0é]{0,24}", Just(String::new())]
    }

    fn time() -> impl Strategy<Value = Option<SpelledTime>> {
        option::of((-63_000_000_000..=254_000_000_000_i64).prop_map(|at| Timestamp::from_unix(at).spelled()))
    }

    proptest! {
        #[test]
        fn a_row_is_written_as_the_library_writes_its_cells(
            texts in vec(text(), 7),
            ids in (option::of(text()), option::of(text()), option::of(any::<[u8; 16]>()), option::of(any::<u128>())),
            times in vec(time(), 5),
            numbers in (option::of(any::<u64>()), option::of(any::<u32>()), 1_000_000_u64..=999_999_999_999_999),
            known in any::<bool>(),
        ) {
            let phone = if known { E164::from_digits(numbers.2).map(|number| Phone::Known(number.spelled())) } else { None };
            let row = ResultRow {
                input: &texts[0],
                line: numbers.0,
                record_id: &texts[1],
                status: "in_doubt",
                faults: [Fault::PhoneInvalid, Fault::TimeMissing].into_iter().collect(),
                code: None,
                detail: texts[2].as_str().into(),
                phone: phone.unwrap_or(Phone::AsRead(&texts[3])),
                campaign: &texts[4],
                language: &texts[5],
                start: times[0],
                end: times[1],
                dispatch_at: times[2],
                callback_id: ids.2.map(CallbackId::from_bytes),
                presence: Presence::There,
                contact_id: ids.0.as_deref(),
                session_id: ids.1.as_deref(),
                attempts: numbers.1,
                contact_at: times[3],
                sms_at: times[4],
                run: ids.3.map(|id| RunId(uuid::Uuid::from_u128(id))),
            };
            let mut library = csv::Writer::from_writer(Vec::new());
            library.write_record(cells(&row).iter().map(|cell| cell.as_bytes())).expect("memory");
            let mut written = b"earlier rows\n".to_vec();
            row.write(&mut written);
            prop_assert_eq!(&written[13..], library.into_inner().expect("memory"));
        }
    }
}
