//! Those who watch over runs from outside: a file of figures, and a service that is pinged.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::thread::JoinHandle;

use serde_json::{Value, json};

use crate::export::{csv, wishes};
use crate::platform::CONTACT;
use crate::prom::Figures;
use crate::stage::Stage;

const FIGURES: [&str; 2] = ["--metrics-file", "night.prom"];

/// `ringback run` with figures.
fn figured<'a>(args: &[&'a str]) -> Vec<&'a str> {
    [args, &FIGURES].concat()
}

fn figures(stage: &Stage) -> Figures {
    Figures::read(&stage.path("night.prom"))
}

const LAST_SUCCESS: &str = "ringback_last_success_timestamp_seconds{file=\"night\"}";
const EXIT_CODE: &str = "ringback_last_run_exit_code{file=\"night\"}";
const PENDING: &str = "ringback_callbacks_pending{file=\"night\"}";

#[test]
fn the_figures_are_those_of_the_run_and_of_the_ledger() {
    let stage = Stage::new(json!({ "cut_after": "1@sms" }));
    stage.put("night.csv", csv(&wishes(8)) + "bad,unknown,,,,\n");
    stage.run(&figured(&["night.csv", "--limit", "3", "--concurrency", "1"])).with(4);
    let (figures, summary) = (figures(&stage), stage.report().summary);
    for (status, count) in [("sms_in_doubt", 3), ("rejected", 1), ("pending", 5), ("confirmed", 0)] {
        assert_eq!(figures.at(&format!("ringback_rows{{file=\"night\",status=\"{status}\"}}")), count, "{status}");
    }
    for kind in ["token", "forecast", "contact", "sms"] {
        let told = figures.at(&format!("ringback_requests{{file=\"night\",kind=\"{kind}\"}}"));
        assert_eq!(Some(told), summary["requests"][kind].as_i64(), "{kind}");
    }
    assert_eq!((figures.at(EXIT_CODE), figures.at(PENDING)), (4, 5));
    assert_eq!(figures.at("ringback_callbacks_in_doubt{file=\"night\",what=\"sms\"}"), 3);
    assert_eq!(figures.at("ringback_callbacks_in_doubt{file=\"night\",what=\"contact\"}"), 0);
    let (since, ended) = (
        "ringback_oldest_pending_timestamp_seconds{file=\"night\"}",
        "ringback_last_run_timestamp_seconds{file=\"night\"}",
    );
    let age = figures.at(ended) - figures.at(since);
    assert_eq!(age, figures.at("ringback_oldest_pending_age_seconds{file=\"night\"}"));
    assert!((0..600).contains(&age), "{age}");
    assert!(!figures.has(LAST_SUCCESS), "nothing has ended well yet");
}

#[test]
fn the_collector_may_read_the_figures_and_finds_no_half_of_them() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(1));
    std::fs::create_dir(stage.path("textfile")).unwrap();
    stage.run(&["night.csv", "--metrics-file", "textfile/night.prom"]).with(0);
    let there: Vec<_> = std::fs::read_dir(stage.path("textfile")).unwrap().map(|entry| entry.unwrap()).collect();
    assert_eq!(there.len(), 1, "nothing else is left: {there:?}");
    assert_eq!(there[0].metadata().unwrap().permissions().mode() & 0o777, 0o644);
    let figures = Figures::read(&there[0].path());
    assert_eq!(figures.at("ringback_rows{file=\"night\",status=\"confirmed\"}"), 1);
    assert!(!figures.has("ringback_oldest_pending_timestamp_seconds{file=\"night\"}"));
}

