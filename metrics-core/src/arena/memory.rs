//! Address space from the system: reserved without access, made accessible piece by piece, wiped.
//!
//! This is the only file that asks the system for memory. A reservation commits nothing, also under
//! strict overcommit and `mlockall`; a piece is readable, writable and zero once [`commit`] said so.
//! Where there is no virtual memory (wasm, Miri) a reservation is one zeroed block of the heap, and
//! committing it does nothing. A reservation that was used is never given back: cells live as
//! long as the process.

/// The sizes of a reservation to try, largest first, in bytes. The first that the system grants is
/// used for every extent of the process.
pub(super) const SIZES: &[usize] = sizes();

/// The share of the address space that the arena may take: of a limit (`RLIMIT_AS`), and of all there
/// is on narrow systems.
const LIMIT_SHARE: usize = 8;

/// How many bytes all extents and the directory together may reserve.
pub(super) fn budget() -> usize {
    address_space_limit().unwrap_or(usize::MAX) / LIMIT_SHARE
}

const MIB: usize = 1 << 20;

const fn sizes() -> &'static [usize] {
    if cfg!(miri) {
        &[MIB / 4]
    } else if cfg!(not(any(unix, windows))) {
        &[MIB]
    } else if cfg!(target_pointer_width = "64") {
        &[256 * MIB, 64 * MIB, 16 * MIB, 4 * MIB, MIB]
    } else {
        &[8 * MIB, 2 * MIB, MIB]
    }
}

use system::address_space_limit;
#[cfg(all(unix, not(miri)))]
pub(super) use system::wipe;
pub(super) use system::{commit, page_bytes, release, reserve};

#[cfg(all(unix, not(miri)))]
mod system {
    use std::ptr;

    /// Says that the reservation shall not count as memory, where a system needs to be told.
    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
    const NORESERVE: libc::c_int = libc::MAP_NORESERVE;
    #[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
    const NORESERVE: libc::c_int = 0;

    /// Reserves `bytes` of address space that nobody can touch yet. `None` when the system refuses.
    pub(in crate::arena) fn reserve(bytes: usize) -> Option<*mut u8> {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANON | NORESERVE;
        // SAFETY: a new anonymous mapping at an address of the system's choice touches no memory of
        // ours; the result is checked below.
        let start = unsafe { libc::mmap(ptr::null_mut(), bytes, libc::PROT_NONE, flags, -1, 0) };
        if start == libc::MAP_FAILED {
            return None;
        }
        settle(start, bytes);
        Some(start.cast())
    }

    /// Gives a reservation back that was never used.
    ///
    /// # Safety
    ///
    /// `start` and `bytes` are those of one reservation, and nobody uses it from now on.
    pub(in crate::arena) unsafe fn release(start: *mut u8, bytes: usize) {
        // SAFETY: the caller gives a whole mapping of ours that nobody uses.
        unsafe { libc::munmap(start.cast(), bytes) };
    }

    /// What Linux shall know of a reservation.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn settle(start: *mut libc::c_void, bytes: usize) {
        // A record is sparse: one huge page for the first counter of each thread would be 2 MiB.
        // SAFETY: the range is a mapping of ours; this advice changes no contents.
        unsafe { libc::madvise(start, bytes, libc::MADV_NOHUGEPAGE) };
        // After `mlockall(MCL_FUTURE)` even what has no access counts as locked, and would use up the
        // limit that the program has for its own.
        // SAFETY: as above.
        unsafe { libc::munlock(start, bytes) };
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    fn settle(_start: *mut libc::c_void, _bytes: usize) {}

    /// Makes `bytes` at `start` readable and writable; they are zero. False when the system refuses.
    ///
    /// # Safety
    ///
    /// The range lies in one reservation and is aligned to pages.
    pub(in crate::arena) unsafe fn commit(start: *mut u8, bytes: usize) -> bool {
        // SAFETY: the caller gives a page-aligned range of one reservation of ours.
        unsafe { libc::mprotect(start.cast(), bytes, libc::PROT_READ | libc::PROT_WRITE) == 0 }
    }

    /// Zeroes a committed range; used in a forked child, where nothing else runs.
    ///
    /// # Safety
    ///
    /// The range is committed, aligned to pages, and no other thread exists.
    pub(in crate::arena) unsafe fn wipe(start: *mut u8, bytes: usize) {
        // On Linux this drops the pages, which read as zero afterwards: the child pays for nothing
        // that its parent recorded.
        #[cfg(target_os = "linux")]
        // SAFETY: the range is a committed, page-aligned part of a private anonymous mapping.
        if unsafe { libc::madvise(start.cast(), bytes, libc::MADV_DONTNEED) } == 0 {
            return;
        }
        // SAFETY: the range is committed, so it can be written; the caller is alone.
        unsafe { ptr::write_bytes(start, 0, bytes) };
    }

