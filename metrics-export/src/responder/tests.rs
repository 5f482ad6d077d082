//! The parts of a request that no server can send.
