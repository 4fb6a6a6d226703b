//! What is read of the platform's export, however it is written.

use std::collections::BTreeMap;

use super::contacts::{ContactField, Export, Exporting, read};
use crate::io::read::ReadOptions;
use crate::logic::validate::rules::{Rules, RulesSpec};
use crate::pipeline::error::RunError;

fn export(name: &str, bytes: &[u8], map: &[(ContactField, &str)]) -> Result<Export, RunError> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("writes");
    let map: BTreeMap<ContactField, String> =
        map.iter().map(|(field, column)| (*field, (*column).to_owned())).collect();
    let form = Rules::new(&RulesSpec::default()).expect("rules");
    let (names, options) = ([path.display().to_string()], ReadOptions::default());
    read(&Exporting { names: &names, map: &map, options: &options, form: &form, threads: 1 })
}

/// Each contact as its line, id, phone, campaign, time and fault, by line; then the unreadable rows.
fn told(export: &Export) -> Vec<String> {
    let contacts = &export.contacts;
    let mut all: Vec<_> = contacts.all().iter().collect();
    all.sort_by_key(|contact| contact.row);
    let contact = |contact: &&crate::logic::reconcile::contact::Contact| {
        let phone = contact.phone.map_or_else(|| "-".to_owned(), crate::domain::phone::E164::reveal);
        let at = contact.at.map_or_else(|| "-".to_owned(), crate::domain::time::Timestamp::rfc3339);
        let (line, key) = (contact.row.line(), contact.key.text());
        let told = format!("{line} {key} {phone} {} {at} {}", contacts.campaign(contact), contacts.fault(contact));
        told.trim_end().to_owned()
    };
    let unreadable = export.unreadable.iter().map(|(row, why)| format!("{} {why}", row.line()));
    all.iter().map(contact).chain(unreadable).collect()
}

#[track_caller]
fn check(name: &str, text: &str, expected: &[&str]) {
    let export = export(name, text.as_bytes(), &[]).expect("reads");
    assert_eq!(told(&export), expected, "{text}");
    assert_eq!(export.rows, expected.len() as u64);
    assert_eq!(export.files[0].rows, export.rows);
}

const LINE: &str = "194c33ee-72c2-591b-92ab-b071e07b2a7f +12025550198 a1b2 2026-11-23T13:00:00Z";

const JSON: &str = r#"{"phone":"+12025550198","extra":{"phone":1},"campaignId":"a1b2","scheduledStartDateTime":"2026-11-23T14:00:00+01:00","contactId":"194c33ee-72c2-591b-92ab-b071e07b2a7f"}"#;

#[test]
fn contacts_are_read_however_they_are_written() {
    let head = "contactId,campaignId,phone,scheduledStartDateTime";
    let line = format!("2 {LINE}");
    for row in [
        "194c33ee-72c2-591b-92ab-b071e07b2a7f,a1b2,+12025550198,2026-11-23T13:00:00Z",
        "194C33EE-72C2-591B-92AB-B071E07B2A7F, a1b2 ,(202) 555-0198,2026-11-23T08:00:00.5-05:00",
        "\"194c33ee-72c2-591b-92ab-b071e07b2a7f\",\"a1b2\",\"tel:+1-202-555-0198\",2026-11-23 13:00Z",
    ] {
        check("contacts.csv", &format!("{head}\r\n{row}\r\n"), &[&line]);
    }
    let marked = format!("\u{feff}{head}\r\nc-1,a1b2,+12025550198,2026-11-23T13:00:00.999Z\r\n");
    check("contacts.csv", &marked, &["2 c-1 +12025550198 a1b2 2026-11-23T13:00:00Z"]);
    let wide: Vec<u8> = [0xfeff].into_iter().chain(marked.encode_utf16().skip(1)).flat_map(u16::to_le_bytes).collect();
    let export = export("contacts.csv", &wide, &[]).expect("reads");
    assert_eq!((told(&export), export.rows), (vec!["2 c-1 +12025550198 a1b2 2026-11-23T13:00:00Z".to_owned()], 1));
    let turned = "status;Phone;lang;SCHEDULED START DATE TIME;locale;campaign_id;contact-id\n\
                  new;+12025550198;x;20261123T130000Z;y;a1b2;194c33ee-72c2-591b-92ab-b071e07b2a7f\n";
    check("export", turned, &[&line]);
    check("contacts.ndjson", JSON, &[&format!("1 {LINE}")]);
}

