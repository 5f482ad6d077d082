//! A steady scrape takes no memory for a series. It is alone here, as a series that another test removes makes the next
//! scrape one that begins anew.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::Duration;

use tachograph::{Format, Registry};

thread_local! {
    /// What this thread has allocated.
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: every call is passed on as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promise is the one that is asked for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn realloc(&self, start: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promise is the one that is asked for.
        unsafe { System.realloc(start, layout, size) }
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is the one that is asked for.
        unsafe { System.dealloc(start, layout) };
    }
}

#[test]
fn a_steady_scrape_allocates_nothing_for_a_series() {
    let of = |count: u32| {
        let registry = Registry::builder().max_series(5_000).build();
        for number in 0..count {
            let label = number.to_string();
            let labels = [("number", label.as_str())];
            registry.counter("requests_total", &labels).unwrap().increment(1);
            registry.gauge("level", &labels).unwrap().set(number);
            registry.histogram("size_bytes", &labels).unwrap().record(number);
            registry.timer("job_seconds", &labels).unwrap().record(Duration::from_micros(7));
        }
        let mut reader = registry.reader();
        let mut body = String::new();
        let mut scrape = |format| {
            // Something comes in between: also what needs more cells than before.
            let histogram = registry.histogram("size_bytes", &[("number", "7")]).unwrap();
            histogram.record(1 << 20);
            let before = ALLOCATIONS.with(Cell::get);
            body.clear();
            reader.read().write_to(format, &mut body);
            ALLOCATIONS.with(Cell::get) - before
        };
        [Format::Prometheus, Format::OpenMetrics].map(|format| {
            (0..3).for_each(|_| {
                scrape(format);
            });
            scrape(format)
        })
    };
    let (few, many) = (of(10), of(1_000));
    println!("10 series of each kind: {few:?} allocations, 1000: {many:?}");
    assert!(few.iter().chain(&many).all(|count| *count < 200), "{few:?} {many:?}");
    assert_eq!(few, many);
}
