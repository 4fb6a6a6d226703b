//! Splits a whole record of CSV into its cells.

use std::borrow::Cow;

use memchr::memchr;

/// The cells of a whole record, as they stand there, quotes included.
#[derive(Debug, Clone)]
pub(super) struct Cells<'a> {
    /// What is left; `None` behind the last cell.
    rest: Option<&'a [u8]>,
    delimiter: u8,
}

impl<'a> Cells<'a> {
    pub(super) fn of(record: &'a [u8], delimiter: u8) -> Self {
        Self { rest: Some(record), delimiter }
    }
}

impl<'a> Iterator for Cells<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest?;
        let bare_from = if rest.first() == Some(&b'"') { behind_quotes(rest) } else { 0 };
        let end = match rest.get(bare_from) {
            Some(next) if *next == self.delimiter => Some(bare_from),
            Some(_) => memchr(self.delimiter, &rest[bare_from..]).map(|offset| bare_from + offset),
            None => None,
        };
        self.rest = end.map(|end| &rest[end + 1..]);
        Some(end.map_or(rest, |end| &rest[..end]))
    }
}

/// The place behind the closing quote of a cell that begins with one.
fn behind_quotes(cell: &[u8]) -> usize {
    let mut place = 1;
    while let Some(offset) = memchr(b'"', &cell[place..]) {
        place += offset + 1;
        if cell.get(place) != Some(&b'"') {
            return place;
        }
        place += 1;
    }
    cell.len()
}

/// What a cell says: without the quotes around it, and with one for each doubled quote.
pub(super) fn meaning(cell: &[u8]) -> Cow<'_, [u8]> {
    let [b'"', inner @ .., b'"'] = cell else { return Cow::Borrowed(cell) };
    if memchr(b'"', inner).is_none() {
        return Cow::Borrowed(inner);
    }
    let mut said = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(place) = memchr(b'"', rest) {
        said.extend_from_slice(&rest[..=place]);
        rest = rest.get(place + 2..).unwrap_or_default();
    }
    said.extend_from_slice(rest);
    Cow::Owned(said)
}

/// The beginning of a record, not cut within a letter.
pub(super) fn beginning(raw: &[u8], bytes_max: usize) -> &[u8] {
    if raw.len() <= bytes_max {
        return raw;
    }
    let within = |end: &usize| raw[*end] & 0xc0 == 0x80;
    let end = (0..=bytes_max).rev().take(4).find(|end| !within(end)).unwrap_or(bytes_max);
    &raw[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(record: &str, expected: &[&str]) {
        let cells: Vec<String> = Cells::of(record.as_bytes(), b',')
            .map(|cell| String::from_utf8_lossy(&meaning(cell)).into_owned())
            .collect();
        assert_eq!(cells, expected, "{record:?}");
    }

    #[test]
    fn a_beginning_ends_with_a_letter() {
        for (raw, bytes_max, kept) in [
            (&b"abc"[..], 3, &b"abc"[..]),
            (b"abcd", 3, b"abc"),
            ("aé".as_bytes(), 2, b"a"),
            ("é".as_bytes(), 1, b""),
            (b"a\x80\x80\x80\x80\x80", 4, b"a\x80\x80\x80"),
            (b"abc", 0, b""),
        ] {
            assert_eq!(beginning(raw, bytes_max), kept, "{raw:?}");
        }
    }

    #[test]
    fn cells_say_what_rfc_4180_says() {
        check("", &[""]);
        check(",", &["", ""]);
        check("a,b", &["a", "b"]);
        check("\"a,b\",c", &["a,b", "c"]);
        check("\"say \"\"hi\"\"\",\"\"", &["say \"hi\"", ""]);
        check("\"\"\"\"", &["\""]);
        check("\"two\r\nlines\",x", &["two\r\nlines", "x"]);
        check("5\" pipe,\"x\"", &["5\" pipe", "x"]);
        check(" \"a\",b", &[" \"a\"", "b"]);
    }
}
