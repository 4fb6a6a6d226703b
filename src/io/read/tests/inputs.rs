//! How inputs are opened, and which are refused.

use std::fs;
use std::io::Write;

use super::*;
use crate::domain::report::InputFacts;

const CALLS: &str = "phone,window_start,window_end,campaign\np,s,e,c\n";

fn check_refused(name: &str, bytes: &[u8], words: &[&str]) {
    let (class, message) = refusal(name, bytes, &ReadOptions::default());
    assert_eq!(class, ErrorClass::Unreadable, "{message}");
    for word in words {
        assert!(message.contains(word), "{word:?} in {message:?}");
    }
}

#[test]
fn columns_are_found_under_their_names_in_any_order() {
    for (header, row) in [
        ("phone,window_start,x,requestedEnd,campaign", "p,s,x,e,c"),
        ("Phone Number;requested-start;x;window_end;CAMPAIGN ID", "p;s;x;e;c"),
        ("REQUESTED_END\tcallback_number\trequestedStart\tx\tcampaignId", "e\tp\ts\tx\tc"),
        ("\"phone\"|\" requested start \"|\"x, y; z\"|window_end|campaign", "p|s|x|e|c"),
        ("phone;requested_start;\"a,b,c,d,e,f\";window_end;campaign", "p;s;x;e;c"),
        ("a, b, c, phone;requested_start;window_end;campaign;phone_number", "x;s;e;c;p"),
        ("\"phone\",\"window\n_start\",\"x\",\"window_end\",\"campaign\"", "p,s,x,e,c"),
    ] {
        let rows = read_bytes("-", format!("{header}\r\n{row}\r\n").as_bytes(), &ReadOptions::default()).unwrap();
        assert!(rows[0].told().ends_with(": p|s|e|c|-|-"), "{header}: {:?}", rows[0]);
    }
}

#[test]
fn a_header_alone_has_no_rows() {
    for bytes in
        ["phone,window_start,window_end,campaign", "\n \t\nphone,window_start,window_end,campaign\r\n\n \t\r\n  "]
    {
        assert!(told("x.csv", bytes.as_bytes()).is_empty());
    }
}

#[test]
fn lines_are_counted_from_the_top_of_the_file() {
    let input = "\n\"phone\",\"window\n_start\",window_end,campaign\n\np,s,e,c\n";
    assert_eq!(told("x.csv", input.as_bytes()), ["5: p|s|e|c|-|-"]);
}

#[test]
fn a_line_of_blanks_is_no_record_and_one_of_delimiters_is() {
    let input = "phone\twindow_start\twindow_end\tcampaign\n  \np\ts\te\tc\n \r\n\t\t\t\n\t\nx\n";
    let rows = read_bytes("x.tsv", input.as_bytes(), &ReadOptions::default()).unwrap();
    let malformed = |found: &str| Err(("row.malformed", format!("{found} found, 4 expected")));
    assert_eq!((rows.len(), rows[0].told().as_str(), rows[1].told().as_str()), (4, "3: p|s|e|c|-|-", "5: ||||-|-"));
    assert_eq!([&rows[2].fields, &rows[3].fields], [&malformed("2 fields"), &malformed("1 field")]);
}

#[test]
fn the_format_is_told_by_name_or_content() {
    let json = b"\n {\"phone\":\"p\"}\n";
    for (name, bytes, row) in [
        ("x.json", &json[..], "2: p|-|-|-|-|-"),
        ("-", json, "2: p|-|-|-|-|-"),
        ("x.txt", b"phone,window_start,window_end,campaign\np,s,e,c", "2: p|s|e|c|-|-"),
        ("x.csv", b"{phone,phone,window_start,window_end,campaign\n1,p,s,e,c", "2: p|s|e|c|-|-"),
    ] {
        assert_eq!(told(name, bytes), [row], "{name}");
    }
}

