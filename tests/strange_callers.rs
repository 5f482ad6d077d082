//! Records from where nobody thinks of the recorder: inside `Display`, destructors of thread-locals,
//! `atexit`, panic hooks and unwinding. Nothing hangs, nothing aborts, nothing is lost.
//!
//! The strangest caller, a global allocator, is in `allocator.rs`.

#![cfg(target_os = "linux")]

#[path = "support/apart.rs"]
mod apart;

use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::process;
use std::ptr;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;
use std::time::Duration;

use tachograph::{
    Snapshot, TimerGuard, TimerSnapshot, counter, gauge, histogram, registry, timed, timer,
};

#[timed]
fn timed_work() {
    std::hint::black_box(());
}

/// One record of each sort, through sites of its own.
macro_rules! record_everything {
    ($label:expr) => {{
        counter!("strange_total").increment(1);
        counter!("strange_labelled_total", "label" => $label).increment(1);
        counter!(format!("strange_named_{}_total", $label)).increment(1);
        gauge!("strange_level").increment(1);
        histogram!("strange_values").record(2);
        timer!("strange_seconds").start().stop();
        timed_work();
    }};
}

/// What `times` times everything, under one label, makes.
fn check_everything(snapshot: &Snapshot, label: &str, times: u64) -> Result<(), String> {
    let function = [("function", "strange_callers::timed_work")];
    let named = format!("strange_named_{label}_total");
    let timed = |name, labels| snapshot.timer(name, labels).map(TimerSnapshot::count);
    let found = [
        ("literal", snapshot.counter("strange_total", &[])),
        ("labelled", snapshot.counter("strange_labelled_total", &[("label", label)])),
        ("named", snapshot.counter(&named, &[])),
        ("gauge", snapshot.gauge("strange_level", &[]).map(|level| level as u64)),
        ("histogram", snapshot.histogram("strange_values", &[]).map(|values| values.count())),
        ("timer", timed("strange_seconds", &[])),
        ("function", timed("function_duration_seconds", &function)),
    ];
    let wrong = found.iter().filter(|(_, count)| *count != Some(times));
    let wrong: Vec<_> = wrong.collect();
    let dropped = snapshot.overhead().dropped();
    if !wrong.is_empty() || dropped.iter().any(|(_, count)| *count > 0) {
        return Err(format!("not {times}: {wrong:?}; dropped: {dropped:?}"));
    }
    Ok(())
}

/// Shown by recording, registering and reading.
struct Recording(&'static str);

static SHOWN: AtomicU64 = AtomicU64::new(0);

impl fmt::Display for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        SHOWN.fetch_add(1, SeqCst);
        record_everything!("shown");
        let name = format!("strange_by_{}_total", self.0);
        registry().counter(&name, &[]).expect("it is valid").increment(1);
        drop(registry().snapshot());
        drop(registry().lints());
        f.write_str(self.0)
    }
}

#[test]
fn display_of_a_label_that_records_loses_nothing() {
    apart::run("display_of_a_label_that_records_loses_nothing", || {
        for round in 1..=50 {
            counter!("shown_total", "by" => %Recording("one")).increment(1);
            histogram!("shown_values", "by" => %Recording("two"), "and" => %Recording("three"))
                .record(1);
            counter!(Recording("shown_named_total").to_string()).increment(1);
            let snapshot = registry().snapshot();
            assert_eq!(snapshot.counter("shown_total", &[("by", "one")]), Some(round));
            let labels = [("and", "three"), ("by", "two")];
            assert_eq!(snapshot.histogram("shown_values", &labels).map(|h| h.count()), Some(round));
            assert_eq!(snapshot.counter("shown_named_total", &[]), Some(round));
            assert_eq!(snapshot.counter("strange_by_three_total", &[]), Some(round));
            check_everything(&snapshot, "shown", SHOWN.load(SeqCst)).unwrap();
        }
        assert_eq!(SHOWN.load(SeqCst), 200);
    });
}

/// What panics carry in these tests.
#[derive(Debug, PartialEq)]
struct Payload(u64);

struct Panicking;

impl fmt::Display for Panicking {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic::panic_any(Payload(1))
    }
}

impl AsRef<str> for Panicking {
    fn as_ref(&self) -> &str {
        panic::panic_any(Payload(2))
    }
}

/// The payload with which `work` panics.
fn payload_of(work: impl FnOnce()) -> Payload {
    let payload = panic::catch_unwind(AssertUnwindSafe(work)).expect_err("it panics");
    *payload.downcast().expect("the payload is the one that was thrown")
}

