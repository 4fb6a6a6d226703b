use reqwest::header::HeaderMap;

use super::*;

fn answer(status: u16, media: &'static str, body: &str) -> Answer {
    let headers = HeaderMap::from_iter([(reqwest::header::CONTENT_TYPE, HeaderValue::from_static(media))]);
    let status = StatusCode::from_u16(status).expect("a status");
    Answer { status, headers, body: Ok(body.into()), came_at: SystemTime::UNIX_EPOCH }
}

fn json(status: u16, body: &str) -> Answer {
    answer(status, "application/json", body)
}

fn read<'a>(answer: &'a Answer, secrets: &'a Secrets) -> Reading<'a> {
    Reading { answer, secrets }
}

fn kind<T: std::fmt::Debug>(reply: &Reply<T>) -> Unclear {
    let Reply::Trouble(Trouble::Unknown { why, .. }) = reply else { panic!("{reply:?}") };
    *why
}

/// The words of an answer that is not the one hoped for.
fn words<T: std::fmt::Debug>(reply: &Reply<T>) -> String {
    let Reply::Trouble(trouble) = reply else { panic!("{reply:?}") };
    trouble.describe()
}

#[test]
fn a_text_is_accepted_by_an_id_or_by_a_status_that_says_so_without_a_body() {
    let secrets = Secrets::default();
    let text = |status, body: &str| read(&json(status, body), &secrets).session_id();
    for status in [200, 201, 202] {
        assert_eq!(text(status, r#"{"sessionId": "s-1"}"#), Reply::Done(Some("s-1".into())));
        assert_eq!(text(status, r#"{"id": 7}"#), Reply::Done(Some("7".into())));
    }
    for status in [201, 202, 204] {
        assert_eq!(text(status, " \r\n"), Reply::Done(None));
    }
    for body in ["", "{}", "[]", "null", "ok", "{\"sessionId\": \"s", "{\"sessionId\": null}", "{\"contactId\": \"c\"}"]
    {
        assert_eq!(kind(&text(200, body)), Unclear::Unreadable, "{body}");
    }
    assert_eq!(kind(&text(201, "{}")), Unclear::Unreadable, "an empty object is no empty body");
    let half = Answer { body: Err("it ended early".into()), ..json(201, "") };
    assert_eq!(kind(&read(&half, &secrets).session_id()), Unclear::Unreadable, "what was cut is not empty");
}

#[test]
fn an_error_in_a_success_is_a_refusal_with_its_words_or_a_contradiction() {
    let secrets = Secrets::default();
    let contact = |status, body: &str| read(&json(status, body), &secrets).made();
    let text = |status, body: &str| read(&json(status, body), &secrets).session_id();
    let told = contact(200, r#"{"errors": [{"message": "on the do-not-call list"}]}"#);
    assert!(matches!(told, Reply::Trouble(Trouble::Refused(_))), "{told:?}");
    assert!(words(&told).starts_with("HTTP 200: ") && words(&told).contains("on the do-not-call list"), "{told:?}");
    let told = text(201, r#"{"status": "failed"}"#);
    assert_eq!(told, Reply::Trouble(Trouble::Refused(r#"HTTP 201: {"status": "failed"}"#.into())));
    assert_eq!(kind(&contact(200, r#"{"contactId": "c", "errors": [1]}"#)), Unclear::Contradiction);
    assert_eq!(kind(&text(201, r#"{"sessionId": "s", "error": "x"}"#)), Unclear::Contradiction);
}

#[test]
fn a_contact_is_told_with_whether_it_is_new() {
    let secrets = Secrets::default();
    let made = |status, body: &str| read(&json(status, body), &secrets).made();
    let expected = |id: Option<&str>, newness| Reply::Done(Made { id: id.map(str::to_owned), newness });
    assert_eq!(made(201, r#"{"contactId": 1007}"#), expected(Some("1007"), Newness::Created));
    assert_eq!(made(200, r#"{"id": "c"}"#), expected(Some("c"), Newness::Present(PRESENT)));
    assert_eq!(made(204, ""), expected(None, Newness::Untold));
}

#[test]
fn a_web_page_is_named_as_what_it_is() {
    let secrets = Secrets::default();
    let page = |status| answer(status, "text/html", "<html>Sign in</html>");
    assert_eq!(kind(&read(&page(200), &secrets).made()), Unclear::Page);
    for status in [200, 302, 400, 403, 407] {
        let page = page(status);
        let reading = read(&page, &secrets);
        for told in [words(&reading.grant()), words(&reading.session_id())] {
            assert!(told.contains("a web page came") && told.contains("proxy"), "{status}: {told}");
        }
    }
    let own = words(&read(&answer(502, "text/html", "<html>502 Bad Gateway</html>"), &secrets).session_id());
    assert!(own.contains("<html>502 Bad Gateway"), "a gateway's page in trouble is told as it is: {own:?}");
}

#[test]
fn a_token_that_is_refused_is_told_with_its_error_and_without_secrets() {
    let secrets = Secrets::default();
    secrets.learn("hush");
    let grant = |status, body: &str| read(&json(status, body), &secrets).grant();
    let told = |reply: Reply<Grant>| if let Reply::Trouble(trouble) = reply { Some(trouble) } else { None };
    let scope = r#"HTTP 400: {"error": "invalid_scope", "hint": "•••"}"#;
    let refused = told(grant(400, r#"{"error": "invalid_scope", "hint": "hush"}"#));
    assert_eq!(refused, Some(Trouble::Refused(scope.into())));
    let client = told(grant(200, r#"{"error": "invalid_client", "error_description": "who?", "token": "t"}"#));
    assert_eq!(client, Some(Trouble::Unauthorised("HTTP 200: invalid_client who?".into())));
    assert_eq!(words(&grant(500, r#"{"token": "t"}"#)), "HTTP 500", "it may hold a token");
    assert_eq!(kind(&grant(200, r#"{"access_token": ""}"#)), Unclear::Unreadable);
}

#[test]
fn a_forecast_of_which_no_hour_can_be_read_is_no_empty_one() {
    let secrets = Secrets::default();
    let hour = r#"{"hour": "2026-11-23T13:00:00", "availableAgents": 1, "expectedCalls": 0}"#;
    let told = words(&read(&json(200, &format!("{{\"forecast\": [{hour}]}}")), &secrets).hours());
    assert!(told.contains("none of 1 hours has a time with a zone"), "{told}");
    assert_eq!(read(&json(200, r#"{"forecast": []}"#), &secrets).hours(), Reply::Done(ToldHours::default()));
}

/// What holds nothing is refused for that; all else is as for any request.
#[test]
fn a_request_that_holds_nothing_is_refused_taken_or_in_trouble() {
    let secrets = Secrets::default();
    for step in [Step::Contact, Step::Text, Step::Forecast] {
        let probed = |status, body: &str| read(&json(status, body), &secrets).probed(step);
        for status in [400, 422] {
            assert_eq!(probed(status, "{}"), Reply::Done(Probed::Refused(format!("HTTP {status}"))), "{step:?}");
        }
        assert!(matches!(probed(403, ""), Reply::Trouble(Trouble::Forbidden { .. })), "{step:?}");
        assert!(matches!(probed(500, ""), Reply::Trouble(Trouble::Unknown { .. })), "{step:?}");
        let taken = if step == Step::Forecast { r#"{"forecast": []}"# } else { r#"{"id": "c"}"# };
        assert_eq!(probed(200, taken), Reply::Done(Probed::Taken), "{step:?}");
    }
    let refused = read(&json(200, r#"{"errors": [1]}"#), &secrets).probed(Step::Contact);
    assert_eq!(refused, Reply::Done(Probed::Refused("HTTP 200".into())));
    assert!(matches!(read(&json(404, "{}"), &secrets).probed(Step::Contact), Reply::Trouble(Trouble::Refused(_))));
}
