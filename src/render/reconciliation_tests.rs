//! What people read of a comparison.

use hashbrown::HashMap;

use super::reconciliation::{Around, COLUMNS, Told, WrittenBack, table, to_json};
use super::surroundings::Commands;
use crate::domain::callback::{Callback, CallbackId, RowNumber, RunId};
use crate::domain::exit::ExitCode;
use crate::domain::interned::{CampaignNo, Names};
use crate::domain::outcome::Standing;
use crate::domain::phone::E164;
use crate::domain::progress::Progress;
use crate::domain::report::InputFacts;
use crate::domain::time::Timestamp;
use crate::domain::window::Window;
use crate::logic::reconcile::contact::{Contact, ContactKey, Contacts, Wish};
use crate::logic::reconcile::finding::{About, Finding, How, Kind, Scope};
use crate::logic::reconcile::known::Known;
use crate::logic::reconcile::sums::{InputSums, LedgerSums, PlatformSums, Sums};
use crate::logic::reconcile::survey::Survey;
use crate::logic::reconcile::wanted::Wanted;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_795_438_800 + seconds)
}

fn commands() -> Commands {
    Commands::naming(" --ledger l.db")
}

fn told() -> Told {
    let findings = [
        (Kind::Matched, 29),
        (Kind::TimeDiffers, 2),
        (Kind::InDoubtFound, 1),
        (Kind::TwiceOnPlatform, 1),
        (Kind::Unreadable, 1),
    ];
    let sums = Sums {
        findings: findings.into(),
        input: InputSums { rows: 39, rejected: 6, duplicate: 1, in_ledger: 32, not_in_ledger: 0 },
        ledger: LedgerSums { callbacks: 52, matched: 29, different: 3, not_expected: 0, left_out: 20 },
        platform: PlatformSums { rows: 34, unreadable: 1, matched: 29, different: 3, twice: 1, unknown: 0 },
    };
    let file = |name: &str, rows| InputFacts { name: name.into(), bytes: 3423, sha256: Some("0c".repeat(32)), rows };
    let (inputs, exports) = (vec![file("night.csv", 39)], vec![file("contacts.csv", 34)]);
    Told { sums, inputs, exports, exit_code: ExitCode::Rejected, folder: "out".into(), ..Told::default() }
}

