//! What a plan shows: the hours as they will be, and both strategies side by side.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::contract;
use crate::export::{Wish, day, wish, wishes};
use crate::fates::hours_that_are_closed_now;
use crate::platform::{CONTACT, FORECAST, TOKEN};
use crate::report::Report;
use crate::stage::{Ended, Stage};

/// So few calls that eight hours are enough for all, and the one with most agents is not, on whatever day.
const FEW_CALLS: &str = "[placement]\ncalls_per_agent_hour = 7\n";

/// 150 customers, who ask for the same eight hours in the one campaign, and one for another.
fn many() -> Vec<Wish> {
    let wanted = |number: u32| {
        let start = 14.0 + f64::from(number % 5);
        wish(number as usize).hours(start, start + 4.0)
    };
    let mut all: Vec<Wish> = (0..150).map(wanted).collect();
    all.push(wish(150).campaign("sales-west"));
    all
}

fn stage(tables: &str) -> Stage {
    let stage = Stage::calm().tables(tables);
    stage.export("night.csv", &many());
    stage
}

fn plan(stage: &Stage, args: &[&str]) -> Ended {
    stage.ringback(&[&["plan", "night.csv", "-o", "out", "--rate", "100000"], args].concat())
}

fn hour_of(time: &str) -> String {
    format!("{}:00:00Z", &time[..13])
}

/// How many rows of a campaign have a dispatch time in each hour.
fn by_hour(report: &Report, campaign: &str) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for row in report.rows.iter().filter(|row| row.at("campaign_id") == campaign) {
        *counts.entry(hour_of(row.at("dispatch_at"))).or_default() += 1;
    }
    counts
}

/// The callbacks that a plan says it adds to each hour of a campaign; hours to which none go are left out.
fn added<'a>(slots: &'a Value, filled: impl Fn(&'a Value) -> &'a Value) -> BTreeMap<String, u64> {
    let slots = slots.as_array().unwrap().iter();
    let count = |slot: &'a Value| (slot["start"].as_str().unwrap().to_owned(), filled(slot)["added"].as_u64().unwrap());
    slots.map(count).filter(|(_, count)| *count > 0).collect()
}

#[test]
fn a_plan_shows_the_hours_as_its_rows_fill_them() {
    let stage = stage(FEW_CALLS);
    let told = plan(&stage, &["--json"]).with(0);
    let report = stage.report();
    let printed: Value = serde_json::from_str(&told.stdout).unwrap();
    contract::summary(&printed);
    assert_eq!(printed, report.summary, "what is printed stands in the file");
    let plan = &printed["plan"];
    assert_eq!((&plan["placed"], &plan["unplaced"], &plan["strategy"]), (&151.into(), &json!({}), &"balanced".into()));
    assert_eq!((&plan["contacts_needed"], &plan["texts_needed"]), (&151.into(), &151.into()));
    assert_eq!((&plan["requests_needed"], &plan["requests_made"]), (&302.into(), &3.into()));
    let campaigns = plan["campaigns"].as_array().unwrap();
    assert_eq!(campaigns.iter().map(|one| &one["campaign_id"]).collect::<Vec<_>>(), ["billing-east", "sales-west"]);
    for campaign in campaigns {
        let name = campaign["campaign_id"].as_str().unwrap();
        assert_eq!(added(&campaign["slots"], |slot| slot), by_hour(&report, name), "{name}");
        for slot in campaign["slots"].as_array().unwrap() {
            let figure = |name: &str| slot[name].as_f64().unwrap();
            assert!((figure("capacity") - figure("agents") * 7.0).abs() < 0.01, "{slot}");
            let load = figure("expected_calls") + figure("before") + figure("added");
            assert!((figure("occupancy") - load / figure("capacity")).abs() < 0.001, "{slot}");
        }
    }
    let state = stage.state();
    assert_eq!((state.asked(CONTACT), state.asked(TOKEN), state.asked(FORECAST)), (0, 1, 2));
}

