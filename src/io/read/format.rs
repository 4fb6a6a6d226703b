//! Finds out how an input is written: by its name, and by how it begins.

/// How records are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// Separated values with a header.
    Csv,
    /// One JSON object a line.
    Ndjson,
}

/// How many bytes tell how an input is packed.
pub(super) const MAGIC_BYTES: usize = 4;

/// Whether an input is packed by gzip, by its first bytes.
pub(super) fn is_gzip(head: &[u8]) -> bool {
    head.starts_with(b"\x1f\x8b")
}

/// Whether an input is packed by zstd: it begins with a frame (RFC 8878, 3.1.1), or a skippable one (3.1.2).
pub(super) fn is_zstd(head: &[u8]) -> bool {
    matches!(head, [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..])
}

/// The format that a file's name tells, whatever it is packed in.
pub(super) fn by_name(name: &str) -> Option<Format> {
    let lower = name.to_ascii_lowercase();
    let packed = [".gz", ".gzip", ".zst", ".zstd"].iter().find_map(|ending| lower.strip_suffix(ending));
    match packed.unwrap_or(&lower).rsplit_once('.')?.1 {
        "csv" | "tsv" => Some(Format::Csv),
        "ndjson" | "jsonl" => Some(Format::Ndjson),
        _ => None,
    }
}

/// The format that the beginning of a text tells.
pub(super) fn by_content(head: &[u8]) -> Format {
    if head.trim_ascii_start().starts_with(b"{") { Format::Ndjson } else { Format::Csv }
}

/// Whether a text is one JSON array.
pub(super) fn is_json_array(head: &[u8]) -> bool {
    let mut letters = head.iter().filter(|byte| !byte.is_ascii_whitespace());
    letters.next() == Some(&b'[') && matches!(letters.next(), Some(b'{' | b']'))
}

/// Whether the first line of a text begins as a JSON object does. No header of columns does.
pub(super) fn is_json_object(head: &[u8]) -> bool {
    let line = head.trim_ascii_start().split(|byte| *byte == b'\n').next().unwrap_or_default();
    let Some(inner) = line.strip_prefix(b"{").map(<[u8]>::trim_ascii) else { return false };
    let Some(key) = inner.strip_prefix(b"\"") else { return inner == b"}" };
    let behind = key.iter().position(|byte| *byte == b'"').map(|end| key[end + 1..].trim_ascii_start());
    behind.is_some_and(|behind| behind.starts_with(b":"))
}

/// Whether no line of a text begins as a JSON object does, with how many lines there are that are not blank, and the
/// first of them. The last may go on behind the text.
pub(super) fn without_objects(head: &[u8]) -> Option<(usize, &[u8])> {
    let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let first = lines.next().filter(|line| !line.starts_with(b"{"))?;
    let others = lines.try_fold(0, |count, line| if line.starts_with(b"{") { None } else { Some(count + 1) })?;
    Some((1 + others, first))
}

/// Whether a line holds control characters that no text has: all but blanks, line ends and the ESC of a terminal.
pub(super) fn is_no_text(line: &[u8]) -> bool {
    line.iter().any(|byte| matches!(byte, 0..=8 | 0x0e..=0x1a | 0x1c..=0x1f))
}

/// What a beginning is, if it is no text.
pub(super) fn binary_kind(head: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 10] = [
        (b"PK\x03\x04", "a ZIP archive or a workbook (.xlsx)"),
        (b"\xd0\xcf\x11\xe0", "an old workbook (.xls)"),
        (b"PAR1", "a Parquet file"),
        (b"SQLite format 3\0", "an SQLite database"),
        (b"%PDF-", "a PDF document"),
        (b"\xfd7zXZ\0", "data packed by xz"),
        (b"BZh", "data packed by bzip2"),
        (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
        (b"\x04\x22\x4d\x18", "data packed by lz4"),
        (b"\x1f\x8b", "data packed twice"),
    ];
    if let Some((_, kind)) = KINDS.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Some(kind);
    }
    let first_line = head.trim_ascii_start().split(|byte| *byte == b'\n').next().unwrap_or_default();
    first_line.contains(&0).then_some("binary data (NUL bytes; for UTF-16 without a byte-order mark say --encoding)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_the_format_under_its_packing() {
        for (name, format) in [
            ("calls.csv", Some(Format::Csv)),
            ("CALLS.TSV.GZ", Some(Format::Csv)),
            ("a/b.jsonl.zst", Some(Format::Ndjson)),
            ("x.ndjson", Some(Format::Ndjson)),
            ("x.json", None),
            ("x.txt.gz", None),
            ("-", None),
            ("csv", None),
        ] {
            assert_eq!(by_name(name), format, "{name}");
        }
    }

    #[test]
    fn what_is_no_text_is_told() {
        for (head, binary) in [
            (&b"PK\x03\x04rest"[..], true),
            (b"\x7fELF\x02\0\0", true),
            (b"\n\nph\0ne,start\n", true),
            (b"phone,start\nx,\0\n", false),
            (b"", false),
        ] {
            assert_eq!(binary_kind(head).is_some(), binary, "{head:?}");
        }
        assert!(is_json_array(b" [\n {\"a\":1}]"));
        assert!(!is_json_array(b"[id],phone"));
        for (head, object) in [
            (&b"\n {\"phone\": 1}\n"[..], true),
            (b"{ \"a\" :", true),
            (b"{}\n", true),
            (b"{\nphone,start\n", false),
            (b"{phone,\"start\"\n", false),
            (b"{\"phone\",start\n", false),
            (b"phone,{\"a\":1}\n", false),
        ] {
            assert_eq!(is_json_object(head), object, "{head:?}");
        }
    }
}
