//! The conservation check sees what it is there for: a report and a platform that agree, and one thing changed.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::batch::{ROWS, SENT};
use crate::conservation::{Audit, Doubts, audit};
use crate::platform::State;
use crate::report::Report;
use crate::story;

fn found(report: &Report, state: &Value, texts: &[&str]) -> [bool; 3] {
    let texts: BTreeSet<String> = texts.iter().map(ToString::to_string).collect();
    let doubts = Doubts { texts, contacts: BTreeSet::new(), contact_ids: "unique" };
    let Audit { lost, twice, wrong, .. } = audit(report, &State(state.clone()), &doubts);
    [lost, twice, wrong].map(|found| !found.is_empty())
}

#[test]
fn what_is_lost_done_twice_or_told_wrongly_is_seen() {
    let (mut report, state) = story::unkilled();
    assert_eq!((report.rows.len(), report.count("confirmed")), (ROWS, SENT - 4));
    assert_eq!(found(&report, &state, &[]), [false; 3]);
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut state = state.clone();
        change(&mut state);
        found(&report, &state, &[])
    };
    let array = |state: &mut Value, name: &str| state[name].as_array_mut().unwrap().clone();
    let (lost, twice, wrong) = ([true, false, false], [false, true, false], [false, false, true]);
    let doubled = |name: &'static str| {
        move |state: &mut Value| {
            let mut all = array(state, name);
            all.push(all[0].clone());
            state[name] = json!(all);
        }
    };
    let missing = |name: &'static str| move |state: &mut Value| state[name] = json!(array(state, name)[1..]);
    assert_eq!(changed(&doubled("texts")), twice);
    assert_eq!(changed(&doubled("contacts")), twice);
    assert_eq!(changed(&missing("texts")), [true, false, true], "its id is in the report");
    assert_eq!(changed(&missing("contacts")), lost);
    assert_eq!(changed(&|state| state["contacts"][0]["askedOtherwise"] = json!(1)), wrong);
    assert_eq!(changed(&|state| state["contacts"][0]["scheduledStartDateTime"] = json!("later")), wrong);
    assert_eq!(changed(&|state| state["contacts"][0]["contactId"] = json!("of nobody")), [true, true, false]);
    let confirmed =
        report.rows.iter().find(|row| row.at("status") == "confirmed").unwrap().at("callback_id").to_owned();
    assert_eq!(found(&report, &state, &[&confirmed]), wrong, "in flight at a kill, and told as certain");
    report.rows.truncate(ROWS - 1);
    assert!(found(&report, &state, &[])[0], "a row is missing");
}
