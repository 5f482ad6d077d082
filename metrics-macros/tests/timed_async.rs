//! What is recorded of async functions, and how large their futures are.

#![deny(warnings, clippy::pedantic)]

#[path = "support/futures.rs"]
mod futures;

use std::future::Future;
use std::panic::{AssertUnwindSafe, UnwindSafe, catch_unwind, resume_unwind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use futures::{busy, durations, outcomes, pause, poll, run, snapshot};
use tachograph::{TimerSnapshot, timed};

fn size<F: Future + Send + Sync + UnwindSafe>(future: &F) -> usize {
    size_of_val(future)
}

/// The same function with different attributes.
macro_rules! sized {
    ($($(#[$attribute:meta])* $name:ident;)*) => {
        $($(#[$attribute])*
        async fn $name(bytes: [u8; 1024], mut more: [u8; 512]) -> Result<usize, String> {
            pause(1).await;
            more[0] = bytes[0];
            pause(1).await;
            Ok(bytes.len() + usize::from(more[0]))
        })*
    };
}
sized! {
    plain;
    #[timed(function = "sized_timed")] sized_timed;
    #[timed(function = "sized_sample", sample = 2, in_flight)] sized_sample;
    #[timed(function = "sized_busy", busy)] sized_busy;
    #[timed(function = "sized_all", busy, outcome, in_flight, sample = 2)] sized_all;
}

/// Arguments that are gone before the first wait.
#[allow(clippy::large_types_passed_by_value)]
async fn plain_short(bytes: [u8; 1024]) -> usize {
    let length = bytes.len();
    pause(1).await;
    length
}

#[timed(function = "sized_short", busy, outcome)]
#[allow(clippy::large_types_passed_by_value)]
async fn sized_short(bytes: [u8; 1024]) -> usize {
    let length = bytes.len();
    pause(1).await;
    length
}

#[test]
fn future_is_the_plain_one_and_a_small_constant() {
    let short = size(&plain_short([0; 1024]));
    assert!(size(&sized_short([0; 1024])) <= short + 128, "{short}");
    let plain = size(&plain([0; 1024], [0; 512]));
    for (size, most) in [
        (size(&sized_timed([0; 1024], [0; 512])), 32),
        (size(&sized_sample([0; 1024], [0; 512])), 64),
        (size(&sized_busy([0; 1024], [0; 512])), 128),
        (size(&sized_all([0; 1024], [0; 512])), 128),
    ] {
        assert!(size <= plain + most, "{size}, plain {plain}");
    }
    run(sized_all([0; 1024], [0; 512])).unwrap();
}

/// Ten async functions, each calling the one before.
macro_rules! nested {
    ($($attribute:meta)? => $inner:ident: $($name:ident)*) => {
        nested!(@ [$($attribute)?] $inner: $($name)*);
    };
    (@ [$($attribute:meta)?] $inner:ident: $name:ident $($more:ident)*) => {
        $(#[$attribute])?
        async fn $name(bytes: [u8; 64]) -> usize {
            $inner(bytes).await + bytes.len()
        }
        nested!(@ [$($attribute)?] $name: $($more)*);
    };
    (@ [$($attribute:meta)?] $inner:ident:) => {};
}

async fn innermost(bytes: [u8; 64]) -> usize {
    pause(1).await;
    bytes.len()
}
nested!(=> innermost: p1 p2 p3 p4 p5 p6 p7 p8 p9 p10);
nested!(timed => innermost: t1 t2 t3 t4 t5 t6 t7 t8 t9 t10);
nested!(timed(busy, outcome) => innermost: b1 b2 b3 b4 b5 b6 b7 b8 b9 b10);

#[test]
fn nesting_ten_adds_ten_constants() {
    let plain = size(&p10([0; 64]));
    let (timed, watched) = (size(&t10([0; 64])), size(&b10([0; 64])));
    assert!(timed <= plain + 10 * 32, "{timed}, plain {plain}");
    assert!(watched <= plain + 10 * 128, "{watched}, plain {plain}");
    assert_eq!((run(p10([0; 64])), run(t10([0; 64])), run(b10([0; 64]))), (704, 704, 704));
}

#[test]
fn what_is_not_sent_needs_not_be() {
    #[timed(function = "not_sent", busy, outcome, labels("text" => text))]
    async fn not_sent(text: Rc<str>, count: &std::cell::Cell<usize>) -> usize {
        pause(1).await;
        count.set(text.len());
        count.get()
    }
    let count = std::cell::Cell::new(0);
    assert_eq!(run(not_sent(Rc::from("four"), &count)), 4);
    assert_eq!(durations(&[("function", "not_sent"), ("text", "four")]).count(), 1);
}

#[test]
fn outcome_tells_values_errors_panics_and_who_was_not_waited_for() {
    #[timed(function = "ends", outcome, in_flight)]
    async fn ends(how: &str) -> Result<usize, Box<dyn std::error::Error>> {
        pause(1).await;
        match how {
            "panic" => resume_unwind(Box::new("as asked")),
            "err" => Err("as asked".to_owned())?,
            _ => {}
        }
        Ok(how.len())
    }
    assert_eq!(run(ends("ok")).unwrap(), 2);
    assert!(run(ends("err")).is_err());
    assert!(catch_unwind(AssertUnwindSafe(|| run(ends("panic")))).is_err());
    drop(ends("never polled, so it has not begun"));
    {
        let mut cancelled = pin!(ends("ok"));
        assert!(poll(cancelled.as_mut()).is_pending());
        let in_flight = snapshot().gauge("function_in_flight", &[("function", "ends")]);
        assert_eq!(in_flight, Some(1.0));
    }
    // Dropped by somebody else's panic, it is cancelled, and does not panic itself.
    let others = catch_unwind(AssertUnwindSafe(|| {
        let mut cancelled = Box::pin(ends("ok"));
        assert!(poll(cancelled.as_mut()).is_pending());
        resume_unwind(Box::new("somebody else's"))
    }));
    assert!(others.is_err());
    assert_eq!(outcomes("ends"), [Some(1), Some(1), Some(1), Some(2)]);
    assert_eq!(durations(&[("function", "ends")]).count(), 2);
    assert_eq!(snapshot().gauge("function_in_flight", &[("function", "ends")]), Some(0.0));
}

#[test]
fn outcome_of_all_times_the_cancelled_too() {
    #[timed(function = "ends_all", outcome(all))]
    async fn ends_all() {
        pause(1).await;
    }
    assert!(poll(pin!(ends_all())).is_pending());
    run(ends_all());
    assert_eq!(outcomes("ends_all"), [Some(1), Some(0), Some(0), Some(1)]);
    assert_eq!(durations(&[("function", "ends_all")]).count(), 2);
}

#[test]
fn busy_is_the_time_in_polls_and_has_self_time() {
    #[timed(function = "busy_outer", busy)]
    async fn outer() -> u32 {
        let result = busy_work(2);
        pause(3).await;
        result + inner().await
    }
    #[timed(function = "busy_inner", busy)]
    async fn inner() -> u32 {
        pause(1).await;
        busy_work(5)
    }
    #[timed(function = "busy_work")]
    fn busy_work(milliseconds: u64) -> u32 {
        std::thread::sleep(Duration::from_millis(milliseconds));
        1
    }
    let mut future = pin!(outer());
    let mut polls = 0;
    let result = loop {
        polls += 1;
        match poll(future.as_mut()) {
            Poll::Ready(result) => break result,
            // What passes between polls is waited for, and is not busy.
            Poll::Pending => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    assert_eq!((result, polls), (2, 5));
    let function = |name| [("function", name)];
    let counted = snapshot().counter("function_polls_total", &function("busy_outer"));
    assert_eq!(counted, Some(5));
    assert_eq!(snapshot().counter("function_polls_total", &function("busy_inner")), Some(2));
    let (wall, busy_outer) = (durations(&function("busy_outer")), busy(&function("busy_outer")));
    let (busy_inner, work) = (busy(&function("busy_inner")), durations(&function("busy_work")));
    assert_eq!([&wall, &busy_outer, &busy_inner].map(TimerSnapshot::count), [1, 1, 1]);
    assert!(wall.total() >= busy_outer.total() + Duration::from_millis(8));
    assert!(
        busy_outer.total() >= busy_inner.total() && busy_inner.total() >= Duration::from_millis(5)
    );
    // Own time is what polls spent outside of timed calls, in the durations as in the busy times.
    let step = Duration::from_micros(1);
    assert!(wall.self_total().abs_diff(busy_outer.self_total()) < step);
    assert_eq!(work.count(), 2);
    assert!(busy_outer.self_total() + Duration::from_millis(7) <= busy_outer.total() + step);
    assert!(busy_inner.self_total() + Duration::from_millis(5) <= busy_inner.total() + step);
}

#[test]
fn polls_of_calls_that_are_not_timed_are_counted_only() {
    #[timed(function = "busy_sampled", busy, sample = 4)]
    async fn sampled() {
        pause(2).await;
    }
    for _ in 0..8 {
        run(sampled());
    }
    let labels = [("function", "busy_sampled")];
    assert_eq!(snapshot().counter("function_polls_total", &labels), Some(24));
    assert_eq!(snapshot().counter("function_calls_total", &labels), Some(8));
    assert_eq!((durations(&labels).count(), busy(&labels).count()), (2, 2));
}

#[test]
fn future_made_last_is_timed_from_its_first_poll_with_labels_from_the_call() {
    #[timed(function = "boxed", labels("table" => table), outcome)]
    fn boxed(table: String) -> Pin<Box<dyn Future<Output = Result<usize, String>> + Send>> {
        let length = table.len();
        drop(table);
        Box::pin(async move {
            pause(1).await;
            if length > 3 {
                return Err("long".into());
            }
            Ok(length)
        })
    }
    #[timed(function = "bare")]
    fn bare(number: &u32) -> impl Future<Output = u32> {
        let number = *number;
        async move {
            pause(1).await;
            number
        }
    }
    drop(boxed("one".to_owned()));
    assert_eq!(run(boxed("one".to_owned())), Ok(3));
    assert_eq!(run(boxed("three".to_owned())), Err("long".to_owned()));
    assert_eq!(run(bare(&7)), 7);
    assert_eq!(durations(&[("function", "boxed"), ("table", "one")]).count(), 1);
    assert_eq!(durations(&[("function", "boxed"), ("table", "three")]).count(), 1);
    assert_eq!(durations(&[("function", "bare")]).count(), 1);
    let err = [("function", "boxed"), ("table", "three"), ("outcome", "err")];
    assert_eq!(snapshot().counter("function_outcomes_total", &err), Some(1));
}

#[test]
fn labels_of_an_async_function_are_those_of_its_arguments() {
    #[timed(function = "async_labels", labels("table" => table, "rows" => %rows.len()))]
    async fn query(mut table: String, rows: Vec<u8>) -> String {
        pause(1).await;
        table.push('s');
        drop(rows);
        table
    }
    assert_eq!(run(query("user".to_owned(), vec![1, 2])), "users");
    let labels = [("function", "async_labels"), ("table", "user"), ("rows", "2")];
    assert_eq!(durations(&labels).count(), 1);
}

#[test]
fn labels_are_taken_at_the_call_and_the_clock_starts_at_the_first_poll() {
    use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
    #[timed(function = "at_the_call", labels("level" => level.load(SeqCst)))]
    async fn at_the_call(level: &AtomicU32) {
        pause(1).await;
        level.store(9, SeqCst);
    }
    let level = AtomicU32::new(1);
    let future = at_the_call(&level);
    level.store(2, SeqCst);
    std::thread::sleep(Duration::from_millis(20));
    run(future);
    let timer = durations(&[("function", "at_the_call"), ("level", "1")]);
    assert_eq!(timer.count(), 1);
    assert!(timer.total() < Duration::from_millis(20));
}

#[test]
fn labels_may_use_what_a_pattern_binds() {
    struct Path<T>(T);
    #[timed(function = "pattern", labels("id" => id), outcome)]
    async fn show(Path(id): Path<String>) -> usize {
        pause(1).await;
        id.len()
    }
    assert_eq!(run(show(Path("abc".to_owned()))), 3);
    assert_eq!(durations(&[("function", "pattern"), ("id", "abc")]).count(), 1);
}
