//! Collectors: callbacks that set what is only known when somebody asks, whatever they do.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::thread;
use std::time::{Duration, SystemTime};

use tachograph::{
    Aggregation, CollectFailure, Dump, FailureReason, Format, History, Registry, gauge,
};

#[cfg(unix)]
#[path = "support/apart.rs"]
mod apart;
#[cfg(unix)]
#[path = "support/child.rs"]
mod child;

/// Longer than any wait of these tests takes, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(60);

fn reasons(failures: &[CollectFailure]) -> Vec<(&str, FailureReason)> {
    failures.iter().map(|failure| (failure.collector(), failure.reason())).collect()
}

fn counted(registry: &Registry, collector: &str, reason: &str) -> Option<u64> {
    let labels = [("collector", collector), ("reason", reason)];
    registry.snapshot().counter("tachograph_collector_failures_total", &labels)
}

#[test]
fn what_collectors_set_is_in_whatever_is_read_for_others_and_in_the_past() {
    let registry = Registry::new();
    let asked = Arc::new(AtomicU64::new(0));
    let calls = Arc::clone(&asked);
    let set = move |collect: &mut tachograph::Collect| {
        let call = calls.fetch_add(1, SeqCst) + 1;
        collect.gauge("level", &[], call);
        collect.counter("seen_total", &[("from", "elsewhere")], 10 * call);
        collect.histogram("sizes", &[], 4);
        assert!(collect.registry().collect_all().collectors() == 0, "collected within itself");
    };
    registry.add_collector("all_kinds", set).unwrap();

    assert_eq!(registry.snapshot().gauge("level", &[]), None, "a snapshot alone asks nobody");
    assert!(registry.render(Format::Prometheus).contains("level 1\n"));
    let report = registry.collect_all();
    assert!(report.is_complete() && report.collectors() == 1, "{report:?}");
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.gauge("level", &[]), Some(2.0));
    assert_eq!(snapshot.counter("seen_total", &[("from", "elsewhere")]), Some(20));
    assert_eq!(snapshot.histogram("sizes", &[]).unwrap().count(), 2);

    let start = SystemTime::now();
    let history = History::builder().registry(&registry).clock(move || start).build().unwrap();
    (1..=3).for_each(|second| assert!(history.tick(start + Duration::from_secs(second))));
    assert_eq!(asked.load(SeqCst), 5);
    let level = history.metric("level", &[]).unwrap();
    let answer = level.aggregate(Aggregation::Max, Duration::from_secs(60)).unwrap();
    assert_eq!(answer.value(), 5.0);

    assert!(registry.remove_collector("all_kinds") && !registry.remove_collector("all_kinds"));
    assert_eq!(registry.collect_all().collectors(), 0);
    assert_eq!(asked.load(SeqCst), 5);
}

#[test]
fn one_that_fails_is_counted_with_its_name_and_the_rest_go_on() {
    let registry = Registry::new();
    registry.counter("taken", &[]).unwrap();
    let add = |name: &str, set: fn(&mut tachograph::Collect) -> Result<(), String>| {
        registry.add_collector(name, set).unwrap();
    };
    add("panics", |collect| {
        collect.gauge("before_panic", &[], 1);
        panic!("the pool is {}", "gone")
    });
    add("fails", |_| Err("no answer".to_owned()));
    add("conflicts", |collect| {
        collect.gauge("taken", &[], 1);
        collect.gauge("", &[], 1);
        collect.gauge("after_conflict", &[], 2);
        Ok(())
    });
    add("works", |collect| {
        collect.gauge("works", &[], 3);
        Ok(())
    });
    for round in 1..=3 {
        let report = registry.collect_all();
        assert_eq!(report.collectors(), 4);
        let (panic, error) = (FailureReason::Panic, FailureReason::Error);
        let expected = [("panics", panic), ("fails", error), ("conflicts", error)];
        assert_eq!(reasons(report.failures()), expected);
        assert_eq!(report.failures()[0].message(), "the pool is gone");
        let says = report.failures()[2].to_string();
        assert!(says.contains("`conflicts`") && says.contains("already a counter"), "{says}");
        for (name, reason) in [("panics", "panic"), ("fails", "error"), ("conflicts", "error")] {
            assert_eq!(counted(&registry, name, reason), Some(round), "{name}");
        }
        assert_eq!(counted(&registry, "works", "error"), None);
        let snapshot = registry.snapshot();
        let gauges = ["before_panic", "after_conflict", "works"].map(|g| snapshot.gauge(g, &[]));
        assert_eq!(gauges, [Some(1.0), Some(2.0), Some(3.0)]);
    }
}

