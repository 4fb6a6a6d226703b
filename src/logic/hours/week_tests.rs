use super::*;
use proptest::prelude::*;

fn spec(days: &[(&str, &[&str])]) -> HoursSpec {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    HoursSpec {
        timezone: "America/New_York".to_owned(),
        days: days.iter().map(|(key, spans)| ((*key).to_owned(), texts(spans))).collect(),
        holidays: vec!["2026-11-26".to_owned()],
    }
}

fn at(text: &str) -> Timestamp {
    Timestamp::from_unix(chrono::DateTime::parse_from_rfc3339(text).expect("a time").timestamp())
}

fn interval((start, end): (&str, &str)) -> Interval {
    Interval { start: at(start), end: at(end) }
}

/// Of this stretch, these parts are open.
fn check(days: &[(&str, &[&str])], of: (&str, &str), expected: &[(&str, &str)]) {
    let hours = Hours::new(&spec(days)).expect("hours");
    let expected: Vec<Interval> = expected.iter().copied().map(interval).collect();
    assert_eq!(hours.open_parts(interval(of)), expected, "{days:?} {of:?}");
}

#[test]
fn a_window_keeps_what_lies_in_the_hours() {
    let office: &[(&str, &[&str])] = &[("mon-fri", &["08:00-12:00", "13:00-20:00"]), ("sat", &["09:00-17:00"])];
    let (noon, one) = ("2026-11-23T12:00:00-05:00", "2026-11-23T13:00:00-05:00");
    check(
        office,
        ("2026-11-23T09:00:00-05:00", "2026-11-23T11:00:00-05:00"),
        &[("2026-11-23T09:00:00-05:00", "2026-11-23T11:00:00-05:00")],
    );
    check(
        office,
        ("2026-11-23T11:00:00-05:00", "2026-11-23T15:00:00-05:00"),
        &[("2026-11-23T11:00:00-05:00", noon), (one, "2026-11-23T15:00:00-05:00")],
    );
    check(office, (noon, one), &[]);
    check(
        office,
        ("2026-11-23T19:00:00-05:00", "2026-11-23T22:00:00-05:00"),
        &[("2026-11-23T19:00:00-05:00", "2026-11-23T20:00:00-05:00")],
    );
    check(office, ("2026-11-22T10:00:00-05:00", "2026-11-22T12:00:00-05:00"), &[]);
    check(office, (noon, noon), &[]);
    check(&[], ("2026-11-23T11:00:00-05:00", "2026-11-23T15:00:00-05:00"), &[]);
}

#[test]
fn a_window_without_an_open_part_is_rejected() {
    let hours = Hours::new(&spec(&[("mon-fri", &["08:00-20:00"])])).expect("hours");
    let window = |start, end| Window::new(at(start), at(end)).expect("a window");
    let late = hours.judge(window("2026-11-23T19:00:00-05:00", "2026-11-23T21:00:00-05:00"));
    assert_eq!(late, Ok(vec![interval(("2026-11-24T00:00:00Z", "2026-11-24T01:00:00Z"))]));
    let closed = hours.judge(window("2026-11-23T20:00:00-05:00", "2026-11-23T22:00:00-05:00"));
    let finding = closed.expect_err("closed");
    assert_eq!(finding.fault.code(), "window.outside_hours");
    let detail = "requestedStart: 2026-11-24T01:00:00Z to 2026-11-24T03:00:00Z lies outside the opening hours";
    assert_eq!(finding.detail(), detail);
}

#[test]
fn an_opening_overnight_belongs_to_the_day_on_which_it_begins() {
    let nights: &[(&str, &[&str])] = &[("wed-thu", &["22:00-06:00"])];
    check(
        nights,
        ("2026-11-25T20:00:00-05:00", "2026-11-26T08:00:00-05:00"),
        &[("2026-11-25T22:00:00-05:00", "2026-11-26T06:00:00-05:00")],
    );
    // Thursday the 26th is a holiday: nothing opens in its evening.
    check(nights, ("2026-11-26T20:00:00-05:00", "2026-11-27T08:00:00-05:00"), &[]);
    check(
        nights,
        ("2026-11-19T20:00:00-05:00", "2026-11-20T08:00:00-05:00"),
        &[("2026-11-19T22:00:00-05:00", "2026-11-20T06:00:00-05:00")],
    );
}

#[test]
fn openings_that_meet_are_one() {
    let always: &[(&str, &[&str])] = &[("mon-sun", &["00:00-24:00"])];
    let weekend = ("2026-11-21T20:00:00-05:00", "2026-11-23T04:00:00-05:00");
    check(always, weekend, &[weekend]);
    check(
        &[("mon", &["08:00-12:00", "10:00-14:00"])],
        ("2026-11-23T00:00:00-05:00", "2026-11-24T00:00:00-05:00"),
        &[("2026-11-23T08:00:00-05:00", "2026-11-23T14:00:00-05:00")],
    );
}