#[test]
fn what_cannot_be_read_is_told_and_costs_itself_alone() {
    let text = "contactId,campaignId,phone,scheduledStartDateTime\n\
                c-1,a1b2,unknown,2026-11-23T13:00:00Z\n\
                c-2,a1b2,+12025550198,soon\n\
                c-3,,+12025550198,\n\
                c-4,a1b2\n\
                ,a1b2,,2026-11-23T13:00:00Z\n\
                ,a1b2,+12025550198,2026-11-23T13:00:00Z\n";
    let shape = "is not a date and time as in 2026-11-23T10:00:00-05:00; validation.time_formats adds shapes";
    check(
        "contacts.csv",
        text,
        &[
            "2 c-1 - a1b2 2026-11-23T13:00:00Z phone: unknown is not a phone number: it has letters",
            &format!("3 c-2 +12025550198 a1b2 - scheduledStartDateTime: soon {shape}"),
            "4 c-3 +12025550198  - scheduledStartDateTime: missing; campaignId: missing",
            "7  +12025550198 a1b2 2026-11-23T13:00:00Z",
            "5 2 fields found, 4 expected",
            "6 phone: missing",
        ],
    );
    check(
        "contacts.ndjson",
        &format!("{{}}\n[1]\n{{\"contactId\":7}}\n{JSON}\n"),
        &[
            "3 7 -  - phone: missing; scheduledStartDateTime: missing; campaignId: missing",
            &format!("4 {LINE}"),
            "1 phone: missing; scheduledStartDateTime: missing; campaignId: missing",
            "2 invalid type: sequence, expected a JSON object",
        ],
    );
    check("contacts.csv", "contactId,campaignId,phone,scheduledStartDateTime\n", &[]);
}

/// What is shown of a campaign that cannot be read may look like the one that is meant.
#[test]
fn a_campaign_that_cannot_be_read_is_nobodys() {
    let long = "a".repeat(256);
    for (campaign, fault) in [
        (format!("{long}b"), "campaignId: 257 bytes long, 256 at most"),
        ("a1\u{1}b2".to_owned(), "campaignId: a1\u{fffd}b2 has a control character in it, U+0001"),
    ] {
        let text =
            format!("contactId,campaignId,phone,scheduledStartDateTime\nc-1,{campaign},+12025550198,2026-11-23T13:00Z");
        let told = format!("2 c-1 +12025550198  2026-11-23T13:00:00Z {fault}");
        check("contacts.csv", &text, &[&told]);
    }
}

#[test]
fn a_column_that_is_not_there_is_named_as_the_platform_names_it() {
    let told = |text: &str, map: &[(ContactField, &str)]| {
        export("contacts.csv", text.as_bytes(), map).expect_err("not readable").to_string()
    };
    let lacks = told("contactId,campaignId,phone,scheduled\n", &[]);
    assert!(lacks.contains("no column for scheduledStartDateTime; columns found: contactId"), "{lacks}");
    assert!(lacks.contains("--map FIELD=COLUMN") && !lacks.contains("requestedStart"), "{lacks}");
    let lacks = told("Contact ID,ANI,skill\n", &[(ContactField::Campaign, "skill")]);
    assert!(lacks.contains("no column for phone, scheduledStartDateTime; columns found: Contact ID"), "{lacks}");
    let lacks = told("contactId,campaignId,phone,scheduledStartDateTime\n", &[(ContactField::Phone, "tel")]);
    assert!(lacks.contains("--map phone=tel: there is no such column"), "{lacks}");
    let twice = told("contactId,campaignId,phone,phone,scheduledStartDateTime\n", &[]);
    assert!(twice.contains("--map phone=phone: several columns"), "{twice}");
}

