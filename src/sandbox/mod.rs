//! The platform as a local server, to rehearse against: the whole contract of the wire, and every trouble it allows.
//!
//! It imports nothing of the crate. A mistake in the client's idea of the contract therefore meets a second opinion
//! here, and not itself. It does not dial, does not text, and forgets everything when it stops.
//!
//! Beside the contract it answers `GET /sandbox/state` (all that was asked and done) and `POST /sandbox/faults`
//! (settings by name, changed while it runs); these two need no token and count nowhere.

mod chance;
mod contract;
pub mod fault;
mod forecast;
mod journal;
mod limit;
mod line;
mod message;
mod platform;
pub mod server;
pub mod settings;
mod store;
mod time;
mod tokens;
mod trouble;
