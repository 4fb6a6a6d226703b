//! Floor 2: how it looks, as pure functions over values: rows of `results.csv`, `summary.json`, the page, and the tables
//! that a person reads.

pub(crate) mod advice;
mod bar;
pub mod checkup;
pub mod cut_off;
mod finding;
pub mod history;
pub mod json;
pub mod metrics;
pub mod pace;
pub mod page;
mod plan_json;
mod plan_table;
pub mod reconciliation;
pub mod results;
pub mod runs;
pub mod settled;
mod status;
pub mod summary;
pub mod surroundings;
pub mod table;
pub mod tables;
pub mod uncalled;
mod verdict;

#[cfg(test)]
mod lookup_tests;
#[cfg(test)]
mod plan_tests;
#[cfg(test)]
mod reconciliation_tests;
#[cfg(test)]
mod tests;
