//! How inputs are taken apart, record by record.

use super::*;

const HEADER: &str = "phone,window_start,window_end,campaign,lang,id\n";

fn check_csv(body: &str, expected: &[&str]) {
    assert_eq!(told("calls.csv", format!("{HEADER}{body}").as_bytes()), expected, "{body:?}");
}

fn check_json(body: &str, expected: &[&str]) {
    assert_eq!(told("calls.ndjson", body.as_bytes()), expected, "{body:?}");
}

#[test]
fn ordinary_records_of_csv() {
    check_csv("", &[]);
    check_csv("p,s,e,c,l,i\n", &["2: p|s|e|c|l|i"]);
    check_csv("p,s,e,c,l,i", &["2: p|s|e|c|l|i"]);
    check_csv("p,s,e,c,l,i\r\nq,s,e,c,,\r\n", &["2: p|s|e|c|l|i", "3: q|s|e|c||"]);
    check_csv("\n\r\np,s,e,c,l,i\n\n", &["4: p|s|e|c|l|i"]);
    check_csv(" p ,s,e,c,l,i\n", &["2:  p |s|e|c|l|i"]);
    check_csv("p\0,s,e,c,l,i\n", &["2: p\0|s|e|c|l|i"]);
}

#[test]
fn ordinary_records_are_seen_in_passing() {
    let body = "p,s,e,c,l,i\nq,s,e,c,,\r\n\"r\",\"s\",e,c,l,\"i\"\r\n\"a \"\"b\"\"\",s,e,c,l,i\n";
    let input = format!("{HEADER}{body}").into_bytes();
    let mut source = over("x.csv", Box::new(Cursor::new(input)), &ReadOptions::default()).unwrap();
    let (layout, block) = (source.layout(), source.next_block().unwrap().unwrap());
    let mut passing = Passing::default();
    block.visit(&layout, &mut passing);
    assert_eq!((passing.passed, passing.seen.len()), (3, 4));
}

#[test]
fn quotes_are_read_as_rfc_4180_says() {
    check_csv("\"p,1\",\"s\",e,c,l,\"\"\n", &["2: p,1|s|e|c|l|"]);
    check_csv("\"say \"\"hi\"\"\",s,e,c,l,i", &["2: say \"hi\"|s|e|c|l|i"]);
    check_csv("\"two\nlines\",s,e,c,l,i\r\nq,s,e,c,l,i", &["2: two\nlines|s|e|c|l|i", "4: q|s|e|c|l|i"]);
    check_csv("5\" pipe,s,e,c,l,\"i\"\r\n", &["2: 5\" pipe|s|e|c|l|i"]);
    check_csv("p,s,e,c,l,\"i\"\r", &["2: p|s|e|c|l|i"]);
}

#[test]
fn a_bad_record_costs_its_first_line_alone() {
    check_csv("p,s\nq,s,e,c,l,i\n", &["2: row.malformed", "3: q|s|e|c|l|i"]);
    check_csv("p,s,e,c,l,i,j\n", &["2: row.malformed"]);
    check_csv("\"p,s,e,c,l,i\nq,s,e,c,l,i\n", &["2: row.malformed", "3: q|s|e|c|l|i"]);
    check_csv("\"p\"x,s,e,c,l,i\nq,s,e,c,l,i\n", &["2: row.malformed", "3: q|s|e|c|l|i"]);
    check_csv("\"p\n\"x,s,e,c,l,i\nq,s,e,c,l,i\n", &["2: row.malformed", "3: row.malformed", "4: q|s|e|c|l|i"]);
    check_csv("\"p\"\rx,s,e,c,l,i\nq,s,e,c,l,i\n", &["2: row.malformed", "3: q|s|e|c|l|i"]);
}

#[test]
fn a_row_says_how_many_fields_it_has() {
    let rows = read_bytes("-", format!("{HEADER}p,s\n").as_bytes(), &ReadOptions::default()).unwrap();
    assert_eq!(rows[0].fields, Err(("row.malformed", "2 fields found, 6 expected".to_owned())));
    assert_eq!(rows[0].raw, b"p,s");
}