#[test]
fn packed_and_encoded_inputs_are_read_alike() {
    let text = "phone,window_start,window_end,campaign\np,s,e,é\n";
    let (one, two) = text.as_bytes().split_at(30);
    let zstd = |bytes: &[u8]| zstd::encode_all(bytes, 1).unwrap();
    let le: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let be: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_be_bytes).collect();
    for (what, bytes) in [
        ("plain", text.as_bytes().to_vec()),
        ("byte-order mark", format!("\u{feff}{text}").into_bytes()),
        ("gzip, two members", [gzip(one), gzip(two)].concat()),
        ("zstd, two frames", [zstd(one), zstd(two)].concat()),
        ("zstd, skippable frame", [&b"\x50\x2a\x4d\x18\x02\0\0\0xx"[..], &zstd(text.as_bytes())].concat()),
        ("UTF-16LE", le.clone()),
        ("UTF-16BE", be),
        ("UTF-16LE in gzip", gzip(&le)),
    ] {
        assert_eq!(told("-", &bytes), ["2: p|s|e|é|-|-"], "{what}");
    }
    let options = ReadOptions { encoding: Some(encoding_rs::WINDOWS_1252), ..ReadOptions::default() };
    let latin =
        text.replace('é', "\u{1}").into_bytes().iter().map(|b| if *b == 1 { 0xe9 } else { *b }).collect::<Vec<_>>();
    assert_eq!(read_bytes("-", &latin, &options).unwrap()[0].told(), "2: p|s|e|é|-|-");
    assert_eq!(read_bytes("-", &le, &options).unwrap()[0].told(), "2: p|s|e|é|-|-");
}

#[test]
fn what_cannot_be_an_input_is_refused() {
    let packed = gzip(CALLS.repeat(100).as_bytes());
    let zstd = zstd::encode_all(CALLS.as_bytes(), 1).unwrap();
    check_refused("x.csv", b"", &["x.csv: ", "empty"]);
    check_refused("x.csv", b"\n\r\n", &["empty"]);
    check_refused("x.csv", &b"\n".repeat(3 << 20), &["empty"]);
    check_refused("x.csv", b"\xef\xbb\xbf", &["empty"]);
    check_refused("x.csv", &gzip(b""), &["empty"]);
    check_refused("x.csv", b"PK\x03\x04\x14\0", &["workbook"]);
    check_refused("-", b"p\0h\0o\0n\0e\0,\0", &["NUL", "--encoding"]);
    check_refused("-", b"[\n{\"phone\":1}]", &["JSON array"]);
    check_refused("x.csv", b"phone,window_start,window_end,campaign,z\rp,s,e,c,z\r", &["CR alone"]);
    check_refused("x.csv", b"\x7fE\x02\x01,\r\x03\xff,\r\x1f", &["this is not text but binary data"]);
    check_refused("x.csv", b"\x01\"\xfe\x02\n\x03", &["this is not text but binary data"]);
    check_refused("x.csv", b"{\"phone\":\"+12025550198\",\"campaign\":\"c\"}\n", &["looks like NDJSON", ".ndjson"]);
    check_refused("x.tsv.gz", &gzip(b"\n{}\n"), &["looks like NDJSON", ".ndjson"]);
    let table = b"phone;window_start;window_end;campaign\np;s;e;c\n";
    check_refused("x.ndjson", table, &["x.ndjson: ", "looks like CSV", ".csv"]);
    check_refused("x.jsonl.gz", &gzip(&table[..39]), &["looks like CSV"]);
    check_refused(
        "x.ndjson",
        b"\n+12025550198,s,e,c\n\n+12025550199,s,e,c\n",
        &["none of its first lines is a JSON object"],
    );
    check_refused("x.csv", b"\"phone,window_start,window_end\n", &["line 1", "not closed"]);
    check_refused("x.csv.gz", &packed[..packed.len() - 9], &["damaged or ends early"]);
    check_refused("x.csv.gz", &[&packed[..40], b"zzzzzzzz", &packed[48..]].concat(), &["damaged"]);
    check_refused("x.csv.gz", &[&packed[..], b"more"].concat(), &["damaged"]);
    check_refused("x.csv.zst", &zstd[..zstd.len() - 3], &["damaged or ends early"]);
    check_refused("x.csv.gz", &gzip(&gzip(CALLS.as_bytes())), &["packed twice"]);
}

