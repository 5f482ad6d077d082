//! Async functions of every form, with `#[timed]` and without it: they do the same, and drop in the same order.

#![deny(warnings, clippy::pedantic)]

#[path = "support/futures.rs"]
mod futures;

use std::fmt::Display;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::Mutex;

use async_trait::async_trait;
use futures::{busy, outcomes, pause, poll, run, snapshot};
use tachograph::timed;

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
                .is_some_and(|name| name.contains("as timed_async_forms::Store"))
        })
        .map(|series| (series.name(), series.labels().get("table").unwrap()))
        .collect();
    assert!(series.contains(&("function_busy_seconds", "users")), "{series:?}");
    let function = snapshot.series().iter().find_map(|series| {
        series.labels().get("function").filter(|name| name.contains("as timed_async_forms::Store"))
    });
    assert_eq!(function, Some("<timed_async_forms::Memory as timed_async_forms::Store>::rows"));
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
    let next = "<timed_async_forms::Memory as timed_async_forms::Numbers>::next";
    let labels = [("function", next), ("number", "3"), ("outcome", "ok")];
    assert_eq!(snapshot().counter("function_outcomes_total", &labels), Some(1));
    let labels = [("function", "plain_repeated"), ("count", "2"), ("outcome", "ok")];
    assert_eq!(snapshot().counter("function_outcomes_total", &labels), Some(1));
    assert_eq!(busy(&[("function", "plain_name"), ("prefix", "x")]).count(), 1);
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
