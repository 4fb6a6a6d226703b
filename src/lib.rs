//! ringback turns exports of callback preferences into scheduled callbacks and confirmation texts, and
//! says row by row what became of each.
//!
//! # The sentence
//!
//! ```text
//! bytes ─read→ rows ─validate→ callbacks ─split→ new ones ─group→ classes ─forecast→ book ─place→ plan ─dispatch→ outcomes ─report→ files
//!                 └ rejections    └ known to the ledger ──────────────────────────────────────────────┘
//! ```
//!
//! [`pipeline::run`] has one line a stage; each line's result is the next one's input. `ringback resume` is the same
//! sentence from its second half on: its callbacks are those that the ledger holds unfinished.
//!
//! # The floors
//!
//! A module names its own floor's folder or a lower floor; `tests/floors.rs` reads the source and says so.
//!
//! | floor | module | holds | knows |
//! |---|---|---|---|
//! | 0 | [`domain`] | what things are | no clock, no disk, no socket, no waiting |
//! | 1 | [`logic`] | what to decide | the domain; pure functions |
//! | 2 | [`render`] | how it looks | the domain and the rules; pure functions |
//! | 3 | [`io`] | how to touch the world | one outside thing a folder; folders do not name one another, nor `render` |
//! | 4 | [`pipeline`] | in what order | the only place where the stages meet |
//! | 5 | [`cli`] | how a person asks | everything |
//!
//! Beside the house stand [`sandbox`], the platform as a local server, and [`sample`], which writes exports to
//! try things with. They name nothing of the floors, so that a mistake in the client's shapes cannot hide in
//! the server's.
//!
//! # The seams
//!
//! A back end of a platform is a folder of [`io::platform`]. It has one or more of three roles (capacity, contacts, texts), sends one
//! request and translates the answer into a verdict ([`domain::reply::Trouble`]) that means the same for all. Its statuses, scopes,
//! paths, headers and variables are known nowhere else; retry decision, circuit and doctor see verdicts alone. A ledger is a folder
//! of [`io::ledger`] and keeps what is written by its version. `tests/floors` reads the source and says so.
//!
//! # What is deliberately absent
//!
//! - Retries inside the HTTP client: what leaves is in the ledger first, so only `pipeline` may repeat.
//! - A flag for the secret: command lines are visible to everybody on a machine.
//! - Counters beside the rows: every sum is folded from the rows and checked against them.
//! - A second text «to be safe»: a text without an answer is in doubt, and a person decides.

/// Tests that are shared with other crates name this one.
#[cfg(test)]
extern crate self as ringback;

pub mod cli;
pub mod domain;
pub mod io;
pub mod logic;
pub mod pipeline;
pub mod render;
pub mod sample;
pub mod sandbox;
