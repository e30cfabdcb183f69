//! The JSON Schema of `plughold.json`, for editors that complete and check it while somebody writes.
//!
//! It says what a schema can say. What needs the package itself, or two places of the manifest at once, only
//! [`Package::open`](crate::Package::open) knows: whether `main` exists, whether a plugin needs itself, whether a size is in
//! its range.

/// The schema as JSON.
pub const MANIFEST_SCHEMA: &str = include_str!("plughold.schema.json");

#[cfg(test)]
mod tests;
