//! The languages of a batch, by number.

use hashbrown::HashMap;

use crate::domain::interned::LanguageNo;
use crate::domain::language::LanguageTag;

/// Languages, numbered in the order in which they were first seen. They are kept as tags: were they words, each
/// would have to be read again, and one that failed would shift the numbers of all behind it.
#[derive(Default)]
pub(in crate::pipeline) struct Languages {
    /// The tags by number.
    pub(in crate::pipeline) tags: Vec<LanguageTag>,
    numbers: HashMap<LanguageTag, LanguageNo, foldhash::fast::RandomState>,
}

impl Languages {
    /// The number of a language, new or known.
    pub(in crate::pipeline) fn number(&mut self, tag: &LanguageTag) -> LanguageNo {
        if let Some(&number) = self.numbers.get(tag) {
            return number;
        }
        let number = LanguageNo(u32::try_from(self.tags.len()).unwrap_or(u32::MAX));
        self.tags.push(tag.clone());
        self.numbers.insert(tag.clone(), number);
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_keeps_its_number_and_its_tag() {
        let mut languages = Languages::default();
        for (text, number) in [("en-US", 0), ("es", 1), ("x-house", 2), ("ES", 1), ("en-us", 0), ("zh-Hant-TW", 3)] {
            let tag = LanguageTag::parse(text).expect("a tag");
            assert_eq!(languages.number(&tag), LanguageNo(number), "{text}");
            assert_eq!(languages.tags[number as usize], tag, "{text}");
        }
        assert_eq!(languages.tags.len(), 4);
    }
}
