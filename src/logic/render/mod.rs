//! What a report looks like: rows of `results.csv`, `summary.json`, and the table that a person reads.

pub mod results;
pub mod summary;
pub mod table;

#[cfg(test)]
mod tests;
