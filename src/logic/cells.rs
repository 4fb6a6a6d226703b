//! Cells of the files that people open in a spreadsheet: quoted as CSV asks, and never run as a formula.

use std::borrow::Cow;

/// A cell as a spreadsheet may show it: one that it would run gets a `'` in front.
#[must_use]
pub fn defuse(cell: &str) -> Cow<'_, str> {
    if is_live(cell.as_bytes()) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// Whether a spreadsheet would run a cell: `=`, `@` or a tab in front, `-` with more behind it, or `+`
/// where it is not a phone number.
#[must_use]
#[inline]
pub fn is_live(cell: &[u8]) -> bool {
    match cell {
        [b'=' | b'@' | b'\t', ..] | [b'-', _, ..] => true,
        [b'+', rest @ ..] => rest.is_empty() || !rest.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

/// Adds a cell, defused, and in quotes where the delimiter, a quote or a line end asks for them.
#[inline]
pub fn push(out: &mut Vec<u8>, cell: &[u8], delimiter: u8) {
    if asks_for_quotes(cell, delimiter) {
        push_quoted(out, if is_live(cell) { b"'" } else { b"" }, cell);
    } else {
        if is_live(cell) {
            out.push(b'\'');
        }
        out.extend_from_slice(cell);
    }
}

/// Adds a cell as [`push`] does, but to the byte: what a spreadsheet would run stays as it came.
pub fn push_as_it_is(out: &mut Vec<u8>, cell: &[u8], delimiter: u8) {
    if asks_for_quotes(cell, delimiter) {
        push_quoted(out, b"", cell);
    } else {
        out.extend_from_slice(cell);
    }
}

/// Adds a cell in quotes with a mark in front, each quote in it twice.
fn push_quoted(out: &mut Vec<u8>, mark: &[u8], cell: &[u8]) {
    out.push(b'"');
    out.extend_from_slice(mark);
    for part in cell.split_inclusive(|byte| *byte == b'"') {
        out.extend_from_slice(part);
        if part.ends_with(b"\"") {
            out.push(b'"');
        }
    }
    out.push(b'"');
}

/// Whether the delimiter, a quote or a line end stands in a cell. Eight bytes are looked at in one go, which the
/// compiler makes one step of; the last eight overlap those before.
#[inline]
fn asks_for_quotes(cell: &[u8], delimiter: u8) -> bool {
    let asks = |byte: u8| byte == delimiter || matches!(byte, b'"' | b'\n' | b'\r');
    let one_asks = |eight: &[u8; 8]| eight.iter().fold(false, |found, &byte| found | asks(byte));
    match cell.last_chunk() {
        Some(last) => cell.as_chunks().0.iter().any(one_asks) || one_asks(last),
        None => cell.iter().any(|&byte| asks(byte)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_a_spreadsheet_would_run_is_defused() {
        for (cell, shown) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\tx", "'\tx"),
            ("-2+3", "'-2+3"),
            ("-", "-"),
            ("+12025550198", "+12025550198"),
            ("+1-202", "'+1-202"),
            ("+", "'+"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(defuse(cell), shown, "{cell:?}");
        }
    }

    #[test]
    fn a_cell_is_quoted_where_csv_needs_it() {
        for (cell, delimiter, written) in [
            ("plain", b',', "plain"),
            ("a;b", b',', "a;b"),
            ("a;b", b';', "\"a;b\""),
            ("say \"hi\"", b',', "\"say \"\"hi\"\"\""),
            ("two\nlines", b',', "\"two\nlines\""),
            ("=a,b", b',', "\"'=a,b\""),
        ] {
            let mut out = Vec::new();
            push(&mut out, cell.as_bytes(), delimiter);
            assert_eq!(String::from_utf8(out).unwrap(), written, "{cell:?}");
        }
    }

    /// Cells of everything, and cells of little but what CSV and spreadsheets mind.
    fn cell() -> impl Strategy<Value = String> {
        prop_oneof![any::<String>(), "[-=@+\\t\"\r\n,;a0é]{0,24}", "[ -~]{0,300}"]
    }

    proptest! {
        #[test]
        fn a_cell_is_what_the_library_writes(cells in [cell(), cell(), cell()], delimiter in prop_oneof![Just(b','), Just(b';'), Just(b'\t')]) {
            let mut library = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
            library.write_record(cells.iter().map(|cell| defuse(cell).into_owned())).expect("memory");
            let mut out = Vec::new();
            for cell in &cells {
                push(&mut out, cell.as_bytes(), delimiter);
                out.push(delimiter);
            }
            out.pop();
            out.push(b'\n');
            prop_assert_eq!(out, library.into_inner().expect("memory"));
        }
    }
}
