//! Answers that are neither a plain success nor a plain refusal.

use serde_json::json;

use crate::export::{Wish, wish, wishes};
use crate::platform::{CONTACT, TEXT, TOKEN};
use crate::stage::Stage;

/// All were carried out, each once; then nothing is sent for them again, whatever is asked for.
#[track_caller]
fn nobody_is_texted_again(stage: &Stage, texts: usize) {
    assert_eq!(stage.state().texts().len(), texts);
    let asked = stage.state().asked(TEXT);
    for again in [&["night.csv"][..], &["night.csv", "--retry-failed"]] {
        stage.run(again);
        assert_eq!((stage.state().texts().len(), stage.state().asked(TEXT)), (texts, asked));
    }
}

/// How many rows of the last run have this status.
fn rows(stage: &Stage, status: &str) -> usize {
    stage.report().column("status").into_iter().filter(|told| *told == status).count()
}

#[test]
fn a_text_that_got_503_with_retry_after_may_have_gone_out_and_the_client_holds() {
    let stage = Stage::new(json!({ "unavailable_after": "1@sms", "retry_after_secs": 1 }));
    stage.export("night.csv", &wishes(5));
    stage.run(&["night.csv"]).with(5).says(&["holding for 1 s"]);
    stage.report().all("sms_in_doubt", "sms.no_answer");
    stage.faults(&json!({ "unavailable_after": 0.0 }));
    nobody_is_texted_again(&stage, 5);
}

#[test]
fn a_text_that_was_sent_elsewhere_is_in_doubt_and_the_run_stops() {
    let stage = Stage::new(json!({ "redirect_after": "1@sms" }));
    stage.export("night.csv", &wishes(4));
    stage.run(&["night.csv", "--concurrency", "1"]).with(78).says(&["base_url", "a web page came"]);
    assert_eq!((rows(&stage, "sms_in_doubt"), stage.state().texts().len()), (1, 1), "the first one stops the run");
    stage.faults(&json!({ "redirect_after": 0.0 }));
    stage.run(&["night.csv"]).with(5);
    nobody_is_texted_again(&stage, 4);
}

#[test]
fn a_text_that_met_408_is_in_doubt() {
    let stage = Stage::new(json!({ "timeout_after": "1@sms" }));
    stage.export("night.csv", &wishes(3));
    stage.run(&["night.csv"]).with(5);
    stage.report().all("sms_in_doubt", "sms.no_answer");
    stage.faults(&json!({ "timeout_after": 0.0 }));
    nobody_is_texted_again(&stage, 3);
}

#[test]
fn contacts_that_may_be_there_are_asked_for_again_with_the_same_bytes() {
    for fault in ["unavailable_after", "timeout_after", "error_after"] {
        let stage = Stage::new(json!({ fault: "0.5@contact", "retry_after_secs": 0 }));
        stage.export("night.csv", &wishes(10));
        stage.run(&["night.csv"]).with(0);
        let (report, state) = (stage.report(), stage.state());
        assert!(state.answered(CONTACT, "409") > 0, "{fault}: some should have met their own deed");
        report.all("confirmed", "");
        report.is_what_the_platform_did(&state);
    }
}

#[test]
fn advisory_ids_repeat_nothing_that_may_be_there() {
    for fault in ["unavailable_after", "timeout_after", "error_after", "redirect_after"] {
        let stage = Stage::new(json!({ fault: "1@contact", "retry_after_secs": 0 }));
        let stage = stage.with("RINGBACK_PLATFORM_CONTACT_IDS", "advisory");
        stage.export("night.csv", &wishes(1));
        stage.run(&["night.csv"]).with(if fault == "redirect_after" { 78 } else { 5 });
        stage.report().all("in_doubt", "contact.no_answer");
        stage.faults(&json!({ fault: 0.0 }));
        stage.run(&["night.csv"]).with(5);
        assert_eq!((stage.state().asked(CONTACT), stage.state().asked(TEXT)), (1, 0), "{fault}");
    }
}

