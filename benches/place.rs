//! Placing a batch: time against the number of callbacks and of classes.
//!
//! `cargo bench --bench place`. Windows of 1 h to 4 h begin at any minute of two days, in 50 campaigns; fewer classes
//! where they begin on the hour.

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ringback::domain::forecast::{CampaignForecast, Forecast, ForecastBook, Slot};
use ringback::domain::interned::CampaignNo;
use ringback::domain::strategy::Strategy;
use ringback::domain::time::{HOUR, Interval, Timestamp};
use ringback::logic::deadlines::Budget;
use ringback::logic::place::{Board, CampaignRules, Foresight, Standing, Wish, draw_up};

const CAMPAIGNS: u32 = 50;
const HOURS: i64 = 48;

/// Splitmix64.
fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn board(callbacks: u32) -> Board {
    let room = f64::from(callbacks) / f64::from(CAMPAIGNS) / 48.0;
    let slot = |campaign: u32, hour: i64| Slot {
        start: Timestamp::from_unix(hour * HOUR),
        agents: (room * (0.5 + f64::from(u32::try_from(hour % 7).expect("few")) / 6.0 + f64::from(campaign % 3) / 3.0))
            .ceil(),
        expected_calls: room * f64::from(u32::try_from(hour % 5).expect("few")) / 10.0,
    };
    let told = |campaign: u32| {
        let slots = (0..HOURS).map(|hour| slot(campaign, hour)).collect();
        (CampaignNo(campaign), CampaignForecast { forecast: Forecast::of(slots), unread: Vec::new() })
    };
    let book: ForecastBook = (0..CAMPAIGNS).map(told).collect();
    let rules = vec![CampaignRules::default(); CAMPAIGNS as usize];
    Board::open(book, &Standing::new(), &rules, Strategy::Balanced)
}

fn wishes(callbacks: u32, grain: i64, hours_max: i64) -> Vec<Wish> {
    let wish = |member: u32| {
        let random = mixed(u64::from(member));
        let part = |shift: u32, below: i64| i64::try_from((random >> shift) & 0xffff).expect("small") % below;
        let start = part(0, (HOURS - hours_max) * HOUR / grain) * grain;
        let end = start + HOUR * (1 + part(16, hours_max));
        let span = Interval { start: Timestamp::from_unix(start), end: Timestamp::from_unix(end) };
        Wish { member, campaign: CampaignNo(u32::try_from(part(32, i64::from(CAMPAIGNS))).expect("few")), span }
    };
    (0..callbacks).map(wish).collect()
}

fn benchmark(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("place");
    group.sample_size(10);
    let budget = Budget { now: Timestamp::EPOCH.plus(-HOUR), requests_per_minute: 1e12, in_flight: 0, margin: 0 };
    let ample = Foresight { budget, begun: &[], requests_each: 2 };
    let mut measure = |name: &str, callbacks: u32, grain: i64, hours_max: i64| {
        let (wishes, board) = (wishes(callbacks, grain, hours_max), board(callbacks));
        group.throughput(Throughput::Elements(u64::from(callbacks)));
        group.bench_function(BenchmarkId::new(name, callbacks), |bencher| {
            bencher.iter_batched_ref(
                || board.clone(),
                |board| draw_up(&wishes, board, &ample),
                BatchSize::PerIteration,
            );
        });
    };
    for callbacks in [10_000, 100_000, 1_000_000, 10_000_000] {
        measure("windows to the minute", callbacks, 60, 4);
    }
    measure("windows to the hour", 1_000_000, 3600, 1);
    measure("windows of up to 24 h", 1_000_000, 60, 24);
}

criterion_group!(benches, benchmark);
criterion_main!(benches);
