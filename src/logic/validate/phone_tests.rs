use super::*;
use crate::logic::validate::rules::RulesSpec;
use proptest::prelude::*;
use rlibphonenumber::{PHONE_NUMBER_UTIL, Region};

fn rules(default_region: &str, spoken_digits: SpokenDigits) -> Rules {
    Rules::new(&RulesSpec { default_region, spoken_digits, ..RulesSpec::default() }).expect("rules")
}

/// What becomes of a text: the number, or the code of its fault.
fn check(text: &str, rules: &Rules, expected: &str) {
    let judged = match judge(text, rules) {
        Ok(phone) => phone.reveal(),
        Err(finding) => finding.fault.code().to_owned(),
    };
    assert_eq!(judged, expected, "{text}");
}

const UNPARSEABLE: &str = "phone.unparseable";
const INVALID: &str = "phone.invalid";

#[test]
fn numbers_as_people_and_machines_write_them() {
    let us = rules("US", SpokenDigits::Refused);
    for (text, expected) in [
        ("+12025550198", "+12025550198"),
        ("2025550198", "+12025550198"),
        ("12025550198", "+12025550198"),
        ("(202) 555-0198", "+12025550198"),
        ("202.555.0198", "+12025550198"),
        ("+1 800-212-3456", "+18002123456"),
        ("+441512345678", "+441512345678"),
        ("011 44 151 234 5678", "+441512345678"),
        ("(+44) 151 234 5678", "+441512345678"),
        ("+39 06 6982 0000", "+390669820000"),
        ("2025550198#", "+12025550198"),
        ("*2025550198##", "+12025550198"),
        ("# 202 555 0198 *", "+12025550198"),
        ("202 555 0198#", "+12025550198"),
        ("'+12025550198", "+12025550198"),
        ("'2025550198", "+12025550198"),
        ("'2025550198 x12", "+12025550198"),
        ("tel:+1-202-555-0198", "+12025550198"),
        ("TEL: 202 555 0198", "+12025550198"),
        ("tel:+1-202-555-0198;ext=12", "+12025550198"),
        ("tel:555-0198;phone-context=+1-202", "+12025550198"),
        ("202-555-0198 x123", "+12025550198"),
        ("202-555-0198x123", "+12025550198"),
        ("202-555-0198 ext. 5", "+12025550198"),
        ("202-555-0198 EXT 5", "+12025550198"),
        ("(202) 555-0198 extension 1234", "+12025550198"),
        ("+12025550198;ext=99", "+12025550198"),
        ("2025550198;ext=12345678901234567890", "+12025550198"),
        ("tel:+1-202-555-0198;isub=12;ext=5", "+12025550198"),
        ("sip:2025550198@x.com", "+12025550198"),
        ("sips:+1-202-555-0198@x.com;user=phone", "+12025550198"),
        ("SIP:2025550198;ext=5@10.0.0.1:5060", "+12025550198"),
        ("<sip:+12025550198@10.0.0.1>;tag=1", "+12025550198"),
        ("<tel:+1-202-555-0198;ext=5>", "+12025550198"),
        ("202·555·0198", "+12025550198"),
        ("202•555・0198", "+12025550198"),
        ("（202）555－0198", "+12025550198"),
        ("202/555/0198", "+12025550198"),
        ("202\u{ad}555\u{2043}0198", "+12025550198"),
        ("2025550198 #12", "+12025550198"),
        ("(+44) 151 234 5678 ext 5", "+441512345678"),
        ("２０２５５５０１９８", "+12025550198"),
        ("＋１ ２０２ ５５５ ０１９８", "+12025550198"),
        ("٢٠٢٥٥٥٠١٩٨", "+12025550198"),
        ("202\u{a0}555\u{202f}0198", "+12025550198"),
        ("\u{202a}+1 202 555 0198\u{202c}", "+12025550198"),
        ("202–555–0198", "+12025550198"),
        ("202\t555\t0198", "+12025550198"),
    ] {
        check(text, &us, expected);
    }
}