#[test]
fn display_that_panics_only_panics() {
    apart::run("display_that_panics_only_panics", || {
        panic::set_hook(Box::new(|_| {}));
        for _ in 0..3 {
            let labelled = || counter!("panicking_total", "by" => %Panicking).increment(1);
            assert_eq!(payload_of(labelled), Payload(1));
            let timed = || drop(timer!("panicking_seconds", "by" => %Panicking).start());
            assert_eq!(payload_of(timed), Payload(1));
            assert_eq!(payload_of(|| counter!(Panicking).increment(1)), Payload(2));
        }
        // The recorder is as it was: it registers and records, and drops nothing.
        record_everything!("after");
        check_everything(&registry().snapshot(), "after", 1).unwrap();
        assert_eq!(registry().reset("panicking_total"), 0);
    });
}

/// Does what it was given when its thread ends.
#[derive(Default)]
struct AtEnd(RefCell<Option<Box<dyn FnOnce()>>>);

impl Drop for AtEnd {
    fn drop(&mut self) {
        if let Some(work) = self.0.take() {
            work();
        }
    }
}

thread_local! {
    static AT_END: AtEnd = AtEnd::default();
    static TIMING: Cell<Option<TimerGuard>> = const { Cell::new(None) };
}

#[test]
fn destructors_of_thread_locals_record_what_was_never_recorded_before() {
    apart::run("destructors_of_thread_locals_record_what_was_never_recorded_before", || {
        let in_destructor = || {
            for _ in 0..10 {
                record_everything!("destructor");
            }
            let by_name = registry().histogram("strange_last_values", &[]);
            by_name.expect("it is valid").record(1);
            drop(registry().snapshot());
        };
        let ends = thread::spawn(move || {
            // These come first, so that their destructors run after the recorder's own.
            AT_END.with(|at_end| at_end.0.replace(Some(Box::new(in_destructor))));
            TIMING.set(None);
            counter!("strange_first_total").increment(1);
            TIMING.set(Some(timer!("strange_open_seconds").start()));
        });
        ends.join().expect("it does not panic");
        let snapshot = registry().snapshot();
        check_everything(&snapshot, "destructor", 10).unwrap();
        assert_eq!(snapshot.counter("strange_first_total", &[]), Some(1));
        assert_eq!(snapshot.timer("strange_open_seconds", &[]).map(TimerSnapshot::count), Some(1));
        let values = snapshot.histogram("strange_last_values", &[]);
        assert_eq!(values.map(|values| values.count()), Some(1));
    });
}

/// A destructor of the C library's thread-specific data, which runs after those of thread-locals.
extern "C" fn record_in_key_destructor(_: *mut libc::c_void) {
    record_everything!("key");
}

/// Ends threads whose first record is one of such destructors: each of them must leave a shard that
/// the next one can have.
#[test]
fn destructors_of_thread_specific_data_leave_no_shards_behind() {
    const THREADS: u64 = 100;
    apart::run("destructors_of_thread_specific_data_leave_no_shards_behind", || {
        let mut key = 0;
        // SAFETY: `key` is a place for the answer, and the destructor may be called with anything.
        let made = unsafe { libc::pthread_key_create(&mut key, Some(record_in_key_destructor)) };
        assert_eq!(made, 0);
        for _ in 0..THREADS {
            let ends = thread::spawn(move || {
                // SAFETY: the key was made above; the value only has to be no null.
                let set = unsafe { libc::pthread_setspecific(key, ptr::dangling()) };
                assert_eq!(set, 0);
            });
            ends.join().expect("it does not panic");
        }
        let snapshot = registry().snapshot();
        check_everything(&snapshot, "key", THREADS).unwrap();
        let shards = snapshot.overhead().shards();
        assert!(shards <= 1 + 8, "{shards} shards after threads that came one by one");
    });
}

/// Records, checks, and ends the process, with success only if all was there.
extern "C" fn record_at_exit() {
    for _ in 0..5 {
        record_everything!("exit");
    }
    let code = match check_everything(&registry().snapshot(), "exit", 5) {
        Ok(()) => apart::FINISHED,
        Err(error) => {
            eprintln!("{error}");
            1
        }
    };
    // SAFETY: ends the process at once; other handlers are none of this test's.
    unsafe { libc::_exit(code) };
}

fn arrange_for_exit() {
    // SAFETY: the handler is a function that lives as long as the process.
    assert_eq!(unsafe { libc::atexit(record_at_exit) }, 0);
}

#[test]
fn atexit_records_in_the_thread_that_ends_the_process() {
    let test = "atexit_records_in_the_thread_that_ends_the_process";
    if apart::is_inside(test) {
        arrange_for_exit();
        // Its thread-locals are destroyed before the handler runs.
        counter!("strange_first_total").increment(1);
        process::exit(0);
    }
    apart::start_with(test, &[]);
}

