//! Rows judged in passing: as most of them are written, without an allocation.
//!
//! Whatever is out of the ordinary is left to [`super::row`], and nothing is rejected here: where something is said
//! of a row here, a closer look says the same.

use std::borrow::Cow;

use crate::domain::language::LanguageTag;
use crate::domain::phone::E164;
use crate::domain::report::Warning;
use crate::domain::row::{Field, PlainRow};
use crate::domain::window::Window;

use super::field::Content;
use super::rules::Rules;
use super::{ID_BYTES_MAX, instant, phone};

/// What makes a row a callback, but for its campaign and language, in which rows repeat each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passed {
    /// Who is to be called.
    pub phone: E164,
    /// When.
    pub window: Window,
    /// Minutes that the clock which showed the start was ahead of UTC.
    pub offset_minutes: i16,
}

/// Judges number and times of a record in passing; `None` where that takes a closer look.
#[must_use]
pub fn judge(record: &PlainRow<'_>, rules: &Rules) -> Option<Passed> {
    let (start, offset_minutes) = instant::plain(record.at(Field::Start)?)?;
    let (end, _) = instant::plain(record.at(Field::End)?)?;
    let window = Window::new(start, end).filter(|window| rules.widths.contains(&window.width()))?;
    let phone = phone::quick(record.at(Field::Phone)?, rules)?;
    Some(Passed { phone, window, offset_minutes })
}

/// The campaign that a field's bytes name, where they name one.
#[must_use]
pub fn campaign(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let content = Content::decoded(Some(&Cow::Borrowed(bytes)));
    match &content {
        Content::Text(text) if super::campaign(text).is_ok() => Some(content.shown(ID_BYTES_MAX)),
        Content::Text(_) | Content::Missing | Content::Garbled(_) | Content::Unfit(_) => None,
    }
}

/// The language that a field's bytes name, or why the row is told about in the default one.
pub fn language(bytes: Option<&[u8]>) -> Result<LanguageTag, Warning> {
    super::language(&Content::decoded(bytes.map(Cow::Borrowed).as_ref()))
}

/// A record's own id, as far as it can be shown; empty where it has none.
#[must_use]
pub fn record_id<'a>(record: &PlainRow<'a>) -> Cow<'a, str> {
    let bytes = record.at(Field::Id).unwrap_or_default();
    let plain = bytes.len() <= ID_BYTES_MAX && bytes.iter().all(u8::is_ascii_graphic);
    match std::str::from_utf8(bytes) {
        Ok(text) if plain => Cow::Borrowed(text),
        Ok(_) | Err(_) => Content::decoded(Some(&Cow::Borrowed(bytes))).shown(ID_BYTES_MAX),
    }
}