#[test]
fn what_was_never_a_number() {
    let us = rules("US", SpokenDigits::Refused);
    for (text, expected) in [
        ("0", UNPARSEABLE),
        ("anonymous", UNPARSEABLE),
        ("null", UNPARSEABLE),
        ("-", UNPARSEABLE),
        ("+", UNPARSEABLE),
        ("####", UNPARSEABLE),
        ("1-800-FLOWERS", UNPARSEABLE),
        ("+1 800 GOOG 411", UNPARSEABLE),
        ("call 2025550198", UNPARSEABLE),
        ("2025550198 home", UNPARSEABLE),
        ("2025550198x", UNPARSEABLE),
        ("202x555x0198", UNPARSEABLE),
        ("202О5550198", UNPARSEABLE),
        ("4.36641e10", UNPARSEABLE),
        ("4.36641E+10", UNPARSEABLE),
        ("1.20256E+10", UNPARSEABLE),
        ("2025550198.0", UNPARSEABLE),
        ("2025550198;2025550199", UNPARSEABLE),
        ("2025550198; 5550199", UNPARSEABLE),
        ("2025550198,,2025550199", UNPARSEABLE),
        ("2025550198/2025550199", UNPARSEABLE),
        ("tel:2025550198;tel:2025550199", UNPARSEABLE),
        ("2025550198;home=2025550199", UNPARSEABLE),
        ("[\"+12025550198\"]", UNPARSEABLE),
        ("{2025550198}", UNPARSEABLE),
        ("\"2025550198\"", UNPARSEABLE),
        ("2025550198?", UNPARSEABLE),
        ("202=555=0198", UNPARSEABLE),
        ("202_555_0198", UNPARSEABLE),
        ("$2025550198", UNPARSEABLE),
        ("2025550198\u{1f4de}", UNPARSEABLE),
        ("2025550198½", UNPARSEABLE),
        ("sip:x.com", UNPARSEABLE),
        ("sip:192.168.10.110", UNPARSEABLE),
        ("sip:alice@x.com", UNPARSEABLE),
        ("sip:2025550198@x.com,sip:2025550199@x.com", UNPARSEABLE),
        ("sip:911@x.com", INVALID),
        ("two zero two five five five oh one nine eight", UNPARSEABLE),
        ("+1202555019812345", UNPARSEABLE),
        ("1234567890123456", UNPARSEABLE),
        ("2025550198 2025550199", UNPARSEABLE),
        ("2025550198#2025550199", UNPARSEABLE),
        ("+999 123 456 789", UNPARSEABLE),
        ("\u{1f4de}", UNPARSEABLE),
        ("+24312345697", INVALID),
        ("911", INVALID),
        ("5550198", INVALID),
        ("0000000000", INVALID),
        ("1111111111", INVALID),
        ("+1 202 055 0198", INVALID),
        ("20255501981", INVALID),
    ] {
        check(text, &us, expected);
    }
    check(&"1".repeat(251), &us, UNPARSEABLE);
    check(&format!("2025550198{}", " ".repeat(241)), &us, UNPARSEABLE);
}

#[test]
fn numbers_of_other_regions() {
    for (region, text, expected) in [
        ("IT", "06 6982 0000", "+390669820000"),
        ("IT", "0039 06 6982 0000", "+390669820000"),
        ("GB", "0151 234 5678", "+441512345678"),
        ("GB", "+44 (0)151 234 5678", "+441512345678"),
        ("DE", "030/123456", "+4930123456"),
        ("DE", "3012345678.0", UNPARSEABLE),
        ("JP", "03ー1234ー5678", "+81312345678"),
        ("AU", "1300 975 707", "+611300975707"),
        ("FR", "01 42 68 53 00", "+33142685300"),
    ] {
        check(text, &rules(region, SpokenDigits::Refused), expected);
    }
}

#[test]
fn digits_that_were_spoken() {
    let spoken = rules("US", SpokenDigits::Understood);
    for (text, expected) in [
        ("two zero two five five five zero one nine eight", "+12025550198"),
        ("Two oh two, triple five, oh one nine eight.", "+12025550198"),
        ("plus one two zero two triple five zero one nine eight", "+12025550198"),
        ("plus 44 151 double two 45678", "+441512245678"),
        ("202 double five 5 0198", "+12025550198"),
        ("two zero two five five five zero one nine eight extension one two", "+12025550198"),
        ("2025550198#", "+12025550198"),
        ("tel:2025550198;phone-context=+1", "+12025550198"),
        ("<sip:2025550198@two.example;user=phone>", "+12025550198"),
        ("two zero two double", UNPARSEABLE),
        ("call me maybe", UNPARSEABLE),
        ("twenty twenty five", UNPARSEABLE),
    ] {
        check(text, &spoken, expected);
    }
}