#[test]
fn the_table_says_what_was_found_and_how_it_adds_up() {
    insta::assert_snapshot!(table(&told(), &commands()), @r"
    reconcile: there are differences
      matched                     29  the same in input, ledger and on the platform
      time_differs                 2  the platform dials at another time
      twice_on_platform            1  one more contact for the same callback
      in_doubt_found               1  was in doubt, and is there
      unreadable                   1  a row of the platform's export that is no contact
    input: 39 rows = 32 in the ledger + 6 rejected + 1 duplicate
    ledger: 52 callbacks = 29 matched + 3 different + 20 of other nights, left out
    platform: 34 rows = 29 matched + 3 different + 1 one too many + 1 unreadable
    results: out/reconciliation.csv
    next: the detail of each row says what to do; rows that are `matched` need nothing
    next: the same command with --settle decides what was in doubt
    ");
    let back = WrittenBack { sent: 1, ..WrittenBack::default() };
    let settled = table(&Told { written_back: Some(back), ..told() }, &commands());
    assert!(settled.contains("settled: 1 sent, 0 not-sent, 0 retry; 0 left in doubt"), "{settled}");
    assert!(settled.contains("ringback resume") && !settled.contains("--settle"), "{settled}");
}

/// Settled is not agreed: who is called, and who is not, has changed.
#[test]
fn what_was_settled_is_told_with_what_follows_of_it() {
    let mut told = told();
    told.sums.findings = [(Kind::Matched, 29), (Kind::InDoubtFound, 3), (Kind::InDoubtAbsent, 5)].into_iter().collect();
    told.sums.platform.unreadable = 0;
    let back = WrittenBack { sent: 3, not_sent: 4, retry: 1, left: 0, texts_in_doubt: 1 };
    let settled = Told { written_back: Some(back), ..told.clone() };
    let lines = |told: &Told| {
        let table = table(told, &commands());
        let of_interest = |line: &&str| ["reconcile", "settled", "next"].iter().any(|word| line.starts_with(word));
        table.lines().filter(of_interest).map(str::to_owned).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(lines(&settled), @r"
    reconcile: there were differences, and all of them are settled now
    settled: 3 sent, 4 not-sent, 1 retry; 0 left in doubt
    next: 2 `sent`: `ringback resume --ledger l.db` sends the texts that are owed
    next: 1 `sent`, and the text may have gone out too: look there, then `ringback settle --ledger l.db` once more
    next: 1 `retry`: `ringback resume --ledger l.db` creates their contacts
    next: 4 `not-sent`: nobody calls these customers, and no run creates their contacts, unless `ringback run --ledger l.db` is given their input with --retry-failed
    ");
    let sums: serde_json::Value = serde_json::from_str(&to_json(&settled)).expect("JSON");
    assert_eq!((&sums["differences"], &sums["open"], &sums["exit_code"]), (&8.into(), &0.into(), &3.into()));
    assert_eq!((&sums["settled"]["not_sent"], &sums["settled"]["texts_in_doubt"]), (&4.into(), &1.into()));
    let back = WrittenBack { sent: 3, left: 5, ..WrittenBack::default() };
    insta::assert_snapshot!(lines(&Told { written_back: Some(back), ..told }), @r"
    reconcile: there are differences
    settled: 3 sent, 0 not-sent, 0 retry; 5 left in doubt
    next: the detail of each row says what to do; rows that are `matched` need nothing
    next: 3 `sent`: `ringback resume --ledger l.db` sends the texts that are owed
    ");
}

#[test]
fn machines_read_every_kind_and_the_sums() {
    let value: serde_json::Value = serde_json::from_str(&to_json(&told())).expect("JSON");
    assert_eq!(value["findings"].as_object().map(serde_json::Map::len), Some(Kind::ALL.len()));
    assert_eq!((&value["findings"]["time_differs"], &value["findings"]["not_in_input"]), (&2.into(), &0.into()));
    assert_eq!((&value["differences"], &value["exit_code"]), (&5.into(), &3.into()));
    assert_eq!((&value["ledger"]["left_out"], &value["platform"]["twice"]), (&20.into(), &1.into()));
    assert_eq!((&value["settled"], &value["inputs"][0]["path"]), (&serde_json::Value::Null, &"night.csv".into()));
}

#[test]
fn a_row_says_what_each_side_has_and_where_it_stands() {
    let phone = E164::from_canonical("+12025550198").expect("a number");
    let (window, campaign) = (Window::new(at(0), at(7200)).expect("a window"), "=a1b2");
    let id = CallbackId::of(phone, window, campaign);
    let mut names = Names::default();
    names.number(campaign);
    let contact = |key: &str, seconds, line| {
        let (at, row) = (Some(at(seconds)), RowNumber::new(0, line));
        Contact { key: ContactKey::of(key), phone: Some(phone), campaign: CampaignNo(0), at, row }
    };
    let contacts = vec![contact(&id.to_string(), 120, 8), contact("@x", 90_000, 9)];
    let callbacks = [Callback::new(phone, window, RowNumber::new(0, 7))];
    let wanted = Wanted::new(&callbacks, &names, vec![(id, 0)]);
    let standing = Standing {
        progress: Progress::Confirmed,
        dispatch_at: Some(at(60)),
        contact_at: Some(at(-60)),
        ..Standing::untouched(RunId(uuid::Uuid::nil()))
    };
    let known = Known::new(id, &Wish { phone, window, campaign, dispatch_at: None }, &standing);
    let mut survey = Survey::new(Contacts::new(contacts, names.clone(), HashMap::new()), wanted);
    survey.note(&known);
    let mut reconciler = survey.end();
    assert!(reconciler.judge(known).is_none(), "a stranger has its phone");
    let (facts, mut rows) = (told(), vec![COLUMNS.join("|")]);
    let ended = reconciler.end(|reconciler, conclusion| {
        let (contacts, wanted) = (reconciler.contacts(), reconciler.wanted());
        let around = Around { contacts, wanted, inputs: &facts.inputs, exports: &facts.exports, commands: &commands() };
        rows.extend(conclusion.findings.iter().map(|finding| around.cells(conclusion, finding).join("|")));
        Ok::<_, ()>(())
    });
    assert_eq!(ended, Ok(()));
    insta::assert_snapshot!(rows.join("\n"), @r"
    finding|callback_id|phone|campaign_id|window_start|window_end|dispatch_at|platform_contact_id|platform_dispatch_at|input|line|detail
    time_differs|87366907-f4af-5335-8d2c-c8a0c6b28f0b|+12025550198|'=a1b2|2026-11-23T13:00:00Z|2026-11-23T15:00:00Z|2026-11-23T13:01:00Z|87366907-f4af-5335-8d2c-c8a0c6b28f0b|2026-11-23T13:02:00Z|night.csv|7|the ledger has 2026-11-23T13:01:00Z, the platform 2026-11-23T13:02:00Z: the customer's text names the ledger's time; move the contact, or tell the customer (contacts.csv line 8)
    missing_in_ledger||+12025550198|'=a1b2||||'@x|2026-11-24T14:00:00Z|||neither ledger nor inputs have a callback for this contact: somebody else created it, or the export holds more than ringback's contacts (contacts.csv line 9)
    ");
}

#[test]
fn what_to_do_about_a_finding_names_the_ledger() {
    let phone = E164::from_canonical("+12025550198").expect("a number");
    let (window, campaign) = (Window::new(at(0), at(7200)).expect("a window"), "a1b2");
    let id = CallbackId::of(phone, window, campaign);
    let contact = Contact {
        key: ContactKey::of("@x"),
        phone: Some(phone),
        campaign: CampaignNo(0),
        at: Some(at(0)),
        row: RowNumber::new(0, 8),
    };
    let contacts = Contacts::new(vec![contact], Names::default(), HashMap::new());
    let (open, doubted) = (Progress::ContactInFlight, Progress::ContactDoubted);
    let callback = |progress| {
        let standing = Standing { progress, ..Standing::untouched(RunId(uuid::Uuid::nil())) };
        let known = Known::new(id, &Wish { phone, window, campaign, dispatch_at: None }, &standing);
        About::Callback(Box::new(known), Scope::Input(0))
    };
    let check = |about: &About, (kind, how): (Kind, Option<How>), expected: &str| {
        let finding = Finding { kind, contact: how.map(|how| (0, how)) };
        let told = super::finding::words(about, &finding, (&contacts, &commands()));
        assert!(told.contains(expected), "{told}");
    };
    let settle = format!("`ringback settle --ledger l.db {}", id.reference());
    let finishes = "answer to its request: `ringback resume --ledger l.db` finishes it";
    check(&callback(open), (Kind::Matched, Some(How::Id)), finishes);
    let under = format!("under another id: {settle} --as sent`");
    check(&callback(doubted), (Kind::InDoubtFound, Some(How::Window)), &under);
    check(&callback(doubted), (Kind::InDoubtAbsent, None), &format!("{settle} --as not-sent`"));
    check(&About::Row(0), (Kind::MissingInLedger, None), "`ringback run --ledger l.db` with its input");
}
