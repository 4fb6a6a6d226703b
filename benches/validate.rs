//! Reading and judging beside bare reading of the same bytes, in the same round: ratios count, not seconds.
//!
//! `cargo bench --bench validate`; some five minutes, most of them to write ten million rows, and 3 GB in the temporary
//! folder. `cargo bench --bench validate -- 200000` measures a file of so many rows alone.
#![expect(clippy::print_stdout, reason = "it is a program for people")]

#[expect(dead_code, reason = "other measurements need more of it")]
mod stage;

use std::borrow::Cow;
use std::fs::File;
use std::hint::black_box;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use ringback::sample::SampleFormat;
use serde::Deserialize;
use stage::{Stage, median};

/// Rows of the files that are read side by side.
const ROWS: u64 = 2_000_000;

/// Rounds, each of all ways to read.
const ROUNDS: usize = 7;

/// Rows of the files by which cost and memory are seen to grow.
const SIZES: [u64; 4] = [10_000, 100_000, 1_000_000, 10_000_000];

/// Asks this program to read a file and to say how much memory that took.
const MEMORY: &str = "--memory-of";

fn main() {
    let words: Vec<String> = std::env::args().collect();
    if let Some(place) = words.iter().position(|word| word == MEMORY) {
        return println!("{}", peak_of(&words[place + 1]));
    }
    let rows = words.iter().find_map(|word| word.parse().ok());
    for (format, bare) in [(SampleFormat::Csv, bare_csv as fn(&Path) -> u64), (SampleFormat::Ndjson, bare_json)] {
        side_by_side(&Stage::with(rows.unwrap_or(ROWS), format), bare);
    }
    if rows.is_none() {
        by_size();
    }
}

/// Reads a file in all ways, round after round.
fn side_by_side(stage: &Stage, bare: fn(&Path) -> u64) {
    let name = stage.export().extension().unwrap_or_default().to_string_lossy().into_owned();
    println!(
        "\n{name}\n\n| round | bare, s | one thread, s | ratio | two threads, s | one by two | -o, one thread, s | -o, two, s |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let mut columns: [Vec<f64>; 7] = Default::default();
    for round in 1..=ROUNDS {
        let begun = Instant::now();
        let rows = bare(stage.export());
        let bare = begun.elapsed().as_secs_f64();
        let validate = |words: &[&str]| {
            let (seconds, summary) = stage.told("validate", words);
            assert!(summary.contains(&rows.to_string()), "all rows are read: {summary}");
            seconds
        };
        let (one, two) = (validate(&["--threads", "1"]), validate(&["--threads", "2"]));
        let reports = ["1", "2"].map(|threads| validate(&["--threads", threads, "--out", "valid"]));
        let figures = [bare, one, one / bare, two, one / two, reports[0], reports[1]];
        println!("| {round} | {} |", figures.map(|figure| format!("{figure:.3}")).join(" | "));
        columns.iter_mut().zip(figures).for_each(|(column, figure)| column.push(figure));
    }
    println!("| median | {} |", columns.map(|column| format!("{:.3}", median(column))).join(" | "));
}

/// Reads files of growing size.
fn by_size() {
    println!("\n| rows | one thread, ns a row | two threads | bytes in memory, a row beyond the smallest file's |");
    println!("|---|---|---|---|");
    let mut least = None;
    for rows in SIZES {
        let stage = Stage::with(rows, SampleFormat::Csv);
        let of_a_row = |threads: &str| {
            let rounds = (0..3).map(|_| stage.told("validate", &["--threads", threads]).0).collect();
            #[expect(clippy::cast_precision_loss, reason = "some millions")]
            let rows = rows as f64;
            median(rounds) / rows * 1e9
        };
        let (one, two, peak) = (of_a_row("1"), of_a_row("2"), memory(stage.export()));
        let (fewest, smallest) = *least.get_or_insert((rows, peak));
        let more = (peak - smallest).checked_div(rows - fewest).unwrap_or_default();
        println!("| {rows} | {one:.0} | {two:.0} | {more} (peak {} MiB) |", peak >> 20);
    }
}

/// The peak of the memory, in bytes, of a process that reads and judges this file.
fn memory(export: &Path) -> u64 {
    let this = std::env::current_exe().expect("this program");
    let told = Command::new(this).arg(MEMORY).arg(export).output().expect("it runs");
    String::from_utf8_lossy(&told.stdout).trim().parse().expect("a number")
}

fn peak_of(export: &str) -> u64 {
    let intake = stage::intake(Path::new(export));
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    drop(intake);
    peak.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") << 10
}

fn bare_csv(path: &Path) -> u64 {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(path).expect("opens");
    let (mut record, mut rows) = (csv::ByteRecord::new(), 0);
    while reader.read_byte_record(&mut record).expect("reads") {
        rows += 1;
    }
    rows
}

/// The fields of a line, borrowed from it where it has no escapes.
#[derive(Deserialize)]
#[expect(dead_code, reason = "what is read is not looked at")]
struct Line<'a> {
    #[serde(borrow, rename = "callId")]
    id: Cow<'a, str>,
    #[serde(borrow, rename = "phone_number")]
    phone: Cow<'a, str>,
    #[serde(borrow, rename = "requestedStart")]
    start: Cow<'a, str>,
    #[serde(borrow, rename = "requestedEnd")]
    end: Cow<'a, str>,
    #[serde(borrow, rename = "campaignId")]
    campaign: Cow<'a, str>,
    #[serde(borrow, default)]
    language: Cow<'a, str>,
}

fn bare_json(path: &Path) -> u64 {
    let mut reader = BufReader::with_capacity(1 << 18, File::open(path).expect("opens"));
    let (mut line, mut rows) = (Vec::new(), 0);
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line).expect("reads") == 0 {
            return rows;
        }
        // A number that somebody wrote as one is no text; that is found out as fast.
        let _ = black_box(serde_json::from_slice::<Line<'_>>(&line));
        rows += 1;
    }
}
