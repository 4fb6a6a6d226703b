//! Phone numbers: the crate `phonenumber`, `rlibphonenumber` and both ways of ringback's door on the same texts. Ratios
//! count, not seconds.
//!
//! `cargo bench --bench phone`

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fastrand::Rng;
use phonenumber::country;
use ringback::logic::validate::phone::{judge, quick};
use ringback::logic::validate::rules::{Rules, RulesSpec};
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberType, Region};

/// How to judge a text, and how many texts a measurement has time for.
type Judge = (&'static str, usize, fn(&str, &Rules) -> bool);

const JUDGES: [Judge; 4] = [
    ("the crate phonenumber", 400, |text, _| {
        phonenumber::parse(Some(country::US), text).is_ok_and(|number| phonenumber::is_valid(&number))
    }),
    ("rlibphonenumber", 10_000, |text, _| {
        PhoneNumber::parse(text, Some(Region::US)).is_ok_and(|number| number.is_valid())
    }),
    ("ringback, the slow way", 10_000, |text, rules| judge(text, rules).is_ok()),
    ("ringback, the fast way", 200_000, |text, rules| quick(text.as_bytes(), rules).is_some()),
];

const TEXTS: usize = 200_000;

/// Texts in one piece of memory, as in a file.
struct Texts {
    all: String,
    ends: Vec<usize>,
}

impl Texts {
    fn of(mut draw: impl FnMut() -> String) -> Self {
        let (mut all, mut ends) = (String::new(), Vec::new());
        for _ in 0..TEXTS {
            all.push_str(&draw());
            ends.push(all.len());
        }
        Self { all, ends }
    }

    /// How many of these texts are numbers.
    fn judged(&self, part: std::ops::Range<usize>, judge: impl Fn(&str) -> bool) -> usize {
        let start = |text: usize| text.checked_sub(1).map_or(0, |before| self.ends[before]);
        part.filter(|text| judge(black_box(&self.all[start(*text)..self.ends[*text]]))).count()
    }
}

/// Ten digits of a number in the United States.
fn american(rng: &mut Rng) -> String {
    let area = [202, 206, 212, 305, 312, 404, 415, 617, 713, 801][rng.usize(..10)];
    format!("{area}{}", rng.u32(2_000_000..10_000_000))
}

fn spelt(digits: &str, spelling: usize) -> String {
    let (area, exchange, line) = (&digits[..3], &digits[3..6], &digits[6..]);
    match spelling {
        0 => format!("+1{digits}"),
        1 => digits.to_owned(),
        2 => format!("1{digits}"),
        3 => format!("({area}) {exchange}-{line}"),
        _ => format!("{area}.{exchange}.{line}"),
    }
}

fn texts() -> [(&'static str, Texts); 4] {
    let (mut rng, examples) = (Rng::with_seed(1), examples());
    [
        ("+12025550198", Texts::of(|| spelt(&american(&mut rng), 0))),
        ("(202) 555-0198", Texts::of(|| spelt(&american(&mut rng), 3))),
        ("United States, five spellings", Texts::of(|| spelt(&american(&mut rng), rng.usize(..5)))),
        ("all regions", Texts::of(|| examples[rng.usize(..examples.len())].clone())),
    ]
}

/// Numbers of lines and mobiles of all regions, and those that may be called for nothing.
fn examples() -> Vec<String> {
    let mut regions: Vec<Region> = PHONE_NUMBER_UTIL.get_supported_regions().collect();
    regions.sort_unstable();
    let types = [PhoneNumberType::FixedLine, PhoneNumberType::Mobile, PhoneNumberType::TollFree];
    let of_region =
        |region| types.map(|kind| PHONE_NUMBER_UTIL.get_example_number_for_type_and_region(region, kind).ok());
    regions.into_iter().flat_map(of_region).flatten().map(|number| number.to_string()).collect()
}

/// Judges texts on so many threads, each its share.
fn shared(texts: &Texts, count: usize, threads: usize, judge: impl Fn(&str) -> bool + Copy + Send + Sync) -> usize {
    let share = count / threads;
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads)
            .map(|thread| scope.spawn(move || texts.judged(thread * share..(thread + 1) * share, judge)))
            .collect();
        let own = texts.judged(0..share, judge);
        own + others.into_iter().map(|thread| thread.join().expect("ends")).sum::<usize>()
    })
}

fn phones(criterion: &mut Criterion) {
    let rules = Rules::new(&RulesSpec::default()).expect("the defaults are good");
    for (name, texts) in texts() {
        let mut group = criterion.benchmark_group(name);
        for (judge_name, count, judge) in JUDGES {
            group.sample_size(10).throughput(Throughput::Elements(count as u64));
            for threads in [1, 2] {
                group.bench_function(format!("{judge_name}, threads {threads}"), |bench| {
                    bench.iter(|| shared(&texts, count, threads, |text| judge(text, &rules)));
                });
            }
        }
        group.finish();
    }
}

criterion_group!(benches, phones);
criterion_main!(benches);
