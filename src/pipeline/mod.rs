//! Floor 3: in what order. The only place where the stages meet.

pub mod gate;
pub mod halt;
pub mod tokens;
