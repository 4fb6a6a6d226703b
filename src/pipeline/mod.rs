//! Floor 3: in what order. The only place where the stages meet.

pub mod dispatch;
pub mod forecasts;
pub mod gate;
pub mod halt;
pub mod rules;
pub mod session;
pub mod tokens;
