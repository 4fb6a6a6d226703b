//! Which digits are somebody's number: libphonenumber's numbering plans, compiled into one table a calling code.
//!
//! A table is drawn up when its calling code, or the region of numbers without a `+`, is first met. From then on it is
//! only read: no lock is taken and nothing allocated.

mod automaton;
mod plan;
mod plans;
mod table;
mod written;

use std::sync::OnceLock;

use rlibphonenumber::Region;

use crate::domain::phone::E164;

use self::plan::Plan;
use self::table::{Figures, Read, Table};

/// Digits that a number has, at most.
const DIGITS_MAX: usize = 20;

/// A calling code, and the table of the digits behind it, or of those that are written in one of its regions.
struct Calling {
    code: u16,
    table: Table,
}

/// By calling code.
static CALLING: [OnceLock<Option<Calling>>; 1000] = [const { OnceLock::new() }; 1000];

/// By the first three digits behind a `+`.
static BEGINNINGS: [OnceLock<Option<&'static Calling>>; 1000] = [const { OnceLock::new() }; 1000];

/// By the letters of a region.
static HOMES: [OnceLock<Option<Calling>>; LETTERS * LETTERS] = [const { OnceLock::new() }; LETTERS * LETTERS];

const LETTERS: usize = 26;

/// The powers of ten by which a number's parts are put together.
const POWERS: [u64; 18] = {
    let mut powers = [1; 18];
    let mut power = 1;
    while power < powers.len() {
        powers[power] = powers[power - 1] * 10;
        power += 1;
    }
    powers
};

/// Whether somebody can have a number.
pub(super) fn is_valid(phone: E164) -> bool {
    let (mut digits, mut first, mut rest) = ([0; DIGITS_MAX], DIGITS_MAX, phone.digits());
    while rest > 0 && first > 0 {
        first -= 1;
        digits[first] = u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
    }
    read(&mut digits[first..].iter().copied()).is_some_and(|(_, read)| read.is_among(read.end.valid))
}

/// The number that the digits behind a `+` are; nothing where libphonenumber has to be asked.
#[inline]
pub(super) fn behind_plus(digits: &mut impl Iterator<Item = u8>) -> Option<E164> {
    let (calling, read) = read(digits)?;
    number(calling.code, &read)
}

/// The number that digits without a `+` are in a region; nothing where libphonenumber has to be asked.
#[inline]
pub(super) fn at_home(region: Region, digits: &mut impl Iterator<Item = u8>) -> Option<E164> {
    let home = home(region)?;
    number(home.code, &home.table.read(&[], digits))
}

/// The calling code of a region, where it has phone numbers of its own. The parser need not be ready for that.
pub(super) fn calling_code(region: Region) -> Option<u16> {
    plans::code_of(&region.as_region_str())
}

/// The digits that are dialled in a region in front of a calling code; none where there are several ways to dial.
pub(super) fn dialled_abroad(region: Region) -> Vec<u8> {
    let regions = calling_code(region).and_then(plans::of_code).unwrap_or_default();
    let rules = regions.iter().find(|rules| rules.id == &*region.as_region_str());
    let prefix = rules.and_then(|rules| rules.international_prefix);
    let digits = prefix.filter(|prefix| prefix.bytes().all(|byte| byte.is_ascii_digit())).unwrap_or_default();
    digits.bytes().map(|byte| byte - b'0').collect()
}

/// Reads the digits behind a `+`: the calling code with which they begin, and the others in its table.
#[inline]
fn read(digits: &mut impl Iterator<Item = u8>) -> Option<(&'static Calling, Read<'static>)> {
    let [first, second, third] = [digits.next()?, digits.next()?, digits.next()?];
    let beginning = usize::from(first) * 100 + usize::from(second) * 10 + usize::from(third);
    let calling = (*BEGINNINGS.get(beginning)?.get_or_init(|| beginning_with(beginning)))?;
    let read = match calling.code {
        ..10 => calling.table.read(&[second, third], digits),
        10..100 => calling.table.read(&[third], digits),
        100.. => calling.table.read(&[], digits),
    };
    Some((calling, read))
}

/// The number of a calling code that was written with these digits.
#[inline]
fn number(code: u16, read: &Read) -> Option<E164> {
    let (prefix, behind_prefix) = read.end.behind_prefix;
    let in_front = if read.is_among(read.end.as_is) {
        Figures::default()
    } else if read.is_among(behind_prefix) {
        prefix
    } else if read.is_among(read.end.behind_code) {
        return E164::from_digits(read.value);
    } else {
        return None;
    };
    let unit = POWERS.get((read.count as usize).checked_sub(usize::from(in_front.count))?)?;
    let national = read.value.checked_sub(u64::from(in_front.value) * unit)?;
    E164::from_digits(u64::from(code) * unit + national)
}

/// The calling code with which three digits begin: none is the beginning of another, and none begins with 0.
fn beginning_with(digits: usize) -> Option<&'static Calling> {
    let codes = [digits / 100, digits / 10, digits];
    if digits < 100 { None } else { codes.into_iter().find_map(calling) }
}

fn calling(code: usize) -> Option<&'static Calling> {
    let draw_up = || {
        let code = u16::try_from(code).ok()?;
        let table = written::behind_code(&Plan::of(code, None)?)?;
        Some(Calling { code, table })
    };
    CALLING.get(code)?.get_or_init(draw_up).as_ref()
}

#[inline]
fn home(region: Region) -> Option<&'static Calling> {
    let draw_up = || {
        let code = calling_code(region)?;
        let digits: Vec<u8> = code.to_string().bytes().map(|byte| byte - b'0').collect();
        let table = written::at_home(&Plan::of(code, Some(&region.as_region_str()))?, &digits)?;
        Some(Calling { code, table })
    };
    let [first, second] = (region as u16).to_be_bytes().map(|letter| usize::from(letter.wrapping_sub(b'A')));
    HOMES.get(first * LETTERS + second)?.get_or_init(draw_up).as_ref()
}

#[cfg(test)]
mod tests {
    use rlibphonenumber::PHONE_NUMBER_UTIL;

    use super::*;

    #[test]
    fn every_region_has_the_calling_code_that_the_parser_gives_it() {
        let letters = || 'A'..='Z';
        let pairs = letters().flat_map(|first| letters().map(move |second| format!("{first}{second}")));
        let regions = pairs.chain(["001".to_owned()]).filter_map(|id| id.parse::<Region>().ok());
        let mut numbered = 0;
        for region in regions {
            let expected = PHONE_NUMBER_UTIL.get_country_code_for_region(region);
            assert_eq!(calling_code(region).map(i32::from), expected, "{region:?}");
            numbered += usize::from(expected.is_some());
        }
        assert!(numbered > 240, "{numbered}");
    }
}
