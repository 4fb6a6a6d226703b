//! The cells of one column, until their group is written.

use std::io;

use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::writer::SerializedColumnWriter;

use crate::domain::table::{Cell, Column, Kind, Presence};

/// The cells of one column.
pub(super) struct Gathered {
    name: &'static str,
    values: Values,
    /// For each row 1, or 0 where it has no cell; `None` where every row must have one.
    levels: Option<Vec<i16>>,
}

enum Values {
    Numbers(Vec<i64>),
    /// All texts in one, and where each ends.
    Texts {
        bytes: Vec<u8>,
        ends: Vec<usize>,
    },
}

impl Gathered {
    pub(super) fn of(column: &Column) -> Self {
        let values = match column.kind {
            Kind::Id | Kind::Text | Kind::Category => Values::Texts { bytes: Vec::new(), ends: Vec::new() },
            Kind::Integer | Kind::Second | Kind::Millisecond => Values::Numbers(Vec::new()),
        };
        let levels = match column.presence {
            Presence::Always => None,
            Presence::WhereKnown => Some(Vec::new()),
        };
        Self { name: column.name, values, levels }
    }

    /// Takes the cell of the next row.
    pub(super) fn push(&mut self, cell: &Cell<'_>) -> io::Result<()> {
        if let Some(levels) = &mut self.levels {
            levels.push(i16::from(*cell != Cell::Nothing));
        }
        match (&mut self.values, cell) {
            (Values::Numbers(numbers), Cell::Integer(number) | Cell::Time(number)) => numbers.push(*number),
            (Values::Texts { bytes, ends }, Cell::Text(text)) => {
                bytes.extend_from_slice(text.as_bytes());
                ends.push(bytes.len());
            }
            (_, Cell::Nothing) if self.levels.is_some() => {}
            (_, cell) => return Err(io::Error::other(format!("the column {} cannot hold {cell:?}", self.name))),
        }
        Ok(())
    }

    /// Bytes of all its texts.
    pub(super) fn text_bytes(&self) -> usize {
        match &self.values {
            Values::Numbers(_) => 0,
            Values::Texts { bytes, .. } => bytes.len(),
        }
    }

    /// Writes all cells, and forgets them.
    pub(super) fn write(&mut self, column: &mut SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let levels = self.levels.as_deref();
        match &mut self.values {
            Values::Numbers(numbers) => {
                column.typed::<Int64Type>().write_batch(numbers, levels, None)?;
                numbers.clear();
            }
            Values::Texts { bytes, ends } => {
                let all = ByteArray::from(std::mem::take(bytes));
                let mut start = 0;
                let text = |end| {
                    let begun = std::mem::replace(&mut start, end);
                    all.slice(begun, end - begun)
                };
                let texts: Vec<ByteArray> = ends.drain(..).map(text).collect();
                column.typed::<ByteArrayType>().write_batch(&texts, levels, None)?;
            }
        }
        if let Some(levels) = &mut self.levels {
            levels.clear();
        }
        Ok(())
    }
}
