//! Validation beside bare reading of the same bytes: ratios count, not seconds.
//!
//! `cargo bench --bench validate`; the rows are `ringback sample --rows 200000 --broken 5`.

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ringback::domain::callback::RunId;
use ringback::domain::limits::Limits;
use ringback::domain::strategy::Strategy;
use ringback::domain::time::Timestamp;
use ringback::io::clock::Clock;
use ringback::io::read::ReadOptions;
use ringback::logic::place;
use ringback::logic::recall::Refused;
use ringback::logic::retry::ContactIds;
use ringback::logic::validate::rules::{Rules as FormRules, RulesSpec};
use ringback::pipeline::order::{Inputs, Order};
use ringback::pipeline::rules::{CampaignRules, Campaigns, ContactRules, Rules, SmsRules};
use ringback::sample::{SampleFormat, SampleSettings, write};

const ROWS: u64 = 200_000;
const NOW: i64 = 1_795_438_800;

fn export(folder: &Path, format: SampleFormat) -> String {
    let name = if format == SampleFormat::Csv { "export.csv" } else { "export.ndjson" };
    let path = folder.join(name);
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path).expect("a file"));
    let settings = SampleSettings { rows: ROWS, seed: 1, broken_percent: 5.0, format, now: NOW };
    write(&settings, &mut file).expect("written");
    path.to_str().expect("a plain path").to_owned()
}

fn inputs(name: String, threads: usize) -> Inputs {
    let form = FormRules::new(&RulesSpec::default()).expect("the defaults are good");
    Inputs { names: vec![name], read: ReadOptions::default(), form, threads, rejected_percent_max: 100.0 }
}

fn order() -> Order {
    let second = std::time::Duration::from_secs(1);
    let others = CampaignRules { placing: place::CampaignRules::default(), zone: None, sms_from: String::new() };
    Order {
        rules: Rules {
            campaigns: Campaigns { named: std::collections::BTreeMap::new(), others },
            contact: ContactRules { retry_count: 3, retry_interval: "PT15M".into(), ids: ContactIds::Unique },
            sms: SmsRules::Off,
            limits: Limits {
                requests_per_minute_max: 100,
                concurrency_max: 16,
                attempts_max: 5,
                trouble_wait: (second, second),
                give_up_after: second,
                hold_max: second,
                dispatch_margin: second,
                run_duration_max: None,
                attempted_max: None,
                late_max: None,
            },
            strategy: Strategy::Balanced,
            beside: None,
            lead_time: 300,
            forecast_range_max: 86_400,
            refused: Refused::Stand,
        },
        out: None,
        on_rejects: ringback::domain::report::OnRejects::Tell,
        run: RunId(uuid::Uuid::nil()),
        started_at: Timestamp::from_unix(NOW),
    }
}

fn bare_csv(path: &str) -> u64 {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(path).expect("opens");
    let (mut record, mut rows) = (csv::ByteRecord::new(), 0);
    while reader.read_byte_record(&mut record).expect("reads") {
        rows += 1;
    }
    rows
}

fn bare_json(path: &str) -> u64 {
    let text = std::fs::read(path).expect("reads");
    let lines = text.split(|&byte| byte == b'\n');
    let parsed = lines.filter(|line| {
        serde_json::from_slice::<std::collections::HashMap<&str, &serde_json::value::RawValue>>(line).is_ok()
    });
    parsed.count() as u64
}

fn validate(order: &Order, inputs: &Inputs) -> u64 {
    let clock = Clock::system();
    ringback::pipeline::validate(order, inputs, clock, &|_| {}).expect("validates").report.rows
}

fn reading(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, format, bare) in [
        ("csv", SampleFormat::Csv, bare_csv as fn(&str) -> u64),
        ("ndjson", SampleFormat::Ndjson, bare_json as fn(&str) -> u64),
    ] {
        let path = export(folder.path(), format);
        let mut group = criterion.benchmark_group(name);
        group.sample_size(10).throughput(Throughput::Elements(ROWS));
        group.bench_function("bare reading, one thread", |bench| bench.iter(|| bare(black_box(&path))));
        for threads in [1, 2] {
            let (order, inputs) = (order(), inputs(path.clone(), threads));
            group.bench_function(format!("validate, threads {threads}"), |bench| {
                bench.iter(|| validate(black_box(&order), &inputs));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, reading);
criterion_main!(benches);
