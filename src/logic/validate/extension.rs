//! The part of a phone field that is dialled once the call stands: known, and dropped.

/// What announces an extension, and how many digits may follow. The less a sign says, the fewer: else it
/// may as well stand between two numbers. The signs and limits are libphonenumber's, but for two: a `;` has parameters
/// behind it and is no sign, and `,,` may have no more digits than `,`, lest a whole number stand there.
const WORDS: [&str; 8] = ["extension", "extensión", "extensio\u{301}n", "extn", "ext", "xtn", "anexo", "доб"];
const SIGNS: [&str; 7] = ["int", "x", "#", "＃", "~", ",,", ","];
const DIGITS_BEHIND_WORDS_MAX: usize = 20;
const DIGITS_BEHIND_SIGNS_MAX: usize = 9;

/// The text in front of its extension; all of it where it has none.
pub(super) fn strip(text: &str) -> &str {
    let Some(sign) = text.find(|c: char| matches!(c, '#' | '＃' | '~' | ',') || c.is_alphabetic()) else {
        return text;
    };
    let (number, tail) = text.split_at(sign);
    let tail = tail.to_lowercase();
    let announces = |signs: &[&str], digits_max: usize| {
        let behind = signs.iter().filter_map(|sign| tail.strip_prefix(sign));
        behind.map(digits).any(|count| (1..=digits_max).contains(&count))
    };
    let is_extension = announces(&WORDS, DIGITS_BEHIND_WORDS_MAX) || announces(&SIGNS, DIGITS_BEHIND_SIGNS_MAX);
    if is_extension { number } else { text }
}

/// How many digits an extension has behind its sign; none where anything else stands there.
pub(super) fn digits(behind: &str) -> usize {
    let digits = behind.trim_start_matches([' ', ':', '.', '．', ',', '-']);
    let digits = digits.trim_end_matches([' ', '#', '.', ')', ']']);
    if digits.chars().all(char::is_numeric) { digits.chars().count() } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_are_known_by_their_signs() {
        for (text, number) in [
            ("202 555 0198", "202 555 0198"),
            ("2025550198x1", "2025550198"),
            ("2025550198 Ext.: 12#", "2025550198 "),
            ("2025550198 (ext 5)", "2025550198 ("),
            ("2025550198 extensión 77", "2025550198 "),
            ("2025550198;ext=1", "2025550198;ext=1"),
            ("2025550198,,4", "2025550198"),
            ("2025550198,,2025550199", "2025550198,,2025550199"),
            ("2025550198;2025550199", "2025550198;2025550199"),
            ("2025550198 # ４", "2025550198 "),
            ("2025550198x1234567890", "2025550198x1234567890"),
            ("2025550198x", "2025550198x"),
            ("2025550198 ext five", "2025550198 ext five"),
            ("call 2025550198", "call 2025550198"),
        ] {
            assert_eq!(strip(text), number, "{text}");
        }
    }
}
