//! `ringback doctor`: what is wrong is found before a run meets it, and nothing is done by looking.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::export::{csv, wish, wishes};
use crate::platform::{CONTACT, FORECAST, TEXT, TOKEN};
use crate::stage::{Ended, SECRET, Stage, files};

/// What was found, by what was looked at.
struct Found(Value);

impl Found {
    #[track_caller]
    fn of(ended: &Ended) -> Self {
        let told: Value = serde_json::from_str(&ended.stdout).expect("JSON and nothing else");
        assert_eq!(told["exit_code"], ended.code);
        Self(told)
    }

    /// The state of one thing, with what was found and what is to be mended.
    #[track_caller]
    fn at(&self, what: &str) -> (&str, String) {
        let checks = self.0["checks"].as_array().unwrap();
        let check = checks.iter().find(|check| check["what"].as_str().unwrap().starts_with(what));
        let check = check.unwrap_or_else(|| panic!("{what} is not in {:#}", self.0));
        (check["state"].as_str().unwrap(), format!("{} {}", check["found"], check["mend"]))
    }

    #[track_caller]
    fn is(&self, what: &str, state: &str, words: &[&str]) {
        let (found, told) = self.at(what);
        assert_eq!(found, state, "{told}");
        for word in words {
            assert!(told.contains(word), "{word} is not in {told}");
        }
    }
}

fn doctor(stage: &Stage, code: i32) -> Found {
    Found::of(&stage.ringback(&["doctor", "--json", "--campaign", "billing-east"]).with(code))
}

const SCOPES: [&str; 3] = ["outbound:forecast:read", "outbound:contact:write", "messaging:session:write"];

#[test]
fn all_is_well_and_four_requests_create_nothing() {
    let stage = Stage::calm();
    let found = doctor(&stage, 0);
    for what in ["settings", "clock", "ledger", "credentials", "texts", "disk"] {
        found.is(what, "ok", &[]);
    }
    for scope in SCOPES {
        found.is(&format!("scope {scope}"), "ok", &[]);
    }
    let state = stage.state();
    assert_eq!([TOKEN, FORECAST, CONTACT, TEXT].map(|path| state.asked(path)), [1; 4]);
    assert_eq!((state.asked_in_all(), state.contacts().len(), state.texts().len()), (4, 0, 0));
    assert!(!stage.path("ringback.db").exists(), "no ledger is made");
    let quiet = stage.ringback(&["doctor", "-q", "--campaign", "billing-east"]).with(0);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    stage.ringback(&["doctor"]).with(0).says(&["ringback doctor: all is well\n", "what lacks a campaign is refused"]);
}

#[test]
fn credentials_and_scopes_are_told_apart() {
    let stage = Stage::calm().with("CXONE_CLIENT_SECRET", "guessed");
    let found = doctor(&stage, 77);
    found.is("credentials", "failed", &["platform.client_id", "secret"]);
    for scope in SCOPES {
        found.is(&format!("scope {scope}"), "not_checked", &["token"]);
    }
    stage.ringback(&["doctor"]).with(77).says(&["to mend: 1;", "not looked at: 3"]);
    let fast = ("RINGBACK_PLATFORM_REQUESTS_PER_MINUTE", "6000");
    let stage = stage.with("CXONE_CLIENT_SECRET", SECRET).with(fast.0, fast.1);
    for missing in SCOPES {
        stage.faults(&json!({ "missing_scopes": [missing] }));
        for campaign in [&["--campaign", "billing-east"][..], &[]] {
            let found = Found::of(&stage.ringback(&[&["doctor", "--json"], campaign].concat()).with(77));
            found.is("credentials", "ok", &[]);
            for scope in SCOPES {
                let state = if scope == missing { "failed" } else { "ok" };
                found.is(&format!("scope {scope}"), state, &[]);
            }
            found.is(&format!("scope {missing}"), "failed", &[&format!("lack the scope {missing}")]);
        }
    }
}

/// What is taken where it has to be refused is no sign of a scope.
#[test]
fn a_platform_that_takes_all_it_is_sent_is_looked_at() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let stage = Stage::calm();
    let stage = stage.with("RINGBACK_PLATFORM_BASE_URL", &format!("http://{}", listener.local_addr().unwrap()));
    let bodies = std::thread::spawn(move || [(); 4].map(|()| taken(&listener)));
    let found = doctor(&stage, 0);
    for scope in &SCOPES[1..] {
        found.is(&format!("scope {scope}"), "warning", &["took an empty request", "base_url"]);
    }
    assert_eq!(bodies.join().unwrap()[2..], ["{}", "{}"], "there is nothing in it of which anything could be made");
}

