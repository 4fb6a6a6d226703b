//! Callbacks that are the same, and callbacks of one customer that get in each other's way.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use crate::domain::callback::Callback;

/// Bits of a filter that says «perhaps seen»: 8 MiB, whatever the batch.
const FILTER_BITS: usize = 1 << 26;

/// Finds equal callbacks while a batch is read, and overlapping ones when it was.
///
/// Some nine bytes a callback: a table of places, and two filters of a fixed size.
#[derive(Debug)]
pub struct Twins {
    hasher: RandomState,
    places: HashTable<u32>,
    /// Customers of a campaign that came at least once, and at least twice.
    once: Filter,
    twice: Filter,
}

impl Default for Twins {
    fn default() -> Self {
        Self { hasher: RandomState::default(), places: HashTable::new(), once: Filter::new(), twice: Filter::new() }
    }
}

impl Twins {
    /// Adds the callback at a place, behind all that were added before. The place of an equal one that was
    /// added earlier, if there is one: then the new one is a duplicate.
    pub fn add(&mut self, callbacks: &[Callback], place: u32) -> Option<u32> {
        let hash = |place: &u32| self.hasher.hash_one(key(&callbacks[*place as usize]));
        let new = key(&callbacks[place as usize]);
        let same = |earlier: &u32| key(&callbacks[*earlier as usize]) == new;
        match self.places.entry(hash(&place), same, hash) {
            hashbrown::hash_table::Entry::Occupied(earlier) => return Some(*earlier.get()),
            hashbrown::hash_table::Entry::Vacant(free) => free.insert(place),
        };
        let customer = self.hasher.hash_one((new.0, new.1));
        if self.once.add(customer) {
            self.twice.add(customer);
        }
        None
    }

    /// How many callbacks begin before an earlier beginning one of the same phone and campaign ends.
    #[must_use]
    pub fn overlaps(&self, callbacks: &[Callback]) -> u64 {
        let mut suspects: Vec<_> = self.places.iter().map(|&place| &callbacks[place as usize]).collect();
        suspects.retain(|one| self.twice.has(self.hasher.hash_one((one.phone, one.campaign))));
        suspects.sort_unstable_by_key(|one| key(one));
        let mut overlaps = 0;
        for group in suspects.chunk_by(|one, other| (one.phone, one.campaign) == (other.phone, other.campaign)) {
            let mut busy_until = group[0].window().end();
            for one in &group[1..] {
                overlaps += u64::from(one.window().start() < busy_until);
                busy_until = busy_until.max(one.window().end());
            }
        }
        overlaps
    }
}

type Key = (crate::domain::phone::E164, crate::domain::interned::CampaignNo, crate::domain::time::Timestamp, u32);

/// What makes two callbacks the same one.
fn key(callback: &Callback) -> Key {
    let window = callback.window();
    (callback.phone, callback.campaign, window.start(), window.width())
}

/// A set that may also say yes where it should say no.
#[derive(Debug)]
struct Filter(Vec<u64>);

impl Filter {
    fn new() -> Self {
        Self(vec![0; FILTER_BITS / 64])
    }

    fn place(hash: u64) -> (usize, u64) {
        #[expect(clippy::cast_possible_truncation, reason = "the low bits are what is wanted")]
        let bit = hash as usize % FILTER_BITS;
        (bit / 64, 1 << (bit % 64))
    }

    /// Adds one; whether it was there before.
    fn add(&mut self, hash: u64) -> bool {
        let (word, bit) = Self::place(hash);
        let before = self.0[word] & bit != 0;
        self.0[word] |= bit;
        before
    }

    fn has(&self, hash: u64) -> bool {
        let (word, bit) = Self::place(hash);
        self.0[word] & bit != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::callback::RowNumber;
    use crate::domain::interned::CampaignNo;
    use crate::domain::phone::E164;
    use crate::domain::time::Timestamp;
    use crate::domain::window::Window;

    /// Phone, campaign, first and last hour of each callback; the places that each is a duplicate of.
    fn check(rows: &[(u64, u32, i64, i64)], duplicates: &[Option<u32>], overlaps: u64) {
        let (mut twins, mut callbacks, mut found) = (Twins::default(), Vec::new(), Vec::new());
        for (place, &(phone, campaign, from, until)) in (0..).zip(rows) {
            let phone = E164::from_digits(12_025_550_000 + phone).expect("a number");
            let at = |hour: i64| Timestamp::from_unix(hour * 3600);
            let window = Window::new(at(from), at(until)).expect("a window");
            let mut callback = Callback::new(phone, window, RowNumber::new(0, 1));
            callback.campaign = CampaignNo(campaign);
            callbacks.push(callback);
            found.push(twins.add(&callbacks, place));
        }
        assert_eq!((found.as_slice(), twins.overlaps(&callbacks)), (duplicates, overlaps), "{rows:?}");
    }

    #[test]
    fn equal_ones_are_duplicates_of_the_first() {
        check(&[(1, 0, 9, 11), (2, 0, 9, 11), (1, 0, 9, 11), (1, 0, 9, 11)], &[None, None, Some(0), Some(0)], 0);
        check(&[(1, 0, 9, 11), (1, 1, 9, 11), (1, 0, 9, 12)], &[None, None, None], 1);
    }

    #[test]
    fn overlaps_are_of_one_phone_and_campaign() {
        check(&[(1, 0, 9, 11), (1, 0, 11, 13)], &[None, None], 0);
        check(&[(1, 0, 9, 13), (1, 0, 10, 11), (1, 0, 12, 14)], &[None, None, None], 2);
        check(&[(1, 0, 9, 11), (2, 0, 10, 12), (1, 1, 10, 12)], &[None, None, None], 0);
    }
}