#[test]
fn a_bad_line_among_objects_is_a_bad_row_wherever_it_stands() {
    for (bytes, bad) in [
        (&b"nothing\n{\"phone\":\"p\"}\n"[..], 1),
        (b"phone,window_start,window_end,campaign\n{\"phone\":\"p\"}\n", 1),
        (b"\n{\"phone\":\nnothing\n", 2),
        (b"nothing\n", 1),
        (b" \n\n", 0),
    ] {
        let rows = read_bytes("x.ndjson", bytes, &ReadOptions::default()).unwrap();
        assert_eq!(rows.iter().filter(|row| row.fields.is_err()).count(), bad, "{rows:?}");
    }
}

#[test]
fn columns_that_are_missing_or_doubtful_are_named() {
    check_refused(
        "x.csv",
        b"phone,requestdStart,window_end,campagin\n",
        &[
            "no column for requestedStart, campaignId",
            "found: phone, requestdStart",
            "to campaignId: campagin",
            "--map",
        ],
    );
    check_refused(
        "x.csv",
        b"phone,Phone_Number,window_start,window_end,campaign\n",
        &["phoneNumber: ", "\"phone\" and \"Phone_Number\""],
    );
    check_refused("x.csv", b"12025550198,2026,2026,c\n", &["(a number)"]);
    let twice = "phone,Phone_Number,window_start,window_end,campaign\np,q,s,e,c";
    let rows = read_bytes("x.csv", twice.as_bytes(), &mapped(&[(Field::Phone, "Phone_Number")])).unwrap();
    assert_eq!(rows[0].told(), "2: q|s|e|c|-|-");
    let (class, message) = refusal("x.csv", twice.as_bytes(), &mapped(&[(Field::Phone, "phones")]));
    assert_eq!(class, ErrorClass::Unreadable);
    assert!(message.contains("--map phoneNumber=phones: there is no such column; columns found: phone,"), "{message}");
    let (_, message) = refusal("x.csv", b"a,a,window_start,window_end,campaign", &mapped(&[(Field::Phone, "a")]));
    assert!(message.contains("several columns"), "{message}");
}

#[test]
fn columns_of_an_earlier_reject_are_passed_over() {
    let input = "phone,window_start,window_end,campaign,REJECT_line,reject_codes\np,s,e,c,9,x\n";
    assert_eq!(told("x.csv", input.as_bytes()), ["2: p|s|e|c|-|-"]);
}

#[test]
fn what_unpacks_without_end_meets_a_limit() {
    let packed = gzip(format!("{CALLS}{}", "\n".repeat(1 << 20)).as_bytes());
    let limits = ReadLimits { unpacked_bytes_max: 1 << 19, ..ReadLimits::default() };
    let (class, message) = refusal("x.gz", &packed, &ReadOptions { limits, ..ReadOptions::default() });
    assert_eq!(class, ErrorClass::Unreadable);
    assert!(message.contains("unpacks to more than 524288 bytes"), "{message}");
}

#[test]
fn a_file_has_its_size_and_hash_as_it_stands_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("calls.csv.gz");
    let packed = gzip(b"phone,window_start,window_end,campaign\np,s,e,c\n");
    fs::write(&path, &packed).unwrap();
    let name = path.to_str().unwrap();
    let mut source = open(name, &ReadOptions::default()).unwrap();
    assert_eq!(rest_of(&mut source).unwrap().len(), 1);
    let facts = source.finish(1).unwrap();
    let expected: String = {
        use sha2::Digest;
        sha2::Sha256::digest(&packed).iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
    };
    assert_eq!(
        facts,
        InputFacts { name: name.to_owned(), bytes: packed.len() as u64, sha256: Some(expected), rows: 1 }
    );
}

#[test]
fn a_file_that_changes_while_it_is_read_is_told() {
    type Change = fn(&std::path::Path);
    let changes: [(&str, Change); 4] = [
        ("grows", |path| fs::OpenOptions::new().append(true).open(path).unwrap().write_all(b"q,s,e,c\n").unwrap()),
        ("shrinks", |path| fs::OpenOptions::new().write(true).open(path).unwrap().set_len(45).unwrap()),
        ("goes", |path| fs::remove_file(path).unwrap()),
        ("is replaced", |path| {
            fs::write(path.with_extension("new"), fs::read(path).unwrap()).unwrap();
            fs::rename(path.with_extension("new"), path).unwrap();
        }),
    ];
    for (what, change) in changes {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("calls.csv");
        fs::write(&path, "phone,window_start,window_end,campaign\np,s,e,c\n").unwrap();
        let source = open(path.to_str().unwrap(), &ReadOptions::default()).unwrap();
        change(&path);
        let error = source.finish(0).expect_err(what);
        assert_eq!(error.class(), ErrorClass::Io, "{what}");
        assert!(error.to_string().contains("changed while it was read"), "{what}: {error}");
    }
}

