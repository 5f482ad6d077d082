//! What `#[timed]` promises of async functions: that their futures are what they were, and what is
//! recorded of them.

#![deny(warnings, clippy::pedantic)]

use std::fmt::Display;
use std::future::Future;
use std::panic::{AssertUnwindSafe, UnwindSafe, catch_unwind, resume_unwind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use async_trait::async_trait;
use tachograph::{Snapshot, TimerSnapshot, timed};

fn snapshot() -> Snapshot {
    tachograph::registry().snapshot()
}

fn durations(labels: &[(&str, &str)]) -> TimerSnapshot {
    snapshot().timer("function_duration_seconds", labels).expect("it was called").clone()
}

fn busy(labels: &[(&str, &str)]) -> TimerSnapshot {
    snapshot().timer("function_busy_seconds", labels).expect("it was called").clone()
}

/// ok, err, panic, cancelled
fn outcomes(function: &str) -> [Option<u64>; 4] {
    let snapshot = snapshot();
    ["ok", "err", "panic", "cancelled"].map(|outcome| {
        let labels = [("function", function), ("outcome", outcome)];
        snapshot.counter("function_outcomes_total", &labels)
    })
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Runs a future to its end.
fn run<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = poll(future.as_mut()) {
            return output;
        }
    }
}

/// Is pending so many times.
struct Pause(u32);

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        match self.0.checked_sub(1) {
            None => Poll::Ready(()),
            Some(left) => {
                self.0 = left;
                Poll::Pending
            }
        }
    }
}

fn pause(times: u32) -> Pause {
    Pause(times)
}

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

#[async_trait]
trait Store {
    async fn rows(&self, table: &str) -> Result<usize, String>;

    #[timed(function = "provided_async", outcome)]
    async fn provided(&mut self, table: String) -> Option<usize> {
        pause(1).await;
        self.rows(&table).await.ok()
    }
}

struct Memory(usize);

#[async_trait]
impl Store for Memory {
    #[timed(labels("table" => table), outcome, busy, in_flight)]
    async fn rows(&self, table: &str) -> Result<usize, String> {
        pause(1).await;
        if table.is_empty() {
            return Err("no table".to_owned());
        }
        Ok(self.0 + table.len())
    }
}

#[test]
fn methods_that_async_trait_writes_are_async() {
    let mut store = Memory(2);
    assert_eq!(run(store.provided("users".to_owned())), Some(7));
    assert_eq!(run(store.rows("")), Err("no table".to_owned()));
    let snapshot = snapshot();
    let series: Vec<_> = snapshot
        .series()
        .iter()
        .filter(|series| {
            series
                .labels()
                .get("function")
                .is_some_and(|name| name.contains("as timed_async::Store"))
        })
        .map(|series| (series.name(), series.labels().get("table").unwrap()))
        .collect();
    assert!(series.contains(&("function_busy_seconds", "users")), "{series:?}");
    let function = snapshot.series().iter().find_map(|series| {
        series.labels().get("function").filter(|name| name.contains("as timed_async::Store"))
    });
    assert_eq!(function, Some("<timed_async::Memory as timed_async::Store>::rows"));
    let labels = [("function", function.unwrap()), ("table", "users")];
    assert_eq!(snapshot.counter("function_polls_total", &labels), Some(2));
    assert_eq!(outcomes("provided_async"), [Some(1), Some(0), Some(0), Some(0)]);
}

