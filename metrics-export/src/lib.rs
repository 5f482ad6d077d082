//! Everything of tachograph that has a socket, a binary format, or a foreign crate's interface.
//!
//! Modules stand in the order of the floors: each uses only those above it.

mod protobuf;

pub use protobuf::Protobuf;
