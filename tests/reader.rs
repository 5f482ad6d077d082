//! A reader gives what a snapshot gives, and a renderer what that writes, whatever happens in between.

use std::sync::Mutex;
use std::time::Duration;

use tachograph::{Buckets, Format, Reader, Registry, Renderer, Snapshot, Unit, Value};

#[path = "support/random.rs"]
mod random;

/// Held by who compares the global registry, which is everybody's.
static GLOBAL: Mutex<()> = Mutex::new(());

use random::Random;

/// Everything that a snapshot says, but for when.
fn told(snapshot: &Snapshot) -> String {
    let mut told = snapshot.render(Format::OpenMetrics);
    for series in snapshot.series() {
        // Also what no text has: buckets, extremes, values.
        told += &format!("{:?} {:?} {:?}\n", series.name(), series.created_at(), series.value());
    }
    told += &format!("{:?} {}\n", snapshot.lints(), snapshot.overhead().series());
    told
}

/// A number below a bound.
fn below(random: &mut Random, bound: u64) -> u64 {
    random.next() % bound
}

/// Does one of all things that can be done to a registry.
fn act(registry: &Registry, random: &mut Random) {
    let (name, label) = (below(random, 6), below(random, 8).to_string());
    let labels = [("label", label.as_str())];
    let amount = below(random, 1_000);
    let refused = match below(random, 16) {
        0..=3 => {
            let counter = registry.counter(&format!("counter_{name}_total"), &labels);
            counter.map(|counter| counter.increment(amount)).err()
        }
        4 => registry.rate("rate", &labels).map(|rate| rate.increment(1)).err(),
        5 => registry.gauge(&format!("gauge_{name}"), &labels).map(|it| it.set(amount)).err(),
        6 => registry.gauge("level", &labels).map(|gauge| gauge.increment(amount)).err(),
        7 | 8 => {
            let histogram = registry.histogram("size_bytes", &labels);
            histogram.map(|it| it.record(amount as f64 - 100.0)).err()
        }
        9 | 10 => {
            let nanoseconds = Duration::from_nanos(1 << below(random, 30));
            registry.timer("job_seconds", &labels).map(|timer| timer.record(nanoseconds)).err()
        }
        11 => {
            let buckets = Buckets::new().schema(2).bounds(&[0.3, 10.0]);
            registry.summary_with("kept", &labels, buckets).map(|it| it.record(amount)).err()
        }
        12 => {
            registry.reset("counter_1_total");
            registry.reset("job_seconds");
            None
        }
        13 => {
            registry
                .remove(["counter_2_total", "size_bytes", "gauge_3", "kept"][name as usize % 4]);
            None
        }
        14 => registry.describe(&format!("counter_{name}_total"), Some(Unit::Bytes), &label).err(),
        _ => registry.counter("gauge_3", &labels).err(),
    };
    // A conflict is what the last one is for.
    drop(refused);
}

#[test]
fn a_reader_tells_what_a_snapshot_tells() {
    let seeds = if std::env::var("TACHOGRAPH_SOAK").is_ok() { 200 } else { 6 };
    for seed in 0..seeds {
        let mut random = Random(seed + 1);
        let registry = Registry::builder().max_series(6).buckets("size_*", &[64.0]).build();
        let mut readers: Vec<Reader> = (0..3).map(|_| registry.reader()).collect();
        for _ in 0..200 {
            (0..below(&mut random, 4)).for_each(|_| act(&registry, &mut random));
            // Not each reader sees each change by itself.
            let reader = below(&mut random, 3) as usize;
            let reader = &mut readers[reader];
            // At rest both are exact; what one of them brings back is back for the other, too.
            let read = told(reader.read());
            assert_eq!(read, told(&registry.snapshot()), "seed {seed}");
            assert_eq!(told(reader.read()), read, "seed {seed}");
        }
    }
}

/// What stands in the bodies of both formats of Prometheus.
fn written(renderer: &mut Renderer) -> [String; 2] {
    [Format::Prometheus, Format::OpenMetrics].map(|format| {
        // What is there already stays.
        let mut body = String::from("é");
        renderer.write_to(format, &mut body);
        body.split_off("é".len())
    })
}