#[test]
fn a_path_that_is_no_file_is_told() {
    let folder = tempfile::tempdir().unwrap();
    for (path, class) in
        [(folder.path().join("nothing.csv"), ErrorClass::NotThere), (folder.path().to_owned(), ErrorClass::Unreadable)]
    {
        let error = open(path.to_str().unwrap(), &ReadOptions::default()).err().unwrap();
        assert_eq!(error.class(), class, "{error}");
    }
}

#[test]
fn a_source_may_change_threads_and_its_layout_be_shared() {
    fn check<S: Send, L: Send + Sync>(_: &S, _: &L) {}
    let source = over("x.csv", Box::new(Cursor::new(CALLS)), &ReadOptions::default()).unwrap();
    check(&source, &source.layout());
}

/// Lines of JSON have no header: the first objects stand for it.
#[test]
fn lines_without_any_field_are_refused_as_a_table_without_the_columns_is() {
    let refused = |text: &str, options: &ReadOptions| refusal("x.ndjson", text.as_bytes(), options).1;
    let words = refused("{\"b\":1,\"a\":{\"phone\":1}}\nnothing\n{\"telephone\":2}\n", &ReadOptions::default());
    let all =
        "x.ndjson: no column for phoneNumber, requestedStart, requestedEnd, campaignId; columns found: a, b, telephone";
    assert!(words.starts_with(all), "{words}");
    let contacts = "{\"Contact ID\":1,\"scheduled_start_date_time\":2,\"phone\":3,\"campaignId\":4}";
    assert!(refused(contacts, &ReadOptions::default()).contains("the platform's contacts"));
    let table = refusal("x.csv", b"contactId,campaignId,phone,scheduledStartDateTime\n", &ReadOptions::default());
    assert!(table.1.contains("the platform's contacts"), "{}", table.1);
    // Where the time of a contact is said to be that of the window, it is what somebody wants.
    let wanted = mapped(&[(Field::Start, "scheduled_start_date_time")]);
    assert_eq!(read_bytes("x.ndjson", contacts.as_bytes(), &wanted).unwrap().len(), 1);
    // One field of one row is enough, and so is nothing at all: rows are judged by themselves then.
    for text in [
        "{\"a\":1}\n{\"lang\":2}\n",
        "{}\n[]\n",
        "nothing\n",
        "{\"a\":1,\"reject_line\":6}\n{\"reject_line\":7,\"reject_raw\":\"x\"}\n",
        "{\"at\":{\"phone\":1}}",
    ] {
        let options = mapped(&[(Field::Phone, "/at/phone")]);
        assert_eq!(read_bytes("x.ndjson", text.as_bytes(), &options).unwrap().len(), text.lines().count(), "{text}");
    }
    // A line that is longer than what is looked at tells nothing.
    let long = format!("{{\"a\":\"{}\"}}\n", "x".repeat(100_000));
    assert_eq!(read_bytes("x.ndjson", long.as_bytes(), &ReadOptions::default()).unwrap().len(), 1);
}

#[test]
fn what_is_needed_must_be_in_one_of_the_first_lines() {
    let options = ReadOptions { mapped: Mapped::Needed, ..mapped(&[(Field::Phone, "p"), (Field::Id, "i")]) };
    let words = refusal("x.ndjson", b"{\"p\":1,\"requestedStart\":2}\n", &options).1;
    assert!(words.contains("--map id=i: there is no such column; columns found: p, requestedStart"), "{words}");
    assert_eq!(read_bytes("x.ndjson", b"{\"p\":1}\n{\"I\":1}\n", &options).unwrap().len(), 2);
}
