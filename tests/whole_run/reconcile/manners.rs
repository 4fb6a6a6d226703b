//! How the command takes what it is given, and how it ends.

use super::{Contact, Found, csv};
use crate::export::{ndjson, wishes};
use crate::stage::Stage;

fn done() -> Stage {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(3));
    stage.run(&["night.csv"]).with(0);
    stage.put_contacts("contacts.csv");
    stage
}

const FILES: [&str; 4] = ["--input", "night.csv", "--platform", "contacts.csv"];

#[test]
fn agreement_is_silent_where_nobody_wants_to_hear_it() {
    let stage = done();
    stage.reconcile(&FILES).with(0).says(&["agree", "matched", "input: 3 rows = 3 in the ledger"]);
    let quiet = stage.reconcile(&[&FILES[..], &["-q"]].concat()).with(0);
    assert_eq!((quiet.stdout, quiet.stderr), (String::new(), String::new()));
    let json = stage.reconcile(&[&FILES[..], &["--json"]].concat()).with(0).stdout;
    assert_eq!(json, std::fs::read_to_string(stage.path("rec/reconciliation.json")).unwrap());
    stage.put("contacts.csv", "contactId,campaignId,phone,scheduledStartDateTime\n");
    let nobody = stage.reconcile(&[&FILES[..], &["-q"]].concat()).with(3);
    nobody.says(&["missing_on_platform", "the platform's export has not one contact"]);
    let row = &Found::read(&stage).rows[0];
    assert_eq!((row.at("input"), row.at("line").parse::<u64>().is_ok()), ("night.csv", true));
    assert_eq!((row.at("platform_contact_id"), row.at("platform_dispatch_at")), ("", ""));
}

/// Whatever stands there may be a contact that nobody knows.
#[test]
fn a_row_that_cannot_be_read_is_no_agreement() {
    let stage = done();
    let text = std::fs::read_to_string(stage.path("contacts.csv")).unwrap();
    stage.put("contacts.csv", [text.as_bytes(), b"\xff\xfe,\"half\nof a record\n"].concat());
    let ended = stage.reconcile(&FILES).with(3);
    ended.says(&["contacts.csv line 5: not a contact", "rows of the platform's export cannot be read", "2 unreadable"]);
    let found = Found::read(&stage);
    assert_eq!((found.count("matched"), found.count("unreadable"), found.rows.len()), (3, 2, 5));
    assert!(found.rows[4].at("detail").ends_with("(contacts.csv line 6)"), "{:?}", found.rows[4]);
    // However many there are: each is told with its line, and counted.
    let lines: Vec<String> = (0..500).map(|number| format!("{number}")).collect();
    stage.put("contacts.csv", format!("{text}{}", lines.join("\n")));
    stage.reconcile(&FILES).with(3).says(&["contacts.csv line 24: not a contact", "480 more rows", "500 unreadable"]);
    let found = Found::read(&stage);
    let told: Vec<&str> =
        found.rows.iter().filter(|row| row.at("finding") == "unreadable").map(|row| row.at("detail")).collect();
    for (line, detail) in (5..).zip(&told) {
        assert!(
            detail.contains("not a contact") && detail.ends_with(&format!("(contacts.csv line {line})")),
            "{detail}"
        );
    }
    assert_eq!((told.len(), &found.sums["platform"]["rows"]), (500, &503.into()));
}

/// A contact that was there before the ledger is dialled when the platform says; its customer may know that time.
#[test]
fn the_time_of_a_contact_that_existed_is_the_platforms() {
    let stage = done();
    stage.ringback(&["ledger", "adopt", "--as", "new", "--ledger", "new.db"]).with(0);
    stage.run(&["night.csv", "--ledger", "new.db"]).with(5);
    stage.report().all("sms_in_doubt", "contact.existed");
    let contacts: Vec<_> = stage.state().contacts().iter().map(|one| Contact::of(one).later(7)).collect();
    stage.put("contacts.csv", csv(&contacts));
    let compare = |code| {
        stage.reconcile(&[&FILES[..], &["--ledger", "new.db"]].concat()).with(code);
        Found::read(&stage)
    };
    let found = compare(0);
    assert_eq!(found.count("matched"), 3);
    assert!(found.rows.iter().all(|row| row.at("detail").contains("there before this ledger")), "{:?}", found.rows);
    // A person's word about the text says nothing about the time.
    let ids = stage.ids();
    stage.ringback(&["settle", "--ledger", "new.db", "--as", "sent", &ids[0], &ids[1]]).with(0);
    stage.ringback(&["settle", "--ledger", "new.db", "--as", "not-sent", &ids[2]]).with(0);
    assert_eq!(compare(0).count("matched"), 3);
}