/// Lines of JSON have no header, and are judged by the first of them.
#[test]
fn a_key_that_no_contact_has_is_named_as_a_column_is() {
    let told = |text: &str, map: &[(ContactField, &str)]| {
        export("contacts.ndjson", text.as_bytes(), map).expect_err("not readable").to_string()
    };
    let other = JSON.replace("scheduledStartDateTime", "when").replace("contactId", "Key");
    let lacks = told(&other, &[]);
    assert!(lacks.contains("no column for contactId, scheduledStartDateTime; columns found:"), "{lacks}");
    let lacks = told(&other, &[(ContactField::Id, "Key"), (ContactField::At, "/At/last")]);
    assert!(lacks.contains("--map scheduledStartDateTime=/At/last: there is no such column"), "{lacks}");
    // One of them has it: the others are told of by themselves.
    let mixed = export("contacts.ndjson", format!("{other}\n{JSON}\n").as_bytes(), &[]).expect("reads");
    assert_eq!((mixed.rows, mixed.unreadable.len()), (2, 0));
}

#[test]
fn an_export_of_callbacks_is_told_from_contacts() {
    let row = ["+12025550198", "2026-11-23T13:00:00Z", "2026-11-23T15:00:00Z", "a1b2"];
    for names in [
        ["phoneNumber", "requestedStart", "requestedEnd", "campaignId"],
        ["phone", "window_start", "WINDOW END", "campaign"],
    ] {
        let csv = format!("{}\n{}\n", names.join(";"), row.join(";"));
        let object: serde_json::Map<String, serde_json::Value> =
            names.into_iter().zip(row).map(|(name, text)| (name.to_owned(), text.into())).collect();
        for (name, text) in [("x.csv", csv), ("x.ndjson", serde_json::Value::from(object).to_string())] {
            let words = export(name, text.as_bytes(), &[]).expect_err("no contacts").to_string();
            assert!(words.contains("looks like an export of callbacks") && words.contains("--input"), "{words}");
        }
    }
    // Contacts that carry the wish along are contacts, whatever else is wrong with them.
    let carried = "contactId,phone,campaignId,requestedStart,requestedEnd\n";
    let words = export("x.csv", carried.as_bytes(), &[]).expect_err("no time").to_string();
    assert!(words.contains("no column for scheduledStartDateTime"), "{words}");
}

#[test]
fn columns_and_keys_of_other_names_are_mapped() {
    let map = [
        (ContactField::Id, "Id"),
        (ContactField::Campaign, "skill"),
        (ContactField::Phone, "ANI"),
        (ContactField::At, "when"),
    ];
    let text = "ANI,when,skill,Id\n+12025550198,2026-11-23T13:00:00Z,a1b2,194c33ee-72c2-591b-92ab-b071e07b2a7f\n";
    assert_eq!(told(&export("contacts.csv", text.as_bytes(), &map).expect("reads")), [format!("2 {LINE}")]);
    let map = [(ContactField::Id, "/contact/id"), (ContactField::At, "/contact/at")];
    let text = r#"{"phone":"+12025550198","campaignId":"a1b2","contact":{"at":"2026-11-23T13:00:00Z","id":"194c33ee-72c2-591b-92ab-b071e07b2a7f"}}"#;
    assert_eq!(told(&export("x.ndjson", text.as_bytes(), &map).expect("reads")), [format!("1 {LINE}")]);
}

#[test]
fn names_of_fields_are_found_however_they_are_written() {
    for &field in ContactField::ALL {
        for name in [field.name().to_owned(), field.name().to_uppercase(), field.name().replace("Id", "_id")] {
            assert_eq!(ContactField::of_name(&name), Some(field), "{name}");
        }
    }
    assert_eq!(ContactField::of_name("phoneNumber"), None);
}
