//! What a bridge knows it finds without an allocation, and an allocator may itself record through it.

#![cfg(all(feature = "metrics", feature = "tracing"))]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use metrics::{Label, counter, gauge, histogram};
use tachograph::Registry;
use tachograph_export::{MetricsBridge, SpanLayer};
use tracing::info_span;
use tracing_subscriber::layer::SubscriberExt;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

/// Counts for the test, and through the bridge, as a program's allocator may.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: every call is passed on as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        counter!("allocations_total").increment(1);
        // SAFETY: the caller's promise is the one that is asked for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        counter!("deallocations_total", "by" => "the allocator").increment(1);
        // SAFETY: the caller's promise is the one that is asked for.
        unsafe { System.dealloc(start, layout) };
    }
}

/// How many allocations the second call of `call` makes.
fn second_call(mut call: impl FnMut()) -> u64 {
    call();
    let before = ALLOCATIONS.with(Cell::get);
    call();
    ALLOCATIONS.with(Cell::get) - before
}

#[test]
fn what_is_known_is_found_without_an_allocation_also_by_the_allocator() {
    MetricsBridge::new().install().unwrap();
    assert_eq!(second_call(|| counter!("c_total").increment(1)), 0);
    assert_eq!(second_call(|| counter!("c_total").absolute(1)), 0);
    assert_eq!(second_call(|| counter!("c_total", "k" => "v", "l" => "w").increment(1)), 0);
    assert_eq!(second_call(|| gauge!("g").set(1)), 0);
    assert_eq!(second_call(|| gauge!("g").increment(1)), 0);
    assert_eq!(second_call(|| histogram!("h").record(1)), 0);
    assert_eq!(second_call(|| histogram!("h").record_many(1, 5)), 0);
    assert_eq!(second_call(|| metrics::describe_counter!("c_total", "A text.")), 0);
    assert_eq!(
        second_call(|| counter!(description: "A text.", "c_total").increment(1)),
        0,
        "a description of each use is found, too"
    );

    // What `metrics` allocates for labels known at run time is made before.
    let few = [Label::new("k", "v".to_owned())];
    let many: Vec<_> = (0..12).map(|n| Label::new(format!("k{n}"), "v".to_owned())).collect();
    for labels in [few.to_vec(), many] {
        let key = metrics::Key::from_parts("by_key_total", labels);
        let metadata = metrics::Metadata::new("t", metrics::Level::INFO, None);
        let count = || {
            metrics::with_recorder(|recorder| {
                recorder.register_counter(&key, &metadata).increment(1)
            });
        };
        assert_eq!(second_call(count), 0);
    }

    // Where there is no place, and where the name belongs to another kind.
    let recording = tachograph::init().max_series_of("capped_total", 1).start();
    counter!("capped_total", "k" => "one").increment(1);
    assert_eq!(second_call(|| counter!("capped_total", "k" => "two").increment(1)), 0);
    assert_eq!(second_call(|| gauge!("capped_total", "k" => "two").increment(1)), 0);

    let snapshot = recording.snapshot();
    assert_eq!(snapshot.counter("capped_total", &[tachograph::Labels::OVERFLOW]), Some(2));
    assert_eq!(snapshot.counter("c_total", &[]), Some(4));
    // All but those of the moments in which a series of the bridge was made.
    assert!(snapshot.counter("allocations_total", &[]).unwrap() > 0);
}

#[test]
fn a_timed_span_allocates_its_extension_and_no_more() {
    let registry = Registry::new();
    let spans = |layer: SpanLayer| {
        let subscriber = tracing_subscriber::registry().with(layer);
        let mut count = 0;
        tracing::subscriber::with_default(subscriber, || {
            let call = || info_span!("s").in_scope(|| ());
            call();
            count = second_call(call);
        });
        count
    };
    assert_eq!(spans(SpanLayer::of(&registry)), 1);
    assert_eq!(spans(SpanLayer::of(&registry).busy(true)), 1);
}
