//! Rows of the tables that analysts are given, as CSV and NDJSON spell them. Numbers of customers are whole here, as in
//! every export.

use std::borrow::Cow;
use std::fmt::Write;

use chrono::{DateTime, SecondsFormat};
use serde_json::Value;

use crate::domain::table::{Cell, Column, Kind};
use crate::domain::time::Timestamp;
use crate::logic::cells::defuse;

/// A cell of a CSV, which a spreadsheet may open; empty where there is nothing.
#[must_use]
pub fn csv_cell<'a>(column: &Column, cell: &'a Cell<'_>) -> Cow<'a, str> {
    match cell {
        Cell::Nothing => Cow::Borrowed(""),
        Cell::Text(text) => defuse(text),
        Cell::Integer(number) => number.to_string().into(),
        Cell::Time(at_ms) => time(column.kind, *at_ms).into(),
    }
}

/// A row as a line of NDJSON, with its line end: every column, `null` where there is nothing.
#[must_use]
pub fn ndjson_line(columns: &[Column], row: &[Cell<'_>]) -> String {
    let mut line = String::new();
    for (column, cell) in columns.iter().zip(row) {
        let value = match cell {
            Cell::Nothing => Value::Null,
            Cell::Text(text) => text.as_ref().into(),
            Cell::Integer(number) => (*number).into(),
            Cell::Time(at_ms) => time(column.kind, *at_ms).into(),
        };
        let before = if line.is_empty() { '{' } else { ',' };
        // Names of columns have nothing in them that JSON would escape. Writing into a string does not fail.
        let _ = write!(line, "{before}\"{}\":{value}", column.name);
    }
    line + "}\n"
}

/// An instant in UTC, as fine as its column is.
fn time(kind: Kind, at_ms: i64) -> String {
    if kind == Kind::Millisecond {
        let at = DateTime::from_timestamp_millis(at_ms).unwrap_or_default();
        return at.to_rfc3339_opts(SecondsFormat::Millis, true);
    }
    Timestamp::from_unix(at_ms.div_euclid(1000)).rfc3339()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::table::Presence;

    fn check(kind: Kind, cell: &Cell<'_>, csv: &str, json: &str) {
        let column = Column { name: "c", kind, presence: Presence::WhereKnown };
        assert_eq!(csv_cell(&column, cell), csv, "{cell:?}");
        assert_eq!(ndjson_line(&[column], std::slice::from_ref(cell)), format!("{{\"c\":{json}}}\n"), "{cell:?}");
    }

    #[test]
    fn cells_are_spelled_as_each_format_has_them() {
        check(Kind::Text, &Cell::Nothing, "", "null");
        check(Kind::Text, &Cell::Text("=1+1 \"x\"".into()), "'=1+1 \"x\"", "\"=1+1 \\\"x\\\"\"");
        check(Kind::Id, &Cell::Text("+12025550198".into()), "+12025550198", "\"+12025550198\"");
        check(Kind::Integer, &Cell::Integer(-300), "-300", "-300");
        let at = Cell::Time(1_795_438_800_007);
        check(Kind::Second, &at, "2026-11-23T13:00:00Z", "\"2026-11-23T13:00:00Z\"");
        check(Kind::Millisecond, &at, "2026-11-23T13:00:00.007Z", "\"2026-11-23T13:00:00.007Z\"");
    }

    #[test]
    fn a_line_has_every_column_in_its_order() {
        let columns = ["b", "a"].map(|name| Column { name, kind: Kind::Integer, presence: Presence::WhereKnown });
        assert_eq!(ndjson_line(&columns, &[Cell::Integer(1), Cell::Nothing]), "{\"b\":1,\"a\":null}\n");
    }
}