#[test]
fn callbacks_of_earlier_runs_are_there_before() {
    let stage = stage(FEW_CALLS);
    stage.export("first.csv", &many()[..100]);
    stage.run(&["first.csv", "--limit", "60"]).with(4);
    let there = stage.report();
    let done =
        there.rows.iter().filter(|row| row.at("status") == "confirmed").map(|row| hour_of(row.at("dispatch_at")));
    let mut before: BTreeMap<String, u64> = BTreeMap::new();
    done.for_each(|hour| *before.entry(hour).or_default() += 1);
    plan(&stage, &[]).with(0).says(&["before", "billing-east, times in UTC", "to send: 182 requests"]);
    let told = &stage.report().summary["plan"];
    assert_eq!(told["placed"], 91, "those that are pending are placed anew, and so were not there before");
    let slots = told["campaigns"][0]["slots"].as_array().unwrap().iter();
    let count = |slot: &Value| (slot["start"].as_str().unwrap().to_owned(), slot["before"].as_u64().unwrap());
    assert_eq!(slots.map(count).filter(|(_, count)| *count > 0).collect::<BTreeMap<_, _>>(), before);
}

#[test]
fn both_strategies_stand_side_by_side_and_peak_is_what_peak_would_do() {
    let stage = stage(FEW_CALLS);
    plan(&stage, &["--strategy", "peak"]).with(0);
    let peak = stage.report();
    let asked = stage.state().asked_in_all();
    let told = plan(&stage, &["--compare"]).with(0);
    assert_eq!(stage.state().asked_in_all(), 2 * asked, "no request more");
    told.says(&["balanced", "peak", "above", "fullest", "all "]);
    let balanced = stage.report();
    assert_ne!(balanced.column("dispatch_at"), peak.column("dispatch_at"));
    let (plan, compare) = (&balanced.summary["plan"], &balanced.summary["plan"]["compare"]);
    assert_eq!(compare["balanced"]["above_capacity"], 0, "{compare}");
    assert!(compare["peak"]["above_capacity"].as_u64().unwrap() > 20, "{compare}");
    for (place, campaign) in compare["campaigns"].as_array().unwrap().iter().enumerate() {
        let name = campaign["campaign_id"].as_str().unwrap();
        assert_eq!(added(&campaign["slots"], |slot| &slot["balanced"]), by_hour(&balanced, name), "{name}");
        assert_eq!(added(&campaign["slots"], |slot| &slot["peak"]), by_hour(&peak, name), "{name}");
        for (strategy, plan) in [("balanced", plan), ("peak", &peak.summary["plan"])] {
            let alone = &plan["campaigns"][place];
            assert_eq!(alone["campaign_id"], name);
            for figure in ["above_capacity", "highest_occupancy"] {
                assert_eq!(campaign[strategy][figure], alone[figure], "{name} {strategy} {figure}");
            }
            let slots = campaign["slots"].as_array().unwrap().iter().zip(alone["slots"].as_array().unwrap());
            for (compared, slot) in slots {
                assert_eq!(compared["start"], slot["start"]);
                for figure in ["added", "occupancy", "above_capacity"] {
                    assert_eq!(compared[strategy][figure], slot[figure], "{name} {strategy} {figure}");
                }
            }
        }
    }
}

#[test]
fn a_dry_run_compares_too_and_a_run_does_not() {
    let stage = stage(FEW_CALLS);
    stage.run(&["night.csv", "-n", "--strategy", "peak", "--compare"]).with(0);
    let plan = &stage.report().summary["plan"];
    assert_eq!((&plan["strategy"], &plan["compare"]["balanced"]["above_capacity"]), (&"peak".into(), &0.into()));
    stage.run(&["night.csv", "--compare"]).with(2).says(&["--dry-run"]);
    let asked = stage.state().asked_in_all();
    stage.ringback(&["resume", "--compare"]).with(2).says(&["--dry-run"]);
    assert_eq!(stage.state().asked_in_all(), asked);
    stage.run(&["night.csv"]).with(0);
    assert_eq!(stage.report().summary["plan"], Value::Null, "what was done is no plan");
}

#[test]
fn texts_that_are_off_need_no_requests_and_what_is_begun_needs_its_rest() {
    let stage = stage("[campaigns.sales-west]\ntimezone = \"America/New_York\"\n");
    let settings = std::fs::read_to_string(stage.path("ringback.toml")).unwrap();
    stage.put("off.toml", settings.replace("hours = \"always\"", "enabled = false"));
    let closed = format!("hours = \"{}\"", hours_that_are_closed_now());
    stage.put("closed.toml", settings.replace("hours = \"always\"", &closed));
    let says =
        |args: &[&str], words: &str| plan(&stage, args).with(0).says(&[words, "sales-west, times in America/New_York"]);
    says(&["--config", "off.toml"], "to send: 151 requests (151 contacts, 0 texts)");
    assert_eq!(stage.report().summary["plan"]["texts_needed"], 0);
    stage.export("begun.csv", &many()[..3]);
    stage.run(&["begun.csv", "--config", "closed.toml"]).with(0).says(&["sms_waiting"]);
    says(&[], "to send: 299 requests (148 contacts, 151 texts)");
    let plan = &stage.report().summary["plan"];
    assert_eq!((&plan["placed"], &plan["requests_needed"]), (&148.into(), &299.into()));
}

