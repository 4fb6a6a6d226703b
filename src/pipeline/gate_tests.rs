use std::rc::Rc;

use futures_util::future::join_all;
use tokio::time::sleep_until;

use super::*;

/// Departures, in milliseconds, of `count` requests that all want to leave at once.
async fn departures(gate: &Gate<'_>, count: usize) -> Vec<u128> {
    let begin = Instant::now();
    let mut at = Vec::new();
    for _ in 0..count {
        goes(gate).await;
        at.push(begin.elapsed().as_millis());
    }
    at
}

/// Nobody is told of a hold.
fn silent(_hold: Duration) {}

/// One request passes and leaves.
async fn goes(gate: &Gate<'_>) {
    loop {
        gate.pass(&silent).await;
        if gate.leave().await == Exit::Left {
            return;
        }
    }
}

/// The most that any half-open 60 s hold.
fn most_in_a_minute(at: &[u128]) -> usize {
    let within = |from: &u128| at.iter().filter(|&&other| *from <= other && other < from + 60_000).count();
    at.iter().map(within).max().unwrap_or(0)
}

#[tokio::test(start_paused = true)]
async fn no_minute_holds_more_than_allowed_and_little_is_lost() {
    for limit in [1, 7, 100, 150, 200, 6000] {
        let gate = Gate::new(limit, None);
        let count = (limit as usize * 5 / 2).max(4);
        let at = departures(&gate, count).await;
        let most = most_in_a_minute(&at);
        assert!(most <= limit as usize, "{most} of {limit}");
        let minutes = f64::from(u32::try_from(at[count - 1] - at[0]).expect("short")) / 60_000.0;
        let share = f64::from(u32::try_from(count - 1).expect("few")) / minutes / f64::from(limit);
        assert!(share >= 0.98, "{share} of {limit}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_idle_gate_saves_nothing_up() {
    let gate = Gate::new(100, None);
    goes(&gate).await;
    tokio::time::sleep(Duration::from_mins(10)).await;
    let at = departures(&gate, 101).await;
    assert!(most_in_a_minute(&at) <= 100);
}

/// Whatever a clock says of the last request of an earlier process: it may have left just now.
#[tokio::test(start_paused = true)]
async fn the_first_request_of_a_process_keeps_a_step_from_its_beginning() {
    for (limit, millis) in [(100, 602), (1, 60_200), (6000, 10)] {
        let at = departures(&Gate::new(limit, None), 1).await;
        assert!((millis..=millis + 2).contains(&at[0]), "{at:?}");
    }
}

/// Eight tasks, and a disk that stands still for three seconds of every twenty-five.
#[tokio::test(start_paused = true)]
async fn what_a_slow_disk_held_up_does_not_leave_all_at_once() {
    for limit in [2, 100, 1000] {
        let (gate, begin, at) = (Gate::new(limit, None), Instant::now(), RefCell::new(Vec::new()));
        let task = async |first: usize| {
            for _ in (first..limit as usize * 4).step_by(8) {
                gate.pass(&silent).await;
                let stalls_until = begin.elapsed().as_secs() / 25 * 25 + 3;
                sleep_until(begin + Duration::from_secs(stalls_until)).await;
                assert_eq!(gate.leave().await, Exit::Left);
                at.borrow_mut().push(begin.elapsed().as_millis());
            }
        };
        join_all((0..8).map(task)).await;
        let at = at.into_inner();
        assert_eq!(at.len(), limit as usize * 4);
        let most = most_in_a_minute(&at);
        assert!(most <= limit as usize, "{most} of {limit}");
    }
}

/// tokio's time stands while a laptop sleeps or leaps when it wakes, as the system has it.
#[tokio::test(start_paused = true)]
async fn after_a_sleep_those_who_waited_leave_one_by_one() {
    let (gate, begin, at) = (Gate::new(100, None), Instant::now(), RefCell::new(Vec::new()));
    let task = async |_| {
        goes(&gate).await;
        at.borrow_mut().push(begin.elapsed().as_millis());
    };
    let waiting = join_all((0..150).map(task));
    let asleep = async {
        tokio::time::sleep(Duration::from_secs(10)).await;
        tokio::time::advance(Duration::from_hours(8)).await;
    };
    tokio::join!(waiting, asleep);
    let at = at.into_inner();
    assert_eq!(at.len(), 150);
    assert!((98..=100).contains(&most_in_a_minute(&at)), "{}", most_in_a_minute(&at));
}

#[tokio::test(start_paused = true)]
async fn a_hold_stops_everything_and_is_never_shortened() {
    let gate = Gate::new(6000, None);
    gate.hold(Some(30));
    gate.hold(Some(2));
    gate.went_well();
    let at = departures(&gate, 3).await;
    assert!(at[0] >= 30_000, "{at:?}");
    assert!(at[2] - at[0] >= 10, "no herd when it ends: {at:?}");
    gate.hold(Some(u64::MAX));
    let never = tokio::time::timeout(Duration::from_hours(24), gate.pass(&silent)).await;
    assert!(never.is_err());
}

#[tokio::test(start_paused = true)]
async fn repeated_429s_lower_the_rate_and_clean_minutes_raise_it() {
    let gate = Gate::new(100, None);
    gate.hold(Some(1));
    tokio::time::sleep(Duration::from_secs(2)).await;
    gate.hold(Some(1));
    let at = departures(&gate, 3).await;
    assert_eq!(at[2] - at[1], 752, "80 a minute: {at:?}");
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_secs(61)).await;
        gate.went_well();
    }
    let at = departures(&gate, 3).await;
    assert_eq!(at[2] - at[1], 602, "100 a minute again: {at:?}");
}

