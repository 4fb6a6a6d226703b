//! What every page keeps to, whatever stands on it.

use super::*;
use crate::domain::answers::{Came, Verdict};
use crate::domain::outlook::{DayOutlook, SlotOutlook};
use crate::domain::reply::{Label, Step};
use crate::domain::report::InputFacts;
use crate::domain::shown::steers;
use crate::render::surroundings::Commands;

/// What somebody writes who would like to be more than text.
const HOSTILE: &str =
    "</svg></style><script>alert(1)</script>\"'><img src=x onerror=alert(2)>&amp;{{7*7}}\u{202e}\u{1b}[2J\0";

/// A page is sound in what it is made of: nothing runs, nothing is fetched, and everything has its words.
pub(super) fn is_sound(html: &str) {
    const TAGS: &str = "html head meta title style body header p span h1 h2 h3 ol li code nav a main section div table \
                        caption thead tbody tfoot tr th td figure figcaption svg desc text rect line path article br dl details summary \
                        dt dd footer strong";
    let body = html.replace(include_str!("../style.css").trim_end(), "");
    let mut depth = 1;
    for tag in body.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').expect("a tag that ends");
        let name = tag.split([' ', '/']).find(|name| !name.is_empty()).expect("a name");
        assert!(tag == "!doctype html" || TAGS.split_whitespace().any(|known| known == name), "<{tag}>");
        let attributes: Vec<&str> = tag.split('"').step_by(2).collect();
        assert!(attributes.iter().all(|name| !name.contains(" on") && !name.contains("src")), "<{tag}>");
        if let Some(level) = tag.strip_prefix('h').and_then(|rest| rest.chars().next()?.to_digit(10)) {
            assert!(level <= depth + 1, "headings leave out no level: <{tag}>");
            depth = level;
        }
        match name {
            "th" if !tag.starts_with('/') => assert!(tag.contains("scope="), "<{tag}>"),
            "a" if !tag.starts_with('/') => assert!(
                tag.contains("href=\"#")
                    || tag.contains("href=\"results.csv\"")
                    || tag.contains("href=\"summary.json\""),
                "<{tag}>"
            ),
            _ => {}
        }
    }
    assert!(html.contains("content=\"default-src 'none'; style-src 'unsafe-inline'\""));
    for (opened, told) in [("<table", "<caption"), ("<svg role=\"img\"", "<desc"), ("<figure>", "<figcaption")] {
        assert_eq!(html.matches(opened).count(), html.matches(told).count(), "{opened} and {told}");
    }
    let ids: Vec<&str> = values(html, "id=\"");
    for id in values(html, "aria-labelledby=\"").iter().flat_map(|ids| ids.split(' ')) {
        assert_eq!(ids.iter().filter(|known| *known == &id).count(), 1, "{id}");
    }
    assert!(!html.chars().any(|c| steers(c) && c != '\n'), "nothing steers");
}

fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    html.split(&format!(" {attribute}")).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn what_comes_from_outside_is_text_and_nothing_else() {
    let mut night = Night::quiet();
    let row = ResultRow {
        input: HOSTILE,
        line: Some(1),
        record_id: HOSTILE,
        campaign: HOSTILE,
        phone: Phone::AsRead(HOSTILE),
        detail: HOSTILE.into(),
        ..ResultRow::default()
    };
    for status in [Status::Rejected, Status::Failed, Status::InDoubt, Status::Pending, Status::SmsFailed] {
        night.uncalled.note(status, &row);
        night.report.by_status.insert(status, 1);
    }
    for campaign in night.hours.iter_mut().flatten() {
        campaign.name = HOSTILE.to_owned();
    }
    night.report.inputs = vec![InputFacts { name: HOSTILE.into(), bytes: 1, sha256: Some(HOSTILE.into()), rows: 1 }];
    night.report.by_code.insert(HOSTILE.to_owned(), 1);
    night.around.halt = Some(HOSTILE.to_owned());
    night.around.commands = Commands::naming(format!(" --config '{HOSTILE}'"));
    let html = night.page();
    is_sound(&html);
    let told = html.matches("&lt;script&gt;alert(1)&lt;&#x2f;script&gt;").count();
    assert!(told > 20, "{told}");
    assert!(html.contains("&amp;amp;{{7*7}}"), "nothing is taken for a template, or for escaped already");
}

/// Fifty campaigns of two days, a day of requests, and five examples of all that can go wrong with the longest words.
#[test]
fn a_page_of_a_million_rows_stays_below_a_megabyte() {
    let mut night = Night::quiet();
    let long = "é\"/".repeat(2000);
    let faults = Fault::ALL.iter().map(|&fault| ([fault].into_iter().collect(), None));
    let codes = Code::ALL.iter().map(|&code| (Faults::default(), Some(code)));
    for (faults, code) in codes.chain(faults) {
        for _ in 0..40 {
            let row = ResultRow {
                input: &long,
                line: Some(1_000_000),
                record_id: "ivr-20261123-1000000",
                campaign: "billing-east-and-a-little-more",
                phone: Phone::AsRead("+12025550198"),
                start: Some(at(0).spelled()),
                end: Some(at(HOUR).spelled()),
                faults,
                code,
                detail: long[..150].into(),
                ..ResultRow::default()
            };
            night.uncalled.note(Status::Rejected, &row);
            night.uncalled.note(Status::Failed, &row);
        }
    }
    night.report.by_status.insert(Status::Failed, 680_000);
    let slot = |hour: i64| {
        let (agents, capacity, expected_calls) = (123.5, 1235.0, 1034.7);
        SlotOutlook { start: at(hour * HOUR), agents, capacity, expected_calls, before: 100, added: 312, above: 211 }
    };
    let campaign = |number: usize| CampaignOutlook {
        name: format!("billing-east-{number:04}"),
        zone: None,
        unplaced: BTreeMap::from([("forecast.empty", 3)]),
        day: DayOutlook((0..48).map(slot).collect()),
        beside: DayOutlook::default(),
    };
    night.hours = Some((0..50).map(campaign).collect());
    let mut traffic = Traffic::default();
    for minute in 0..20_000 {
        traffic.left(Duration::from_secs(minute * 60));
        traffic.turned_away(Duration::from_secs(minute * 60));
    }
    night.traffic = Some(traffic);
    for status in 100..1000 {
        night.report.answers.count(Step::Contact, Came::Answer(Label(status)), Verdict::InDoubt);
    }
    let html = night.page();
    is_sound(&html);
    assert_eq!(html.matches("data-of=\"added\"").count(), 50 * 48);
    assert!(html.contains(" kinds of answers more"));
    assert_eq!(html.matches("<svg role=\"img\"").count(), 50 + 3, "every campaign has its picture");
    assert!(html.len() < 1_000_000, "{} bytes", html.len());
    night.hours = Some((0..1200).map(campaign).collect());
    let html = night.page();
    assert_eq!(html.matches("<svg role=\"img\"").count(), 50 + 3);
    assert!(html.contains("and 650 campaigns more"));
    assert!(html.len() < 1_100_000, "{} bytes", html.len());
}
