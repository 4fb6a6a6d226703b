//! Whose number a phone field holds.
//!
//! What a number means and whether it is valid is what Google's libphonenumber says: its port `rlibphonenumber`
//! parses, and its numbering plans, compiled, judge. What this module adds stands before it: the leftovers of
//! keypads, speech and spreadsheets are taken off, and whatever was never meant as a number does not reach it.
//! Letters are not turned into digits: `4.36641e10` must not become somebody's number.
//!
//! Most fields are plain, and the compiled plans can read those by themselves. That is the fast way. It gives
//! numbers only, and none that the slow way would not give.

use std::borrow::Cow;
use std::sync::LazyLock;

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat};

use crate::domain::fault::{Fault, Finding};
use crate::domain::phone::E164;
use crate::domain::row::Field;
use crate::domain::shown::steers;

use super::address;
use super::extension;
use super::field::excerpt;
use super::keyed::{self, Origin};
use super::numbering;
use super::rules::{Rules, SpokenDigits};
use super::spoken;

/// Characters of a phone field, as libphonenumber has it.
const CHARACTERS_MAX: usize = 250;

/// Digits of a number, country code included (ITU-T E.164, 6.2.1).
const DIGITS_MAX: usize = 15;

/// Makes the parser ready, which takes it 10 ms. Else the first field that needs it does that, while others wait.
pub fn make_ready() {
    LazyLock::force(&PHONE_NUMBER_UTIL);
}

/// The number in a phone field, where its bytes are plain enough to see it at once: what [`judge`] says of the same
/// text. Nothing is no verdict: [`judge`] has it.
#[must_use]
pub fn quick(bytes: &[u8], rules: &Rules) -> Option<E164> {
    let mut keyed = keyed::open(bytes)?;
    let number = match keyed.origin {
        Origin::International => numbering::behind_plus(&mut keyed.digits),
        Origin::Home if keyed.digits.begin_with(&rules.abroad) => numbering::behind_plus(&mut keyed.digits),
        Origin::Home => numbering::at_home(rules.region, &mut keyed.digits),
    };
    number.filter(|_| keyed.digits.are_all_read())
}

/// Judges the text of a phone field. Words are taken for digits only where the text is no number as it stands: what is
/// somebody's number without the setting is the same with it.
pub fn judge(text: &str, rules: &Rules) -> Result<E164, Finding> {
    let finding =
        |(fault, why): Refusal| Finding::new(fault, format!("{} {why}", excerpt(text))).of(Field::Phone.name());
    if text.len() > CHARACTERS_MAX && text.chars().nth(CHARACTERS_MAX).is_some() {
        return Err(finding((Fault::PhoneUnparseable, "is too long for a phone number")));
    }
    let heard = |refusal| if let Some(said) = said(text, rules) { of_written(&said, rules) } else { Err(refusal) };
    of_written(text, rules).or_else(heard).map_err(finding)
}

/// A text with its words as digits, where it has any and they are understood.
fn said(text: &str, rules: &Rules) -> Option<String> {
    match (rules.spoken_digits, spoken::to_digits(text)) {
        (SpokenDigits::Understood, Cow::Owned(said)) => Some(said),
        (SpokenDigits::Understood | SpokenDigits::Refused, _) => None,
    }
}

/// What is wrong with a text, and why.
type Refusal = (Fault, &'static str);

/// Whose number stands in a text as it is written.
fn of_written(text: &str, rules: &Rules) -> Result<E164, Refusal> {
    let number = parse(text, rules).map_err(|why| (Fault::PhoneUnparseable, why))?;
    let canonical = number.format_as(PhoneNumberFormat::E164);
    if canonical.len() > '+'.len_utf8() + DIGITS_MAX {
        return Err((Fault::PhoneUnparseable, "has more than 15 digits"));
    }
    let phone = E164::from_canonical(&canonical).filter(|phone| is_somebodys(*phone, &number));
    phone.ok_or((Fault::PhoneInvalid, "is a number that nobody can have"))
}

/// Whether somebody can have a number. The parser's own plans are some versions newer than those that are compiled: a
/// number that was given out in between has an owner too.
fn is_somebodys(phone: E164, number: &PhoneNumber) -> bool {
    numbering::is_valid(phone) || number.is_valid()
}

/// The number that a text spells, valid or not, or why it spells none.
fn parse(text: &str, rules: &Rules) -> Result<PhoneNumber, &'static str> {
    let text = without_leftovers(text);
    if is_rounded(text) {
        return Err("is not a phone number: a spreadsheet has rounded it; export the column as text");
    }
    let number = if is_plain(text) { Cow::Borrowed(text) } else { Cow::Owned(plainly(text)?) };
    if is_decimal_fraction(&number) {
        return Err("is a decimal fraction, not a phone number");
    }
    PhoneNumber::parse(&number, Some(rules.region)).map_err(|_| "is not a phone number")
}

