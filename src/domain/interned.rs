//! Words that millions of rows share, kept once: campaigns and languages.

use compact_str::CompactString;
use hashbrown::HashMap;

/// A campaign of this run, by its place in [`Names`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CampaignNo(pub u32);

/// A language of this run, by its place in [`Names`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LanguageNo(pub u32);

/// A table of words, numbered in the order in which they were first seen.
#[derive(Debug, Default, Clone)]
pub struct Names {
    words: Vec<CompactString>,
    numbers: HashMap<CompactString, u32, foldhash::fast::RandomState>,
}

impl Names {
    /// The number of a word, new or known.
    pub fn number(&mut self, word: &str) -> u32 {
        if let Some(&number) = self.numbers.get(word) {
            return number;
        }
        let number = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        self.words.push(word.into());
        self.numbers.insert(word.into(), number);
        number
    }

    /// The word of a number that this table gave out; empty for any other.
    #[must_use]
    pub fn word(&self, number: u32) -> &str {
        self.words.get(number as usize).map_or("", |word| word)
    }

    /// All words in order of their numbers.
    pub fn words(&self) -> impl ExactSizeIterator<Item = &str> {
        self.words.iter().map(CompactString::as_str)
    }
}
