//! The numbering plan of one calling code: which national numbers somebody can have, in libphonenumber's words.
//!
//! A calling code may serve several regions. libphonenumber asks them in order, the main one first, and takes the
//! first that claims the number's leading digits or has a type for it; the number is valid where that region has
//! a type for it, by pattern and by length.

use super::automaton::{Automaton, Place};
use super::plans::{self, Region};

/// Lengths of numbers, a bit a length.
pub(super) type Lengths = u32;

/// Calling codes whose numbers have got other forms since the version of the plans that is compiled here, so that the
/// parser, which is newer, takes another prefix off: Zimbabwe's.
const CHANGED: [u16; 1] = [263];

/// What it says that a pattern matches.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The digits have the form of the region's numbers.
    General(usize),
    /// They have the form of one type of the region's numbers, which come in these lengths.
    Type(usize, Lengths),
    /// Their beginning claims them for the region.
    Leading(usize),
    /// They begin with the national prefix of the region where they are written.
    NationalPrefix,
    /// They begin with the national prefix of the calling code's main region.
    MainPrefix,
    /// They begin with the prefix of calls abroad.
    Abroad,
}

/// A calling code's plan, and how its numbers are written in one region, or behind a `+`.
pub(super) struct Plan {
    pub(super) automaton: Automaton,
    meanings: Vec<Meaning>,
    /// The region in whose way numbers are written, by its place among the code's regions.
    region: usize,
    /// The lengths of that region's numbers.
    pub(super) lengths: Lengths,
    /// The national prefix of that region.
    pub(super) prefix: Vec<u8>,
    /// Whether the parser has to be asked in any case.
    pub(super) has_changed: bool,
}

impl Plan {
    /// The plan of a calling code, its numbers written behind a `+`, or as in the region with this name.
    pub(super) fn of(code: u16, home: Option<&str>) -> Option<Self> {
        let regions = plans::of_code(code)?;
        let region = home.map_or(Some(0), |home| regions.iter().position(|region| region.id == home))?;
        let (main, rules) = (regions.first()?, regions.get(region)?);
        let mut patterns: Vec<(String, Meaning)> =
            regions.iter().enumerate().flat_map(|(index, region)| of_region(index, region)).collect();
        patterns.extend(national_prefix(rules).map(|pattern| (pattern, Meaning::NationalPrefix)));
        if home.is_some() {
            patterns.extend(national_prefix(main).map(|pattern| (pattern, Meaning::MainPrefix)));
            patterns.extend(rules.international_prefix.map(|prefix| (prefix.to_owned(), Meaning::Abroad)));
        }
        let (patterns, meanings): (Vec<String>, Vec<Meaning>) = patterns.into_iter().unzip();
        let prefix = rules.national_prefix.unwrap_or_default();
        Some(Self {
            automaton: Automaton::of(&patterns)?,
            meanings,
            region,
            lengths: rules.types.iter().fold(0, |lengths, (_, of_type)| lengths | lengths_of(of_type)),
            prefix: prefix.bytes().map(|byte| byte.wrapping_sub(b'0')).collect(),
            has_changed: CHANGED.contains(&code),
        })
    }

    /// Whether a pattern with this meaning ends in front of the last digit.
    pub(super) fn ended(&self, place: Place, meaning: Meaning) -> bool {
        self.automaton.matched_before(place).any(|pattern| self.meanings[pattern] == meaning)
    }

    /// What all the digits are, where none follows.
    pub(super) fn judged(&self, place: Place) -> Judged {
        let found: Vec<Meaning> = self.automaton.matched(place).map(|pattern| self.meanings[pattern]).collect();
        let has = |meaning| found.contains(&meaning);
        Judged {
            valid: valid_lengths(&found),
            general: has(Meaning::General(self.region)),
            prefixed: has(Meaning::NationalPrefix) || has(Meaning::MainPrefix),
            abroad: has(Meaning::Abroad),
        }
    }
}

/// What digits are to a plan.
pub(super) struct Judged {
    /// The lengths for which they are a valid national number.
    pub(super) valid: Lengths,
    /// Whether they have the form of the writing region's numbers.
    pub(super) general: bool,
    /// Whether all of them are a national prefix.
    pub(super) prefixed: bool,
    /// Whether all of them are a prefix of calls abroad.
    pub(super) abroad: bool,
}

/// The lengths for which what matches makes a valid number, with the regions asked in their order.
fn valid_lengths(found: &[Meaning]) -> Lengths {
    let claims = |meaning: &Meaning| if let Meaning::Leading(region) = meaning { Some(*region) } else { None };
    let last = found.iter().filter_map(claims).min().unwrap_or(usize::MAX);
    let mut lengths = 0;
    for meaning in found {
        if let Meaning::Type(region, of_type) = meaning
            && *region <= last
            && found.contains(&Meaning::General(*region))
        {
            lengths |= of_type;
        }
    }
    lengths
}

/// The patterns of one of the regions.
fn of_region(index: usize, region: &Region) -> Vec<(String, Meaning)> {
    let mut patterns = vec![(region.general.to_owned(), Meaning::General(index))];
    let of_type =
        |(pattern, lengths): &(&str, &[u16])| ((*pattern).to_owned(), Meaning::Type(index, lengths_of(lengths)));
    patterns.extend(region.types.iter().map(of_type));
    let leading = region.leading_digits.map(|leading| format!("(?:{leading})[0-9]*"));
    patterns.extend(leading.map(|pattern| (pattern, Meaning::Leading(index))));
    patterns
}

fn lengths_of(lengths: &[u16]) -> Lengths {
    lengths.iter().filter_map(|length| 1_u32.checked_shl(u32::from(*length))).fold(0, |all, bit| all | bit)
}

/// The pattern of the prefixes that a region's own callers dial in front of a national number.
fn national_prefix(region: &Region) -> Option<String> {
    region.national_prefix_for_parsing.or(region.national_prefix).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_asked_in_their_order() {
        use Meaning::{General, Leading, Type};
        for (found, lengths) in [
            (&[General(0), Type(0, 0b01), Type(0, 0b10)][..], 0b11),
            (&[Type(0, 0b01)], 0),
            (&[General(0)], 0),
            (&[General(0), General(1), Type(1, 0b10)], 0b10),
            (&[General(1), Type(1, 0b10), Leading(1)], 0b10),
            (&[General(1), Type(1, 0b10), Leading(0)], 0),
            (&[Type(2, 0b01), General(2), Leading(2), Leading(1)], 0),
        ] {
            assert_eq!(valid_lengths(found), lengths);
        }
    }

    #[test]
    fn a_plan_is_written_in_its_own_regions_only() {
        assert!(Plan::of(1, Some("CA")).is_some());
        assert!(Plan::of(1, Some("DE")).is_none());
        assert!(Plan::of(999, None).is_none());
    }
}
