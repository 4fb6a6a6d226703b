//! A field's content: decoded, trimmed, and shown to people without harm.

use std::borrow::Cow;

use crate::domain::fault::{Fault, Finding};
use crate::domain::row::Text;

/// The fields without which a row is no callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Phone,
    Start,
    End,
    Campaign,
}

impl Field {
    /// The name under which users know it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Phone => "phoneNumber",
            Self::Start => "requestedStart",
            Self::End => "requestedEnd",
            Self::Campaign => "campaignId",
        }
    }

    /// What a row lacks where this field is empty.
    fn missing(self) -> Fault {
        match self {
            Self::Phone => Fault::PhoneMissing,
            Self::Start | Self::End => Fault::TimeMissing,
            Self::Campaign => Fault::CampaignMissing,
        }
    }
}

/// What stands in a field, without the blanks around it.
#[derive(Debug)]
pub(super) enum Content<'a> {
    /// Nothing, or blanks alone.
    Missing,
    /// Text.
    Text(Cow<'a, str>),
    /// Bytes that are not UTF-8, as far as they can be shown.
    Garbled(String),
}

impl<'a> Content<'a> {
    /// Decodes and trims a field.
    pub(super) fn of(field: Option<&Text<'a>>) -> Self {
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

    /// The text, or what is wrong with the row for want of it.
    pub(super) fn needed(&self, field: Field) -> Result<&str, Finding> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Missing => Err(Finding::new(field.missing(), format!("{}: missing", field.name()))),
            Self::Garbled(_) => Err(Finding::new(Fault::RowEncoding, format!("{}: not UTF-8", field.name()))),
        }
    }

    /// Whatever can be shown of it, cut to so many bytes.
    pub(super) fn shown(self, bytes_max: usize) -> Cow<'a, str> {
        match self {
            Self::Missing => Cow::Borrowed(""),
            Self::Text(Cow::Borrowed(text)) => Cow::Borrowed(cut(text, bytes_max)),
            Self::Text(Cow::Owned(text)) | Self::Garbled(text) => Cow::Owned(cut(&text, bytes_max).to_owned()),
        }
    }
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
    let mut shown: String =
        text.chars().take(EXCERPT_CHARACTERS_MAX).map(|c| if steers(c) { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(EXCERPT_CHARACTERS_MAX).is_some() {
        shown.push('…');
    }
    shown
}

/// Whether a character moves the cursor, breaks the line or turns the direction of writing.
pub(super) fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
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
                assert_eq!(Content::of(Some(&field)).needed(Field::Phone).ok(), expected, "{bytes:?}");
            }
        }
    }

    #[test]
    fn values_are_shown_cut_and_tame() {
        assert_eq!(excerpt("a\u{1b}[2Jb\nc\u{202e}d"), "a\u{fffd}[2Jb\u{fffd}c\u{fffd}d");
        assert_eq!(excerpt(&"é".repeat(80)), "é".repeat(80));
        assert_eq!(excerpt(&"é".repeat(81)), format!("{}…", "é".repeat(80)));
        assert_eq!(cut("aé", 2), "a");
    }
}
