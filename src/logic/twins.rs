//! Callbacks that are the same, and callbacks of one customer that get in each other's way.
//!
//! Each callback gets a mark: some bits of a hash of its customer, and its place in the batch. Marks are dealt into shares by
//! other bits of that hash. A share is sorted where it is still in the processor's cache; customers who came more than
//! once then stand side by side, and they alone are compared. Eight bytes a callback, whatever the batch, and shares can
//! be looked through side by side.

use std::hash::BuildHasher;
use std::ops::Range;

use foldhash::fast::RandomState;

use crate::domain::callback::Callback;
use crate::domain::interned::CampaignNo;
use crate::domain::phone::E164;
use crate::domain::time::Timestamp;

/// About how many callbacks are in a share: their marks fit into the cache of a core.
const OF_A_SHARE: usize = 4096;

/// More shares than this would be dealt to more slowly than they are sorted.
const SHARES_MAX: usize = 4096;

/// Deals the callbacks of a batch into shares. What is equal, or of one customer, comes into one share.
#[derive(Debug)]
pub struct Dealer {
    hasher: RandomState,
    /// How many shares there are.
    pub shares: usize,
}

/// The marks of neighbouring callbacks, share behind share.
#[derive(Debug)]
pub struct Dealt {
    marks: Vec<u64>,
    /// Where each share begins, and where the last one ends.
    begins: Vec<usize>,
}

impl Dealer {
    /// The dealer for a batch of so many callbacks.
    #[must_use]
    pub fn of(callbacks: usize) -> Self {
        let shares = (callbacks / OF_A_SHARE).next_power_of_two().min(SHARES_MAX);
        Self { hasher: RandomState::default(), shares }
    }

    /// Deals neighbouring callbacks; `first` is the place of the first of them in the batch.
    #[must_use]
    pub fn deal(&self, callbacks: &[Callback], first: u32) -> Dealt {
        let mut begins = vec![0; self.shares + 1];
        for callback in callbacks {
            begins[self.share(self.hash(callback)) + 1] += 1;
        }
        for share in 0..self.shares {
            begins[share + 1] += begins[share];
        }
        let (mut marks, mut next) = (vec![0; callbacks.len()], begins.clone());
        for (callback, place) in callbacks.iter().zip(first..) {
            let hash = self.hash(callback);
            let next = &mut next[self.share(hash)];
            marks[*next] = hash << 32 | u64::from(place);
            *next += 1;
        }
        Dealt { marks, begins }
    }

    fn hash(&self, callback: &Callback) -> u64 {
        self.hasher.hash_one((callback.phone.digits(), callback.campaign.0))
    }

    /// The share, by bits of the hash that the mark does not hold.
    #[expect(clippy::cast_possible_truncation, reason = "less than the number of shares")]
    fn share(&self, hash: u64) -> usize {
        ((u128::from(hash) * self.shares as u128) >> 64) as usize
    }
}

impl Dealt {
    /// The marks of one share.
    #[must_use]
    pub fn share(&self, share: usize) -> &[u64] {
        &self.marks[Range { start: self.begins[share], end: self.begins[share + 1] }]
    }
}

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Twins {
    /// The places of duplicates, each with the place of the earlier equal one that counts.
    pub duplicates: Vec<(u32, u32)>,
    /// How many callbacks begin before an earlier beginning one of the same phone and campaign ends.
    pub overlaps: u64,
}

impl Twins {
    /// Looks through all marks of one share.
    #[must_use]
    pub fn among(callbacks: &[Callback], share: &mut [u64]) -> Self {
        share.sort_unstable();
        let mut twins = Self::default();
        for alike in share.chunk_by(|one, other| one >> 32 == other >> 32).filter(|alike| alike.len() > 1) {
            twins.compare(callbacks, alike);
        }
        twins
    }

    /// Takes over what was found in another share.
    pub fn join(&mut self, other: Self) {
        self.duplicates.extend(other.duplicates);
        self.overlaps += other.overlaps;
    }

