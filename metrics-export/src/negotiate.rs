//! What a client asks for, from its headers: a format, and whether it takes it compressed.
//!
//! Nothing here fails: what makes no sense is as if it had not been said, since a scrape that is refused tells nobody
//! anything.

mod accept;
mod coding;
mod list;

pub(crate) use accept::choose;
pub(crate) use coding::takes_gzip;
