//! A realistic export, made from a seed.
