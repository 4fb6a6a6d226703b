//! Any bytes as an answer of the platform: understood or not, within the limits, and no secret told.
//!
//! The first line is the status, then come headers, an empty line and the body, as on the wire.

use std::time::{Duration, SystemTime};

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use ringback::domain::limits::PLATFORM_WORDS_MAX;
use ringback::domain::reply::{Reply, Step};
use ringback::domain::shown::steers;
use ringback::io::platform::v2::Reading;
use ringback::io::platform::{Answer, Secrets};

/// What the platform may echo and nobody may be told.
const SECRET: &str = "hush/hush+1";

/// Characters that stand before the platform's words at most.
const BEFORE_MAX: usize = 60;

/// The longest life of a token that is believed.
const LIFETIME_MAX: Duration = Duration::from_hours(24);

/// Understands one answer as each of the four.
pub fn check(bytes: &[u8]) {
    let answer = answer(bytes);
    let secrets = Secrets::default();
    secrets.learn(SECRET);
    let reading = Reading { answer: &answer, secrets: &secrets };
    let contact_id = done(reading.made()).and_then(|made| made.id);
    for id in contact_id.into_iter().chain(done(reading.session_id()).flatten()) {
        assert!(!id.is_empty());
        told(&id);
    }
    if let Some(hours) = done(reading.hours()) {
        assert!(hours.slots.iter().all(|slot| slot.agents.is_finite() && slot.expected_calls.is_finite()));
    }
    if let Some(grant) = done(reading.grant()) {
        assert!(grant.lifetime > Duration::ZERO && grant.lifetime <= LIFETIME_MAX, "{:?}", grant.lifetime);
    }
    for step in Step::ALL {
        done(reading.probed(step));
    }
}

fn done<T>(reply: Reply<T>) -> Option<T> {
    match reply {
        Reply::Done(answer) => return Some(answer),
        Reply::Trouble(trouble) => told(&trouble.describe()),
    }
    None
}

/// What a person sees is short, on one line, steers nothing and gives no secret away.
fn told(words: &str) {
    assert!(words.chars().count() <= PLATFORM_WORDS_MAX + BEFORE_MAX, "{words:?}");
    assert!(!words.chars().any(steers), "{words:?}");
    assert!(!words.contains(SECRET), "{words:?}");
}

/// 2026-11-23T13:00:00Z, by this machine's clock.
const CAME_AT: Duration = Duration::from_hours(498_733);

fn answer(bytes: &[u8]) -> Answer {
    let end = bytes.windows(2).position(|two| two == b"\n\n");
    let (head, body) = bytes.split_at(end.unwrap_or(bytes.len()));
    let mut lines = head.split(|byte| *byte == b'\n');
    let status = lines.next().and_then(|line| StatusCode::from_bytes(line).ok()).unwrap_or(StatusCode::OK);
    let mut headers = HeaderMap::new();
    for line in lines.take(16) {
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let value = HeaderValue::from_bytes(line.get(colon + 1..).unwrap_or_default().trim_ascii());
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(&line[..colon]), value) {
            headers.append(name, value);
        }
    }
    let body = Ok(body.get(2..).unwrap_or_default().to_vec());
    Answer { status, headers, body, came_at: SystemTime::UNIX_EPOCH + CAME_AT }
}
