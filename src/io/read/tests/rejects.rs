//! Rejected records, written and read again.

use super::*;
use crate::domain::row::Shape;
use crate::io::read::rejects::Rejected;

fn written(name: &str, input: &[u8], options: &ReadOptions) -> Vec<u8> {
    let mut source = over(name, Box::new(Cursor::new(input.to_vec())), options).unwrap();
    let shape = source.layout().reject_shape();
    let mut out = shape.header();
    for row in rest_of(&mut source).unwrap() {
        let taken = if row.fields.is_ok() { Shape::Parsed } else { Shape::Broken };
        let rejected = Rejected {
            raw: &row.raw,
            line: row.line,
            codes: "phone.invalid;time.missing",
            detail: "a; b",
            shape: taken,
        };
        out.extend(shape.record(&rejected));
    }
    out
}

fn check(name: &str, input: &str, expected: &str) {
    let out = written(name, input.as_bytes(), &ReadOptions::default());
    assert_eq!(String::from_utf8(out).unwrap(), expected, "{input:?}");
}

/// Writes all records as rejects, reads them again, and finds them as they were; twice is as once.
pub(super) fn check_read_again(name: &str, input: &[u8], options: &ReadOptions) {
    let first = read_bytes(name, input, options).unwrap();
    let limits = ReadLimits { record_bytes_max: 1 << 20, ..options.limits };
    let roomy = ReadOptions { limits, ..options.clone() };
    let out = written(name, input, options);
    let again = read_bytes(name, &out, &roomy).unwrap();
    assert_eq!(again.len(), first.len());
    for (before, after) in first.iter().zip(&again) {
        if before.fields.is_ok() {
            assert_eq!(before.fields, after.fields);
        } else if name.ends_with("csv") {
            assert!(after.fields.as_ref().is_ok_and(|fields| fields[0].as_deref() == Some(b"")));
        }
    }
}

#[test]
fn records_of_csv_keep_every_byte() {
    check(
        "x.csv",
        "phone,\"window_start\",window_end,campaign,\"a,note\"\r\n=p,\"s\", e,c,\"two\nlines\"\r\np,s\n",
        "phone,\"window_start\",window_end,campaign,\"a,note\",reject_line,reject_codes,reject_detail,reject_raw\n\
         =p,\"s\", e,c,\"two\nlines\",2,phone.invalid;time.missing,a; b,\n\
         ,,,,,4,phone.invalid;time.missing,a; b,\"p,s\"\n",
    );
    check(
        "x.csv",
        "phone;window_start;window_end;campaign\n=p\n",
        "phone;window_start;window_end;campaign;reject_line;reject_codes;reject_detail;reject_raw\n\
         ;;;;2;\"phone.invalid;time.missing\";\"a; b\";=p\n",
    );
}

#[test]
fn columns_of_an_earlier_reject_are_dropped() {
    check(
        "x.csv",
        "reject_line,phone,window_start,reject_codes,window_end,campaign\n7,p,\"s\",x,e,c\n",
        "phone,window_start,window_end,campaign,reject_line,reject_codes,reject_detail,reject_raw\n\
         p,\"s\",e,c,2,phone.invalid;time.missing,a; b,\n",
    );
}

#[test]
fn what_an_earlier_run_could_not_take_apart_stays_with_its_record() {
    check(
        "x.csv",
        "phone,window_start,window_end,campaign,reject_line,reject_raw\n,,,,7,\"=p,s\"\n",
        "phone,window_start,window_end,campaign,reject_line,reject_codes,reject_detail,reject_raw\n\
         ,,,,2,phone.invalid;time.missing,a; b,\"=p,s\"\n",
    );
}

#[test]
fn objects_keep_their_bytes() {
    let added = "\"reject_line\":1,\"reject_codes\":\"phone.invalid;time.missing\",\"reject_detail\":\"a; b\"";
    for (line, kept) in [
        ("{\"phone\" : 1, \"x\":[1.50]}", format!("{{\"phone\" : 1, \"x\":[1.50],{added}}}\n")),
        ("{}", format!("{{{added}}}\n")),
        ("{ } ", format!("{{ {added}}}\n")),
        ("{\"id\":1,\"reject_line\":9,\"reject_raw\":\"x\"}", format!("{{\"id\":1,{added},\"reject_raw\":\"x\"}}\n")),
        ("{ \"a\" :1 , \"b\": \"x,}\" ,\"reject_line\":9}", format!("{{ \"a\" :1 , \"b\": \"x,}}\" ,{added}}}\n")),
        ("{ \"reject_line\":9, \"a\": 1 }", format!("{{ \"a\": 1 ,{added}}}\n")),
        ("{\"\\u0061\":1.0e1, \"reject_codes\" : [\"}\"]\t}", format!("{{\"\\u0061\":1.0e1,{added}}}\n")),
        ("{\"reject_line\":9}", format!("{{{added}}}\n")),
        ("{\"a\":}", format!("{{{added},\"reject_raw\":\"{{\\\"a\\\":}}\"}}\n")),
    ] {
        let expected = kept.replace("{,", "{");
        check("x.ndjson", line, &expected);
    }
}

#[test]
fn bytes_that_are_no_utf_8_stay_as_they_are() {
    let line = b"{\"id\":\"\xff\xc3\xa9\",\"reject_line\":1}";
    let out = written("x.ndjson", line, &ReadOptions::default());
    assert!(out.starts_with(b"{\"id\":\"\xff\xc3\xa9\",\"reject_line\":1,\"reject_codes\""));
}

#[test]
fn a_record_that_cannot_be_taken_apart_shows_its_beginning() {
    let options = limited(60);
    let long = format!("\"{}é{}", "y".repeat(14), "z".repeat(60));
    let input = format!("phone,window_start,window_end,campaign\n{long}\n");
    let out = String::from_utf8(written("x.csv", input.as_bytes(), &options)).unwrap();
    assert!(out.ends_with(&format!(",\"\"\"{}\"\n", "y".repeat(14))), "{out}");
}

#[test]
fn rejects_can_be_read_again() {
    let csv = b"phone,window_start,window_end,campaign\n\"p\n1\",s,e,c\n\"x\np\xff,s,e,c\n";
    check_read_again("x.csv", csv, &ReadOptions::default());
    let json = b"{\"phone\":\"p\"}\nnothing\n{\"phone\":\"\xff\",\"lang\":\"l\"}\n{ }\n";
    check_read_again("x.ndjson", json, &ReadOptions::default());
}
