//! The beginning of an id, by which people call what has a long name.

/// All ids that begin so: 16 bytes from `low` to `high`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdPrefix {
    /// The first.
    pub low: [u8; 16],
    /// The last.
    pub high: [u8; 16],
}

/// Hexadecimal digits of a whole id.
const DIGITS: usize = 32;

impl IdPrefix {
    /// The ids that begin with these hexadecimal digits, with dashes or without; `None` where something else stands
    /// there, or fewer digits than `least`.
    #[must_use]
    pub fn parse(text: &str, least: usize) -> Option<Self> {
        let digits = text.trim().chars().filter(|c| *c != '-').map(|c| c.to_digit(16));
        let digits: Vec<u8> =
            digits.map(|digit| digit.and_then(|digit| u8::try_from(digit).ok())).collect::<Option<_>>()?;
        if digits.len() < least || digits.len() > DIGITS {
            return None;
        }
        let filled = |with: u8| {
            let nibble = |place: usize| digits.get(place).copied().unwrap_or(with);
            std::array::from_fn(|byte| nibble(2 * byte) << 4 | nibble(2 * byte + 1))
        };
        Some(Self { low: filled(0), high: filled(0xf) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_all_that_begins_so() {
        let id = "194c33ee-72c2-591b-92ab-b071e07b2a7f";
        let whole = IdPrefix::parse(id, 8).expect("an id");
        assert_eq!((whole.low, whole.low[0], whole.low[15]), (whole.high, 0x19, 0x7f));
        let odd = IdPrefix::parse("194C33EE7", 8).expect("a prefix");
        assert_eq!((odd.low[4], odd.high[4]), (0x70, 0x7f));
        assert_eq!((odd.low[5], odd.high[15]), (0, 0xff));
        assert!(odd.low <= whole.low && whole.low <= odd.high);
        for text in ["", "194c33e", "194c33eg", "+12025550198", "194c33ee-72c2-591b-92ab-b071e07b2a7f0"] {
            assert_eq!(IdPrefix::parse(text, 8), None, "{text}");
        }
    }
}
