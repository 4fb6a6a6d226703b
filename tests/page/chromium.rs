//! A browser that opens a page, and what it says of it.

use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// What a browser made of a page.
#[derive(Debug)]
pub(crate) struct Seen {
    /// The page as it stands after everything has happened.
    pub(crate) dom: String,
    /// What was written to the console: errors, and what the page's policy forbade.
    pub(crate) console: Vec<String>,
    /// What the page asked for; what the browser asks on its own behalf is not among it.
    pub(crate) asked: Vec<String>,
}

/// Opens a page. Nothing that it might ask for outside this machine can be found.
pub(crate) fn open(page: &Path) -> Seen {
    let place = TempDir::new().unwrap();
    let (log, errors) = (place.path().join("net.json"), place.path().join("errors"));
    let mut browser = Command::new("chromium");
    browser.args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]);
    browser.args(["--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"]);
    browser.args(["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--enable-logging=stderr"]);
    browser.arg(format!("--user-data-dir={}", place.path().join("profile").display()));
    browser.arg(format!("--log-net-log={}", log.display()));
    browser.args(["--virtual-time-budget=2000", "--dump-dom"]).arg(format!("file://{}", page.display()));
    browser.stdin(Stdio::null()).stderr(File::create(&errors).unwrap());
    let output = browser.output().unwrap_or_else(|error| {
        let is_missing = error.kind() == ErrorKind::NotFound;
        assert!(!is_missing, "there is no `chromium` to open the page with: `.ci/run` installs it");
        panic!("chromium: {error}")
    });
    let told = std::fs::read(&errors).unwrap();
    let told = String::from_utf8_lossy(&told);
    assert!(output.status.success(), "{told}");
    let console = told.lines().filter(|line| line.contains("CONSOLE")).map(str::to_owned).collect();
    Seen { dom: String::from_utf8(output.stdout).unwrap(), console, asked: asked(&log) }
}

/// The addresses that a page asked for, by the browser's own record. What has no origin is the browser's.
fn asked(log: &Path) -> Vec<String> {
    let log: Value = serde_json::from_slice(&std::fs::read(log).unwrap()).expect("a record that was finished");
    let requests = log["events"].as_array().expect("events").iter().map(|event| &event["params"]);
    let requests = requests.filter(|request| request["url"].is_string() && request["initiator"].is_string());
    let of_the_page = requests.filter(|request| request["initiator"] != "not an origin");
    of_the_page.map(|request| request["url"].as_str().unwrap().to_owned()).collect()
}