#[test]
fn errors_in_a_success_are_a_refusal_with_its_words() {
    let stage = Stage::new(json!({ "failed_body": "1@contact" }));
    stage.export("night.csv", &wishes(2));
    stage.run(&["night.csv"]).with(6);
    stage.report().all("failed", "platform.refused");
    assert!(stage.report().column("detail").iter().all(|detail| detail.contains("it was not taken")));
    let stage = Stage::new(json!({ "failed_body": "1@sms" }));
    stage.export("night.csv", &wishes(2));
    stage.run(&["night.csv"]).with(6);
    stage.report().all("sms_failed", "sms.refused");
    assert_eq!((stage.state().contacts().len(), stage.state().texts().len()), (2, 0));
}

#[test]
fn a_success_without_a_body_is_one_and_half_of_one_is_not() {
    let stage = Stage::new(json!({ "empty_body": "1@contact,sms" }));
    stage.export("night.csv", &wishes(3));
    stage.run(&["night.csv"]).with(0);
    let report = stage.report();
    report.all("confirmed", "");
    assert_eq!(report.column("contact_id"), report.column("callback_id"), "the id is the one that was sent");
    assert_eq!(report.column("sms_session_id"), ["", "", ""]);
    assert_eq!((stage.state().asked(CONTACT), stage.state().asked(TEXT)), (3, 3));
    let stage = Stage::new(json!({ "broken_body": "1@sms" }));
    stage.export("night.csv", &wishes(8));
    stage.run(&["night.csv"]).with(5);
    assert_eq!(rows(&stage, "sms_in_doubt") + rows(&stage, "confirmed"), 8);
    assert!(rows(&stage, "sms_in_doubt") > 0, "half a JSON and a page say nothing");
    nobody_is_texted_again(&stage, 8);
}

#[test]
fn a_campaign_that_is_forbidden_fails_alone() {
    let stage = Stage::new(json!({ "forbidden_campaigns": ["other"] }));
    let of = |number, campaign: &str| wish(number).campaign(campaign);
    stage.export("night.csv", &[of(0, "billing-east"), of(1, "other"), of(2, "billing-east"), of(3, "other")]);
    let ended = stage.run(&["night.csv", "--concurrency", "1"]).with(6);
    ended.says(&["forbids this client campaign other", "is not for this client"]);
    assert!(!ended.stderr.contains("lack the scope"), "{}", ended.stderr);
    let report = stage.report();
    assert_eq!(report.column("status"), ["confirmed", "failed", "confirmed", "failed"]);
    assert_eq!(report.column("code"), ["", "platform.refused", "", "platform.refused"]);
    assert!(report.column("detail")[1].contains("other"), "{:?}", report.column("detail"));
    // The campaign that is asked for first waits for what the others are told.
    let first = Stage::new(json!({ "forbidden_campaigns": ["another"] }));
    first.export("night.csv", &[of(0, "another"), of(1, "billing-east")]);
    first.run(&["night.csv", "--concurrency", "1"]).with(6);
    assert_eq!(first.report().column("status"), ["failed", "confirmed"]);
    // Nobody else may read anything: that is about the credentials.
    let alone = Stage::new(json!({ "forbidden_campaigns": ["other"] }));
    alone.export("night.csv", &[of(1, "other"), of(3, "other")]);
    alone.run(&["night.csv"]).with(77).says(&["lack the scope outbound:forecast:read"]);
    alone.report().all("pending", "run.stopped");
}

#[test]
fn a_number_that_is_forbidden_fails_alone_and_five_in_a_row_stop_the_run() {
    let phones = |numbers: &[usize]| numbers.iter().map(|number| wish(*number).phone).collect::<Vec<String>>();
    let stage = Stage::new(json!({ "forbidden_phones": phones(&[3]) }));
    stage.export("night.csv", &wishes(5));
    stage.run(&["night.csv", "--concurrency", "1"]).with(6);
    assert_eq!((rows(&stage, "failed"), rows(&stage, "confirmed")), (1, 4));
    let many: Vec<usize> = (1..12).collect();
    let stage = Stage::new(json!({ "forbidden_phones": phones(&many) }));
    stage.export("night.csv", &wishes(12));
    stage.run(&["night.csv", "--concurrency", "1"]).with(77).says(&["lack the scope outbound:contact:write"]);
    assert!(rows(&stage, "failed") <= 4 && rows(&stage, "pending") >= 7, "{:?}", stage.report().column("status"));
}

