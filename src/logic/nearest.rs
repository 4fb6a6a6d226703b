//! The name that was probably meant, among columns, keys, variables or zones.

use memchr::memmem;

use crate::domain::row::folded_bytes;

/// Names longer than this are compared by their beginning.
const NAME_BYTES_MAX: usize = 64;

/// How many candidates are looked at.
const CANDIDATES_MAX: usize = 1000;

/// The candidate that is written most like one of the wanted names, if any is close enough for a slip.
#[must_use]
pub fn nearest<'a>(wanted: &[&str], candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .take(CANDIDATES_MAX)
        .filter_map(|candidate| wanted.iter().filter_map(|name| slip(name, candidate)).min().map(|d| (d, candidate)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many letters differ, where they are few: two, or a third of the name. A name within the other is
/// as good as few.
fn slip(name: &str, candidate: &str) -> Option<usize> {
    let name: Vec<u8> = folded_bytes(name.as_bytes()).take(NAME_BYTES_MAX).collect();
    let candidate: Vec<u8> = folded_bytes(candidate.as_bytes()).take(NAME_BYTES_MAX).collect();
    let distance = edits(&name, &candidate);
    let few = if name.len() < 4 { 1 } else { (name.len() / 3).max(2) };
    let distance = if within(&name, &candidate) { distance.min(few) } else { distance };
    (distance <= few && distance < name.len()).then_some(distance)
}

/// Whether one name stands in the other.
fn within(one: &[u8], other: &[u8]) -> bool {
    let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
    short.len() > 2 && memmem::find(long, short).is_some()
}

/// The least number of letters put in, taken out or exchanged (Levenshtein).
fn edits(from: &[u8], to: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let exchanged = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = exchanged.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_recognised() {
        let found = ["number", "campagin", "begin", "requestd_end", "idd"];
        for (wanted, meant) in [
            (&["campaignId", "campaign"][..], Some("campagin")),
            (&["requestedEnd"][..], Some("requestd_end")),
            (&["id"][..], Some("idd")),
            (&["requestedStart", "window_start"][..], None),
            (&["window_begin"][..], Some("begin")),
        ] {
            assert_eq!(nearest(wanted, found.into_iter()), meant, "{wanted:?}");
        }
    }

    #[test]
    fn edits_are_counted_one_by_one() {
        for (from, to, count) in [("", "", 0), ("", "abc", 3), ("kitten", "sitting", 3), ("abc", "abc", 0)] {
            assert_eq!(edits(from.as_bytes(), to.as_bytes()), count, "{from} {to}");
        }
    }
}