#[test]
fn the_night_on_which_clocks_go_forward_has_no_skipped_hour() {
    let early: &[(&str, &[&str])] = &[("sun", &["01:00-04:00"])];
    let night = ("2026-03-08T00:00:00-05:00", "2026-03-08T12:00:00-04:00");
    check(early, night, &[("2026-03-08T01:00:00-05:00", "2026-03-08T04:00:00-04:00")]);
    check(&[("sun", &["02:00-03:00"])], night, &[]);
    check(&[("sun", &["02:30-03:30"])], night, &[("2026-03-08T03:00:00-04:00", "2026-03-08T03:30:00-04:00")]);
}

#[test]
fn the_night_on_which_clocks_go_back_has_an_hour_twice() {
    let night = ("2026-11-01T00:00:00-04:00", "2026-11-01T12:00:00-05:00");
    check(&[("sun", &["01:00-03:00"])], night, &[("2026-11-01T01:00:00-04:00", "2026-11-01T03:00:00-05:00")]);
    check(
        &[("sun", &["01:15-01:45"])],
        night,
        &[
            ("2026-11-01T01:15:00-04:00", "2026-11-01T01:45:00-04:00"),
            ("2026-11-01T01:15:00-05:00", "2026-11-01T01:45:00-05:00"),
        ],
    );
}

#[test]
fn hours_that_cannot_be_followed_say_why() {
    for (days, expected) in [
        (&[("monday", &["08:00-12:00"][..])][..], "\"monday\" is no day"),
        (&[("mon-", &["08:00-12:00"])], "\"mon-\" is no day"),
        (&[("mon-fri", &["08:00-12:00"]), ("fri", &["09:00-10:00"])], "fri stands in \"mon-fri\" and in \"fri\""),
        (&[("mon", &["8-12"])], "mon: \"8-12\" is no part of a day"),
    ] {
        let error = Hours::new(&spec(days)).expect_err(expected).to_string();
        assert!(error.starts_with(expected), "{error}");
    }
    for (change, expected) in [
        (HoursSpec { timezone: "Mars".to_owned(), ..spec(&[]) }, "no time zone is called \"Mars\""),
        (HoursSpec { holidays: vec!["12/25/2026".to_owned()], ..spec(&[]) }, "holidays: \"12/25/2026\""),
        (HoursSpec { holidays: vec!["2026-02-30".to_owned()], ..spec(&[]) }, "holidays: \"2026-02-30\""),
    ] {
        let error = Hours::new(&change).expect_err(expected).to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn a_range_of_days_may_run_over_the_end_of_the_week() {
    for (key, expected) in [
        ("mon-fri", &[0, 1, 2, 3, 4][..]),
        ("SAT", &[5]),
        ("fri-mon", &[4, 5, 6, 0]),
        ("tue-tue", &[1]),
        ("tue-mon", &[1, 2, 3, 4, 5, 6, 0]),
    ] {
        assert_eq!(days(key).expect(key), expected, "{key}");
    }
}

proptest! {
    /// Minute by minute: an instant is open where some span of its wall clock's day, or of the day before, holds it.
    #[test]
    fn an_instant_is_open_as_the_clock_on_the_wall_says(start in 1_772_900_000i64..1_773_100_000, hours in 1i64..60) {
        let days: &[(&str, &[&str])] = &[("sat-sun", &["01:30-02:45", "23:10-03:20"]), ("mon-tue", &["09:00-17:00"])];
        for shift in [0, 238 * 86_400] {
            let of = Interval { start: Timestamp::from_unix(start + shift), end: Timestamp::from_unix(start + shift + hours * 3600) };
            let open = Hours::new(&spec(days)).expect("hours");
            let parts = open.open_parts(of);
            prop_assert!(parts.is_sorted() && parts.iter().all(|part| !part.is_empty()));
            for second in (of.start.unix()..of.end.unix()).step_by(60) {
                let at = Timestamp::from_unix(second);
                let wall = open.zone().wall_clock(at);
                let minute = |day: u64| {
                    let begins = (wall.date() - Days::new(day)).and_time(chrono::NaiveTime::MIN);
                    u16::try_from((wall - begins).num_minutes()).expect("minutes")
                };
                let expected = [0, 1].into_iter().any(|day| {
                    let spans = open.opening_on(wall.date() - Days::new(day));
                    spans.iter().any(|span| (span.start..span.end).contains(&minute(day)))
                });
                let found = parts.iter().any(|part| part.contains(at));
                prop_assert_eq!(found, expected, "{}", wall);
            }
        }
    }
}
