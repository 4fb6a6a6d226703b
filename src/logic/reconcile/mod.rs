//! Holds inputs, ledger and platform against one another: what each says of every callback.
//!
//! The ledger is walked twice, for it may hold years: [`survey::Survey`] learns which contacts it knows by their ids
//! and which runs are those of the inputs, and [`reconciler::Reconciler`] then says of each callback what was found.
//! A contact that the ledger does not know by its id is looked for by phone, campaign and window; the callbacks of
//! such phones alone are held until all are seen. Nothing here reads a file or asks the clock.

pub mod contact;
pub mod finding;
pub mod known;
mod pairs;
pub mod reconciler;
pub mod settlement;
pub mod sums;
pub mod survey;
pub mod wanted;

#[cfg(test)]
mod tests;
