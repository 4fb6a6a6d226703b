//! Runs on a platform of which a part is out of order for a time.

use serde_json::{Value, json};

use crate::export::wishes;
use crate::platform::{CONTACT, FORECAST, State, TEXT, TOKEN};
use crate::stage::Stage;

/// How many requests of a route got a 5xx.
fn troubles(state: &State, route: &str) -> u64 {
    ["500", "502", "503", "504"].iter().map(|status| state.answered(route, status)).sum()
}

/// Two attempts are all that a step has.
fn with_two_attempts(faults: Value) -> Stage {
    Stage::new(faults).with("RINGBACK_RETRY_MAX_ATTEMPTS", "2")
}

#[test]
fn tokens_and_forecasts_are_asked_for_as_long_as_trouble_is_borne() {
    for (target, route) in [("token", TOKEN), ("forecast", FORECAST)] {
        let stage = with_two_attempts(json!({ "error_before": format!("1@{target}") }));
        stage.export("night.csv", &wishes(5));
        let mut run = stage.start(&["night.csv"]);
        run.until(|state| troubles(state, route) > 10);
        stage.faults(&json!({ "error_before": 0.0 }));
        run.end().with(0).says(&["met trouble", "until nothing succeeds for 600 s"]);
        stage.report().all("confirmed", "");
    }
}

#[test]
fn a_token_that_must_be_renewed_is_asked_for_as_long_as_trouble_is_borne() {
    let stage = with_two_attempts(json!({ "latency_ms": 20 }));
    stage.export("night.csv", &wishes(60));
    let mut run = stage.start(&["night.csv", "--concurrency", "2"]);
    run.until(|state| state.asked(TEXT) > 3);
    stage.faults(&json!({ "error_before": "1@token", "token_revoked": "1@contact,sms" }));
    run.until(|state| troubles(state, TOKEN) > 10);
    stage.faults(&json!({ "error_before": 0.0, "token_revoked": 0.0 }));
    run.end().with(0);
    stage.report().all("confirmed", "");
    stage.report().is_what_the_platform_did(&stage.state());
}

#[test]
fn what_never_comes_ends_the_run_with_4_and_names_itself() {
    for target in ["token", "forecast"] {
        let stage = with_two_attempts(json!({ "error_before": format!("1@{target}") }));
        let stage = stage.with("RINGBACK_RETRY_GIVE_UP_AFTER", "1s");
        stage.export("night.csv", &wishes(5));
        stage.run(&["night.csv"]).with(4).says(&["gave up", &format!("no {target} for")]);
        stage.report().all("pending", "platform.unavailable");
    }
}

/// Test requests are in the same trouble, so that nothing makes a fourth doubt but what was in flight.
#[test]
fn an_outage_of_texts_leaves_few_in_doubt_and_the_rest_owed() {
    let stage = with_two_attempts(json!({ "error_before": "1@sms" })).with("RINGBACK_RETRY_GIVE_UP_AFTER", "1s");
    let stage = stage.with("RINGBACK_PLATFORM_CONCURRENCY", "2");
    stage.export("night.csv", &wishes(40));
    stage.run(&["night.csv"]).with(4).says(&["texts are in trouble", "no text was taken"]);
    let (report, state) = (stage.report(), stage.state());
    let doubts = report.count("sms_in_doubt");
    assert!((3..=5).contains(&doubts), "{doubts} in doubt");
    assert_eq!((report.count("pending"), state.contacts().len()), (40 - doubts, 40));
    let test_requests = state.asked(TEXT) - doubts as u64;
    assert!(test_requests > 0);
    assert_eq!(report.summary["requests"]["sms"], state.asked(TEXT), "test requests are counted too");
    assert_eq!(report.summary["requests"]["retries"], 0);

    stage.faults(&json!({ "error_before": 0.0 }));
    stage.ringback(&["resume", "--rate", "100000", "-o", "out"]).with(0);
    assert_eq!((stage.report().count("confirmed"), stage.state().texts().len()), (40 - doubts, 40 - doubts));
}

#[test]
fn a_test_request_that_is_answered_lets_texts_go_on() {
    let stage = Stage::new(json!({ "error_before": "1@sms" })).with("RINGBACK_PLATFORM_CONCURRENCY", "1");
    stage.export("night.csv", &wishes(20));
    let mut run = stage.start(&["night.csv"]);
    run.until(|state| state.asked(TEXT) > 4 && state.contacts().len() == 20);
    stage.faults(&json!({ "error_before": 0.0 }));
    run.end().with(5);
    let (report, state) = (stage.report(), stage.state());
    assert_eq!((report.count("sms_in_doubt"), report.count("confirmed"), state.texts().len()), (3, 17, 17));
    assert_eq!(state.answered(TEXT, "400"), 1, "one test request was refused, and no second was needed");
}

/// No request of a customer is made to find out how the platform does.
#[test]
fn an_outage_of_contacts_is_looked_into_with_requests_that_hold_nothing() {
    let stage = Stage::new(json!({ "error_before": "1@contact" })).with("RINGBACK_RETRY_GIVE_UP_AFTER", "2s");
    let stage = stage.with("RINGBACK_PLATFORM_CONTACT_IDS", "advisory").with("RINGBACK_PLATFORM_CONCURRENCY", "1");
    stage.export("night.csv", &wishes(40));
    stage.run(&["night.csv"]).with(4);
    let (report, state) = (stage.report(), stage.state());
    let attempts: u64 = report.column("attempts").iter().map(|attempts| attempts.parse::<u64>().unwrap()).sum();
    assert_eq!(attempts, 20, "twenty troubles are enough");
    assert!(state.asked(CONTACT) > attempts, "the others were test requests");
    assert_eq!(state.contacts().len(), 0);
}
