//! The figures of a page, by the marks that they carry: `data-is` says where `summary.json` has a figure, or the parts
//! of a sum; `data-of` says of what a figure is a part.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::report::Report;

/// What stands in the elements that carry a mark: the mark, and the text.
fn marked<'a>(dom: &'a str, mark: &str) -> Vec<(&'a str, &'a str)> {
    let begin = format!(" {mark}=\"");
    let parts = dom.split(&begin).skip(1);
    let element = |part: &'a str| {
        let (value, rest) = part.split_once('"').unwrap();
        let text = rest.split_once('>').unwrap().1;
        (value, text.split('<').next().unwrap().trim())
    };
    parts.map(element).collect()
}

/// A figure as the page writes it.
fn figure(text: &str) -> f64 {
    let digits = text.replace(',', "");
    let digits = digits.split(' ').next().unwrap();
    digits.parse().unwrap_or_else(|_| panic!("{text:?} is no figure"))
}

/// The sum of what stands at these places; what is not there is none.
fn sum(summary: &Value, pointers: &str) -> f64 {
    let at = |pointer| summary.pointer(pointer).map_or(0.0, |value| value.as_f64().expect("a figure"));
    pointers.split(' ').map(at).sum()
}

/// Every figure that says where it comes from is the one that stands there.
#[track_caller]
pub(crate) fn told_are_true(dom: &str, summary: &Value) {
    let told = marked(dom, "data-is");
    assert!(told.len() > 20, "{}", told.len());
    for (pointers, text) in told {
        assert!((figure(text) - sum(summary, pointers)).abs() < 1e-9, "{pointers}: {text}");
    }
}

/// Every sum of the summary stands on the page; but for the requests where none could be made.
#[track_caller]
pub(crate) fn all_are_told(dom: &str, summary: &Value) {
    let told: Vec<&str> = marked(dom, "data-is").into_iter().map(|(pointers, _)| pointers).collect();
    let asks = dom.contains("id=\"requests\"");
    let mut wanted = vec!["/exit_code".to_owned(), "/rows".to_owned()];
    wanted.extend(["/groups", "/forecast_fetches"].map(str::to_owned).into_iter().filter(|_| asks));
    for name in ["by_status", "by_code", "warnings", "requests", "stages_ms"] {
        let figures = summary[name].as_object().unwrap().keys().filter(|_| asks || name != "requests");
        wanted.extend(figures.map(|key| format!("/{name}/{key}")));
    }
    let pending = summary["pending_contacts"].as_object().unwrap().iter().filter(|(_, count)| **count != 0);
    wanted.extend(pending.map(|(key, _)| format!("/pending_contacts/{key}")));
    for (place, _) in summary["inputs"].as_array().unwrap().iter().enumerate() {
        wanted.extend(["rows", "bytes"].map(|key| format!("/inputs/{place}/{key}")));
    }
    for (place, _) in summary["answers"].as_array().unwrap().iter().enumerate() {
        let verdicts = ["accepted", "refused", "in_doubt", "not_done"];
        wanted.extend(verdicts.map(|verdict| format!("/answers/{place}/{verdict}")));
    }
    for pointer in &wanted {
        assert!(told.contains(&pointer.as_str()), "{pointer} is not told");
    }
}

/// Parts add up to what they are parts of.
#[track_caller]
pub(crate) fn counts_add_up(dom: &str, summary: &Value) {
    let mut sums: BTreeMap<&str, f64> = BTreeMap::new();
    for (of, text) in marked(dom, "data-of") {
        *sums.entry(of).or_default() += figure(text);
    }
    let requests = "/requests/token /requests/forecast /requests/contact /requests/sms";
    for (of, told) in sums {
        let all = match of {
            "added" => continue,
            "requests" => sum(summary, requests),
            pointer => sum(summary, pointer),
        };
        assert!((told - all).abs() < 1e-9, "{of}: {told} of {all}");
    }
}

/// Callbacks that the page has in hours are the rows that this run gave a time that stands.
#[track_caller]
pub(crate) fn hours_are_those_of_the_rows(dom: &str, report: &Report) {
    let added: f64 = marked(dom, "data-of").iter().filter(|(of, _)| *of == "added").map(|(_, text)| figure(text)).sum();
    let run = report.summary["run_id"].as_str().unwrap();
    let stands = |status: &str| !["failed", "expired", "already_done", "duplicate", "rejected"].contains(&status);
    let rows = report.rows.iter().filter(|row| row.at("run_id") == run && stands(row.at("status")));
    let rows = rows.filter(|row| !row.at("dispatch_at").is_empty()).count();
    assert!(rows > 0 && (added - f64::from(u32::try_from(rows).unwrap())).abs() < 1e-9, "{added} of {rows}");
}
