//! What only one folder may know: a platform's statuses, scopes, paths, headers and variables its own back end, and the
//! database's library the ledger that is kept in it. Tests beside the code may name what they try.

use std::path::Path;

use super::sources;
use super::words::{texts, words};

/// Numbers that are statuses of HTTP and hardly anything else.
const STATUSES: [&str; 13] =
    ["201", "202", "204", "401", "403", "404", "408", "409", "422", "429", "502", "503", "504"];

/// Types and modules by which a status or a header is named.
const TYPES: [&str; 5] = ["StatusCode", "HeaderMap", "HeaderName", "HeaderValue", "header"];

/// What scopes, paths, headers and variables are known by in a text.
const TEXTS: [&str; 9] = [
    "outbound:",
    "messaging:",
    "/oauth",
    "/api/v",
    "Retry-After",
    "Authorization",
    "Content-Type",
    "Bearer ",
    "CXONE_",
];

/// The server of the sandbox, and how it is told what to do, speak the contract by themselves.
const OF_THE_SANDBOX: [&str; 4] = ["sandbox/", "sample/", "cli/rehearsal.rs", "cli/args_ops.rs"];

/// Folders of `io/platform` are back ends; what they share reads answers over HTTP, and judges none.
const SHARED_HTTP: &str = "io/platform/http.rs";

/// What a file names that belongs to one folder alone.
fn faults(file: &Path, text: &str) -> Vec<String> {
    let path = file.to_string_lossy();
    let is_of_tests = path.contains("tests");
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let mut faults = Vec::new();
    if is_of_tests {
        return faults;
    }
    let (words, texts) = (words(text), texts(text));
    let is_backend = path.strip_prefix("io/platform/").is_some_and(|inside| inside.contains('/'));
    let is_free = is_backend || OF_THE_SANDBOX.iter().any(|free| path.starts_with(free));
    if !is_free {
        let of_http =
            |word: &&String| TYPES.contains(&word.as_str()) && path.starts_with("io/platform") && path != SHARED_HTTP;
        let is_named = |word: &&String| STATUSES.contains(&word.as_str()) || of_http(word);
        faults.extend(words.iter().filter(is_named).map(|word| format!("{path} names {word}")));
        let told = texts.iter().filter(|text| TEXTS.iter().any(|known| text.contains(known)));
        faults.extend(told.map(|text| format!("{path} says {text}")));
    }
    if !path.starts_with("io/ledger/sqlite/") && words.iter().any(|word| word == "rusqlite") {
        faults.push(format!("{path} names rusqlite"));
    }
    faults
}

#[test]
fn what_belongs_to_one_back_end_or_one_ledger_is_named_nowhere_else() {
    let faults: Vec<String> = sources().iter().flat_map(|(file, text)| faults(file, text)).collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn what_is_named_elsewhere_is_caught() {
    let check = |file: &str, text: &str, caught: bool| {
        let faults = faults(Path::new(file), text);
        assert_eq!(!faults.is_empty(), caught, "{file}: {text}: {faults:?}");
    };
    check("logic/retry.rs", "fn f(status: u16) -> bool { status == 429 }", true);
    check("logic/retry.rs", "// a 429\nfn f() { let x = 100; }", false);
    check("pipeline/halt.rs", "const S: &str = \"outbound:contact:write\";", true);
    check("pipeline/halt.rs", "/// outbound:contact:write\nfn f() {}", false);
    check("cli/doctor/platform.rs", "fn f() { g(\"/api/v2/x\") }", true);
    check("cli/settings/uses.rs", "const V: &str = r#\"CXONE_CLIENT_ID\"#;", true);
    check("io/platform/mod.rs", "use reqwest::header::HeaderMap;", true);
    check("io/platform/http.rs", "use reqwest::header::HeaderMap;", false);
    check("io/platform/v2/verdict.rs", "fn f(status: u16) -> bool { status == 429 && g(\"outbound:\") }", false);
    check("sandbox/server.rs", "fn f() -> u16 { 429 }", false);
    check("render/table.rs", "#[cfg(test)] mod tests { const X: u16 = 429; }", false);
    check("pipeline/run.rs", "use rusqlite::Connection;", true);
    check("io/ledger/mod.rs", "fn f(e: rusqlite::Error) {}", true);
    check("io/ledger/sqlite/reader.rs", "use rusqlite::Connection;", false);
}
