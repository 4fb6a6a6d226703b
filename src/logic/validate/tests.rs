use super::rules::RulesSpec;
use super::*;
use crate::domain::fault::details;
use crate::domain::row::{Broken, Text};
use proptest::prelude::*;

/// A row that is a callback, to be broken in one way or another.
fn good() -> RawFields<'static> {
    RawFields {
        phone: bytes(b"+12025550198"),
        start: bytes(b"2026-11-23T13:00:00Z"),
        end: bytes(b"2026-11-23T15:00:00Z"),
        campaign: bytes(b"a1b2"),
        language: bytes(b"en-US"),
        id: bytes(b"r-1"),
        unfit: Vec::new(),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "a field is an option, and tests read better without the wrapping")]
fn bytes(text: &[u8]) -> Option<Text<'_>> {
    Some(Cow::Borrowed(text))
}

fn new_york() -> Rules {
    Rules::new(&RulesSpec { timezone: Some("America/New_York"), ..RulesSpec::default() }).expect("rules")
}

fn anywhere() -> Rules {
    Rules::new(&RulesSpec::default()).expect("rules")
}

fn judged<'a>(fields: RawFields<'a>, rules: &Rules) -> Verdict<'a> {
    row(&RawRow { line: 2, raw: b"", fields: Ok(fields) }, rules)
}

fn accepted<'a>(fields: RawFields<'a>, rules: &Rules) -> Accepted<'a> {
    match judged(fields, rules) {
        Verdict::Accepted(accepted) => accepted,
        Verdict::Rejected(rejected) => panic!("{}", details(&rejected.findings)),
    }
}

fn rejected<'a>(fields: RawFields<'a>, rules: &Rules) -> Rejected<'a> {
    match judged(fields, rules) {
        Verdict::Accepted(accepted) => panic!("{accepted:?}"),
        Verdict::Rejected(rejected) => *rejected,
    }
}

