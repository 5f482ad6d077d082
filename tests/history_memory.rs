//! What a history says that it takes is what the allocator gave it.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, SystemTime};

use tachograph::{History, Registry};

static LIVE: AtomicUsize = AtomicUsize::new(0);

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: every call is passed on as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size(), SeqCst);
        // SAFETY: the caller's promise is the one that is asked for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), SeqCst);
        // SAFETY: the caller's promise is the one that is asked for.
        unsafe { System.dealloc(start, layout) }
    }
}

/// Of all kinds, so that most values change in each second.
fn record(registry: &Registry, second: u64) {
    for number in 0..70 {
        let label = number.to_string();
        let labels = [("number", &*label)];
        let value = (second * 7 + number) % 300;
        registry.counter("c", &labels).unwrap().increment(value);
        registry.gauge("g", &labels).unwrap().set(value);
        if number < 5 {
            registry.histogram("h", &labels).unwrap().record(value);
            registry.timer("t", &labels).unwrap().record(Duration::from_millis(value));
        }
    }
}

#[test]
fn what_it_says_that_it_takes_is_what_it_was_given() {
    let registry = Registry::new();
    record(&registry, 0);
    let begin = SystemTime::now();
    let before = LIVE.load(SeqCst);
    for limit in [64 << 20, 1 << 20] {
        let builder = History::builder().registry(&registry).memory_limit(limit);
        let history = builder.clock(move || begin).build().unwrap();
        for second in 1..=1_200 {
            record(&registry, second);
            assert!(history.tick(begin + Duration::from_secs(second)));
            if second % 200 == 0 {
                let (said, given) = (history.usage().bytes(), LIVE.load(SeqCst) - before);
                // What it works with, beside what it keeps: room for one window, and its settings.
                let beside = 48 << 10;
                assert!(given >= said && given <= said + said / 50 + beside, "{given}, not {said}");
                assert!(said <= limit, "{said} of {limit}");
            }
        }
        let is_thinned = history.usage().thinned().iter().sum::<u64>() > 0;
        assert_eq!(is_thinned, limit == 1 << 20, "{:?}", history.usage());
    }
    assert!(LIVE.load(SeqCst) - before < 16 << 10, "it gives all of it back");
}
