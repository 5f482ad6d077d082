//! Triggers by a clock that the test sets: when they fire and resolve, and what becomes of what they call.

#[path = "support/child.rs"]
#[cfg(unix)]
mod child;
#[path = "history/clock.rs"]
mod clock;

use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use tachograph::when::{Condition, aggregate, quantile, rate, value};
use tachograph::{Aggregation, Gauge, History, Kind, NoData, Registry, Trigger, TriggerEvent};

use clock::{BEGIN, Clock, HOUR, MINUTE, SECOND, nanos, time};

/// Longer than any wait of these tests takes, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(60);

const TEN: Duration = Duration::from_secs(10);

struct Scene {
    clock: Clock,
    registry: Registry,
    history: History,
}

impl Scene {
    fn new() -> Scene {
        let (clock, registry) = (Clock::new(), Registry::new());
        let history = clock.builder(&registry).build().unwrap();
        Scene { clock, registry, history }
    }

    fn gauge(&self) -> Gauge {
        self.registry.gauge("depth", &[]).unwrap()
    }

    /// Watches that gauge, and gives all events in the order in which they come.
    fn watch(&self, condition: Condition, lasting: u64) -> (Trigger, Receiver<TriggerEvent>) {
        let (fired, events) = mpsc::channel();
        let resolved = fired.clone();
        let trigger = self.registry.trigger("deep").metric("depth", &[]).when(condition);
        let trigger = trigger
            .lasting(Duration::from_secs(lasting))
            .on_fire(move |event| fired.send(event.clone()).unwrap())
            .on_resolve(move |event| resolved.send(event.clone()).unwrap());
        (trigger.start().unwrap(), events)
    }

    fn tick(&self) {
        assert!(self.clock.tick(&self.history, SECOND));
    }

    fn counted(&self, reason: &str) -> Option<u64> {
        let labels = [("reason", reason), ("trigger", "deep")];
        let snapshot = self.registry.snapshot();
        snapshot.counter("tachograph_trigger_callback_failures_total", &labels)
    }

    fn exported(&self) -> Option<f64> {
        self.registry.snapshot().gauge("tachograph_trigger_firing", &[("trigger", "deep")])
    }
}

fn next(events: &Receiver<TriggerEvent>) -> TriggerEvent {
    events.recv_timeout(PATIENCE).unwrap()
}

#[test]
fn it_fires_when_the_condition_has_lasted_flaps_in_silence_and_resolves() {
    let scene = Scene::new();
    let depth = scene.gauge();
    let (trigger, events) = scene.watch(value().above(10.0), 3);
    // What it shows at each tick, and whether the trigger fires then.
    let course = [
        (10.0, false),
        (11.0, false),
        (11.0, false),
        (9.0, false),
        (12.0, false),
        (12.0, false),
        (12.0, false),
        (12.0, true),
        (13.0, true),
        (10.0, false),
        (12.0, false),
    ];
    for (tick, (level, is_firing)) in course.into_iter().enumerate() {
        depth.set(level);
        scene.tick();
        assert_eq!(trigger.is_firing(), is_firing, "tick {tick}");
        assert_eq!(scene.exported(), Some(f64::from(u8::from(is_firing))), "tick {tick}");
    }
    let fired = next(&events);
    assert_eq!((fired.trigger(), fired.is_firing(), fired.value()), ("deep", true, Some(12.0)));
    assert_eq!(nanos(fired.time()), BEGIN + 8 * SECOND);
    let resolved = next(&events);
    assert_eq!((resolved.is_firing(), resolved.value()), (false, Some(10.0)));
    assert_eq!(nanos(resolved.time()), BEGIN + 10 * SECOND);
    drop(trigger);
    assert_eq!(events.recv_timeout(PATIENCE), Err(mpsc::RecvTimeoutError::Disconnected));
}

