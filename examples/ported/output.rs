//! Where what was recorded goes. With `metrics`, an exporter was installed here; nothing else in this
//! program knows of it.

use tachograph::{Dump, Recording};

/// Writes a table to standard error when the guard is dropped.
pub(crate) fn begin() -> Recording {
    tachograph::init().dump_on_exit(Dump::table()).start()
}