/// Nobody knows that it agrees.
#[test]
fn a_field_that_cannot_be_read_differs_and_is_told_in_its_words() {
    let stage = done();
    let head = "phone,scheduledStartDateTime,contactId,campaignId";
    let rows = std::fs::read_to_string(stage.path("contacts.csv")).unwrap();
    let row: Vec<&str> = rows.lines().nth(1).unwrap().split(',').collect();
    for (cell, text, finding, unread, words) in [
        (1, "teatime", "time_differs", "whose time cannot be read", "scheduledStartDateTime: teatime is not a date"),
        (1, "2026-13-01T10:00:00Z", "time_differs", "whose time cannot be read", "2026-13-01T10:00:00Z"),
        (1, "", "time_differs", "whose time cannot be read", "scheduledStartDateTime: missing"),
        (0, "ask at the desk", "phone_differs", "whose number cannot be read", "phone: ask at the desk is not a phone"),
        (0, "", "phone_differs", "whose number cannot be read", "phone: missing"),
        (3, "", "campaign_differs", "whose campaign cannot be read", "campaignId: missing"),
    ] {
        let mut cells = row.clone();
        cells[cell] = text;
        stage.put("contacts.csv", format!("{head}\n{}\n", cells.join(",")));
        stage.reconcile(&FILES).with(3);
        let found = Found::read(&stage);
        assert_eq!((found.count("matched"), found.count(finding), found.count("missing_on_platform")), (0, 1, 2));
        let row = found.rows.iter().find(|row| row.at("finding") == finding).unwrap();
        for words in [unread, words, "(contacts.csv line 2)"] {
            assert!(row.at("detail").contains(words), "{row:?} says {words}");
        }
        // Under an id that nobody knows it is nobody's, however near it is.
        cells[2] = "c-77";
        stage.put("contacts.csv", format!("{head}\n{}\n", cells.join(",")));
        stage.reconcile(&FILES).with(3);
        let found = Found::read(&stage);
        assert_eq!((found.count("missing_in_ledger"), found.count("missing_on_platform")), (1, 3), "{text}");
        let row = found.rows.iter().find(|row| row.at("finding") == "missing_in_ledger").unwrap();
        assert!(row.at("detail").contains(words), "{row:?} says {words}");
    }
}

#[test]
fn what_it_is_given_is_judged_before_it_is_read() {
    let stage = done();
    stage.put("other.csv", "one,two\n1,2\n");
    for (args, code, word) in [
        (&["--input", "none.csv", "--platform", "contacts.csv"][..], 66, "none.csv"),
        (&["--input", "night.csv", "--platform", "none.csv"], 66, "none.csv"),
        (&["--input", "night.csv", "--platform", "contacts.csv", "--ledger", "none.db"], 66, "none.db"),
        (&["--input", "-", "--platform", "-"], 2, "standard input"),
        (&["--input", "night.csv"], 2, "--platform"),
        (&["--platform", "contacts.csv"], 2, "--input"),
        (&["--input", "night.csv", "--platform", "night.csv"], 65, "looks like an export of callbacks"),
        (&["--input", "contacts.csv", "--platform", "contacts.csv"], 65, "takes it as --platform"),
        (&["--input", "other.csv", "--platform", "contacts.csv"], 65, "--map-input"),
        (&["--input", "night.csv", "--platform", "contacts.csv", "--map", "contactId=Id"], 65, "--map contactId=Id"),
        (&["--input", "night.csv", "--platform", "contacts.csv", "--map", "id=Id"], 2, "contactId, campaignId"),
        (&["--input", "night.csv", "--platform", "contacts.csv", "--absent-as", "retry"], 2, "--settle"),
        (&["--input", "night.csv", "--platform", "contacts.csv", "--ledger", "night.csv"], 78, "not a ledger"),
    ] {
        stage.reconcile(args).with(code).says(&[word]);
    }
    assert!(!stage.path("rec/reconciliation.csv").exists() && !stage.path("none.db").exists());
    std::fs::create_dir_all(stage.path("rec")).unwrap();
    std::fs::copy(stage.path("contacts.csv"), stage.path("rec/reconciliation.csv")).unwrap();
    let own = ["--input", "night.csv", "--platform", "rec/reconciliation.csv"];
    stage.reconcile(&own).with(2).says(&["name another --out"]);
    assert_eq!(
        std::fs::read(stage.path("rec/reconciliation.csv")).unwrap(),
        std::fs::read(stage.path("contacts.csv")).unwrap()
    );
}

