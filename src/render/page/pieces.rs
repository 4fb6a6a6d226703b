//! Sentences with figures and commands in them. A figure says where it stands in `summary.json`, so that everybody,
//! and a test, can hold the page against it.

use serde::Serialize;

use crate::domain::discreet::masked_name;
use crate::domain::shown::words as one_line;

/// A piece of a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Piece {
    /// `text`, `code` or `number`.
    kind: &'static str,
    text: String,
    /// Of a number: the JSON pointers into `summary.json` whose sum it is, with a space between.
    is: String,
}

/// A count, and where `summary.json` has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Number {
    pub(super) value: u64,
    pub(super) is: String,
}

impl Piece {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self { kind: "text", text: text.into(), is: String::new() }
    }

    pub(super) fn number(number: &Number) -> Self {
        Self { kind: "number", text: count(number.value), is: number.is.clone() }
    }
}

/// Characters of a step that are shown; there are paths in it.
const STEP_CHARACTERS_MAX: usize = 2000;

/// Words with commands between backticks, in pieces: names in them without numbers.
pub(super) fn with_commands(words: &str) -> Vec<Piece> {
    let words = masked_name(&one_line(words, STEP_CHARACTERS_MAX));
    let kinds = ["text", "code"].into_iter().cycle();
    let pieces = words.split('`').zip(kinds).filter(|(text, _)| !text.is_empty());
    pieces.map(|(text, kind)| Piece { kind, text: text.to_owned(), is: String::new() }).collect()
}

/// The pieces as plain text.
pub(super) fn plain(pieces: &[Piece]) -> String {
    pieces.iter().map(|piece| piece.text.as_str()).collect()
}

/// How high a picture is in its own units, and how wide a column.
pub(super) const HIGH: f64 = 200.0;
pub(super) const COLUMN: usize = 10;

/// A count as people read it: `1,234,567`.
pub(super) fn count(value: u64) -> String {
    grouped(&value.to_string())
}

/// A figure with its thousands apart; what stands behind a point stays as it is.
pub(super) fn grouped(figure: &str) -> String {
    let (digits, rest) = figure.split_at(figure.find('.').unwrap_or(figure.len()));
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown + rest
}

/// A count with its noun.
pub(super) fn counted(value: u64, noun: &str) -> String {
    if value == 1 { format!("1 {noun}") } else { format!("{} {noun}s", count(value)) }
}

/// A share in percent, as an attribute of a picture: with two places, and never 0 where something is there.
pub(super) fn percent_of(part: f64, whole: f64) -> String {
    /// What can still be seen.
    const LEAST: f64 = 0.4;
    if part <= 0.0 || whole <= 0.0 {
        return "0".to_owned();
    }
    format!("{:.2}", (part / whole * 100.0).clamp(LEAST, 100.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_by_thousands() {
        for (value, expected) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(count(value), expected);
        }
        assert_eq!((grouped("1234.5678"), grouped("0.5")), ("1,234.5678".to_owned(), "0.5".to_owned()));
    }

    #[test]
    fn commands_stand_apart() {
        let kinds: Vec<(&str, String)> =
            with_commands("`a b` goes on; `c`").into_iter().map(|piece| (piece.kind, piece.text)).collect();
        assert_eq!(kinds, [("code", "a b".into()), ("text", " goes on; ".into()), ("code", "c".into())]);
    }

    #[test]
    fn what_is_there_can_be_seen() {
        assert_eq!(percent_of(1.0, 1e9), "0.40");
        assert_eq!(percent_of(0.0, 1e9), "0");
        assert_eq!(percent_of(2.0, 1.0), "100.00");
    }
}
