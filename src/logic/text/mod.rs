//! The confirmation text: what the customer reads.

pub mod template;
pub mod texter;
mod words;