/// A good row with some fields changed has these codes; none where it is a callback.
fn check(change: impl FnOnce(&mut RawFields<'static>), rules: &Rules, codes: &str) {
    let mut fields = good();
    change(&mut fields);
    let found = match judged(fields, rules) {
        Verdict::Accepted(_) => String::new(),
        Verdict::Rejected(rejected) => Faults::of(&rejected.findings).to_string(),
    };
    assert_eq!(found, codes);
}

#[test]
fn a_good_row_is_a_callback() {
    let accepted = accepted(good(), &anywhere());
    assert_eq!(accepted.phone.reveal(), "+12025550198");
    assert_eq!(accepted.window.start().rfc3339(), "2026-11-23T13:00:00Z");
    assert_eq!(accepted.window.end().rfc3339(), "2026-11-23T15:00:00Z");
    assert_eq!((accepted.campaign.as_ref(), accepted.record_id.as_ref()), ("a1b2", "r-1"));
    assert_eq!((accepted.language.as_str(), accepted.language_warning), ("en-US", None));
    assert_eq!(accepted.offset_minutes, 0);
    assert!(matches!(accepted.campaign, Cow::Borrowed(_)), "nothing is copied without need");
}

#[test]
fn every_field_has_its_verdicts() {
    let rules = anywhere();
    check(|row| row.phone = None, &rules, "phone.missing");
    check(|row| row.phone = bytes(b" \t"), &rules, "phone.missing");
    check(|row| row.phone = bytes(b"call me"), &rules, "phone.unparseable");
    check(|row| row.phone = bytes(b"+24312345697"), &rules, "phone.invalid");
    check(|row| row.start = None, &rules, "time.missing");
    check(|row| row.end = bytes("\u{a0}".as_bytes()), &rules, "time.missing");
    check(|row| row.start = bytes(b"tomorrow at 3"), &rules, "time.unparseable");
    check(|row| row.end = bytes(b"2026-02-30T10:00:00Z"), &rules, "time.unparseable");
    check(|row| row.start = bytes(b"2026-11-23T13:00:00"), &rules, "time.no_offset");
    check(|row| row.campaign = None, &rules, "campaign.missing");
    check(|row| row.campaign = bytes(b"  "), &rules, "campaign.missing");
    check(|row| row.campaign = Some(Cow::Owned(vec![b'x'; 256])), &rules, "");
    check(|row| row.campaign = Some(Cow::Owned(vec![b'x'; 257])), &rules, "row.too_long");
    for garbled in [&b"\xff"[..], b"ok\x80"] {
        check(|row| row.phone = bytes(garbled), &rules, "row.encoding");
        check(|row| row.start = bytes(garbled), &rules, "row.encoding");
        check(|row| row.end = bytes(garbled), &rules, "row.encoding");
        check(|row| row.campaign = bytes(garbled), &rules, "row.encoding");
        check(|row| row.language = bytes(garbled), &rules, "");
        check(|row| row.id = bytes(garbled), &rules, "");
    }
}

#[test]
fn what_is_no_text_is_no_field() {
    let rules = anywhere();
    for (field, codes) in [
        (Field::Phone, "row.malformed"),
        (Field::Start, "row.malformed"),
        (Field::End, "row.malformed"),
        (Field::Campaign, "row.malformed"),
        (Field::Language, ""),
        (Field::Id, ""),
    ] {
        check(|row| row.unfit = vec![(field, "an object")], &rules, codes);
    }
    let fields = RawFields { campaign: bytes(b"{}"), unfit: vec![(Field::Campaign, "an object")], ..good() };
    let rejected = rejected(fields, &rules);
    assert_eq!(details(&rejected.findings), "campaignId: an object stands there instead of a text");
    assert_eq!((rejected.seen.phone.as_ref(), rejected.seen.campaign.as_ref()), ("+12025550198", ""));
}

#[test]
fn a_campaign_has_no_control_characters_and_a_record_id_is_shown_without() {
    let rules = anywhere();
    for (campaign, codes) in [
        ("a\0b", "row.malformed"),
        ("a\nb", "row.malformed"),
        ("a\u{1b}[2Jb", "row.malformed"),
        ("a\u{85}b", "row.malformed"),
        ("a1b2\0", "row.malformed"),
        ("\na1b2\r\n", ""),
        ("\u{a0}Söder & Co\t", ""),
    ] {
        check(|row| row.campaign = bytes(campaign.as_bytes()), &rules, codes);
    }
    let broken = RawFields { campaign: bytes(b"a\nb\x1b"), ..good() };
    let rejected = rejected(broken, &rules);
    let words = "campaignId: a\u{fffd}b\u{fffd} has a control character in it, U+000A";
    assert_eq!(details(&rejected.findings), words);
    assert_eq!(rejected.seen.campaign, "a b ");
    let accepted = accepted(RawFields { id: bytes(b"r\0-\n1\x1b[m"), ..good() }, &rules);
    assert_eq!(accepted.record_id, "r - 1 [m");
}

#[test]
fn a_window_has_a_width() {
    let rules = anywhere();
    for (end, codes) in [
        ("2026-11-23T12:59:59Z", "window.reversed"),
        ("2026-11-23T13:00:00Z", "window.reversed"),
        ("2026-11-23T13:00:01Z", "window.too_short"),
        ("2026-11-23T13:59:59.999Z", "window.too_short"),
        ("2026-11-23T14:00:00Z", ""),
        ("2026-11-23T18:00:00+01:00", ""),
        ("2026-11-23T17:00:00Z", ""),
        ("2026-11-23T17:00:01Z", "window.too_long"),
        ("9999-12-31T23:59:59Z", "window.too_long"),
    ] {
        check(|row| row.end = bytes(end.as_bytes()), &rules, codes);
    }
}

#[test]
fn times_without_an_offset_are_of_the_zone_that_is_set() {
    let rules = new_york();
    for (start, end, codes) in [
        ("2026-11-23T08:00:00", "2026-11-23T10:00:00", ""),
        ("2026-11-23 08:00", "2026-11-23T15:00:00Z", ""),
        ("2026-03-08T02:30:00", "2026-03-08T04:30:00", "time.nonexistent"),
        ("2026-03-08T01:30:00", "2026-03-08T03:30:00", ""),
        ("2026-11-01T01:30:00", "2026-11-01T03:30:00", "time.ambiguous"),
        ("2026-11-01T01:30:00-04:00", "2026-11-01T03:30:00", ""),
        ("2026-03-08T02:30:00", "2026-11-01T01:30:00", "time.nonexistent;time.ambiguous"),
        ("9999-12-31T16:00:00", "9999-12-31T18:00:00", ""),
        ("9999-12-31T22:00:00", "9999-12-31T23:30:00", "time.unparseable"),
        ("9999-12-31T18:59:59", "9999-12-31T19:00:00", "time.unparseable"),
    ] {
        check(|row| (row.start, row.end) = (bytes(start.as_bytes()), bytes(end.as_bytes())), &rules, codes);
    }
    let tokyo = Rules::new(&RulesSpec { timezone: Some("Asia/Tokyo"), ..RulesSpec::default() }).expect("rules");
    check(|row| row.start = bytes(b"0000-01-01T08:00:00"), &tokyo, "time.unparseable");
}

#[test]
fn the_offset_of_the_start_is_kept() {
    for (start, offset_minutes) in [
        ("2026-11-23T08:00:00", -300),
        ("2026-11-23T13:00:00Z", 0),
        ("2026-11-23T18:30:00+05:30", 330),
        ("2026-11-23T05:00:00-08", -480),
    ] {
        let fields = RawFields { start: bytes(start.as_bytes()), ..good() };
        let accepted = accepted(fields, &new_york());
        assert_eq!(accepted.window.start().rfc3339(), "2026-11-23T13:00:00Z", "{start}");
        assert_eq!(accepted.offset_minutes, offset_minutes, "{start}");
    }
}

#[test]
fn vancouver_no_longer_sets_its_clocks_back() {
    let rules = Rules::new(&RulesSpec { timezone: Some("America/Vancouver"), ..RulesSpec::default() }).expect("rules");
    let fields = RawFields { start: bytes(b"2026-11-23T10:00:00"), end: bytes(b"2026-11-23T12:00:00"), ..good() };
    let accepted = accepted(fields, &rules);
    assert_eq!(accepted.window.start().rfc3339(), "2026-11-23T17:00:00Z");
    assert_eq!(accepted.offset_minutes, -420);
}

#[test]
fn other_shapes_of_times_are_read_where_they_are_set() {
    let formats = ["%m/%d/%Y %I:%M %p".to_owned(), "%d.%m.%Y %H:%M %z".to_owned()];
    let spec = RulesSpec { timezone: Some("America/New_York"), time_formats: &formats, ..RulesSpec::default() };
    let rules = Rules::new(&spec).expect("rules");
    for (start, codes) in [
        ("11/23/2026 08:00 AM", ""),
        ("23.11.2026 14:00 +0100", ""),
        ("2026-11-23T13:00:00Z", ""),
        ("23/11/2026 08:00 AM", "time.unparseable"),
        ("03/08/2026 02:30 AM", "time.nonexistent"),
    ] {
        check(|row| row.start = bytes(start.as_bytes()), &rules, codes);
    }
}

#[test]
fn all_faults_of_a_row_are_given_in_one_order() {
    let fields = RawFields {
        phone: bytes(b"\xff"),
        start: bytes(b"soon"),
        end: None,
        campaign: bytes(b""),
        language: bytes(b"english please"),
        id: bytes(b" r-9 "),
        unfit: Vec::new(),
    };
    let rejected = rejected(fields, &anywhere());
    assert_eq!(
        Faults::of(&rejected.findings).to_string(),
        "time.unparseable;time.missing;campaign.missing;row.encoding"
    );
    let expected = "requestedStart: soon is not a date and time as in 2026-11-23T10:00:00-05:00; \
                   validation.time_formats adds shapes; requestedEnd: missing; campaignId: missing; phoneNumber: not UTF-8";
    assert_eq!(details(&rejected.findings), expected);
    assert_eq!(rejected.seen.record_id, "r-9");
    assert_eq!(rejected.seen.phone, "\u{fffd}");
    check(
        |row| {
            (row.phone, row.end) = (bytes(b"0"), bytes(b"2026-11-23T13:10:00Z"));
            row.campaign = None;
        },
        &anywhere(),
        "phone.unparseable;window.too_short;campaign.missing",
    );
}

#[test]
fn a_rejected_row_tells_what_could_be_read() {
    let fields = RawFields { phone: bytes(b" (202) 555-0198 "), end: bytes(b"2026-11-23T12:00:00Z"), ..good() };
    let rejected = rejected(fields, &anywhere());
    let seen = &rejected.seen;
    assert_eq!((seen.phone.as_ref(), seen.campaign.as_ref()), ("+12025550198", "a1b2"));
    assert_eq!(seen.language.as_ref().map(LanguageTag::as_str), Some("en-US"));
    assert_eq!(seen.window_start.map(Timestamp::rfc3339).as_deref(), Some("2026-11-23T13:00:00Z"));
    assert_eq!(seen.window_end.map(Timestamp::rfc3339).as_deref(), Some("2026-11-23T12:00:00Z"));
}

#[test]
fn a_language_that_cannot_be_had_is_the_default_with_a_warning() {
    for (language, tag, warning) in [
        (bytes(b"es-mx"), "es-MX", None),
        (None, "en-US", Some(Warning::LanguageMissing)),
        (bytes(b" "), "en-US", Some(Warning::LanguageMissing)),
        (bytes(b"en_US"), "en-US", Some(Warning::LanguageMalformed)),
        (bytes(b"\xff"), "en-US", Some(Warning::LanguageMalformed)),
    ] {
        let accepted = accepted(RawFields { language, ..good() }, &anywhere());
        assert_eq!((accepted.language.as_str(), accepted.language_warning), (tag, warning));
    }
}

#[test]
fn blanks_around_a_field_are_no_part_of_it_and_long_ids_are_cut() {
    let fields = RawFields {
        phone: bytes("\u{a0}'+12025550198 ".as_bytes()),
        start: bytes(b" 2026-11-23T13:00:00Z\r"),
        campaign: bytes(b"\ta1b2 "),
        id: Some(Cow::Owned(vec![b'x'; 300])),
        ..good()
    };
    let accepted = accepted(fields, &anywhere());
    assert_eq!((accepted.campaign.as_ref(), accepted.record_id.len()), ("a1b2", 256));
}

#[test]
fn a_record_that_could_not_be_taken_apart_keeps_its_fault() {
    for fault in [Fault::RowMalformed, Fault::RowTooLong, Fault::RowEncoding] {
        let broken = Broken { fault, detail: "no closing quote".to_owned() };
        let Verdict::Rejected(rejected) = row(&RawRow { line: 7, raw: b"\"", fields: Err(broken) }, &anywhere()) else {
            panic!("a broken record is no callback");
        };
        assert_eq!(rejected.findings, [Finding::new(fault, "no closing quote")]);
        assert_eq!(rejected.seen.phone, "");
    }
}

#[test]
fn debug_output_never_shows_a_number() {
    let verdicts = [judged(good(), &anywhere()), judged(RawFields { end: None, ..good() }, &anywhere())];
    for verdict in verdicts {
        assert!(!format!("{verdict:?}").contains("2025550198"), "{verdict:?}");
    }
    let wrong = RawFields { phone: bytes(b"1202555019812345678"), ..good() };
    assert_eq!(format!("{:?}", judged(wrong, &anywhere())), r#"Rejected(Rejected("phone.unparseable"))"#);
}

fn any_field() -> impl Strategy<Value = Option<Text<'static>>> {
    let bytes = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..40),
        ".{0,40}".prop_map(String::into_bytes),
        "[-+0-9T:Z ]{0,30}".prop_map(String::into_bytes),
    ];
    proptest::option::of(bytes.prop_map(Cow::Owned))
}

proptest! {
    #[test]
    fn no_row_is_too_strange(
        (phone, start, end) in (any_field(), any_field(), any_field()),
        (campaign, language, id) in (any_field(), any_field(), any_field()),
    ) {
        let fields = RawFields { phone, start, end, campaign, language, id, unfit: Vec::new() };
        if let Verdict::Rejected(rejected) = judged(fields, &new_york()) {
            prop_assert!(!rejected.findings.is_empty());
            for finding in rejected.findings {
                prop_assert!(!finding.detail().chars().any(char::is_control), "{}", finding.detail());
                prop_assert!(finding.detail().chars().count() < 200, "{}", finding.detail());
            }
        }
    }
}
