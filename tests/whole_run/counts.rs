//! What the summary says that the platform answered, held against the platform's own counters.

use serde_json::{Value, json};

use crate::export::wishes;
use crate::platform::{CONTACT, FORECAST, State, TEXT, TOKEN};
use crate::report::Report;
use crate::stage::Stage;

/// The steps, and the platform's routes for them.
const STEPS: [(&str, &str); 4] = [("token", TOKEN), ("forecast", FORECAST), ("contact", CONTACT), ("sms", TEXT)];

/// The cells of a step.
fn cells<'a>(report: &'a Report, step: &str) -> Vec<&'a Value> {
    let answers = report.summary["answers"].as_array().unwrap();
    answers.iter().filter(|cell| cell["step"] == step).collect()
}

/// Requests of some cells, by one or all of the verdicts.
fn sum(cells: &[&Value], verdicts: &[&str]) -> u64 {
    cells.iter().flat_map(|cell| verdicts.iter().map(|verdict| cell[*verdict].as_u64().unwrap())).sum()
}

const ALL: [&str; 4] = ["accepted", "refused", "in_doubt", "not_done"];

/// Each status has as many requests as the platform counted, and each step as many as left.
#[track_caller]
fn are_those_of(report: &Report, state: &State) {
    for (step, route) in STEPS {
        let cells = cells(report, step);
        assert_eq!(sum(&cells, &ALL), report.summary["requests"][step].as_u64().unwrap(), "{step}");
        for cell in &cells {
            let status = cell["status"].as_u64().map_or("cut".to_owned(), |status| status.to_string());
            assert_eq!(sum(&[cell], &ALL), state.answered(route, &status), "{cell}");
        }
        assert_eq!(sum(&cells, &ALL), state.asked(route), "{step}");
    }
}

#[test]
fn answers_are_those_that_the_platform_counted() {
    let stage = Stage::new(json!({
        "refused_phones_share": 0.1, "refused_texts_share": 0.1, "cut_after": "0.1@sms", "token_revoked": "0.02@contact",
        "too_many": "0.05", "retry_after_secs": 0, "error_before": "0.05",
    }));
    stage.export("night.csv", &wishes(120));
    let ended = stage.run(&["night.csv", "-vv"]).with(5);
    // Three texts in trouble one behind the other are followed by a test request, which is refused.
    let tests = u64::try_from(ended.stderr.matches("a test request came back: HTTP 400").count()).unwrap();
    let (report, state) = (stage.report(), stage.state());
    are_those_of(&report, &state);
    let (contacts, texts) = (cells(&report, "contact"), cells(&report, "sms"));
    assert_eq!(sum(&contacts, &["accepted"]), u64::try_from(state.contacts().len()).unwrap());
    assert_eq!(sum(&contacts, &["refused"]), u64::try_from(report.count("failed")).unwrap());
    assert_eq!(sum(&texts, &["accepted"]), u64::try_from(report.count("confirmed")).unwrap());
    assert_eq!(sum(&texts, &["refused"]), u64::try_from(report.count("sms_failed")).unwrap() + tests);
    assert_eq!(sum(&texts, &["in_doubt"]), u64::try_from(report.count("sms_in_doubt")).unwrap());
    let cut = texts.iter().find(|cell| cell["came"] == "no_answer").expect("some were cut");
    assert_eq!((&cut["status"], sum(&[cut], &["in_doubt"])), (&Value::Null, sum(&[cut], &ALL)));
    crate::contract::summary(&report.summary);
}

#[test]
fn a_run_that_is_stopped_tells_what_was_answered() {
    let stage = Stage::new(json!({ "latency_ms": 20 }));
    stage.export("night.csv", &wishes(200));
    let mut running = stage.start(&["night.csv", "--concurrency", "8"]);
    running.until(|state| state.texts().len() > 5);
    running.signal("TERM");
    running.end().with(4);
    are_those_of(&stage.report(), &stage.state());
}