#[test]
fn a_refused_token_is_told_as_the_platform_tells_it() {
    let stage = Stage::new(json!({ "token_error": "invalid_scope" }));
    stage.export("night.csv", &wishes(2));
    let ended = stage.run(&["night.csv"]).with(77);
    ended.says(&["gives this client no token", "invalid_scope"]);
    assert!(!ended.stderr.contains("does not accept the credentials"), "{}", ended.stderr);
    stage.report().all("pending", "run.stopped");
    assert_eq!(stage.state().asked(TOKEN), 1, "it is not tried again");
    stage.faults(&json!({ "token_error": "invalid_client" }));
    stage.run(&["night.csv"]).with(77).says(&["does not accept the credentials", "invalid_client"]);
    let doctor = stage.ringback(&["doctor"]).with(77);
    doctor.says(&["does not accept the credentials"]);
    stage.faults(&json!({ "token_error": "invalid_scope" }));
    stage.ringback(&["doctor"]).with(77).says(&["gives this client no token", "invalid_scope"]);
}

#[test]
fn ok_to_an_id_that_exists_is_no_success_where_new_ones_are_created() {
    let stage = Stage::new(json!({ "answers_conflict": "same-id" }));
    stage.export("night.csv", &wishes(2));
    stage.run(&["night.csv"]).with(0);
    // A ledger on another machine, which sees a 201 first, and then contacts that are there already.
    let machine = tempfile::tempdir().unwrap();
    let stage = stage.with("RINGBACK_STATE_DIR", machine.path().to_str().unwrap());
    stage.export("more.csv", &[wish(7).hours(10.0, 12.0), wish(0), wish(1)]);
    stage.run(&["more.csv", "--ledger", "new.db", "--concurrency", "1"]).with(5);
    let report = stage.report();
    assert_eq!(report.column("code"), ["", "contact.existed", "contact.existed"]);
    let times = report.column("dispatch_at");
    assert!(!times[0].is_empty() && times[1..] == ["", ""], "their time is not known: {times:?}");
    assert_eq!(stage.state().texts().len(), 3, "nobody is texted twice");
    let exported = stage.ringback(&["report", "--format", "csv", "--table", "callbacks", "--ledger", "new.db"]).with(0);
    let known = exported.stdout.lines().filter(|line| line.contains("contact.existed")).collect::<Vec<_>>();
    assert!(known.len() == 2 && known.iter().all(|line| line.contains(",,sms_in_doubt,")), "{known:?}");
}

#[test]
fn hours_that_cannot_be_read_cost_themselves_alone_and_are_told() {
    let stage = Stage::new(json!({ "forecast_damaged": ["billing-east"] }));
    let wishes: Vec<Wish> = (0..4).map(|number| wish(number).hours(10.0, 14.0)).collect();
    stage.export("night.csv", &wishes);
    stage.run(&["night.csv"]).with(0).says(&["hours of forecasts that cannot be read and are left out: 2"]);
    let report = stage.report();
    report.all("confirmed", "");
    let hours = report.column("dispatch_at").into_iter().map(|at| at[11..13].to_owned()).collect::<Vec<_>>();
    assert!(hours.iter().all(|hour| ["12", "13"].contains(&hour.as_str())), "{hours:?}");
}

#[test]
fn a_web_page_is_named_as_what_it_is() {
    let stage = Stage::new(json!({ "redirect_after": "1@token" }));
    stage.export("night.csv", &wishes(2));
    stage.run(&["night.csv"]).with(78).says(&["a web page came", "captive portal"]);
    stage.report().all("pending", "run.stopped");
}
