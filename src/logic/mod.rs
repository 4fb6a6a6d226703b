//! Floor 1: what to decide. Pure functions over the domain.

pub mod group;
pub mod place;
pub mod recall;
pub mod retry;