#[test]
fn it_goes_on_firing_for_as_long_as_it_is_told() {
    let scene = Scene::new();
    let depth = scene.gauge();
    let builder = scene.registry.trigger("deep").metric("depth", &[]).when(value().below(5.0));
    let trigger = builder.keep_firing_for(Duration::from_secs(2)).start().unwrap();
    let course = [(5.0, false), (4.0, true), (6.0, true), (6.0, true), (4.0, true), (6.0, true)];
    for (level, is_firing) in course.into_iter().chain([(6.0, true), (6.0, false)]) {
        depth.set(level);
        scene.tick();
        assert_eq!(trigger.is_firing(), is_firing);
    }
}

#[test]
fn without_values_it_does_what_was_asked_for() {
    for (no_data, of_quiet, of_firing) in [
        (NoData::Ignored, false, true),
        (NoData::Fires, true, true),
        (NoData::Resolves, false, false),
    ] {
        let scene = Scene::new();
        let waits = scene.registry.timer("wait_seconds", &[]).unwrap();
        let builder = scene.registry.trigger("deep").metric("wait_seconds", &[]);
        let condition = quantile(0.9).over(TEN).above(1.0);
        let trigger = builder.when(condition).when_no_data(no_data).start().unwrap();
        scene.tick();
        assert_eq!(trigger.is_firing(), of_quiet, "{no_data:?}: never any");
        waits.record(Duration::from_secs(2));
        scene.tick();
        assert!(trigger.is_firing(), "{no_data:?}");
        (0..10).for_each(|_| scene.tick());
        assert_eq!(trigger.is_firing(), of_firing, "{no_data:?}: none any more");
        waits.record(Duration::from_millis(1));
        scene.tick();
        assert!(!trigger.is_firing(), "{no_data:?}");
    }
}

#[test]
fn what_is_not_known_breaks_what_had_begun_to_last() {
    let scene = Scene::new();
    let depth = scene.gauge();
    let (trigger, _events) = scene.watch(value().above(10.0), 3);
    for (tick, level) in [11.0, 11.0, f64::NAN, 11.0, 11.0, 11.0].into_iter().enumerate() {
        depth.set(level);
        scene.tick();
        assert!(!trigger.is_firing(), "tick {tick}");
    }
    scene.tick();
    assert!(trigger.is_firing());
}

#[test]
fn it_goes_on_over_resets_and_removals_of_its_series() {
    let scene = Scene::new();
    let jobs = scene.registry.counter("jobs_total", &[]).unwrap();
    let builder = scene.registry.trigger("deep").metric("jobs_total", &[]);
    let trigger = builder.when(rate().over(TEN).above(4.0)).start().unwrap();
    let live = |seconds: u64, each: u64| {
        for _ in 0..seconds {
            jobs.increment(each);
            scene.tick();
        }
    };
    live(10, 5);
    assert!(trigger.is_firing());
    scene.registry.reset("jobs_total");
    live(3, 5);
    assert!(trigger.is_firing(), "a counter that begins anew has not gone back");
    scene.registry.remove("jobs_total");
    live(3, 5);
    assert!(trigger.is_firing());
    live(10, 1);
    assert!(!trigger.is_firing());
    scene.registry.remove("jobs_total");
    live(10, 0);
    assert!(!trigger.is_firing());
    live(10, 9);
    assert!(trigger.is_firing());
}

#[test]
fn clocks_that_go_back_and_machines_that_sleep_make_no_time_of_it() {
    let scene = Scene::new();
    let depth = scene.gauge();
    let (trigger, _events) = scene.watch(value().above(10.0), 5);
    depth.set(11);
    scene.tick();
    scene.clock.set(BEGIN - 3_600 * SECOND);
    // By the history's own time one second passes.
    assert!(scene.history.tick(time(scene.clock.now())));
    (0..2).for_each(|_| scene.tick());
    // Of an hour of sleep nothing is known but its last second.
    assert!(scene.clock.tick(&scene.history, HOUR));
    assert!(!trigger.is_firing(), "4 s");
    scene.tick();
    assert!(trigger.is_firing(), "5 s");
}

