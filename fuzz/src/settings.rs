//! Any text as a settings file: settings or one clean sentence, and settings that are shown can be read again.

use std::path::Path;

use ringback::cli::settings::InForce;
use ringback::domain::shown::steers;

/// Where the file is said to stand.
const FILE: &str = "/here/ringback.toml";

/// Judges the bytes as a settings file.
pub fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match InForce::of_text(Path::new(FILE), &text) {
        Err(error) => {
            let told = error.to_string();
            assert!(!told.is_empty() && !told.chars().any(steers), "{told:?}");
        }
        Ok(in_force) => {
            let shown = in_force.render();
            let again = InForce::of_text(Path::new(FILE), &shown);
            let again = again.unwrap_or_else(|error| panic!("{error}\n{shown}"));
            assert_eq!(values(&in_force.to_json()), values(&again.to_json()), "{shown}");
        }
    }
}

/// The values without their origins.
fn values(shown: &serde_json::Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    collect("", shown, &mut found);
    found
}

fn collect(above: &str, shown: &serde_json::Value, found: &mut Vec<(String, String)>) {
    let Some(table) = shown.as_object() else { return };
    for (name, below) in table {
        let key = format!("{above}/{name}");
        match below.get("origin").filter(|origin| origin.is_string()) {
            Some(_) => found.push((key, below["value"].to_string())),
            None => collect(&key, below, found),
        }
    }
}
