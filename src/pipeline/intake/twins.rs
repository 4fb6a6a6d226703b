//! Duplicates and overlaps of a whole batch, looked for on all cores.

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use rayon::slice::ParallelSlice;

use crate::domain::callback::Callback;
use crate::logic::twins::{Dealer, Dealt, Twins};

/// Fewer callbacks than this are not worth a thread.
const OF_A_PIECE_MIN: usize = 1 << 16;

/// What is twice in a batch; the places of duplicates ascend.
pub(super) fn find(callbacks: &[Callback]) -> Twins {
    let dealer = Dealer::of(callbacks.len());
    let piece = callbacks.len().div_ceil(rayon::current_num_threads()).max(OF_A_PIECE_MIN);
    let pieces = callbacks.par_chunks(piece).enumerate();
    let deal = |(number, callbacks): (usize, &[Callback])| {
        // A batch has no more callbacks than places.
        dealer.deal(callbacks, u32::try_from(number * piece).unwrap_or(u32::MAX))
    };
    let dealt: Vec<Dealt> = pieces.map(deal).collect();
    let found = (0..dealer.shares).into_par_iter().map_init(Vec::new, |marks, share| {
        marks.clear();
        marks.extend(dealt.iter().flat_map(|dealt| dealt.share(share)));
        Twins::among(callbacks, marks)
    });
    let mut twins = found.reduce(Twins::default, |mut one, other| {
        one.join(other);
        one
    });
    // To give so much memory back takes the system some time too.
    dealt.into_par_iter().for_each(drop);
    twins.duplicates.sort_unstable();
    twins
}