/// What ended well last is told on, through runs that were turned away, and one that could not begin.
#[test]
fn a_run_that_fails_tells_when_one_last_ended_well() {
    let stage = Stage::calm();
    stage.put("night.csv", csv(&wishes(2)) + "bad,unknown,,,,\n");
    stage.run(&figured(&["night.csv"])).with(3);
    let well = figures(&stage).at(LAST_SUCCESS);
    assert_eq!(well, figures(&stage).at("ringback_last_run_timestamp_seconds{file=\"night\"}"));
    let earlier = std::fs::read_to_string(stage.path("night.prom")).unwrap().replace(&well.to_string(), "1700000000");
    stage.put("night.prom", earlier);
    stage.export("more.csv", &wishes(4));
    stage.faults(&json!({ "missing_scopes": ["outbound:forecast:read"] }));
    stage.run(&figured(&["more.csv"])).with(77);
    let after = figures(&stage);
    assert_eq!((after.at(EXIT_CODE), after.at(LAST_SUCCESS), after.at(PENDING)), (77, 1_700_000_000, 2));
    stage.run(&figured(&["nobody.csv"])).with(66);
    let after = figures(&stage);
    assert_eq!((after.at(EXIT_CODE), after.at(LAST_SUCCESS)), (66, 1_700_000_000));
    stage.faults(&json!({ "missing_scopes": [] }));
    stage.run(&figured(&["more.csv"])).with(0);
    assert!(figures(&stage).at(LAST_SUCCESS) >= well);
}

/// An alarm that falls silent when the export does not come is none: no series goes, whatever ends a run early. What
/// the ledger holds is read anew, what only a whole run knows is that of the last one.
#[test]
fn a_run_that_ends_early_takes_no_series_away() {
    let stage = Stage::new(json!({ "cut_after": "1@sms" }));
    stage.put("night.csv", csv(&wishes(6)) + "bad,unknown,,,,\n");
    stage.run(&figured(&["night.csv", "--limit", "2", "--concurrency", "1"])).with(4);
    let told = figures(&stage);
    let sums = "ringback_last_report_timestamp_seconds{file=\"night\"}";
    assert_eq!(told.at(sums), told.at("ringback_last_run_timestamp_seconds{file=\"night\"}"));
    let before = |stage: &Stage| {
        let text = std::fs::read_to_string(stage.path("night.prom")).unwrap();
        let series = text.lines().filter(|line| !line.starts_with('#'));
        series.map(|line| line.rsplit_once(' ').unwrap().0.to_owned()).collect::<BTreeSet<String>>()
    };
    let names = before(&stage);
    let rejected = "ringback_rows{file=\"night\",status=\"rejected\"}";
    let ends_early = |stage: &Stage, pending: i64| {
        let after = figures(stage);
        assert_eq!(before(stage), names);
        assert_eq!((after.at(PENDING), after.at(rejected), after.at(sums)), (pending, 1, told.at(sums)));
        assert_eq!(after.at("ringback_callbacks_in_doubt{file=\"night\",what=\"sms\"}"), 2);
        let since = after.at("ringback_oldest_pending_timestamp_seconds{file=\"night\"}");
        let ended = after.at("ringback_last_run_timestamp_seconds{file=\"night\"}");
        assert_eq!(ended - since, after.at("ringback_oldest_pending_age_seconds{file=\"night\"}"));
    };
    stage.run(&figured(&["nobody.csv"])).with(66);
    ends_early(&stage, 4);
    // What another command has done since is seen, though this one did nothing.
    stage.faults(&json!({ "cut_after": 0.0 }));
    stage.ringback(&["resume", "--rate", "100000", "--limit", "1", "--metrics-file", "other.prom"]).with(4);
    stage.run(&figured(&["nobody.csv"])).with(66);
    ends_early(&stage, 3);
    stage.put("broken.csv", "one,two\n1,2\n");
    stage.run(&figured(&["broken.csv"])).with(65);
    ends_early(&stage, 3);
    // Settings that are wrong do not say where the ledger is: it is told as it was, an hour older.
    stage.put("ringback.toml", "[platform]\nconcurency = 3\n");
    let since = "ringback_oldest_pending_timestamp_seconds{file=\"night\"} ";
    let (old, new) = (figures(&stage).at(since.trim_end()), figures(&stage).at(since.trim_end()) - 3600);
    let earlier = std::fs::read_to_string(stage.path("night.prom")).unwrap();
    stage.put("night.prom", earlier.replace(&format!("{since}{old}"), &format!("{since}{new}")));
    stage.run(&figured(&["night.csv"])).with(78);
    ends_early(&stage, 3);
    assert_eq!(figures(&stage).at(since.trim_end()), new);
}

