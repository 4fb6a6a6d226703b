use serde_json::json;

use super::*;

fn good_contact() -> Value {
    json!({ "contact": {
        "contactId": "194c33ee-72c2-591b-92ab-b071e07b2a7f", "campaignId": "a1b2", "phone": "+12025550198",
        "scheduledStartDateTime": "2026-11-23T13:00:00Z",
        "attributes": {
            "callback_requested_by": "ivr", "callback_language": "en-US",
            "callback_window_start": "2026-11-23T08:00:00-05:00", "callback_window_end": "2026-11-23T15:00:00Z",
        },
        "retry": { "retryCount": 3, "retryInterval": "PT15M" },
    } })
}

fn good_session() -> Value {
    json!({ "to": "+12025550198", "from": "+18005551234", "message": "confirmed", "channels": ["sms"] })
}

/// The body with the value at the pointer replaced, or with the key taken out or put in.
fn changed(mut body: Value, pointer: &str, value: Option<Value>) -> Vec<u8> {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let object = body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Some(value) => object.insert(key.to_owned(), value),
        None => object.remove(key),
    };
    body.to_string().into_bytes()
}

#[test]
fn a_good_body_passes() {
    assert_eq!(contact(good_contact().to_string().as_bytes()).unwrap().phone, "+12025550198");
    assert_eq!(session(good_session().to_string().as_bytes()).unwrap().from, "+18005551234");
}

#[test]
fn a_contact_is_refused_by_the_name_of_its_key() {
    let check = |pointer: &str, value: Option<Value>| {
        let Breach(message) = contact(&changed(good_contact(), pointer, value.clone())).unwrap_err();
        let key = pointer.trim_start_matches('/').replace('/', ".");
        assert!(message.starts_with(&format!("{key}: ")), "{pointer} {value:?}: {message}");
    };
    check("/contact", None);
    check("/extra", Some(json!(1)));
    check("/contact", Some(json!([])));
    for key in good_contact()["contact"].as_object().unwrap().keys() {
        check(&format!("/contact/{key}"), None);
        check(&format!("/contact/{key}"), Some(json!(null)));
    }
    for key in good_contact()["contact"]["attributes"].as_object().unwrap().keys() {
        check(&format!("/contact/attributes/{key}"), None);
        check(&format!("/contact/attributes/{key}"), Some(json!(7)));
    }
    check("/contact/priority", Some(json!(1)));
    check("/contact/contactId", Some(json!("194c33ee72c2591b92abb071e07b2a7f")));
    check("/contact/campaignId", Some(json!(" ")));
    for phone in ["2025550198", "+02025550198", "+123456", "+1234567890123456", "+1 2025550198"] {
        check("/contact/phone", Some(json!(phone)));
    }
    for time in ["2026-11-23T12:59:59Z", "2026-11-23T15:00:00Z", "2026-11-23T13:00:00", "2026-11-23 13:00:00Z"] {
        check("/contact/scheduledStartDateTime", Some(json!(time)));
    }
    check("/contact/attributes/callback_requested_by", Some(json!("web")));
    check("/contact/attributes/callback_language", Some(json!("")));
    check("/contact/attributes/callback_window_end", Some(json!("2026-11-23T13:00:00Z")));
    check("/contact/retry/retryCount", Some(json!(-1)));
    check("/contact/retry/retryCount", Some(json!(1.5)));
    check("/contact/retry/retryInterval", Some(json!("15m")));
}

#[test]
fn a_text_is_refused_by_the_name_of_its_key() {
    let check = |key: &str, value: Option<Value>| {
        let Breach(message) = session(&changed(good_session(), &format!("/{key}"), value)).unwrap_err();
        assert!(message.starts_with(&format!("{key}: ")), "{key}: {message}");
    };
    for key in ["to", "from", "message", "channels"] {
        check(key, None);
        check(key, Some(json!(1)));
    }
    check("message", Some(json!("")));
    check("channels", Some(json!([])));
    check("channels", Some(json!(["sms", "whatsapp"])));
    check("callback", Some(json!("x")));
}

#[test]
fn what_is_no_json_is_refused() {
    assert!(contact(b"{").is_err());
    assert!(session(b"").is_err());
    assert_eq!(session(b"[]"), breach("the body", "must be an object"));
}

#[test]
fn a_forecast_query_is_whole_and_within_seven_days() {
    let check = |query: &str, key: Option<&str>| match (forecast(query), key) {
        (Ok(_), None) => {}
        (Err(Breach(message)), Some(key)) => assert!(message.starts_with(&format!("{key}: ")), "{query}: {message}"),
        (outcome, key) => panic!("{query}: {outcome:?}, expected {key:?}"),
    };
    let query = |campaign: &str, start: &str, end: &str| {
        format!("campaignId={campaign}&startTime={start}&endTime={end}&granularity=hourly")
    };
    check(&query("a%20b", "2026-11-23T13:00:00Z", "2026-11-23T14:00:00Z"), None);
    check(&query("a", "2026-11-23T13%3A00%3A00Z", "2026-11-30T13:00:00%2B00:00"), None);
    check(&query("a", "2026-11-23T13:00:00Z", "2026-11-30T13:00:01Z"), Some("endTime"));
    check(&query("a", "2026-11-23T13:00:00Z", "2026-11-23T13:00:00Z"), Some("endTime"));
    check(&query("a", "2026-11-23T13:00:00+00:00", "2026-11-24T13:00:00Z"), Some("startTime"));
    check(&query("", "2026-11-23T13:00:00Z", "2026-11-23T14:00:00Z"), Some("campaignId"));
    check("campaignId=a&startTime=2026-11-23T13:00:00Z&endTime=2026-11-23T14:00:00Z", Some("granularity"));
    check("campaignId=a&campaignId=b", Some("campaignId"));
    check("page=2", Some("page"));
    check("campaignId=%ff", Some("campaignId=%ff"));
}

#[test]
fn only_client_credentials_are_granted() {
    assert_eq!(grant(b"grant_type=client_credentials"), Ok(()));
    assert_eq!(grant(b"grant_type=password"), breach("grant_type", "must be `client_credentials`"));
    assert_eq!(grant(b""), breach("grant_type", "missing"));
    assert_eq!(grant(b"grant_type=client_credentials&scope=all"), breach("scope", "unknown"));
}
