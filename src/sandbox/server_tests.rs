use std::{
    io::{Read, Write},
    net::{Shutdown, TcpStream},
};

use super::*;
use crate::sandbox::fault::{Fault, Target};

const FORM: &str = "authorization: Basic c2FuZGJveDpzYW5kYm94\r\ncontent-type: application/x-www-form-urlencoded\r\n";
const TEXT: &str = r#"{"to":"+12025550198","from":"+18005551234","message":"hello","channels":["sms"]}"#;

fn start(settings: SandboxSettings) -> Sandbox {
    Sandbox::start(settings, SocketAddr::from(([127, 0, 0, 1], 0))).unwrap()
}

fn connect(sandbox: &Sandbox) -> TcpStream {
    let stream = TcpStream::connect(sandbox.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

/// Sends one request on a connection of its own; everything that comes back until the server closes.
fn exchange(sandbox: &Sandbox, first_line: &str, headers: &str, body: &str) -> String {
    let mut stream = connect(sandbox);
    let length = body.len();
    let request = format!(
        "{first_line} HTTP/1.1\r\nhost: sandbox\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    // A cut may end in a reset; what came before it is what counts.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8(answer).unwrap()
}

fn token(sandbox: &Sandbox) -> String {
    let answer = exchange(sandbox, "POST /oauth/token", FORM, "grant_type=client_credentials");
    let body: Value = serde_json::from_str(answer.rsplit_once("\r\n\r\n").unwrap().1).unwrap();
    body["access_token"].as_str().unwrap().to_owned()
}

fn send_text(sandbox: &Sandbox, token: &str) -> String {
    let headers = format!("authorization: Bearer {token}\r\ncontent-type: application/json\r\n");
    exchange(sandbox, "POST /api/v2/messaging/sessions", &headers, TEXT)
}

fn texts(sandbox: &Sandbox) -> usize {
    sandbox.state()["texts"].as_array().unwrap().len()
}

#[test]
fn it_answers_over_a_socket_and_its_state_adds_up() {
    let sandbox = start(SandboxSettings::default());
    let token = token(&sandbox);
    assert!(send_text(&sandbox, &token).starts_with("HTTP/1.1 201 "));
    assert!(send_text(&sandbox, "wrong").starts_with("HTTP/1.1 401 "));
    assert!(exchange(&sandbox, "GET /nowhere", "", "").starts_with("HTTP/1.1 404 "));
    let answer = exchange(&sandbox, "GET /sandbox/state", "", "");
    let state: Value = serde_json::from_str(answer.rsplit_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!(state, sandbox.state());
    assert_eq!(state["counts"]["POST /api/v2/messaging/sessions"], json!({ "201": 1, "401": 1 }));
    assert_eq!(state["counts"]["other"], json!({ "404": 1 }));
    assert_eq!(state["most_in_60s"], 4);
    assert_eq!(state["most_in_flight"], 1);
    assert_eq!(state["requests"][1]["body"], TEXT);
    sandbox.stop();
}

#[test]
fn a_cut_is_no_answer_at_all_before_the_deed_and_after_it() {
    let sms = || Fault::at(1.0, &[Target::Sms]);
    let before = start(SandboxSettings { cut_before: sms(), ..SandboxSettings::default() });
    assert_eq!(send_text(&before, &token(&before)), "");
    assert_eq!(texts(&before), 0);
    let after = start(SandboxSettings { cut_after: sms(), ..SandboxSettings::default() });
    assert_eq!(send_text(&after, &token(&after)), "");
    assert_eq!(texts(&after), 1);
    assert_eq!(after.state()["counts"]["POST /api/v2/messaging/sessions"], json!({ "cut": 1 }));
}

#[test]
fn a_limit_over_sockets_lets_exactly_so_many_pass() {
    let sandbox = start(SandboxSettings { requests_per_minute: Some(20), ..SandboxSettings::default() });
    let token = token(&sandbox);
    let answers: Vec<String> = (0..25).map(|_| send_text(&sandbox, &token)).collect();
    assert_eq!(answers.iter().filter(|answer| answer.starts_with("HTTP/1.1 201 ")).count(), 19);
    assert!(answers[24].starts_with("HTTP/1.1 429 ") && answers[24].contains("retry-after: "), "{}", answers[24]);
    assert_eq!(texts(&sandbox), 19);
}

#[test]
fn a_body_beyond_a_mebibyte_is_413() {
    let sandbox = start(SandboxSettings::default());
    let headers = "content-type: application/json\r\n";
    let mut stream = connect(&sandbox);
    let head = format!(
        "POST /api/v2/messaging/sessions HTTP/1.1\r\nhost: x\r\n{headers}content-length: {}\r\n\r\n",
        BODY_BYTES_MAX + 1
    );
    stream.write_all(head.as_bytes()).unwrap();
    // The length is known from the head; the server need not wait for the rest.
    let mut answer = [0; 13];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413 ");
}

#[test]
fn faults_are_changed_while_it_runs() {
    let sandbox = start(SandboxSettings::default());
    let token = token(&sandbox);
    assert!(exchange(&sandbox, "POST /sandbox/faults", "", r#"{"error_before":1}"#).starts_with("HTTP/1.1 204 "));
    assert!(send_text(&sandbox, &token).starts_with("HTTP/1.1 5"));
    assert!(exchange(&sandbox, "POST /sandbox/faults", "", r#"{"nonsense":1}"#).starts_with("HTTP/1.1 400 "));
    assert!(exchange(&sandbox, "POST /sandbox/faults", "", r#"{"error_before":0}"#).starts_with("HTTP/1.1 204 "));
    assert!(send_text(&sandbox, &token).starts_with("HTTP/1.1 201 "));
}

#[test]
fn a_redirect_leads_to_nowhere_on_the_same_server() {
    let sandbox = start(SandboxSettings { redirect: Fault::anywhere(1.0), ..SandboxSettings::default() });
    let answer = send_text(&sandbox, "any");
    assert!(answer.starts_with("HTTP/1.1 307 "), "{answer}");
    assert!(answer.contains("location: /moved/api/v2/messaging/sessions\r\n"), "{answer}");
}

#[test]
fn what_was_asked_is_done_though_the_client_leaves_before_the_answer() {
    let sandbox = start(SandboxSettings { latency_ms: 60_000, ..SandboxSettings::default() });
    let mut stream = connect(&sandbox);
    write!(stream, "GET /api/v2/outbound/forecast HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    while sandbox.state()["requests"].as_array().unwrap().is_empty() {
        std::thread::yield_now();
    }
    stream.shutdown(Shutdown::Both).unwrap();
    assert_eq!(sandbox.state()["counts"]["GET /api/v2/outbound/forecast"], json!({ "401": 1 }));
}

#[test]
fn it_stops_beside_idle_connections_and_frees_its_port() {
    let sandbox = start(SandboxSettings::default());
    let address = sandbox.address();
    let _idle = TcpStream::connect(address).unwrap();
    sandbox.stop();
    let again = Sandbox::start(SandboxSettings::default(), address).unwrap();
    assert_eq!(again.base_url(), format!("http://{address}"));
    assert!(Sandbox::start(SandboxSettings::default(), address).is_err(), "the port is taken");
}
