//! The way of an input from bytes to verdicts: the same however it is cut, and nothing told that steers a screen.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::LazyLock;

use ringback::domain::fault::{Faults, details};
use ringback::domain::row::{Field, PlainRow, RawRow, Shape};
use ringback::domain::shown::steers;
use ringback::io::read::block::{Look, Visitor};
use ringback::io::read::error::ReadError;
use ringback::io::read::rejects::Rejected as Reject;
use ringback::io::read::source::{self, Source};
use ringback::io::read::{ReadLimits, ReadOptions};
use ringback::logic::validate::passing::{self, Passed};
use ringback::logic::validate::rules::{Rules, RulesSpec, SpokenDigits};
use ringback::logic::validate::{self, Accepted, Rejected, Verdict};

/// The longest line, by turns: lines over the limit must be met as often as any.
const RECORD_BYTES_MAX: [usize; 3] = [1 << 20, 200, 40];

/// More than any input of the fuzzer's, however little of it is left by packing.
const UNPACKED_BYTES_MAX: u64 = 4 << 20;

/// Room for every record with what is added to it.
const ROOMY: usize = 16 << 20;

static PLAIN: LazyLock<Option<Rules>> = LazyLock::new(|| Rules::new(&RulesSpec::default()).ok());

static LENIENT: LazyLock<Option<Rules>> = LazyLock::new(|| {
    let time_formats = ["%m/%d/%Y %I:%M %p".to_owned(), "%d.%m.%y %H:%M".to_owned(), "%s".to_owned()];
    let spec = RulesSpec {
        default_region: "GB",
        timezone: Some("America/New_York"),
        time_formats: &time_formats,
        spoken_digits: SpokenDigits::Understood,
        ..RulesSpec::default()
    };
    Rules::new(&spec).ok()
});

/// What a row has, and what became of it.
#[derive(Debug, PartialEq)]
struct Seen {
    line: u64,
    raw: Vec<u8>,
    shape: Shape,
    fields: Vec<Option<Vec<u8>>>,
    verdicts: Vec<String>,
}

/// Reads an input in large blocks, in small ones and from its own rejects.
pub(crate) fn check(name: &str, bytes: &[u8]) {
    let small = options(bytes.len(), 1 + bytes.len() % 61);
    let large = ReadOptions { block_bytes: bytes.len().max(1), ..small.clone() };
    let rows = match (read(name, bytes, &small), read(name, bytes, &large)) {
        (Ok(rows), Ok(others)) => {
            assert_eq!(rows, others, "{name}");
            rows
        }
        (Err(one), Err(other)) => {
            assert_eq!(one.to_string(), other.to_string());
            return told(&one.to_string());
        }
        (one, other) => panic!("{name}: {:?} and {:?}", one.err(), other.err()),
    };
    assert!(rows.windows(2).all(|pair| pair[0].line < pair[1].line), "lines go up");
    again(name, bytes, &large, &rows);
}

fn options(turn: usize, block_bytes: usize) -> ReadOptions {
    let mapped = (Field::Phone, "/caller/0/number".to_owned());
    let columns = BTreeMap::from_iter(turn.is_multiple_of(7).then_some(mapped));
    let record_bytes_max = RECORD_BYTES_MAX[turn % RECORD_BYTES_MAX.len()];
    let limits = ReadLimits { record_bytes_max, unpacked_bytes_max: UNPACKED_BYTES_MAX, kept_bytes_max: 64 };
    ReadOptions { columns, block_bytes, limits, ..ReadOptions::default() }
}

fn open(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Source, ReadError> {
    source::over(name, Box::new(Cursor::new(bytes.to_vec())), options)
}

fn read(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Vec<Seen>, ReadError> {
    let mut source = open(name, bytes, options)?;
    let layout = source.layout();
    let mut rows = Vec::new();
    while let Some(block) = source.next_block()? {
        let from = rows.len();
        block.rows(&layout, |row| rows.push(seen(&row)));
        let mut passing = Passing { rows: &rows[from..] };
        block.visit(&layout, &mut passing);
        assert!(passing.rows.is_empty(), "every record is seen in passing");
        source.give_back(block);
    }
    let facts = source.finish(rows.len() as u64)?;
    assert_eq!(facts.bytes, bytes.len() as u64, "all of it is read");
    Ok(rows)
}

/// The rows of a block as the plain way saw them, of which those in front were seen in passing too.
struct Passing<'s> {
    rows: &'s [Seen],
}

impl Passing<'_> {
    fn next(&mut self) -> &Seen {
        let (first, rest) = self.rows.split_first().expect("no more records than rows");
        self.rows = rest;
        first
    }
}

