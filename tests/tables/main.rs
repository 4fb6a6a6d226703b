//! The tables that analysts are given, read by the tools that they read them with, and the examples of docs/ledger.md.
//!
//! The tools need Python with the packages of `requirements.txt`; `.ci/run` installs both and runs what is ignored
//! without them.
#![cfg(test)]

mod guide;
mod nights;
mod tools;