#[test]
fn a_detail_names_the_field_and_the_value() {
    let us = rules("US", SpokenDigits::Refused);
    let finding = judge("call\u{7} me", &us).expect_err("no number");
    assert_eq!(finding.detail(), "phoneNumber: call\u{fffd} me is not a phone number: it has letters");
    for rounded in ["1.20256E+10", "4.36641e10", "1,20256E+10", "2E+10"] {
        let finding = judge(rounded, &us).expect_err("no number");
        assert_eq!(finding.fault, Fault::PhoneUnparseable);
        let words = "is not a phone number: a spreadsheet has rounded it; export the column as text";
        assert_eq!(finding.detail(), format!("phoneNumber: {rounded} {words}"));
    }
}

/// The E.164 form where libphonenumber takes the text, finds it valid, and gives it seven digits or more.
fn oracle(text: &str, region: Region) -> Option<String> {
    let number = PhoneNumber::parse(text, Some(region)).ok().filter(PhoneNumber::is_valid)?;
    Some(number.format_as(PhoneNumberFormat::E164).into_owned()).filter(|canonical| canonical.len() > 7)
}

/// The text with each of its digits changed in turn, and the text itself.
fn changed(text: &str) -> impl Iterator<Item = String> {
    let places = text.match_indices(|c: char| c.is_ascii_digit()).map(|(place, _)| place);
    let changed = places.zip("7391520486739152".chars()).map(|(place, digit)| {
        let mut changed = text.to_owned();
        changed.replace_range(place..=place, &digit.to_string());
        changed
    });
    changed.chain([text.to_owned()])
}

#[test]
fn changed_examples_of_all_regions_are_judged_as_by_libphonenumber() {
    let us = rules("US", SpokenDigits::Refused);
    for region in PHONE_NUMBER_UTIL.get_supported_regions() {
        let Ok(example) = PHONE_NUMBER_UTIL.get_example_number(region) else { continue };
        for text in changed(&example.format_as(PhoneNumberFormat::E164)) {
            assert_eq!(judge(&text, &us).ok().map(E164::reveal), oracle(&text, Region::US), "{text}");
        }
        let at_home = Rules { region, ..us.clone() };
        for text in changed(&example.format_as(PhoneNumberFormat::National)) {
            assert_eq!(judge(&text, &at_home).ok().map(E164::reveal), oracle(&text, region), "{text} in {region:?}");
        }
    }
}

proptest! {
    #[test]
    fn plain_punctuation_is_taken_as_libphonenumber_takes_it(
        digits in "[2-9][0-9]{2}[2-9][0-9]{6}",
        marks in "[ ().-]{0,2}",
        country in "(\\+?1)?",
    ) {
        let us = rules("US", SpokenDigits::Refused);
        let text = format!("{country}{marks}{}{marks}{}-{}", &digits[..3], &digits[3..6], &digits[6..]);
        prop_assert_eq!(judge(&text, &us).ok().map(E164::reveal), oracle(&text, Region::US), "{}", text);
    }

    #[test]
    fn what_is_taken_is_what_libphonenumber_takes(text in "[+]?[0-9 ().-]{2,20}") {
        let us = rules("US", SpokenDigits::Refused);
        if let Ok(phone) = judge(&text, &us) {
            prop_assert_eq!(Some(phone.reveal()), oracle(&text, Region::US));
        }
    }

    #[test]
    fn no_text_is_too_strange(text in ".{0,60}|[-+#*x0-9 a-zé;=,٢٢'ー/\\\\.]{0,40}") {
        for spoken_digits in [SpokenDigits::Refused, SpokenDigits::Understood] {
            let _ = judge(&text, &rules("DE", spoken_digits));
        }
    }
}