#[test]
fn a_run_that_finds_the_ledger_held_tells_what_it_knows() {
    let stage = Stage::new(json!({ "latency_ms": 200 }));
    stage.export("night.csv", &wishes(40));
    let mut first = stage.start(&["night.csv", "--concurrency", "1"]);
    first.until(|state| state.asked(CONTACT) > 0);
    let second = [&["run", "night.csv", "-o", "second"][..], &FIGURES].concat();
    stage.ringback(&second).with(75);
    let figures = figures(&stage);
    assert_eq!(figures.at(EXIT_CODE), 75);
    assert!(figures.at(PENDING) > 0, "the ledger is read beside the run that holds it");
    first.kill();
}

#[test]
fn figures_that_cannot_be_written_change_nothing() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(1));
    stage.run(&["night.csv", "-q", "--metrics-file", "nowhere/night.prom"]).with(0).says(&["nowhere/night.prom"]);
    stage.report().all("confirmed", "");
    stage.run(&["night.csv", "--metrics-file", "night.txt"]).with(2).says(&["--metrics-file", ".prom"]);
}

/// A flag is judged before anything is done, for somebody has just typed it; a variable that is wrong keeps no night from
/// its callbacks, and whoever waits for word of it is alarmed by its missing.
#[test]
fn a_variable_that_is_wrong_ends_no_run() {
    for (name, value, why) in [
        ("RINGBACK_METRICS_FILE", "night.txt", ".prom"),
        ("RINGBACK_METRICS_FILE", "figures.prom", "it is a folder"),
        ("RINGBACK_PING", "notaurl-7f3c9d", "no address"),
        ("RINGBACK_PING", "http://hc.example.com/7f3c9d", "https"),
    ] {
        let stage = Stage::calm().with(name, value);
        std::fs::create_dir(stage.path("figures.prom")).unwrap();
        stage.export("night.csv", &wishes(1));
        let ended = stage.run(&["night.csv", "-q"]).with(0);
        assert!(!ended.stderr.contains("7f3c9d"), "{}", ended.stderr);
        ended.says(&[name, why, "the run is not the worse for it"]);
        stage.report().all("confirmed", "");
    }
}

#[test]
fn a_rehearsal_and_a_plan_are_told_to_nobody_as_runs() {
    let service = Service::begin("200 OK");
    let stage = Stage::calm().with("RINGBACK_METRICS_FILE", "night.prom").with("RINGBACK_PING", &service.url);
    stage.export("night.csv", &wishes(1));
    stage.run(&["night.csv", "--sandbox"]).with(0);
    stage.run(&["night.csv", "--dry-run"]).with(0);
    stage.run(&["night.csv", "--dry-run", "--metrics-file", "night.prom", "--ping", &service.url]).with(0);
    assert!(!stage.path("night.prom").exists());
    stage.run(&["night.csv", "--sandbox", "--metrics-file", "rehearsal.prom"]).with(0);
    assert!(stage.path("rehearsal.prom").exists(), "who is named is told");
    stage.run(&["night.csv"]).with(0);
    assert!(stage.path("night.prom").exists());
    assert_eq!(service.end(), ["GET /ping/7f3c9d/start", "GET /ping/7f3c9d/0"]);
}

#[test]
fn the_beginning_and_the_end_are_pinged_in_their_order() {
    let service = Service::begin("200 OK");
    let stage = Stage::calm();
    stage.put("night.csv", csv(&wishes(1)) + "bad,unknown,,,,\n");
    stage.run(&["night.csv", "--ping", &service.url]).with(3);
    stage.run(&["night.csv", "--exit-zero-on-rejects", "--ping", &service.url]).with(0);
    stage.ringback(&["resume", "--rate", "100000", "--ping", &service.url]).with(0);
    stage.run(&["nobody.csv", "--ping", &service.url]).with(66);
    let words =
        ["start", "3", "start", "0", "start", "0", "start", "66"].map(|word| format!("GET /ping/7f3c9d/{word}"));
    assert_eq!(service.end(), words);
}

