//! Foreign text on its way to a terminal: cleaned, cut, quoted, compared.

use std::fmt::Write;
use std::path::Path;

/// Characters of a foreign text that an error shows.
const SHOWN_MAX: usize = 60;

/// Characters of a path or a parser's message that an error shows.
const LINE_MAX: usize = 300;

/// Characters of a name that are compared with the known ones.
const COMPARED_MAX: usize = 80;

/// A foreign text as an error may show it: control and direction characters replaced, the rest cut.
pub(super) fn clean(text: &str) -> String {
    cut(text, SHOWN_MAX)
}

/// A path as a person may be shown it.
pub(super) fn clean_path(path: &Path) -> String {
    clean_line(&path.to_string_lossy())
}

/// A longer text of one line.
pub(super) fn clean_line(text: &str) -> String {
    cut(text, LINE_MAX)
}

fn cut(text: &str, max: usize) -> String {
    let mut shown: String = text.chars().take(max).map(|c| if is_unseen(c) { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(max).is_some() {
        shown.push('…');
    }
    shown
}

/// Characters that move the cursor, change its direction or cannot be seen.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A text as TOML writes it on one line.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if is_unseen(c) => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c)); // a String takes everything
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// The known name that takes the fewest edits to reach; the first on ties, empty where none is known.
pub(super) fn nearest<S: AsRef<str>>(name: &str, known: impl IntoIterator<Item = S>) -> String {
    let distance = |known: &S| edits(&name.to_lowercase(), &known.as_ref().to_lowercase());
    known.into_iter().min_by_key(distance).map(|known| known.as_ref().to_owned()).unwrap_or_default()
}

/// Levenshtein's distance: insertions, deletions and replacements from one text to the other.
fn edits(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().take(COMPARED_MAX).collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().take(COMPARED_MAX).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
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
        for text in ["plain", "a\"b\\c", "two\nlines\t.", "\u{1b}\u{7f}\u{202e}"] {
            let quoted = quote(text);
            assert!(!quoted.contains(['\n', '\u{1b}']), "{quoted}");
            let table: toml::Table = format!("key = {quoted}").parse().unwrap();
            assert_eq!(table["key"].as_str(), Some(text));
        }
    }

    #[test]
    fn the_nearest_name_is_found_by_edits() {
        for (from, to, distance) in [("kitten", "sitting", 3), ("", "abc", 3), ("abc", "", 3), ("same", "same", 0)] {
            assert_eq!(edits(from, to), distance, "{from} {to}");
        }
        assert_eq!(nearest("Time-out", ["region", "timeout"]), "timeout");
        assert_eq!(nearest::<&str>("x", []), "");
    }
}
