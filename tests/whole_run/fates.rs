//! What becomes of callbacks that are not simply confirmed.

use chrono::{TimeDelta, Timelike, Utc};
use serde_json::json;

use crate::export::{Wish, wish, wishes};
use crate::platform::{CONTACT, FORECAST, TEXT};
use crate::stage::Stage;

#[test]
fn the_first_by_dispatch_time_are_attempted_and_the_same_command_again_does_the_rest() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(5));
    stage.run(&["night.csv", "--limit", "2"]).with(4);
    let report = stage.report();
    assert_eq!((report.count("confirmed"), report.count("pending")), (2, 3));
    let (mut done, mut left) = (Vec::new(), Vec::new());
    for row in &report.rows {
        assert_eq!(row.at("code"), if row.at("status") == "pending" { "run.limit" } else { "" });
        if row.at("status") == "pending" { &mut left } else { &mut done }.push(row.at("dispatch_at"));
    }
    assert!(done.iter().max() <= left.iter().min(), "{done:?} before {left:?}");
    report.is_what_the_platform_did(&stage.state());
    stage.run(&["night.csv"]).with(0);
    assert_eq!((stage.report().count("confirmed"), stage.report().count("already_done")), (3, 2));
    stage.report().is_what_the_platform_did(&stage.state());
}

#[test]
fn a_plan_gives_dispatch_times_and_creates_nothing() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(4));
    for plan in [&["plan"][..], &["run", "--dry-run"]] {
        stage.ringback(&[plan, &["night.csv", "-o", "out", "--rate", "100000"]].concat()).with(0);
        let report = stage.report();
        report.all("planned", "");
        assert!(report.rows.iter().all(|row| ("2026".."3000").contains(&row.at("dispatch_at"))));
        assert!(report.column("contact_id").iter().all(|id| id.is_empty()));
    }
    let state = stage.state();
    assert_eq!((state.asked(CONTACT), state.asked(TEXT), state.asked(FORECAST)), (0, 0, 2));
    assert!(!stage.path("ringback.db").exists() && !stage.path("ringback.db.lock").exists());
    stage.run(&["night.csv"]).with(0);
    stage.ringback(&["plan", "night.csv", "-o", "out"]).with(0);
    stage.report().all("already_done", "");
    stage.report().asked_nothing();
}

#[test]
fn validation_needs_neither_network_nor_ledger_nor_credentials() {
    let stage = Stage::calm();
    stage.put("night.csv", format!("{}x,unknown,,,,\n", crate::export::csv(&wishes(2))));
    let mut command = stage.command(&["validate", "night.csv", "-o", "out"]);
    for variable in ["CXONE_CLIENT_ID", "CXONE_CLIENT_SECRET", "RINGBACK_PLATFORM_BASE_URL"] {
        command.env_remove(variable);
    }
    crate::stage::Ended::of(&mut command).with(3).says(&["valid", "rejected"]);
    let report = stage.report();
    assert_eq!(report.column("status"), ["valid", "valid", "rejected"]);
    assert_eq!(report.rows[2].at("code"), "phone.unparseable;time.missing;campaign.missing");
    assert_eq!(stage.state().asked_in_all(), 0);
    stage.ringback(&["validate", "night.csv"]).with(3);
    let mut there: Vec<_> = std::fs::read_dir(stage.path("")).unwrap().map(|file| file.unwrap().file_name()).collect();
    there.sort();
    assert_eq!(there, ["night.csv", "out", "ringback.toml"]);
}

/// An hour of the day in UTC that is half a day away.
pub(crate) fn hours_that_are_closed_now() -> &'static str {
    if Utc::now().hour() < 12 { "22:00-23:00" } else { "04:00-05:00" }
}

/// A customer who wants to be called within the next hour or so.
fn soon() -> Wish {
    let start = Utc::now() + TimeDelta::minutes(8);
    Wish { start, end: start + TimeDelta::minutes(61), ..wish(0) }
}

#[test]
fn a_text_waits_for_texting_hours() {
    let stage = Stage::calm().with("RINGBACK_SMS_HOURS", hours_that_are_closed_now());
    let stage = stage.tables("[campaigns.billing-east]\ntimezone = \"UTC\"\n");
    stage.export("night.csv", &wishes(2));
    for _ in 0..2 {
        stage.run(&["night.csv"]).with(0);
        stage.report().all("sms_waiting", "sms.quiet_hours");
        assert_eq!((stage.state().asked(CONTACT), stage.state().asked(TEXT)), (2, 0));
    }
    let stage = stage.with("RINGBACK_SMS_HOURS", "always");
    stage.run(&["night.csv"]).with(0);
    stage.report().all("confirmed", "");
    stage.report().is_what_the_platform_did(&stage.state());
    assert_eq!(stage.state().asked(CONTACT), 2);
}

