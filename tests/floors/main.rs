//! The floors of the house: a module names its own folder or a lower floor, and what a floor must not know it
//! does not name. The source is read as words, without comments and text; tests inside it keep the rules too.
#![cfg(test)]

mod seams;
mod words;

use std::path::{Path, PathBuf};

use words::words;

/// The floors, lowest first.
const FLOORS: [&str; 6] = ["domain", "logic", "render", "io", "pipeline", "cli"];

/// Houses of their own: they name nothing of ringback's, and only the command line names them.
const APART: [&str; 2] = ["sandbox", "sample"];

/// What all folders of `io` may name, for it touches nothing outside by itself; it names none of them.
const TOOLS: [&str; 3] = ["client", "crash", "state"];

/// What values and rules must not know: clocks, waiting, the disk, the network, file formats.
const WORLD: [&str; 16] = [
    "tokio",
    "serde",
    "serde_json",
    "reqwest",
    "rusqlite",
    "rayon",
    "tracing",
    "SystemTime",
    "time::Instant",
    "Utc::now",
    "Local::now",
    "now_v7",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
];

/// The domain does not wait either.
const WAITING: [&str; 2] = ["async", "await"];

/// Where a word of the world is allowed all the same: what is rendered as JSON is written with a library.
const ALLOWED: [(&str, &str); 4] =
    [("logic", "serde"), ("logic", "serde_json"), ("render", "serde"), ("render", "serde_json")];

