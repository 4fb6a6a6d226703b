//! Runs on a platform in trouble.

use serde_json::{Value, json};

use crate::export::{Wish, wish, wishes};
use crate::platform::{CONTACT, State, TEXT, TOKEN};
use crate::stage::Stage;

/// How often each contact was asked for.
fn asked(state: &State) -> Vec<u64> {
    state.contacts().iter().map(|contact| contact["asked"].as_u64().unwrap()).collect()
}

#[test]
fn a_429_on_the_text_does_not_create_the_contact_again() {
    let stage = Stage::new(json!({ "too_many": "1@sms", "retry_after_secs": 1 }));
    stage.export("night.csv", &wishes(3));
    let mut run = stage.start(&["night.csv"]);
    run.until(|state| state.answered(TEXT, "429") > 0);
    stage.faults(&json!({ "too_many": 0.0 }));
    run.end().with(0);
    let (report, state) = (stage.report(), stage.state());
    report.all("confirmed", "");
    report.is_what_the_platform_did(&state);
    assert_eq!((asked(&state), state.asked(CONTACT)), (vec![1; 3], 3));
    assert_eq!(report.summary["requests"]["status_429"], state.answered(TEXT, "429"));
}

#[test]
fn a_429_on_the_contact_is_waited_out_and_counts_as_no_attempt() {
    let stage = Stage::new(json!({ "too_many": "1@contact", "retry_after": "http-date" }));
    let stage = stage.with("RINGBACK_RETRY_MAX_ATTEMPTS", "1");
    stage.export("night.csv", &wishes(3));
    let mut run = stage.start(&["night.csv"]);
    run.until(|state| state.answered(CONTACT, "429") > 0);
    stage.faults(&json!({ "too_many": 0.0 }));
    run.end().with(0);
    stage.report().all("confirmed", "");
    stage.report().is_what_the_platform_did(&stage.state());
}

#[test]
fn a_server_error_before_the_deed_is_tried_again_until_it_succeeds() {
    let stage = Stage::new(json!({ "error_before": "0.5@contact,forecast,token" }));
    stage.export("night.csv", &wishes(20));
    stage.run(&["night.csv"]).with(0);
    let (report, state) = (stage.report(), stage.state());
    report.all("confirmed", "");
    report.is_what_the_platform_did(&state);
    let troubles = ["500", "502", "503", "504"].map(|status| state.answered(CONTACT, status));
    assert!(troubles.iter().sum::<u64>() > 0, "half of the answers should have been errors");
    assert_eq!(asked(&state), vec![1; 20], "the deed was done once");
}

#[test]
fn a_conflict_with_our_own_attempt_is_a_success() {
    let stage = Stage::new(json!({ "error_after": "0.5@contact" }));
    stage.export("night.csv", &wishes(20));
    stage.run(&["night.csv"]).with(0);
    let (report, state) = (stage.report(), stage.state());
    assert!(state.answered(CONTACT, "409") > 0, "some attempts should have met their own deed");
    report.all("confirmed", "");
    report.is_what_the_platform_did(&state);
}

#[test]
fn a_contact_that_was_there_before_this_ledger_gets_no_text() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(2));
    stage.run(&["night.csv"]).with(0);
    // Another ledger, as if the first had been lost.
    stage.ringback(&["ledger", "adopt", "--as", "new", "--ledger", "new.db"]).with(0);
    stage.run(&["night.csv", "--ledger", "new.db"]).with(5);
    stage.report().all("sms_in_doubt", "contact.existed");
    assert_eq!((stage.state().contacts().len(), stage.state().texts().len()), (2, 2));
}

#[test]
fn a_contact_without_an_answer_is_asked_for_again_with_the_same_bytes() {
    let stage =
        Stage::new(json!({ "cut_after": "0.4@contact", "cut_before": "0.3@contact", "broken_body": "0.2@contact" }));
    stage.export("night.csv", &wishes(20));
    stage.run(&["night.csv"]).with(0);
    let (report, state) = (stage.report(), stage.state());
    assert!(state.answered(CONTACT, "cut") > 0);
    report.all("confirmed", "");
    report.is_what_the_platform_did(&state);
}

