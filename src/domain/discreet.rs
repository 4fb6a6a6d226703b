//! Text as it may be shown where no customer's number may stand: on pages that are passed on.
//!
//! What looks like a number is masked, whoever wrote it. Dates are left as they are.

/// Stands where digits were.
const MASK: &str = "•••";

/// Fewer digits than this are no phone number that could be called from anywhere (E.164 has 7 to 15).
const DIGITS_MIN: usize = 7;

/// Digits that stay, at the end.
const SHOWN: usize = 4;

/// A text that is meant to be a phone number and is none: the last four of its digits at most, and nothing else.
#[must_use]
pub fn masked_phone(text: &str) -> String {
    let digits: Vec<char> = text.chars().filter(|c| c.is_numeric()).collect();
    match digits.len() {
        0 => String::new(),
        1..DIGITS_MIN => MASK.to_owned(),
        many => MASK.chars().chain(digits[many - SHOWN..].iter().copied()).collect(),
    }
}

/// Words of any kind, with every run of digits masked that may be a phone number.
#[must_use]
pub fn without_numbers(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_numeric()) {
        let (before, run) = rest.split_at(start);
        shown.push_str(before);
        let length = if let Some(date) = date(run) { date } else { number(run) };
        let (run, after) = run.split_at(length);
        let is_number = date(run).is_none() && run.chars().filter(|c| c.is_numeric()).count() >= DIGITS_MIN;
        shown.push_str(&if is_number { masked_phone(run) } else { run.to_owned() });
        rest = after;
    }
    shown.push_str(rest);
    shown
}

/// A name as it is, unless it is written as a number is: `+` in front.
#[must_use]
pub fn masked_name(name: &str) -> String {
    if name.trim_start().starts_with('+') { without_numbers(name) } else { name.to_owned() }
}

/// How long the run of digits is that a text begins with: they may have what people write between them, two signs
/// at most.
fn number(text: &str) -> usize {
    let mut end = 0;
    let mut between = 0;
    for (at, c) in text.char_indices() {
        if c.is_numeric() {
            (end, between) = (at + c.len_utf8(), 0);
        } else if between < 2 && matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '-' | '.' | '(' | ')' | '/' | '–') {
            between += 1;
        } else {
            break;
        }
    }
    end
}

/// How long the date is that a text begins with: `2026-11-23`, and nothing that makes it longer.
fn date(text: &str) -> Option<usize> {
    let date = text.as_bytes().get(..10)?;
    let fits = |(place, byte): (usize, &u8)| if matches!(place, 4 | 7) { *byte == b'-' } else { byte.is_ascii_digit() };
    let follows = text.as_bytes().get(10).is_some_and(|byte| byte.is_ascii_digit() || *byte == b'-');
    (date.iter().enumerate().all(fits) && !follows).then_some(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_shows_four_digits_at_most() {
        for (text, expected) in [
            ("", ""),
            ("two zero two", ""),
            ("12345", "•••"),
            ("(202) 555-019x8", "•••0198"),
            ("call 2025550198 ext 12", "•••9812"),
            ("２０２５５５０１９８", "•••０１９８"),
        ] {
            assert_eq!(masked_phone(text), expected, "{text}");
        }
    }

    #[test]
    fn a_name_is_no_number_unless_it_is_written_as_one() {
        assert_eq!((masked_name("+1 202 555 0198"), masked_name("20261123")), ("+•••0198".into(), "20261123".into()));
    }

    #[test]
    fn numbers_in_words_are_masked_and_dates_are_not() {
        for (text, expected) in [
            ("phoneNumber: +1 (202) 555-0198 nobody can have", "phoneNumber: +•••0198 nobody can have"),
            (
                "2026-11-23T13:00:00Z is not after 2026-11-23T15:00:00Z",
                "2026-11-23T13:00:00Z is not after 2026-11-23T15:00:00Z",
            ),
            ("HTTP 422: 12025550198 is on the list of 2026", "HTTP 422: •••0198 is on the list of 2026"),
            ("202.555.0198/202-555-0199", "•••0199"),
            ("2025-55-01981", "•••1981"),
            ("1h at least, 4h at most, 65536 bytes", "1h at least, 4h at most, 65536 bytes"),
            ("٢٠٢٥٥٥٠١٩٨", "•••٠١٩٨"),
        ] {
            assert_eq!(without_numbers(text), expected, "{text}");
        }
    }
}
