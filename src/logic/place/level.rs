//! How many callbacks each hour takes: exactly, not by a rule of thumb.
//!
//! Callbacks that may use the same hours are one class. The loads that any placement of all callbacks can have are
//! the bases of an integral polymatroid, and what is wanted (as few above capacity as possible, then the highest
//! occupancy as low as possible, then the second highest, and so on, the earlier hour on ties) is a separable convex
//! cost on them. So the greedy way is exact: one callback after the other goes where the occupancy is lowest after
//! it, unless no callback that may go there would be left for it (Federgruen and Groenevelt 1986; Frank and Murota,
//! "Decreasing minimization on M-convex sets", 2022). It is walked in strides: all hours that can still rise
//! rise to one level, which is searched for, until some can rise no more. The cost depends on hours and classes,
//! not on callbacks.

use super::seats;

/// An hour that takes callbacks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Hour {
    /// Calls that its agents can take; more than 0.
    pub(super) capacity: f64,
    /// Calls that are expected, and callbacks that stand there already.
    pub(super) load: f64,
}

/// Callbacks that may use the same hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Class {
    /// The place of the first hour.
    pub(super) first: usize,
    /// The place of the last hour.
    pub(super) last: usize,
    /// How many callbacks.
    pub(super) count: u64,
}

/// What a sum of figures from a forecast may be off by.
const ROUNDING: f64 = 1e-9;

impl Hour {
    /// Callbacks that fit below the capacity.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "cut at 0, and saturating above")]
    pub(super) fn room(&self) -> u64 {
        (self.capacity - self.load + ROUNDING).floor().max(0.0) as u64
    }

    /// The share of the capacity in use with so many callbacks more.
    #[expect(clippy::cast_precision_loss, reason = "a batch has fewer than 2^32 callbacks")]
    pub(super) fn occupancy(&self, more: u64) -> f64 {
        (self.load + more as f64) / self.capacity
    }

    /// The most callbacks, up to `most`, with which the occupancy stays at or below a level.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "cut at 0, and saturating above")]
    fn up_to(&self, level: f64, most: u64) -> u64 {
        let mut count = ((level * self.capacity - self.load).max(0.0) as u64).min(most);
        while count < most && self.occupancy(count + 1) <= level {
            count += 1;
        }
        while count > 0 && self.occupancy(count) > level {
            count -= 1;
        }
        count
    }
}

/// How many callbacks each hour takes. Every class has an hour, and all are seated.
pub(super) fn loads(hours: &[Hour], classes: &[Class]) -> Vec<u64> {
    let mut tide = Tide::over(hours, classes);
    tide.rise();
    tide.taken
}

/// The loads while they rise.
struct Tide<'a> {
    hours: &'a [Hour],
    classes: &'a [Class],
    /// Callbacks that may use each hour.
    touching: Vec<u64>,
    taken: Vec<u64>,
    /// Whether an hour can still take one more.
    rising: Vec<bool>,
    filling: seats::Filling,
}

impl<'a> Tide<'a> {
    fn over(hours: &'a [Hour], classes: &'a [Class]) -> Self {
        let mut touching = vec![0; hours.len()];
        for class in classes {
            for count in &mut touching[class.first..=class.last] {
                *count += class.count;
            }
        }
        let rising = touching.iter().map(|&count| count > 0).collect();
        let filling = seats::Filling::of(classes, hours.len());
        Self { hours, classes, touching, taken: vec![0; hours.len()], rising, filling }
    }

    /// Rises until no hour can rise any more. Whoever stays below the capacities for as long as there is room, has
    /// as few as possible above them.
    fn rise(&mut self) {
        loop {
            let flood = self.at(f64::MAX);
            if self.filling.fits(&flood) {
                self.taken = flood;
                return;
            }
            let (calm, spill) = self.brink();
            self.taken = self.at(calm);
            let beyond = self.at(spill);
            for hour in self.fullest_first() {
                self.one_by_one(hour, beyond[hour]);
            }
            self.stop_what_cannot_rise();
        }
    }

    /// What the hours take at a level; what cannot rise stays.
    fn at(&self, level: f64) -> Vec<u64> {
        let load = |hour: usize| {
            let taken = self.taken[hour];
            if self.rising[hour] { self.hours[hour].up_to(level, self.touching[hour]).max(taken) } else { taken }
        };
        (0..self.hours.len()).map(load).collect()
    }

    /// The highest level at which all can be filled, and the next number above it, at which they cannot.
    fn brink(&self) -> (f64, f64) {
        // Numbers that are not negative are in the order of their bits.
        let (mut calm, mut spill) = (0_u64, f64::MAX.to_bits());
        while spill - calm > 1 {
            let middle = calm + (spill - calm) / 2;
            if self.filling.fits(&self.at(f64::from_bits(middle))) { calm = middle } else { spill = middle }
        }
        (f64::from_bits(calm), f64::from_bits(spill))
    }

    /// Of hours that reach a level together, the one that is fullest before goes first, for then an emptier one stays
    /// as it is; the earlier on ties.
    fn fullest_first(&self) -> Vec<usize> {
        let occupancy = |hour: &usize| self.hours[*hour].occupancy(self.taken[*hour]);
        let mut order: Vec<usize> = (0..self.hours.len()).collect();
        order.sort_by(|one, other| occupancy(other).total_cmp(&occupancy(one)));
        order
    }

    fn one_by_one(&mut self, hour: usize, wanted: u64) {
        while self.rising[hour] && self.taken[hour] < wanted {
            self.taken[hour] += 1;
            if !self.filling.fits(&self.taken) {
                self.taken[hour] -= 1;
                self.rising[hour] = false;
            }
        }
    }

    /// An hour can rise where a callback is left for it, or where one can be had from an hour that can rise.
    fn stop_what_cannot_rise(&mut self) {
        let seats = self.filling.seats(&self.taken);
        let mut left: Vec<u64> = self.classes.iter().map(|class| class.count).collect();
        for seat in &seats {
            left[seat.class] -= seat.count;
        }
        let mut can_rise = vec![false; self.hours.len()];
        let mut is_found: Vec<bool> = left.iter().map(|&left| left > 0).collect();
        let mut found: Vec<usize> = (0..self.classes.len()).filter(|&class| is_found[class]).collect();
        while let Some(class) = found.pop() {
            let Class { first, last, .. } = self.classes[class];
            can_rise[first..=last].fill(true);
            for seat in seats.iter().filter(|seat| (first..=last).contains(&seat.hour)) {
                if !std::mem::replace(&mut is_found[seat.class], true) {
                    found.push(seat.class);
                }
            }
        }
        for (rising, can_rise) in self.rising.iter_mut().zip(can_rise) {
            *rising &= can_rise;
        }
    }
}
