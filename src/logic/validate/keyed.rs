//! Phone fields in their plainest shapes: ASCII digits, the usual punctuation, perhaps a `+`, perhaps the keys that end an
//! entry or an extension behind an `x`.
//!
//! It reads bytes in one pass and takes no memory. Whatever is not plain is not read, and looked at more closely elsewhere.

use std::slice::Iter;

/// Bytes of a plain field, at most: a number of 15 digits has room for all its punctuation.
const BYTES_MAX: usize = 31;

/// A field that may be plain; [`Digits`] knows when it has been read.
pub(super) struct Keyed<'a> {
    /// What stands in front of the digits.
    pub(super) origin: Origin,
    /// The digits.
    pub(super) digits: Digits<'a>,
}

/// Whose digits they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// A `+` stands in front: they begin with a calling code.
    International,
    /// They are written as people of the region write them.
    Home,
}

/// The digits of a field, each 0 to 9, without the marks between them.
#[derive(Clone)]
pub(super) struct Digits<'a> {
    rest: Iter<'a, u8>,
}

impl Iterator for Digits<'_> {
    type Item = u8;

    /// The next digit; nothing at the end, and from the first sign on that is not plain.
    #[inline]
    fn next(&mut self) -> Option<u8> {
        while let Some(byte) = self.rest.as_slice().first() {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 && !is_punctuation(*byte) {
                return None;
            }
            self.rest.next();
            if digit <= 9 {
                return Some(digit);
            }
        }
        None
    }
}

impl Digits<'_> {
    /// Passes over these digits, if there are any and they come first.
    #[inline]
    pub(super) fn begin_with(&mut self, prefix: &[u8]) -> bool {
        let mut rest = self.clone();
        let begins = !prefix.is_empty() && prefix.iter().all(|digit| rest.next() == Some(*digit));
        if begins {
            *self = rest;
        }
        begins
    }

    /// Whether nothing is left, so that the field was plain.
    pub(super) fn are_all_read(&self) -> bool {
        self.rest.len() == 0
    }
}

/// Opens a field; nothing where it is not plain at first sight.
#[inline]
pub(super) fn open(bytes: &[u8]) -> Option<Keyed<'_>> {
    let bytes = without_extension(without_keys(bytes));
    if bytes.len() > BYTES_MAX || bytes.ends_with(b".0") || bytes.ends_with(b".00") {
        return None;
    }
    let (origin, bytes) = match bytes {
        [b'+', rest @ ..] | [b'(', b'+', rest @ ..] => (Origin::International, rest),
        _ => (Origin::Home, bytes),
    };
    Some(Keyed { origin, digits: Digits { rest: bytes.iter() } })
}

/// Bytes without the blanks and the keys that end an entry.
#[inline]
fn without_keys(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'#' | b'*', rest @ ..] | [rest @ .., b' ' | b'#' | b'*'] = bytes {
        bytes = rest;
    }
    bytes
}

/// Digits of an extension behind an `x`, at most.
const EXTENSION_DIGITS_MAX: usize = 9;

/// Bytes without an extension and the blanks in front of it.
#[inline]
fn without_extension(bytes: &[u8]) -> &[u8] {
    let digits = bytes.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    match &bytes[..bytes.len() - digits] {
        [number @ .., b'x' | b'X'] if (1..=EXTENSION_DIGITS_MAX).contains(&digits) => number.trim_ascii_end(),
        _ => bytes,
    }
}

#[inline]
fn is_punctuation(byte: u8) -> bool {
    matches!(byte, b' ' | b'-' | b'.' | b'(' | b')')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(Origin, &str)>) {
        let keyed = open(text.as_bytes()).and_then(|mut keyed| {
            let digits: String = keyed.digits.by_ref().map(|digit| char::from(b'0' + digit)).collect();
            keyed.digits.are_all_read().then_some((keyed.origin, digits))
        });
        assert_eq!(keyed, expected.map(|(origin, digits)| (origin, digits.to_owned())), "{text}");
    }

    #[test]
    fn plain_fields_are_read() {
        use Origin::{Home, International};
        for (text, origin, digits) in [
            ("+12025550198", International, "12025550198"),
            ("(+44) 151 234-5678", International, "441512345678"),
            ("(202) 555.0198", Home, "2025550198"),
            (" *2025550198## ", Home, "2025550198"),
            ("2025550198 -", Home, "2025550198"),
            ("(202) 555-0198 x123", Home, "2025550198"),
            ("+12025550198X9", International, "12025550198"),
            ("1234567890123456789012345678901", Home, "1234567890123456789012345678901"),
            ("", Home, ""),
        ] {
            check(text, Some((origin, digits)));
        }
    }

    #[test]
    fn whatever_may_mean_more_is_left_to_a_closer_look() {
        for text in [
            "2025550198.0",
            "+2025550198.00#",
            "++12025550198",
            "1+2025550198",
            "'2025550198",
            "202\t555 0198",
            "202*5550198",
            "2025550198x",
            "2025550198x1234567890",
            "2025550198# x1",
            "2025550198 ext 1",
            "2025550198.0 x1",
            "٢٠٢٥٥٥٠١٩٨",
            "12345678901234567890123456789012",
        ] {
            check(text, None);
        }
    }
}
