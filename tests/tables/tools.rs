//! pandas, Polars, `DuckDB` and pyarrow read the Parquet files, and Python's own readers the others.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::guide;
use crate::nights::Nights;

/// Names another Python than the one that `.ci/run` makes.
const VARIABLE: &str = "TABLES_PYTHON";

/// The Python that has the packages.
fn python() -> PathBuf {
    let made = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("python").join("bin/python");
    let python = std::env::var_os(VARIABLE).map_or(made, PathBuf::from);
    assert!(
        python.exists(),
        "no Python at {}: `.ci/run` makes it, or `python3 -m venv target/python && target/python/bin/pip install -r \
         tests/tables/requirements.txt`; {VARIABLE} names another",
        python.display()
    );
    python
}

/// Runs a script of Python in a folder.
fn run(script: &str, folder: &Path) {
    let ended = Command::new(python()).args(["-c", script]).current_dir(folder).output().unwrap();
    let told = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(ended.status.success(), "{}\n{}", told(&ended.stdout), told(&ended.stderr));
    assert!(!ended.stdout.is_empty(), "it says nothing");
}

#[test]
#[ignore = "needs Python with the packages of tests/tables/requirements.txt"]
fn every_tool_reads_what_the_csv_says_with_the_right_types() {
    let nights = Nights::spent();
    run(include_str!("check.py"), nights.folder());
    let examples = guide::blocks("python");
    assert_eq!(examples.len(), 3);
    for example in examples {
        run(&example, nights.folder());
    }
}
