//! The confirmation text: what the customer reads.

pub mod segments;
pub mod template;
pub mod texter;
mod words;
