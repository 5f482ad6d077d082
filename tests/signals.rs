//! Signal handlers that record, at any moment from a thread's first record on: while it takes its
//! shard, while it gives it back, and in between. (The first record of a thread may allocate, so it
//! must not happen in a handler.)

#![cfg(target_os = "linux")]

use std::cell::Cell;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;

use tachograph::{counter, histogram, registry, timer};

static SIGNALS: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// True from just before the thread's first record on.
    static BEGUN: Cell<bool> = const { Cell::new(false) };
}

extern "C" fn on_signal(_: libc::c_int) {
    if BEGUN.get() {
        SIGNALS.fetch_add(1, Relaxed);
        record();
    }
}

/// One site for both, so that it is resolved before the first signal.
fn record() {
    counter!("signals_total").increment(1);
}

/// A signal each so many microseconds that the process runs; 0 ends them.
fn every(microseconds: libc::suseconds_t) {
    let interval = libc::timeval { tv_sec: 0, tv_usec: microseconds };
    let timer = libc::itimerval { it_interval: interval, it_value: interval };
    // SAFETY: `timer` is a valid one, and nothing is asked back.
    let answer = unsafe { libc::setitimer(libc::ITIMER_PROF, &timer, std::ptr::null_mut()) };
    assert_eq!(answer, 0);
}

#[test]
fn a_handler_may_record_while_threads_begin_and_end() {
    BEGUN.set(true);
    record();
    let handler: extern "C" fn(libc::c_int) = on_signal;
    // SAFETY: the handler increments an atomic and a counter whose site is resolved.
    unsafe { libc::signal(libc::SIGPROF, handler as libc::sighandler_t) };
    let threads = if std::env::var_os("TACHOGRAPH_SOAK").is_some() { 20_000 } else { 2_000 };
    every(200);
    for round in 0..threads {
        // One at a known moment; the timer's come at any.
        // SAFETY: sends a signal to this thread, whose handler is in place.
        assert_eq!(unsafe { libc::raise(libc::SIGPROF) }, 0);
        let work = || {
            BEGUN.set(true);
            histogram!("signals_work_values").record(1.5);
            timer!("signals_work_seconds").start().stop();
        };
        if round % 2 == 0 {
            thread::spawn(work).join().unwrap();
        } else {
            let both = [thread::spawn(work), thread::spawn(work)];
            both.into_iter().for_each(|thread| thread.join().unwrap());
        }
    }
    every(0);
    // SAFETY: what is still on its way shall do nothing.
    unsafe { libc::signal(libc::SIGPROF, libc::SIG_IGN) };

    let snapshot = registry().snapshot();
    let dropped = snapshot.overhead().dropped().iter().find(|(why, _)| *why == "reentrant");
    // A handler that comes while its thread takes a shard is turned away, and that is counted.
    let turned_away = dropped.map_or(0, |(_, count)| *count);
    let recorded = snapshot.counter("signals_total", &[]).unwrap();
    let signals = SIGNALS.load(Relaxed);
    assert!(signals >= threads as u64, "{signals} signals came");
    assert_eq!(recorded + turned_away, signals + 1);
    let calls = threads as u64 + threads as u64 / 2;
    assert_eq!(snapshot.histogram("signals_work_values", &[]).unwrap().count(), calls);
    assert_eq!(snapshot.timer("signals_work_seconds", &[]).unwrap().count(), calls);
}
