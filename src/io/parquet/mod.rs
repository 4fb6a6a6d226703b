//! Parquet files of the tables that analysts are given. Rows are gathered column by column and written in groups, so
//! that memory is bounded however many there are. Nothing is read here.

mod arrow;
mod gathered;

#[cfg(test)]
mod tests;

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{ColumnPath, Type};

use crate::domain::table::{Cell, Column, Kind, Presence, Table};

use gathered::Gathered;

/// Rows of a group.
const GROUP_ROWS_MAX: usize = 128 * 1024;

/// Bytes of text in a group; one that reaches them is written, however few its rows are.
const GROUP_TEXT_BYTES_MAX: usize = 64 << 20;

/// The key under which Arrow's readers look for their own schema.
const ARROW_SCHEMA: &str = "ARROW:schema";

/// A table's file while rows come.
pub struct ParquetFile<W: Write + Send> {
    file: SerializedFileWriter<W>,
    gathered: Vec<Gathered>,
    rows: usize,
}

impl<W: Write + Send> ParquetFile<W> {
    /// Begins a file of a table.
    pub fn begin(table: Table, out: W) -> io::Result<Self> {
        let columns = table.columns();
        let fields = columns.iter().map(|column| field(column).map(Arc::new)).collect::<Result<_, _>>();
        let schema = fields.and_then(|fields| Type::group_type_builder(table.name()).with_fields(fields).build());
        let schema = Arc::new(schema.map_err(failed)?);
        let properties = Arc::new(properties(columns).map_err(failed)?);
        let file = SerializedFileWriter::new(out, schema, properties).map_err(failed)?;
        Ok(Self { file, gathered: columns.iter().map(Gathered::of).collect(), rows: 0 })
    }

    /// Takes a row, a cell for each column.
    pub fn push(&mut self, row: &[Cell<'_>]) -> io::Result<()> {
        if row.len() != self.gathered.len() {
            return Err(io::Error::other(format!("a row of {} cells for {} columns", row.len(), self.gathered.len())));
        }
        for (gathered, cell) in self.gathered.iter_mut().zip(row) {
            gathered.push(cell)?;
        }
        self.rows += 1;
        let bytes: usize = self.gathered.iter().map(Gathered::text_bytes).sum();
        if self.rows >= GROUP_ROWS_MAX || bytes >= GROUP_TEXT_BYTES_MAX { self.write_group() } else { Ok(()) }
    }

    /// Writes what is left and the file's end, and gives what it was written to.
    pub fn finish(mut self) -> io::Result<W> {
        if self.rows > 0 {
            self.write_group()?;
        }
        // The library tells what fails here as the system does, and what fails in the next step as words alone.
        self.file.flush()?;
        self.file.into_inner().map_err(failed)
    }

    fn write_group(&mut self) -> io::Result<()> {
        let mut group = self.file.next_row_group().map_err(failed)?;
        for gathered in &mut self.gathered {
            let column = group.next_column().map_err(failed)?;
            let mut column = column.ok_or_else(|| io::Error::other("a column has no place in its file"))?;
            gathered.write(&mut column).and_then(|()| column.close()).map_err(failed)?;
        }
        self.rows = 0;
        group.close().map(|_| ()).map_err(failed)
    }
}

/// A column as Parquet declares it.
fn field(column: &Column) -> Result<Type, ParquetError> {
    let (physical, logical) = match column.kind {
        Kind::Id | Kind::Text | Kind::Category => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Kind::Integer => (Physical::INT64, None),
        Kind::Second | Kind::Millisecond => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MILLIS))),
    };
    let repetition = match column.presence {
        Presence::Always => Repetition::REQUIRED,
        Presence::WhereKnown => Repetition::OPTIONAL,
    };
    let field = Type::primitive_type_builder(column.name, physical);
    field.with_logical_type(logical).with_repetition(repetition).build()
}

/// Words are kept in dictionaries; ids, which come once each, are not.
fn properties(columns: &[Column]) -> Result<WriterProperties, ParquetError> {
    let mut properties = WriterProperties::builder()
        .set_created_by(concat!("ringback ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_max_row_group_row_count(Some(GROUP_ROWS_MAX))
        .set_key_value_metadata(Some(vec![KeyValue::new(ARROW_SCHEMA.to_owned(), arrow::schema(columns))]));
    for column in columns.iter().filter(|column| column.kind == Kind::Id) {
        properties = properties.set_column_dictionary_enabled(ColumnPath::from(column.name), false);
    }
    Ok(properties.build())
}

/// What a library says, as the error of the file that it wrote to; the system's own words are kept.
fn failed(error: ParquetError) -> io::Error {
    let ParquetError::External(cause) = error else { return io::Error::other(error) };
    cause.downcast().map_or_else(io::Error::other, |cause| *cause)
}
