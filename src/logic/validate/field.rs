//! A field's content: decoded, trimmed, and shown to people without harm.

use std::borrow::Cow;

use crate::domain::fault::{Fault, Finding};
use crate::domain::row::{Field, RawFields, Text};
use crate::domain::shown;

/// What stands in a field, without the blanks around it.
#[derive(Debug)]
pub(super) enum Content<'a> {
    /// Nothing, or blanks alone.
    Missing,
    /// Text.
    Text(Cow<'a, str>),
    /// Bytes that are not UTF-8, as far as they can be shown.
    Garbled(String),
    /// No text at all, but what these words say.
    Unfit(&'static str),
}

impl<'a> Content<'a> {
    /// What a row has in a field.
    pub(super) fn of(fields: &RawFields<'a>, field: Field) -> Self {
        match fields.unfit.iter().find(|(unfit, _)| *unfit == field) {
            Some((_, instead)) => Self::Unfit(instead),
            None => Self::decoded(fields.at(field)),
        }
    }

    /// Decodes and trims a field.
    pub(super) fn decoded(field: Option<&Text<'a>>) -> Self {
        let text = match field {
            None => return Self::Missing,
            Some(Cow::Borrowed(bytes)) => std::str::from_utf8(bytes).map(|text| Cow::Borrowed(trimmed(text))),
            Some(Cow::Owned(bytes)) => std::str::from_utf8(bytes).map(|text| Cow::Owned(trimmed(text).to_owned())),
        };
        match text {
            Ok(text) if text.is_empty() => Self::Missing,
            Ok(text) => Self::Text(text),
            Err(_) => Self::Garbled(trimmed(&String::from_utf8_lossy(field.map_or(&[], |field| field))).to_owned()),
        }
    }

    /// The text, or what is wrong with the row for want of it; `missing` where nothing stands there.
    pub(super) fn needed(&self, field: Field, missing: Fault) -> Result<&str, Finding> {
        let finding = |fault, words: &str| Err(Finding::new(fault, words).of(field.name()));
        match self {
            Self::Text(text) => Ok(text),
            Self::Missing => finding(missing, "missing"),
            Self::Garbled(_) => finding(Fault::RowEncoding, "not UTF-8"),
            Self::Unfit(instead) => finding(Fault::RowMalformed, &format!("{instead} stands there instead of a text")),
        }
    }

    /// Whatever can be shown of it, cut to so many bytes, on one line.
    pub(super) fn shown(self, bytes_max: usize) -> Cow<'a, str> {
        match self {
            Self::Missing | Self::Unfit(_) => Cow::Borrowed(""),
            Self::Text(Cow::Borrowed(text)) => clean(cut(text, bytes_max)),
            Self::Text(Cow::Owned(text)) | Self::Garbled(text) => Cow::Owned(clean(cut(&text, bytes_max)).into_owned()),
        }
    }
}

/// A text with a blank for each control character: what results repeat breaks no line and steers no screen.
fn clean(text: &str) -> Cow<'_, str> {
    if text.contains(char::is_control) { Cow::Owned(text.replace(char::is_control, " ")) } else { Cow::Borrowed(text) }
}

/// A text without the blanks around it, be they of a typewriter, a typesetter or a byte-order mark.
fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'))
}

/// The longest beginning of a text that has no more than so many bytes.
fn cut(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

/// Characters of a value that a detail repeats.
const EXCERPT_CHARACTERS_MAX: usize = 80;

/// A value as a detail shows it: short, on one line, and nothing in it that steers a screen.
pub(super) fn excerpt(text: &str) -> String {
    shown::marked(text, EXCERPT_CHARACTERS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_around_a_value_are_no_part_of_it() {
        for (bytes, expected) in [
            (&b" a b\t"[..], Some("a b")),
            ("\u{a0}x\u{a0}".as_bytes(), Some("x")),
            ("\u{feff}x\u{200b}\u{3000}".as_bytes(), Some("x")),
            (b"", None),
            (b" \r\n", None),
            ("\u{a0}".as_bytes(), None),
        ] {
            for field in [Cow::Borrowed(bytes), Cow::Owned(bytes.to_vec())] {
                assert_eq!(
                    Content::decoded(Some(&field)).needed(Field::Phone, Fault::PhoneMissing).ok(),
                    expected,
                    "{bytes:?}"
                );
            }
        }
    }

    #[test]
    fn values_are_shown_cut_and_tame() {
        assert_eq!(excerpt("a\u{1b}[2Jb\nc\u{202e}d\u{61c}e"), "a\u{fffd}[2Jb\u{fffd}c\u{fffd}d\u{fffd}e");
        assert_eq!(excerpt(&"é".repeat(80)), "é".repeat(80));
        assert_eq!(excerpt(&"é".repeat(81)), format!("{}…", "é".repeat(80)));
        assert_eq!(cut("aé", 2), "a");
        assert_eq!(clean("a\0b\nc\u{1b}[2Jd\u{85}é"), "a b c [2Jd é");
    }
}
