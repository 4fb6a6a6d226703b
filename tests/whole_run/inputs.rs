//! Inputs as they come: damaged rows, rejects and their repair.

use std::process::Stdio;

use crate::export::{HEADER, Wish, csv, gzip, lines, ndjson, wish, wishes};
use crate::report::Report;
use crate::stage::Stage;

fn statuses(report: &Report) -> Vec<(&str, &str, &str)> {
    report.rows.iter().map(|row| (row.at("line"), row.at("status"), row.at("code"))).collect()
}

#[test]
fn a_damaged_row_is_rejected_with_its_line_and_the_others_are_handled() {
    let good: Vec<String> = wishes(7).iter().map(Wish::line).collect();
    let mut bytes = format!("{HEADER}\n{}\n", good[0]).into_bytes();
    let mut add = |line: &[u8]| bytes.extend([line, b"\n"].concat());
    add(format!("{},one,two", wish(10).line()).as_bytes());
    add(good[1].as_bytes());
    add(b"ivr-11,+12025550111,2026-11-24T09:00:00Z");
    add(good[2].as_bytes());
    add(&[wish(12).line().replace("billing-east", "billing-").as_bytes(), b"\xff\xfe"].concat());
    add(&[b"ivr-13,+12025550113,", &wish(13).line().as_bytes()[20..], b"\xff"].concat());
    add(good[3].as_bytes());
    add(&vec![b'x'; 5 << 20]);
    add(good[4].as_bytes());
    add(format!("\"{}", wish(14).line()).as_bytes());
    add(good[5].as_bytes());
    add(good[6].as_bytes());
    let stage = Stage::calm();
    stage.put("night.csv", &bytes);
    stage.run(&["night.csv"]).with(3);
    let report = stage.report();
    let told = statuses(&report);
    assert_eq!(told.len(), 13, "{told:?}");
    for (line, code) in
        [("3", "row.malformed"), ("5", "row.malformed"), ("10", "row.too_long"), ("12", "row.malformed")]
    {
        assert!(told.contains(&(line, "rejected", code)), "line {line} should be {code}: {told:?}");
    }
    for line in ["2", "4", "6", "9", "11", "13", "14"] {
        assert!(told.contains(&(line, "confirmed", "")), "line {line} should be confirmed: {told:?}");
    }
    report.is_what_the_platform_did(&stage.state());
    let rejects = std::fs::read(stage.path("out/rejects.csv")).unwrap();
    assert!(rejects.len() < 100_000, "the 5 MB are not carried along: {}", rejects.len());
}

#[test]
fn bytes_that_are_no_utf_8_count_only_in_the_fields_that_are_needed() {
    let stage = Stage::calm();
    let header = format!("{HEADER},note\n");
    let row = |number: usize, campaign: &[u8], note: &[u8]| {
        let line = wish(number).line();
        let (before, after) = line.split_once("billing-east").unwrap();
        [before.as_bytes(), campaign, after.as_bytes(), b",", note, b"\n"].concat()
    };
    let rows = [row(0, b"billing-east", b"caf\xe9"), row(1, b"caf\xe9", b"tea"), row(2, b"billing-east", b"tea")];
    stage.put("night.csv", [header.as_bytes(), &rows.concat()].concat());
    stage.run(&["night.csv"]).with(3);
    let report = stage.report();
    assert_eq!(statuses(&report), [("2", "confirmed", ""), ("3", "rejected", "row.encoding"), ("4", "confirmed", "")]);
    let rejects = std::fs::read(stage.path("out/rejects.csv")).unwrap();
    assert!(rejects.windows(4).any(|bytes| bytes == b"caf\xe9"), "every byte is kept");
}