/// A beginning that has to be told twice is told before the end all the same: the service goes by their order.
#[test]
fn a_beginning_that_is_heard_late_is_not_told_behind_the_end() {
    let service = Service::answering("503 Service Unavailable", "200 OK");
    Stage::calm().run(&["nobody.csv", "--ping", &service.url]).with(66);
    assert_eq!(service.end(), ["start", "start", "66"].map(|word| format!("GET /ping/7f3c9d/{word}")));
}

/// Whatever the service does, the run is none the worse for it, and nobody reads the address in a log.
#[test]
fn a_ping_that_fails_fails_nothing_and_shows_no_address() {
    let nobody = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let away = Service::begin("307 Temporary Redirect\r\nlocation: /elsewhere");
    for url in [format!("http://{nobody}/ping/7f3c9d"), away.url.clone()] {
        let stage = Stage::calm();
        stage.export("night.csv", &wishes(1));
        let ended = stage.run(&["night.csv", "-vv", "--ping", &url]).with(0);
        assert!(ended.stderr.contains("--ping") && !ended.stderr.contains("7f3c9d"), "{}", ended.stderr);
        stage.report().all("confirmed", "");
    }
    assert!(away.end().iter().all(|asked| asked.starts_with("GET /ping/7f3c9d/")), "no redirect is followed");
}

#[test]
fn an_address_over_an_open_line_is_refused_before_anything_is_sent() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(1));
    for (url, why) in [("http://hc.example.com/7f3c9d", "https"), ("7f3c9d", "no address")] {
        let ended = stage.run(&["night.csv", "--ping", url]).with(2);
        assert!(ended.stderr.contains(why) && !ended.stderr.contains("7f3c9d"), "{}", ended.stderr);
    }
    assert_eq!(stage.state().asked_in_all(), 0);
}

/// A service that hears pings, on this machine.
pub(crate) struct Service {
    pub(crate) url: String,
    heard: JoinHandle<Vec<String>>,
    listener: TcpListener,
}

impl Service {
    /// Answers all with this status.
    pub(crate) fn begin(status: &'static str) -> Self {
        Self::answering(status, status)
    }

    /// Answers the first with one status, all others with another.
    fn answering(first: &'static str, others: &'static str) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let ears = listener.try_clone().unwrap();
        let heard = std::thread::spawn(move || {
            let mut asked = Vec::new();
            loop {
                let (mut line, _) = ears.accept().unwrap();
                let mut head = Vec::new();
                let mut byte = [0];
                while !head.ends_with(b"\r\n\r\n") && line.read(&mut byte).unwrap() > 0 {
                    head.push(byte[0]);
                }
                if head.is_empty() {
                    return asked;
                }
                let head = String::from_utf8(head).unwrap();
                let status = if asked.is_empty() { first } else { others };
                asked.push(head.split(" HTTP").next().unwrap().to_owned());
                write!(line, "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n").unwrap();
            }
        });
        Self { url: format!("http://{address}/ping/7f3c9d"), heard, listener }
    }

    /// What it was asked.
    pub(crate) fn end(self) -> Vec<String> {
        let last = std::net::TcpStream::connect(self.listener.local_addr().unwrap()).unwrap();
        last.shutdown(Shutdown::Both).unwrap();
        self.heard.join().unwrap()
    }
}

/// The lines that a machine reads: each an object, each with the run.
#[track_caller]
fn logged(stderr: &str, run: &str) -> Vec<Value> {
    let lines: Vec<Value> = stderr.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    for line in &lines {
        assert_eq!(line["run_id"], run, "{line}");
        for field in ["timestamp", "level", "message"] {
            assert!(line[field].is_string(), "{field} of {line}");
        }
    }
    lines
}

