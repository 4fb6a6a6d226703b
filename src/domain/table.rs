//! What analysts are given of a ledger: three tables, their columns, and the cells of a row. Names are those of
//! `results.csv` where the thing is the same. They are a promise: new columns go to the end.

use std::borrow::Cow;

use strum::{IntoStaticStr, VariantArray};

/// One of the three tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Table {
    /// A row a run.
    Runs,
    /// A row a callback, as it stands now.
    Callbacks,
    /// A row an entry: each change of a callback, with its time and its run.
    Entries,
}

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What its cells are.
    pub kind: Kind,
    /// Whether each row has one.
    pub presence: Presence,
}

/// What the cells of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text that is another one in nearly every row.
    Id,
    /// Text.
    Text,
    /// One of a few words.
    Category,
    /// A whole number.
    Integer,
    /// An instant to the second.
    Second,
    /// An instant to the millisecond.
    Millisecond,
}

/// Whether each row has a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Each has.
    Always,
    /// Not before something is known or has happened.
    WhereKnown,
}

/// A cell of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell<'a> {
    /// There is nothing.
    Nothing,
    /// Text, a word or an id.
    Text(Cow<'a, str>),
    /// A whole number.
    Integer(i64),
    /// Milliseconds of the Unix clock.
    Time(i64),
}

impl Table {
    /// All three, in the order in which they are read.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Its columns, in order.
    #[must_use]
    pub fn columns(self) -> &'static [Column] {
        match self {
            Self::Runs => &RUNS,
            Self::Callbacks => &CALLBACKS,
            Self::Entries => &ENTRIES,
        }
    }
}

impl<'a> Cell<'a> {
    /// A text, or nothing where there is none or it is empty.
    #[must_use]
    pub fn text(text: Option<&'a str>) -> Self {
        text.filter(|text| !text.is_empty()).map_or(Self::Nothing, |text| Self::Text(text.into()))
    }

    /// Seconds of the Unix clock, or nothing.
    #[must_use]
    pub fn seconds(at: Option<i64>) -> Self {
        at.map_or(Self::Nothing, |at| Self::Time(at.saturating_mul(1000)))
    }

    /// A number, or nothing.
    #[must_use]
    pub fn number(number: Option<i64>) -> Self {
        number.map_or(Self::Nothing, Self::Integer)
    }
}

const fn always(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, presence: Presence::Always }
}

const fn known(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, presence: Presence::WhereKnown }
}

/// Behind `rows` stand the rows by status, a column a status that a run's sums can have.
const RUNS: [Column; 21] = [
    always("run_id", Kind::Id),
    always("number", Kind::Integer),
    always("command", Kind::Category),
    always("version", Kind::Category),
    always("state", Kind::Category),
    always("started_at", Kind::Second),
    known("finished_at", Kind::Second),
    known("exit_code", Kind::Integer),
    known("rows", Kind::Integer),
    known("confirmed", Kind::Integer),
    known("scheduled", Kind::Integer),
    known("sms_waiting", Kind::Integer),
    known("already_done", Kind::Integer),
    known("duplicate", Kind::Integer),
    known("rejected", Kind::Integer),
    known("failed", Kind::Integer),
    known("sms_failed", Kind::Integer),
    known("expired", Kind::Integer),
    known("pending", Kind::Integer),
    known("in_doubt", Kind::Integer),
    known("sms_in_doubt", Kind::Integer),
];

const CALLBACKS: [Column; 19] = [
    always("callback_id", Kind::Id),
    always("phone", Kind::Id),
    always("campaign_id", Kind::Category),
    always("language", Kind::Category),
    always("window_start", Kind::Second),
    always("window_end", Kind::Second),
    always("utc_offset_minutes", Kind::Integer),
    known("dispatch_at", Kind::Second),
    always("status", Kind::Category),
    always("progress", Kind::Category),
    known("code", Kind::Category),
    known("detail", Kind::Text),
    known("contact_id", Kind::Id),
    known("sms_session_id", Kind::Id),
    always("attempts", Kind::Integer),
    known("contact_at", Kind::Second),
    known("sms_at", Kind::Second),
    always("run_id", Kind::Text),
    known("updated_at", Kind::Millisecond),
];

const ENTRIES: [Column; 10] = [
    always("callback_id", Kind::Id),
    always("seq", Kind::Integer),
    always("written_at", Kind::Millisecond),
    always("run_id", Kind::Text),
    always("entry", Kind::Category),
    known("code", Kind::Category),
    known("detail", Kind::Text),
    known("value", Kind::Id),
    always("status", Kind::Category),
    always("progress", Kind::Category),
];
