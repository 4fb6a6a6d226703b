//! An automaton over digits as a table, small enough to stay near the processor: a row a state, a column a digit.

use std::hash::Hash;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::plan::Lengths;

/// What digits are that end in a state, by their length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct End {
    /// A valid national number.
    pub(super) valid: Lengths,
    /// A way to write a valid number: as they stand.
    pub(super) as_is: Lengths,
    /// A way to write one: behind a national prefix.
    pub(super) behind_prefix: (Figures, Lengths),
    /// A way to write one: behind the calling code.
    pub(super) behind_code: Lengths,
}

/// Digits in front of a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Figures {
    pub(super) count: u8,
    pub(super) value: u16,
}

impl Figures {
    /// A few digits, each 0 to 9.
    pub(super) fn of(digits: &[u8]) -> Self {
        let value = digits.iter().fold(0_u16, |value, digit| value.wrapping_mul(10).wrapping_add(u16::from(*digit)));
        Self { count: u8::try_from(digits.len()).unwrap_or_default(), value }
    }
}

/// The table. Its first row is where the reading begins.
#[derive(Debug)]
pub(super) struct Table {
    /// Row behind row, in each the place at which the row of the next state begins.
    rows: Box<[u16]>,
    ends: Box<[End]>,
}

/// A column a digit.
const COLUMNS: usize = 10;

impl Table {
    /// Draws up the table of an automaton that is given by its first state, its steps and its ends; nothing where it
    /// has too many states.
    pub(super) fn draw_up<S: Copy + Eq + Hash>(
        start: S,
        step: impl Fn(S, u8) -> S,
        end: impl Fn(S) -> End,
    ) -> Option<Self> {
        let (mut states, mut rows) = (vec![start], Vec::new());
        let mut places = HashMap::with_hasher(FixedState::default());
        places.insert(start, 0_usize);
        while let Some(state) = states.get(rows.len()).copied() {
            let row = std::array::from_fn(|digit| {
                let next = step(state, u8::try_from(digit).unwrap_or_default());
                *places.entry(next).or_insert_with(|| {
                    states.push(next);
                    states.len() - 1
                })
            });
            rows.push(row);
        }
        let ends: Vec<End> = states.into_iter().map(end).collect();
        Self::shortened(&rows, &ends)
    }

    /// The table with one row for all states that no digits can tell apart.
    fn shortened(rows: &[[usize; COLUMNS]], ends: &[End]) -> Option<Self> {
        let mut classes = numbered(ends.iter().copied());
        loop {
            let told_apart = |(row, class): (&[usize; COLUMNS], &usize)| (*class, row.map(|next| classes[next]));
            let finer = numbered(rows.iter().zip(&classes).map(told_apart));
            if finer.iter().max() == classes.iter().max() {
                break;
            }
            classes = finer;
        }
        let (mut table, mut table_ends) = (Vec::new(), Vec::new());
        for (state, class) in classes.iter().enumerate() {
            if *class == table_ends.len() {
                table_ends.push(ends[state]);
                for next in rows[state] {
                    table.push(u16::try_from(classes[next] * COLUMNS).ok()?);
                }
            }
        }
        Some(Self { rows: table.into(), ends: table_ends.into() })
    }

    /// Reads digits to their end, those in front first, each 0 to 9.
    #[inline]
    pub(super) fn read(&self, front: &[u8], digits: impl Iterator<Item = u8>) -> Read<'_> {
        let (mut row, mut count, mut value) = (0, 0, 0_u64);
        let mut step = |digit: u8| {
            row = usize::from(self.rows[row + usize::from(digit)]);
            count += 1;
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        };
        front.iter().copied().for_each(&mut step);
        digits.for_each(step);
        Read { end: &self.ends[row / COLUMNS], count, value }
    }
}

/// Digits that were read.
pub(super) struct Read<'t> {
    /// What they are.
    pub(super) end: &'t End,
    /// How many there were.
    pub(super) count: u32,
    /// Their value as a decimal number. It is no longer theirs where there were more than 19; no number has so many.
    pub(super) value: u64,
}

impl Read<'_> {
    /// Whether as many were read as one of these lengths.
    #[inline]
    pub(super) fn is_among(&self, lengths: Lengths) -> bool {
        lengths.checked_shr(self.count).is_some_and(|lengths| lengths & 1 == 1)
    }
}

/// Equal things by equal numbers, in the order in which they are first met.
fn numbered<T: Eq + Hash>(things: impl Iterator<Item = T>) -> Vec<usize> {
    // What is numbered is written in this program: nobody can choose keys that meet.
    let mut numbers = HashMap::with_hasher(FixedState::default());
    things
        .map(|thing| {
            let next = numbers.len();
            *numbers.entry(thing).or_insert(next)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The remainder of the digits by four: four states with the same ends as eight.
    fn remainders(states: u32) -> Table {
        let end = |state| End { as_is: if state % 4 == 0 { 0b110 } else { 0 }, ..End::default() };
        Table::draw_up(0, |state, digit| (state * 10 + u32::from(digit)) % states, end).expect("small")
    }

    #[test]
    fn digits_end_where_their_automaton_ends() {
        let table = remainders(8);
        for (digits, good) in [(&[1, 6][..], true), (&[1, 7], false), (&[8], true), (&[1, 0, 4], false), (&[], false)] {
            let read = table.read(&digits[..digits.len().min(1)], digits.iter().skip(1).copied());
            assert_eq!(read.is_among(read.end.as_is), good, "{digits:?}");
            assert_eq!(read.value, digits.iter().fold(0, |value, digit| value * 10 + u64::from(*digit)));
        }
    }

    #[test]
    fn states_that_no_digits_tell_apart_share_a_row() {
        assert_eq!(remainders(8).rows.len(), remainders(4).rows.len());
    }

    #[test]
    fn a_length_beyond_all_is_none() {
        let table = remainders(4);
        let read = table.read(&[], std::iter::repeat_n(0, 32));
        assert!(!read.is_among(Lengths::MAX));
    }
}
