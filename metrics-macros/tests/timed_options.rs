//! What the options of `#[timed]` record, and that they too change nothing else.

#![deny(warnings, clippy::pedantic)]

use std::cell::{Cell, RefCell};
use std::fmt::Display;
use std::num::ParseIntError;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex;

use tachograph::{Snapshot, Unit, timed};

fn snapshot() -> Snapshot {
    tachograph::registry().snapshot()
}

/// How often the function was timed.
fn timed_calls(labels: &[(&str, &str)]) -> u64 {
    snapshot()
        .timer("function_duration_seconds", labels)
        .map_or(0, tachograph::TimerSnapshot::count)
}

/// ok, err, panic
fn outcomes(function: &str) -> [Option<u64>; 3] {
    let snapshot = snapshot();
    ["ok", "err", "panic"].map(|outcome| {
        let labels = [("function", function), ("outcome", outcome)];
        snapshot.counter("function_outcomes_total", &labels)
    })
}

fn panics<R>(call: impl FnOnce() -> R) -> bool {
    catch_unwind(AssertUnwindSafe(call)).is_err()
}

struct Query {
    kind: &'static str,
}

impl Query {
    #[timed(
        function = "query",
        labels("table" => table, "kind" => self.kind, "rows" => %rows.iter().sum::<f64>(), "fixed" => 1)
    )]
    fn run(&self, table: String, rows: &[f64], (_, last): (u8, u8)) -> (String, u8) {
        (table, last)
    }
}

#[test]
fn labels_are_taken_from_the_arguments_before_the_body_has_them() {
    let query = Query { kind: "select" };
    for table in ["users", "orders", "users"] {
        assert_eq!(query.run(table.to_owned(), &[1.5, 0.25], (0, 7)), (table.to_owned(), 7));
    }
    let labels = |table| {
        [
            ("function", "query"),
            ("table", table),
            ("kind", "select"),
            ("rows", "1.75"),
            ("fixed", "1"),
        ]
    };
    assert_eq!(timed_calls(&labels("users")), 2);
    assert_eq!(timed_calls(&labels("orders")), 1);
}

#[test]
fn labels_are_evaluated_once_for_each_call() {
    thread_local!(static ASKED: Cell<u32> = const { Cell::new(0) });
    fn ask(answer: &str) -> &str {
        ASKED.set(ASKED.get() + 1);
        answer
    }
    #[timed(function = "asking", labels("answer" => ask(answer)), outcome, in_flight, sample = 2)]
    fn asking(answer: &str) -> u32 {
        ASKED.get() + u32::try_from(answer.len()).unwrap()
    }
    assert_eq!([asking("a"), asking("b"), asking("a")], [2, 3, 4]);
    assert_eq!(ASKED.get(), 3);
}

#[test]
fn outcome_tells_values_errors_and_panics() {
    #[timed(function = "parse_outcome", outcome, in_flight)]
    fn parse(text: &str) -> Result<u32, ParseIntError> {
        assert!(!text.is_empty(), "empty");
        let number: u32 = text.parse()?;
        Ok(number + 1)
    }
    assert_eq!(parse("2"), Ok(3));
    assert!(parse("x").is_err() && parse("y").is_err());
    assert!(panics(|| parse("")));
    assert_eq!(outcomes("parse_outcome"), [Some(1), Some(2), Some(1)]);
    // A call that panicked is not among those whose durations count.
    assert_eq!(timed_calls(&[("function", "parse_outcome")]), 3);
    let in_flight = snapshot().gauge("function_in_flight", &[("function", "parse_outcome")]);
    assert_eq!(in_flight, Some(0.0));
    let cancelled = [("function", "parse_outcome"), ("outcome", "cancelled")];
    let cancelled = snapshot().counter("function_outcomes_total", &cancelled);
    assert_eq!(cancelled, None, "what is not async cannot be cancelled");
}

#[test]
fn outcome_of_all_times_panics_too() {
    #[timed(function = "all", outcome(all))]
    fn all(fails: bool) {
        assert!(!fails);
    }
    all(false);
    assert!(panics(|| all(true)));
    assert_eq!(outcomes("all"), [Some(1), Some(0), Some(1)]);
    assert_eq!(timed_calls(&[("function", "all")]), 2);
}

