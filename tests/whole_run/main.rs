//! Whole runs of the binary against the sandbox: the promises as a user would check them.
//!
//! Each test owns a folder, a platform on a free port and a ledger, so that all of them run side by side.
//! None waits for a time to pass: where something must have happened first, the platform is asked.
#![cfg(test)]
#![expect(clippy::similar_names, reason = "a stage, and the state of the platform on it")]

mod answers;
mod contract;
mod counts;
mod cut_off;
mod doctor;
mod early;
mod echo;
mod endings;
mod export;
mod fates;
mod hints;
mod http;
mod inputs;
mod lookup;
mod manners;
mod network;
#[path = "../page/numbers.rs"]
#[expect(dead_code, reason = "shared with the tests of the page, which need more of it")]
mod numbers;
mod ops;
mod outages;
mod pace;
mod packaging;
mod page;
mod pause;
mod pipes;
mod places;
mod plan;
mod platform;
mod prom;
mod provenance;
mod reconcile;
mod report;
mod resume;
mod settle;
mod stage;
mod stops;
mod stress;
mod tables;
mod trouble;
mod tunnel;
mod upgrade;
mod watch;
mod whole;
