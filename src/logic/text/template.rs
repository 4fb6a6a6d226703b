//! The words of a confirmation, with places for what differs.

use std::collections::BTreeMap;

use crate::domain::language::LanguageTag;

/// What stands in a place of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString)]
#[strum(serialize_all = "snake_case")]
pub(super) enum Place {
    Date,
    Time,
    Reference,
    ContactId,
}

/// One stretch of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Words(String),
    Place(Place),
}

/// Why a template cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTemplate {
    /// A name in braces that means nothing.
    #[error("{{{0}}} means nothing; allowed are {{date}}, {{time}}, {{reference}} and {{contact_id}}")]
    Unknown(String),
    /// A brace without its partner.
    #[error("a brace without its partner near {0:?}; allowed are {{date}}, {{time}}, {{reference}} and {{contact_id}}")]
    Unbalanced(String),
    /// No words at all.
    #[error("the text is empty")]
    Empty,
    /// More than ten segments.
    #[error("the text has {0} characters; allowed are {max}", max = CHARACTERS_MAX)]
    TooLong(usize),
    /// A character that is not for reading.
    #[error("the text has the control character {0:?}; of these only line breaks are allowed")]
    Control(char),
}

/// Characters of a text to a customer: ten segments.
const CHARACTERS_MAX: usize = 1600;

/// Reads a template.
pub(super) fn parse(text: &str) -> Result<Vec<Piece>, BadTemplate> {
    if text.trim().is_empty() {
        return Err(BadTemplate::Empty);
    }
    let characters = text.chars().count();
    if characters > CHARACTERS_MAX {
        return Err(BadTemplate::TooLong(characters));
    }
    if let Some(control) = text.chars().find(|c| c.is_control() && *c != '\n') {
        return Err(BadTemplate::Control(control));
    }
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(brace) = rest.find(['{', '}']) {
        let (words, behind) = rest.split_at(brace);
        let unbalanced = || BadTemplate::Unbalanced(behind.chars().take(20).collect());
        let inside = behind.strip_prefix('{').ok_or_else(unbalanced)?;
        let end = inside.find(['{', '}']).filter(|end| inside[*end..].starts_with('}')).ok_or_else(unbalanced)?;
        if !words.is_empty() {
            pieces.push(Piece::Words(words.to_owned()));
        }
        let name = &inside[..end];
        pieces.push(Piece::Place(name.parse().map_err(|_| BadTemplate::Unknown(name.to_owned()))?));
        rest = &inside[end + 1..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Words(rest.to_owned()));
    }
    Ok(pieces)
}

/// The template of every language that has one.
#[derive(Clone, Debug)]
pub struct Templates {
    by_tag: BTreeMap<String, Vec<Piece>>,
    default_language: LanguageTag,
}

/// A set of templates that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTemplates {
    /// A key that is no language.
    #[error("{0:?} is no language tag; one of BCP 47 is needed, such as \"es\" or \"es-MX\"")]
    Tag(String),
    /// Two keys for one language.
    #[error("{first:?} and {second:?} name the same language")]
    Twice {
        /// The key that names it first.
        first: String,
        /// The key that names it again.
        second: String,
    },
    /// A text.
    #[error("{tag}: {error}")]
    Text {
        /// The key in which it stands.
        tag: String,
        /// What is wrong with it.
        error: BadTemplate,
    },
    /// Nothing to fall back on.
    #[error("there is no text for {0}, the default language")]
    NoFallback(LanguageTag),
}