#[test]
fn panic_is_told_whatever_unwinds_around_it() {
    struct Calls;
    impl Drop for Calls {
        fn drop(&mut self) {
            // The thread is panicking before and after both of them.
            fails(false);
            assert!(panics(|| fails(true)));
        }
    }
    #[timed(function = "within", outcome)]
    fn fails(it_does: bool) {
        if it_does {
            resume_unwind(Box::new("fails"));
        }
    }
    assert!(panics(|| {
        let _calls = Calls;
        resume_unwind(Box::new("around"))
    }));
    assert_eq!(outcomes("within"), [Some(1), Some(0), Some(1)]);
}

/// The forms of a function whose body moves into a closure.
mod forms {
    use super::*;

    #[timed(function = "form_generic", outcome)]
    pub(crate) fn generic<'a, T, const N: usize>(value: &'a T, _: [u8; N]) -> Result<&'a T, usize>
    where
        T: Display + ?Sized + 'a,
    {
        if N > 1 { Err(N) } else { Ok(value) }
    }

    #[timed(function = "form_opaque", outcome)]
    pub(crate) fn opaque(up_to: impl Into<u64>) -> impl Iterator<Item = u64> {
        0..up_to.into()
    }

    #[timed(function = "form_opaque_inside", outcome)]
    pub(crate) fn opaque_inside(up_to: u64) -> Result<impl Iterator<Item = u64>, String> {
        if up_to == 0 {
            return Err("nothing".into());
        }
        Ok(0..up_to)
    }

    #[timed(function = "form_coerced", outcome)]
    pub(crate) fn coerced(flag: bool) -> Result<Box<dyn Display>, Box<dyn std::error::Error>> {
        if flag {
            return Ok(Box::new(1));
        }
        Err("coerced")?;
        Ok(Box::new("never"))
    }

    #[timed(function = "form_never", outcome)]
    pub(crate) fn never() -> ! {
        resume_unwind(Box::new("never"))
    }

    #[timed(function = "form_unsafe", outcome)]
    pub(crate) unsafe extern "C" fn unsafe_extern(value: *const u8) -> u8 {
        // SAFETY: the caller hands a pointer to a live byte.
        unsafe { *value }
    }

    #[timed(function = "form_recursion", outcome)]
    pub(crate) fn recursion(mut depth: u32, [a, ..]: [u32; 2]) -> u32 {
        'out: {
            if depth == 0 {
                break 'out;
            }
            depth -= 1;
            return recursion(depth, [a, a]) + a;
        }
        0
    }

    #[timed(function = "form_closure", outcome)]
    pub(crate) fn closure(more: u8) -> impl Fn(&u8) -> u8 {
        move |number| *number + more
    }

    #[allow(clippy::unnecessary_wraps)]
    #[timed(function = "form_closure_inside", outcome)]
    pub(crate) fn closure_inside(fails: bool) -> Option<impl Fn(&u8) -> u8> {
        assert!(!fails);
        Some(|number: &u8| *number)
    }

    #[timed(function = "form_cfg", outcome)]
    pub(crate) fn cfg(#[cfg(any())] none: String, #[cfg(not(any()))] one: u8) -> Option<u8> {
        Some(one)
    }

    pub(crate) struct Table;

    impl std::ops::Index<u8> for Table {
        type Output = u8;

        #[timed(function = "form_index", outcome)]
        fn index(&self, index: u8) -> &u8 {
            assert!(index > 0, "{}", std::panic::Location::caller().line());
            &1
        }
    }

    pub(crate) struct Own<T>(pub(crate) T);

    impl<T: Clone> Own<T> {
        #[timed(function = "form_by_mut", outcome)]
        pub(crate) fn by_mut(&mut self, value: T) -> &mut T {
            self.0 = value;
            &mut self.0
        }

        #[timed(function = "form_by_value", outcome)]
        pub(crate) fn by_value(self) -> Option<T> {
            Some(self.0)
        }

        #[timed(function = "form_by_ref", outcome)]
        pub(crate) fn by_ref(&self, _unused: &str) -> &T {
            &self.0
        }
    }

    #[timed(function = "form_borrow", outcome)]
    pub(crate) fn longest<'a>(
        texts: &[&'a str],
        found: &'a mut Vec<&'a str>,
    ) -> Option<&'a mut &'a str> {
        found.extend(texts);
        found.iter_mut().max_by_key(|text| text.len())
    }
}

