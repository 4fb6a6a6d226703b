use super::*;

fn answer(status: u16, media: &'static str, body: &str) -> Answer {
    let headers = HeaderMap::from_iter([(reqwest::header::CONTENT_TYPE, HeaderValue::from_static(media))]);
    let status = StatusCode::from_u16(status).expect("a status");
    Answer { status, headers, body: Ok(body.into()), came_at: SystemTime::UNIX_EPOCH }
}

fn json(status: u16, body: &str) -> Answer {
    answer(status, "application/json", body)
}

fn kind<T: std::fmt::Debug>(reply: &Reply<T>) -> BodyKind {
    let Reply::Trouble(Trouble::Unreadable { body, .. }) = reply else { panic!("{reply:?}") };
    *body
}

fn refusal<T: std::fmt::Debug>(reply: Reply<T>) -> Refusal {
    let Reply::Trouble(Trouble::Status(refusal)) = reply else { panic!("{reply:?}") };
    refusal
}

#[test]
fn a_text_is_accepted_by_an_id_or_by_a_status_that_says_so_without_a_body() {
    let secrets = Secrets::default();
    let text = |status, body: &str| json(status, body).session_id(&secrets);
    for status in [200, 201, 202] {
        assert_eq!(text(status, r#"{"sessionId": "s-1"}"#), Reply::Done(Some("s-1".into())));
        assert_eq!(text(status, r#"{"id": 7}"#), Reply::Done(Some("7".into())));
    }
    for status in [201, 202, 204] {
        assert_eq!(text(status, " \r\n"), Reply::Done(None));
    }
    for body in ["", "{}", "[]", "null", "ok", "{\"sessionId\": \"s", "{\"sessionId\": null}", "{\"contactId\": \"c\"}"]
    {
        assert_eq!(kind(&text(200, body)), BodyKind::Other, "{body}");
    }
    assert_eq!(kind(&text(201, "{}")), BodyKind::Other, "an empty object is no empty body");
    let half = Answer { body: Err("it ended early".into()), ..json(201, "") };
    assert_eq!(kind(&half.session_id(&secrets)), BodyKind::Other, "what was cut is not empty");
}

#[test]
fn an_error_in_a_success_is_a_refusal_with_its_words_or_a_contradiction() {
    let secrets = Secrets::default();
    let told = refusal(json(200, r#"{"errors": [{"message": "on the do-not-call list"}]}"#).made(&secrets));
    assert!(told.status == 200 && told.words.contains("on the do-not-call list"), "{told:?}");
    let told = refusal(json(201, r#"{"status": "failed"}"#).session_id(&secrets));
    assert_eq!((told.status, told.words.as_str()), (201, r#"{"status": "failed"}"#));
    assert_eq!(kind(&json(200, r#"{"contactId": "c", "errors": [1]}"#).made(&secrets)), BodyKind::Contradiction);
    assert_eq!(kind(&json(201, r#"{"sessionId": "s", "error": "x"}"#).session_id(&secrets)), BodyKind::Contradiction);
}

#[test]
fn a_contact_is_told_with_the_status_that_it_was_answered_with() {
    let secrets = Secrets::default();
    let made = |status, body: &str| json(status, body).made(&secrets);
    assert_eq!(made(201, r#"{"contactId": 1007}"#), Reply::Done(Made { id: Some("1007".into()), status: 201 }));
    assert_eq!(made(200, r#"{"id": "c"}"#), Reply::Done(Made { id: Some("c".into()), status: 200 }));
    assert_eq!(made(204, ""), Reply::Done(Made { id: None, status: 204 }));
}

#[test]
fn a_web_page_is_named_as_what_it_is() {
    let secrets = Secrets::default();
    let page = |status| answer(status, "text/html", "<html>Sign in</html>");
    let words = |trouble: Trouble| trouble.describe();
    assert_eq!(kind(&page(200).made(&secrets)), BodyKind::Page);
    for status in [200, 302, 400, 403, 407] {
        let (Reply::Trouble(token), Reply::Trouble(text)) =
            (page(status).grant(&secrets), page(status).session_id(&secrets))
        else {
            panic!("{status}")
        };
        for told in [words(token), words(text)] {
            assert!(told.contains("a web page came") && told.contains("proxy"), "{status}: {told}");
        }
    }
    let own = refusal(answer(502, "text/html", "<html>502 Bad Gateway</html>").session_id(&secrets));
    assert!(own.words.contains("502 Bad Gateway"), "a gateway's page in trouble is told as it is: {own:?}");
}

#[test]
fn a_token_that_is_refused_is_told_with_its_error_and_without_secrets() {
    let secrets = Secrets::default();
    secrets.learn("hush");
    let told = refusal(json(400, r#"{"error": "invalid_scope", "hint": "hush"}"#).grant(&secrets));
    assert_eq!(told.error.as_deref(), Some("invalid_scope"));
    assert_eq!(told.words, r#"{"error": "invalid_scope", "hint": "•••"}"#);
    let told =
        refusal(json(200, r#"{"error": "invalid_client", "error_description": "who?", "token": "t"}"#).grant(&secrets));
    assert_eq!((told.error.as_deref(), told.words.as_str()), (Some("invalid_client"), "invalid_client who?"));
    assert_eq!(refusal(json(500, r#"{"token": "t"}"#).grant(&secrets)).words, "", "it may hold a token");
    assert_eq!(kind(&json(200, r#"{"access_token": ""}"#).grant(&secrets)), BodyKind::Other);
}

#[test]
fn a_forecast_of_which_no_hour_can_be_read_is_no_empty_one() {
    let secrets = Secrets::default();
    let hour = r#"{"hour": "2026-11-23T13:00:00", "availableAgents": 1, "expectedCalls": 0}"#;
    let reply = json(200, &format!("{{\"forecast\": [{hour}]}}")).hours(&secrets);
    let Reply::Trouble(trouble) = reply else { panic!("{reply:?}") };
    assert!(trouble.describe().contains("none of 1 hours has a time with a zone"), "{}", trouble.describe());
    assert_eq!(json(200, r#"{"forecast": []}"#).hours(&secrets), Reply::Done(ToldHours::default()));
}
