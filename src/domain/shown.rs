//! Foreign text before a person sees it: cut, and with nothing in it that steers a screen or hides.
//!
//! Only what is shown goes through here; what is kept, compared or sent stays as it came.

/// Stands where a character was that must not be shown.
const STAND_IN: char = '\u{fffd}';

/// A text on one line: cut to so many characters, with `…` where more came, and a mark in each place where
/// something steered.
#[must_use]
pub fn marked(text: &str, characters_max: usize) -> String {
    let tame = |c: char| if steers(c) { STAND_IN } else { c };
    let mut shown: String = text.chars().take(characters_max).map(tame).collect();
    if text.chars().nth(characters_max).is_some() {
        shown.push('…');
    }
    shown
}

/// A text as one line of words: cut to so many characters, with one space where blanks were or something steered.
#[must_use]
pub fn words(text: &str, characters_max: usize) -> String {
    let spaced: String = text.chars().take(characters_max).map(|c| if steers(c) { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a character moves the cursor, breaks the line, turns the direction of writing, or has no width.
#[must_use]
pub fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_comes_through() {
        for c in "\0\r\n\t\u{1b}\u{7f}\u{85}\u{61c}\u{200b}\u{200d}\u{200f}\u{2028}\u{2029}\u{202e}\u{2060}\u{2066}\u{feff}\u{e0041}".chars()
        {
            assert_eq!(marked(&format!("a{c}b"), 9), "a\u{fffd}b", "{c:?}");
            assert_eq!(words(&format!("a{c}b"), 9), "a b", "{c:?}");
        }
    }

    #[test]
    fn what_is_too_long_is_cut() {
        assert_eq!(marked(&"é".repeat(60), 60), "é".repeat(60));
        assert_eq!(marked(&"é".repeat(61), 60), format!("{}…", "é".repeat(60)));
        assert_eq!(words(&"x".repeat(9000), 500).len(), 500);
    }
}
