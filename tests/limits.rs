//! Limits: memory that the system refuses, caps on labels, names in conflict, a full arena. What can
//! be recorded is exact, what cannot is counted, and what was there before is untouched.

#![cfg(target_os = "linux")]

#[path = "support/apart.rs"]
mod apart;
#[path = "support/child.rs"]
mod child;
#[path = "support/memory.rs"]
mod memory;

use std::io;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use tachograph::{
    Buckets, Overhead, Registry, Snapshot, TimerSnapshot, counter, gauge, histogram, registry,
    timed, timer,
};

const PATIENCE: Duration = Duration::from_secs(10);
const MIB: u64 = 1 << 20;
/// Enough for a thread that only records.
const STACK_BYTES: usize = 128 * 1024;

#[timed(name = "limited_work_seconds")]
fn timed_work() {
    std::hint::black_box(());
}

/// One record of each of seven sorts.
fn record(who: u64) {
    counter!("limited_total").increment(1);
    counter!("limited_by_total", "who" => who).increment(1);
    gauge!("limited_level").increment(1);
    gauge!("limited_set").set(7);
    histogram!("limited_values").record(who);
    timer!("limited_seconds").record(Duration::from_micros(3));
    timed_work();
}

const RECORDS: u64 = 7;

/// What `times[who]` records of each sort make.
fn check(snapshot: &Snapshot, times: &[u64]) -> Result<(), String> {
    let total: u64 = times.iter().sum();
    let sum: u64 = times.iter().enumerate().map(|(who, times)| who as u64 * times).sum();
    let timer = |name| snapshot.timer(name, &[]).map(TimerSnapshot::count);
    let values = snapshot.histogram("limited_values", &[]);
    let mut found = vec![
        ("counter", snapshot.counter("limited_total", &[]) == Some(total)),
        ("gauge", snapshot.gauge("limited_level", &[]) == Some(total as f64)),
        ("gauge that was set", snapshot.gauge("limited_set", &[]) == Some(7.0)),
        ("histogram", values.map(|v| (v.count(), v.sum())) == Some((total, sum as f64))),
        ("timer", timer("limited_seconds") == Some(total)),
        ("timed", timer("limited_work_seconds") == Some(total)),
        ("dropped", dropped(snapshot.overhead()).is_empty()),
    ];
    for (who, times) in times.iter().enumerate() {
        let labels = [("who", &*who.to_string())];
        found.push(("labels", snapshot.counter("limited_by_total", &labels) == Some(*times)));
    }
    let wrong: Vec<_> = found.iter().filter(|(_, right)| !right).map(|(what, _)| *what).collect();
    if wrong.is_empty() { Ok(()) } else { Err(format!("wrong: {wrong:?} in {snapshot:#?}")) }
}

/// The reasons under which records were dropped.
fn dropped(overhead: &Overhead) -> Vec<(&'static str, u64)> {
    overhead.dropped().iter().copied().filter(|(_, count)| *count > 0).collect()
}

fn address_space() -> u64 {
    memory::address_space_and_memory().0
}

fn limit(resource: libc::__rlimit_resource_t, bytes: u64) {
    let limit = libc::rlimit { rlim_cur: bytes, rlim_max: libc::RLIM_INFINITY };
    // SAFETY: `limit` is a valid limit.
    let answer = unsafe { libc::setrlimit(resource, &limit) };
    assert_eq!(answer, 0, "{}", io::Error::last_os_error());
}

/// Lets the process have no more than `bytes` of address space beside what it has now.
fn limit_address_space(bytes: u64) {
    limit(libc::RLIMIT_AS, address_space() + bytes);
}

/// Refuses any further writable memory, or no longer. Reservations need none.
fn refuse_memory(refuse: bool) {
    // Linux takes a limit of zero for none.
    limit(libc::RLIMIT_DATA, if refuse { 1 } else { libc::RLIM_INFINITY });
}