#[test]
fn one_that_hangs_is_left_behind_and_asked_again_when_it_has_come_back() {
    let registry = Registry::builder().collector_deadline(Duration::from_millis(50)).build();
    let (release, released) = mpsc::channel::<()>();
    let (done, is_done) = mpsc::channel::<()>();
    let calls = Arc::new(AtomicU64::new(0));
    let counted_calls = Arc::clone(&calls);
    let hang = move |collect: &mut tachograph::Collect| {
        let call = counted_calls.fetch_add(1, SeqCst) + 1;
        if call == 1 {
            released.recv_timeout(PATIENCE).unwrap();
        }
        collect.gauge("late", &[], call);
        // The first one who waits may be gone.
        let _ = done.send(());
    };
    registry.add_collector("hangs", hang).unwrap();
    registry.add_collector("works", |collect| collect.gauge("works", &[], 1)).unwrap();
    for round in 1..=3 {
        let report = registry.collect_all();
        assert_eq!(reasons(report.failures()), [("hangs", FailureReason::Deadline)]);
        assert_eq!(counted(&registry, "hangs", "deadline"), Some(round));
        assert_eq!(registry.snapshot().gauge("works", &[]), Some(1.0));
    }
    assert_eq!(calls.load(SeqCst), 1, "it was called while it ran");
    release.send(()).unwrap();
    is_done.recv_timeout(PATIENCE).unwrap();
    // It has set its value, and is about to end.
    assert_eq!(registry.snapshot().gauge("late", &[]), Some(1.0));
    let came_back = (0..1_000).any(|_| {
        thread::yield_now();
        registry.collect_all().is_complete()
    });
    assert!(came_back);
    assert_eq!(registry.snapshot().gauge("late", &[]), Some(2.0));
}

#[test]
fn a_gauge_that_is_set_no_more_leaves_and_comes_back() {
    let registry = Registry::new();
    let queues = Arc::new(Mutex::new(vec![("mail", 3), ("print", 0)]));
    let (seen, is_failing) = (Arc::clone(&queues), Arc::new(AtomicU64::new(0)));
    let failing = Arc::clone(&is_failing);
    let set = move |collect: &mut tachograph::Collect| {
        if failing.load(SeqCst) == 1 {
            return Err("not now");
        }
        for (queue, depth) in seen.lock().unwrap().iter() {
            collect.gauge("depth", &[("queue", queue)], *depth);
        }
        Ok(())
    };
    registry.add_collector("queues", set).unwrap();
    let depths = || {
        let _ = registry.collect_all();
        let snapshot = registry.snapshot();
        ["mail", "print"].map(|queue| snapshot.gauge("depth", &[("queue", queue)]))
    };
    assert_eq!(depths(), [Some(3.0), Some(0.0)]);
    *queues.lock().unwrap() = vec![("mail", 3)];
    assert_eq!(depths(), [Some(3.0), None]);
    *queues.lock().unwrap() = vec![("print", 0)];
    assert_eq!(depths(), [None, Some(0.0)]);
    *queues.lock().unwrap() = vec![("mail", 3), ("print", 0)];
    assert_eq!(depths(), [Some(3.0), Some(0.0)]);
    queues.lock().unwrap().clear();
    is_failing.store(1, SeqCst);
    assert_eq!(depths(), [Some(3.0), Some(0.0)], "one that fails may only not have come to them");
    is_failing.store(0, SeqCst);
    assert_eq!(depths(), [None, None]);
}

