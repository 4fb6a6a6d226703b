//! Any text in a time field: where other readers of the same standards take it too, they read the same instant.

use std::borrow::Cow;
use std::sync::LazyLock;

use chrono::{DateTime, FixedOffset};
use ringback::domain::row::{RawFields, RawRow};
use ringback::domain::shown::steers;
use ringback::domain::time::Timestamp;
use ringback::logic::validate::format::TimeFormat;
use ringback::logic::validate::rules::{Rules, RulesSpec};
use ringback::logic::validate::{self, Verdict};

static STRICT: LazyLock<Option<Rules>> = LazyLock::new(|| Rules::new(&RulesSpec::default()).ok());

/// Judges the text as a time; then the first line as a shape, and the rest as a time in it.
pub fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Some(rules) = &*STRICT {
        let ours = judged(&text, rules);
        agrees(text.trim(), ours);
        spelled_again(ours, rules);
    }
    if let Some((shape, text)) = text.split_once('\n') {
        shaped(shape, text);
    }
}

/// What a row whose start says this begins at.
fn judged(text: &str, rules: &Rules) -> Option<Timestamp> {
    let fields = RawFields { start: Some(Cow::Borrowed(text.as_bytes())), ..RawFields::default() };
    match validate::row(&RawRow { line: 1, raw: &[], fields: Ok(fields) }, rules) {
        Verdict::Accepted(accepted) => panic!("a start alone is a callback: {accepted:?}"),
        Verdict::Rejected(rejected) => {
            assert!(rejected.findings.iter().all(|finding| !finding.detail().chars().any(steers)));
            rejected.seen.window_start
        }
    }
}

/// RFC 3339 as chrono and jiff read it: who takes a time takes the same instant, and what chrono takes is taken.
fn agrees(text: &str, ours: Option<Timestamp>) {
    let chrono = DateTime::parse_from_rfc3339(text).ok();
    // Of an instant before 1970 jiff cuts a fraction towards 1970, and chrono towards the past, as ringback does.
    let jiff = text.parse::<jiff::Timestamp>().ok().filter(|at| at.subsec_nanosecond() >= 0);
    let theirs = [chrono.map(|at| at.timestamp()), jiff.map(jiff::Timestamp::as_second)];
    for theirs in theirs.into_iter().flatten().filter(|_| ours.is_some()) {
        assert_eq!(ours.map(Timestamp::unix), Some(theirs), "{text:?}");
    }
    if let Some(theirs) = chrono.filter(|theirs| is_spellable(text, *theirs)) {
        assert_eq!(ours.map(Timestamp::unix), Some(theirs.timestamp()), "{text:?} is a time by RFC 3339");
    }
}

/// Whether a time of chrono's is one that ringback says it takes: of a year with four digits, no 60th second,
/// nine digits of a fraction at most, and a minus that is a hyphen.
fn is_spellable(text: &str, theirs: DateTime<FixedOffset>) -> bool {
    let fraction = text.split_once('.').map_or("", |(_, behind)| behind);
    Timestamp::from_unix(theirs.timestamp()).unix() == theirs.timestamp()
        && theirs.timestamp_subsec_nanos() < 1_000_000_000
        && fraction.bytes().take_while(u8::is_ascii_digit).count() <= 9
        && text.is_ascii()
}

/// A time as ringback writes it is the same time.
fn spelled_again(ours: Option<Timestamp>, rules: &Rules) {
    if let Some(at) = ours {
        assert_eq!(judged(&at.rfc3339(), rules), Some(at), "{}", at.rfc3339());
    }
}

/// A shape of the settings, where it is one, and what chrono reads by it.
fn shaped(shape: &str, text: &str) {
    if TimeFormat::new(shape).is_err() {
        return;
    }
    let time_formats = [shape.to_owned()];
    let spec = RulesSpec { time_formats: &time_formats, timezone: Some("UTC"), ..RulesSpec::default() };
    let rules = Rules::new(&spec).unwrap_or_else(|error| panic!("{shape:?}: {error}"));
    let Some(ours) = judged(text, &rules) else { return };
    let iso = STRICT.as_ref().and_then(|strict| judged(text, strict));
    if let Ok(theirs) = DateTime::parse_from_str(text.trim(), shape)
        && iso.is_none()
    {
        assert_eq!(ours.unix(), theirs.timestamp(), "{text:?} in {shape:?}");
    }
}
