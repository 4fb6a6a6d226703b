//! Numbers as speech-to-text writes them: English digit words become digits.

use std::borrow::Cow;

/// The words of the digits, in their order.
const DIGITS: [&str; 10] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

/// The digit that a word means.
fn digit(word: &str) -> Option<char> {
    let word = if ["oh", "o"].iter().any(|zero| word.eq_ignore_ascii_case(zero)) { DIGITS[0] } else { word };
    ('0'..='9').zip(DIGITS).find(|(_, known)| word.eq_ignore_ascii_case(known)).map(|(digit, _)| digit)
}

/// How often the digit behind a word counts.
fn times(word: &str) -> Option<usize> {
    match word.to_ascii_lowercase().as_str() {
        "double" => Some(2),
        "triple" => Some(3),
        _ => None,
    }
}

/// A text with its digit words as digits, `double` and `triple` carried out, `plus` as `+` and the pauses left out. All
/// other words stay, and so do a `double` or `triple` without a digit behind, so that nothing is passed over in silence.
pub(super) fn to_digits(text: &str) -> Cow<'_, str> {
    if !text.chars().any(char::is_alphabetic) {
        return Cow::Borrowed(text);
    }
    let mut digits = String::with_capacity(text.len());
    let mut repeat: Option<&str> = None;
    for token in tokens(text) {
        let said = digit(token).or_else(|| token.chars().next().filter(char::is_ascii_digit));
        match (said, repeat.take()) {
            (Some(said), word) => digits.extend(std::iter::repeat_n(said, word.and_then(times).unwrap_or(1))),
            (None, word) if is_pause(token) => repeat = word,
            (None, word) => {
                digits.push_str(word.unwrap_or_default());
                match times(token) {
                    Some(_) => repeat = Some(token),
                    None if token.eq_ignore_ascii_case("plus") => digits.push('+'),
                    None => digits.push_str(token),
                }
            }
        }
    }
    digits.push_str(repeat.unwrap_or_default());
    Cow::Owned(digits)
}

/// Whether a token is a pause between words. A comma is one here: between figures it begins an extension.
fn is_pause(token: &str) -> bool {
    token.chars().all(|c| c.is_whitespace() || matches!(c, ',' | '-'))
}

/// A text cut into its words; everything between them comes a character at a time.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let letters = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
        let (token, behind) = rest.split_at(letters.max(if letters == 0 { first.len_utf8() } else { 0 }));
        rest = behind;
        Some(token)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_digits() {
        for (text, expected) in [
            ("two zero two", "202"),
            ("Two-Oh-Two", "202"),
            ("double five triple oh", "55000"),
            ("double 5 1", "551"),
            ("plus one, two", "+12"),
            ("plus 44 20", "+4420"),
            ("five extension one two", "5extension12"),
            ("double", "double"),
            ("double trouble", "doubletrouble"),
            ("double double five", "double55"),
            ("twenty two", "twenty2"),
            ("202.555-1, 2", "202.555-1, 2"),
            ("", ""),
        ] {
            assert_eq!(to_digits(text), expected, "{text}");
        }
    }
}