impl Templates {
    /// The templates of these languages, `es-MX` or `es`, each with its text.
    pub fn new<'s>(
        default_language: LanguageTag,
        texts: impl IntoIterator<Item = (&'s str, &'s str)>,
    ) -> Result<Self, BadTemplates> {
        let mut templates = Self { by_tag: BTreeMap::new(), default_language };
        let mut keys = BTreeMap::new();
        for (key, text) in texts {
            let tag = LanguageTag::parse(key).ok_or_else(|| BadTemplates::Tag(key.to_owned()))?;
            let pieces = parse(text).map_err(|error| BadTemplates::Text { tag: key.to_owned(), error })?;
            templates.by_tag.insert(tag.as_str().to_owned(), pieces);
            if let Some(first) = keys.insert(tag, key) {
                return Err(BadTemplates::Twice { first: first.to_owned(), second: key.to_owned() });
            }
        }
        match templates.of(&templates.default_language) {
            Some(_) => Ok(templates),
            None => Err(BadTemplates::NoFallback(templates.default_language)),
        }
    }

    /// Whether a language has a template of its own, or its first part has.
    #[must_use]
    pub fn has(&self, language: &LanguageTag) -> bool {
        self.of(language).is_some()
    }

    /// The template for a language, and the language in which its date and time are to be said: the asked one
    /// where the template is of it, else the template's, so that no text is in two languages.
    pub(super) fn choose<'s>(&'s self, language: &'s LanguageTag) -> (&'s [Piece], &'s str) {
        let fallback = || self.of(&self.default_language);
        self.of(language).or_else(fallback).unwrap_or((&[], self.default_language.as_str()))
    }

    /// The template of a language or of its first part.
    fn of<'s>(&'s self, language: &'s LanguageTag) -> Option<(&'s [Piece], &'s str)> {
        let pieces = self.by_tag.get(language.as_str()).or_else(|| self.by_tag.get(language.first_part()))?;
        Some((pieces, language.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tag(text: &str) -> LanguageTag {
        LanguageTag::parse(text).expect("a tag")
    }

    #[test]
    fn a_template_has_words_and_places() {
        let words = |text: &str| Piece::Words(text.to_owned());
        let expected = [
            words("On "),
            Piece::Place(Place::Date),
            Piece::Place(Place::Time),
            words(": "),
            Piece::Place(Place::Reference),
        ];
        assert_eq!(parse("On {date}{time}: {reference}").expect("a template"), expected);
        assert_eq!(parse("No places.").expect("a template"), [words("No places.")]);
    }

    #[test]
    fn templates_that_cannot_be_used_name_the_trouble() {
        for (text, expected) in [
            ("", "the text is empty"),
            ("x".repeat(1601).as_str(), "the text has 1601 characters; allowed are 1600"),
            ("a\u{1b}[2Jb", "the text has the control character '\\u{1b}'"),
            (" ", "the text is empty"),
            ("at {when}", "{when} means nothing"),
            ("at {Date}", "{Date} means nothing"),
            ("at {}", "{} means nothing"),
            ("at { date }", "{ date } means nothing"),
            ("at {date", "a brace without its partner near \"{date\""),
            ("at date}", "a brace without its partner near \"}\""),
            ("at {{date}}", "a brace without its partner near \"{{date}}\""),
            ("at {date}}", "a brace without its partner near \"}\""),
        ] {
            let error = parse(text).expect_err(text).to_string();
            assert!(error.starts_with(expected), "{text}: {error}");
        }
    }

    #[test]
    fn sets_that_cannot_be_used_name_the_key() {
        for (texts, expected) in [
            (&[("en", "at {when}")][..], "en: {when} means nothing"),
            (&[("english!", "x")], "\"english!\" is no language tag"),
            (&[("es-mx", "x"), ("es-MX", "y")], "\"es-mx\" and \"es-MX\" name the same language"),
            (&[("en", "x"), ("es", "x")], "there is no text for fr-CA"),
            (&[], "there is no text for fr-CA"),
        ] {
            let error = Templates::new(tag("fr-CA"), texts.iter().copied()).expect_err(expected).to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }

    #[test]
    fn the_nearest_template_is_chosen_with_a_language_that_fits_it() {
        let texts = [("en", "english"), ("es", "spanish"), ("es-MX", "mexican"), ("fr", "french")];
        for (default, asked, words, language) in [
            ("en-US", "es-MX", "mexican", "es-MX"),
            ("en-US", "es-AR", "spanish", "es-AR"),
            ("en-US", "es", "spanish", "es"),
            ("en-US", "en-GB", "english", "en-GB"),
            ("en-US", "zh-Hant-TW", "english", "en-US"),
            ("fr-CA", "zh", "french", "fr-CA"),
        ] {
            let templates = Templates::new(tag(default), texts).expect("templates");
            let asked = tag(asked);
            let (pieces, chosen) = templates.choose(&asked);
            assert_eq!((pieces, chosen), (&[Piece::Words(words.to_owned())][..], language), "{asked} under {default}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(text in ".{0,30}|[{}a-z]{0,20}|(\\{date\\}|[{}é]){0,8}") {
            let _ = parse(&text);
        }
    }
}