#[test]
fn lines_for_machines_carry_the_run_and_the_callback() {
    let stage = Stage::new(json!({ "too_many": "0.4@contact,sms", "retry_after_secs": 0 }));
    stage.export("night.csv", &wishes(20));
    let ended = stage.run(&["night.csv", "-vv", "--log-format", "json"]).with(0);
    let report = stage.report();
    let lines = logged(&ended.stderr, report.summary["run_id"].as_str().unwrap());
    let ids = report.column("callback_id");
    let ended_lines: Vec<&Value> = lines.iter().filter(|line| line["progress"] == "confirmed").collect();
    assert_eq!(ended_lines.len(), 20);
    assert!(ended_lines.iter().all(|line| line["phone"].as_str().unwrap().contains("\u{2022}")), "{ended_lines:?}");
    let held: Vec<&Value> =
        lines.iter().filter(|line| line["message"].as_str().is_some_and(|text| text.contains("429"))).collect();
    assert!(!held.is_empty(), "{}", ended.stderr);
    for line in held.iter().chain(&ended_lines) {
        assert!(ids.contains(&line["callback_id"].as_str().unwrap()), "{line}");
    }
    assert!(!ended.stderr.contains("+1202555010"), "phones are masked");
}

/// What befalls a callback is told with its id, however much is told; what a person may have to explain from `-v` on.
#[test]
fn refusals_doubts_retries_and_holds_name_their_callback_at_every_level() {
    for level in [&[][..], &["-v"], &["-vv"]] {
        let stage = Stage::new(json!({
            "refused_phones": ["+12025550101"], "refused_texts": ["+12025550102"], "retry_after_secs": 0,
            "error_before": "0.3@contact", "cut_after": "0.3@sms", "too_many": "0.1@contact,sms",
        }));
        stage.export("night.csv", &wishes(40));
        let ended = stage.run(&[&["night.csv", "--log-format", "json"], level].concat()).with(5);
        let report = stage.report();
        let lines = logged(&ended.stderr, report.summary["run_id"].as_str().unwrap());
        let told = |word: &str| -> BTreeSet<&str> {
            let about = lines.iter().filter(|line| line["message"].as_str().is_some_and(|text| text.contains(word)));
            about.map(|line| line["callback_id"].as_str().unwrap_or_else(|| panic!("no callback: {line}"))).collect()
        };
        let rows = |statuses: [&str; 2]| -> BTreeSet<&str> {
            let rows = report.rows.iter().filter(|row| statuses.contains(&row.at("status")));
            rows.map(|row| row.at("callback_id")).collect()
        };
        assert!(!told("holding for").is_empty(), "{level:?}");
        let (refused, doubted) = (rows(["failed", "sms_failed"]), rows(["in_doubt", "sms_in_doubt"]));
        assert!(!refused.is_empty() && !doubted.is_empty(), "{}", report.summary);
        let is_told = !level.is_empty();
        assert_eq!(told("refused: "), if is_told { refused } else { BTreeSet::new() }, "{level:?}");
        assert_eq!(told("in doubt: "), if is_told { doubted } else { BTreeSet::new() }, "{level:?}");
        assert_eq!(!told("to be tried again: ").is_empty(), level == ["-vv"]);
        assert_eq!(told("nothing more in this run").len(), if level == ["-vv"] { 40 } else { 0 });
        assert!(!ended.stderr.contains("+1202555010"), "phones are masked");
    }
}

#[test]
fn what_ends_a_run_is_told_to_machines_in_their_own_way() {
    let stage = Stage::calm();
    stage.put("night.csv", "one,two\n1,2\n");
    let ended = stage.run(&["night.csv", "--log-format", "json"]).with(65);
    let line: Value = serde_json::from_str(&ended.stderr).expect("one line");
    assert_eq!(line["level"], "ERROR");
    assert!(line["message"].as_str().unwrap().contains("phoneNumber") && line["run_id"].is_string(), "{line}");
    let stderr = stage.run(&["night.csv"]).with(65).stderr;
    assert!(stderr.starts_with("ringback: "), "{stderr}");
}
