//! What must hold for any bytes: one module a target, each with one `check`.
//!
//! The fuzzer calls these through `fuzz_targets/`, and an ordinary `cargo test` of ringback replays the seeds
//! through them (`tests/fuzz_seeds.rs`). A seed is a plain file: what a target varies beside its bytes, such as
//! the size of a block, it takes from their number.

pub mod csv;
pub mod ledger;
pub mod ndjson;
pub mod phone;
mod reading;
pub mod responses;
pub mod settings;
pub mod time;
