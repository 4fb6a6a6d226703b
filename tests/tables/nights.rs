//! Two nights of a sandbox with trouble, and the tables that are made of their ledger.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A folder with `ringback.db` and `tables/`.
pub(crate) struct Nights(TempDir);

impl Nights {
    /// The first night stops early, the second goes on; refusals and lost answers are met in both.
    pub(crate) fn spent() -> Self {
        let nights = Self(TempDir::new().unwrap());
        let export = ["sample", "--rows", "400", "--seed", "11", "--now", "2026-11-23T20:00:00Z"];
        let export = nights.ringback(&export, 0);
        std::fs::write(nights.path("night.csv"), export).unwrap();
        std::fs::write(nights.path("ringback.toml"), "[retry]\nserver_error_wait = [\"1ms\", \"2ms\"]\n").unwrap();
        let run = ["run", "night.csv", "--sandbox", "--now", "2026-11-23T20:00:00Z", "--ledger", "ringback.db"];
        let faults = ["--rate", "100000", "--fault", "cut_after=0.05@sms", "--fault", "refused_phones_share=0.05"];
        let more = ["--fault", "refused_texts_share=0.05", "--fault", "seed=3"];
        let night = [&run[..], &faults, &more].concat();
        nights.ringback(&[&night[..], &["--limit", "150"]].concat(), 4);
        nights.ringback(&night, 5);
        for format in ["csv", "ndjson", "parquet"] {
            nights.ringback(&["report", "--format", format, "-o", "tables"], 0);
        }
        nights
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.0.path()
    }

    /// Does a command, which ends with this exit code, and gives what it printed.
    pub(crate) fn ringback(&self, args: &[&str], code: i32) -> Vec<u8> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ringback"));
        command.args(args).current_dir(self.folder()).env_clear().env("HOME", self.folder()).stdin(Stdio::null());
        let ended = command.output().unwrap();
        assert_eq!(ended.status.code(), Some(code), "{args:?}: {}", String::from_utf8_lossy(&ended.stderr));
        ended.stdout
    }
}
