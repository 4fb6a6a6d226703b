//! ringback turns exports of callback preferences into scheduled callbacks and confirmation texts, and
//! says row by row what became of each.

pub mod cli;
pub mod domain;
pub mod io;
pub mod logic;
pub mod pipeline;
pub mod sample;
pub mod sandbox;
