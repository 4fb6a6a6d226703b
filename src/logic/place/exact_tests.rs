//! The loads are the best that there are: by trying all, by maximum flow, and by the certificate that no callback can
//! be moved for the better.

use std::cmp::Ordering;

use super::level::{Class, Hour, loads};
use super::seats::{Filling, Seats};

/// Small figures that depend on a seed alone.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn figure(&mut self, end: u64) -> f64 {
        let whole = f64::from(u32::try_from(self.below(end)).expect("small"));
        if self.below(3) == 0 { whole + 0.5 } else { whole }
    }
}

/// A day with some hours and classes.
fn day(random: &mut Random, hours_max: u64, count_max: u64, capacity_max: u64) -> (Vec<Hour>, Vec<Class>) {
    let hours = 1 + random.below(hours_max);
    let alike = random.below(4) == 0;
    let hour = |random: &mut Random| Hour {
        capacity: if alike { 4.0 } else { 0.5 + random.figure(capacity_max) },
        load: if alike { 0.0 } else { random.figure(capacity_max) / 2.0 },
    };
    let all = (0..hours).map(|_| hour(random)).collect();
    let mut classes: Vec<Class> = Vec::new();
    for _ in 0..=random.below(hours * 2) {
        let (one, other) = (random.below(hours), random.below(hours));
        let place = |hour: u64| usize::try_from(hour).expect("few");
        let (first, last) = (place(one.min(other)), place(one.max(other)));
        if classes.iter().all(|class| (class.first, class.last) != (first, last)) {
            classes.push(Class { first, last, count: 1 + random.below(count_max) });
        }
    }
    (all, classes)
}

/// Callbacks above the capacity, and the occupancies from the highest down.
fn cost(hours: &[Hour], taken: &[u64]) -> (u64, Vec<f64>) {
    let above = hours.iter().zip(taken).map(|(hour, &taken)| taken.saturating_sub(hour.room())).sum();
    let mut occupancies: Vec<f64> = hours.iter().zip(taken).map(|(hour, &taken)| hour.occupancy(taken)).collect();
    occupancies.sort_by(|one, other| other.total_cmp(one));
    (above, occupancies)
}

fn compare(one: &(u64, Vec<f64>), other: &(u64, Vec<f64>)) -> Ordering {
    let occupancies = || one.1.iter().zip(&other.1).map(|(one, other)| one.total_cmp(other));
    one.0.cmp(&other.0).then_with(|| occupancies().find(|order| order.is_ne()).unwrap_or(Ordering::Equal))
}

/// Every way to seat what is left of the classes, and the best cost of all.
fn best(hours: &[Hour], left: &mut Vec<Class>, taken: &mut Vec<u64>, found: &mut Option<(u64, Vec<f64>)>) {
    let Some(class) = left.iter_mut().find(|class| class.count > 0) else {
        let cost = cost(hours, taken);
        if found.as_ref().is_none_or(|found| compare(&cost, found).is_lt()) {
            *found = Some(cost);
        }
        return;
    };
    class.count -= 1;
    let Class { first, last, .. } = *class;
    let place = left.iter().position(|class| (class.first, class.last) == (first, last)).expect("it");
    for hour in first..=last {
        taken[hour] += 1;
        best(hours, left, taken, found);
        taken[hour] -= 1;
    }
    left[place].count += 1;
}

/// Everybody sits, in an hour that may be used.
fn seats(hours: &[Hour], classes: &[Class], taken: &[u64], seed: u64) -> Vec<Seats> {
    let seats = Filling::of(classes, hours.len()).seats(taken);
    for (place, class) in classes.iter().enumerate() {
        let mine = || seats.iter().filter(|seat| seat.class == place);
        assert_eq!(mine().map(|seat| seat.count).sum::<u64>(), class.count, "seed {seed}: class {class:?}");
        assert!(mine().all(|seat| (class.first..=class.last).contains(&seat.hour)), "seed {seed}: {class:?}");
    }
    for (hour, &taken) in taken.iter().enumerate() {
        let here = seats.iter().filter(|seat| seat.hour == hour).map(|seat| seat.count).sum::<u64>();
        assert_eq!(here, taken, "seed {seed}: hour {hour}");
    }
    seats
}

#[test]
fn no_other_way_is_better_where_all_can_be_tried() {
    for seed in 0..3000 {
        let mut random = Random(seed);
        let (hours, classes) = day(&mut random, 4, 3, 5);
        if classes.iter().map(|class| class.count).sum::<u64>() > 8 {
            continue;
        }
        let taken = loads(&hours, &classes);
        seats(&hours, &classes, &taken, seed);
        let mut found = None;
        best(&hours, &mut classes.clone(), &mut vec![0; hours.len()], &mut found);
        let (found, ours) = (found.expect("a way"), cost(&hours, &taken));
        assert_eq!(compare(&ours, &found), Ordering::Equal, "seed {seed}: {ours:?} where {found:?} is possible");
    }
}

