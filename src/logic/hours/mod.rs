//! When calls and texts may go out.
//!
//! Hours are those of clocks on walls: an hour that the clocks skip is never open, one that they show twice
//! is open twice. No instant is looked at but the ones that are asked about.

pub mod daily;
pub mod span;
pub mod week;
