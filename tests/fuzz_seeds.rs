//! The fuzzer's seeds through the functions that the fuzzer calls, so that no target rots unseen.
#![cfg(test)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[expect(unreachable_pub, reason = "the fuzzer calls them from a crate of its own")]
#[path = "../fuzz/src/lib.rs"]
mod targets;

/// What must hold for any bytes.
type Check = fn(&[u8]);

/// Each target by the name of its file and of its seeds' folder.
const TARGETS: [(&str, Check); 7] = [
    ("csv", targets::csv::check),
    ("ledger", targets::ledger::check),
    ("ndjson", targets::ndjson::check),
    ("phone", targets::phone::check),
    ("responses", targets::responses::check),
    ("settings", targets::settings::check),
    ("time", targets::time::check),
];

#[test]
fn every_seed_passes_its_target() {
    for (name, check) in TARGETS {
        let seeds = listed(&format!("seeds/{name}"));
        assert!(seeds.len() >= 5, "{name} has {} seeds", seeds.len());
        for seed in seeds {
            let bytes = fs::read(&seed).unwrap();
            let passed = std::panic::catch_unwind(|| check(&bytes)).is_ok();
            assert!(passed, "{}", seed.display());
        }
    }
}

#[test]
fn every_target_is_replayed() {
    let named: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let stems =
        |folder| listed(folder).iter().map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    let (targets, seeds): (BTreeSet<String>, BTreeSet<String>) = (stems("fuzz_targets"), stems("seeds"));
    assert_eq!((&named, &named), (&targets, &seeds));
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    assert!(named.iter().all(|name| manifest.contains(&format!("name = \"{name}\""))), "{manifest}");
}

/// What stands in a folder of the fuzzer's.
fn listed(folder: &str) -> Vec<PathBuf> {
    fs::read_dir(fuzz().join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}