impl Visitor for Passing<'_> {
    /// What is said in passing is what was said at a closer look. Records are taken and declined by turns.
    fn pass(&mut self, record: &PlainRow<'_>) -> Look {
        let plain = self.rows.first().expect("no more records than rows");
        let fields: Vec<_> = Field::ALL.iter().map(|field| record.at(*field).map(<[u8]>::to_vec)).collect();
        assert_eq!((record.line, record.raw, &fields), (plain.line, plain.raw.as_slice(), &plain.fields));
        for (rules, verdict) in PLAIN.iter().chain(&*LENIENT).zip(&plain.verdicts) {
            agrees(record, rules, verdict);
        }
        if record.line.is_multiple_of(3) {
            return Look::Closer;
        }
        self.next();
        Look::Enough
    }

    fn row(&mut self, row: RawRow<'_>) {
        assert_eq!(&seen(&row), self.next());
    }
}

fn agrees(record: &PlainRow<'_>, rules: &Rules, closer: &str) {
    let campaign = record.at(Field::Campaign).and_then(passing::campaign);
    let (Some(passed), Some(campaign)) = (passing::judge(record, rules), campaign) else { return };
    let Passed { phone, window, offset_minutes } = passed;
    let language = passing::language(record.at(Field::Language));
    let language_warning = language.as_ref().err().copied();
    let language = language.unwrap_or_else(|_| rules.default_language.clone());
    let record_id = passing::record_id(record);
    let accepted = Accepted { phone, window, campaign, language, language_warning, offset_minutes, record_id };
    assert_eq!(verdict(&Verdict::Accepted(accepted)), closer);
}

fn seen(row: &RawRow<'_>) -> Seen {
    let fields = row
        .fields
        .as_ref()
        .map(|fields| Field::ALL.iter().map(|field| fields.at(*field).map(|text| text.to_vec())).collect());
    if let Err(broken) = &row.fields {
        told(&broken.detail);
    }
    let rules = PLAIN.iter().chain(&*LENIENT);
    let verdicts = rules.map(|rules| verdict(&validate::row(row, rules))).collect();
    Seen { line: row.line, raw: row.raw.to_vec(), shape: row.shape(), fields: fields.unwrap_or_default(), verdicts }
}

fn verdict(verdict: &Verdict<'_>) -> String {
    match verdict {
        Verdict::Accepted(accepted) => {
            holds(accepted);
            format!("{} {accepted:?}", accepted.phone.reveal())
        }
        Verdict::Rejected(rejected) => {
            let Rejected { findings, seen } = &**rejected;
            assert!(!findings.is_empty(), "a rejection has a reason");
            told(&details(findings));
            for text in [&seen.record_id, &seen.phone, &seen.campaign] {
                assert!(!text.chars().any(char::is_control) && text.len() <= 256, "{text:?}");
            }
            let times = (seen.window_start, seen.window_end);
            let (id, phone, campaign, language) = (&seen.record_id, &seen.phone, &seen.campaign, &seen.language);
            format!("{} {} {id} {phone} {campaign} {language:?} {times:?}", Faults::of(findings), details(findings))
        }
    }
}

/// What every accepted row is, whatever was read.
fn holds(accepted: &Accepted<'_>) {
    assert!((3600..=4 * 3600).contains(&accepted.window.width()), "{:?}", accepted.window);
    assert!(!accepted.campaign.is_empty() && accepted.campaign.len() <= 256, "{:?}", accepted.campaign);
    for text in [&accepted.campaign, &accepted.record_id] {
        assert!(!text.chars().any(char::is_control), "{text:?}");
    }
}

/// What a person is told stands on one line and steers nothing.
fn told(text: &str) {
    assert!(!text.chars().any(steers), "{text:?}");
}

/// All records as rejects are an input again, with the same fields in the same order.
fn again(name: &str, bytes: &[u8], options: &ReadOptions, rows: &[Seen]) {
    let Ok(source) = open(name, bytes, options) else { return };
    let shape = source.layout().reject_shape();
    let mut written = shape.header();
    for row in rows {
        let (codes, detail) = ("phone.invalid;time.missing", "a \"b\"; c");
        written.extend(shape.record(&Reject { raw: &row.raw, line: row.line, codes, detail, shape: row.shape }));
    }
    if written.is_empty() {
        return;
    }
    let limits = ReadLimits { record_bytes_max: ROOMY, ..options.limits };
    let name = format!("rejects.{}", shape.extension());
    let repeated = read(&name, &written, &ReadOptions { limits, ..options.clone() });
    let repeated = repeated.unwrap_or_else(|error| panic!("{error}: {:?}", String::from_utf8_lossy(&written)));
    assert_eq!(repeated.len(), rows.len(), "{:?}", String::from_utf8_lossy(&written));
    for (row, repeated) in rows.iter().zip(&repeated).filter(|(row, _)| row.shape == Shape::Parsed) {
        assert_eq!(row.fields, repeated.fields, "{:?}", String::from_utf8_lossy(&written));
    }
}
