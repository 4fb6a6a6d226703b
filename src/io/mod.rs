//! Floor 2: how to touch the world. One outside thing a folder; folders do not name one another.

pub mod read;
