//! What makes a whole input unreadable, told so that a person can act on it.

use std::io;

/// An input that cannot be read, and why.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {problem}")]
pub struct ReadError {
    /// The input as it was named.
    pub name: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with an input.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The path leads nowhere.
    #[error("there is no such file")]
    NotThere,
    /// The path is a folder.
    #[error("this is a folder; name the files in it")]
    Folder,
    /// There is not one line in it.
    #[error("the input is empty: there is not even a header line")]
    Empty,
    /// It is no text, but seems to be something else.
    #[error("this is not text but {0}; export it as CSV or NDJSON")]
    Binary(&'static str),
    /// One JSON array instead of a line an object.
    #[error("this is a JSON array; NDJSON is needed, one object on each line (as by `jq -c '.[]'`)")]
    JsonArray,
    /// NDJSON under the name of a table.
    #[error("this looks like NDJSON, one object on each line, but its name says CSV; give it a name in .ndjson")]
    JsonInCsv,
    /// A table under the name of NDJSON.
    #[error("this looks like CSV, a header and rows, but its name says NDJSON; give it a name in .csv")]
    CsvInJson,
    /// NDJSON by its name alone.
    #[error(
        "none of its first lines is a JSON object; NDJSON is needed, one object on each line, or CSV and a name in .csv"
    )]
    NoObjects,
    /// Lines end as no system ends them any more.
    #[error("its lines end in CR alone; convert them to LF or CRLF")]
    BareCr,
    /// The quotes of a header that begins on this line do not pair up.
    #[error("line {0}: the header has a quoted column name that is not closed")]
    HeaderBroken(u64),
    /// The header goes on and on.
    #[error("line {line}: the header is longer than {limit} bytes")]
    HeaderTooLong {
        /// The line on which the header begins.
        line: u64,
        /// The most that is allowed.
        limit: usize,
    },
    /// Required fields have no column.
    #[error("no column for {missing}; columns found: {found}{nearest}; rename one, or say --map FIELD=COLUMN", found = listed(found))]
    MissingColumns {
        /// The fields' own names.
        missing: String,
        /// The columns of the input.
        found: Vec<String>,
        /// The columns that may be meant, with words around them, or nothing.
        nearest: String,
    },
    /// What the platform has, where callbacks should be.
    #[error(
        "this looks like the platform's contacts (contactId, scheduledStartDateTime), not like an export of callbacks; \
         `ringback reconcile` takes it as --platform"
    )]
    Contacts,
    /// Callbacks, where what the platform has should be.
    #[error(
        "this looks like an export of callbacks (requestedStart, requestedEnd), not like the platform's contacts; \
         give it as --input"
    )]
    Callbacks,
    /// Two columns go by names of one field.
    #[error("two columns for {field}: {one:?} and {other:?}; rename one, or say --map {field}=COLUMN")]
    TwoColumns {
        /// The field's own name.
        field: &'static str,
        /// The one column.
        one: String,
        /// The other column.
        other: String,
    },
    /// A field is mapped to a column that is not there.
    #[error("--map {field}={column}: there is no such column; columns found: {found}{nearest}", found = listed(found))]
    NoSuchColumn {
        /// The field's own name.
        field: &'static str,
        /// The column as it was asked for.
        column: String,
        /// The columns of the input.
        found: Vec<String>,
        /// The column that may be meant, with words around it, or nothing.
        nearest: String,
    },
    /// A field is mapped to a column that is there more than once.
    #[error("--map {field}={column}: several columns have this name; rename all but one")]
    SeveralColumns {
        /// The field's own name.
        field: &'static str,
        /// The column as it was asked for.
        column: String,
    },
    /// Compressed data that is cut short or damaged, and what the decoder says.
    #[error("the compressed data is damaged or ends early ({0}); fetch the file again")]
    Damaged(io::Error),
    /// Compressed data that unpacks to more bytes than are allowed.
    #[error("the input unpacks to more than {0} bytes; split it")]
    UnpacksTooFar(u64),
    /// It is another file than it was, or has become longer or shorter.
    #[error("the file was changed while it was read; wait until it is complete")]
    Changed,
    /// The machine could not read it, and what the system says.
    #[error("reading failed: {0}")]
    Io(io::Error),
}

/// Columns of an input that are named.
const NAMED_COLUMNS_MAX: usize = 40;

/// The first of some columns, and how many more there are.
fn listed(columns: &[String]) -> String {
    let (first, more) = columns.split_at(columns.len().min(NAMED_COLUMNS_MAX));
    let more = if more.is_empty() { String::new() } else { format!(", and {} more", more.len()) };
    first.join(", ") + &more
}

/// What kind of ending an error asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// An input is not there (66).
    NotThere,
    /// An input cannot be read as CSV or NDJSON with the fields needed (65).
    Unreadable,
    /// Reading failed on this machine (74).
    Io,
}

impl ReadError {
    /// The kind of ending that this error asks for.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self.problem {
            Problem::NotThere => ErrorClass::NotThere,
            Problem::Changed | Problem::Io(_) => ErrorClass::Io,
            Problem::Folder
            | Problem::Empty
            | Problem::Binary(_)
            | Problem::JsonArray
            | Problem::JsonInCsv
            | Problem::CsvInJson
            | Problem::NoObjects
            | Problem::BareCr
            | Problem::HeaderBroken(_)
            | Problem::HeaderTooLong { .. }
            | Problem::MissingColumns { .. }
            | Problem::Contacts
            | Problem::Callbacks
            | Problem::TwoColumns { .. }
            | Problem::NoSuchColumn { .. }
            | Problem::SeveralColumns { .. }
            | Problem::Damaged(_)
            | Problem::UnpacksTooFar(_) => ErrorClass::Unreadable,
        }
    }
}
