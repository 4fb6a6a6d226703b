//! Where whole runs are measured: a folder with an export, and the program as it is shipped.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Instant, SystemTime};

use ringback::io::read::ReadOptions;
use ringback::logic::place;
use ringback::logic::validate::rules::{Rules, RulesSpec};
use ringback::pipeline::intake::{Intake, Reading, read_and_validate};
use ringback::pipeline::rules::{CampaignRules, Campaigns};
use ringback::sample::{SampleFormat, SampleSettings, write};
use serde_json::Value;
use tempfile::TempDir;

/// The program.
pub(crate) const RINGBACK: &str = env!("CARGO_BIN_EXE_ringback");

/// A folder with an export in it.
pub(crate) struct Stage {
    folder: TempDir,
    export: PathBuf,
}

impl Stage {
    /// With so many good rows of tomorrow's callbacks, as CSV.
    pub(crate) fn with_rows(rows: u64) -> Self {
        Self::with(rows, SampleFormat::Csv)
    }

    /// With so many good rows of tomorrow's callbacks.
    pub(crate) fn with(rows: u64, format: SampleFormat) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let export = folder.path().join(if format == SampleFormat::Csv { "export.csv" } else { "export.ndjson" });
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a time").as_secs();
        let now = i64::try_from(now).expect("a time of our days");
        let settings = SampleSettings { rows, seed: 1, broken_percent: 0.0, format, now };
        write(&settings, &mut BufWriter::new(File::create(&export).expect("a file"))).expect("written");
        Self { folder, export }
    }

    /// A place in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The export.
    pub(crate) fn export(&self) -> &Path {
        &self.export
    }

    /// Runs the program on the export; gives the seconds from its start to its end, and its summary.
    pub(crate) fn ringback(&self, command: &str, arguments: &[&str]) -> (f64, Value) {
        let (took, told) = self.told(command, &[&["--json"], arguments].concat());
        (took, serde_json::from_str(&told).expect("a summary"))
    }

    /// Runs the program on the export; gives the seconds from its start to its end, and what it says.
    pub(crate) fn told(&self, command: &str, arguments: &[&str]) -> (f64, String) {
        let mut process = Command::new(RINGBACK);
        process.arg(command).args(self.export.file_name()).args(arguments).current_dir(self.folder.path());
        process.env("CXONE_CLIENT_SECRET", "sandbox").stderr(Stdio::inherit());
        let begun = Instant::now();
        let ended = process.output().expect("ringback starts");
        let took = begun.elapsed().as_secs_f64();
        assert!(matches!(ended.status.code(), Some(0 | 3)), "{command} ended with {}", ended.status);
        (took, String::from_utf8(ended.stdout).expect("text"))
    }
}

/// An export as the program reads it.
pub(crate) fn intake(export: &Path) -> Intake {
    let others = CampaignRules { placing: place::CampaignRules::default(), zone: None, sms_from: String::new() };
    let read = read_and_validate(&Reading {
        inputs: &[export.to_string_lossy().into_owned()],
        options: &ReadOptions::default(),
        form: &Rules::new(&RulesSpec::default()).expect("the defaults are good"),
        campaigns: &Campaigns { named: BTreeMap::new(), others },
        threads: 0,
        spool_in: None,
    });
    read.expect("an export")
}

/// A figure of a summary.
pub(crate) fn figure(summary: &Value, pointer: &str) -> f64 {
    summary.pointer(pointer).and_then(Value::as_f64).expect("a figure of the summary")
}

/// The one in the middle.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
