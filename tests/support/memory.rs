//! How large this process is, by Linux's own account.

use std::fs;

/// Address space (reservations without memory included) and memory that is really there, in bytes.
pub(crate) fn address_space_and_memory() -> (u64, u64) {
    let text = fs::read_to_string("/proc/self/statm").expect("Linux tells a process its size");
    // SAFETY: `sysconf` reads a constant of the system.
    let page_bytes = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let page_bytes = u64::try_from(page_bytes).expect("pages have a size");
    let mut sizes = text.split(' ').map(|pages| pages.parse::<u64>().expect("sizes are numbers"));
    let mut next = || sizes.next().expect("there are seven sizes") * page_bytes;
    (next(), next())
}
