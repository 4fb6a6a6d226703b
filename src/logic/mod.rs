//! Floor 1: what to decide. Pure functions over the domain.

pub mod hours;
pub mod text;
pub mod validate;