#[test]
fn collectors_may_register_record_and_change_collectors() {
    let registry = Registry::new();
    let rounds = |collect: &mut tachograph::Collect| {
        let registry = collect.registry().clone();
        registry.counter("rounds_total", &[]).unwrap().increment(1);
        registry.timer("round_seconds", &[]).unwrap().record(Duration::from_millis(1));
        if registry.remove_collector("first") {
            registry.add_collector("second", |collect| collect.gauge("second", &[], 2)).unwrap();
        }
    };
    registry.add_collector("first", rounds).unwrap();
    assert_eq!(registry.collect_all().collectors(), 1);
    assert_eq!(registry.snapshot().gauge("second", &[]), None);
    assert_eq!(registry.collect_all().collectors(), 1);
    assert_eq!(registry.snapshot().gauge("second", &[]), Some(2.0));
    assert_eq!(registry.snapshot().counter("rounds_total", &[]), Some(1));
}

#[test]
fn one_that_removes_itself_may_collect_when_it_goes() {
    struct Collects(Registry);
    impl Drop for Collects {
        fn drop(&mut self) {
            let _ = self.0.collect_all();
        }
    }
    let registry = Registry::new();
    let owned = Collects(registry.clone());
    let remove = move |collect: &mut tachograph::Collect| {
        let owned = &owned;
        owned.0.remove_collector("once");
        assert_eq!(collect.registry().collect_all().collectors(), 0);
    };
    registry.add_collector("once", remove).unwrap();
    registry.add_collector("stays", |collect| collect.gauge("stays", &[], 1)).unwrap();
    assert!(registry.collect_all().is_complete());
    assert_eq!(registry.collect_all().collectors(), 1);
}

#[test]
fn recordings_collect_whatever_they_read() {
    let recording = tachograph::init().start();
    let reads = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&reads);
    let set = move |_: &mut tachograph::Collect| {
        counted.fetch_add(1, SeqCst);
    };
    recording.snapshot();
    tachograph::registry().add_collector("reads", set).unwrap();
    recording.snapshot();
    let _ = recording.report();
    recording.write(Format::Json, &mut Vec::new()).unwrap();
    // Other tests of this process may collect, too.
    assert!(reads.load(SeqCst) >= 3);
    assert!(tachograph::registry().remove_collector("reads"));
}

#[test]
fn names_and_deadlines_that_cannot_be_are_refused() {
    let registry = Registry::builder().collector_deadline(Duration::ZERO).build();
    let says = registry.lints()[0].message().to_owned();
    assert!(says.contains("0ns") && says.contains("from 1ms to 60s"), "{says}");
    let add = |name: &str| registry.add_collector(name, |_| ());
    add("pool").unwrap();
    let error = add("pool").unwrap_err();
    assert!(error.is_conflict() && error.to_string().contains("`pool`"), "{error}");
    assert!(add("").unwrap_err().is_invalid() && add("a\nb").unwrap_err().is_invalid());
    assert_eq!(registry.collect_all().collectors(), 1);
}

#[test]
fn who_collects_at_once_runs_each_collector_for_itself() {
    const THREADS: u64 = 8;
    const ROUNDS: u64 = 25;
    let registry = Registry::new();
    let (calls, inside) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    for number in 0..3 {
        let (calls, inside) = (Arc::clone(&calls), Arc::clone(&inside));
        let run = move |_: &mut tachograph::Collect| {
            assert_eq!(inside.fetch_add(1, SeqCst), 0, "two run at once");
            calls.fetch_add(1, SeqCst);
            inside.fetch_sub(1, SeqCst);
        };
        registry.add_collector(&format!("number_{number}"), run).unwrap();
    }
    let begin = Barrier::new(THREADS as usize);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                begin.wait();
                for _ in 0..ROUNDS {
                    let report = registry.collect_all();
                    assert!(report.is_complete(), "{report:?}");
                }
            });
        }
    });
    assert_eq!(calls.load(SeqCst), 3 * THREADS * ROUNDS);
}