#[test]
fn a_text_without_an_answer_is_in_doubt_and_never_sent_again() {
    let stage = Stage::new(json!({ "cut_after": "1@sms" }));
    stage.export("night.csv", &wishes(5));
    stage.run(&["night.csv"]).with(5);
    stage.report().all("sms_in_doubt", "sms.no_answer");
    assert_eq!((stage.state().contacts().len(), stage.state().texts().len()), (5, 5));
    stage.faults(&json!({ "cut_after": 0.0 }));
    for again in [&["night.csv"][..], &["night.csv", "--retry-failed"]] {
        let before = stage.state().asked_in_all();
        stage.run(again).with(5);
        stage.report().all("sms_in_doubt", "sms.no_answer");
        stage.report().asked_nothing();
        assert_eq!(stage.state().asked_in_all(), before);
    }
    assert_eq!(stage.state().texts().len(), 5);
}

#[test]
fn a_text_that_met_a_server_error_may_have_gone_out_too() {
    let stage = Stage::new(json!({ "error_after": "1@sms" }));
    stage.export("night.csv", &wishes(3));
    stage.run(&["night.csv"]).with(5);
    stage.report().all("sms_in_doubt", "sms.no_answer");
    assert_eq!((stage.state().texts().len(), stage.state().asked(TEXT)), (3, 3));
}

#[test]
fn a_second_text_goes_out_only_where_the_settings_ask_for_it() {
    let stage = Stage::new(json!({ "cut_after": "0.5@sms" })).with("RINGBACK_SMS_ON_NO_ANSWER", "resend");
    stage.export("night.csv", &wishes(20));
    stage.run(&["night.csv"]).with(0);
    stage.report().all("confirmed", "");
    let state = stage.state();
    assert_eq!(state.contacts().len(), 20);
    let test_requests = state.answered(TEXT, "400");
    assert_eq!(state.texts().len() as u64, state.asked(TEXT) - test_requests, "each that came was carried out");
}

/// The first token is good for two seconds, and nobody says so; the second is good for the rest of the run.
#[test]
fn forty_at_once_renew_an_expired_token_once() {
    let stage = Stage::new(json!({ "token_lifetime_secs": 2, "expires_in": "untold", "latency_ms": 250 }));
    stage.export("night.csv", &wishes(400));
    let mut run = stage.start(&["night.csv", "--concurrency", "40"]);
    run.until(|state| state.asked(TOKEN) == 1);
    stage.faults(&json!({ "token_lifetime_secs": 1800 }));
    run.end().with(0);
    let (report, state) = (stage.report(), stage.state());
    report.all("confirmed", "");
    report.is_what_the_platform_did(&state);
    let turned_away = state.answered(CONTACT, "401") + state.answered(TEXT, "401");
    assert!(turned_away > 1, "many held the old token: {turned_away}");
    assert_eq!((state.asked(TOKEN), &report.summary["requests"]["token"]), (2, &json!(2)));
    assert_eq!(state.0["most_in_flight"], 40);
}

#[test]
fn the_rate_is_kept_on_a_platform_that_enforces_it() {
    let stage = Stage::new(json!({ "requests_per_minute": 1200 }));
    stage.export("night.csv", &wishes(20));
    stage.ringback(&["run", "night.csv", "--rate", "1200", "-o", "out"]).with(0);
    let report = stage.report();
    report.all("confirmed", "");
    assert_eq!(report.summary["requests"]["status_429"], 0);
    let times: Vec<u64> = stage.state().requests().iter().map(|request| request["at"].as_u64().unwrap()).collect();
    let (first, last) = (times[0], times[times.len() - 1]);
    // 42 requests have 41 steps of 50 ms between them; half of that is allowed for a first one that came late.
    assert!(last - first >= 1000, "{} ms", last - first);
}