/// Each write takes a third of a second: every instant is over when its request could leave.
#[tokio::test(start_paused = true)]
async fn a_disk_that_is_always_slow_costs_hardly_any_of_the_rate() {
    for limit in [100, 600] {
        let (gate, begin, at) = (Gate::new(limit, None), Instant::now(), RefCell::new(Vec::new()));
        let task = async |_| {
            for _ in 0..limit / 4 {
                gate.pass(&silent).await;
                sleep(Duration::from_millis(330)).await;
                assert_eq!(gate.leave().await, Exit::Left);
                at.borrow_mut().push(begin.elapsed().as_millis());
            }
        };
        join_all((0..16).map(task)).await;
        let at = at.into_inner();
        assert!(most_in_a_minute(&at) <= limit as usize);
        let millis = at[at.len() - 1];
        assert!(millis < 252_000, "{millis} ms for four minutes of requests at {limit} a minute");
    }
}

#[tokio::test(start_paused = true)]
async fn what_has_passed_does_not_leave_in_a_hold_that_came_meanwhile() {
    let gate = Gate::new(600, None);
    gate.pass(&silent).await;
    gate.hold(Some(20));
    let begin = Instant::now();
    assert_eq!(gate.leave().await, Exit::Held);
    assert!(begin.elapsed().is_zero());
    goes(&gate).await;
    assert!(begin.elapsed() >= Duration::from_secs(20));
}

#[tokio::test(start_paused = true)]
async fn what_a_slow_disk_held_up_does_not_leave_in_a_hold_either() {
    let gate = Gate::new(60, None);
    gate.pass(&silent).await;
    sleep(Duration::from_millis(300)).await;
    let holds = async {
        sleep(Duration::from_millis(100)).await;
        gate.hold(Some(20));
    };
    let (exit, ()) = tokio::join!(gate.leave(), holds);
    assert_eq!(exit, Exit::Held);
}

