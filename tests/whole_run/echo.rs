//! A platform that says again what it hears: secrets come back in its answers, and must go no further.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

use serde_json::json;

use crate::export::wishes;
use crate::stage::{Ended, SECRET, SECRET_CODED, Stage, files};

/// The bearer token. It must be seen nowhere but by the platform.
const TOKEN: &str = "bearer-4b1d07-never-to-be-seen";

/// What the platform answers to a path, given all that it heard: a status and a body.
type Answers = fn(path: &str, heard: &str) -> (u16, String);

/// Serves until the test's process ends; the address.
fn serve(answers: Answers) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for line in listener.incoming() {
            std::thread::spawn(move || answer(&line.unwrap(), answers));
        }
    });
    format!("http://{address}")
}

fn answer(mut line: &TcpStream, answers: Answers) {
    let (mut reader, mut heard, mut length) = (BufReader::new(line), String::new(), 0);
    while !heard.ends_with("\r\n\r\n") {
        let before = heard.len();
        if reader.read_line(&mut heard).unwrap() == 0 {
            return;
        }
        let header = heard[before..].to_ascii_lowercase();
        length = header.strip_prefix("content-length:").map_or(length, |value| value.trim().parse().unwrap());
    }
    reader.take(length).read_to_string(&mut heard).unwrap();
    let path = heard.split([' ', '?']).nth(1).unwrap();
    let (status, body) = answers(path, &heard);
    let head = format!("HTTP/1.1 {status} x\r\ncontent-type: application/json\r\nconnection: close\r\n");
    write!(line, "{head}content-length: {}\r\n\r\n{body}", body.len()).unwrap();
}

/// All that a platform can know, as a problem, and as what it heard.
fn echo(heard: &str) -> String {
    json!({ "detail": format!("{SECRET} {SECRET_CODED} {TOKEN}"), "heard": heard }).to_string()
}

fn token() -> (u16, String) {
    (200, json!({ "access_token": TOKEN, "expires_in": "1800" }).to_string())
}

/// Every hour of the next days, with agents.
fn forecast() -> (u16, String) {
    let now = chrono::Utc::now().timestamp();
    let hour = |number: i64| {
        let start = chrono::DateTime::from_timestamp((now / 3600 + number) * 3600, 0).unwrap();
        json!({ "hour": start.to_rfc3339(), "availableAgents": 50, "expectedCalls": 0 })
    };
    (200, json!({ "forecast": (0..24 * 14).map(hour).collect::<Vec<_>>() }).to_string())
}

/// A run against such a platform: it ends so, and no secret is printed or written.
#[track_caller]
fn check(answers: Answers, code: i32) -> (Stage, Ended) {
    let base_url = serve(answers);
    let stage = Stage::calm().with("RINGBACK_PLATFORM_BASE_URL", &base_url).with("RINGBACK_RETRY_MAX_ATTEMPTS", "2");
    let stage = stage.with("RINGBACK_RETRY_GIVE_UP_AFTER", "1s");
    stage.export("night.csv", &wishes(3));
    let ended = stage.run(&["night.csv", "-vv"]).with(code);
    for told in [&ended.stdout, &ended.stderr] {
        assert!(!told.contains("202555010"), "a number that the platform repeated is masked: {told}");
    }
    let mut seen = vec![("stdout".into(), ended.stdout.clone().into_bytes())];
    seen.push(("stderr".into(), ended.stderr.clone().into_bytes()));
    for path in files(&stage.path("")) {
        seen.push((path.display().to_string(), std::fs::read(&path).unwrap()));
    }
    for (place, bytes) in &seen {
        for secret in [SECRET, SECRET_CODED.trim_end_matches('='), TOKEN] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret} in {place}");
        }
    }
    (stage, ended)
}

#[test]
fn of_an_answer_to_the_token_request_nothing_is_told() {
    let unreadable = |_: &str, _: &str| (200, json!({ "access_token": [TOKEN], "expires_in": 1800 }).to_string());
    check(unreadable, 4).1.says(&["JSON, but not that of a token"]);
    check(|_, _| (200, format!("access_token={TOKEN}")), 4).1.says(&["not JSON"]);
    check(|_, heard| (500, echo(heard)), 4).1.says(&["HTTP 500"]);
    check(|_, heard| (401, echo(heard)), 77).1.says(&["HTTP 401"]);
}

#[test]
fn a_refusal_that_holds_secrets_is_kept_without_them() {
    let refuse = |path: &str, heard: &str| match path {
        "/oauth/token" => token(),
        "/api/v2/outbound/forecast" => forecast(),
        _ => (400, echo(heard)),
    };
    let (stage, _) = check(refuse, 6);
    stage.report().all("failed", "platform.refused");
    assert!(stage.report().column("detail").iter().all(|detail| detail.contains("••• ••• •••")));
}

#[test]
fn a_token_that_is_refused_with_itself_is_not_told() {
    let refuse = |path: &str, heard: &str| if path == "/oauth/token" { token() } else { (401, echo(heard)) };
    check(refuse, 77);
    let refuse = |path: &str, heard: &str| if path == "/oauth/token" { token() } else { (403, echo(heard)) };
    check(refuse, 77).1.says(&["•••"]);
}

#[test]
fn ids_and_answers_that_cannot_be_read_hold_no_secret_either() {
    let answers = |path: &str, heard: &str| match path {
        "/oauth/token" => token(),
        "/api/v2/outbound/forecast" => forecast(),
        "/api/v2/outbound/contacts" => (201, json!({ "contactId": format!("c-{TOKEN}") }).to_string()),
        _ => (500, echo(heard)),
    };
    let (stage, _) = check(answers, 5);
    assert_eq!(stage.report().column("contact_id"), ["c-•••"; 3]);
    check(|path, heard| if path == "/oauth/token" { token() } else { (200, echo(heard)) }, 4);
}

#[test]
fn an_answer_beyond_the_limit_is_none_and_its_words_are_cleaned() {
    let endless = |path: &str, _: &str| match path {
        "/oauth/token" => token(),
        "/api/v2/outbound/forecast" => forecast(),
        _ => (201, json!({ "contactId": "c".repeat(9 << 20) }).to_string()),
    };
    let (stage, _) = check(endless, 4);
    stage.report().all("pending", "platform.unavailable");
    assert!(stage.report().column("detail").iter().all(|detail| detail.contains("more than 8388608 bytes")));
    let colourful = |path: &str, _: &str| match path {
        "/oauth/token" => token(),
        "/api/v2/outbound/forecast" => forecast(),
        _ => (400, json!({ "detail": format!("\u{1b}[31mno\u{7}\r\n\u{202e}thing{}", "!".repeat(9_000)) }).to_string()),
    };
    let (stage, _) = check(colourful, 6);
    for detail in stage.report().column("detail") {
        assert!(detail.contains("[31mno") && detail.contains("thing!!!"), "{detail}");
        assert!(detail.len() < 1_000, "it is cut");
        assert!(!detail.contains(|sign: char| sign.is_control() || sign == '\u{202e}'), "{detail:?}");
    }
}