/// A text without the keys that end an entry, and without the `'` by which spreadsheets mark text.
fn without_leftovers(text: &str) -> &str {
    let is_leftover = |c: char| c.is_whitespace() || matches!(c, '#' | '*' | '＃' | '＊');
    let text = text.trim_matches(is_leftover);
    let marked = text.trim_start_matches(['\'', '’']);
    if marked.starts_with(|c: char| c == '+' || c.is_numeric()) { marked } else { text }
}

/// Whether a text holds ASCII digits and the usual punctuation alone, so that no closer look is needed.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b'0'..=b'9' | b' ' | b'+' | b'-' | b'.' | b'(' | b')'))
}

/// What a spreadsheet makes of a number: `2025550198.0`. Nobody writes a phone number so.
fn is_decimal_fraction(text: &str) -> bool {
    let whole = text.strip_suffix(".0").or_else(|| text.strip_suffix(".00"));
    whole.is_some_and(|whole| whole.len() > 4 && whole.trim_start_matches('+').bytes().all(|b| b.is_ascii_digit()))
}

/// What a spreadsheet makes of a long number: `1.20256E+10`. Its last digits are gone.
fn is_rounded(text: &str) -> bool {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else { return false };
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
    is_digits(exponent.trim_start_matches(['+', '-']))
        && is_digits(whole.trim_start_matches('+'))
        && is_digits(fraction)
}

/// The number of a text alone, its punctuation in ASCII: without the address around it, extension, odd blanks and
/// marks of the direction of writing; refused where anything else remains.
fn plainly(text: &str) -> Result<String, &'static str> {
    let blank = |c: char| if c.is_whitespace() { ' ' } else { c };
    let text: String = text.chars().map(blank).filter(|c| !steers(*c)).collect();
    let (number, context) = address::without_parameters(address::number(&text)?)?;
    let number = extension::strip(without_leftovers(number));
    if has_letters(number) {
        return Err("is not a phone number: it has letters");
    }
    let number: Option<String> = number.chars().map(in_ascii).collect();
    let number = number.ok_or("is not a phone number: it has signs that no number has")?;
    Ok(context.map(|context| format!("{number};phone-context={context}")).unwrap_or(number))
}

/// The signs of all scripts that people write for a hyphen.
const HYPHENS: &str = "\u{ad}\u{58a}\u{5be}\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2015}\u{2043}\u{207b}\u{2212}\
                       \u{2e3a}\u{2e3b}ー\u{fe58}\u{fe63}－\u{ff70}";

/// A digit of any script, or a sign that people write in numbers, as ASCII has it. libphonenumber passes over all else.
fn in_ascii(c: char) -> Option<char> {
    let c = match c {
        '0'..='9' | ' ' | '+' | '-' | '.' | '(' | ')' | '/' | '*' | '#' | '~' => c,
        '＋' => '+',
        hyphen if HYPHENS.contains(hyphen) => '-',
        '．' | '\u{2024}' | '·' | '\u{2022}' | '\u{2027}' | '\u{2219}' | '\u{22c5}' | '・' | '\u{ff65}' => '.',
        '（' => '(',
        '）' => ')',
        '／' | '\u{2044}' | '\u{2215}' => '/',
        '＊' => '*',
        '＃' => '#',
        '～' | '\u{2053}' | '\u{223c}' | '\u{301c}' => '~',
        digit => return PHONE_NUMBER_UTIL.normalize_digits_only(digit.encode_utf8(&mut [0; 4])).chars().next(),
    };
    Some(c)
}

/// Whether a text has letters. The long-vowel mark is a letter to Unicode and a hyphen to those who type it in numbers.
fn has_letters(text: &str) -> bool {
    text.chars().any(|c| c.is_alphabetic() && !matches!(c, 'ー' | '\u{ff70}'))
}

#[cfg(test)]
#[path = "phone_tests.rs"]
mod tests;
