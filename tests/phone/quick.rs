//! The fast way: what it must know, what it must leave alone, and what it must not take.

use proptest::prelude::*;
use ringback::domain::phone::E164;
use ringback::logic::validate::phone;
use ringback::logic::validate::rules::SpokenDigits;
use rlibphonenumber::Region;

use crate::corpus::EXAMPLES;
use crate::{judged, libphonenumber, rules, spoken};

fn quick(text: &str, region: Region) -> Option<String> {
    phone::quick(text.as_bytes(), &rules(region)).map(E164::reveal)
}

/// Digits as people of these regions write them.
const AT_HOME: [(Region, &str, &str); 29] = [
    (Region::US, "011 44 151 234 5678", "+441512345678"),
    (Region::US, "202-555-0198 x12", "+12025550198"),
    (Region::GB, "00 1 202 555 0198", "+12025550198"),
    (Region::DE, "0044-151-2345678 x1", "+441512345678"),
    (Region::US, "2025550198", "+12025550198"),
    (Region::US, "12025550198", "+12025550198"),
    (Region::US, "1-202-555-0198", "+12025550198"),
    (Region::US, "(202) 555-0198", "+12025550198"),
    (Region::US, "202.555.0198#", "+12025550198"),
    (Region::CA, "604 555 0198", "+16045550198"),
    (Region::CA, "2025550198", "+12025550198"),
    (Region::GB, "0151 234 5678", "+441512345678"),
    (Region::GB, "07912 345678", "+447912345678"),
    (Region::GB, "441512345678", "+441512345678"),
    (Region::DE, "030 123456", "+4930123456"),
    (Region::DE, "0171 1234567", "+491711234567"),
    (Region::FR, "01 42 68 53 00", "+33142685300"),
    (Region::FR, "06.12.34.56.78", "+33612345678"),
    (Region::ES, "612 345 678", "+34612345678"),
    (Region::ES, "34612345678", "+34612345678"),
    (Region::IT, "06 6982 0000", "+390669820000"),
    (Region::IT, "312 345 6789", "+393123456789"),
    (Region::AU, "(02) 1234-5678", "+61212345678"),
    (Region::AU, "1300 975 707", "+611300975707"),
    (Region::AR, "011 3797-0000", "+541137970000"),
    (Region::MX, "449 978 0001", "+524499780001"),
    (Region::BR, "(0)11 96123-4567", "+5511961234567"),
    (Region::RU, "8 (912) 345-67-89", "+79123456789"),
    (Region::RU, "79123456789", "+79123456789"),
];

#[test]
fn what_people_write_at_home_is_known_at_once() {
    for (region, text, expected) in AT_HOME {
        assert_eq!(quick(text, region).as_deref(), Some(expected), "{text} in {region}");
        assert_eq!(judged(text, region).as_deref(), Some(expected), "{text} in {region}");
    }
}