/// Sees to it that limits concern the recorder alone: the allocator of the C library gets some memory
/// beforehand, which it keeps, and reserves no address space for each thread.
fn provide_for_the_allocator() {
    const IN_HAND: usize = 16 << 20;
    let parameters = [
        (libc::M_ARENA_MAX, 1),
        (libc::M_MMAP_THRESHOLD, 2 * IN_HAND as libc::c_int),
        (libc::M_TRIM_THRESHOLD, libc::c_int::MAX),
    ];
    for (parameter, value) in parameters {
        // SAFETY: sets a parameter of the allocator.
        assert_eq!(unsafe { libc::mallopt(parameter, value) }, 1);
    }
    drop(std::hint::black_box(vec![0_u8; IN_HAND]));
}

/// Has `count` threads record `times` times each, all of them there at once, after `limit` was set.
fn record_in_threads(count: u64, times: u64, limit: impl FnOnce()) {
    let meeting = &Barrier::new(count as usize + 1);
    thread::scope(|scope| {
        for who in 0..count {
            let small = thread::Builder::new().stack_size(STACK_BYTES);
            let records = move || {
                meeting.wait();
                meeting.wait();
                (0..times).for_each(|_| record(who));
                meeting.wait();
            };
            small.spawn_scoped(scope, records).expect("there is room for it");
        }
        // All are there, then the limit, then they begin; and nobody ends before the last is done.
        meeting.wait();
        limit();
        meeting.wait();
        meeting.wait();
    });
}

/// However little address space there is, as long as the smallest reservations fit: nothing is lost.
#[test]
fn refused_reservation_falls_back_and_loses_nothing() {
    const THREADS: u64 = 12;
    const TIMES: u64 = 100;
    const ALLOWED_MIB: [u64; 16] =
        [5, 6, 8, 9, 10, 12, 16, 24, 48, 65, 66, 68, 96, 256, 1024, 8192];
    apart::run("refused_reservation_falls_back_and_loses_nothing", || {
        provide_for_the_allocator();
        let mut failures = 0;
        for allowed in ALLOWED_MIB {
            // Each in a process that has not reserved anything yet.
            let limited = child::fork(|| {
                record_in_threads(THREADS, TIMES, || limit_address_space(allowed * MIB));
                let snapshot = registry().snapshot();
                check(&snapshot, &[TIMES; THREADS as usize])?;
                let overhead = snapshot.overhead();
                // Every thread has a shard, or is one of those that were refused.
                let (shards, refused) = (overhead.shards(), overhead.shards_refused());
                let all = shards + refused >= THREADS;
                let said =
                    snapshot.counter("tachograph_shards_refused_total", &[]) == Some(refused);
                let text = format!(
                    "{shards} shards, {refused} refused, {} KiB of address space",
                    overhead.reserved_bytes() / 1024
                );
                if all && said { Ok(text) } else { Err(text) }
            });
            match limited.wait(PATIENCE) {
                Ok(text) => eprintln!("{allowed} MiB: {text}"),
                Err(error) => {
                    eprintln!("{allowed} MiB: {}", error.lines().next().unwrap_or_default());
                    failures += 1;
                }
            }
        }
        assert_eq!(failures, 0);
    });
}

#[test]
fn nothing_at_all_is_counted_as_dropped() {
    const TIMES: u64 = 10;
    apart::run("nothing_at_all_is_counted_as_dropped", || {
        provide_for_the_allocator();
        limit_address_space(MIB / 2);
        (0..TIMES).for_each(record);
        let snapshot = registry().snapshot();
        assert_eq!(dropped(snapshot.overhead()), [("no_room", TIMES * RECORDS)]);
        assert_eq!(snapshot.counter("limited_total", &[]), None);
        assert!(registry().counter("limited_by_name", &[]).is_err_and(|error| error.is_overflow()));
    });
}

