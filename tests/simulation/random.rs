//! A seeded source of decisions: the same seed decides the same, on every machine.

/// Splitmix64.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed(self.0)
    }

    /// A number below `end`; 0 where there is none.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// A number from `first` to `last`, both possible.
    pub(crate) fn between(&mut self, first: u64, last: u64) -> u64 {
        first + self.below(last - first + 1)
    }

    /// True so many times in a hundred.
    pub(crate) fn percent(&mut self, times: u64) -> bool {
        self.below(100) < times
    }

    /// One of them.
    pub(crate) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).expect("a place in a list")]
    }

    /// Something, so many times in a hundred.
    pub(crate) fn sometimes<T>(&mut self, percent: u64, what: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.percent(percent).then(|| what(self))
    }
}

/// Bits that say nothing of where they came from.
pub(crate) fn mixed(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// What a seed makes of some words, for truths that do not depend on when they are asked.
pub(crate) fn fate(seed: u64, words: &str) -> u64 {
    words.bytes().fold(mixed(seed ^ 0x0073_6964), |bits, byte| mixed(bits ^ u64::from(byte)))
}