    /// The size of a page, in bytes.
    pub(in crate::arena) fn page_bytes() -> usize {
        // SAFETY: `sysconf` reads a constant of the system.
        let bytes = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        usize::try_from(bytes).unwrap_or(4096)
    }

    /// The process-wide limit of address space, if there is one.
    #[cfg(not(target_os = "openbsd"))]
    pub(in crate::arena) fn address_space_limit() -> Option<usize> {
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: `limit` is a valid place for the answer.
        let answer = unsafe { libc::getrlimit(libc::RLIMIT_AS, &mut limit) };
        if answer != 0 || limit.rlim_cur == libc::RLIM_INFINITY {
            return None;
        }
        usize::try_from(limit.rlim_cur).ok()
    }

    /// OpenBSD limits data, not address space.
    #[cfg(target_os = "openbsd")]
    pub(in crate::arena) fn address_space_limit() -> Option<usize> {
        None
    }
}

#[cfg(all(windows, not(miri)))]
mod system {
    use std::ptr;

    use windows_sys::Win32::System::Memory::{
        MEM_COMMIT, MEM_RELEASE, MEM_RESERVE, PAGE_NOACCESS, PAGE_READWRITE, VirtualAlloc,
        VirtualFree,
    };

    /// Reserves `bytes` of address space that nobody can touch yet. `None` when the system refuses.
    pub(in crate::arena) fn reserve(bytes: usize) -> Option<*mut u8> {
        // SAFETY: a new reservation at an address of the system's choice touches no memory of ours.
        let start = unsafe { VirtualAlloc(ptr::null(), bytes, MEM_RESERVE, PAGE_NOACCESS) };
        (!start.is_null()).then(|| start.cast())
    }

    /// Makes `bytes` at `start` readable and writable; they are zero. False when the system refuses.
    ///
    /// # Safety
    ///
    /// The range lies in one reservation and is aligned to pages.
    pub(in crate::arena) unsafe fn commit(start: *mut u8, bytes: usize) -> bool {
        // SAFETY: the caller gives a range of one reservation of ours.
        let answer = unsafe { VirtualAlloc(start.cast(), bytes, MEM_COMMIT, PAGE_READWRITE) };
        !answer.is_null()
    }

    /// Gives a reservation back that was never used.
    ///
    /// # Safety
    ///
    /// `start` and `bytes` are those of one reservation, and nobody uses it from now on.
    pub(in crate::arena) unsafe fn release(start: *mut u8, _bytes: usize) {
        // SAFETY: the caller gives a whole reservation of ours that nobody uses.
        unsafe { VirtualFree(start.cast(), 0, MEM_RELEASE) };
    }

    /// The granularity in which memory is committed, in bytes; every Windows page size divides it.
    pub(in crate::arena) fn page_bytes() -> usize {
        65_536
    }

    /// Windows limits address space per job, not in a way that a process can ask for.
    pub(in crate::arena) fn address_space_limit() -> Option<usize> {
        None
    }
}

#[cfg(any(miri, not(any(unix, windows))))]
mod system {
    use std::alloc::{Layout, alloc_zeroed, dealloc};

    const PAGE_BYTES: usize = 4096;

    /// A zeroed block of the heap, accessible as a whole. `None` when there is none left.
    pub(in crate::arena) fn reserve(bytes: usize) -> Option<*mut u8> {
        let layout = Layout::from_size_align(bytes, PAGE_BYTES).ok()?;
        // SAFETY: every size in `SIZES` is larger than zero.
        let start = unsafe { alloc_zeroed(layout) };
        (!start.is_null()).then_some(start)
    }

    /// The whole block is accessible from the start.
    ///
    /// # Safety
    ///
    /// None is needed; the signature is that of the other systems.
    pub(in crate::arena) unsafe fn commit(_start: *mut u8, _bytes: usize) -> bool {
        true
    }

    /// Gives a block back that was never used.
    ///
    /// # Safety
    ///
    /// `start` and `bytes` are those of one block, and nobody uses it from now on.
    pub(in crate::arena) unsafe fn release(start: *mut u8, bytes: usize) {
        if let Ok(layout) = Layout::from_size_align(bytes, PAGE_BYTES) {
            // SAFETY: the caller gives a block of `reserve`, which has this layout.
            unsafe { dealloc(start, layout) };
        }
    }

    /// The granularity in which the arena grows, in bytes.
    pub(in crate::arena) fn page_bytes() -> usize {
        PAGE_BYTES
    }

    /// There is no such limit to ask for.
    pub(in crate::arena) fn address_space_limit() -> Option<usize> {
        None
    }
}
