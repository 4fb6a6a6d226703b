//! How the records of one input are laid out: what every thread needs to take them apart.

use super::ReadLimits;
use super::header::Columns;
use super::json::Keys;
use super::rejects::RejectShape;
use super::scan::{Rule, Scanner};

/// How the records of one input are laid out.
#[derive(Debug, Clone)]
pub struct Layout {
    pub(super) shape: Shape,
    pub(super) limits: ReadLimits,
}

#[derive(Debug, Clone)]
pub(super) enum Shape {
    Csv(Columns),
    Ndjson(Keys),
}

impl Layout {
    /// How this input's rejected records are to be written.
    #[must_use]
    pub fn reject_shape(&self) -> RejectShape {
        let columns = if let Shape::Csv(columns) = &self.shape { Some(columns) } else { None };
        RejectShape::new(columns, self.limits.kept_bytes_max)
    }

    pub(super) fn scanner(&self) -> Scanner {
        let rule = match &self.shape {
            Shape::Csv(columns) => Rule::Csv { delimiter: columns.delimiter },
            Shape::Ndjson(_) => Rule::Lines,
        };
        Scanner::new(rule, self.limits.record_bytes_max)
    }
}