#[test]
fn rejects_keep_every_column_and_are_valid_input_once_repaired() {
    let stage = Stage::calm();
    let (mut bad, good) = (wish(0), wish(1));
    "202-555-01OO".clone_into(&mut bad.phone);
    let queue = |wish: &Wish, queue: &str| format!("{},{queue}\n", wish.line());
    stage.put("night.csv", format!("{HEADER},queue\n{}{}", queue(&bad, "=1+1"), queue(&good, "b")));
    stage.run(&["night.csv"]).with(3);
    let rejects = std::fs::read_to_string(stage.path("out/rejects.csv")).unwrap();
    assert_eq!(
        rejects.lines().next().unwrap(),
        format!("{HEADER},queue,reject_line,reject_codes,reject_detail,reject_raw")
    );
    assert!(
        rejects.lines().nth(1).unwrap().starts_with(&format!("{},=1+1,2,phone.unparseable,", bad.line())),
        "{rejects}"
    );
    assert_eq!(rejects.lines().count(), 2);
    stage.put("repaired.csv", rejects.replace("202-555-01OO", "202-555-0100"));
    stage.run(&["repaired.csv"]).with(0);
    stage.report().all("confirmed", "");
    assert_eq!(stage.state().contacts().len(), 2);
    let rejects = std::fs::read_to_string(stage.path("out/rejects.csv")).unwrap();
    assert_eq!(rejects.lines().count(), 1, "an earlier report is replaced whole: {rejects}");
}

#[test]
fn ndjson_rejects_keep_the_record_and_are_valid_input_once_repaired() {
    let stage = Stage::calm();
    let rows = ndjson(&wishes(3));
    let mut rows: Vec<String> = rows.lines().map(str::to_owned).collect();
    rows[1] = rows[1].replace("+12025550101", "911");
    rows.insert(2, "{\"phone\": \"+1202".to_owned());
    stage.put("night.ndjson", rows.join("\n"));
    stage.run(&["night.ndjson"]).with(3);
    let report = stage.report();
    assert_eq!(report.column("status"), ["confirmed", "rejected", "rejected", "confirmed"]);
    assert_eq!(report.rows[2].at("code"), "row.malformed");
    let rejects = std::fs::read_to_string(stage.path("out/rejects.ndjson")).unwrap();
    let records: Vec<serde_json::Value> = rejects.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((records.len(), &records[0]["reject_line"]), (2, &2.into()));
    assert_eq!((&records[0]["id"], &records[0]["reject_codes"]), (&"ivr-1".into(), &report.rows[1].at("code").into()));
    assert_eq!(records[1]["reject_raw"], "{\"phone\": \"+1202");
    let repaired = rejects.lines().next().unwrap().replace("911", "+12025550101");
    stage.put("repaired.ndjson", repaired);
    stage.run(&["repaired.ndjson"]).with(0);
    stage.report().all("confirmed", "");
}

/// What the columns could not take stands in `reject_raw` to the byte, and goes back into them.
#[test]
fn a_record_of_too_few_fields_is_repaired_from_what_was_kept_of_it() {
    let stage = Stage::calm();
    let header = "phone,window_start,window_end,campaign,note";
    let (wish, from) = (wish(0), "%Y-%m-%dT%H:%M:%SZ");
    let ragged = format!("{},{},{},billing-east", wish.phone, wish.start.format(from), wish.end.format(from));
    stage.put("night.csv", format!("{header}\n{ragged}\n=1+1\n"));
    stage.run(&["night.csv", "--max-rejected", "100"]).with(3);
    let rejects = std::fs::read(stage.path("out/rejects.csv")).unwrap();
    let mut rejects = csv::Reader::from_reader(rejects.as_slice());
    let mut columns = rejects.headers().unwrap().clone();
    let records: Vec<csv::StringRecord> = rejects.records().map(Result::unwrap).collect();
    assert_eq!([&records[0][8], &records[1][8]], [ragged.as_str(), "=1+1"]);
    columns.truncate(5);
    assert_eq!(columns, header.split(',').collect::<Vec<_>>());
    let repaired =
        format!("{header},reject_line,reject_codes,reject_detail,reject_raw\n{ragged},,2,row.malformed,x,y\n");
    stage.put("repaired.csv", repaired);
    stage.run(&["repaired.csv"]).with(0);
    stage.report().all("confirmed", "");
}

/// Rejects that are repaired in one place and wrong in another come back as they were, but for what is added.
#[test]
fn rejects_that_are_rejected_again_keep_their_bytes() {
    let stage = Stage::calm();
    let row = "{ \"phone\" : \"911\" ,\t\"requestedStart\":\"\\u0078\", \"requestedEnd\":\"y\" , \"n\": [1.50, {}] ";
    stage.put("night.ndjson", format!("{row}}}\n"));
    for night in ["night.ndjson", "again.ndjson"] {
        stage.run(&[night]).with(3);
        let rejects = std::fs::read_to_string(stage.path("out/rejects.ndjson")).unwrap();
        assert!(rejects.starts_with(&format!("{row},\"reject_line\":1,")), "{rejects}");
        assert_eq!((rejects.matches("reject_line").count(), rejects.lines().count()), (1, 1), "{rejects}");
        stage.put("again.ndjson", rejects);
    }
}

