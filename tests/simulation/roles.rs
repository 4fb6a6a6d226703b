//! Back ends that can do less, or that are not one for all roles.

use std::collections::BTreeSet;
use std::time::Duration;

use ringback::domain::outcome::Status;
use ringback::domain::reply::Step;

use crate::outage::{Part, ROWS, night, outage, play, report};
use crate::record::{Record, Sent};
use crate::scenario::Scenario;
use crate::story;
use crate::world::Plant;

/// A night without trouble.
fn quiet_night(seed: u64) -> Scenario {
    night(seed, &["even"], outage(Part::Step(Step::Token), Duration::ZERO))
}

/// The most requests that one minute saw.
fn busiest_minute(record: &Record, wanted: impl Fn(&Sent) -> bool) -> usize {
    let times: Vec<Duration> = record.sent.iter().filter(|sent| wanted(sent)).map(|sent| sent.at).collect();
    let within = |at: &Duration| times.iter().filter(|time| (*at..*at + Duration::from_mins(1)).contains(time)).count();
    times.iter().map(within).max().unwrap_or_default()
}

#[test]
fn texts_with_an_account_of_their_own_have_their_own_tokens_and_pace() {
    let mut scenario = quiet_night(1);
    scenario.settings.rate = 30;
    let alone = play(scenario.clone());
    scenario.habits.texts_apart = true;
    let apart = story::play(scenario, Plant::Nothing);
    for record in [&alone, &apart] {
        assert_eq!(report(&record.runs[0]).0.by_status[&Status::Confirmed], ROWS);
    }
    assert!(busiest_minute(&alone, |_| true) <= 30);
    let tokens = |step: Step| {
        let used = apart.sent.iter().filter(|sent| sent.step == step);
        used.filter_map(|sent| sent.token).collect::<BTreeSet<usize>>()
    };
    assert!(tokens(Step::Contact).is_disjoint(&tokens(Step::Text)) && !tokens(Step::Text).is_empty());
    for step in [Step::Contact, Step::Text] {
        assert!(busiest_minute(&apart, |sent| sent.step == step) <= 30, "{step:?}");
    }
    assert!(busiest_minute(&apart, |_| true) > 30, "the two do not wait for one another");
}

#[test]
fn contacts_that_lie_further_ahead_than_the_platform_takes_them_are_left_for_a_later_run() {
    let mut scenario = quiet_night(2);
    scenario.settings.horizon = Some(Duration::from_mins(370));
    let record = story::play(scenario.clone(), Plant::Nothing);
    let (first, _) = report(&record.runs[0]);
    let count = |status| first.by_status.get(&status).copied().unwrap_or_default();
    let (sent, left) = (count(Status::Confirmed), count(Status::Pending));
    assert!(sent > 0 && left > 0 && sent + left == ROWS, "{:?}", first.by_status);
    for sent in record.sent.iter().filter(|sent| sent.step == Step::Contact) {
        let body: serde_json::Value = serde_json::from_slice(&sent.body).expect("a body of this platform");
        let ahead = body["at"].as_i64().expect("a time") - record.wall(sent.at).unix();
        assert!(ahead <= 370 * 60, "{ahead}");
    }
}