/// Has a dump and a collector.
#[cfg(unix)]
fn record() -> tachograph::Recording {
    let recording = tachograph::init().dump_on_exit(Dump::prometheus()).start();
    gauge!("recorded").set(1);
    let set = |collect: &mut tachograph::Collect| collect.gauge("collected", &[], 7);
    tachograph::registry().add_collector("late", set).unwrap();
    recording
}

#[cfg(unix)]
#[test]
fn the_end_of_a_guard_runs_collectors() {
    let dump = apart::run("the_end_of_a_guard_runs_collectors", || drop(record()));
    assert!(dump.contains("recorded 1\n") && dump.contains("collected 7\n"), "{dump}");
}

#[cfg(unix)]
#[test]
fn an_exit_without_the_guard_runs_no_collector() {
    let test = "an_exit_without_the_guard_runs_no_collector";
    let dump = apart::run(test, || std::mem::forget(record()));
    assert!(dump.contains("recorded 1\n") && !dump.contains("collected"), "{dump}");
}

#[test]
fn failures_are_counted_in_the_global_registry_too() {
    let registry = tachograph::registry();
    registry.add_collector("fails", |_| Err::<(), _>("no answer")).unwrap();
    for round in 1..=3 {
        assert!(!registry.collect_all().is_complete());
        assert_eq!(counted(registry, "fails", "error"), Some(round));
    }
    assert!(registry.lints().iter().all(|lint| !lint.message().contains("collector")));
    let error = registry.counter("tachograph_collector_failures_total", &[]).unwrap_err();
    assert!(error.is_invalid(), "a program took the recorder's name");
    assert!(registry.remove_collector("fails"));
}

#[cfg(unix)]
#[test]
fn a_forked_child_has_no_collectors_and_waits_for_none() {
    let registry = Registry::new();
    let (entered, is_entered) = mpsc::channel::<()>();
    let (release, released) = mpsc::channel::<()>();
    let wait = move |_: &mut tachograph::Collect| {
        entered.send(()).unwrap();
        released.recv_timeout(PATIENCE).unwrap();
    };
    registry.add_collector("waits", wait).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| registry.collect_all());
        is_entered.recv_timeout(PATIENCE).unwrap();
        let child = child::fork(|| {
            let found = registry.collect_all().collectors();
            registry.add_collector("own", |collect| collect.gauge("own", &[], 1)).unwrap();
            let report = registry.collect_all();
            let own = registry.snapshot().gauge("own", &[]);
            if found == 0 && report.is_complete() && own == Some(1.0) {
                return Ok(String::new());
            }
            Err(format!("{found} collectors, {report:?}, {own:?}"))
        });
        child.wait(PATIENCE).unwrap();
        release.send(()).unwrap();
    });
    assert!(registry.remove_collector("waits"));
}

#[cfg(target_os = "linux")]
#[test]
fn the_thread_of_collectors_is_there_as_long_as_they_are() {
    let test = "the_thread_of_collectors_is_there_as_long_as_they_are";
    apart::run(test, || {
        let threads = || std::fs::read_dir("/proc/self/task").unwrap().count();
        // An ended thread leaves its folder a little later.
        let are = |wanted: usize| {
            (0..10_000).any(|_| {
                thread::sleep(Duration::from_millis(1));
                threads() == wanted
            })
        };
        let before = threads();
        for round in 0..1_000 {
            let registry = Registry::new();
            registry.add_collector("one", |collect| collect.gauge("one", &[], 1)).unwrap();
            registry.add_collector("two", |_| ()).unwrap();
            assert!(registry.collect_all().is_complete() && registry.collect_all().is_complete());
            if round % 100 == 0 {
                assert!(are(before + 1), "{} threads, not {before} and one", threads());
            }
            if round % 2 == 0 {
                assert!(registry.remove_collector("one") && registry.remove_collector("two"));
            }
        }
        assert!(are(before), "{} threads are left, of {before}", threads());
    });
}
