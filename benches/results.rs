//! Writing `results.csv` beside validating the same rows, and beside the crate `csv` writing the same cells: ratios
//! count, not seconds.
//!
//! `cargo bench --bench results`; the rows are those of `ringback sample --rows 200000`, `TMPDIR` says on which disk the
//! files lie.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::hint::black_box;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use rayon::{ThreadPool, ThreadPoolBuilder};
use ringback::domain::callback::{Callback, CallbackId, RunId};
use ringback::domain::outcome::Outcome;
use ringback::io::read::ReadOptions;
use ringback::logic::place;
use ringback::logic::validate::rules::{Rules, RulesSpec};
use ringback::pipeline::intake::{Intake, Reading, read_and_validate};
use ringback::pipeline::report::{Rows, Telling, draft};
use ringback::pipeline::rules::{CampaignRules, Campaigns};
use ringback::render::results::{COLUMNS, ResultRow};
use ringback::sample::{SampleFormat, SampleSettings, write};

const ROWS: u64 = 200_000;
const NOW: i64 = 1_795_438_800;
const RUN: RunId = RunId(uuid::Uuid::nil());

fn export(folder: &Path, broken_percent: f64) -> String {
    let path = folder.join(format!("export-{broken_percent}.csv"));
    let settings = SampleSettings { rows: ROWS, seed: 1, broken_percent, format: SampleFormat::Csv, now: NOW };
    write(&settings, &mut BufWriter::new(File::create(&path).expect("a file"))).expect("written");
    path.to_str().expect("a plain path").to_owned()
}

/// Reads and judges the rows; with a folder, they are spooled too.
fn validated(name: &str, threads: usize, spool_in: Option<&Path>) -> Intake {
    let others = CampaignRules { placing: place::CampaignRules::default(), zone: None, sms_from: String::new() };
    let read = read_and_validate(&Reading {
        inputs: &[name.to_owned()],
        options: &ReadOptions::default(),
        form: &Rules::new(&RulesSpec::default()).expect("the defaults are good"),
        campaigns: &Campaigns { named: BTreeMap::new(), others },
        threads,
        spool_in,
    });
    read.expect("an export")
}

/// Writes the report of rows that wait in a spool; it is not published, for that waits for the disk.
fn report(folder: &Path, mut intake: Intake, pool: &ThreadPool) -> u64 {
    let rows = Rows::Spooled(intake.spool.take().expect("a spool"));
    let outcome = |_| Cow::Owned(Outcome::Valid);
    let telling = Telling { folder, intake: &intake, run: RUN, outcome: &outcome };
    pool.install(|| draft(&telling, rows).expect("drafts").rows())
}

/// A cell of a callback's row, by its column.
fn cell(callback: &Callback, intake: &Intake, column: &str) -> String {
    let window = callback.window();
    let campaign = intake.campaign(callback);
    match column {
        "input" => intake.inputs[0].name.clone(),
        "line" => callback.row.line().to_string(),
        "record_id" => format!("ivr-{:08}", callback.row.line() - 2),
        "status" => "valid".into(),
        "phone" => callback.phone.reveal(),
        "campaign_id" => campaign.into(),
        "language" => intake.languages[callback.language.0 as usize].as_str().into(),
        "window_start" => window.start().rfc3339(),
        "window_end" => window.end().rfc3339(),
        "callback_id" => CallbackId::of(callback.phone, window, campaign).to_string(),
        "run_id" => RUN.to_string(),
        _ => String::new(),
    }
}

/// The crate `csv` writes cells that are there already.
fn by_library(folder: &Path, cells: &[Vec<String>]) {
    let file = tempfile::tempfile_in(folder).expect("a file");
    let mut library = csv::WriterBuilder::new().buffer_capacity(1 << 18).from_writer(file);
    for row in cells {
        library.write_record(row).expect("written");
    }
    library.flush().expect("written");
}

fn results(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path();
    for (name, broken_percent) in [("good rows", 0.0), ("a fifth broken", 20.0)] {
        let export = export(place, broken_percent);
        let mut group = criterion.benchmark_group(name);
        group.sample_size(10).throughput(Throughput::Elements(ROWS));
        for threads in [1, 2] {
            let pool = ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            group.bench_function(format!("validate, threads {threads}"), |bench| {
                bench.iter(|| validated(black_box(&export), threads, None).rows);
            });
            group.bench_function(format!("validate and spool, threads {threads}"), |bench| {
                bench.iter(|| validated(black_box(&export), threads, Some(place)).rows);
            });
            group.bench_function(format!("results, threads {threads}"), |bench| {
                let spooled = || validated(&export, 0, Some(place));
                bench.iter_batched(spooled, |intake| report(place, intake, &pool), BatchSize::PerIteration);
            });
        }
        group.finish();
    }
}

fn plain(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let intake = validated(&export(folder.path(), 0.0), 0, None);
    let of = |callback: &Callback| COLUMNS.iter().map(|column| cell(callback, &intake, column)).collect();
    let cells: Vec<Vec<String>> = intake.callbacks.iter().map(of).collect();
    let mut group = criterion.benchmark_group("one thread");
    group.sample_size(10).throughput(Throughput::Elements(ROWS));
    group.bench_function("csv::Writer, cells that are there", |bench| bench.iter(|| by_library(folder.path(), &cells)));
    group.bench_function("the bytes alone", |bench| {
        let bytes = vec![b'x'; cells.iter().flatten().map(|cell| cell.len() + 1).sum()];
        bench.iter(|| tempfile::tempfile_in(folder.path()).expect("a file").write_all(black_box(&bytes)));
    });
    group.bench_function("rows spelled, to memory", |bench| {
        let mut out = Vec::new();
        bench.iter(|| {
            out.clear();
            for callback in &intake.callbacks {
                spell(callback, &intake, &mut out);
            }
            out.len()
        });
    });
    group.bench_function("callback ids", |bench| {
        let id = |callback: &Callback| CallbackId::of(callback.phone, callback.window(), intake.campaign(callback));
        bench.iter(|| intake.callbacks.iter().map(id).max());
    });
    group.finish();
}

fn spell(callback: &Callback, intake: &Intake, out: &mut Vec<u8>) {
    let (input, line) = (intake.inputs[0].name.as_str(), Some(callback.row.line()));
    let mut row = ResultRow { input, line, record_id: "ivr-00000000", ..ResultRow::default() };
    let language = intake.languages[callback.language.0 as usize].as_str();
    row.tell_callback(callback, intake.campaign(callback), language);
    row.tell_outcome(&Outcome::Valid, RUN, String::new);
    row.write(out);
}

criterion_group!(benches, plain, results);
criterion_main!(benches);