#[test]
fn a_disorderly_forecast_is_understood() {
    let stage = Stage::new(json!({ "forecast_order": "disorderly" }));
    let wishes: Vec<Wish> = (0..8).map(|number| wish(number).hours(10.0, 14.0)).collect();
    stage.export("night.csv", &wishes);
    stage.run(&["night.csv"]).with(0);
    stage.report().all("confirmed", "");
    let state = stage.state();
    let hours = |contact: &Value| contact["scheduledStartDateTime"].as_str().unwrap()[11..13].to_owned();
    assert!(state.contacts().iter().map(hours).all(|hour| ("10".."14").contains(&hour.as_str())));
}

#[test]
fn where_ids_are_only_advisory_nothing_is_asked_for_twice() {
    let stage = Stage::new(json!({ "cut_after": "1@contact" })).with("RINGBACK_PLATFORM_CONTACT_IDS", "advisory");
    stage.export("night.csv", &wishes(4));
    for _ in 0..2 {
        stage.run(&["night.csv"]).with(5);
        stage.report().all("in_doubt", "contact.no_answer");
        assert_eq!((stage.state().asked(CONTACT), stage.state().asked(TEXT)), (4, 0));
    }
    stage.report().asked_nothing();
}

#[test]
fn a_platform_that_answers_200_to_an_id_that_exists_is_understood() {
    let stage = Stage::new(json!({ "error_after": "0.5@contact", "answers_conflict": "same-id" }));
    stage.export("night.csv", &wishes(10));
    stage.run(&["night.csv"]).with(0);
    stage.report().all("confirmed", "");
    stage.report().is_what_the_platform_did(&stage.state());
}

#[test]
fn a_platform_in_trouble_for_too_long_is_given_up_and_nothing_is_lost() {
    let stage = Stage::new(json!({ "error_before": "1@contact" })).with("RINGBACK_RETRY_GIVE_UP_AFTER", "1s");
    let stage = stage.with("RINGBACK_RETRY_MAX_ATTEMPTS", "100").with("RINGBACK_PLATFORM_CONCURRENCY", "1");
    stage.export("night.csv", &wishes(20));
    stage.run(&["night.csv"]).with(4).says(&["gave up"]);
    stage.report().all("pending", "platform.unavailable");
    let stage = stage.with("RINGBACK_RETRY_GIVE_UP_AFTER", "10m");
    stage.faults(&json!({ "error_before": 0.0 }));
    stage.run(&["night.csv"]).with(0);
    stage.report().is_what_the_platform_did(&stage.state());
}

#[test]
fn a_pause_that_is_too_long_to_wait_for_stops_the_run() {
    let stage = Stage::new(json!({ "too_many": "1@contact", "retry_after_secs": 86_400 }));
    stage.export("night.csv", &wishes(5));
    stage.run(&["night.csv"]).with(4).says(&["86400"]);
    stage.report().all("pending", "platform.unavailable");
}

#[test]
fn a_platform_in_trouble_is_asked_by_one_probe_at_a_time() {
    let stage = Stage::new(json!({ "error_before": "1@contact" }));
    let stage = stage.with("RINGBACK_RETRY_MAX_ATTEMPTS", "100").with("RINGBACK_RETRY_GIVE_UP_AFTER", "1s");
    stage.export("night.csv", &wishes(40));
    stage.run(&["night.csv"]).with(4);
    // Twenty troubles, what was in flight then, and probes at intervals that double until it is given up.
    let asked = stage.state().asked(CONTACT);
    assert!((20..50).contains(&asked), "{asked} requests");
    stage.faults(&json!({ "error_before": 0.0 }));
    stage.run(&["night.csv"]).with(0);
    stage.report().is_what_the_platform_did(&stage.state());
}

#[test]
fn a_probe_that_is_answered_lets_all_go_on() {
    let stage = Stage::new(json!({ "error_before": "1@contact" })).with("RINGBACK_RETRY_MAX_ATTEMPTS", "3");
    stage.export("night.csv", &wishes(40));
    let mut run = stage.start(&["night.csv"]);
    run.until(|state| state.asked(CONTACT) >= 20);
    stage.faults(&json!({ "error_before": 0.0 }));
    run.end().with(0);
    stage.report().all("confirmed", "");
}
