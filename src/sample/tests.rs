use std::collections::{BTreeSet, HashSet};

use rlibphonenumber::{PHONE_NUMBER_UTIL, Region};

use super::*;

const NOW: i64 = 1_795_438_800;

fn settings(rows: u64) -> SampleSettings {
    SampleSettings { rows, seed: 7, now: NOW, ..SampleSettings::default() }
}

fn written(settings: &SampleSettings) -> Vec<u8> {
    let mut out = Vec::new();
    write(settings, &mut out).unwrap();
    out
}

/// The rows of the CSV, without the header, read as leniently as can be.
fn rows(csv: &[u8]) -> Vec<csv::ByteRecord> {
    csv::ReaderBuilder::new().flexible(true).from_reader(csv).byte_records().map(Result::unwrap).collect()
}

/// The E.164 of a phone, if Google's library calls it valid in the United States.
fn e164(phone: &str) -> Option<String> {
    let number = PHONE_NUMBER_UTIL.parse(phone.trim_end_matches(['#', '*']), Some(Region::US)).ok()?;
    PHONE_NUMBER_UTIL.is_valid_number(&number).then(|| number.to_string())
}

fn unix(text: &str) -> i64 {
    chrono::DateTime::parse_from_rfc3339(text).unwrap_or_else(|_| panic!("{text}")).timestamp()
}

#[test]
fn the_same_seed_and_clock_give_the_same_bytes() {
    let bytes = written(&settings(500));
    assert_eq!(bytes, written(&settings(500)));
    assert_ne!(bytes, written(&SampleSettings { seed: 8, ..settings(500) }));
    assert_ne!(bytes, written(&SampleSettings { now: NOW + 86_400, ..settings(500) }));
    assert!(bytes.starts_with(b"callId,phone_number,requestedStart,requestedEnd,campaignId,language\nivr-00000000,"));
}

#[test]
fn good_rows_are_distinct_callbacks_that_google_calls_valid() {
    let bytes = written(&SampleSettings { broken_percent: 0.0, ..settings(20_000) });
    let rows = rows(&bytes);
    assert_eq!(rows.len(), 20_000);
    let (mut phones, mut campaigns, mut without_language) = (HashSet::new(), BTreeSet::new(), 0);
    for row in &rows {
        let text = |at: usize| std::str::from_utf8(&row[at]).unwrap();
        let phone = e164(text(1)).unwrap_or_else(|| panic!("{} is not valid", text(1)));
        assert!(phones.insert(phone), "{} comes twice", text(1));
        let (start, end) = (unix(text(2)), unix(text(3)));
        assert!((3600..=4 * 3600).contains(&(end - start)), "{row:?}");
        assert!(start / 86_400 > NOW / 86_400 && start < (NOW / 86_400 + 5) * 86_400, "{row:?}");
        campaigns.insert(text(4).to_owned());
        without_language += u32::from(text(5).is_empty());
    }
    assert_eq!(campaigns.len(), 6);
    assert!((200..800).contains(&without_language), "{without_language} of 20000");
}

#[test]
fn broken_and_repeated_rows_are_as_many_as_counted() {
    let counts = count(&settings(20_000));
    assert_eq!(counts.good + counts.repeated + counts.broken, 20_000);
    assert!((800..1200).contains(&counts.broken), "{counts:?}");
    assert!((100..300).contains(&counts.repeated), "{counts:?}");
    let bytes = written(&settings(20_000));
    let lines: Vec<&[u8]> = bytes.split(|&byte| byte == b'\n').skip(1).filter(|line| !line.is_empty()).collect();
    assert_eq!(lines.len(), 20_000);
    let distinct: HashSet<&[u8]> = lines.iter().copied().collect();
    assert_eq!((lines.len() - distinct.len()) as u64, counts.repeated);
}

#[test]
fn a_broken_row_is_no_callback_and_harms_no_neighbour() {
    let settings = settings(20_000);
    let bytes = written(&settings);
    let (mut number, mut broken) = (0, 0);
    for line in bytes.split(|&byte| byte == b'\n').skip(1).filter(|line| !line.is_empty()) {
        let good = is_callback(line);
        assert_eq!(good, row::kind(&settings, number) != Kind::Broken, "{}", String::from_utf8_lossy(line));
        broken += u64::from(!good);
        number += 1;
    }
    assert_eq!(broken, count(&settings).broken);
    assert_eq!(rows(&bytes).len(), 20_000, "no quote runs over the end of its line");
}

/// Whether the line alone is a callback by the rules of the trade.
fn is_callback(line: &[u8]) -> bool {
    let Ok(line) = std::str::from_utf8(line) else { return false };
    let record = rows(format!("header\n{line}\n").as_bytes()).remove(0);
    let fields: Vec<&str> = record.iter().map(|field| std::str::from_utf8(field).unwrap()).collect();
    let &[_, phone, start, end, campaign, _] = fields.as_slice() else { return false };
    let time = |text: &str| chrono::DateTime::parse_from_rfc3339(text).ok();
    let (Some(start), Some(end)) = (time(start), time(end)) else { return false };
    let letters = phone.replace(" x", "").chars().any(char::is_alphabetic);
    let width = (end - start).num_minutes();
    !letters && e164(phone).is_some() && (60..=240).contains(&width) && !campaign.is_empty()
}

#[test]
fn ndjson_holds_the_same_callbacks() {
    let ndjson = SampleSettings { format: SampleFormat::Ndjson, ..settings(5000) };
    let bytes = written(&ndjson);
    let lines: Vec<&[u8]> = bytes.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).collect();
    assert_eq!(lines.len(), 5000);
    let csv_bytes = written(&settings(5000));
    let csv_rows: Vec<&[u8]> = csv_bytes.split(|&byte| byte == b'\n').skip(1).collect();
    for (number, line) in (0..).zip(lines) {
        if row::kind(&ndjson, number) == Kind::Broken {
            continue;
        }
        let object: serde_json::Value = serde_json::from_slice(line).unwrap();
        let record = rows(&[b"header\n", csv_rows[usize::try_from(number).unwrap()]].concat()).remove(0);
        for (at, column) in COLUMNS.iter().enumerate() {
            assert_eq!(object[column].as_str().unwrap_or_default().as_bytes(), &record[at]);
        }
    }
}

#[test]
fn a_percentage_at_either_end_is_kept() {
    assert_eq!(count(&SampleSettings { broken_percent: 0.0, ..settings(1000) }).good, 1000);
    assert_eq!(count(&SampleSettings { broken_percent: 100.0, ..settings(1000) }).broken, 1000);
}