/// Takes a request, and gives its body.
fn taken(listener: &TcpListener) -> String {
    let (line, _) = listener.accept().unwrap();
    let mut lines = BufReader::new(&line);
    let (mut head, mut length) = (String::new(), 0);
    while lines.read_line(&mut head).unwrap() > 2 {
        let told = head.to_ascii_lowercase();
        length = told.strip_prefix("content-length: ").map_or(length, |told| told.trim().parse().unwrap());
        head.clear();
    }
    let mut body = vec![0; length];
    lines.read_exact(&mut body).unwrap();
    let all = r#"{"access_token": "t", "forecast": [], "contactId": "c", "sessionId": "s"}"#;
    let length = all.len();
    write!(
        &line,
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{all}"
    )
    .unwrap();
    String::from_utf8(body).unwrap()
}

#[test]
fn hours_in_which_nobody_can_be_called_are_told() {
    let closed = "[hours.default]\ntimezone = \"America/New_York\"\nmon-sun = []\n";
    let stage = Stage::calm().tables(closed);
    doctor(&stage, 0).is("opening hours", "warning", &["never open", "window.outside_hours", "hours.default"]);
    let open = "[hours.shop]\ntimezone = \"America/New_York\"\nmon = [\"08:00-20:00\"]\n";
    doctor(&stage.tables(&format!("{closed}{open}")), 0).is("opening hours", "ok", &["closed by [hours.default]"]);
}

#[test]
fn settings_and_addresses_that_are_wrong_are_78_and_silence_is_4() {
    let stage = Stage::calm();
    stage.put("ringback.toml", "[platform]\nconcurency = 3\n");
    doctor(&stage, 78).is("settings", "failed", &["ringback.toml:2", "concurency"]);
    let stage = Stage::new(json!({ "redirect": "1@token" }));
    doctor(&stage, 78).is("credentials", "failed", &["base_url"]);
    let nobody = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let stage = Stage::calm().with("RINGBACK_PLATFORM_BASE_URL", &format!("http://{nobody}"));
    doctor(&stage, 4).is("credentials", "failed", &["could not be sent", "network"]);
}

#[test]
fn a_ledger_that_is_held_damaged_or_elsewhere_is_found() {
    let stage = Stage::new(json!({ "latency_ms": 200 }));
    stage.export("night.csv", &wishes(40));
    let mut first = stage.start(&["night.csv", "--concurrency", "1"]);
    first.until(|state| state.asked(CONTACT) > 0);
    doctor(&stage, 75).is("ledger's lock", "failed", &["--wait"]);
    first.kill();
    let found = doctor(&stage, 0);
    found.is("pending", "warning", &["resume"]);
    found.is("ledger", "ok", &["sound"]);
    let stage = stage.with("CXONE_CLIENT_ID", "another-shop");
    doctor(&stage, 78).is("ledger", "ok", &["sound"]);
    let found = stage.ringback(&["doctor"]).with(78);
    found.says(&["belongs to", "another-shop", "--ledger"]);
    let stage = Stage::calm().with("RINGBACK_LEDGER", "nowhere/ringback.db");
    doctor(&stage, 74).is("ledger", "failed", &["nowhere/ringback.db", "--ledger"]);
}

/// A run that could not write would send nothing and end with 74: also for root, whom no mode keeps out.
#[test]
fn a_ledger_that_this_user_may_not_write_is_found() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(1));
    stage.run(&["night.csv"]).with(0);
    let lock = stage.path("ringback.db.lock");
    std::fs::rename(&lock, stage.path("kept")).unwrap();
    std::fs::create_dir(&lock).unwrap();
    let found = doctor(&stage, 74);
    found.is("ledger's files", "failed", &["may not write", "ringback.db.lock", "chown"]);
    stage.run(&["night.csv"]).with(74).says(&["ringback.db.lock"]);
    std::fs::remove_dir(&lock).unwrap();
    std::fs::rename(stage.path("kept"), &lock).unwrap();
    doctor(&stage, 0).is("ledger", "ok", &["sound"]);
}

#[test]
fn a_ledger_that_was_there_is_missed() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(2));
    stage.run(&["night.csv"]).with(0);
    for file in ["ringback.db", "ringback.db-wal", "ringback.db-shm"] {
        let _ = std::fs::remove_file(stage.path(file));
    }
    doctor(&stage, 78).is("ledger's past", "failed", &["has a ledger already", "backup", "ledger adopt --as new"]);
    std::fs::remove_file(stage.path("ringback.db.lock")).unwrap();
    doctor(&stage, 78).is("ledger's past", "failed", &["has a ledger already"]);
    stage.ringback(&["ledger", "adopt", "--as", "new"]).with(0);
    doctor(&stage, 0).is("ledger", "ok", &["is sound"]);
}

