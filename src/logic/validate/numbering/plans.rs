//! The numbering plans of the world, written here by `build.rs`.

/// The numbers of one region.
pub(super) struct Region {
    /// Two letters, or `001` for a calling code of no region.
    pub(super) id: &'static str,
    /// What callers in the region dial in front of a national number.
    pub(super) national_prefix: Option<&'static str>,
    /// The same as a pattern, where there is more to it.
    pub(super) national_prefix_for_parsing: Option<&'static str>,
    /// The pattern of what they dial in front of a calling code.
    pub(super) international_prefix: Option<&'static str>,
    /// The pattern of the digits that are the region's alone among those of its calling code.
    pub(super) leading_digits: Option<&'static str>,
    /// The pattern of all its national numbers.
    pub(super) general: &'static str,
    /// The patterns of the types that make a number valid, with the lengths of each.
    pub(super) types: &'static [(&'static str, &'static [u16])],
}

include!(concat!(env!("OUT_DIR"), "/plans.rs"));

/// The calling code of the region with these two letters, where it has phone numbers of its own.
pub(super) fn code_of(region: &str) -> Option<u16> {
    let serves = |regions: &[Region]| regions.iter().any(|one| one.id == region);
    PLANS.iter().find(|(_, regions)| region.len() == 2 && serves(regions)).map(|(code, _)| *code)
}

/// The regions of a calling code, the main one first.
pub(super) fn of_code(code: u16) -> Option<&'static [Region]> {
    let place = PLANS.binary_search_by_key(&code, |(code, _)| *code).ok()?;
    Some(PLANS[place].1)
}