#[test]
fn international_numbers_of_all_calling_codes_are_known_at_once() {
    let all = EXAMPLES.iter().map(|example| format!("+{}{}", example.code, example.national));
    let slow: Vec<String> = all.filter(|text| quick(text, Region::US).as_ref() != Some(text)).collect();
    assert!(slow.len() * 100 < EXAMPLES.len(), "{} of {}: {slow:?}", slow.len(), EXAMPLES.len());
    for (text, expected) in [
        ("+44 (0)151 234 5678", "+441512345678"),
        ("(+39) 06 6982 0000", "+390669820000"),
        ("+5493435551212", "+5493435551212"),
        ("+80012345678", "+80012345678"),
    ] {
        assert_eq!(quick(text, Region::US).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn what_is_not_plain_is_left_to_libphonenumber() {
    for (region, text) in [
        (Region::US, "011 044 151 234 5678"),
        (Region::AU, "0011 44 151 234 5678"),
        (Region::AR, "0343 15 555 1212"),
        (Region::AR, "15 1234 5678"),
        (Region::BR, "0 15 11 96123-4567"),
        (Region::AG, "4601234"),
        (Region::US, "202-555-0198 ext 12"),
        (Region::US, "２０２５５５０１９８"),
        (Region::US, "202555019.0"),
        (Region::US, "+0626000000"),
    ] {
        assert_eq!(quick(text, region), None, "{text} in {region}");
    }
}

#[test]
fn the_verdict_is_on_the_last_digit() {
    for text in ["+1202555019", "+120255501981", "+24312345697", "+44151234567", "2025550198 2025550199", "911", ""] {
        assert_eq!(quick(text, Region::US), None, "{text}");
        assert_eq!(judged(text, Region::US), None, "{text}");
    }
}

#[test]
fn the_fast_way_takes_no_memory() {
    let all: Vec<String> = EXAMPLES.iter().map(|example| format!("+{}{}", example.code, example.national)).collect();
    let here: Vec<_> = AT_HOME.iter().map(|(region, text, _)| (rules(*region), *text)).collect();
    let us = rules(Region::US);
    let round = || {
        let abroad = all.iter().filter_map(|text| phone::quick(text.as_bytes(), &us)).count();
        abroad + here.iter().filter_map(|(rules, text)| phone::quick(text.as_bytes(), rules)).count()
    };
    let first = round();
    let mut second = 0;
    let memory = allocation_counter::measure(|| second = round());
    assert_eq!((second, memory.count_total), (first, 0));
}

#[test]
fn tables_that_are_first_met_by_many_threads_are_the_same() {
    let us = rules(Region::US);
    let alone = |example: &crate::corpus::Example| {
        phone::quick(format!("+{}{}", example.code, example.national).as_bytes(), &us)
    };
    let rounds: Vec<Vec<Option<E164>>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| EXAMPLES.iter().map(alone).collect())).collect();
        threads.into_iter().map(|thread| thread.join().expect("ends")).collect()
    });
    let again: Vec<Option<E164>> = EXAMPLES.iter().map(alone).collect();
    assert!(rounds.iter().all(|round| *round == again));
}

/// Regions whose ways of writing numbers have little in common.
const REGIONS: [Region; 16] = [
    Region::US,
    Region::AG,
    Region::GB,
    Region::JE,
    Region::DE,
    Region::IT,
    Region::SM,
    Region::AR,
    Region::MX,
    Region::BR,
    Region::AU,
    Region::CC,
    Region::RU,
    Region::KR,
    Region::LT,
    Region::ZW,
];

fn agree(text: &str, region: Region) -> Result<(), TestCaseError> {
    for digits in [SpokenDigits::Refused, SpokenDigits::Understood] {
        let rules = spoken(region, digits);
        if let Some(number) = phone::quick(text.as_bytes(), &rules) {
            prop_assert_eq!(phone::judge(text, &rules).ok(), Some(number), "{} in {}", text, region);
        }
    }
    if let Ok(number) = phone::judge(text, &rules(region)) {
        let heard = phone::judge(text, &spoken(region, SpokenDigits::Understood)).ok();
        prop_assert_eq!(heard, Some(number), "{} in {}", text, region);
    }
    Ok(())
}

proptest! {
    #[test]
    fn both_ways_agree_on_plain_texts(text in "[*# ]?\\(?[+]?[0-9]{0,3}[0-9 ().-]{3,16}[#.0 ]?", region in 0..16_usize) {
        agree(&text, REGIONS[region])?;
    }

    #[test]
    fn both_ways_agree_on_digits(text in "[+]?[0-9]{6,14}", region in 0..16_usize) {
        agree(&text, REGIONS[region])?;
        if let Some(number) = quick(&text, REGIONS[region]) {
            let theirs = libphonenumber(&number, REGIONS[region]);
            prop_assert!(theirs.is_none() || theirs == Some(number));
        }
    }

    #[test]
    fn words_take_no_number_away(
        text in "(tel:|TEL: |sip:|<tel:|)[+]?1?[ -]?(202|oh two|2two2)[ -]?555[ -]?0198(x12| ext one|;ext=5|)(;phone-context=(\\+1|one\\.com)|@one\\.com|;o=two|)>?",
        region in 0..2_usize,
    ) {
        agree(&text, REGIONS[region])?;
    }

    #[test]
    fn both_ways_agree_on_any_text(text in ".{0,40}|[-+#*x0-9 a-zé;=,٢'ー/\\\\.]{0,24}", region in 0..16_usize) {
        agree(&text, REGIONS[region])?;
    }
}
