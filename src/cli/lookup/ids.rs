//! The callbacks that a person names, on the command line or in a file.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};

use anyhow::anyhow;

use crate::cli::args_ledger::SettleArgs;
use crate::cli::exit::Ending;
use crate::domain::exit::ExitCode;
use crate::domain::outcome::Status;

/// Bytes of a file of ids.
const FILE_BYTES_MAX: u64 = 4 << 30;

/// Names that one command takes.
const NAMES_MAX: usize = 1_000_000;

/// The delimiters that a results file may have come back with from a spreadsheet.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// All names of callbacks that were given, in their order.
pub(super) fn named(args: &SettleArgs) -> Result<Vec<String>, Ending> {
    let mut names: Vec<String> = args.ids.iter().map(|id| id.trim().to_owned()).collect();
    if let Some(from) = &args.from {
        let unread = |error: &io::Error| Ending {
            code: if error.kind() == io::ErrorKind::NotFound { ExitCode::NotThere } else { ExitCode::Io },
            words: Some(anyhow!("{from} cannot be read: {error}")),
        };
        let input: Box<dyn Read> = if from == "-" {
            Box::new(io::stdin().lock())
        } else {
            Box::new(File::open(from).map_err(|error| unread(&error))?)
        };
        let read = read(BufReader::new(input.take(FILE_BYTES_MAX))).map_err(|error| unread(&error))?;
        names.extend(read.ok_or_else(|| unfit(from))?);
    }
    match names.len() {
        0 => Err(Ending::usage(&match &args.from {
            Some(from) => format!("{from} names no callback that was in doubt"),
            None => "no callback is named: give ids, or a file of them with --from".to_owned(),
        })),
        1..=NAMES_MAX => Ok(names),
        _ => Err(Ending::usage(&format!("more than {NAMES_MAX} callbacks are named; settle them in parts"))),
    }
}

fn unfit(from: &str) -> Ending {
    let words = anyhow!("{from} is neither a list of callback ids, one a line, nor a CSV with the column callback_id");
    Ending { code: ExitCode::Input, words: Some(words) }
}

/// The ids of a list or of a results file; `None` where it is neither.
fn read(mut input: impl BufRead) -> io::Result<Option<Vec<String>>> {
    let mut first = Vec::new();
    input.read_until(b'\n', &mut first)?;
    let first = String::from_utf8_lossy(&first).trim_start_matches('\u{feff}').trim().to_owned();
    let cells = |delimiter: u8| first.split(char::from(delimiter)).map(|cell| cell.trim().trim_matches('"'));
    let place = |name: &str, delimiter: u8| cells(delimiter).position(|cell| cell == name);
    for delimiter in DELIMITERS {
        if let Some(id) = place("callback_id", delimiter) {
            return rows(input, delimiter, (id, place("status", delimiter))).map(Some);
        }
    }
    let mut names = vec![first];
    for line in input.lines() {
        names.push(line?.trim().to_owned());
    }
    names.retain(|name| !name.is_empty());
    let is_id = |name: &String| name.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    Ok(names.first().is_none_or(is_id).then_some(names))
}

/// The ids of a results file; where it tells statuses, of its rows in doubt.
fn rows(input: impl BufRead, delimiter: u8, columns: (usize, Option<usize>)) -> io::Result<Vec<String>> {
    let (id, status) = columns;
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(input);
    let in_doubt = [Status::InDoubt.as_str(), Status::SmsInDoubt.as_str()];
    let mut names = Vec::new();
    for record in reader.records() {
        let record = record.map_err(io::Error::from)?;
        let is_meant = status.is_none_or(|status| record.get(status).is_some_and(|status| in_doubt.contains(&status)));
        let name = record.get(id).unwrap_or_default().trim();
        if is_meant && !name.is_empty() {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&[&str]>) {
        let read = read(text.as_bytes()).expect("reads");
        let expected = expected.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        assert_eq!(read, expected, "{text}");
    }

    #[test]
    fn ids_come_as_a_list_or_in_a_results_file() {
        check(
            "194c33ee\r\n\n  194c33ee-72c2-591b-92ab-b071e07b2a7f\n",
            Some(&["194c33ee", "194c33ee-72c2-591b-92ab-b071e07b2a7f"]),
        );
        check("", Some(&[]));
        check("\u{feff}callback_id\n194c33ee\n", Some(&["194c33ee"]));
        let rows = "status,detail,callback_id\nin_doubt,\"a,\nb\",1\nconfirmed,,2\nsms_in_doubt,,3\nrejected,,\n";
        check(rows, Some(&["1", "3"]));
        check("\"status\";\"callback_id\"\nin_doubt;1\n", Some(&["1"]));
        check("id,phone\n1,2\n", None);
        check("+12025550198\n", None);
    }
}
