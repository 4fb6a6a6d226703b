use super::*;
use crate::sandbox::{fault::Fault, settings::RetryAfter};

const BASIC: &str = "Basic c2FuZGJveDpzYW5kYm94";

/// A platform under test, with a token to ask it by.
struct Bench {
    platform: Platform,
    token: String,
    at: Duration,
}

impl Bench {
    fn new(settings: SandboxSettings) -> Self {
        let mut platform = Platform::new(settings, 1_795_438_800_000);
        let at = Duration::ZERO;
        // Taken directly, so that no fault and no limit is met before the test begins.
        let settings = Arc::clone(&platform.settings);
        let token = format!("Bearer {}", platform.tokens.issue(&settings, at));
        Self { platform, token, at }
    }

    fn ask(&mut self, target: Target, number: u64) -> Answer {
        let request = request(target, number, &self.token);
        self.platform.answer(&request, self.at)
    }

    fn contacts(&self) -> usize {
        self.platform.store.contacts_shown().len()
    }
}

fn request(target: Target, number: u64, token: &str) -> Request {
    let (method, path) = match target {
        Target::Token => ("POST", "/oauth/token"),
        Target::Forecast => ("GET", "/api/v2/outbound/forecast"),
        Target::Contact => ("POST", "/api/v2/outbound/contacts"),
        Target::Sms => ("POST", "/api/v2/messaging/sessions"),
    };
    let (authorization, content_type) = match target {
        Target::Token => (BASIC, "application/x-www-form-urlencoded"),
        Target::Forecast | Target::Contact | Target::Sms => (token, "application/json; charset=utf-8"),
    };
    let body = match target {
        Target::Token => b"grant_type=client_credentials".to_vec(),
        Target::Forecast => Vec::new(),
        Target::Contact => contact(number).to_string().into_bytes(),
        Target::Sms => text(number).to_string().into_bytes(),
    };
    Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: format!(
            "campaignId=c{number}&startTime=2026-11-23T13:00:00Z&endTime=2026-11-23T15:00:00Z&granularity=hourly"
        ),
        authorization: authorization.to_owned(),
        content_type: content_type.to_owned(),
        body: Body::Read(body),
    }
}

fn contact(number: u64) -> Value {
    json!({ "contact": {
        "contactId": format!("194c33ee-72c2-591b-92ab-{number:012x}"), "campaignId": "a1b2",
        "phone": phone(number), "scheduledStartDateTime": "2026-11-23T13:00:00Z",
        "attributes": {
            "callback_requested_by": "ivr", "callback_language": "en-US",
            "callback_window_start": "2026-11-23T13:00:00Z", "callback_window_end": "2026-11-23T15:00:00Z",
        },
        "retry": { "retryCount": 3, "retryInterval": "PT15M" },
    } })
}

fn text(number: u64) -> Value {
    json!({ "to": phone(number), "from": "+18005551234", "message": "confirmed", "channels": ["sms"] })
}

fn phone(number: u64) -> String {
    format!("+1202{:07}", 2_000_000 + number)
}