/// Whoever swaps the two is told so, in either format and by whatever command reads them.
#[test]
fn contacts_and_callbacks_are_not_taken_for_one_another() {
    let stage = done();
    let contacts: Vec<String> = stage.state().contacts().iter().map(ToString::to_string).collect();
    stage.put("contacts.ndjson", contacts.join("\n"));
    stage.put("night.ndjson", ndjson(&wishes(3)));
    for (input, platform) in [("night.csv", "contacts.csv"), ("night.ndjson", "contacts.ndjson")] {
        let swapped = ["--input", platform, "--platform", input];
        stage.reconcile(&swapped).with(65).says(&[platform, "the platform's contacts", "--platform"]);
        let callbacks = ["--input", input, "--platform", input];
        stage.reconcile(&callbacks).with(65).says(&[input, "an export of callbacks", "give it as --input"]);
        stage.run(&[platform]).with(65).says(&[platform, "the platform's contacts"]);
        stage.ringback(&["validate", platform, "-o", "judged"]).with(65).says(&[platform, "the platform's contacts"]);
        stage.reconcile(&["--input", input, "--platform", platform]).with(0);
    }
    assert_eq!(stage.commands(), ["run", "run", "run"], "of which two are refused");
    // What nothing is known of is refused as a table without the columns is, and one row of use is enough.
    stage.put("odd.ndjson", "{\"a\":1}\n{\"b\":2}\n");
    stage
        .ringback(&["validate", "odd.ndjson"])
        .with(65)
        .says(&["no column for phoneNumber, requestedStart, requestedEnd, campaignId; columns found: a, b", "--map"]);
    stage.put("odd.ndjson", "{\"a\":1}\n{\"campaign\":2}\n");
    stage.ringback(&["validate", "odd.ndjson"]).with(3);
    stage.ringback(&["validate", "odd.ndjson", "--map", "phoneNumber=a"]).with(3);
}

#[test]
fn columns_of_both_sides_are_mapped_apart() {
    let stage = done();
    let renamed = |name: &str, from: &str, to: &str| {
        let text = std::fs::read_to_string(stage.path(name)).unwrap();
        stage.put(name, text.replacen(from, to, 1));
    };
    renamed("night.csv", "campaignId", "skill");
    renamed("contacts.csv", "campaignId", "list");
    stage.reconcile(&[&FILES[..], &["--map", "campaignId=list", "--map-input", "campaignId=skill"]].concat()).with(0);
}

/// Without a place of its own the report goes where those of runs go.
#[test]
fn the_report_has_a_place_where_none_is_named() {
    let stage = done();
    let ended = stage.ringback(&[&["reconcile"], &FILES[..]].concat()).with(0);
    ended.says(&["results: ringback-runs/"]);
    let folders: Vec<_> = std::fs::read_dir(stage.path("ringback-runs")).unwrap().collect();
    assert!(folders.iter().all(|folder| folder.as_ref().unwrap().path().join("reconciliation.csv").exists()));
    assert_eq!(folders.len(), 1);
}