#[test]
fn callbacks_that_panic_hang_or_are_too_many_are_counted_and_hold_up_nobody() {
    let scene = Scene::new();
    let depth = scene.gauge();
    let (entered, is_entered) = mpsc::channel::<()>();
    let (release, released) = mpsc::channel::<()>();
    let mut calls = 0;
    let builder = scene.registry.trigger("deep").metric("depth", &[]).when(value().above(10.0));
    let trigger = builder
        .callback_deadline(Duration::from_millis(1))
        .on_fire(move |_| {
            calls += 1;
            assert!(calls > 1, "the first one panics");
            let _ = entered.send(());
            let _ = released.recv_timeout(PATIENCE);
        })
        .start()
        .unwrap();
    let flap = || {
        for level in [11, 0] {
            depth.set(level);
            scene.tick();
        }
    };
    let soon = |is_so: &dyn Fn() -> bool| {
        (0..10_000).any(|_| {
            thread::sleep(Duration::from_millis(1));
            is_so()
        })
    };
    flap();
    assert!(soon(&|| scene.counted("panic") == Some(1)));
    // On a busy machine a panic takes that long, too.
    let before = scene.counted("deadline").unwrap_or(0);
    flap();
    is_entered.recv_timeout(PATIENCE).unwrap();
    // It hangs; ticks go on, and count it once.
    let is_counted = || {
        scene.tick();
        scene.counted("deadline") == Some(before + 1)
    };
    assert!(soon(&is_counted));
    assert_eq!(scene.counted("dropped"), None);
    (0..80).for_each(|_| flap());
    assert_eq!(scene.counted("deadline"), Some(before + 1));
    // Of 80 events 64 wait; nobody asked for resolutions.
    assert_eq!(scene.counted("dropped"), Some(16));
    assert!(!trigger.is_firing());
    drop(release);
    drop(trigger);
}

#[test]
fn names_windows_and_bounds_that_cannot_be_are_refused_with_the_remedy() {
    let registry = Registry::new();
    let watch = |condition| registry.trigger("deep").metric("depth", &[("a", "b")]).when(condition);
    let refused = |builder: tachograph::TriggerBuilder, expected: &[&str]| {
        let error = builder.start().unwrap_err();
        let says = error.to_string();
        assert!(expected.iter().all(|part| says.contains(part)), "{says}");
    };
    let above = value().above(1.0);
    refused(watch(above), &["`deep` needs a history", "`init().history(…)`"]);
    let clock = Clock::new();
    let history = clock.builder(&registry).retention(Duration::from_secs(60)).build().unwrap();
    refused(watch(above), &["`depth{a=\"b\"}`, which is not registered", "`.new_metric(…)`"]);
    refused(registry.trigger("deep").when(above), &["watches nothing", "`.metric(…)`"]);
    refused(registry.trigger("deep").metric("depth", &[]), &["no condition", "`.when(…)`"]);
    refused(registry.trigger("").metric("depth", &[]).when(above), &["empty"]);
    registry.gauge("depth", &[("a", "b")]).unwrap();
    let long = Duration::from_secs(61);
    refused(watch(rate().over(long).above(1.0)), &["a window of 61s", "keeps 60s"]);
    refused(watch(rate().over(Duration::ZERO).above(1.0)), &["a window of 0ns"]);
    refused(watch(rate().above(f64::NAN)), &["NaN"]);
    refused(watch(value().over(TEN).above(1.0)), &["value over 10s", "Aggregation::Average"]);
    refused(watch(quantile(1.5).above(1.0)), &["quantile 1.5", "from 0.0 to 1.0"]);
    let full = Registry::builder().max_series(1).build();
    let _history = clock.builder(&full).build().unwrap();
    full.gauge("depth", &[("a", "b")]).unwrap();
    let more = full.trigger("deep").new_metric(Kind::Gauge, "depth", &[("a", "c")]).when(above);
    refused(more, &["`depth{a=\"c\"}`", "no place left", "`max_series`"]);
    let counter = registry.trigger("deep").new_metric(Kind::Counter, "depth", &[]).when(above);
    refused(counter, &["already a gauge"]);
    let trigger = watch(above).start().unwrap();
    let error = watch(above).start().unwrap_err();
    assert!(error.is_conflict() && error.to_string().contains("`deep`"), "{error}");
    drop(trigger);
    watch(above).start().unwrap().detach();
    assert!(watch(above).start().unwrap_err().is_conflict(), "one that is detached stays");
    drop(history);
}