#[test]
fn ordinary_records_of_ndjson() {
    check_json("{\"phone\":\"p\",\"requestedStart\":\"s\",\"lang\":null}\n", &["1: p|s|-|-|-|-"]);
    check_json("\n  \r\n{\"Phone Number\":\"p\"}", &["3: p|-|-|-|-|-"]);
    check_json("{\"phone\":2025550198,\"id\":1e400,\"campaign\":true}\r\n", &["1: 2025550198|-|-|true|-|1e400"]);
    check_json("{\"phone\":{\"a\": [1]},\"id\":[]}", &["1: {\"a\": [1]}|-|-|-|-|[]"]);
    check_json("{\"phone\":\"\\u002b1\\n\"}", &["1: +1\n|-|-|-|-|-"]);
    check_json("{\"ph\\u006fne\":\"p\"}", &["1: p|-|-|-|-|-"]);
    check_json("{}", &["1: -|-|-|-|-|-"]);
    check_json("{\"other\":\"\\ud800\",\"id\":\"i\"}", &["1: -|-|-|-|-|i"]);
}

#[test]
fn fields_that_hold_no_text_are_told_from_those_that_do() {
    for (value, instead) in [
        ("{}", Some("an object")),
        ("[ \"+12025550198\"]", Some("an array")),
        ("true", Some("true")),
        ("false", Some("false")),
        ("null", None),
        ("2025550198", None),
        ("-1e5", None),
        ("\"true\"", None),
        ("\"{}\"", None),
    ] {
        let keys = ReadOptions::default();
        let mut source = over("x.ndjson", Box::new(Cursor::new(format!("{{\"campaignId\":{value}}}"))), &keys).unwrap();
        let layout = source.layout();
        let mut unfit = Vec::new();
        while let Some(block) = source.next_block().unwrap() {
            block.rows(&layout, |row| unfit.extend(row.fields.unwrap().unfit));
        }
        assert_eq!(unfit, instead.map(|instead| (Field::Campaign, instead)).into_iter().collect::<Vec<_>>(), "{value}");
    }
}

#[test]
fn lines_that_are_no_object_are_malformed() {
    for line in
        ["{\"phone\":\"p\"} x", "[1]", "7", "\"x\"", "{\"phone\":", "{\"phone\":\"p\",}", "{'a':1}", "{\"a\":01}"]
    {
        check_json(&format!("{{}}\n{line}\n{{}}\n"), &["1: -|-|-|-|-|-", "2: row.malformed", "3: -|-|-|-|-|-"]);
    }
    for line in ["{\"phone\":\"p\",\"phone\":\"p\"}", "{\"phone\":\"p\",\"phone_number\":null}"] {
        check_json(line, &["1: row.malformed"]);
        check_json(&format!("{line}\n"), &["1: row.malformed"]);
    }
}

#[test]
fn what_is_wrong_with_a_line_is_told() {
    for (line, told) in [
        ("{\"phone\":\"p\"} x", "trailing characters, column 15"),
        ("[1]", "invalid type: sequence, expected a JSON object"),
        ("{\"lang\":\"a\",\"lang\":\"b\"}", "language stands there twice, as \"lang\" and as \"lang\", column 23"),
        ("{\"lang\":1,\"locale\":2}", "language stands there twice, as \"lang\" and as \"locale\", column 21"),
    ] {
        let rows = read_bytes("x.ndjson", line.as_bytes(), &ReadOptions::default()).unwrap();
        let (_, detail) = rows[0].fields.clone().unwrap_err();
        assert_eq!(detail, told, "{line}");
    }
}

#[test]
fn nesting_does_not_exhaust_the_stack() {
    let deep = format!("{}{}", "[".repeat(300_000), "]".repeat(300_000));
    let deep_objects = format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    let open = "[".repeat(900_000);
    let body =
        format!("{{\"x\":{deep},\"id\":1}}\n{{\"x\":{deep_objects},\"id\":2}}\n{{\"x\":{open}\n{{\"id\":{deep}}}\n");
    let rows = read_bytes("x.ndjson", body.as_bytes(), &mapped(&[(Field::Phone, "/x/0/0/0")])).unwrap();
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[1].told(), "2: -|-|-|-|-|2");
    assert_eq!(rows[2].told(), "3: row.malformed");
}

