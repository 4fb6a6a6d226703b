//! Floor 4: how a person asks, and how they are answered.

pub mod settings;
