//! Phone fields to judge: the example numbers of all regions and types, mutated and spelt in every way, from a seed.

use std::sync::LazyLock;

use fastrand::Rng;
use phonenumber::metadata::DATABASE;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, PhoneNumberType, Region};

/// A text, and the region in which it was written.
pub(crate) struct Written {
    pub(crate) text: String,
    pub(crate) region: Region,
}

/// An example number of libphonenumber's.
pub(crate) struct Example {
    /// Its region; for a number of no region, one that may call it.
    pub(crate) region: Region,
    pub(crate) code: String,
    /// Digits behind the calling code.
    pub(crate) national: String,
    /// As it is written at home.
    pub(crate) at_home: String,
}

const TYPES: [PhoneNumberType; 10] = [
    PhoneNumberType::FixedLine,
    PhoneNumberType::Mobile,
    PhoneNumberType::TollFree,
    PhoneNumberType::PremiumRate,
    PhoneNumberType::SharedCost,
    PhoneNumberType::VoIP,
    PhoneNumberType::PersonalNumber,
    PhoneNumberType::Pager,
    PhoneNumberType::UAN,
    PhoneNumberType::VoiceMail,
];

/// Every example number of every region and type, and of the calling codes that belong to no region.
pub(crate) static EXAMPLES: LazyLock<Vec<Example>> = LazyLock::new(|| {
    let mut regions: Vec<Region> = PHONE_NUMBER_UTIL.get_supported_regions().collect();
    regions.sort_unstable();
    let mut codes: Vec<i32> = PHONE_NUMBER_UTIL.get_supported_global_network_calling_codes().collect();
    codes.sort_unstable();
    let of_type = |region| {
        TYPES.into_iter().filter_map(move |kind| {
            PHONE_NUMBER_UTIL.get_example_number_for_type_and_region(region, kind).ok().map(|number| (region, number))
        })
    };
    let of_code =
        |code| PHONE_NUMBER_UTIL.get_example_number_for_non_geo_entity(code).ok().map(|number| (Region::US, number));
    let examples = regions.into_iter().flat_map(of_type).chain(codes.into_iter().filter_map(of_code));
    examples.map(|(region, number)| Example::of(region, &number)).collect()
});

impl Example {
    fn of(region: Region, number: &PhoneNumber) -> Self {
        let at_home = number.format_as(PhoneNumberFormat::National).into_owned();
        Self {
            region,
            code: number.country_code.to_string(),
            national: number.get_national_significant_number(),
            at_home,
        }
    }
}

/// Where numbers without a `+` are from when they are not at home.
const ABROAD: [Region; 12] = [
    Region::US,
    Region::CA,
    Region::GB,
    Region::DE,
    Region::FR,
    Region::ES,
    Region::IT,
    Region::AU,
    Region::AR,
    Region::MX,
    Region::BR,
    Region::RU,
];

/// A text drawn at random.
pub(crate) fn drawn(rng: &mut Rng) -> Written {
    let example = &EXAMPLES[rng.usize(..EXAMPLES.len())];
    let region = if rng.u8(..8) == 0 { ABROAD[rng.usize(..ABROAD.len())] } else { example.region };
    let mut national = example.national.clone().into_bytes();
    for _ in 0..[0, 1, 1, 1, 2, 3][rng.usize(..6)] {
        mutate(&mut national, rng);
    }
    let national = String::from_utf8(national).expect("digits");
    Written { text: spelt(example, &national, region, rng), region }
}

fn digit(rng: &mut Rng) -> u8 {
    rng.u8(b'0'..=b'9')
}

/// Changes, drops or adds a digit, draws a new beginning or end.
fn mutate(digits: &mut Vec<u8>, rng: &mut Rng) {
    let place = rng.usize(..=digits.len());
    match rng.u8(..8) {
        0 if place < digits.len() => drop(digits.remove(place)),
        1 => digits.insert(place, digit(rng)),
        2 | 3 => {
            let changed = rng.usize(1..=4).min(digits.len());
            digits[..changed].fill_with(|| digit(rng));
        }
        4 | 5 => digits.iter_mut().skip(place).for_each(|each| *each = digit(rng)),
        _ => digits.iter_mut().skip(place).take(1).for_each(|each| *each = digit(rng)),
    }
}

/// Spells a national number in one of the ways in which people do, right or wrong.
fn spelt(example: &Example, national: &str, region: Region, rng: &mut Rng) -> String {
    let code = &example.code;
    let prefix = DATABASE.by_id(&*region.as_region_str()).and_then(|plan| plan.national_prefix()).unwrap_or_default();
    match rng.u8(..16) {
        0..=3 => format!("+{code}{national}"),
        4 => format!("+{code} {}", punctuated(national, rng)),
        5 => format!("+{code} ({prefix}){}", punctuated(national, rng)),
        6 => format!("(+{code}) {}", punctuated(national, rng)),
        7 => format!("{code}{national}"),
        8 => format!("{}{code}{national}", ["00", "011", "0011", "810", "010", "+00", "++"][rng.usize(..7)]),
        9 if national == example.national => example.at_home.clone(),
        9 | 10 => format!("{prefix}{}", punctuated(national, rng)),
        11 | 12 => format!("{prefix}{national}"),
        13 => punctuated(national, rng),
        14 => format!("{}{national}{}", ["*", "", "'", " "][rng.usize(..4)], ["#", "##", "", " x12"][rng.usize(..4)]),
        _ => national.to_owned(),
    }
}

/// Digits with marks between them.
fn punctuated(digits: &str, rng: &mut Rng) -> String {
    let mut text = String::new();
    for digit in digits.chars() {
        if rng.u8(..4) == 0 {
            text.push_str([" ", "-", ".", " (", ") ", "--"][rng.usize(..6)]);
        }
        text.push(digit);
    }
    // What ends like a decimal fraction is refused on purpose.
    text.replace(".00", "-00").replace(".0", "-0")
}