#[test]
fn a_renderer_writes_what_a_snapshot_writes() {
    let seeds = if std::env::var("TACHOGRAPH_SOAK").is_ok() { 300 } else { 3 };
    for seed in 0..seeds {
        let mut random = Random(seed + 1);
        let builder = Registry::builder().max_series(6).buckets("size_*", &[64.0]);
        let registry = match seed % 3 {
            0 => builder.build(),
            1 => builder.label("zone", "a\"b\n").prefix("app_").build(),
            _ => builder.naming(tachograph::Naming::Recommended).build(),
        };
        let mut renderers: Vec<Renderer> = (0..3).map(|_| registry.renderer()).collect();
        for round in 0..200 {
            // At first series come, and later on mostly values do.
            if round < 60 || below(&mut random, 8) == 0 {
                (0..below(&mut random, 4)).for_each(|_| act(&registry, &mut random));
            }
            record_where_there_is_something(&registry, &mut random);
            let renderer = &mut renderers[below(&mut random, 3) as usize];
            let snapshot = registry.snapshot();
            let expected = [Format::Prometheus, Format::OpenMetrics].map(|it| snapshot.render(it));
            for _ in 0..1 + below(&mut random, 3) {
                assert_eq!(written(renderer), expected, "seed {seed}, round {round}");
            }
        }
    }
}

/// Lets numbers change, and nothing else.
fn record_where_there_is_something(registry: &Registry, random: &mut Random) {
    for series in registry.snapshot().series() {
        let labels: Vec<(&str, &str)> = series.labels().iter().collect();
        let digits = 1 + below(random, 40);
        let amount = below(random, 1 << digits);
        let refused = match series.value() {
            Value::Counter(_) => {
                registry.counter(series.name(), &labels).map(|it| it.increment(amount)).err()
            }
            Value::Gauge(_) => {
                let value = [amount as f64 / 3.0, -0.0, f64::NAN, f64::NEG_INFINITY];
                let value = value[below(random, 4) as usize];
                registry.gauge(series.name(), &labels).map(|it| it.set(value)).err()
            }
            Value::Histogram(_) => {
                // Seldom one below zero, which is another type in OpenMetrics.
                let value = amount as f64 - if below(random, 50) == 0 { 1e9 } else { 0.0 };
                registry.histogram(series.name(), &labels).map(|it| it.record(value)).err()
            }
            Value::Timer(_) => {
                let time = Duration::from_nanos(amount);
                registry.timer(series.name(), &labels).map(|it| it.record(time)).err()
            }
            Value::Rate(_) => {
                registry.rate(series.name(), &labels).map(|it| it.increment(amount)).err()
            }
            Value::Summary(_) => {
                registry.summary(series.name(), &labels).map(|it| it.record(amount)).err()
            }
            _ => None,
        };
        assert!(refused.is_none(), "{refused:?}");
    }
}

#[test]
fn an_idle_series_leaves_and_comes_back() {
    let registry = Registry::builder().idle_timeout(Duration::ZERO).build();
    let counter = registry.counter("jobs_total", &[("kind", "mail")]).unwrap();
    let mut reader = registry.reader();
    counter.increment(1);
    let total = |snapshot: &Snapshot| snapshot.counter("jobs_total", &[("kind", "mail")]);
    assert_eq!(total(reader.read()), Some(1));
    assert_eq!(total(reader.read()), None);
    assert_eq!(total(reader.read()), None);
    counter.increment(2);
    assert_eq!(total(reader.read()), Some(3));
}

#[test]
fn a_reader_tells_that_a_series_is_bounded_by_the_programs_text_from_now_on() {
    let _alone = GLOBAL.lock();
    let global = tachograph::registry();
    let _recording = tachograph::init().max_series_of("bounded_*", 2).start();
    for value in ["1", "2", "3"] {
        global.counter("bounded_total", &[("a", value)]).unwrap().increment(1);
    }
    let mut reader = global.reader();
    let of_it = |snapshot: &Snapshot| -> Vec<String> {
        let lints = snapshot.lints().iter().filter(|lint| lint.metric() == "bounded_total");
        lints.map(|lint| lint.message().to_owned()).collect()
    };
    assert_eq!(of_it(reader.read()), of_it(&global.snapshot()));
    let before = of_it(reader.read());
    tachograph::counter!("bounded_total", "a" => "1").increment(1);
    let after = of_it(&global.snapshot());
    assert_ne!(before, after);
    assert_eq!(of_it(reader.read()), after);
}

#[test]
fn a_reader_of_the_global_registry_has_what_the_recorder_says_of_itself() {
    let _alone = GLOBAL.lock();
    let mut reader = tachograph::registry().reader();
    for _ in 0..3 {
        tachograph::counter!("reader_reads_total").increment(1);
        let names = |snapshot: &Snapshot| -> Vec<String> {
            snapshot.series().iter().map(|series| series.name().to_owned()).collect()
        };
        let all = names(&tachograph::registry().snapshot());
        assert!(all.iter().any(|name| name == "tachograph_dropped_total"));
        assert_eq!(names(reader.read()), all);
        let nothing = Registry::new();
        drop(nothing.counter("abandoned_total", &[]));
        drop(nothing);
        let abandoned = reader.read().gauge("tachograph_abandoned_series", &[]);
        assert!(abandoned >= Some(1.0), "{abandoned:?}");
    }
}