#[test]
fn every_form_has_its_outcome_and_does_what_it_did() {
    assert_eq!(forms::generic("text", [0; 1]), Ok("text"));
    assert_eq!(forms::generic("text", [0; 3]), Err(3));
    assert_eq!(forms::opaque(3_u8).sum::<u64>(), 3);
    assert_eq!(forms::opaque_inside(3).unwrap().sum::<u64>(), 3);
    assert!(forms::opaque_inside(0).is_err());
    assert_eq!(forms::coerced(true).unwrap().to_string(), "1");
    assert!(forms::coerced(false).is_err());
    assert!(panics(|| forms::never()));
    let byte = 7;
    // SAFETY: `byte` lives until the end of this function.
    assert_eq!(unsafe { forms::unsafe_extern(&raw const byte) }, 7);
    assert_eq!(forms::recursion(2, [3, 0]), 6);
    assert_eq!(forms::closure(2)(&3), 5);
    assert!(panics(|| forms::closure_inside(true)));
    assert_eq!(forms::closure_inside(false).unwrap()(&3), 3);
    assert_eq!(forms::cfg(3), Some(3));
    assert_eq!(forms::Table[1], 1);
    // The trait has its callers tracked, and goes on doing so.
    let line = line!() + 1;
    let payload = catch_unwind(|| forms::Table[0]).unwrap_err();
    assert_eq!(payload.downcast_ref::<String>(), Some(&line.to_string()));
    let mut own = forms::Own(1);
    *own.by_mut(2) += 1;
    assert_eq!((*own.by_ref(""), own.by_value()), (3, Some(3)));
    assert_eq!(forms::longest(&["a", "abc"], &mut vec!["ab"]), Some(&mut "abc"));
    for (function, expected) in [
        ("form_generic", [1, 1, 0]),
        ("form_opaque", [1, 0, 0]),
        ("form_opaque_inside", [1, 1, 0]),
        ("form_coerced", [1, 1, 0]),
        ("form_never", [0, 0, 1]),
        ("form_unsafe", [1, 0, 0]),
        ("form_recursion", [3, 0, 0]),
        ("form_closure", [1, 0, 0]),
        ("form_closure_inside", [1, 0, 1]),
        ("form_cfg", [1, 0, 0]),
        ("form_index", [1, 0, 1]),
        ("form_by_mut", [1, 0, 0]),
        ("form_by_ref", [1, 0, 0]),
        ("form_by_value", [1, 0, 0]),
        ("form_borrow", [1, 0, 0]),
    ] {
        assert_eq!(outcomes(function), expected.map(Some), "{function}");
    }
}

