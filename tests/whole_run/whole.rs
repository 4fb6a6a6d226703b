//! Runs that end well.

use std::collections::BTreeMap;
use std::process::Stdio;

use chrono::{DateTime, TimeDelta, Utc};
use jiff::{Timestamp, tz::TimeZone};
use ringback::sample::{self, SampleFormat, SampleSettings};
use serde_json::{Value, json};

use crate::export::{Wish, day, gzip, ndjson, wish, wishes};
use crate::platform::{FORECAST, State};
use crate::report::Report;
use crate::stage::{Ended, SECRET_CODED, Stage};
use crate::{contract, http};

/// Two campaigns. In the east the hours 9 to 13 and 20 to 22 of one day, and 10 to 12 of the next, which ends
/// 27 hours after the first began; in the west one window over midnight.
fn two_campaigns() -> Vec<Wish> {
    let east = [(9.0, 11.0), (10.5, 12.5), (9.0, 11.0), (20.0, 22.0), (34.0, 36.0), (9.25, 13.0)];
    let mut wishes: Vec<Wish> =
        east.iter().enumerate().map(|(number, &(start, end))| wish(number).hours(start, end)).collect();
    wishes.push(wish(6).campaign("sales-west").hours(22.0, 26.0));
    wishes[1].language = "es-MX".to_owned();
    wishes
}

#[test]
fn every_row_gets_one_contact_and_one_text_in_the_words_of_the_contract() {
    let stage = Stage::calm();
    stage.export("night.csv", &two_campaigns());
    stage.run(&["night.csv"]).with(0);
    let (report, state) = (stage.report(), stage.state());
    report.all("confirmed", "");
    report.is_what_the_platform_did(&state);
    state.requests().iter().for_each(contract::request);
    assert_eq!(report.column("line"), ["2", "3", "4", "5", "6", "7", "8"]);
    assert_eq!(report.column("record_id"), ["ivr-0", "ivr-1", "ivr-2", "ivr-3", "ivr-4", "ivr-5", "ivr-6"]);
    for row in &report.rows {
        assert_eq!((row.at("input"), row.at("attempts")), ("night.csv", "2"), "one for the contact, one for the text");
        assert_eq!(row.at("run_id"), report.summary["run_id"]);
    }
    assert_eq!(
        report.summary["requests"],
        json!({ "token": 1, "forecast": 3, "contact": 7, "sms": 7, "retries": 0, "status_429": 0, "status_5xx": 0 })
    );
}

#[test]
fn forecasts_are_the_fewest_possible() {
    let stage = Stage::calm();
    stage.export("night.csv", &two_campaigns());
    stage.run(&["night.csv"]).with(0);
    let state = stage.state();
    let forecasts = state.requests().iter().filter(|request| request["method"] == "GET");
    let mut asked: Vec<(String, i64, i64)> = forecasts.map(range).collect();
    asked.sort();
    let range = |campaign: &str, start, end| (campaign.to_owned(), start, end);
    // East: 9 to 22 fits into 24 hours, gap included; the next day's 10 to 12 does not. West: one, over midnight.
    assert_eq!(asked, [range("billing-east", 9, 22), range("billing-east", 34, 36), range("sales-west", 22, 26)]);
    assert_eq!(stage.report().summary["forecast_fetches"], 3);
    // Hours on the grid: 9-11 (twice), 10-13, 20-22, 34-36, 9-13; 22-26.
    assert_eq!(stage.report().summary["groups"], 6);
}

/// The campaign and the hours since [`day`] that a forecast was asked for.
fn range(request: &Value) -> (String, i64, i64) {
    let query = contract::pairs(request["query"].as_str().unwrap());
    let hour = |key: &str| {
        let since = time(query[key].as_str().unwrap()) - day();
        assert_eq!(since, TimeDelta::hours(since.num_hours()), "{key} is not on the hour");
        since.num_hours()
    };
    (query["campaignId"].as_str().unwrap().to_owned(), hour("startTime"), hour("endTime"))
}