#[tokio::test(start_paused = true)]
async fn a_hold_is_everybodys_and_told_once_to_those_who_were_not_asked() {
    let store = MemoryPace::new();
    let (one, other) = (Gate::new(600, Some(&store)), Gate::new(600, Some(&store)));
    let told = RefCell::new(Vec::new());
    let begin = Instant::now();
    one.hold(Some(20));
    let telling = |hold: Duration| told.borrow_mut().push(hold);
    other.pass(&telling).await;
    other.pass(&telling).await;
    one.pass(&|_| panic!("it was asked itself")).await;
    assert!(begin.elapsed() >= Duration::from_secs(20));
    assert_eq!(told.into_inner().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn one_that_waits_no_more_takes_nobodys_turn() {
    let gate = Gate::new(60, None);
    for _ in 0..5 {
        let gone = tokio::time::timeout(Duration::from_millis(10), gate.pass(&silent)).await;
        assert!(gone.is_err());
    }
    let at = departures(&gate, 1).await;
    assert!(at[0] < 1100, "{at:?}");
}

/// A draw of its own, so that a seed tells the same story every time.
struct Draw(fastrand::Rng);

impl Draw {
    fn millis(&mut self, most: u64) -> Duration {
        Duration::from_millis(self.0.u64(0..=most))
    }
}

/// One process: it wants to send all the time, its disk may be slow, and it may die at any instant.
async fn process(limit: u32, store: &MemoryPace, draw: Draw, begin: Instant, at: &RefCell<Vec<u128>>) {
    let (gate, draw) = (Rc::new(Gate::new(limit, Some(store))), RefCell::new(draw));
    let slow = draw.borrow_mut().0.u64(0..3) * 80;
    let task = async |_| loop {
        gate.pass(&silent).await;
        let disk = draw.borrow_mut().millis(slow);
        sleep(disk).await;
        if draw.borrow_mut().0.u32(0..60) == 0 {
            gate.hold(Some(1));
        }
        if gate.leave().await == Exit::Left {
            at.borrow_mut().push(begin.elapsed().as_millis());
        }
    };
    let lives = draw.borrow_mut().millis(40_000);
    let _ = tokio::time::timeout(lives, join_all((0..4).map(task))).await;
}

#[tokio::test(start_paused = true)]
async fn no_minute_of_all_processes_together_holds_more_than_allowed() {
    for seed in 0..40 {
        let mut draw = Draw(fastrand::Rng::with_seed(seed));
        let limit = [2, 30, 100, 1200][usize::try_from(seed % 4).expect("few")];
        let (store, begin, at) = (MemoryPace::new(), Instant::now(), RefCell::new(Vec::new()));
        let mut lives = Vec::new();
        for _ in 0..4 {
            lives.push((0..8).map(|_| (draw.millis(5000), Draw(draw.0.fork()))).collect::<Vec<_>>());
        }
        let life = async |processes: Vec<(Duration, Draw)>| {
            for (pause, draw) in processes {
                sleep(pause).await;
                process(limit, &store, draw, begin, &at).await;
            }
        };
        join_all(lives.into_iter().map(life)).await;
        let at = at.into_inner();
        let most = most_in_a_minute(&at);
        assert!(most <= limit as usize, "seed {seed}: {most} of {limit}");
        assert!(limit < 100 || at.len() >= limit as usize, "seed {seed}: {} of {limit} a minute", at.len());
    }
}

#[tokio::test(start_paused = true)]
async fn two_processes_side_by_side_use_the_rate_of_one() {
    for limit in [60, 600, 6000] {
        let store = MemoryPace::new();
        let (gates, begin) = ([Gate::new(limit, Some(&store)), Gate::new(limit, Some(&store))], Instant::now());
        let each = async |gate: &Gate<'_>| {
            for _ in 0..limit {
                goes(gate).await;
            }
        };
        tokio::join!(each(&gates[0]), each(&gates[1]));
        let share = 120.0 / begin.elapsed().as_secs_f64();
        assert!((0.98..=1.0).contains(&share), "{share} of {limit}");
    }
}

/// Each of them waits a step before it begins: the others use that time.
#[tokio::test(start_paused = true)]
async fn processes_that_come_and_go_cost_a_process_beside_them_hardly_anything() {
    let (store, begin) = (MemoryPace::new(), Instant::now());
    let all = Cell::new(0_u32);
    let one = async |gate: &Gate<'_>| {
        goes(gate).await;
        all.set(all.get() + 1);
    };
    let stays = async {
        let gate = Gate::new(100, Some(&store));
        loop {
            one(&gate).await;
        }
    };
    let come_and_go = async {
        loop {
            sleep(Duration::from_secs(5)).await;
            one(&Gate::new(100, Some(&store))).await;
        }
    };
    let _ = tokio::time::timeout(Duration::from_mins(10), async { tokio::join!(stays, come_and_go) }).await;
    assert!(all.get() >= 980, "{} of 1000 in {:?}", all.get(), begin.elapsed());
}