/// Says its name when it is dropped.
struct Said(&'static str);

static SAID: Mutex<Vec<&str>> = Mutex::new(Vec::new());

impl Drop for Said {
    fn drop(&mut self) {
        SAID.lock().unwrap().push(self.0);
    }
}

/// The same function with and without `#[timed]`.
macro_rules! drops {
    ($($attribute:meta)? => $name:ident) => {
        $(#[$attribute])?
        fn $name(first: Said, second: Said, mut third: Said, fourth: Said) -> usize {
            let _one = Said("one");
            let two = Said("two");
            third.0 = "third, changed";
            drop(second);
            match Said("in a match").0.len() {
                0 => first.0.len(),
                _ => two.0.len() + fourth.0.len() + Said("in the last expression").0.len(),
            }
        }
    };
}
drops!(=> plain_drops);
drops!(timed(function = "drops_outcome", outcome, in_flight) => timed_drops);

#[test]
fn drops_keep_their_order_where_the_body_moves() {
    let said = [plain_drops, timed_drops].map(|function| {
        function(Said("first"), Said("second"), Said("third"), Said("fourth"));
        std::mem::take(&mut *SAID.lock().unwrap())
    });
    assert!(said[0].len() == 8 && said[0] == said[1], "{said:?}");
}

#[test]
fn sample_counts_every_call_and_times_one_in_so_many() {
    #[timed(function = "sampled", sample = 8)]
    fn sampled(result: &Cell<u32>) {
        result.set(result.get() + 1);
    }
    let result = Cell::new(0);
    (0..20).for_each(|_| sampled(&result));
    // Each thread begins with one that is timed, whatever others did.
    std::thread::spawn(|| sampled(&Cell::new(0))).join().unwrap();
    let labels = [("function", "sampled")];
    assert_eq!(result.get(), 20);
    assert_eq!(snapshot().counter("function_calls_total", &labels), Some(21));
    assert_eq!(timed_calls(&labels), 4);
}

#[test]
fn sampled_panics_count_as_others_do() {
    #[timed(function = "sampled_outcome", sample = 2, outcome, in_flight)]
    fn fails(it_does: bool) -> Result<(), ()> {
        assert!(!it_does);
        Ok(())
    }
    for number in 0..40 {
        let _ = panics(|| fails(number % 4 < 2));
    }
    let labels = [("function", "sampled_outcome")];
    assert_eq!(outcomes("sampled_outcome"), [Some(20), Some(0), Some(20)]);
    assert_eq!(snapshot().counter("function_calls_total", &labels), Some(40));
    // Every second call is timed, and half of those return.
    assert_eq!(timed_calls(&labels), 10);
    assert_eq!(snapshot().gauge("function_in_flight", &labels), Some(0.0));
}

#[test]
fn self_time_goes_past_calls_that_are_not_timed() {
    #[timed(function = "outer_self")]
    fn outer(work: &RefCell<Vec<u64>>) {
        for _ in 0..3 {
            middle(work);
        }
    }
    #[timed(function = "middle_self", sample = 2)]
    fn middle(work: &RefCell<Vec<u64>>) {
        inner(work);
    }
    #[timed(function = "inner_self")]
    fn inner(work: &RefCell<Vec<u64>>) {
        let mut work = work.borrow_mut();
        for number in 0..10_000 {
            work.push(number);
        }
    }
    let work = RefCell::default();
    outer(&work);
    assert_eq!(work.borrow().len(), 30_000);
    let snapshot = snapshot();
    let times = |function| {
        let timer = snapshot.timer("function_duration_seconds", &[("function", function)]).unwrap();
        (timer.total(), timer.self_total())
    };
    let [outer, middle, inner] = ["outer_self", "middle_self", "inner_self"].map(times);
    assert_eq!(inner.0, inner.1);
    // What is timed inside is nobody's own time, even where a call between the two is not timed.
    let step = std::time::Duration::from_nanos(100);
    assert!(outer.1 + inner.0 <= outer.0 + step, "{outer:?} {inner:?}");
    assert!(middle.1 <= middle.0 && middle.0 <= outer.0);
}

#[test]
fn family_of_ones_own_has_its_unit_and_buckets() {
    const LIMIT: f64 = 250.0;
    /// Not this.
    #[timed(
        "option_milliseconds",
        unit = Unit::Milliseconds,
        description = "Sleeps.",
        schema = 2,
        buckets = [1, 2.5, 10, LIMIT]
    )]
    fn sleeps() {
        std::thread::sleep(std::time::Duration::from_micros(1_500));
    }
    sleeps();
    let snapshot = snapshot();
    let timer = snapshot.timer("option_milliseconds", &[]).unwrap();
    let histogram = timer.histogram();
    assert_eq!(
        (histogram.layout().schema(), histogram.layout().bounds()),
        (2, &[1.0, 2.5, 10.0, LIMIT][..])
    );
    assert!(timer.total() >= std::time::Duration::from_micros(1_500));
    let ratio = histogram.sum() / (timer.total().as_secs_f64() * 1e3);
    assert!((ratio - 1.0).abs() < 1e-5, "{ratio}");
    assert_eq!(histogram.count_at_most(1.0), 0);
    let series = snapshot.series().iter().find(|series| series.name() == "option_milliseconds");
    let series = series.unwrap();
    assert_eq!((series.unit(), series.description()), (Some(Unit::Milliseconds), Some("Sleeps.")));
    let text = tachograph::registry().render(tachograph::Format::Prometheus);
    let text = String::from_utf8(text.into()).unwrap();
    assert!(text.contains("option_milliseconds_bucket{le=\"2.5\"} "), "{text}");
}

#[test]
fn a_function_has_buckets_of_its_own_in_the_shared_family() {
    #[timed(function = "coarse", schema = -1)]
    fn coarse() {}
    #[timed(function = "bounded", buckets = [0.1, 0.3])]
    fn bounded() {}
    #[timed(function = "usual")]
    fn usual() {}
    coarse();
    bounded();
    usual();
    let snapshot = snapshot();
    let layout = |function| {
        let timer = snapshot.timer("function_duration_seconds", &[("function", function)]).unwrap();
        timer.histogram().layout().clone()
    };
    assert_eq!((layout("coarse").schema(), layout("coarse").bounds().len()), (-1, 0));
    assert_eq!((layout("bounded").schema(), layout("bounded").bounds()), (5, &[0.1, 0.3][..]));
    assert_eq!(layout("usual"), tachograph::Layout::timer());
    let lints = tachograph::registry().lints();
    let differs = |message: &str| message.contains("other buckets");
    assert!(!lints.iter().any(|lint| differs(lint.message())), "{lints:?}");
}