fn parsed(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

#[test]
fn without_faults_each_request_is_carried_out() {
    let mut bench = Bench::new(SandboxSettings::default());
    for (target, status) in [
        (Target::Token, 200),
        (Target::Forecast, 200),
        (Target::Contact, 201),
        (Target::Sms, 201),
        (Target::Contact, 409),
    ] {
        assert_eq!(bench.ask(target, 1).status, Some(status), "{target:?}");
    }
    let state = bench.platform.state();
    assert_eq!(state["contacts"][0]["asked"], 2);
    assert_eq!(state["contacts"][0]["askedOtherwise"], 0);
    assert_eq!(state["contacts"][0]["createdAt"], "2026-11-23T13:00:00.000Z");
    assert_eq!(state["texts"][0]["to"], phone(1));
    assert_eq!(state["tokens_issued"], 2);
    assert_eq!(state["most_in_60s"], 5);
    assert_eq!(state["requests"].as_array().unwrap().len(), 5);
    assert_eq!(state["counts"]["POST /api/v2/outbound/contacts"], json!({ "201": 1, "409": 1 }));
}

#[test]
fn a_second_create_changes_nothing_and_is_seen() {
    let settings = SandboxSettings { answers_conflict: ConflictAnswer::SameId, ..SandboxSettings::default() };
    let mut bench = Bench::new(settings);
    let first = bench.ask(Target::Contact, 1);
    let mut otherwise = request(Target::Contact, 1, &bench.token);
    let mut body = contact(1);
    body["contact"]["phone"] = json!(phone(2));
    otherwise.body = Body::Read(body.to_string().into_bytes());
    let second = bench.platform.answer(&otherwise, bench.at);
    assert_eq!((second.status, &second.body), (Some(200), &first.body));
    let state = bench.platform.state();
    assert_eq!(state["contacts"].as_array().unwrap().len(), 1);
    assert_eq!(state["contacts"][0]["phone"], phone(1));
    assert_eq!(state["contacts"][0]["askedOtherwise"], 1);
}

#[test]
fn each_fault_strikes_its_targets_and_says_whether_the_deed_was_done() {
    let none = SandboxSettings::default;
    let at = |target| Fault::at(1.0, &[target]);
    let check = |settings: SandboxSettings, status: fn(Option<u16>) -> bool, done: usize| {
        let mut bench = Bench::new(settings);
        let struck = bench.ask(Target::Contact, 1);
        assert!(status(struck.status), "{struck:?}");
        assert!(struck.fault.is_some());
        assert_eq!(bench.contacts(), done, "{struck:?}");
        for spared in [Target::Token, Target::Forecast, Target::Sms] {
            assert!(bench.ask(spared, 1).status.is_some_and(|status| status < 300), "{spared:?} {struck:?}");
        }
    };
    let contact = at(Target::Contact);
    check(SandboxSettings { cut_before: contact.clone(), ..none() }, |status| status.is_none(), 0);
    check(SandboxSettings { cut_after: contact.clone(), ..none() }, |status| status.is_none(), 1);
    check(SandboxSettings { error_before: contact.clone(), ..none() }, |status| status >= Some(500), 0);
    check(SandboxSettings { error_after: contact.clone(), ..none() }, |status| status >= Some(500), 1);
    check(SandboxSettings { broken_body: contact.clone(), ..none() }, |status| status == Some(201), 1);
    check(SandboxSettings { too_many: contact.clone(), ..none() }, |status| status == Some(429), 0);
    check(SandboxSettings { unavailable: contact.clone(), ..none() }, |status| status == Some(503), 0);
    check(SandboxSettings { redirect: contact, ..none() }, |status| status == Some(307), 0);
    let scopes = std::iter::once(Scope::ContactWrite).collect();
    check(SandboxSettings { missing_scopes: scopes, ..none() }, |status| status == Some(403), 0);
    let phones = std::iter::once(phone(1)).collect();
    check(SandboxSettings { refused_phones: phones, ..none() }, |status| status == Some(400), 0);
}

#[test]
fn a_share_strikes_about_that_many_and_the_same_again_for_the_same_seed() {
    let struck = |seed: u64, numbers: &mut dyn Iterator<Item = u64>| {
        let fault = Fault::at(0.3, &[Target::Contact]);
        let mut bench = Bench::new(SandboxSettings { seed, cut_before: fault, ..SandboxSettings::default() });
        let mut struck: Vec<u64> =
            numbers.filter(|&number| bench.ask(Target::Contact, number).status.is_none()).collect();
        struck.sort_unstable();
        struck
    };
    let first = struck(7, &mut (0..1000));
    assert!((250..350).contains(&first.len()), "{} of 1000", first.len());
    assert_eq!(first, struck(7, &mut (0..1000).rev()), "the order of requests does not matter");
    assert_ne!(first, struck(8, &mut (0..1000)));
}

#[test]
fn a_request_that_comes_again_has_luck_of_its_own() {
    let fault = Fault::anywhere(0.5);
    let mut bench = Bench::new(SandboxSettings { cut_before: fault, ..SandboxSettings::default() });
    let cut = (0..100).filter(|_| bench.ask(Target::Contact, 1).status.is_none()).count();
    assert!((30..70).contains(&cut), "{cut} of 100");
}

#[test]
fn the_limit_lets_exactly_so_many_pass_and_names_the_wait() {
    let check = |retry_after, expected: Option<&str>| {
        let mut bench =
            Bench::new(SandboxSettings { requests_per_minute: Some(50), retry_after, ..SandboxSettings::default() });
        let passed = (0..80).filter(|&number| bench.ask(Target::Contact, number).status == Some(201)).count();
        assert_eq!((passed, bench.contacts()), (50, 50));
        let refused = bench.ask(Target::Sms, 1);
        assert_eq!((refused.status, refused.fault), (Some(429), Some("limit")));
        assert_eq!(refused.header.as_ref().map(|(_, value)| value.as_str()), expected);
        bench.at = Duration::from_mins(1);
        assert_eq!(bench.ask(Target::Sms, 1).status, Some(201));
        assert_eq!(bench.platform.state()["most_in_60s"], 81);
    };
    check(RetryAfter::Seconds, Some("61"));
    check(RetryAfter::HttpDate, Some("Mon, 23 Nov 2026 13:01:01 GMT"));
    check(RetryAfter::Absent, None);
}

#[test]
fn tokens_are_needed_expire_and_are_revoked() {
    let mut bench = Bench::new(SandboxSettings::default());
    bench.at = Duration::from_secs(1799);
    assert_eq!(bench.ask(Target::Contact, 1).status, Some(201));
    bench.at = Duration::from_mins(30);
    assert_eq!(bench.ask(Target::Contact, 2).status, Some(401));
    let settings = SandboxSettings { token_revoked: Fault::at(1.0, &[Target::Sms]), ..SandboxSettings::default() };
    let mut bench = Bench::new(settings);
    assert_eq!(bench.ask(Target::Contact, 1).status, Some(201));
    assert_eq!(bench.ask(Target::Sms, 1).status, Some(401));
    assert_eq!(bench.ask(Target::Contact, 2).status, Some(401), "a revoked token is worth nothing anywhere");
}

#[test]
fn a_client_is_known_by_its_secret_and_asks_by_the_right_grant() {
    let mut bench = Bench::new(SandboxSettings { expires_in: ExpiresIn::Untold, ..SandboxSettings::default() });
    let granted = bench.ask(Target::Token, 1);
    assert_eq!(parsed(&granted).get("expires_in"), None);
    let check = |bench: &mut Bench, change: fn(&mut Request), status: u16| {
        let mut request = request(Target::Token, 1, "");
        change(&mut request);
        assert_eq!(bench.platform.answer(&request, Duration::ZERO).status, Some(status), "{request:?}");
    };
    check(&mut bench, |request| request.authorization = "Basic c2FuZGJveDpib3g=".to_owned(), 401);
    check(&mut bench, |request| request.authorization = String::new(), 401);
    check(&mut bench, |request| request.body = Body::Read(b"grant_type=password".to_vec()), 400);
    check(&mut bench, |request| request.content_type = "application/json".to_owned(), 415);
    check(&mut bench, |request| request.body = Body::TooLarge, 413);
    check(&mut bench, |request| request.method = "GET".to_owned(), 405);
    check(&mut bench, |request| request.path = "/oauth".to_owned(), 404);
}

#[test]
fn a_share_of_phones_is_always_refused() {
    let settings =
        SandboxSettings { refused_phones_share: 0.2, refused_texts_share: 0.5, ..SandboxSettings::default() };
    let mut bench = Bench::new(settings);
    let refused: Vec<u64> = (0..200).filter(|&number| bench.ask(Target::Contact, number).status == Some(400)).collect();
    assert!((20..60).contains(&refused.len()), "{} of 200", refused.len());
    assert!(refused.iter().all(|&number| bench.ask(Target::Contact, number).status == Some(400)));
    let texts = (0..200).filter(|&number| bench.ask(Target::Sms, number).status == Some(400)).count();
    assert!((70..130).contains(&texts), "{texts} of 200");
}

#[test]
fn a_breach_of_contract_is_a_problem_that_names_the_key() {
    let mut bench = Bench::new(SandboxSettings::default());
    let mut request = request(Target::Sms, 1, &bench.token);
    request.body = Body::Read(br#"{"to":"+12022000001","from":"+18005551234","message":"x"}"#.to_vec());
    let answer = bench.platform.answer(&request, bench.at);
    assert_eq!(answer.status, Some(400));
    assert_eq!(parsed(&answer), json!({ "error": { "code": "invalid_request", "message": "channels: missing" } }));
}

#[test]
fn settings_change_by_name_or_not_at_all() {
    let mut bench = Bench::new(SandboxSettings::default());
    let changes = br#"{"cut_before": 1, "error_after": "0.5@sms", "latency_ms": 7}"#;
    bench.platform.change(changes).unwrap();
    assert_eq!(bench.platform.settings.error_after, Fault::at(0.5, &[Target::Sms]));
    assert_eq!(bench.ask(Target::Contact, 1).delay, Duration::from_millis(7));
    assert_eq!(bench.contacts(), 0);
    for wrong in [&br#"{"cut_befor": 1}"#[..], br#"{"cut_before": 2}"#, b"[]", b"{"] {
        assert!(bench.platform.change(wrong).is_err());
        assert_eq!(bench.platform.settings.latency_ms, 7);
    }
}