#[test]
fn a_text_that_would_come_after_the_call_is_left_out() {
    let stage = Stage::calm().with("RINGBACK_SMS_HOURS", hours_that_are_closed_now());
    let stage = stage.tables("[campaigns.billing-east]\ntimezone = \"UTC\"\n");
    stage.export("night.csv", &[soon()]);
    stage.run(&["night.csv"]).with(0);
    stage.report().all("scheduled", "sms.too_late");
    assert_eq!((stage.state().contacts().len(), stage.state().asked(TEXT)), (1, 0));
    stage.run(&["night.csv"]).with(0);
    assert_eq!(stage.report().column("status"), ["already_done"]);
    stage.report().asked_nothing();
}

#[test]
fn texts_that_are_switched_off_are_not_sent() {
    let stage = Stage::calm().with("RINGBACK_SMS_ENABLED", "false");
    stage.export("night.csv", &wishes(3));
    stage.run(&["night.csv"]).with(0);
    stage.report().all("scheduled", "sms.disabled");
    assert_eq!((stage.state().contacts().len(), stage.state().asked(TEXT)), (3, 0));
    let stage = stage.with("RINGBACK_SMS_ENABLED", "true");
    stage.run(&["night.csv"]).with(0);
    assert_eq!(stage.report().column("status"), ["already_done"; 3]);
    assert_eq!(stage.state().asked(TEXT), 0);
}

#[test]
fn callbacks_without_a_forecast_fail_and_are_tried_afresh() {
    let stage = Stage::new(json!({ "forecast_empty": ["nobody"], "forecast_no_agents": ["asleep"] }));
    stage.export("night.csv", &[wish(0), wish(1).campaign("nobody"), wish(2).campaign("asleep")]);
    stage.run(&["night.csv"]).with(6);
    let report = stage.report();
    assert_eq!(report.column("status"), ["confirmed", "failed", "failed"]);
    assert_eq!(report.column("code"), ["", "forecast.empty", "forecast.no_agents"]);
    assert_eq!(stage.state().contacts().len(), 1);
    stage.faults(&json!({ "forecast_empty": [], "forecast_no_agents": [] }));
    stage.run(&["night.csv"]).with(0);
    assert_eq!(stage.report().column("status"), ["already_done", "confirmed", "confirmed"]);
    stage.report().is_what_the_platform_did(&stage.state());
}

#[test]
fn what_the_platform_refused_stands_until_somebody_asks_again() {
    let stage = Stage::new(json!({ "refused_phones": ["+12025550101"], "refused_texts": ["+12025550102"] }));
    stage.export("night.csv", &wishes(3));
    stage.run(&["night.csv"]).with(6);
    let told = |status: &[&str], code: &[&str]| {
        assert_eq!(stage.report().column("status"), status);
        assert_eq!(stage.report().column("code"), code);
    };
    told(&["confirmed", "failed", "sms_failed"], &["", "platform.refused", "sms.refused"]);
    assert!(stage.report().rows[1].at("detail").contains("does not take it"), "the platform's words are kept");
    stage.run(&["night.csv"]).with(6);
    told(&["already_done", "failed", "sms_failed"], &["", "platform.refused", "sms.refused"]);
    stage.report().asked_nothing();
    stage.faults(&json!({ "refused_phones": [], "refused_texts": [] }));
    stage.run(&["night.csv", "--retry-failed"]).with(0);
    told(&["already_done", "confirmed", "confirmed"], &["", "", ""]);
    stage.report().is_what_the_platform_did(&stage.state());
}

#[test]
fn a_window_that_has_closed_is_expired_and_what_is_done_is_never_called_past() {
    let stage = Stage::calm();
    let long_ago = wish(0).hours(-90.0, -88.0);
    stage.export("night.csv", &[long_ago.clone(), wish(1)]);
    stage.run(&["night.csv"]).with(6);
    assert_eq!(stage.report().column("status"), ["expired", "confirmed"]);
    assert_eq!(stage.report().column("code"), ["window.past", ""]);
    stage.export("night.csv", &[long_ago]);
    stage.run(&["night.csv"]).with(6);
    stage.report().all("expired", "window.past");
    stage.report().asked_nothing();
}

#[test]
fn platform_trouble_beyond_the_attempts_leaves_callbacks_pending() {
    let stage = Stage::new(json!({ "error_before": "1@contact" })).with("RINGBACK_RETRY_MAX_ATTEMPTS", "3");
    stage.export("night.csv", &wishes(2));
    stage.run(&["night.csv"]).with(4);
    stage.report().all("pending", "platform.unavailable");
    assert_eq!(stage.state().asked(CONTACT), 6);
    stage.faults(&json!({ "error_before": 0.0 }));
    stage.run(&["night.csv"]).with(0);
    stage.report().all("confirmed", "");
    stage.report().is_what_the_platform_did(&stage.state());
}
