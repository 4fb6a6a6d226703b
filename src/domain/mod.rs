//! Floor 0: what things are.
//!
//! Values and their rules. Nothing here reads a clock, touches a disk or a socket, waits, or knows a
//! file format. A type that can only be made in one way is the proof that its rule was checked.

pub mod abilities;
pub mod answers;
pub mod backlog;
pub mod callback;
pub mod code;
pub mod discreet;
pub mod entry;
pub mod exit;
pub mod fault;
pub mod forecast;
pub mod hold;
pub mod interned;
pub mod language;
pub mod limits;
pub mod outcome;
pub mod outlook;
pub mod past;
pub mod pause;
pub mod phone;
pub mod prefix;
pub mod presence;
pub mod progress;
pub mod provenance;
pub mod reply;
pub mod report;
pub mod row;
pub mod shown;
pub mod strategy;
pub mod table;
pub mod time;
pub mod traffic;
pub mod window;
pub mod zone;
