//! Floor 3: how to touch the world. One outside thing a folder; folders do not name one another. `client`, `crash`
//! and `state` are no outside things but tools: all may name them, and they name none.

pub mod client;
pub mod clock;
pub mod crash;
pub mod ledger;
pub mod pace;
pub mod parquet;
pub mod ping;
pub mod pipe;
pub mod platform;
pub mod read;
pub mod space;
pub mod spool;
pub mod state;
pub mod write;
