//! What is said to the crate `metrics` is what is recorded.

#![cfg(feature = "metrics")]

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use metrics::{
    KeyName, Label, Level, Recorder, counter, describe_counter, describe_gauge, describe_histogram,
    gauge, histogram, with_local_recorder,
};
use tachograph::{Format, Registry, Snapshot, Unit, Value};
use tachograph_export::MetricsBridge;

/// What a registry of its own holds after `record`.
fn recorded(record: impl FnOnce()) -> Snapshot {
    let registry = Registry::new();
    with_local_recorder(&MetricsBridge::of(&registry), record);
    registry.snapshot()
}

#[test]
fn every_form_of_counter_counts() {
    let name = String::from("c_total");
    let value = String::from("v");
    let snapshot = recorded(|| {
        for _ in 0..2 {
            counter!("c_total").increment(1);
            counter!("c_total", "k" => "v").increment(2);
            counter!("c_total", "k" => value.clone(), "l" => "w").increment(3);
            counter!("c_total", "l" => "w", "k" => value.clone()).increment(4);
            counter!(name.clone()).increment(5);
            counter!(name.clone(), "k" => "v").increment(6);
            counter!(format!("{name}_{}", "other")).increment(7);
            counter!("c_total", &[("k", "from a list")]).increment(8);
            counter!("c_total", vec![Label::new("k", "from a list")]).increment(9);
            counter!(target: "t", level: Level::DEBUG, "c_total", "k" => "leveled").increment(10);
            counter!(description: "Described.", unit: metrics::Unit::Count, "c_total")
                .increment(11);
        }
        counter!("up_to").absolute(5);
        counter!("up_to").absolute(3);
        counter!("up_to").increment(1);
    });
    let of = |name, labels: &[(&str, &str)]| snapshot.counter(name, labels);
    assert_eq!(of("c_total", &[]), Some(2 * (1 + 5 + 11)));
    assert_eq!(of("c_total", &[("k", "v")]), Some(2 * (2 + 6)));
    assert_eq!(of("c_total", &[("k", "v"), ("l", "w")]), Some(2 * (3 + 4)));
    assert_eq!(of("c_total_other", &[]), Some(14));
    assert_eq!(of("c_total", &[("k", "from a list")]), Some(2 * 17));
    assert_eq!(of("c_total", &[("k", "leveled")]), Some(20));
    assert_eq!(of("up_to", &[]), Some(6));
}

#[test]
fn gauges_go_up_and_down_and_are_set() {
    let snapshot = recorded(|| {
        gauge!("level").increment(5.5);
        gauge!("level").decrement(2);
        gauge!("fixed", "k" => "v").increment(1);
        gauge!("fixed", "k" => "v").set(-7.25);
        gauge!("fixed", "k" => "v").decrement(1.0);
    });
    assert_eq!(snapshot.gauge("level", &[]), Some(3.5));
    assert_eq!(snapshot.gauge("fixed", &[("k", "v")]), Some(-8.25));
}

#[test]
fn histograms_keep_values_as_they_are_given() {
    let snapshot = recorded(|| {
        describe_histogram!("wait_ms", metrics::Unit::Milliseconds, "How long.");
        histogram!("wait_ms").record(20.0);
        histogram!("wait_seconds").record(Duration::from_millis(250));
        histogram!("wait_seconds").record_many(0.5, 3);
        histogram!("wait_seconds").record_many(0.5, 0);
    });
    assert_eq!(snapshot.histogram("wait_ms", &[]).unwrap().sum(), 20.0);
    let wait = snapshot.histogram("wait_seconds", &[]).unwrap();
    assert_eq!((wait.count(), wait.sum()), (4, 1.75));
}

#[test]
fn a_handle_may_be_kept_and_outlives_the_bridge() {
    let registry = Registry::new();
    let bridge = MetricsBridge::of(&registry);
    let (kept, clone) = with_local_recorder(&bridge, || {
        let kept = counter!("kept_total");
        (kept.clone(), kept)
    });
    drop(bridge);
    thread::spawn(move || clone.increment(2)).join().unwrap();
    kept.increment(1);
    assert_eq!(registry.snapshot().counter("kept_total", &[]), Some(3));
}

#[test]
fn descriptions_and_units_are_taken_over() {
    let registry = Registry::new();
    with_local_recorder(&MetricsBridge::of(&registry), || {
        describe_counter!("read_bytes", metrics::Unit::Bytes, "What was read.");
        describe_gauge!("depth", "How deep.");
        // Once more, and otherwise: the first one stays.
        describe_gauge!("depth", "How deep.");
        describe_gauge!("depth", "Something else.");
        counter!("read_bytes").increment(1);
        gauge!("depth").set(1);
    });
    let snapshot = registry.snapshot();
    let about = |name| {
        let series = snapshot.series().iter().find(|series| series.name() == name).unwrap();
        (series.unit(), series.description().map(str::to_owned))
    };
    assert_eq!(about("read_bytes"), (Some(Unit::Bytes), Some("What was read.".to_owned())));
    assert_eq!(about("depth"), (None, Some("How deep.".to_owned())));
    let lints = registry.lints();
    assert!(lints.iter().any(|lint| lint.message().contains("Something else.")), "{lints:?}");
}

