//! Floor 1: what to decide. Pure functions over the domain.

pub mod adoption;
pub mod cells;
pub mod circuit;
pub mod deadlines;
pub mod group;
pub mod hours;
pub mod nearest;
pub mod place;
pub mod recall;
pub mod reconcile;
pub mod retry;
pub mod settle;
pub mod text;
pub mod twins;
pub mod validate;
