//! Who sits where, once it is known how many each hour takes.
//!
//! Hours are filled in the order of time, from the callbacks that have the earliest last hour. Where the hours
//! of every callback lie side by side, no other way fills more (Glover 1967).

use super::level::Class;

/// Callbacks of a class that go into an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seats {
    /// The place of the class.
    pub(super) class: usize,
    /// The place of the hour.
    pub(super) hour: usize,
    /// How many.
    pub(super) count: u64,
}

/// Classes in the order in which their first hours come.
#[derive(Clone, Debug)]
pub(super) struct Filling {
    /// For each hour the classes that begin there: the place, the last hour, the count.
    beginning: Vec<Vec<(usize, usize, u64)>>,
}

impl Filling {
    pub(super) fn of(classes: &[Class], hours: usize) -> Self {
        let mut beginning = vec![Vec::new(); hours];
        for (place, class) in classes.iter().enumerate() {
            beginning[class.first].push((place, class.last, class.count));
        }
        Self { beginning }
    }

    /// Whether there are callbacks enough for every hour to take so many.
    pub(super) fn fits(&self, taken: &[u64]) -> bool {
        let mut waiting = vec![0; self.beginning.len()];
        for (hour, classes) in self.beginning.iter().enumerate() {
            for &(_, last, count) in classes {
                waiting[last] += count;
            }
            let mut wanted = taken[hour];
            for left in &mut waiting[hour..] {
                let seated = wanted.min(*left);
                *left -= seated;
                wanted -= seated;
                if wanted == 0 {
                    break;
                }
            }
            if wanted > 0 {
                return false;
            }
        }
        true
    }

    /// Seats as many as the hours take, by hour; of the same last hour the class that came first goes first.
    pub(super) fn seats(&self, taken: &[u64]) -> Vec<Seats> {
        let mut waiting: Vec<Vec<(usize, u64)>> = vec![Vec::new(); self.beginning.len()];
        let mut seats = Vec::new();
        for (hour, classes) in self.beginning.iter().enumerate() {
            for &(class, last, count) in classes {
                waiting[last].push((class, count));
            }
            let mut wanted = taken[hour];
            let left = waiting[hour..].iter_mut().flatten();
            for (class, left) in left {
                let count = wanted.min(*left);
                if count > 0 {
                    seats.push(Seats { class: *class, hour, count });
                }
                *left -= count;
                wanted -= count;
                if wanted == 0 {
                    break;
                }
            }
        }
        seats
    }
}
