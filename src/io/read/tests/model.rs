//! Any bytes, cut into blocks of any size, against a reading that is slow and plain.

use proptest::prelude::*;

use super::*;
use crate::domain::fault::Fault;

/// A record as the rules read it, letter by letter: where it stops, and its cells.
fn record(text: &[u8], at: usize) -> Option<(usize, Vec<Vec<u8>>)> {
    let mut cells = vec![Vec::new()];
    let mut place = at;
    loop {
        let cell = cells.last_mut().unwrap();
        if text.get(place) == Some(&b'"') {
            place += 1;
            loop {
                match (text.get(place)?, text.get(place + 1)) {
                    (b'"', Some(b'"')) => {
                        cell.push(b'"');
                        place += 2;
                    }
                    (b'"', _) => break,
                    (byte, _) => {
                        cell.push(*byte);
                        place += 1;
                    }
                }
            }
            place += 1;
            let behind = &text[place..];
            if behind == b"\r" || behind.starts_with(b"\r\n") {
                place += 1;
            } else if !behind.is_empty() && !behind.starts_with(b",") && !behind.starts_with(b"\n") {
                return None;
            }
        } else {
            while place < text.len() && !b",\n".contains(&text[place]) {
                cell.push(text[place]);
                place += 1;
            }
            if text.get(place) != Some(&b',') && cell.last() == Some(&b'\r') {
                cell.pop();
            }
        }
        if text.get(place) != Some(&b',') {
            return Some((place, cells));
        }
        place += 1;
        cells.push(Vec::new());
    }
}

/// A row's line, its bytes, and its cells or what is wrong with it.
type Expected = (u64, Vec<u8>, Result<Vec<Vec<u8>>, Fault>);

/// All rows of a body of four columns, which begins on line 2.
fn model(text: &[u8], limits: ReadLimits) -> Vec<Expected> {
    let (mut rows, mut at, mut line) = (Vec::new(), 0, 2);
    while at < text.len() {
        let eol = text[at..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |length| at + length);
        let found = record(text, at).filter(|(stop, _)| *stop == eol || stop - at < limits.record_bytes_max);
        let (stop, fields) = match found {
            _ if eol - at > limits.record_bytes_max => (eol, Err(Fault::RowTooLong)),
            Some((stop, cells)) if cells.len() == 4 => (stop, Ok(cells)),
            Some((stop, _)) => (stop, Err(Fault::RowMalformed)),
            None => (eol, Err(Fault::RowMalformed)),
        };
        let mut raw = text[at..stop].to_vec();
        if fields == Err(Fault::RowTooLong) {
            raw = crate::io::read::cells::beginning(&raw, limits.kept_bytes_max.min(limits.record_bytes_max)).to_vec();
        } else if raw.last() == Some(&b'\r') {
            raw.pop();
        }
        if fields == Err(Fault::RowTooLong) || !raw.iter().all(u8::is_ascii_whitespace) {
            rows.push((line, raw, fields));
        }
        line += 1 + memchr::memchr_iter(b'\n', &text[at..stop]).count() as u64;
        at = stop + 1;
    }
    rows
}

fn piece() -> impl Strategy<Value = Vec<u8>> {
    let fixed: Vec<&'static [u8]> = vec![
        b"\"",
        b"\"\"",
        b"\"\"\"",
        b",",
        b",\"",
        b"\",",
        b"\",\"",
        b"\n",
        b"\r\n",
        b"\r",
        b"\0",
        b"\xff",
        b"a",
        b"a,b,c,d\n",
        b"\"a\n",
        b"x\",\"\n",
        b"\"a\",\"b\nb\",c,\"\"\"d\"\n",
        b"aaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        b"\n\n",
        b"\n \t\n",
        b";",
    ];
    prop_oneof![
        8 => proptest::sample::select(fixed).prop_map(<[u8]>::to_vec),
        1 => proptest::collection::vec(any::<u8>(), 0..6),
    ]
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(piece(), 0..60).prop_map(|pieces| pieces.concat())
}

fn options(record_bytes_max: usize, block_bytes: usize) -> ReadOptions {
    let columns =
        mapped(&[(Field::Phone, "p"), (Field::Start, "s"), (Field::End, "e"), (Field::Campaign, "c")]).columns;
    ReadOptions { columns, block_bytes, ..limited(record_bytes_max) }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn csv_is_read_as_the_rules_say_however_it_is_cut(body in body(), max in 8_usize..80, block in 1_usize..65) {
        let input = [b"p,s,e,c\n", &body[..]].concat();
        let options = options(max, block);
        let rows = read_bytes("x.csv", &input, &options).unwrap();
        let whole = read_bytes("x.csv", &input, &ReadOptions { block_bytes: 1 << 20, ..options.clone() }).unwrap();
        prop_assert_eq!(&rows, &whole);
        let expected = model(&body, options.limits);
        prop_assert_eq!(rows.len(), expected.len());
        for (row, (line, raw, fields)) in rows.iter().zip(expected) {
            prop_assert_eq!((row.line, &row.raw), (line, &raw));
            let seen = row.fields.as_ref().map_err(|(code, _)| *code);
            let seen = seen.map(|fields| fields.iter().take(4).map(|f| f.clone().unwrap()).collect::<Vec<_>>());
            prop_assert_eq!(seen, fields.map_err(Fault::code));
        }
    }

    #[test]
    fn ndjson_is_the_same_however_it_is_cut(body in body(), max in 1_usize..80, block in 1_usize..65) {
        let input = [b"{\"p\":\"p\"}\n", &body[..]].concat();
        let options = options(max, block);
        let rows = read_bytes("x.ndjson", &input, &options).unwrap();
        let whole = read_bytes("x.ndjson", &input, &ReadOptions { block_bytes: 1 << 20, ..options.clone() }).unwrap();
        prop_assert_eq!(&rows, &whole);
        let full = |line: &&[u8]| !line.trim_ascii().is_empty() || line.len() > max;
        prop_assert_eq!(rows.len(), input.split(|byte| *byte == b'\n').filter(full).count());
    }

    #[test]
    fn any_bytes_are_rows_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200), max in 1_usize..80) {
        for name in ["x.csv", "x.ndjson", "-"] {
            let _ = read_bytes(name, &bytes, &options(max, 5));
        }
    }

    #[test]
    fn rejects_hold_every_record_and_can_be_read_again(body in body()) {
        let input = [b"p,s,e,c\n", &body[..]].concat();
        super::rejects::check_read_again("x.csv", &input, &options(200, 1 << 20));
    }
}