#[test]
fn bytes_that_are_no_utf_8_are_left_to_the_judge() {
    let csv = [HEADER.as_bytes(), b"p\xff,s,e,c,l,i\n"].concat();
    let rows = read_bytes("x.csv", &csv, &ReadOptions::default()).unwrap();
    assert_eq!(rows[0].fields.as_ref().unwrap()[0].as_deref(), Some(&b"p\xff"[..]));
    let json = b"{\"note\":\"\xff\",\"phone\":\"p\",\"id\":\"i\xc3\"}\n";
    let rows = read_bytes("x.ndjson", json, &ReadOptions::default()).unwrap();
    let fields = rows[0].fields.as_ref().unwrap();
    assert_eq!(fields[0].as_deref(), Some(&b"p"[..]));
    assert_eq!(fields[5].as_deref(), Some(&b"\xff"[..]));
    assert_eq!(rows[0].raw, json.trim_ascii_end());
    let lone = read_bytes("x.ndjson", b"{\"phone\":\"\\ud800\"}", &ReadOptions::default()).unwrap();
    assert_eq!(lone[0].fields.as_ref().unwrap()[0].as_deref(), Some(&b"\xff"[..]));
}

#[test]
fn fields_are_found_where_they_are_mapped() {
    let options = mapped(&[(Field::Phone, "/customer/phones/0"), (Field::Id, "/a~1b"), (Field::Start, "From")]);
    for (line, told) in [
        ("{\"customer\":{\"phones\":[\"p\",\"q\"]},\"a/b\":7,\"from\":\"s\"}", "1: p|s|-|-|-|7"),
        ("{\"customer\":{\"phones\":[]},\"phone\":\"x\",\"id\":\"x\"}", "1: -|-|-|-|-|-"),
        ("{\"customer\":[1],\"requestedStart\":\"x\"}", "1: -|-|-|-|-|-"),
        ("{\"customer\":{\"phones\":[\"p\"],\"phones\":[\"q\"]}}", "1: row.malformed"),
        ("{\"from\":1,\"FROM\":2}", "1: row.malformed"),
    ] {
        let rows = read_bytes("x.ndjson", line.as_bytes(), &options).unwrap();
        assert_eq!(rows[0].told(), told, "{line}");
    }
}

#[test]
fn a_line_over_the_limit_is_one_row() {
    let options = limited(50);
    for (name, long) in [("x.csv", "y".repeat(51)), ("x.csv", format!("\"{}", "y".repeat(50)))] {
        let body = format!("{HEADER}p,s,e,c,l,i\n{long}\nq,s,e,c,l,i\n{long}");
        for block_bytes in [1, 7, 64, 1 << 20] {
            let options = ReadOptions { block_bytes, ..options.clone() };
            let rows = read_bytes(name, body.as_bytes(), &options).unwrap();
            let told: Vec<String> = rows.iter().map(Seen::told).collect();
            assert_eq!(told, ["2: p|s|e|c|l|i", "3: row.too_long", "4: q|s|e|c|l|i", "5: row.too_long"]);
            assert_eq!(rows[1].raw, &long.as_bytes()[..16]);
        }
    }
    let json = format!("{{\"id\":\"{}\"}}\n{{\"id\":1}}\n", "y".repeat(50));
    let told: Vec<String> = read_bytes("x.jsonl", json.as_bytes(), &options).unwrap().iter().map(Seen::told).collect();
    assert_eq!(told, ["1: row.too_long", "2: -|-|-|-|-|1"]);
}

#[test]
fn a_huge_line_is_not_held() {
    let header = Cursor::new(HEADER.as_bytes());
    let line = std::io::repeat(b'y').take(50 << 20);
    let stream = header.chain(line).chain(Cursor::new(&b"\np,s,e,c,l,i\n"[..]));
    let mut source = over("x.csv", Box::new(stream), &ReadOptions::default()).unwrap();
    let layout = source.layout();
    let mut told = Vec::new();
    while let Some(block) = source.next_block().unwrap() {
        assert!(block.size() <= 4 << 20 && source.held() <= 8 << 20);
        block.rows(&layout, |row| told.push(Seen::of(row).told()));
    }
    assert_eq!(told, ["2: row.too_long", "3: p|s|e|c|l|i"]);
}

/// Each line opens a quoted field that only the limit ends: looking a limit's length ahead from each
/// line would take hours here.
#[test]
fn lines_that_never_close_are_passed_in_one_go() {
    let lines = "x\",\"\n".repeat(300_000);
    let tail = format!("\",{}\n", "y,".repeat(300_000));
    let body = format!("{HEADER}{lines}{tail}{lines}");
    let rows = read_bytes("x.csv", body.as_bytes(), &ReadOptions::default()).unwrap();
    assert!(rows.len() > 300_000);
    assert!(rows.iter().all(|row| row.fields.is_err()));
}