#[test]
fn every_unit_has_its_own() {
    use metrics::Unit::*;
    let units = [
        Count,
        Percent,
        Seconds,
        Milliseconds,
        Microseconds,
        Nanoseconds,
        Tebibytes,
        Gibibytes,
        Mebibytes,
        Kibibytes,
        Bytes,
        TerabitsPerSecond,
        GigabitsPerSecond,
        MegabitsPerSecond,
        KilobitsPerSecond,
        BitsPerSecond,
        CountPerSecond,
    ];
    for unit in units {
        let registry = Registry::new();
        let bridge = MetricsBridge::of(&registry);
        bridge.describe_gauge(KeyName::from("g"), Some(unit), "text".into());
        with_local_recorder(&bridge, || gauge!("g").set(1));
        let snapshot = registry.snapshot();
        let found = snapshot.series()[0].unit();
        assert_eq!(found.map(Unit::as_str), Some(unit.as_str()));
    }
}

#[test]
fn threads_that_use_one_series_at_once_lose_nothing() {
    const THREADS: usize = 20;
    const TIMES: usize = if cfg!(miri) { 50 } else { 5_000 };
    const NUMBERS: usize = 50;
    let registry = Registry::new();
    let bridge = MetricsBridge::of(&registry);
    let barrier = Barrier::new(THREADS);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (bridge, barrier) = (&bridge, &barrier);
            scope.spawn(move || {
                barrier.wait();
                with_local_recorder(bridge, || {
                    for time in 0..TIMES {
                        counter!("all_total").increment(1);
                        counter!("one_total", "number" => (time % NUMBERS).to_string())
                            .increment(1);
                        gauge!("level").increment(1);
                        histogram!("sizes", "thread" => thread.to_string()).record(1);
                    }
                });
            });
        }
    });
    let snapshot = registry.snapshot();
    let all = (THREADS * TIMES) as u64;
    assert_eq!(snapshot.counter("all_total", &[]), Some(all));
    assert_eq!(snapshot.gauge("level", &[]), Some(all as f64));
    for number in 0..NUMBERS {
        let found = snapshot.counter("one_total", &[("number", &number.to_string())]);
        assert_eq!(found, Some(all / NUMBERS as u64));
    }
    for thread in 0..THREADS {
        let sizes = snapshot.histogram("sizes", &[("thread", &thread.to_string())]).unwrap();
        assert_eq!(sizes.count(), TIMES as u64);
    }
}

#[test]
fn reset_and_removed_series_come_back_from_zero() {
    let registry = Registry::new();
    let bridge = MetricsBridge::of(&registry);
    let add =
        |amount| with_local_recorder(&bridge, || counter!("c_total", "k" => "v").increment(amount));
    let total = || registry.snapshot().counter("c_total", &[("k", "v")]);
    add(5);
    assert_eq!(registry.reset("c_total"), 1);
    assert_eq!(total(), Some(0));
    add(2);
    assert_eq!(total(), Some(2));
    assert_eq!(registry.remove("c_total"), 1);
    assert_eq!(total(), None);
    add(3);
    assert_eq!(total(), Some(3));
}

#[test]
fn local_recorders_may_be_nested_and_stay_apart() {
    let [outer, inner] = [Registry::new(), Registry::new()];
    with_local_recorder(&MetricsBridge::of(&outer), || {
        counter!("c_total").increment(1);
        with_local_recorder(&MetricsBridge::of(&inner), || counter!("c_total").increment(10));
        counter!("c_total").increment(1);
    });
    assert_eq!(outer.snapshot().counter("c_total", &[]), Some(2));
    assert_eq!(inner.snapshot().counter("c_total", &[]), Some(10));
}

#[test]
fn two_bridges_to_one_registry_share_its_series() {
    let registry = Registry::new();
    for _ in 0..2 {
        with_local_recorder(&MetricsBridge::of(&registry), || counter!("c_total").increment(1));
    }
    assert_eq!(registry.snapshot().counter("c_total", &[]), Some(2));
    assert_eq!(registry.snapshot().series().len(), 1);
}

#[test]
fn what_is_bridged_is_in_the_text() {
    let registry = Registry::new();
    with_local_recorder(&MetricsBridge::of(&registry), || {
        counter!("http.requests", "path" => "/\"\n").increment(1);
    });
    let text = registry.render(Format::Prometheus);
    assert!(text.contains("http_requests{path=\"/\\\"\\n\"} 1"), "{text}");
    assert!(matches!(registry.snapshot().series()[0].value(), Value::Counter(1)));
}

#[test]
fn series_that_stood_still_come_back_with_what_they_held() {
    let registry = Registry::builder().idle_timeout(Duration::ZERO).build();
    let bridge = MetricsBridge::of(&registry);
    let add = |amount| {
        with_local_recorder(&bridge, || counter!("c_total", "k" => "v").increment(amount));
    };
    let total = || registry.snapshot().counter("c_total", &[("k", "v")]);
    add(5);
    // The first look takes note of what it holds, and the second one finds the same.
    assert_eq!((total(), total()), (Some(5), None));
    add(2);
    assert_eq!(total(), Some(7));
}
