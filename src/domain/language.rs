//! A customer's language.

use std::fmt;

use compact_str::CompactString;

/// A well-formed BCP 47 tag in its usual letter case, `en-US`. Most fit without an allocation.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LanguageTag(CompactString);

/// Room that every tag in use needs at most (RFC 5646, 4.4.1).
const CHARACTERS_MAX: usize = 35;

impl LanguageTag {
    /// The tag that a text spells, or `None` where it is malformed or longer than 35 characters.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > CHARACTERS_MAX {
            return None;
        }
        if is_plain(text.as_bytes()) {
            return Some(Self(text.into()));
        }
        let tag = oxilangtag::LanguageTag::parse_and_normalize(text).ok()?;
        Some(Self(tag.as_str().into()))
    }

    /// The tag, `en-US`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its first part, `en`.
    #[must_use]
    pub fn first_part(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }
}

/// Whether a tag is `en` or `en-US` to the letter: well-formed and normal without a closer look.
fn is_plain(tag: &[u8]) -> bool {
    match tag {
        [a, b] => [a, b].iter().all(|letter| letter.is_ascii_lowercase()),
        [a, b, b'-', c, d] => is_plain(&[*a, *b]) && c.is_ascii_uppercase() && d.is_ascii_uppercase(),
        _ => false,
    }
}

impl fmt::Display for LanguageTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for LanguageTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_in_any_case_and_kept_in_the_usual_one() {
        for (text, tag) in [
            ("en", Some("en")),
            ("en-US", Some("en-US")),
            ("EN-us", Some("en-US")),
            ("es-419", Some("es-419")),
            ("ZH-hant-tw", Some("zh-Hant-TW")),
            ("x-house", Some("x-house")),
            ("en_US", None),
            ("e", None),
            ("", None),
            ("en-", None),
            ("en US", None),
            ("español", None),
            ("en-a-bbbbbbbb-cccccccc-dddddddd-eeeeeeee", None),
        ] {
            assert_eq!(LanguageTag::parse(text).as_ref().map(LanguageTag::as_str), tag, "{text}");
        }
    }

    #[test]
    fn the_first_part_stands_before_the_first_hyphen() {
        assert_eq!(LanguageTag::parse("zh-Hant-TW").expect("a tag").first_part(), "zh");
        assert_eq!(LanguageTag::parse("fr").expect("a tag").first_part(), "fr");
    }

    proptest::proptest! {
        #[test]
        fn what_is_taken_as_plain_is_what_the_grammar_says(text in "[a-zA-Z]{1,4}(-[a-zA-Z0-9]{1,4})?") {
            let by_grammar = oxilangtag::LanguageTag::parse_and_normalize(&text).ok().map(|tag| tag.as_str().to_owned());
            proptest::prop_assert_eq!(LanguageTag::parse(&text).map(|tag| tag.as_str().to_owned()), by_grammar);
        }
    }
}
