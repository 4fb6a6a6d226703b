//! The phone door beside libphonenumber: the same verdict and the same number, on the fast way and on the slow one.
//!
//! `PHONES=n` draws so many mutations of example numbers, in blocks of a thousand, a block a seed. Of the first million the
//! numbers that libphonenumber's newer plans have withdrawn stand in `fixtures/phones/withdrawn.txt`.
#![cfg(test)]

mod corpus;
mod published;
mod quick;

use std::collections::BTreeSet;

use phonenumber::metadata::DATABASE;
use rayon::prelude::*;
use ringback::domain::phone::E164;
use ringback::logic::validate::phone;
use ringback::logic::validate::rules::{Rules, RulesSpec, SpokenDigits};
use rlibphonenumber::{PhoneNumber, PhoneNumberFormat, Region};

use corpus::{EXAMPLES, Written};

/// Mutations of a plain `cargo test`.
const PHONES: u64 = 60_000;

/// Mutations in the list of the withdrawn.
const LISTED: u64 = 1_000_000;

/// Digits of a number in E.164 form, at least. libphonenumber knows shorter ones, such as +98 9601.
const DIGITS_MIN: usize = 7;

/// Mutations of a block.
const BLOCK: u64 = 1000;

fn rules(region: Region) -> Rules {
    spoken(region, SpokenDigits::Refused)
}

fn spoken(region: Region, spoken_digits: SpokenDigits) -> Rules {
    let spec = RulesSpec { default_region: &region.as_region_str(), spoken_digits, ..RulesSpec::default() };
    Rules::new(&spec).expect("a region with numbers")
}

fn judged(text: &str, region: Region) -> Option<String> {
    phone::judge(text, &rules(region)).ok().map(E164::reveal)
}

/// The number where libphonenumber takes the text and finds it valid, and it has 7 to 15 digits.
fn libphonenumber(text: &str, region: Region) -> Option<String> {
    let number = PhoneNumber::parse(text, Some(region)).ok().filter(PhoneNumber::is_valid)?;
    Some(number.format_as(PhoneNumberFormat::E164).into_owned())
        .filter(|canonical| (DIGITS_MIN + 1..=16).contains(&canonical.len()))
}

#[test]
fn every_example_number_of_every_region_and_type_is_itself() {
    assert!(EXAMPLES.len() > 1000, "{}", EXAMPLES.len());
    for example in EXAMPLES.iter() {
        let canonical = format!("+{}{}", example.code, example.national);
        let is_long_enough = canonical.len() > DIGITS_MIN;
        for region in [example.region, Region::US] {
            let expected = is_long_enough.then(|| canonical.clone());
            assert_eq!(judged(&canonical, region), expected, "{canonical} in {region}");
        }
        let at_home = libphonenumber(&example.at_home, example.region);
        assert_eq!(judged(&example.at_home, example.region), at_home, "{} in {}", example.at_home, example.region);
    }
}

#[test]
fn every_calling_code_is_known() {
    for code in ["800", "808", "870", "878", "881", "882", "883", "888", "979"] {
        assert!(EXAMPLES.iter().any(|example| example.code == code), "{code}");
    }
    for plan in DATABASE.iter() {
        let national = plan.descriptors().general().example().or_else(|| plan.descriptors().fixed_line()?.example());
        let Some(national) = national else { continue };
        let canonical = format!("+{}{national}", plan.country_code());
        assert_eq!(judged(&canonical, Region::US), Some(canonical.clone()), "{canonical} of {}", plan.id());
    }
}

#[test]
fn mutations_are_judged_as_by_libphonenumber() {
    let phones = std::env::var("PHONES").map_or(PHONES, |phones| phones.parse().expect("a number"));
    let withdrawn: BTreeSet<&str> =
        include_str!("../../fixtures/phones/withdrawn.txt").lines().filter(|line| line.starts_with('+')).collect();
    let found: Vec<String> = (0..phones / BLOCK).into_par_iter().flat_map_iter(differing).collect();
    assert!(found.len() as u64 * 1000 < phones, "{} of {phones} differ", found.len());
    let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
    if phones <= LISTED {
        let unlisted: Vec<&&str> = found.difference(&withdrawn).collect();
        assert!(unlisted.is_empty(), "{unlisted:#?}");
    }
    if phones == LISTED {
        assert_eq!(found, withdrawn, "the list is of {LISTED} mutations");
    }
}

/// A number is the same where words are understood, alone and in an address.
fn no_word_takes_a_number_away(text: &str, region: Region, ours: Option<E164>) {
    let heard = spoken(region, SpokenDigits::Understood);
    assert_eq!(phone::judge(text, &heard).ok(), ours, "{text} in {region}, spoken");
    for address in [format!("tel:{text};phone-context=+1"), format!("<sip:{text}@one.example;user=phone>")] {
        let written = phone::judge(&address, &rules(region)).ok();
        let understood = phone::judge(&address, &heard).ok();
        assert!(
            written.is_none() || written == understood,
            "{address} in {region}: {written:?}, {understood:?} spoken"
        );
    }
}

/// The numbers of a block that have an owner here and none any more in libphonenumber. Nothing else may differ.
fn differing(block: u64) -> Vec<String> {
    let mut rng = fastrand::Rng::with_seed(block);
    let drawn = (0..BLOCK).map(|_| corpus::drawn(&mut rng));
    let (mut plain, mut fast, mut differing) = (0, 0, Vec::new());
    for Written { text, region } in drawn {
        let ours = phone::judge(&text, &rules(region)).ok();
        let quick = phone::quick(text.as_bytes(), &rules(region));
        assert!(quick.is_none() || quick == ours, "{text} in {region}: {quick:?} at once, {ours:?} in the end");
        no_word_takes_a_number_away(&text, region, ours);
        plain += usize::from(ours.is_some());
        fast += usize::from(quick.is_some());
        let theirs = libphonenumber(text.trim_matches([' ', '*', '#']), region);
        match (ours.map(E164::reveal), theirs) {
            (Some(ours), None) => differing.push(ours),
            (ours, theirs) => assert_eq!(ours, theirs, "{text} in {region}"),
        }
    }
    assert!(fast * 100 > plain * 80, "the fast way knew {fast} of {plain}");
    differing
}
