//! A table while it is written, in one of the formats that analysts read.

use std::io::{self, Write};

use crate::domain::table::{Cell, Column, Table};
use crate::io::parquet::ParquetFile;
use crate::render::tables::{csv_cell, ndjson_line};

/// A format that holds rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(super) enum Shape {
    Csv,
    Ndjson,
    Parquet,
}

impl Shape {
    /// The ending of its files' names.
    pub(super) fn ending(self) -> &'static str {
        self.into()
    }
}

/// A table while it is written.
pub(super) enum Sheet<W: Write + Send> {
    Csv(Box<csv::Writer<W>>, &'static [Column]),
    Ndjson(W, &'static [Column]),
    Parquet(Box<ParquetFile<W>>),
}

impl<W: Write + Send> Sheet<W> {
    /// Begins a table.
    pub(super) fn begin(shape: Shape, table: Table, out: W) -> io::Result<Self> {
        let columns = table.columns();
        Ok(match shape {
            Shape::Csv => {
                let mut writer = csv::Writer::from_writer(out);
                writer.write_record(columns.iter().map(|column| column.name)).map_err(of_csv)?;
                Self::Csv(Box::new(writer), columns)
            }
            Shape::Ndjson => Self::Ndjson(out, columns),
            Shape::Parquet => Self::Parquet(Box::new(ParquetFile::begin(table, out)?)),
        })
    }

    /// Takes a row.
    pub(super) fn push(&mut self, row: &[Cell<'_>]) -> io::Result<()> {
        match self {
            Self::Csv(writer, columns) => {
                let cells = columns.iter().zip(row).map(|(column, cell)| csv_cell(column, cell));
                for cell in cells {
                    writer.write_field(cell.as_bytes()).map_err(of_csv)?;
                }
                writer.write_record(None::<&[u8]>).map_err(of_csv)
            }
            Self::Ndjson(out, columns) => out.write_all(ndjson_line(columns, row).as_bytes()),
            Self::Parquet(file) => file.push(row),
        }
    }

    /// Writes the end, and gives what it was written to.
    pub(super) fn finish(self) -> io::Result<W> {
        let mut out = match self {
            Self::Csv(writer, _) => writer.into_inner().map_err(csv::IntoInnerError::into_error)?,
            Self::Ndjson(out, _) => out,
            Self::Parquet(file) => file.finish()?,
        };
        out.flush()?;
        Ok(out)
    }
}

/// What the system says, out of the words of the CSV library, whose own conversion forgets its kind.
pub(super) fn of_csv(error: csv::Error) -> io::Error {
    let words = error.to_string();
    if let csv::ErrorKind::Io(error) = error.into_kind() { error } else { io::Error::other(words) }
}
