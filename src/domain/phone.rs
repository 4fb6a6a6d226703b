//! A customer's number. It is personal data: it has no `Display`, and its `Debug` is masked.

use std::fmt;
use std::num::NonZeroU64;

use super::time::PAIRS;

/// A phone number in E.164 form, 7 to 15 digits behind the `+`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct E164(NonZeroU64);

/// The smallest and the largest number of digits, country code included (ITU-T E.164, 6.2.1).
const DIGITS: std::ops::RangeInclusive<u64> = 1_000_000..=999_999_999_999_999;

impl E164 {
    /// The number whose digits, country code first, read as a decimal number. A country code never
    /// begins with 0, so that no digit is lost.
    #[must_use]
    pub fn from_digits(digits: u64) -> Option<Self> {
        if DIGITS.contains(&digits) { NonZeroU64::new(digits).map(Self) } else { None }
    }

    /// Reads the canonical spelling: `+` and 7 to 15 digits, nothing else.
    #[must_use]
    pub fn from_canonical(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('+')?;
        if !digits.starts_with(|c: char| c.is_ascii_digit() && c != '0') {
            return None;
        }
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        Self::from_digits(digits.parse().ok()?)
    }

    /// The digits without the `+`, as one decimal number.
    #[must_use]
    pub fn digits(self) -> u64 {
        self.0.get()
    }

    /// The whole number, `+12025550198`: for the platform, results and the ledger, never for a log.
    #[must_use]
    pub fn reveal(self) -> String {
        format!("+{}", self.0)
    }

    /// The same without a place in memory of its own: a report spells millions.
    #[must_use]
    #[inline]
    pub fn spelled(self) -> SpelledPhone {
        let digits = usize::try_from(self.0.get()).unwrap_or_default();
        let pair = |power| PAIRS[digits / power % 100];
        let pairs = [pair(10_usize.pow(14)), pair(10_usize.pow(12)), pair(10_usize.pow(10)), pair(10_usize.pow(8))];
        let others = [pair(1_000_000), pair(10_000), pair(100), pair(1)];
        let mut text = [0; 16];
        text[..8].copy_from_slice(pairs.as_flattened());
        text[8..].copy_from_slice(others.as_flattened());
        // Fifteen digits at most: there is always room for the sign.
        let from = 14_usize.saturating_sub(digits.checked_ilog10().unwrap_or_default() as usize);
        text[from] = b'+';
        SpelledPhone { text, from }
    }

    /// The number as logs and pages show it: `+1202•••0198`.
    #[must_use]
    pub fn masked(self) -> String {
        let digits = self.0.to_string();
        let (head, tail) = digits.split_at(digits.len() - 4);
        let shown = head.len().min(4).min(head.len().saturating_sub(2).max(1));
        format!("+{}•••{tail}", &head[..shown])
    }
}

/// A whole number in ASCII. It is personal data, and has no `Debug` for that.
#[derive(Clone, Copy)]
pub struct SpelledPhone {
    text: [u8; 16],
    from: usize,
}

impl SpelledPhone {
    /// The `+` and the digits.
    #[must_use]
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        &self.text[self.from..]
    }

    /// The same as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

impl fmt::Debug for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn debug_never_shows_the_whole_number() {
        let number = E164::from_canonical("+12025550198").expect("a number");
        assert_eq!(format!("{number:?}"), "+1202•••0198");
        assert_eq!(number.reveal(), "+12025550198");
        let short = E164::from_canonical("+1234567").expect("a number");
        assert_eq!(short.masked(), "+1•••4567");
    }

    #[test]
    fn only_seven_to_fifteen_digits_are_a_number() {
        for (text, good) in [
            ("+123456", false),
            ("+1234567", true),
            ("+123456789012345", true),
            ("+1234567890123456", false),
            ("+0123456789", false),
            ("12025550198", false),
            ("+1202555019a", false),
            ("", false),
        ] {
            assert_eq!(E164::from_canonical(text).is_some(), good, "{text}");
        }
    }

    proptest! {
        #[test]
        fn both_spellings_are_one(digits in DIGITS, shift in 0_u32..9) {
            for digits in [digits, (digits / 10_u64.pow(shift)).max(*DIGITS.start())] {
                let number = E164::from_digits(digits).expect("a number");
                let (spelled, revealed) = (number.spelled(), number.reveal());
                prop_assert_eq!(spelled.as_bytes(), revealed.as_bytes());
            }
        }
    }
}
