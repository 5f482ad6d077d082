//! The floors of the crate: a module names only those above it in `lib.rs`.

#[path = "../../tests/support/floors.rs"]
mod floors;
