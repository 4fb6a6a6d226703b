//! Phone numbers of real number plans, each row its own, written as people and IVRs write them.

use std::io::Write;

use super::random::Random;

/// Area codes of the United States (NANPA), any exchange of which may be in use.
const US_AREAS: [u16; 64] = [
    201, 202, 203, 205, 206, 207, 208, 209, 210, 212, 213, 214, 215, 216, 217, 218, 219, 224, 225, 228, 229, 231, 234,
    239, 240, 248, 251, 252, 253, 254, 256, 260, 262, 267, 269, 270, 276, 281, 301, 302, 303, 304, 305, 307, 308, 309,
    310, 312, 313, 314, 315, 316, 317, 318, 319, 402, 404, 405, 407, 408, 410, 412, 415, 512,
];

/// Area codes of Canada.
const CANADIAN_AREAS: [u16; 12] = [204, 250, 306, 403, 416, 418, 514, 519, 604, 613, 705, 902];

/// A number of a row: calling code and national number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Phone {
    pub(super) calling_code: u16,
    pub(super) national: u64,
}

/// The phone of a row. Two rows have two phones as long as there are fewer rows than numbers in the smallest plan, 70
/// million.
pub(super) fn of_row(seed: u64, number: u64, random: &mut Random) -> Phone {
    let place = |size: u64| scattered(number + seed % 0xffff_ffff, size);
    match random.below(100) {
        0..80 => Phone { calling_code: 1, national: nanp(&US_AREAS, place(nanp_size(&US_AREAS))) },
        80..88 => Phone { calling_code: 1, national: nanp(&CANADIAN_AREAS, place(nanp_size(&CANADIAN_AREAS))) },
        88..92 => Phone { calling_code: 52, national: 5_510_000_000 + place(70_000_000) },
        92..96 => Phone { calling_code: 44, national: 7_710_000_000 + place(70_000_000) },
        _ => Phone { calling_code: 49, national: 15_110_000_000 + place(80_000_000) },
    }
}

/// A place of its own for each number below `size`: a stride that shares no factor with any size here.
fn scattered(number: u64, size: u64) -> u64 {
    const STRIDE: u128 = 2_654_435_761;
    u64::try_from(u128::from(number) * STRIDE % u128::from(size)).unwrap_or_default()
}

/// Exchanges 200 to 999 without those that end in 11, and without 555, where most lines are not in use.
const EXCHANGES: u64 = 800 - 8 - 1;

fn nanp_size(areas: &[u16]) -> u64 {
    areas.len() as u64 * EXCHANGES * 10_000
}

fn nanp(areas: &[u16], place: u64) -> u64 {
    let (line, rest) = (place % 10_000, place / 10_000);
    let area = areas[usize::try_from(rest / EXCHANGES).unwrap_or_default()];
    (u64::from(area) * 1000 + exchange(rest % EXCHANGES)) * 10_000 + line
}

/// The exchange at this place of the list without 211, 311 and so on, and without 555.
fn exchange(place: u64) -> u64 {
    let hundred = |place: u64| {
        let (block, within) = (place / 99, place % 99);
        200 + block * 100 + if within < 11 { within } else { within + 1 }
    };
    let found = hundred(place);
    if found < 555 { found } else { hundred(place + 1) }
}

/// Writes the number in one of many ways. A way with a comma or a quote is never taken.
pub(super) fn spell(phone: Phone, random: &mut Random, out: &mut Vec<u8>) {
    let n = phone.national;
    let (area, exchange, line) = (n / 10_000_000, n / 10_000 % 1000, n % 10_000);
    let written = match (phone.calling_code, random.below(100)) {
        (1, 0..35) => write!(out, "+1{n}"),
        (1, 35..55) => write!(out, "({area}) {exchange:03}-{line:04}"),
        (1, 55..67) => write!(out, "{area}-{exchange:03}-{line:04}"),
        (1, 67..75) => write!(out, "{area}.{exchange:03}.{line:04}"),
        (1, 75..84) => write!(out, "{n}"),
        (1, 84..88) => write!(out, "1{n}"),
        (1, 88..92) => write!(out, "+1 {area} {exchange:03} {line:04}"),
        (1, 92..95) => write!(out, "1-{area}-{exchange:03}-{line:04}"),
        (1, 95..98) => write!(out, "{n}#"),
        (1, _) => write!(out, "({area}) {exchange:03}-{line:04} x{}", 10 + random.below(990)),
        (code, 0..60) => write!(out, "+{code}{n}"),
        (code, 60..80) => write!(out, "+{code} {} {:06}", n / 1_000_000, n % 1_000_000),
        (code, _) => write!(out, "011{code}{n}"),
    };
    // Writing to a vector does not fail.
    written.unwrap_or_default();
}
