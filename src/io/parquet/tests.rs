use std::fs::File;

use parquet::file::metadata::RowGroupMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Field, Row};

use super::*;

/// A row of entries: every other one has no code, detail and value.
fn entry(number: usize) -> Vec<Cell<'static>> {
    let text = |text: &str| Cell::Text(text.to_owned().into());
    let known = |word: &str| if number.is_multiple_of(2) { text(word) } else { Cell::Nothing };
    let seq = i64::try_from(number).expect("small");
    vec![
        text(&format!("id-{number}")),
        Cell::Integer(seq),
        Cell::Time(1_795_438_800_007 + seq),
        text("run"),
        text("left"),
        known("run.limit"),
        known(""),
        known("wört"),
        text("pending"),
        text("contact_open"),
    ]
}

fn written(rows: impl IntoIterator<Item = Vec<Cell<'static>>>) -> SerializedFileReader<File> {
    let mut file = ParquetFile::begin(Table::Entries, tempfile::tempfile().expect("a file")).expect("begins");
    rows.into_iter().for_each(|row| file.push(&row).expect("takes a row"));
    SerializedFileReader::new(file.finish().expect("ends")).expect("is Parquet")
}

fn groups(reader: &SerializedFileReader<File>) -> Vec<i64> {
    reader.metadata().row_groups().iter().map(RowGroupMetaData::num_rows).collect()
}

#[test]
fn rows_come_back_with_their_types() {
    let reader = written((0..3).map(entry));
    let rows: Vec<Row> = reader.get_row_iter(None).expect("reads").map(|row| row.expect("a row")).collect();
    let fields = |row: &Row| row.get_column_iter().map(|(_, field)| field.clone()).collect::<Vec<_>>();
    let text = |text: &str| Field::Str(text.to_owned());
    let [full, bare, _] = <[Row; 3]>::try_from(rows).expect("three rows");
    let begins = [text("id-0"), Field::Long(0), Field::TimestampMillis(1_795_438_800_007)];
    assert_eq!(fields(&full)[..3], begins);
    assert_eq!(fields(&full)[5..8], [text("run.limit"), text(""), text("wört")]);
    assert_eq!(fields(&bare)[5..8], [Field::Null, Field::Null, Field::Null]);
    assert_eq!(fields(&bare)[8..], [text("pending"), text("contact_open")]);
    let schema = reader.metadata().file_metadata().schema_descr();
    let at = schema.column(2).logical_type_ref().cloned();
    assert_eq!(at, Some(LogicalType::timestamp(true, TimeUnit::MILLIS)));
}

#[test]
fn an_empty_table_is_a_file_too() {
    let reader = written([]);
    assert_eq!((groups(&reader), reader.metadata().file_metadata().num_rows()), (vec![], 0));
}

#[test]
fn a_group_is_bounded_by_its_rows_and_by_its_text() {
    let group = i64::try_from(GROUP_ROWS_MAX).expect("small");
    assert_eq!(groups(&written((0..GROUP_ROWS_MAX * 2 + 5).map(entry))), [group, group, 5]);
    let long = |number| {
        let mut row = entry(number);
        row[6] = Cell::Text("x".repeat(GROUP_TEXT_BYTES_MAX / 2).into());
        row
    };
    assert_eq!(groups(&written((0..3).map(long))), [2, 1]);
}

#[test]
fn a_cell_that_does_not_fit_is_refused() {
    let refused = |at: usize, cell: Cell<'static>| {
        let mut row = entry(0);
        row[at] = cell;
        let mut file = ParquetFile::begin(Table::Entries, Vec::new()).expect("begins");
        file.push(&row).expect_err("does not fit").to_string()
    };
    assert_eq!(refused(0, Cell::Nothing), "the column callback_id cannot hold Nothing");
    assert_eq!(refused(1, Cell::Text("1".into())), "the column seq cannot hold Text(\"1\")");
    let mut file = ParquetFile::begin(Table::Entries, Vec::new()).expect("begins");
    assert!(file.push(&entry(0)[1..]).is_err());
}

#[test]
fn a_full_disk_is_told_in_the_systems_own_words() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::from(io::ErrorKind::StorageFull))
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let begun = ParquetFile::begin(Table::Runs, Full).and_then(|file| file.finish().map(|_| ()));
    assert_eq!(begun.expect_err("no space").kind(), io::ErrorKind::StorageFull);
}