/// The limit comes when recording has begun: threads that cannot have a shard share one.
#[test]
fn late_limit_makes_threads_share() {
    const THREADS: u64 = 8;
    const TIMES: u64 = 500;
    apart::run("late_limit_makes_threads_share", || {
        provide_for_the_allocator();
        record(0);
        record_in_threads(THREADS, TIMES, || limit_address_space(4 * MIB));
        let snapshot = registry().snapshot();
        let mut times = [TIMES; THREADS as usize];
        times[0] += 1;
        check(&snapshot, &times).unwrap();
        let overhead = snapshot.overhead();
        assert_eq!((overhead.shards(), overhead.shards_refused()), (1, THREADS));
        // What is registered now finds room, too: that was reserved before.
        counter!("limited_late_total").increment(1);
        assert_eq!(registry().snapshot().counter("limited_late_total", &[]), Some(1));
    });
}

/// Memory that is reserved but not granted: a thread that cannot have a shard leaves nothing behind.
#[test]
fn refused_threads_leave_no_address_space_behind() {
    const THREADS: u64 = 200;
    apart::run("refused_threads_leave_no_address_space_behind", || {
        provide_for_the_allocator();
        record(0);
        let threads = |from, to| {
            for _ in from..to {
                record_in_threads(1, 1, || refuse_memory(true));
                refuse_memory(false);
            }
        };
        threads(0, THREADS / 10);
        let before = address_space();
        threads(THREADS / 10, THREADS);
        let grown = address_space().saturating_sub(before);
        let snapshot = registry().snapshot();
        check(&snapshot, &[1 + THREADS]).unwrap();
        assert_eq!(snapshot.overhead().shards_refused(), THREADS);
        assert!(grown < 64 * MIB, "{grown} bytes of address space after {THREADS} threads");
    });
}

/// Memory that is refused when a metric is registered: it is counted, and the others are as before.
#[test]
fn refused_growth_leaves_the_others_intact() {
    apart::run("refused_growth_leaves_the_others_intact", || {
        provide_for_the_allocator();
        record(0);
        let names: Vec<String> = (0..200).map(|number| format!("grown_values_{number}")).collect();
        refuse_memory(true);
        let mut kept = 0;
        for name in &names {
            match registry().histogram(name, &[]) {
                Ok(histogram) => {
                    histogram.record(5);
                    kept += 1;
                }
                Err(error) => assert!(error.is_overflow(), "{error}"),
            }
            histogram!(name).record(5);
        }
        record(0);
        refuse_memory(false);
        let snapshot = registry().snapshot();
        assert!(kept < names.len());
        let refused = (names.len() - kept) as u64;
        assert_eq!(dropped(snapshot.overhead()), [("no_room", refused)]);
        for name in &names[..kept] {
            assert_eq!(snapshot.histogram(name, &[]).map(|values| values.sum()), Some(10.0));
        }
        assert_eq!(snapshot.counter("limited_total", &[]), Some(2));
        assert_eq!(snapshot.histogram("limited_values", &[]).map(|values| values.count()), Some(2));
        assert_eq!(snapshot.timer("limited_seconds", &[]).map(TimerSnapshot::count), Some(2));
    });
}

const OVERFLOW: [(&str, &str); 1] = [("otel_metric_overflow", "true")];

/// The series of a name: how many there are, and the sum of their totals.
fn series_of(snapshot: &Snapshot, name: &str) -> (usize, u64) {
    let of_name = snapshot.series().iter().filter(|series| series.name() == name);
    of_name.fold((0, 0), |(count, sum), series| {
        let total = match series.value() {
            tachograph::Value::Counter(total) => *total,
            tachograph::Value::Histogram(values) => values.count(),
            _ => 0,
        };
        (count + 1, sum + total)
    })
}