fn time(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

#[test]
fn the_same_rows_in_another_file_format_order_and_zone_send_nothing() {
    let stage = Stage::calm();
    let mut wishes = two_campaigns();
    stage.export("night.csv", &wishes);
    stage.run(&["night.csv"]).with(0);
    let (first, before) = (stage.report(), stage.state().asked_in_all());
    wishes.reverse();
    stage.put("again.ndjson.gz", gzip(ndjson(&wishes).as_bytes()));
    stage.run(&["again.ndjson.gz"]).with(0);
    let again = stage.report();
    again.all("already_done", "");
    again.asked_nothing();
    assert_eq!(stage.state().asked_in_all(), before, "not even a token was asked for");
    again.is_what_the_platform_did(&stage.state());
    for column in ["callback_id", "dispatch_at", "sms_session_id", "contact_at", "sms_at", "run_id", "record_id"] {
        let mut earlier = first.column(column);
        earlier.reverse();
        assert_eq!(again.column(column), earlier, "{column}");
    }
}

#[test]
fn the_platform_keeps_the_contract_too() {
    let stage = Stage::calm();
    let address = stage.sandbox().address();
    let basic = format!("authorization: Basic {SECRET_CODED}");
    let form = "content-type: application/x-www-form-urlencoded";
    let ask = |method: &str, path: &str, query: &str, headers: &[&str], body: &str| {
        let (status, answer) = http::ask(address, &format!("{method} {path}{query}"), headers, body);
        contract::answer(method, path, status, &answer);
        answer
    };
    let token = ask("POST", "/oauth/token", "", &[&basic, form], "grant_type=client_credentials");
    let bearer = format!("authorization: Bearer {}", token["access_token"].as_str().unwrap());
    let start = day().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let end = (day() + TimeDelta::hours(2)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let query = format!("?campaignId=east&startTime={start}&endTime={end}&granularity=hourly");
    let forecast = ask("GET", "/api/v2/outbound/forecast", &query, &[&bearer], "");
    assert_eq!(forecast["forecast"].as_array().unwrap().len(), 2);
    let text = json!({ "to": "+12025550100", "from": "+18005551234", "message": "m", "channels": ["sms"] });
    let json = "content-type: application/json";
    ask("POST", "/api/v2/messaging/sessions", "", &[&bearer, json], &text.to_string());
}

#[test]
fn no_dispatch_time_lies_outside_its_window_or_the_opening_hours() {
    let stage = Stage::calm()
        .tables("[hours.default]\ntimezone = \"America/New_York\"\nmon-sun = [\"09:00-12:00\", \"13:00-17:30\"]\n");
    let widths = [1.0, 2.0, 3.0, 4.0].into_iter().cycle();
    let starts = (0_u8..48).map(|number| 8.0 + f64::from(number) / 3.0);
    let wishes: Vec<Wish> =
        starts.zip(widths).enumerate().map(|(n, (start, width))| wish(n).hours(start, start + width)).collect();
    stage.export("night.csv", &wishes);
    let ended = stage.run(&["night.csv"]);
    let report = stage.report();
    assert_eq!(report.count("confirmed") + report.count("rejected"), 48, "{ended:?}");
    assert!(report.count("confirmed") > 20 && report.count("rejected") > 0, "{ended:?}");
    let new_york = TimeZone::get("America/New_York").unwrap();
    for row in report.rows.iter().filter(|row| row.at("status") == "confirmed") {
        let at = row.at("dispatch_at");
        assert!(time(row.at("window_start")) <= time(at) && time(at) < time(row.at("window_end")), "{row:?}");
        let clock = at.parse::<Timestamp>().unwrap().to_zoned(new_york.clone()).strftime("%H:%M:%S").to_string();
        let open =
            ("09:00:00".."12:00:00").contains(&clock.as_str()) || ("13:00:00".."17:30:00").contains(&clock.as_str());
        assert!(open, "{clock} in {row:?}");
        assert_eq!(stage.state().by_id()[row.at("callback_id")]["scheduledStartDateTime"], at);
    }
    let closed = report.rows.iter().filter(|row| row.at("status") == "rejected");
    assert!(closed.map(|row| row.at("code")).all(|code| code == "window.outside_hours"));
}

#[test]
fn the_text_names_the_customers_time_in_the_campaigns_zone_and_language() {
    let stage = Stage::calm().tables("[campaigns.sales-west]\ntimezone = \"America/Los_Angeles\"\n");
    let row = |phone: &str, language: &str| {
        format!("x,{phone},2026-07-14T20:00:00Z,2026-07-14T21:00:00Z,sales-west,{language}")
    };
    stage.put("night.csv", crate::export::lines([row("+12025550100", "es-MX"), row("+12025550101", "en-US")]));
    stage.run(&["night.csv", "--sandbox", "--now", "2026-07-13T12:00:00Z"]).with(0);
    let state = std::fs::read_to_string(stage.path("out/sandbox.json")).unwrap();
    let state = State(serde_json::from_str(&state).unwrap());
    for row in &stage.report().rows {
        let id = row.at("callback_id");
        let at = row.at("dispatch_at").parse::<Timestamp>().unwrap();
        let at = at.to_zoned(TimeZone::get("America/Los_Angeles").unwrap());
        assert_eq!(at.hour(), 13, "20:00 UTC is 13:00 there");
        let words = if row.at("language") == "es-MX" {
            ["Le llamaremos el ", "14 de julio de 2026", "p.m."]
        } else {
            ["Your callback is confirmed for ", "July 14, 2026", "PM"]
        };
        let texts = state.texts_for(row.at("phone"), id);
        assert_eq!(texts.len(), 1);
        for word in words.into_iter().chain([format!("1:{:02}", at.minute()).as_str(), " PDT", &id[..8]]) {
            assert!(texts[0].contains(word), "{word:?} is not in {:?}", texts[0]);
        }
    }
}

#[test]
fn a_sample_run_from_a_pipe_confirms_every_good_row() {
    let now = "2026-11-23T12:00:00Z";
    for (broken, format, code) in [("5", "csv", 3), ("0", "ndjson", 0)] {
        let stage = Stage::calm().with("RINGBACK_PLATFORM_CONCURRENCY", "64");
        let args = ["sample", "--rows", "2000", "--broken", broken, "--format", format, "--now", now];
        let mut sample = stage.command(&args).stdout(Stdio::piped()).spawn().unwrap();
        let mut run = stage.command(&["run", "-", "--sandbox", "--now", now, "-o", "out", "--rate", "1000000"]);
        Ended::of(run.stdin(sample.stdout.take().unwrap())).with(code);
        assert!(sample.wait().unwrap().success());
        let counts = sample::count(&SampleSettings {
            rows: 2000,
            seed: 0,
            broken_percent: broken.parse().unwrap(),
            format: SampleFormat::Csv,
            now: time(now).timestamp(),
        });
        let mut expected = BTreeMap::from([("confirmed", counts.good), ("duplicate", counts.repeated)]);
        expected.insert("rejected", counts.broken);
        expected.retain(|_, count| *count > 0);
        let report: Report = stage.report();
        assert_eq!(report.summary["by_status"], serde_json::to_value(expected).unwrap());
        assert_eq!(report.column("input"), vec!["-"; 2000]);
    }
}

#[test]
fn several_inputs_are_one_batch_and_a_duplicate_names_its_row() {
    let stage = Stage::calm();
    stage.export("one.csv", &wishes(2));
    stage.put("two.jsonl", ndjson(&wishes(3)));
    stage.run(&["one.csv", "two.jsonl"]).with(0);
    let report = stage.report();
    assert_eq!(report.column("status"), ["confirmed", "confirmed", "duplicate", "duplicate", "confirmed"]);
    assert_eq!(report.column("line"), ["2", "3", "1", "2", "3"]);
    for (row, line) in report.rows[2..4].iter().zip(["2", "3"]) {
        assert!(row.at("detail").contains("one.csv") && row.at("detail").ends_with(line), "{row:?}");
    }
    assert_eq!(stage.state().contacts().len(), 3);
    assert_eq!(stage.state().asked(FORECAST), 1);
}