#[test]
fn modules_name_their_own_folder_or_a_lower_floor() {
    let faults: Vec<String> = sources().iter().flat_map(|(file, text)| faults(file, text)).collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_file_is_read() {
    let files = sources();
    assert!(files.len() > 100);
    for floor in FLOORS.iter().chain(&APART) {
        assert!(files.iter().any(|(file, _)| file.starts_with(floor)), "{floor}");
    }
    let named: usize = files.iter().map(|(file, text)| named(file, &words(text)).len()).sum();
    assert!(named > 300, "the house names itself more often than {named} times");
}

#[test]
fn an_import_that_points_up_or_sideways_is_caught() {
    let check = |file: &str, text: &str, caught: bool| {
        let faults = faults(Path::new(file), text);
        assert_eq!(!faults.is_empty(), caught, "{file}: {text}: {faults:?}");
    };
    check("domain/phone.rs", "use crate::domain::row::Field;", false);
    check("domain/phone.rs", "use crate::logic::group;", true);
    check("domain/phone.rs", "// use crate::logic::group;\n/* crate::io /* nested */ crate::cli */", false);
    check(
        "domain/phone.rs",
        "const WORDS: &str = \"crate::logic::group\"; const RAW: &str = r#\"crate::io \"x\" \"#;",
        false,
    );
    check("domain/phone.rs", "fn f<'a>(c: char) -> bool { c == '\"' || crate::cli::g(c) }", true);
    check("logic/group.rs", "use crate::{domain::{row::Row, time}, io::{clock, ledger}};", true);
    check("logic/group.rs", "use crate::{domain::{row::Row, time}, logic::place};", false);
    check("logic/place/mod.rs", "use super::super::pipeline::run;", true);
    check("logic/place/board.rs", "use super::super::text;", false);
    check("logic/place/board.rs", "mod tests { use super::super::super::super::io::clock; }", true);
    check("logic/place/board.rs", "mod tests { use super::{super::super::super::domain::time, *}; }", false);
    check("io/ledger/writer.rs", "use crate::io::clock::Clock;", true);
    check("io/ledger/writer.rs", "use super::super::read;", true);
    check("io/ledger/writer.rs", "use crate::io::ledger::sqlite; use super::schema;", false);
    check("io/clock.rs", "use super::write;", true);
    check("io/clock.rs", "use crate::render::table;", true);
    check("render/table.rs", "use crate::logic::settle;", false);
    check("logic/settle.rs", "use crate::render::table;", true);
    check("render/table.rs", "std::fs::read(path)", true);
    check("io/ledger/lock.rs", "use crate::io::crash::{self, Point};", false);
    check("io/client.rs", "use super::platform;", true);
    check("pipeline/run.rs", "use crate::cli::stop::Stop;", true);
    check("pipeline/run.rs", "use crate::sandbox::server::Sandbox;", true);
    check("cli/work.rs", "use crate::sandbox::server::Sandbox;", false);
    check("sandbox/store.rs", "use crate::domain::phone::E164;", true);
    check("sample/row.rs", "use crate::{sample, sandbox};", true);
    check("sample/row.rs", "pub(crate) use super::random; pub(in crate::sample) fn f() {}", false);
    check("lib.rs", "use crate::cli;", false);
    check("domain/time.rs", "fn now() -> X { chrono::Utc::now() }", true);
    check("domain/time.rs", "use std::time::{Duration, Instant};", true);
    check("domain/time.rs", "#[derive(serde::Serialize)] struct X;", true);
    check("domain/time.rs", "async fn f() {}", true);
    check("domain/time.rs", "use std::{fmt, fs};", true);
    check("logic/retry.rs", "tokio::time::sleep(wait)", true);
    check("logic/retry.rs", "serde_json::to_string(&x)", false);
}

/// Every source file, by its path from `src`.
fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    let read = |file: PathBuf| {
        let text = std::fs::read_to_string(&file).unwrap();
        (file.strip_prefix(&root).unwrap().to_owned(), text)
    };
    files.into_iter().map(read).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// What a file names and must not.
fn faults(file: &Path, text: &str) -> Vec<String> {
    let (from, words) = (module(file), words(text));
    let mut faults = Vec::new();
    for to in named(file, &words).iter().filter(|to| !may_name(&from, to)) {
        faults.push(format!("{} names {}", file.display(), to.join("::")));
    }
    let Some(floor) = from.first().filter(|floor| ["domain", "logic", "render"].contains(&floor.as_str())) else {
        return faults;
    };
    let waiting = if floor == "domain" { &WAITING[..] } else { &[] };
    let barred = WORLD.iter().chain(waiting).filter(|word| !ALLOWED.contains(&(floor, word)));
    let foreign = paths(&words);
    for word in barred {
        let parts: Vec<&str> = word.split("::").collect();
        if foreign.iter().any(|path| path.windows(parts.len()).any(|window| window == parts)) {
            faults.push(format!("{} names {word}", file.display()));
        }
    }
    faults
}

/// Whether a module may name another; both are paths from the root, without `crate`.
fn may_name(from: &[String], to: &[String]) -> bool {
    let (Some(here), Some(there)) = (from.first(), to.first()) else { return true };
    let floor = |name: &String| FLOORS.iter().position(|floor| floor == name);
    match (floor(here), floor(there)) {
        // What something looks like is nothing to whoever touches the world.
        (Some(_), Some(_)) if here == "io" && there == "render" => false,
        (Some(here), Some(there)) if here != there => there < here,
        // One outside thing a folder, and folders do not name one another.
        (Some(_), Some(_)) if here == "io" => {
            to.get(1).is_none_or(|to| from.get(1) == Some(to) || TOOLS.contains(&to.as_str()))
        }
        (Some(_), Some(_)) => true,
        (_, None) if APART.contains(&there.as_str()) => here == there || here == "cli",
        // The root names all; an item of the root's own is none of the floors'.
        (None, _) => !APART.contains(&here.as_str()),
        (Some(_), None) => false,
    }
}

/// The module that a file holds: `io/read/mod.rs` is `io::read`; the root's own files have no floor.
fn module(file: &Path) -> Vec<String> {
    let mut parts: Vec<String> = file.with_extension("").iter().map(|part| part.to_string_lossy().into()).collect();
    if parts.last().is_some_and(|last| last == "mod") || parts.len() == 1 {
        parts.pop();
    }
    parts
}

/// The modules of the crate that are named, by `crate`, `super` and `self`, from the root on.
fn named(file: &Path, words: &[String]) -> Vec<Vec<String>> {
    let mut inside = module(file);
    let (mut depth, mut opened, mut found) = (0_usize, Vec::new(), Vec::new());
    for (at, word) in words.iter().enumerate() {
        let before = at.checked_sub(1).map_or("", |before| &words[before]);
        match word.as_str() {
            "{" => {
                depth += 1;
                if at > 1 && words[at - 2] == "mod" {
                    inside.push(before.to_owned());
                    opened.push(depth);
                }
            }
            "}" => {
                if opened.last() == Some(&depth) {
                    opened.pop();
                    inside.pop();
                }
                depth = depth.saturating_sub(1);
            }
            "crate" | "super" | "self" if before != "::" => {
                found.extend(leaves(&words[at..]).iter().filter_map(|path| resolve(&inside, path)));
            }
            _ => {}
        }
    }
    found
}

/// A path as it is written, from the root on; none where it goes nowhere.
fn resolve(inside: &[String], path: &[&str]) -> Option<Vec<String>> {
    let mut at = if path[0] == "crate" { Vec::new() } else { inside.to_vec() };
    if path.len() < 2 {
        return None;
    }
    for part in path {
        match *part {
            "crate" | "self" => {}
            "super" => drop(at.pop()),
            part => at.push(part.to_owned()),
        }
    }
    Some(at)
}

/// The paths that begin with the first word: one, or those of a tree of braces.
fn leaves(words: &[String]) -> Vec<Vec<&str>> {
    let mut paths = Vec::new();
    grow(words, &mut Vec::new(), &mut paths);
    paths
}

/// Follows one path or tree, and says how many words it took.
fn grow<'a>(words: &'a [String], stem: &mut Vec<&'a str>, paths: &mut Vec<Vec<&'a str>>) -> usize {
    let mut at = 0;
    let length = stem.len();
    loop {
        match words.get(at).map(String::as_str) {
            Some("{") => {
                at += 1;
                while words.get(at).is_some_and(|word| word != "}") {
                    at += grow(&words[at..], stem, paths).max(1);
                }
                at += 1;
                break;
            }
            Some(word) if is_name(word) || word == "*" => stem.push(word),
            _ => break,
        }
        at += 1;
        if words.get(at).is_none_or(|word| word != "::") {
            paths.push(stem.clone());
            break;
        }
        at += 1;
    }
    stem.truncate(length);
    at
}

/// All paths of a file, trees spread out.
fn paths(words: &[String]) -> Vec<Vec<&str>> {
    let begins = |at: usize| is_name(&words[at]) && (at == 0 || words[at - 1] != "::");
    (0..words.len()).filter(|&at| begins(at)).flat_map(|at| leaves(&words[at..])).collect()
}

fn is_name(word: &str) -> bool {
    word.starts_with(|first: char| first.is_alphabetic() || first == '_')
}