#[test]
fn labels_beyond_the_cap_go_to_one_series_and_none_is_lost() {
    const THREADS: u64 = 8;
    const VALUES: u64 = 10_000;
    const CAP: usize = 2_000;
    apart::run("labels_beyond_the_cap_go_to_one_series_and_none_is_lost", || {
        thread::scope(|scope| {
            for thread in 0..THREADS {
                scope.spawn(move || {
                    for number in 0..VALUES {
                        // Each in an order of its own, so that they meet at different values.
                        let value = (number * 7 + thread * 1_234) % VALUES;
                        counter!("capped_total", "value" => value).increment(1);
                        histogram!("capped_values", "of" => "cap", "value" => %value).record(1);
                    }
                });
            }
        });
        let snapshot = registry().snapshot();
        let mut overflowed = 0;
        for name in ["capped_total", "capped_values"] {
            assert_eq!(series_of(&snapshot, name), (CAP + 1, THREADS * VALUES), "{name}");
            let lints = snapshot.lints().iter().filter(|lint| lint.metric() == name);
            let said: Vec<_> = lints.filter(|lint| lint.message().contains("2000")).collect();
            assert_eq!(said.len(), 1, "{said:?}");
        }
        overflowed += snapshot.counter("capped_total", &OVERFLOW).expect("the cap was reached");
        overflowed += snapshot.histogram("capped_values", &OVERFLOW).map_or(0, |h| h.count());
        let counted: u64 = snapshot.overhead().overflowed().iter().map(|(_, count)| count).sum();
        assert_eq!(counted, overflowed);
        // Every series that is not the overflow has all that was recorded under its value.
        for series in snapshot.series().iter().filter(|series| series.name() == "capped_total") {
            let Some(value) = series.labels().get("value") else { continue };
            let total = snapshot.counter("capped_total", &[("value", value)]);
            assert_eq!(total, Some(THREADS), "{value}");
        }
        // Literal labels are bounded by the program and always get their series.
        counter!("capped_total", "value" => "literal").increment(3);
        assert_eq!(registry().snapshot().counter("capped_total", &[("value", "literal")]), Some(3));
    });
}

#[test]
fn removal_gives_places_under_the_cap_back() {
    let registry = Registry::builder().max_series(10).build();
    let record = |from: u64, to: u64| {
        for value in from..to {
            let labels = [("value", &*value.to_string())];
            registry.counter("places_total", &labels).expect("a cap is no error").increment(1);
        }
    };
    record(0, 15);
    let snapshot = registry.snapshot();
    assert_eq!(series_of(&snapshot, "places_total"), (11, 15));
    assert_eq!(snapshot.counter("places_total", &OVERFLOW), Some(5));

    assert_eq!(registry.remove("places_total"), 11);
    assert_eq!(series_of(&registry.snapshot(), "places_total"), (0, 0));
    record(100, 112);
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.counter("places_total", &OVERFLOW), Some(2));
    assert_eq!(series_of(&snapshot, "places_total"), (11, 12));
    // One that was removed begins from zero.
    record(0, 1);
    assert_eq!(registry.snapshot().counter("places_total", &[("value", "0")]), Some(1));
}

/// Whatever is recorded brings a removed series back, a zero included.
#[test]
fn removed_series_come_back_with_any_record() {
    let registry = Registry::new();
    let level = registry.gauge("back_level", &[]).unwrap();
    let values = registry.histogram("back_values", &[]).unwrap();
    let seconds = registry.timer("back_seconds", &[]).unwrap();
    for round in 1..4_u64 {
        level.set(round);
        values.record(1);
        seconds.record(Duration::from_secs(1));
        for name in ["back_level", "back_values", "back_seconds"] {
            assert_eq!(registry.remove(name), 1, "{name}");
        }
        assert!(registry.snapshot().series().is_empty());
        level.set(0);
        values.record(0);
        seconds.record(Duration::ZERO);
        let snapshot = registry.snapshot();
        assert_eq!(snapshot.gauge("back_level", &[]), Some(0.0));
        let values = snapshot.histogram("back_values", &[]).expect("it was recorded to");
        assert_eq!((values.count(), values.sum()), (1, 0.0));
        let seconds = snapshot.timer("back_seconds", &[]).expect("it was recorded to");
        assert_eq!((seconds.count(), seconds.total()), (1, Duration::ZERO));
    }
}

