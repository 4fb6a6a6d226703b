//! What the documentation says of settings is what the table of settings says.

use std::fmt::Write;
use std::path::Path;

use super::super::table::{Preset, TABLE};
use super::super::text::quote;
use super::Case;

/// Above the list in `docs/settings.md`.
const HEAD: &str = "\
# Settings

`ringback config --default` writes this list as a settings file with comments, and `ringback config` says which values are in
force and where each comes from. A flag beats an environment variable, a variable beats the file, the file beats the default.

The variable of a key is `RINGBACK_` and the key in capitals, with `_` for the dot: `RINGBACK_PLATFORM_CONCURRENCY` sets
`platform.concurrency`. It holds the value without quotes, or a list as TOML writes it. Keys with a `*` have no variable: `*` is
a name of yours. `hours.*.mon-fri` and `hours.*.sat` stand for any day or range of days from `mon` to `sun`.

| key | default | may hold | note |
|---|---|---|---|
";

/// The page, made from the table.
fn page() -> String {
    let mut page = HEAD.to_owned();
    for setting in TABLE {
        let default = match setting.preset {
            Preset::Is(value) if setting.key.ends_with('*') => format!("`en = {}`", quote(value)),
            Preset::Is(value) if setting.kind.is_text() => format!("`{}`", quote(value)),
            Preset::Is(value) => format!("`{value}`"),
            Preset::Like(_) => "not set".to_owned(),
        };
        let note = if setting.note().is_empty() { String::new() } else { format!(" {}", setting.note()) };
        let _ = writeln!(page, "| `{}` | {default} | {} |{note} |", setting.key, setting.kind.allowed());
    }
    page
}

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("a page")
}

#[test]
fn the_page_of_settings_lists_the_table() {
    let (page, written) = (page(), read("docs/settings.md"));
    assert_eq!(page, written, "docs/settings.md is to be:\n{page}");
}

#[test]
fn the_settings_that_the_readme_shows_can_be_used() {
    let readme = read("README.md");
    let shown: Vec<&str> =
        readme.split("```toml\n").skip(1).filter_map(|rest| Some(rest.split_once("```")?.0)).collect();
    assert!(!shown.is_empty());
    for text in shown {
        assert!(Case::file(text).settings().platform().is_ok(), "{text}");
    }
}