#[test]
fn pages_that_are_damaged_are_found() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(40));
    stage.run(&["night.csv"]).with(0);
    let path = stage.path("ringback.db");
    // A page that nothing reads unasked: the root of the requests' bytes.
    let ledger = rusqlite::Connection::open(&path).unwrap();
    let root = "SELECT rootpage FROM sqlite_master WHERE name = 'bodies'";
    let root: usize = ledger.query_row(root, [], |row| row.get::<_, u32>(0)).unwrap().try_into().unwrap();
    drop(ledger);
    let mut bytes = std::fs::read(&path).unwrap();
    for byte in &mut bytes[(root - 1) * 4096..root * 4096] {
        *byte ^= 0x5a;
    }
    std::fs::write(&path, bytes).unwrap();
    doctor(&stage, 74).is("ledger", "failed", &["damaged", "backup"]);
}

#[test]
fn what_waits_for_a_person_is_told_and_nothing_is_changed() {
    let stage = Stage::new(json!({ "cut_after": "1@sms" }));
    let mut customers = wishes(3);
    customers[2].language = "fr-CA".into();
    stage.put("night.csv", csv(&customers));
    stage.run(&["night.csv"]).with(5);
    let read =
        || files(&stage.path("")).into_iter().map(|path| (std::fs::read(&path).unwrap(), path)).collect::<Vec<_>>();
    let before = read();
    let found = Found::of(&stage.ringback(&["doctor", "--json"]).with(0));
    assert!(before == read(), "by looking nothing is changed, made or left behind");
    found.is("in doubt", "warning", &["3 callbacks", "settle"]);
    found.is("templates", "warning", &["fr-CA (1)", "sms.templates"]);
    found.is("scope outbound:forecast:read", "ok", &[&wish(0).campaign]);
    // The same copied elsewhere may lack what was done since.
    let copy = Stage::calm();
    std::fs::copy(stage.path("ringback.db"), copy.path("ringback.db")).unwrap();
    let copy = copy.with("RINGBACK_PLATFORM_BASE_URL", &stage.sandbox().base_url());
    doctor(&copy, 78).is("ledger's past", "failed", &["no .lock", "adopt --as copy", "adopt --as original"]);
}

#[test]
fn a_secret_for_all_to_read_is_told_and_never_shown() {
    let stage = Stage::calm().with("CXONE_CLIENT_SECRET", "").tables("[platform]\nclient_secret_file = \"secret\"\n");
    stage.put("secret", SECRET);
    std::fs::set_permissions(stage.path("secret"), std::fs::Permissions::from_mode(0o644)).unwrap();
    let ended = stage.ringback(&["doctor", "-vv"]).with(0);
    ended.says(&["warn", "secret file", "chmod 600"]);
    let stage = stage.with("CXONE_CLIENT_ID", "guessed");
    let ended = stage.ringback(&["doctor", "-vv"]).with(77);
    assert!(!format!("{}{}", ended.stdout, ended.stderr).contains(SECRET));
}

/// Nobody is told to change the mode of a folder or a device.
#[test]
fn a_secret_that_lies_in_no_file_is_told_as_what_it_is() {
    for (place, words) in [("/dev/null", "a pipe or a device"), (".", "is a folder")] {
        let table = format!("[platform]\nclient_secret_file = \"{place}\"\n");
        let stage = Stage::calm().with("CXONE_CLIENT_SECRET", "").tables(&table);
        let ended = stage.ringback(&["doctor"]).with(78);
        assert!(!ended.stdout.contains("chmod"), "{}", ended.stdout);
        ended.says(&["secret file", words, "FAIL  credentials"]);
    }
}

#[test]
fn a_rehearsal_can_be_looked_over_too() {
    let stage = Stage::calm();
    let ended = stage.ringback(&["doctor", "--sandbox", "--campaign", "a1b2"]).with(0);
    ended.says(&["all that could be looked at is well; not looked at: 1\n", "a forecast for a1b2"]);
    let scope = "missing_scopes=[\"outbound:forecast:read\"]";
    stage.ringback(&["doctor", "--sandbox", "--campaign", "a1b2", "--fault", scope]).with(77).says(&["FAIL"]);
    assert_eq!(stage.state().asked_in_all(), 0);
}
