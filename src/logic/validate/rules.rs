//! By which rules rows are judged.

use std::ops::RangeInclusive;

use rlibphonenumber::Region;

use crate::domain::language::LanguageTag;
use crate::domain::zone::{UnknownZone, Zone};

use super::format::{BadFormat, TimeFormat};
use super::numbering;

/// Whether English digit words in a phone field are numbers, as speech-to-text writes them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SpokenDigits {
    /// `two zero two` is no number.
    #[default]
    Refused,
    /// `two zero two` is 202.
    Understood,
}

/// The rules as settings spell them.
#[derive(Clone, Debug)]
pub struct RulesSpec<'s> {
    /// The region of numbers without a `+`, `US`.
    pub default_region: &'s str,
    /// The zone of times without an offset; without it they are rejected.
    pub timezone: Option<&'s str>,
    /// More shapes of times, in the letters of `strftime`.
    pub time_formats: &'s [String],
    /// The least width of a window, in seconds.
    pub min_window: u32,
    /// The greatest width of a window, in seconds.
    pub max_window: u32,
    /// Whether digit words are understood.
    pub spoken_digits: SpokenDigits,
    /// The language of rows that name none, `en-US`.
    pub default_language: &'s str,
}

impl Default for RulesSpec<'_> {
    fn default() -> Self {
        Self {
            default_region: "US",
            timezone: None,
            time_formats: &[],
            min_window: 3600,
            max_window: 4 * 3600,
            spoken_digits: SpokenDigits::Refused,
            default_language: "en-US",
        }
    }
}

/// The rules, each of them one that can be followed.
#[derive(Clone, Debug)]
pub struct Rules {
    pub(super) region: Region,
    /// The digits that are dialled there in front of a calling code; none where there are several ways.
    pub(super) abroad: Vec<u8>,
    pub(super) zone: Option<Zone>,
    pub(super) formats: Vec<TimeFormat>,
    pub(super) widths: RangeInclusive<u32>,
    pub(super) spoken_digits: SpokenDigits,
    /// The language of rows that name none.
    pub default_language: LanguageTag,
}

/// A rule that cannot be followed, and what would do instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRule {
    /// `default_region`.
    #[error("{0:?} is no region with phone numbers; a code of ISO 3166 is needed, such as \"US\" or \"GB\"")]
    Region(String),
    /// `timezone`.
    #[error(transparent)]
    Zone(#[from] UnknownZone),
    /// `time_formats`.
    #[error("{0:?} {1}")]
    Format(String, BadFormat),
    /// `min_window`, `max_window`.
    #[error("the least width of a window ({0} s) is above the greatest ({1} s)")]
    Widths(u32, u32),
    /// `default_language`.
    #[error("{0:?} is no language tag; one of BCP 47 is needed, such as \"en-US\"")]
    Language(String),
}

impl BadRule {
    /// The settings' key that has to change.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Region(_) => "validation.default_region",
            Self::Zone(_) => "validation.timezone",
            Self::Format(..) => "validation.time_formats",
            Self::Widths(..) => "validation.min_window",
            Self::Language(_) => "sms.default_language",
        }
    }
}

impl Rules {
    /// The rules that a specification spells, or the first of them that cannot be followed.
    pub fn new(spec: &RulesSpec) -> Result<Self, BadRule> {
        if spec.min_window > spec.max_window {
            return Err(BadRule::Widths(spec.min_window, spec.max_window));
        }
        let format =
            |spelling: &String| TimeFormat::new(spelling).map_err(|error| BadRule::Format(spelling.clone(), error));
        let language = LanguageTag::parse(spec.default_language);
        let region = region(spec.default_region)?;
        Ok(Self {
            region,
            abroad: numbering::dialled_abroad(region),
            zone: spec.timezone.map(Zone::named).transpose()?,
            formats: spec.time_formats.iter().map(format).collect::<Result<_, _>>()?,
            widths: spec.min_window..=spec.max_window,
            spoken_digits: spec.spoken_digits,
            default_language: language.ok_or_else(|| BadRule::Language(spec.default_language.to_owned()))?,
        })
    }
}

/// The region with this code, where it has phone numbers of its own.
fn region(code: &str) -> Result<Region, BadRule> {
    let region = code.to_ascii_uppercase().parse::<Region>().ok();
    let region = region.filter(|region| numbering::calling_code(*region).is_some());
    region.ok_or_else(|| BadRule::Region(code.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(change: impl FnOnce(&mut RulesSpec<'static>), key: &str) {
        let mut spec = RulesSpec::default();
        change(&mut spec);
        let error = Rules::new(&spec).expect_err(key);
        assert_eq!(error.key(), key, "{error}");
    }

    #[test]
    fn rules_that_cannot_be_followed_name_their_key() {
        for code in ["", "ZZ", "USA", "AQ", "001", "États"] {
            check(|spec| spec.default_region = code, "validation.default_region");
        }
        check(|spec| spec.timezone = Some("Mars/Phobos"), "validation.timezone");
        check(|spec| spec.time_formats = vec!["%H".to_owned()].leak(), "validation.time_formats");
        check(|spec| spec.min_window = 5 * 3600, "validation.min_window");
        check(|spec| spec.default_language = "en_US", "sms.default_language");
    }

    #[test]
    fn the_rules_of_an_untouched_setup_can_be_followed() {
        assert!(Rules::new(&RulesSpec::default()).is_ok());
        for code in ["us", "GB", "it", "NZ"] {
            assert!(Rules::new(&RulesSpec { default_region: code, ..RulesSpec::default() }).is_ok(), "{code}");
        }
    }
}
