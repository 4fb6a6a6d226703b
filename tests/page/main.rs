//! `report.html` in a browser: nothing is asked for, nothing goes wrong, and every figure is that of `summary.json`.
//!
//! The browser is Debian's `chromium`, which `.ci/run` installs; these tests are ignored without `--ignored`. That the
//! browser would notice is tried too.
#![cfg(test)]

mod chromium;
#[path = "../whole_run/contract.rs"]
#[expect(dead_code, reason = "of the contract, the summary's schema is needed here")]
mod contract;
#[path = "../whole_run/export.rs"]
#[expect(dead_code, reason = "shared with whole_run, which needs more of it")]
mod export;
#[path = "../whole_run/http.rs"]
mod http;
mod numbers;
#[path = "../whole_run/platform.rs"]
#[expect(dead_code, reason = "shared with whole_run, which needs more of it")]
mod platform;
#[path = "../whole_run/report.rs"]
#[expect(dead_code, reason = "shared with whole_run, which needs more of it")]
mod report;
#[path = "../whole_run/stage.rs"]
#[expect(dead_code, reason = "shared with whole_run, which needs more of it")]
mod stage;

use std::io::Read as _;
use std::net::TcpListener;

use serde_json::json;

use chromium::{Seen, open};
use export::{csv, wish, wishes};
use numbers::{all_are_told, counts_add_up, hours_are_those_of_the_rows, told_are_true};
use stage::Stage;

/// What nobody may be called, and what a page must not run.
const HOSTILE: &str = "</svg><script>document.title='run'</script><img src=http://127.0.0.1/x>";

/// An export with two campaigns, refused phones, hostile names, and rows that are none.
fn night(stage: &Stage) {
    let west = (60..75).map(|number| wish(number).campaign("sales-west").hours(16.0, 19.0));
    let others = [wish(80).campaign(HOSTILE), wish(3)];
    let broken = [
        format!("{HOSTILE},+1 (202) 555-0,yesterday,,{HOSTILE},en"),
        "ivr-91,two zero two 555 0191,2026-11-24T15:00:00Z,2026-11-24T16:00:00Z,billing-east,en".to_owned(),
        "12025550192,12025550192,,2026-11-24T16:00:00Z,billing-east,en".to_owned(),
    ];
    let lines: Vec<String> = west.chain(others).map(|wish| wish.line()).chain(broken).collect();
    let export = csv(&wishes(60)) + &lines.join("\n") + "\n";
    stage.put("night.csv", export);
}

/// Opens the page of a report, and holds it to what every page promises.
fn read(stage: &Stage, folder: &str) -> Seen {
    let seen = open(&stage.path(folder).join("report.html"));
    assert_eq!((seen.console.as_slice(), seen.asked.as_slice()), (&[][..], &[][..]));
    assert!(seen.dom.contains("<title>ringback "), "no script has run");
    let summary = std::fs::read_to_string(stage.path(folder).join("summary.json")).unwrap();
    let summary = serde_json::from_str(&summary).unwrap();
    told_are_true(&seen.dom, &summary);
    all_are_told(&seen.dom, &summary);
    counts_add_up(&seen.dom, &summary);
    seen
}

#[test]
#[ignore = "needs Chromium"]
fn the_page_of_a_night_with_trouble() {
    let stage = Stage::new(json!({
        "refused_phones_share": 0.1, "refused_texts_share": 0.1, "cut_after": "0.05@sms",
        "too_many": "0.05", "retry_after_secs": 0, "error_before": "0.05", "forecast_empty": [HOSTILE],
    }));
    night(&stage);
    stage.run(&["night.csv"]).with(5);
    let report = stage.report();
    let seen = read(&stage, "out");
    let campaigns = 3;
    for id in ["p-statuses-t", "p-rejections-t", "p-requests-t", "c0-t", "c1-t"] {
        assert!(seen.dom.contains(&format!("<title id=\"{id}\">")), "the picture {id}");
    }
    assert_eq!(seen.dom.matches("<article").count(), campaigns);
    hours_are_those_of_the_rows(&seen.dom, &report);
    for row in &report.rows {
        let digits = row.at("phone").trim_start_matches(['+', '1']);
        let is_there = digits.len() >= 7 && seen.dom.contains(digits);
        assert!(!is_there && !seen.dom.contains("two zero two"), "{digits}");
    }
}

#[test]
#[ignore = "needs Chromium"]
fn the_pages_of_validate_plan_and_resume() {
    let stage = Stage::calm();
    night(&stage);
    stage.ringback(&["validate", "night.csv", "-o", "judged"]).with(3);
    let judged = read(&stage, "judged").dom;
    assert!(!judged.contains("id=\"hours\"") && !judged.contains("id=\"requests\""), "nothing was asked");
    stage.ringback(&["plan", "night.csv", "-o", "planned", "--rate", "100000"]).with(3);
    let planned = read(&stage, "planned").dom;
    let report = report::Report::read(&stage.path("planned"));
    hours_are_those_of_the_rows(&planned, &report);
    stage.run(&["night.csv", "--limit", "10"]).with(4);
    hours_are_those_of_the_rows(&read(&stage, "out").dom, &stage.report());
    stage.ringback(&["resume", "--rate", "100000", "-o", "resumed"]).with(0);
    let resumed = read(&stage, "resumed").dom;
    assert!(resumed.contains("no input was read"));
    stage.ringback(&["run", "night.csv", "--rate", "100000", "-o", "again"]).with(3);
    assert!(read(&stage, "again").dom.contains("No request left"), "words instead of a picture of nothing");
}

/// A page that did what ours must not would be caught.
#[test]
#[ignore = "needs Chromium"]
fn the_browser_would_notice() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(1));
    stage.run(&["night.csv"]).with(0);
    let ours = std::fs::read_to_string(stage.path("out/report.html")).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let answered = std::thread::spawn(move || listener.accept().map(|(mut asked, _)| asked.read(&mut [0; 64])));
    let asks = ours.replace("<h1>", &format!("<img src=\"http://{address}/x.png\"><h1>"));
    stage.put("forbidden.html", &asks);
    let forbidden = open(&stage.path("forbidden.html"));
    assert_eq!(
        (forbidden.asked.len(), forbidden.console.is_empty()),
        (0, false),
        "its own policy keeps it: {forbidden:?}"
    );
    stage.put("asks.html", asks.replace("default-src 'none'", "img-src *"));
    let asks = open(&stage.path("asks.html"));
    assert_eq!(asks.asked, [format!("http://{address}/x.png")]);
    answered.join().unwrap().unwrap().unwrap();
}