    /// Compares callbacks whose customers may be the same.
    #[expect(clippy::cast_possible_truncation, reason = "the lower half of a mark is a place")]
    fn compare(&mut self, callbacks: &[Callback], alike: &[u64]) {
        let mut places: Vec<u32> = alike.iter().map(|mark| *mark as u32).collect();
        let at = |place: u32| &callbacks[place as usize];
        places.sort_unstable_by_key(|place| (key(at(*place)), *place));
        let mut counting: Vec<u32> = Vec::with_capacity(places.len());
        for equal in places.chunk_by(|one, other| key(at(*one)) == key(at(*other))) {
            let first = equal[0];
            self.duplicates.extend(equal[1..].iter().map(|place| (*place, first)));
            counting.push(first);
        }
        for group in counting.chunk_by(|one, other| customer(at(*one)) == customer(at(*other))) {
            let mut busy_until = at(group[0]).window().end();
            for one in group[1..].iter().map(|place| at(*place)) {
                self.overlaps += u64::from(one.window().start() < busy_until);
                busy_until = busy_until.max(one.window().end());
            }
        }
    }
}

fn customer(callback: &Callback) -> (E164, CampaignNo) {
    (callback.phone, callback.campaign)
}

/// What makes two callbacks the same one.
fn key(callback: &Callback) -> (E164, CampaignNo, Timestamp, u32) {
    let window = callback.window();
    (callback.phone, callback.campaign, window.start(), window.width())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::callback::RowNumber;
    use crate::domain::interned::CampaignNo;
    use crate::domain::phone::E164;
    use crate::domain::time::Timestamp;
    use crate::domain::window::Window;

    /// Callbacks of a phone and a campaign from one hour to another.
    fn batch(rows: &[(u64, u32, i64, i64)]) -> Vec<Callback> {
        let callback = |&(phone, campaign, from, until): &(u64, u32, i64, i64)| {
            let phone = E164::from_digits(12_025_550_000 + phone).expect("a number");
            let at = |hour: i64| Timestamp::from_unix(hour * 3600);
            let window = Window::new(at(from), at(until)).expect("a window");
            let mut callback = Callback::new(phone, window, RowNumber::new(0, 1));
            callback.campaign = CampaignNo(campaign);
            callback
        };
        rows.iter().map(callback).collect()
    }

    /// All that is found in a batch that is dealt in pieces, into so many shares.
    fn found(callbacks: &[Callback], shares: usize, piece: usize) -> Twins {
        let dealer = Dealer { shares, ..Dealer::of(0) };
        let mut first = 0;
        let deal = |piece: &[Callback]| {
            let dealt = dealer.deal(piece, first);
            first += u32::try_from(piece.len()).expect("few");
            dealt
        };
        let dealt: Vec<Dealt> = callbacks.chunks(piece).map(deal).collect();
        let mut twins = Twins::default();
        for share in 0..shares {
            let mut marks: Vec<u64> = dealt.iter().flat_map(|dealt| dealt.share(share)).copied().collect();
            twins.join(Twins::among(callbacks, &mut marks));
        }
        twins.duplicates.sort_unstable();
        twins
    }

    /// Phone, campaign, first and last hour of each callback; the places that each is a duplicate of.
    fn check(rows: &[(u64, u32, i64, i64)], duplicates: &[Option<u32>], overlaps: u64) {
        let duplicates = (0..).zip(duplicates).filter_map(|(place, first)| first.map(|first| (place, first))).collect();
        assert_eq!(found(&batch(rows), 1, 100), Twins { duplicates, overlaps }, "{rows:?}");
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

    proptest::proptest! {
        #[test]
        fn however_a_batch_is_dealt_the_same_is_found(
            rows in proptest::collection::vec((0..6u64, 0..3u32, 0..20i64, 1..4i64), 1..120),
            shares in 1..9usize,
            piece in 1..50usize,
        ) {
            let rows: Vec<_> = rows.into_iter().map(|(phone, campaign, from, hours)| (phone, campaign, from, from + hours)).collect();
            let (mut duplicates, mut seen) = (Vec::new(), Vec::new());
            for (place, row) in (0..).zip(&rows) {
                match seen.iter().find(|(_, earlier)| *earlier == row) {
                    Some((first, _)) => duplicates.push((place, *first)),
                    None => seen.push((place, row)),
                }
            }
            let mut overlaps = 0;
            for (_, one) in &seen {
                let begins_earlier = |other: &(u64, u32, i64, i64)| (other.2, other.3) < (one.2, one.3);
                let meets = |other: &(u64, u32, i64, i64)| (other.0, other.1) == (one.0, one.1) && other.3 > one.2;
                overlaps += u64::from(seen.iter().any(|(_, other)| begins_earlier(other) && meets(other)));
            }
            proptest::prop_assert_eq!(found(&batch(&rows), shares, piece), Twins { duplicates, overlaps });
        }
    }
}
