//! Floor 4: in what order. The only place where the stages meet.

pub mod access;
mod ahead;
pub mod dispatch;
pub mod error;
pub mod event;
pub mod forecasts;
pub mod gate;
pub mod halt;
pub mod health;
mod heard;
pub mod intake;
mod lanes;
pub mod order;
mod outlook;
mod page;
pub mod patience;
pub mod reconcile;
pub mod report;
pub mod rules;
mod run;
pub mod session;
mod spelling;
pub mod split;
mod stages;
pub mod tokens;
pub mod unfinished;

pub use run::{Ended, plan, run, validate};
pub use session::Ports;
