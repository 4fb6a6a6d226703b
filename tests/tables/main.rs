//! The tables that analysts are given, read by the tools that they read them with, and the examples of docs/ledger.md.
//!
//! Needs Python with the packages of `requirements.txt`; `.ci/run` installs both.
#![cfg(test)]

mod guide;
mod nights;
mod tools;
