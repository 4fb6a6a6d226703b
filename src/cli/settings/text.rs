//! Foreign text on its way to a terminal: cleaned, cut, quoted.

use std::fmt::Write;
use std::path::Path;

use crate::domain::shown;

/// Characters of a foreign text that an error shows.
const SHOWN_MAX: usize = 60;

/// Characters of a path or a parser's message that an error shows.
const LINE_MAX: usize = 300;

/// A foreign text as an error may show it: control and direction characters replaced, the rest cut.
pub(super) fn clean(text: &str) -> String {
    shown::marked(text, SHOWN_MAX)
}

/// A path as a person may be shown it.
pub(super) fn clean_path(path: &Path) -> String {
    clean_line(&path.to_string_lossy())
}

/// A longer text of one line.
pub(super) fn clean_line(text: &str) -> String {
    shown::marked(text, LINE_MAX)
}

/// A line with a comment behind it, which stands at a column where the line leaves room.
pub(super) fn noted(line: &str, column: usize, note: &str) -> String {
    if note.is_empty() { line.to_owned() } else { format!("{line:column$}  # {note}") }
}

/// A text as TOML writes it on one line.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if shown::steers(c) => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(c)); // a String takes everything
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_is_cleaned_and_cut() {
        assert_eq!(clean("a\u{1b}[2Jb\u{202e}c"), "a\u{fffd}[2Jb\u{fffd}c");
        assert_eq!(clean(&"x".repeat(61)), format!("{}…", "x".repeat(60)));
        assert_eq!(clean(&"é".repeat(60)), "é".repeat(60));
    }

    #[test]
    fn a_quoted_text_is_toml_on_one_line() {
        for text in ["plain", "a\"b\\c", "two\nlines\t.", "\u{1b}\u{7f}\u{202e}\u{e0041}"] {
            let quoted = quote(text);
            assert!(!quoted.contains(['\n', '\u{1b}']), "{quoted}");
            let table: toml::Table = format!("key = {quoted}").parse().unwrap();
            assert_eq!(table["key"].as_str(), Some(text));
        }
    }
}