#[test]
fn name_of_two_kinds_belongs_to_the_first() {
    const TIMES: u64 = 5;
    apart::run("name_of_two_kinds_belongs_to_the_first", || {
        let first = line!() + 2;
        for _ in 0..TIMES {
            counter!("two_kinds").increment(1);
            gauge!("two_kinds").set(1);
            histogram!("two_kinds", "k" => %1).record(1);
            timer!(String::from("two_kinds")).start().stop();
        }
        let by_name = registry().gauge("two_kinds", &[]).expect_err("it is a counter");
        assert!(by_name.is_conflict());
        let snapshot = registry().snapshot();
        assert_eq!(snapshot.counter("two_kinds", &[]), Some(TIMES));
        assert_eq!(series_of(&snapshot, "two_kinds"), (1, TIMES));
        assert_eq!(dropped(snapshot.overhead()), [("conflict", 3 * TIMES)]);
        let counted = snapshot.counter("tachograph_dropped_total", &[("reason", "conflict")]);
        assert_eq!(counted, Some(3 * TIMES));
        // Each place that is in conflict is named once, with that of the first.
        let lints = registry().lints();
        let lints: Vec<_> = lints.iter().filter(|lint| lint.metric() == "two_kinds").collect();
        for (offset, kind) in [(1, "gauge"), (2, "histogram"), (3, "timer")] {
            let place = format!("limits.rs:{}", first + offset);
            let said = lints.iter().filter(|lint| {
                let message = lint.message();
                message.contains(&format!("limits.rs:{first})"))
                    && message.contains(kind)
                    && message.contains(&place)
            });
            assert_eq!(said.count(), 1, "{place}: {lints:#?}");
        }
        assert_eq!(lints.len(), 4, "{lints:#?}");
    });
}

/// Histograms until the arena has no room for another: wide ones first, then such as fill the rest.
#[test]
fn full_arena_refuses_and_keeps_what_it_has() {
    apart::run("full_arena_refuses_and_keeps_what_it_has", || {
        // A small arena is as full, and sooner.
        provide_for_the_allocator();
        limit_address_space(1024 * MIB);
        record(0);
        // About as many cells as a histogram can have, half a MiB.
        let wide = Buckets::new().schema(8).range(1e-37, 1e38);
        let mut made = Vec::new();
        let small = Buckets::new().schema(0).range(1.0, 2.0);
        for (sort, buckets) in [("wide", wide), ("usual", Buckets::new()), ("small", small)] {
            let error = loop {
                assert!(made.len() < 10_000, "the arena has no end");
                let name = format!("{sort}_values_{}", made.len());
                match registry().histogram_with(&name, &[], buckets.clone()) {
                    Ok(histogram) => made.push((name, histogram)),
                    Err(error) => break error,
                }
            };
            assert!(error.is_overflow(), "{error}");
        }
        for (number, (_, histogram)) in made.iter().enumerate() {
            histogram.record(1 + number);
        }
        // By macro there is no error, but a count.
        for number in 0..3 {
            histogram!(format!("refused_values_{number}")).record(1);
        }
        histogram!("refused_values").record(1);
        timed_late();
        // The cells of counters lie elsewhere and have room.
        counter!("narrow_total").increment(1);
        record(0);
        let snapshot = registry().snapshot();
        eprintln!("{} histograms", made.len());
        assert_eq!(dropped(snapshot.overhead()), [("no_room", 5)]);
        assert_eq!(snapshot.counter("narrow_total", &[]), Some(1));
        assert_eq!(snapshot.counter("limited_total", &[]), Some(2));
        assert_eq!(snapshot.timer("limited_seconds", &[]).map(TimerSnapshot::count), Some(2));
        assert_eq!(snapshot.histogram("limited_values", &[]).map(|values| values.count()), Some(2));
        for (number, (name, _)) in made.iter().enumerate() {
            let values = snapshot.histogram(name, &[]).expect("it was registered");
            assert_eq!((values.count(), values.sum()), (1, (1 + number) as f64), "{name}");
        }
    });
}

#[timed]
fn timed_late() {}