#[test]
fn a_plan_with_nothing_to_do_says_so_and_quiet_says_nothing() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(2));
    assert_eq!(plan(&stage, &["-q"]).with(0).stdout, "");
    stage.run(&["night.csv"]).with(0);
    plan(&stage, &["--compare"]).with(0).says(&["nothing is left to send"]);
    let told = &stage.report().summary["plan"];
    assert_eq!(
        (&told["requests_needed"], &told["seconds_needed"], &told["campaigns"]),
        (&0.into(), &0.into(), &json!([]))
    );
    stage.report().asked_nothing();
}

/// At 60 requests a minute, of which 98 % are counted on, 300 of them take 307 s; whoever has no forecast needs none.
#[test]
fn the_end_is_told_at_the_rate_that_is_allowed() {
    let stage = Stage::new(json!({ "forecast_empty": ["sales-west"] })).tables(FEW_CALLS);
    stage.export("night.csv", &many());
    let now = (day() - chrono::TimeDelta::hours(1)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let args = ["plan", "night.csv", "-o", "out", "--rate", "60", "--now", &now];
    stage.ringback(&args).with(6).says(&["6 minutes", "without an hour: forecast.empty"]);
    let told = &stage.report().summary["plan"];
    assert_eq!((&told["unplaced"], &told["placed"]), (&json!({ "forecast.empty": 1 }), &150.into()));
    assert_eq!((&told["requests_needed"], &told["seconds_needed"]), (&300.into(), &307.into()));
    assert_eq!(told["requests_per_minute"], 60);
    let finish: chrono::DateTime<chrono::Utc> = told["finish_at"].as_str().unwrap().parse().unwrap();
    assert!(finish.signed_duration_since(day()).num_seconds() > 307 - 3600, "{finish}");
}

/// Seven minutes before the windows close 300 callbacks are too many for 60 requests a minute.
#[test]
fn what_misses_is_counted_and_named() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(300));
    let now = (day() + chrono::TimeDelta::minutes(17 * 60 + 53)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let ended = stage.ringback(&["plan", "night.csv", "-o", "out", "--rate", "60", "--now", &now]).with(0);
    let report = stage.report();
    let plan = &report.summary["plan"];
    let late = plan["late"]["count"].as_u64().unwrap();
    assert!((100..150).contains(&late), "{plan}");
    assert_eq!(plan["placed"], 300 - late, "they have no hour in which they are counted on");
    assert_eq!(plan["requests_needed"], 600, "they are tried");
    let first = plan["late"]["first"].as_array().unwrap();
    assert_eq!(first.len(), 10);
    for one in first {
        let line = one["line"].as_u64().unwrap().to_string();
        let row = report.rows.iter().find(|row| row.at("line") == line).unwrap();
        assert_eq!((&one["campaign_id"], &one["input"]), (&"billing-east".into(), &"night.csv".into()));
        assert_eq!(
            (&one["window_start"], &one["window_end"]),
            (&row.at("window_start").into(), &row.at("window_end").into())
        );
        let phone = row.at("phone");
        assert_eq!(one["phone"], format!("{}•••{}", &phone[..5], &phone[8..]));
        ended.stdout.find(&format!("night.csv line {line}")).expect("the table names it");
    }
    ended.says(&[&format!("too late: {late} callbacks"), &format!("and {} more", late - 10)]);
}

/// Said, and stopped, before anything was asked of the platform.
#[test]
fn more_late_ones_than_allowed_stop_the_run_before_its_first_request() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(300));
    let now = (day() + chrono::TimeDelta::minutes(17 * 60 + 53)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let run = |most: &str| {
        let settings = ["run", "-n", "night.csv", "-o", "out", "--rate", "60", "--now", &now, "--max-late", most];
        stage.ringback(&settings)
    };
    run("90").with(4).says(&["cannot be created before their windows end", "--max-late allows 90"]);
    stage.report().all("pending", "run.late");
    assert_eq!(stage.state().asked_in_all(), 0);
    run("150").with(0).says(&["cannot be created before their windows end"]);
    assert!(stage.state().asked_in_all() > 0);
}
