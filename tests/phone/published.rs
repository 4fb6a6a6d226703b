//! Numbers that libphonenumber's own tests are about, as far as they hold with the plans of the world: its tests run on plans
//! made for them. Where its tests read letters as digits, this door refuses; those are left out.

use rlibphonenumber::Region;

use crate::judged;

fn check(region: Region, texts: &[&str], expected: Option<&str>) {
    for text in texts {
        assert_eq!(judged(text, region).as_deref(), expected, "{text} in {region}");
    }
}

#[test]
fn valid_numbers() {
    for number in [
        "+16502530000",
        "+390236618300",
        "+447912345678",
        "+6421387835",
        "+80012345678",
        "+979123456789",
        "+12423232345",
        "+18002530000",
        "+19002530000",
        "+448001234567",
        "+442070313000",
        "+393451234567",
        "+541187654321",
        "+5491187654321",
        "+61236618300",
        "+493034651234",
        "+4930123456",
        "+6565218000",
        "+81332211234",
        "+6433316005",
        "+524499780001",
    ] {
        check(Region::US, &[number], Some(number));
    }
}

#[test]
fn invalid_numbers() {
    let numbers = [
        "+12530000",
        "+39023661830000",
        "+44791234567",
        "+491234",
        "+643316005",
        "+39232366",
        "+800123456789",
        "+1 650 253 000",
        "+1 650 253 00000",
        "+8001234567",
        "+97912345678",
        "+210 3456 56789",
        "+49 0",
        "+---",
        "+***",
        "+*******91",
        "123-456-7890",
        "0119",
        "011",
        "This is not a phone number",
        "1 Still not a number",
        "1 MICROSOFT",
        "tel:555-1234;phone-context=1-331",
    ];
    check(Region::US, &numbers, None);
    check(Region::GB, &["01495 72553301873 810104", "0044", "0044-----"], None);
    check(Region::NZ, &["+ 00 210 3 331 6005"], None);
}

#[test]
fn national_numbers_and_dialling_prefixes() {
    let spellings = [
        "033316005",
        "33316005",
        "03-331 6005",
        "03 331 6005",
        "tel:03-331-6005;phone-context=+64",
        "tel:331-6005;phone-context=+64-3",
        "tel:03-331-6005;isub=12345;phone-context=+64",
        "0064 3 331 6005",
        "+64 3 331 6005",
        "+0064 3 331 6005",
        "+ 00 64 3 331 6005",
        "03 331 6005 ext 3456",
        "03-3316005x3456",
        "03-3316005 int.3456",
        "03 3316005 #3456",
    ];
    check(Region::NZ, &spellings, Some("+6433316005"));
    check(Region::US, &["01164 3 331 6005", "+64 3 331 6005", "+01164 3 331 6005"], Some("+6433316005"));
    check(Region::US, &["1-650-253-0000", "1 (650) 253-0000", "(650) 253-0000"], Some("+16502530000"));
    check(Region::GB, &["+442034567890x456", "+44-2034567890 X 456", "020 3456 7890 ext. 456"], Some("+442034567890"));
    check(Region::SG, &["＋１ （６５０） ２５３－００００", "＋１ （６５０） ２５３ー００００"], Some("+16502530000"));
}

#[test]
fn argentine_mobiles_have_a_nine_abroad_and_a_fifteen_at_home() {
    for (texts, expected) in [
        (["+54 9 343 555 1212", "0343 15 555 1212"], "+5493435551212"),
        (["+54 9 11 8765 4321", "011 15 8765 4321"], "+5491187654321"),
        (["+54 9 3715 65 4320", "03715 15 65 4320"], "+5493715654320"),
        (["+54 11 3797 0000", "011 3797 0000"], "+541137970000"),
        (["+54 3715 65 4321", "03715 65 4321"], "+543715654321"),
    ] {
        check(Region::AR, &texts, Some(expected));
    }
}

#[test]
fn mexican_numbers_have_lost_their_prefixes() {
    check(Region::MX, &["+52 (449)978-0001", "(449)978-0001", "449 978 0001"], Some("+524499780001"));
    check(Region::MX, &["+52 33 1234-5678", "33 1234-5678"], Some("+523312345678"));
    check(Region::MX, &["045 33 1234-5678", "+52 1 33 1234-5678"], None);
}

#[test]
fn italian_zeros_are_part_of_the_number() {
    check(Region::IT, &["+39 02-36618 300", "02-3661 8300", "0039 02 3661 8300"], Some("+390236618300"));
    check(Region::IT, &["+39 345 123 4567", "345 123 4567"], Some("+393451234567"));
    check(Region::IT, &["2 3661 8300"], None);
}

#[test]
fn brazilian_carriers_are_dialled_and_dropped() {
    check(Region::BR, &["0 15 11 96123-4567", "011 96123-4567", "11 96123-4567"], Some("+5511961234567"));
}

#[test]
fn numbers_of_no_region() {
    for (texts, expected) in [
        (["+800 1234 5678", "00 800 1234 5678"], "+80012345678"),
        (["+808 1234 5678", "00 808 1234 5678"], "+80812345678"),
        (["+870 301 234 567", "00 870 301 234 567"], "+870301234567"),
        (["+881 612 345 678", "00 881 612 345 678"], "+881612345678"),
        (["+979 123 456 789", "00 979 123 456 789"], "+979123456789"),
    ] {
        check(Region::DE, &texts, Some(expected));
    }
}