#[test]
fn one_that_is_dropped_is_looked_at_no_more_and_one_that_is_detached_is() {
    let scene = Scene::new();
    let depth = scene.gauge();
    let (trigger, events) = scene.watch(value().above(10.0), 0);
    assert_eq!(scene.exported(), Some(0.0));
    drop(trigger);
    assert_eq!(scene.exported(), None);
    depth.set(11);
    scene.tick();
    assert_eq!(events.recv_timeout(PATIENCE), Err(mpsc::RecvTimeoutError::Disconnected));
    let (trigger, events) = scene.watch(value().above(10.0), 0);
    trigger.detach();
    assert_eq!(scene.exported(), Some(0.0));
    scene.tick();
    assert!(next(&events).is_firing());
    assert_eq!(scene.exported(), Some(1.0));
}

#[test]
fn kinds_are_measured_as_their_windows_are() {
    let scene = Scene::new();
    let start = |name: &str, kind, condition| {
        let builder = scene.registry.trigger(name).new_metric(kind, name, &[]).when(condition);
        builder.start().unwrap()
    };
    let sum = aggregate(Aggregation::Sum).over(TEN);
    let all = [
        (start("counter", Kind::Counter, sum.above(9.5)), true),
        (start("rate", Kind::Rate, rate().over(TEN).above(1.5)), false),
        (start("gauge", Kind::Gauge, aggregate(Aggregation::Max).over(TEN).above(0.5)), true),
        (start("timer", Kind::Timer, sum.above(9.5)), true),
        (start("histogram", Kind::Histogram, sum.below(9.5)), false),
        (
            start("summary", Kind::Summary, aggregate(Aggregation::Count).over(TEN).below(11.0)),
            true,
        ),
    ];
    for _ in 0..10 {
        for (trigger, _) in &all {
            scene.history.metric(trigger.name(), &[]).unwrap().record(1.0).unwrap();
        }
        scene.tick();
    }
    for (trigger, is_firing) in &all {
        assert_eq!(trigger.is_firing(), *is_firing, "{trigger:?}");
    }
}

#[test]
fn triggers_come_and_go_while_the_history_ticks() {
    let scene = Scene::new();
    let depth = scene.gauge();
    depth.set(11);
    let begin = Barrier::new(4);
    thread::scope(|scope| {
        for number in 0..3 {
            let (scene, begin) = (&scene, &begin);
            scope.spawn(move || {
                begin.wait();
                for round in 0..100 {
                    let name = format!("number_{number}_{round}");
                    let builder = scene.registry.trigger(&name).metric("depth", &[]);
                    let trigger = builder.when(value().above(10.0)).on_fire(|_| {}).start();
                    drop(trigger.unwrap());
                }
            });
        }
        begin.wait();
        for _ in 0..200 {
            assert!(scene.clock.tick(&scene.history, MINUTE));
        }
    });
    let snapshot = scene.registry.snapshot();
    assert!(snapshot.series().iter().all(|series| series.name() != "tachograph_trigger_firing"));
}

