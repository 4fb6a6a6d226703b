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
    masked(text, |_| true)
}

/// The name of a campaign, a file or a record, or a command with names in it: every run of digits masked that may be a
/// phone number. A day and a time in digits alone, `20261123` or `20261123000123`, and UUIDs are none.
#[must_use]
pub fn masked_name(name: &str) -> String {
    let mut shown = String::with_capacity(name.len());
    let mut rest = name;
    while let Some((start, id)) = uuid(rest) {
        let (before, after) = (&rest[..start], &rest[start + id.len()..]);
        shown.push_str(&masked(before, |digits| !is_day(digits)));
        shown.push_str(id);
        rest = after;
    }
    shown + &masked(rest, |digits| !is_day(digits))
}

/// A text with every run of digits masked that is long enough and may be a number.
fn masked(text: &str, may_be_one: impl Fn(&str) -> bool) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_numeric()) {
        let (before, run) = rest.split_at(start);
        shown.push_str(before);
        let length = if let Some(date) = date(run) { date } else { number(run) };
        let (run, after) = run.split_at(length);
        let digits: String = run.chars().filter(|c| c.is_numeric()).collect();
        let is_number = date(run).is_none() && digits.chars().count() >= DIGITS_MIN && may_be_one(&digits);
        shown.push_str(&if is_number { masked_phone(run) } else { run.to_owned() });
        rest = after;
    }
    shown.push_str(rest);
    shown
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

/// Whether digits are a day of these years, alone or with a time: `20261123`, `202611231300`, `20261123130000`.
fn is_day(digits: &str) -> bool {
    let part = |from: usize, to: usize| digits.get(from..to).and_then(|part| part.parse::<u32>().ok());
    let has = |at: usize, max: u32| part(at, at + 2).is_none_or(|part| part <= max);
    matches!(digits.len(), 8 | 12 | 14)
        && part(0, 4).is_some_and(|year| (2000..2100).contains(&year))
        && part(4, 6).is_some_and(|month| (1..=12).contains(&month))
        && part(6, 8).is_some_and(|day| (1..=31).contains(&day))
        && has(8, 23)
        && has(10, 59)
        && has(12, 59)
}

/// The first UUID in a text, and where it begins.
fn uuid(text: &str) -> Option<(usize, &str)> {
    const LENGTH: usize = 36;
    let at = |start: usize| text.get(start..start + LENGTH).filter(|id| uuid::Uuid::try_parse(id).is_ok());
    text.char_indices().find_map(|(start, _)| Some((start, at(start)?)))
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
    fn numbers_in_names_are_masked_and_days_and_ids_are_not() {
        for (name, expected) in [
            ("+1 202 555 0198", "+•••0198"),
            ("camp 2025550153", "camp •••0153"),
            ("refuse-2025550174", "refuse-•••0174"),
            ("exports/in 202-555-0199.csv", "exports/in •••0199.csv"),
            ("billing-east-2", "billing-east-2"),
            ("20261123", "20261123"),
            ("night-2026-11-23.csv", "night-2026-11-23.csv"),
            ("call-20261123-000123", "call-20261123-000123"),
            ("20261323", "•••1323"),
            ("20261123240000", "•••0000"),
            ("20261123 2025550199", "•••0199"),
            (
                "runs/01935a2e-0000-7000-8000-000000000001/2025550199",
                "runs/01935a2e-0000-7000-8000-000000000001/•••0199",
            ),
            ("x01935a2e-0000-7000-8000-00000000000", "x01935a2e-•••0000"),
        ] {
            assert_eq!(masked_name(name), expected, "{name}");
        }
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