#[test]
fn each_of_several_inputs_has_rejects_like_itself() {
    let stage = Stage::calm();
    stage.put("one.csv", csv(&wishes(1)) + "bad-1,unknown,,,,\n");
    stage.put("two.ndjson", ndjson(&wishes(2)) + "{\"id\":\"bad-2\",\"phone\":\"unknown\"}\n");
    stage.run(&["one.csv", "two.ndjson"]).with(3);
    let read = |name: &str| std::fs::read_to_string(stage.path("out").join(name)).unwrap();
    assert!(read("rejects-1.csv").contains("bad-1") && !read("rejects-1.csv").contains("bad-2"));
    assert!(read("rejects-2.ndjson").contains("bad-2"));
    assert_eq!(stage.report().column("status"), ["confirmed", "rejected", "duplicate", "confirmed", "rejected"]);
    assert_eq!(stage.report().column("line"), ["2", "3", "1", "2", "3"]);
}

#[test]
fn one_callback_is_one_however_it_is_written() {
    let stage = Stage::calm();
    let wish = wish(0);
    let start = wish.start.format("%Y-%m-%dT%H:%M:%S.250Z");
    let end = wish.end.to_rfc3339();
    stage.put(
        "night.csv",
        lines([
            wish.line(),
            format!("b,(202) 555-0100,{start},{end}, billing-east ,es"),
            format!("c,\"1-202-555-0100\",{start},{end},billing-east,"),
            format!("d,2025550100#,{start},{end},Billing-East,en"),
        ]),
    );
    stage.run(&["night.csv"]).with(0);
    let report = stage.report();
    assert_eq!(report.column("status"), ["confirmed", "duplicate", "duplicate", "confirmed"]);
    assert_eq!(report.summary["warnings"]["language.missing"], 1);
    let promised = "x,+12025550198,2026-11-23T13:00:00Z,2026-11-23T15:00:00Z,a1b2,en";
    stage.put("night.csv", lines([promised]));
    stage.ringback(&["validate", "night.csv", "-o", "out", "--now", "2026-11-22T00:00:00Z"]).with(0);
    assert_eq!(stage.report().column("callback_id"), ["194c33ee-72c2-591b-92ab-b071e07b2a7f"]);
}

#[test]
fn delimiters_quotes_and_line_ends_are_found_out() {
    let text = csv(&wishes(3));
    let semicolons = format!("\u{feff}{}", text.replace(',', ";").replace('\n', "\r\n"));
    let tabs = text.replace(',', "\t").trim_end().to_owned();
    let quoted = format!("\"{}\"", text.trim_end().replace(',', "\",\"").replace('\n', "\"\n\""));
    for (name, text) in [("a.csv", semicolons), ("b.tsv", tabs), ("c.txt", quoted)] {
        let stage = Stage::calm();
        stage.put(name, text);
        stage.ringback(&["validate", name, "-o", "out"]).with(0);
        stage.report().all("valid", "");
        assert_eq!(stage.report().column("line"), ["2", "3", "4"]);
    }
}

#[test]
fn standard_input_is_called_by_its_dash() {
    let stage = Stage::calm();
    stage.export("night.csv", &wishes(2));
    let mut run = stage.command(&["run", "-", "-o", "out", "--rate", "100000"]);
    run.stdin(Stdio::from(std::fs::File::open(stage.path("night.csv")).unwrap()));
    crate::stage::Ended::of(&mut run).with(0);
    assert_eq!(stage.report().column("input"), ["-", "-"]);
    assert_eq!(stage.report().summary["inputs"][0]["path"], "-");
}

#[test]
fn packed_and_wide_encodings_are_read_too() {
    let text = csv(&wishes(2));
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let utf16 = wide(&format!("\u{feff}{text}"));
    let zst = zstd::encode_all(text.as_bytes(), 1).unwrap();
    let zipped = gzip(&utf16);
    // What a file holds is found out where its name does not say.
    for (name, bytes) in [("a.csv", utf16), ("b.csv.zst", zst.clone()), ("c.csv.gz", zipped), ("d", zst)] {
        let stage = Stage::calm();
        stage.put(name, bytes);
        stage.ringback(&["validate", name, "-o", "out"]).with(0);
        stage.report().all("valid", "");
    }
}

