//! Floor 1: what to decide. Pure functions over the domain.

pub mod cells;