#[test]
fn what_only_shows_at_run_time_to_be_impossible_is_told_by_the_registry() {
    const FAR: f64 = 1e9;
    const BYTES: Unit = Unit::Bytes;
    #[timed("far_seconds", buckets = [0.5, FAR])]
    fn far() {}
    #[timed(function = "far", buckets = [0.5, FAR])]
    fn far_and_shared() {}
    #[timed("of_bytes", unit = BYTES)]
    fn of_bytes() {}
    far();
    far_and_shared();
    of_bytes();
    let lints = tachograph::registry().lints();
    for (metric, says) in [
        ("far_seconds", "1000000000.0"),
        ("function_duration_seconds", "1000000000.0"),
        ("of_bytes", "cannot be in bytes: use seconds"),
    ] {
        let found =
            lints.iter().find(|lint| lint.metric() == metric && lint.message().contains(says));
        let place = "what_only_shows_at_run_time_to_be_impossible_is_told_by_the_registry";
        assert!(found.is_some_and(|lint| lint.message().contains(place)), "{metric}: {lints:?}");
    }
    assert!(snapshot().overhead().dropped().contains(&("invalid", 3)));
}

#[test]
fn what_stands_beside_the_durations_is_by_function_also_where_the_family_is_ones_own() {
    #[timed("own_option_seconds", function = "own", labels("part" => "a"), in_flight, sample = 4, outcome)]
    fn own() {}
    own();
    let snapshot = snapshot();
    let labels = [("function", "own"), ("part", "a")];
    assert_eq!(snapshot.timer("own_option_seconds", &labels).unwrap().count(), 1);
    assert_eq!(snapshot.counter("function_calls_total", &labels), Some(1));
    assert_eq!(snapshot.gauge("function_in_flight", &labels), Some(0.0));
    let ok = [("function", "own"), ("outcome", "ok"), ("part", "a")];
    assert_eq!(snapshot.counter("function_outcomes_total", &ok), Some(1));
}

#[test]
fn labels_beyond_the_cap_are_one_series_in_every_family() {
    #[timed("capped_seconds", labels("number" => number), sample = 1, in_flight)]
    fn capped(number: u32) -> u32 {
        number
    }
    let calls = 2_500;
    for number in (0..calls).chain(0..10) {
        assert_eq!(capped(number), number);
    }
    let snapshot = snapshot();
    let (mut durations, mut counted, mut series) = (0, 0, 0);
    for one in snapshot.series() {
        let is_ours = one.labels().get("number").is_some()
            || one.labels().get("function").is_some_and(|path| path.ends_with("::capped"))
            || one.labels().is_overflow();
        match (one.name(), one.value()) {
            ("capped_seconds", tachograph::Value::Timer(timer)) => {
                series += 1;
                durations += timer.count();
            }
            ("function_calls_total", tachograph::Value::Counter(total)) if is_ours => {
                counted += total;
            }
            _ => {}
        }
    }
    assert!(series <= 2_001, "{series}");
    assert_eq!((durations, counted), (u64::from(calls) + 10, u64::from(calls) + 10));
    let overflow = snapshot.timer("capped_seconds", &[("otel_metric_overflow", "true")]).unwrap();
    assert!(overflow.count() >= 500);
    assert_eq!(snapshot.timer("capped_seconds", &[("number", "3")]).unwrap().count(), 2);
}

#[test]
fn errors_are_told_beside_a_closure() {
    #[timed(function = "beside_closure", outcome)]
    fn parser(base: u32) -> Result<impl Fn(&str) -> Option<u32>, Box<dyn std::error::Error>> {
        if base == 0 {
            return Err("no base".into());
        }
        Ok(move |text: &str| u32::from_str_radix(text, base).ok())
    }
    assert!(parser(0).is_err());
    assert_eq!(parser(2).unwrap()("101"), Some(5));
    assert_eq!(outcomes("beside_closure"), [Some(1), Some(1), Some(0)]);
}

#[test]
fn errors_of_a_function_that_is_only_called_index_are_errors() {
    #[timed(function = "called_index", outcome)]
    fn index(text: &str) -> Result<u8, ParseIntError> {
        text.parse()
    }
    assert!(index("1").is_ok() && index("x").is_err());
    assert_eq!(outcomes("called_index"), [Some(1), Some(1), Some(0)]);
}