#[test]
fn atexit_records_in_a_thread_that_never_did_before() {
    let test = "atexit_records_in_a_thread_that_never_did_before";
    if apart::is_inside(test) {
        // The harness ends the process, in its own main thread.
        return arrange_for_exit();
    }
    apart::start_with(test, &[]);
}

#[timed(name = "panics_seconds")]
fn panic_timed(payload: Payload) {
    panic::panic_any(payload)
}

#[timed(name = "middle_seconds")]
fn pass_on(payload: Payload) {
    timed_work();
    panic_timed(payload);
}

#[timed(name = "outer_seconds")]
fn catch(payload: Payload) -> Payload {
    timed_work();
    payload_of(|| pass_on(payload))
}

/// The sum over what is inside a timing and its own time is the whole, up to rounding.
fn check_parts(snapshot: &Snapshot, whole: &str, parts: &[(&str, &[(&str, &str)])]) {
    let timer = |name, labels| snapshot.timer(name, labels).expect("it was recorded to");
    let whole = timer(whole, &[]);
    let parts: Duration = parts.iter().map(|(name, labels)| timer(name, labels).self_total()).sum();
    let sum = whole.self_total() + parts;
    assert!(whole.self_total() <= whole.total());
    assert!(sum.abs_diff(whole.total()) < Duration::from_micros(1), "{sum:?} {:?}", whole.total());
}

#[test]
fn panic_in_a_timed_function_is_one_call_and_keeps_its_payload() {
    const TIMES: u64 = 100;
    apart::run("panic_in_a_timed_function_is_one_call_and_keeps_its_payload", || {
        panic::set_hook(Box::new(|_| {}));
        for number in 0..TIMES {
            assert_eq!(catch(Payload(number)), Payload(number));
        }
        let snapshot = registry().snapshot();
        for name in ["outer_seconds", "middle_seconds", "panics_seconds"] {
            assert_eq!(snapshot.timer(name, &[]).map(TimerSnapshot::count), Some(TIMES), "{name}");
        }
        let work = [("function", "strange_callers::timed_work")];
        let leaf = ("function_duration_seconds", &work[..]);
        check_parts(
            &snapshot,
            "outer_seconds",
            &[leaf, ("middle_seconds", &[]), ("panics_seconds", &[])],
        );
        check_parts(&snapshot, "panics_seconds", &[]);

        // Out of a thread, too.
        let thrown = thread::spawn(|| panic_timed(Payload(7))).join().expect_err("it panics");
        assert_eq!(thrown.downcast_ref(), Some(&Payload(7)));
        let panics = timer!("panics_seconds").snapshot();
        assert_eq!(panics.count(), TIMES + 1);
        // What is timed afterwards is inside nothing.
        timer!("after_seconds").time(timed_work);
        check_parts(&registry().snapshot(), "panics_seconds", &[]);
        let after = timer!("after_seconds").snapshot();
        assert!(after.self_total() <= after.total());
    });
}

#[test]
fn panic_hook_records() {
    const TIMES: u64 = 20;
    apart::run("panic_hook_records", || {
        panic::set_hook(Box::new(|_| {
            record_everything!("hook");
            let line = counter!("panics_total", "thread" => thread::current().name().unwrap_or(""));
            line.increment(1);
        }));
        for number in 0..TIMES {
            assert_eq!(catch(Payload(number)), Payload(number));
        }
        let named = thread::Builder::new().name("named".into());
        let ends = named.spawn(|| panic_timed(Payload(1))).expect("there is room for it");
        assert!(ends.join().is_err());
        drop(panic::take_hook());
        let snapshot = registry().snapshot();
        assert_eq!(snapshot.counter("strange_total", &[]), Some(TIMES + 1));
        assert_eq!(snapshot.counter("panics_total", &[("thread", "named")]), Some(1));
        let calls = [("function", "strange_callers::timed_work")];
        let calls = snapshot.timer("function_duration_seconds", &calls).expect("it was called");
        assert_eq!(calls.count(), 3 * TIMES + 1);
        let panics = snapshot.timer("panics_seconds", &[]).expect("it was called");
        assert_eq!(panics.count(), TIMES + 1);
        // The hook runs inside the timed function that panics, and so does what it times.
        assert!(panics.self_total() <= panics.total());
        let dropped = snapshot.overhead().dropped();
        assert!(dropped.iter().all(|(_, count)| *count == 0), "{dropped:?}");
    });
}