#[test]
fn one_takes_the_name_of_another_that_was_just_dropped() {
    let scene = Scene::new();
    scene.gauge().set(11);
    let others: Vec<Trigger> = (0..20)
        .map(|number| {
            let builder = scene.registry.trigger(&format!("number_{number}"));
            builder.metric("depth", &[]).when(value().above(10.0)).start().unwrap()
        })
        .collect();
    let is_over = std::sync::atomic::AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(std::sync::atomic::Ordering::SeqCst) {
                assert!(scene.clock.tick(&scene.history, SECOND));
            }
        });
        for _ in 0..300 {
            let (trigger, _events) = scene.watch(value().above(10.0), 0);
            assert!(scene.exported().is_some());
            drop(trigger);
            assert_eq!(scene.exported(), None);
        }
        is_over.store(true, std::sync::atomic::Ordering::SeqCst);
    });
    assert_eq!(others.len(), 20);
}

#[test]
fn one_that_fires_for_long_stays_in_the_snapshots() {
    let (clock, idle) = (Clock::new(), Duration::from_millis(1));
    let registry = Registry::builder().idle_timeout(idle).build();
    let history = clock.builder(&registry).build().unwrap();
    let set = |collect: &mut tachograph::Collect| collect.gauge("level", &[("of", "tank")], 7);
    registry.add_collector("tank", set).unwrap();
    let trigger = registry.trigger("deep").new_metric(Kind::Gauge, "level", &[("of", "tank")]);
    let trigger = trigger.when(value().above(1.0)).lasting(TEN).start().unwrap();
    for _ in 0..20 {
        clock.tick(&history, SECOND);
        thread::sleep(2 * idle);
        let snapshot = registry.snapshot();
        assert_eq!(snapshot.gauge("level", &[("of", "tank")]), Some(7.0));
        let shown = snapshot.gauge("tachograph_trigger_firing", &[("trigger", "deep")]);
        assert_eq!(shown, Some(f64::from(u8::from(trigger.is_firing()))));
    }
    assert!(trigger.is_firing());
}

#[test]
fn what_is_not_asked_for_is_not_dropped_and_what_panics_twice_goes_on() {
    struct Again;
    impl Drop for Again {
        fn drop(&mut self) {
            std::panic::panic_any(Again);
        }
    }
    let scene = Scene::new();
    let depth = scene.gauge();
    let (told, calls) = mpsc::channel();
    let builder = scene.registry.trigger("deep").metric("depth", &[]).when(value().above(10.0));
    let call = move |_: &TriggerEvent| {
        told.send(()).unwrap();
        std::panic::panic_any(Again);
    };
    let _trigger = builder.on_fire(call).start().unwrap();
    for _ in 0..100 {
        depth.set(11);
        scene.tick();
        calls.recv_timeout(PATIENCE).unwrap();
        depth.set(0);
        scene.tick();
    }
    assert_eq!(scene.counted("dropped"), None);
}

#[cfg(unix)]
#[test]
fn a_forked_child_has_no_triggers() {
    let scene = Scene::new();
    let depth = scene.gauge();
    let (trigger, events) = scene.watch(value().above(10.0), 0);
    let events = Arc::new(std::sync::Mutex::new(events));
    let child = child::fork(|| {
        depth.set(11);
        // The child's past begins with this.
        let _ = scene.clock.tick(&scene.history, SECOND);
        scene.tick();
        let own = scene.registry.trigger("own").metric("depth", &[]).when(value().above(1.0));
        let refused = own.start().map(drop).unwrap_err().to_string();
        let is_silent = events.lock().unwrap().try_recv().is_err();
        if !trigger.is_firing() && is_silent && refused.contains("needs a history") {
            return Ok(String::new());
        }
        Err(format!("{trigger:?}, silent {is_silent}, {refused}"))
    });
    child.wait(PATIENCE).unwrap();
    depth.set(11);
    scene.tick();
    assert!(next(&events.lock().unwrap()).is_firing());
}
