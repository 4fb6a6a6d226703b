use std::fs;
use std::path::Path;

use futures_util::FutureExt;

use super::*;

fn open(folder: &Path) -> FilePace {
    FilePace::open(folder).expect("opens")
}

/// Departures from now on, at a rate.
fn reserve(pace: &FilePace, rate: f64, count: u32) -> Vec<Moment> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(pace.reserve(Wanted { rate, count, earliest: Moment::default() }))
}

fn held_until(pace: &FilePace) -> Moment {
    pace.held_until().now_or_never().expect("reads at once")
}

fn apart(departures: &[Moment], least: Duration) {
    let close = departures.windows(2).find(|pair| pair[1].since(pair[0]) < least);
    assert_eq!(close, None, "less than {least:?} apart");
}

#[test]
fn departures_are_given_out_in_steps_and_no_more_than_a_chunk_at_once() {
    let mut schedule = Schedule::default();
    let now = Moment(Duration::from_secs(1000));
    let mut given = |rate, count| schedule.reserve(Wanted { rate, count, earliest: Moment::default() }, now);
    assert_eq!(given(100.0, 5).len(), 1);
    let many = given(6000.0, 1000);
    assert_eq!(many.len(), 9);
    assert_eq!(many[1].since(many[0]), Duration::from_micros(10_033) + Duration::from_nanos(333));
    assert_eq!(given(6000.0, 0).len(), 1);
}

#[test]
fn nothing_is_given_out_before_the_earliest_or_in_a_hold() {
    let second = |seconds| Moment(Duration::from_secs(seconds));
    let mut schedule = Schedule { next: second(3), held_until: second(50) };
    let wanted = Wanted { rate: 60.0, count: 1, earliest: second(70) };
    assert_eq!(schedule.reserve(Wanted { earliest: second(0), ..wanted }, second(10)), [second(50)]);
    assert_eq!(schedule.reserve(wanted, second(60)), [second(70)]);
}

#[test]
fn threads_that_share_a_file_never_get_the_same_departure() {
    let folder = tempfile::tempdir().expect("a folder");
    let take = || {
        let pace = open(folder.path());
        (0..100).flat_map(|_| reserve(&pace, 60_000.0, 3)).collect::<Vec<_>>()
    };
    let mut all: Vec<Moment> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(take)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("takes")).collect()
    });
    all.sort_unstable();
    assert_eq!(all.len(), 1200);
    apart(&all, step(60_000.0));
}

#[test]
fn the_lowest_rate_of_those_who_live_rules() {
    let folder = tempfile::tempdir().expect("a folder");
    let (fast, slow) = (open(folder.path()), open(folder.path()));
    let first = reserve(&fast, 600.0, 1);
    let second = reserve(&slow, 60.0, 1);
    let (third, fourth) = (reserve(&fast, 600.0, 1), reserve(&fast, 600.0, 1));
    let since = |later: &[Moment], earlier: &[Moment]| later[0].since(earlier[0]);
    assert!(since(&second, &first) >= step(600.0));
    assert!(since(&fourth, &third) >= step(60.0), "{third:?} {fourth:?}");
    drop(slow);
    std::thread::sleep(Duration::from_millis(1100));
    let _ = reserve(&fast, 600.0, 1);
    let (last, next) = (reserve(&fast, 600.0, 1), reserve(&fast, 600.0, 1));
    assert!(since(&next, &last) < step(60.0), "{last:?} {next:?}");
}

#[test]
fn the_file_of_a_process_that_was_killed_is_swept() {
    let folder = tempfile::tempdir().expect("a folder");
    let left = folder.path().join("rate-left");
    fs::write(&left, format!("{:020}", 1000)).expect("written");
    let pace = open(folder.path());
    let departures = [reserve(&pace, 600.0, 1), reserve(&pace, 600.0, 1)].concat();
    assert!(!left.exists());
    assert!(departures[1].since(departures[0]) < step(60.0));
    drop(pace);
    let names: Vec<_> =
        fs::read_dir(folder.path()).expect("reads").map(|entry| entry.expect("one").file_name()).collect();
    assert_eq!(names, ["pace"]);
}

/// What others reserved is lost with the file, as after a restart; what a process reserved it knows itself.
#[test]
fn a_file_that_is_damaged_emptied_or_removed_gives_no_process_a_departure_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("pace");
    let (one, other) = (open(folder.path()), open(folder.path()));
    let harms: [&dyn Fn(); 3] =
        [&|| fs::write(&file, "x".repeat(400)).expect("written"), &|| fs::write(&file, "").expect("emptied"), &|| {
            fs::remove_file(&file).expect("removed");
        }];
    let (mut ones, mut others) = (reserve(&one, 60.0, 1), reserve(&other, 60.0, 1));
    for harm in harms {
        harm();
        ones.extend(reserve(&one, 60.0, 1));
        others.extend(reserve(&other, 60.0, 1));
        apart(&[*ones.last().expect("one"), *others.last().expect("one")], step(60.0));
    }
    apart(&ones, step(60.0));
    apart(&others, step(60.0));
}

#[test]
fn a_hold_is_seen_by_all_at_once_and_never_shortened() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, other) = (open(folder.path()), open(folder.path()));
    let until = one.now().plus(Duration::from_secs(30));
    one.hold(until);
    one.hold(one.now().plus(Duration::from_secs(3)));
    assert_eq!((held_until(&one), held_until(&other)), (until, until));
    assert!(reserve(&other, 600.0, 1)[0] >= until);
    assert_eq!(held_until(&open(folder.path())), until, "by a process that comes later");
    one.hold(one.now().plus(Duration::MAX));
    assert!(held_until(&other) <= other.now().plus(Duration::from_hours(24)));
}

#[test]
fn a_folder_that_went_away_leaves_a_process_with_its_own_pace() {
    let folder = tempfile::tempdir().expect("a folder");
    let pace = open(folder.path());
    let mut all = reserve(&pace, 60.0, 1);
    folder.close().expect("removed");
    all.extend(reserve(&pace, 60.0, 1));
    pace.hold(pace.now().plus(Duration::from_secs(500)));
    all.extend(reserve(&pace, 60.0, 1));
    apart(&all, step(60.0));
    assert!(all[2].since(all[0]) >= Duration::from_secs(400));
}