/// The most callbacks that fit below the capacities: a maximum flow from classes to hours, by augmenting paths.
fn fitting_max(hours: &[Hour], classes: &[Class]) -> u64 {
    let mut room: Vec<u64> = hours.iter().map(Hour::room).collect();
    let mut flow = vec![vec![0_u64; hours.len()]; classes.len()];
    let mut total = 0;
    for (place, class) in classes.iter().enumerate() {
        let mut left = class.count;
        while left > 0 {
            // From the class to an hour, and back over whoever sits there to another one.
            let mut reached: Vec<Option<(usize, usize)>> = vec![None; hours.len()];
            let mut queue: Vec<usize> = (class.first..=class.last).collect();
            for &hour in &queue {
                reached[hour] = Some((place, usize::MAX));
            }
            let mut end = None;
            while let Some(hour) = queue.pop() {
                if room[hour] > 0 {
                    end = Some(hour);
                    break;
                }
                for (other, class) in classes.iter().enumerate().filter(|(other, _)| flow[*other][hour] > 0) {
                    let next = (class.first..).zip(&mut reached[class.first..=class.last]);
                    for (next, reached) in next.filter(|(_, reached)| reached.is_none()) {
                        *reached = Some((other, hour));
                        queue.push(next);
                    }
                }
            }
            let Some(end) = end else { break };
            let mut most = left.min(room[end]);
            let mut hour = end;
            while let Some((other, from)) = reached[hour].filter(|(_, from)| *from != usize::MAX) {
                most = most.min(flow[other][from]);
                hour = from;
            }
            room[end] -= most;
            let mut hour = end;
            while let Some((other, from)) = reached[hour] {
                flow[other][hour] += most;
                if from == usize::MAX {
                    break;
                }
                flow[other][from] -= most;
                hour = from;
            }
            left -= most;
            total += most;
        }
    }
    total
}

/// No callback can move, through whatever chain, from an hour to another that is emptier with it than the first
/// was, or as full where the first is left emptier than the other was: on such sets a placement of which this holds is the best of all (Murota, "Discrete Convex Analysis", 6.26).
fn nothing_can_be_moved(hours: &[Hour], classes: &[Class], taken: &[u64], seed: u64) {
    let seats = seats(hours, classes, taken, seed);
    let mut reach = vec![vec![false; hours.len()]; hours.len()];
    for seat in &seats {
        let class = classes[seat.class];
        reach[seat.hour][class.first..=class.last].fill(true);
    }
    for by in 0..hours.len() {
        for from in 0..hours.len() {
            if reach[from][by] {
                let beyond = reach[by].clone();
                reach[from].iter_mut().zip(beyond).for_each(|(here, there)| *here |= there);
            }
        }
    }
    let key = |hour: usize, count: u64| (count > hours[hour].room(), hours[hour].occupancy(count));
    for from in (0..hours.len()).filter(|&from| taken[from] > 0) {
        for to in (0..hours.len()).filter(|&to| reach[from][to] && to != from) {
            let (now, then) = (key(from, taken[from]), key(to, taken[to] + 1));
            let emptier = hours[from].occupancy(taken[from] - 1) < hours[to].occupancy(taken[to]);
            let is_worse = then > now || (then == now && !emptier);
            assert!(is_worse, "seed {seed}: from hour {from} at {now:?} to hour {to} at {then:?}");
        }
    }
}

#[test]
fn large_days_meet_the_maximum_flow_and_nothing_can_be_moved() {
    for seed in 0..3000 {
        let mut random = Random(seed);
        let (hours_max, count_max, capacity_max) = (1 + random.below(48), 1 + random.below(500), 1 + random.below(900));
        let (hours, classes) = day(&mut random, hours_max, count_max, capacity_max);
        let taken = loads(&hours, &classes);
        nothing_can_be_moved(&hours, &classes, &taken, seed);
        let all: u64 = classes.iter().map(|class| class.count).sum();
        assert_eq!(cost(&hours, &taken).0, all - fitting_max(&hours, &classes), "seed {seed}: above capacity");
    }
}

/// Of two hours that are alike in all, the earlier takes one more.
#[test]
fn ties_go_to_the_earlier_hour() {
    let hours = [Hour { capacity: 3.0, load: 0.0 }; 4];
    for (count, expected) in [(1, [1, 0, 0, 0]), (6, [2, 2, 1, 1]), (13, [4, 3, 3, 3])] {
        assert_eq!(loads(&hours, &[Class { first: 0, last: 3, count }]), expected);
    }
}