#[test]
fn a_campaign_of_any_name_reaches_the_platform_as_it_stands() {
    let stage = Stage::calm();
    let names = ["Söder & Co #1", "100% = a+b?", "a/b;c"];
    let wishes: Vec<Wish> = names.iter().enumerate().map(|(n, name)| wish(n).campaign(name)).collect();
    stage.export("night.csv", &wishes);
    stage.run(&["night.csv"]).with(0);
    let state = stage.state();
    state.requests().iter().for_each(crate::contract::request);
    let mut asked: Vec<String> = state.contacts().iter().map(|c| c["campaignId"].as_str().unwrap().into()).collect();
    asked.sort();
    let mut expected = names;
    expected.sort_unstable();
    assert_eq!(asked, expected);
    let forecasts = state.requests().iter().filter(|request| request["method"] == "GET");
    let of =
        |request: &serde_json::Value| crate::contract::pairs(request["query"].as_str().unwrap())["campaignId"].clone();
    let mut asked: Vec<serde_json::Value> = forecasts.map(of).collect();
    asked.sort_by_key(ToString::to_string);
    assert_eq!(asked, expected);
}

#[test]
fn a_spreadsheet_runs_nothing_that_stands_in_the_results() {
    let stage = Stage::calm();
    let evil = |id: &str, number: usize| Wish { id: id.to_owned(), ..wish(number) };
    stage.export("night.csv", &[evil("=1+1", 0), evil("@now", 1), evil("-2+3", 2), evil("+cmd", 3), evil("plain", 4)]);
    stage.run(&["night.csv"]).with(0);
    let report = stage.report();
    assert_eq!(report.column("record_id"), ["'=1+1", "'@now", "'-2+3", "'+cmd", "plain"]);
    assert!(report.column("phone").iter().all(|phone| phone.starts_with("+1")), "a phone keeps its plus");
}

#[test]
fn a_long_report_is_in_input_order_and_so_are_its_rejects() {
    let stage = Stage::calm();
    let row = |number: usize| {
        let phone = if number.is_multiple_of(3) { "nobody".to_owned() } else { format!("+1202{}", 2_010_000 + number) };
        Wish { id: format!("ivr-{number}"), phone, ..wish(0) }.line()
    };
    // More than are spelled at once, in two files; every third is rejected, and some repeat the first good one.
    let rows = |range: std::ops::Range<usize>| lines(range.map(|n| if n % 1000 == 1 { row(1) } else { row(n) }));
    stage.put("a.csv", rows(0..12_000));
    stage.put("b.csv", rows(12_000..20_000));
    stage.ringback(&["validate", "a.csv", "b.csv", "-o", "out"]).with(3);
    let report = stage.report();
    assert_eq!(report.rows.len(), 20_000);
    for (number, told) in report.rows.iter().enumerate() {
        let (input, line) = if number < 12_000 { ("a.csv", number + 2) } else { ("b.csv", number - 11_998) };
        assert_eq!((told.at("input"), told.at("line")), (input, line.to_string().as_str()));
        let is_repeated = number % 1000 == 1;
        let expected = if is_repeated { row(1) } else { row(number) };
        let [id, phone] = [0, 1].map(|column| expected.split(',').nth(column).unwrap());
        assert_eq!((told.at("record_id"), told.at("phone")), (id, phone), "{told:?}");
        let status = match () {
            () if is_repeated && number > 1 => "duplicate",
            () if number % 3 == 0 => "rejected",
            () => "valid",
        };
        assert_eq!(told.at("status"), status, "{told:?}");
    }
    for (rejects, input) in [("rejects-1.csv", "a.csv"), ("rejects-2.csv", "b.csv")] {
        let text = std::fs::read_to_string(stage.path("out").join(rejects)).unwrap();
        let ids = text.lines().skip(1).map(|line| line.split(',').next().unwrap());
        let rejected = report.rows.iter().filter(|row| row.at("input") == input && row.at("status") == "rejected");
        assert!(ids.eq(rejected.map(|row| row.at("record_id"))), "{rejects}");
    }
}
