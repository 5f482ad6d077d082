//! A steady scrape takes no memory for a series. It is alone here, as a series that another test removes makes the next
//! scrape one that begins anew.

use std::time::Duration;

use tachograph::{Format, Registry};

#[path = "support/allocations.rs"]
mod allocations;

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
            body.clear();
            allocations::counted(|| reader.read().write_to(format, &mut body)).1
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