/// Says its name when it is dropped.
struct Said(&'static str);

static SAID: Mutex<Vec<&str>> = Mutex::new(Vec::new());

impl Drop for Said {
    fn drop(&mut self) {
        SAID.lock().unwrap().push(self.0);
    }
}

macro_rules! drops {
    ($($attribute:meta)? => $name:ident) => {
        $(#[$attribute])?
        async fn $name(first: Said, second: Said, mut third: Said) -> usize {
            let _one = Said("one");
            pause(1).await;
            drop(second);
            third.0 = "third, changed";
            pause(1).await;
            first.0.len() + Said("in the last expression").0.len()
        }
    };
}
/// The same for a receiver, of which the body uses a part, or nothing.
struct Pair(#[expect(dead_code, reason = "only dropped")] Said, Said);

macro_rules! receivers {
    ($($attribute:meta)? => $part:ident $nothing:ident) => {
        impl Pair {
            $(#[$attribute])?
            async fn $part(mut self, last: Said) -> usize {
                pause(2).await;
                self.1.0 = "second, changed";
                drop(last);
                self.1.0.len()
            }

            $(#[$attribute])?
            #[allow(clippy::unused_self)]
            async fn $nothing(self, _: Said) {
                let _one = Said("one");
                pause(2).await;
            }
        }
    };
}
receivers!(=> plain_part plain_nothing);
receivers!(timed(busy, outcome) => watched_part watched_nothing);

drops!(=> plain_drops);
drops!(timed(function = "drops_timed") => timed_drops);
drops!(timed(function = "drops_watched", busy, outcome, in_flight) => watched_drops);

#[test]
fn drops_keep_their_order_whenever_the_future_ends() {
    /// What is said when it is polled so many times and then dropped.
    fn said<F: Future>(polls: u32, future: F) -> Vec<&'static str> {
        let mut future = Box::pin(future);
        for _ in 0..polls {
            let _ = poll(future.as_mut());
        }
        drop(future);
        std::mem::take(&mut *SAID.lock().unwrap())
    }
    let all = || (Said("first"), Said("second"), Said("third"));
    for polls in 0..=3 {
        let (a, b, c) = all();
        let plain = said(polls, plain_drops(a, b, c));
        let (a, b, c) = all();
        assert_eq!(said(polls, timed_drops(a, b, c)), plain, "after {polls} polls");
        let (a, b, c) = all();
        assert_eq!(said(polls, watched_drops(a, b, c)), plain, "after {polls} polls");

        let (a, b, c) = all();
        let plain = said(polls, Pair(a, b).plain_part(c));
        let (a, b, c) = all();
        assert_eq!(said(polls, Pair(a, b).watched_part(c)), plain, "after {polls} polls");
        let (a, b, c) = all();
        let plain = said(polls, Pair(a, b).plain_nothing(c));
        let (a, b, c) = all();
        assert_eq!(said(polls, Pair(a, b).watched_nothing(c)), plain, "after {polls} polls");
    }
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

/// What `async_trait` looks at stays async until it has.
#[timed(outcome, busy, labels("number" => number))]
#[async_trait]
impl Numbers for Memory {
    async fn next(&mut self, number: usize) -> Result<usize, String> {
        pause(1).await;
        self.0 += number;
        Ok(self.0)
    }
}

#[async_trait]
trait Numbers {
    async fn next(&mut self, number: usize) -> Result<usize, String>;
}

/// Async functions of traits without it.
trait Plain {
    async fn name(&self, prefix: &str) -> String;

    #[timed(function = "plain_repeated", outcome, labels("count" => count))]
    async fn repeated(&self, count: usize) -> Result<String, ()> {
        Ok(self.name("x").await.repeat(count))
    }
}

impl Plain for Memory {
    #[timed(function = "plain_name", busy, labels("prefix" => prefix))]
    async fn name(&self, prefix: &str) -> String {
        pause(1).await;
        format!("{prefix}{}", self.0)
    }
}

#[test]
fn methods_of_traits_are_watched_with_async_trait_and_without() {
    let mut memory = Memory(1);
    assert_eq!(run(Numbers::next(&mut memory, 3)), Ok(4));
    assert_eq!(run(memory.repeated(2)), Ok("x4x4".to_owned()));
    let next = "<timed_async::Memory as timed_async::Numbers>::next";
    let labels = [("function", next), ("number", "3"), ("outcome", "ok")];
    assert_eq!(snapshot().counter("function_outcomes_total", &labels), Some(1));
    let labels = [("function", "plain_repeated"), ("count", "2"), ("outcome", "ok")];
    assert_eq!(snapshot().counter("function_outcomes_total", &labels), Some(1));
    assert_eq!(busy(&[("function", "plain_name"), ("prefix", "x")]).count(), 1);
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

/// Forms of async functions that return their futures by a function.
mod forms {
    use super::*;

    pub(crate) struct Text(pub(crate) String);

    impl Text {
        #[timed(function = "form_by_mut", outcome)]
        pub(crate) async fn by_mut<'a>(&'a mut self, more: &str) -> &'a mut String {
            self.0.push_str(more);
            &mut self.0
        }

        #[timed(function = "form_by_value", outcome)]
        pub(crate) async fn by_value(mut self, (a, _): (&str, &str), _unused: u8) -> Option<Self> {
            self.0.push_str(a);
            Some(self)
        }

        #[timed(function = "form_elided", busy)]
        pub(crate) async fn elided(&self, _: &str) -> std::str::Chars<'_> {
            self.0.chars()
        }
    }

    #[timed(function = "form_generic", outcome)]
    pub(crate) async fn generic<T: Clone, const N: usize>(
        value: &T,
        wait: impl Future<Output = ()>,
    ) -> Result<[T; N], Box<dyn std::error::Error + Send>> {
        wait.await;
        if N == 0 {
            return Err(Box::new(std::fmt::Error));
        }
        Ok(std::array::from_fn(|_| value.clone()))
    }

    #[timed(function = "form_opaque", outcome)]
    pub(crate) async fn opaque(up_to: u32) -> impl Iterator<Item = u32> {
        0..up_to
    }

    #[timed(function = "form_coerced", outcome)]
    pub(crate) async fn coerced(flag: bool) -> Box<dyn Display> {
        if flag { Box::new(1) } else { Box::new("x") }
    }

    #[timed(function = "form_coerced_inside", busy)]
    pub(crate) async fn coerced_inside() -> Result<Vec<Box<dyn Display>>, ()> {
        Ok(vec![Box::new(1), Box::new("x")])
    }

    #[timed(function = "form_function", labels("n" => n))]
    pub(crate) async fn function(n: u8) -> (Box<dyn Fn(&str) -> usize>, fn(&str) -> usize) {
        let more = usize::from(n);
        (Box::new(move |text| text.len() + more), |text| text.len())
    }

    #[timed(function = "form_todo", outcome)]
    pub(crate) async fn todo(fails: bool) -> Result<u8, String> {
        if fails {
            unimplemented!()
        }
        return Ok(3);
    }

    #[timed(function = "form_never", outcome)]
    pub(crate) async fn never() -> ! {
        resume_unwind(Box::new("never"))
    }

    #[timed(function = "form_ref_mut", outcome)]
    #[allow(clippy::toplevel_ref_arg)]
    pub(crate) async fn by_ref_mut(ref mut bytes: Vec<u8>) -> usize {
        bytes.push(1);
        bytes.len()
    }

    #[timed(function = "form_future", outcome)]
    pub(crate) async fn future() -> Pin<Box<dyn Future<Output = u8>>> {
        Box::pin(async { 3 })
    }

    #[timed(function = "form_empty", outcome, labels("n" => n))]
    pub(crate) async fn empty(n: u8) {}

    #[timed(function = "form_temporary", outcome)]
    pub(crate) async fn temporary(lock: Mutex<Vec<u8>>) -> usize {
        pause(1).await;
        lock.lock().unwrap().len()
    }
}

/// Futures that never give a value, or say what they give in a type only.
#[timed(function = "diverging", outcome)]
fn diverging() -> impl Future<Output = Result<(), u8>> + Send {
    let start = pause(0);
    async move {
        start.await;
        unimplemented!()
    }
}

#[timed(function = "inferred", outcome)]
#[allow(clippy::type_complexity)]
fn inferred(fails: bool) -> Pin<Box<dyn Future<Output = Result<u8, Box<dyn std::error::Error>>>>> {
    Box::pin(async move {
        if fails {
            Err("as asked")?;
        }
        Ok(1)
    })
}

#[test]
fn future_that_a_function_makes_has_the_type_of_its_signature() {
    assert!(catch_unwind(AssertUnwindSafe(|| run(diverging()))).is_err());
    assert_eq!(outcomes("diverging"), [Some(0), Some(0), Some(1), Some(0)]);
    assert!(run(inferred(true)).is_err() && run(inferred(false)).is_ok());
    assert_eq!(outcomes("inferred"), [Some(1), Some(1), Some(0), Some(0)]);
}

#[test]
fn every_form_is_watched_and_does_what_it_did() {
    let mut text = forms::Text("a".to_owned());
    run(text.by_mut("b")).push('c');
    let text = run(text.by_value(("d", ""), 0)).unwrap();
    assert_eq!(run(text.elided("")).count(), 4);
    assert_eq!(run(forms::generic::<_, 2>(&"x", pause(1))).unwrap(), ["x", "x"]);
    assert!(run(forms::generic::<u8, 0>(&1, pause(0))).is_err());
    assert_eq!(run(forms::opaque(4)).sum::<u32>(), 6);
    assert_eq!(
        run(forms::coerced(true)).to_string() + &run(forms::coerced(false)).to_string(),
        "1x"
    );
    assert_eq!(run(forms::coerced_inside()).unwrap().len(), 2);
    let (boxed, plain) = run(forms::function(2));
    assert_eq!((boxed("ab"), plain("ab")), (4, 2));
    assert_eq!(run(forms::todo(false)), Ok(3));
    assert!(catch_unwind(AssertUnwindSafe(|| run(forms::never()))).is_err());
    assert_eq!(run(forms::by_ref_mut(vec![0])), 2);
    assert_eq!(run(run(forms::future())), 3);
    run(forms::empty(1));
    assert_eq!(run(forms::temporary(Mutex::new(vec![1, 2]))), 2);
    for (function, ok, err) in [
        ("form_by_mut", 1, 0),
        ("form_by_value", 1, 0),
        ("form_generic", 1, 1),
        ("form_opaque", 1, 0),
        ("form_coerced", 2, 0),
        ("form_todo", 1, 0),
        ("form_ref_mut", 1, 0),
        ("form_future", 1, 0),
        ("form_temporary", 1, 0),
    ] {
        assert_eq!(outcomes(function), [Some(ok), Some(err), Some(0), Some(0)], "{function}");
    }
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
