//! What `#[timed]` promises: it stands on every function, records its calls, and changes nothing else.
//!
//! The lints are part of the promise: nothing here may need an `allow` that the plain code does not need.

#![deny(warnings, clippy::pedantic)]

use std::cell::RefCell;
use std::future::Future;
use std::panic::catch_unwind;
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use tachograph::timed;

/// How often the function with this label was timed.
fn calls(function: &str) -> u64 {
    let snapshot = tachograph::registry().snapshot();
    snapshot
        .timer("function_duration_seconds", &[("function", function)])
        .map_or(0, tachograph::TimerSnapshot::count)
}

fn poll_once<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// Is pending once.
async fn pause() {
    let mut paused = false;
    std::future::poll_fn(|_| {
        if std::mem::replace(&mut paused, true) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

mod stages {
    use tachograph::timed;

    #[timed]
    pub(crate) fn free() {}

    pub(crate) struct Stage;

    impl Stage {
        #[timed]
        pub(crate) fn method(&self) -> &Stage {
            self
        }
    }

    #[timed]
    pub(crate) async fn wait() {
        super::pause().await;
    }
}

#[test]
fn label_is_the_path_of_the_function() {
    stages::free();
    stages::Stage.method().method();
    let mut future = pin!(stages::wait());
    while future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {}
    assert_eq!(calls("timed::stages::free"), 1);
    assert_eq!(calls("timed::stages::Stage::method"), 2);
    assert_eq!(calls("timed::stages::wait"), 1);
}

/// The forms of a function, each under a label of its own.
mod forms {
    use std::fmt::Display;
    use std::num::ParseIntError;
    use std::panic::Location;
    use std::pin::Pin;

    use tachograph::timed;

    #[timed(function = "generic")]
    pub(crate) fn generic<'a, T, const N: usize>(value: &'a T, _: [u8; N]) -> (&'a T, usize)
    where
        T: Display + ?Sized + 'a,
    {
        (value, N)
    }

    #[timed(function = "impl_trait")]
    pub(crate) fn impl_trait(up_to: impl Into<u64>) -> impl Iterator<Item = u64> {
        0..up_to.into()
    }

    #[timed(function = "unsafe_extern")]
    pub(crate) unsafe extern "C" fn unsafe_extern(value: *const u8) -> u8 {
        // SAFETY: the caller hands a pointer to a live byte.
        unsafe { *value }
    }

    #[timed(function = "never")]
    pub(crate) fn never() -> ! {
        std::panic::resume_unwind(Box::new("never"))
    }

    #[timed(function = "coerced")]
    pub(crate) fn coerced(flag: bool) -> Box<dyn Display> {
        if flag {
            return Box::new(1);
        }
        Box::new("coerced")
    }

    #[timed(function = "question")]
    pub(crate) fn question(text: &str) -> Result<u32, ParseIntError> {
        let number: u32 = text.parse()?;
        Ok(number + 1)
    }

    #[timed(function = "patterns")]
    #[must_use]
    #[inline]
    #[track_caller]
    pub(crate) fn patterns((mut a, _): (u32, u32), [b, ..]: [u32; 2]) -> (u32, u32) {
        #![allow(clippy::similar_names)]
        const STEP: u32 = 1;
        fn add(a: u32, b: u32) -> u32 {
            a + b
        }
        a += STEP;
        (add(a, b), Location::caller().line())
    }

    #[timed(function = "recursion")]
    pub(crate) fn recursion(depth: u32) -> u32 {
        #[timed(function = "nested")]
        fn nested(depth: u32) -> u32 {
            'out: {
                if depth == 0 {
                    break 'out;
                }
                return recursion(depth - 1) + 1;
            }
            0
        }
        nested(depth)
    }

    pub(crate) trait Receiver {
        #[timed(function = "provided")]
        fn provided(&self) -> &Self {
            self
        }

        fn required(self: Box<Self>) -> u8;
    }

    pub(crate) struct Own<T>(pub(crate) T);

    impl<T: Copy + Into<u8>> Receiver for Own<T> {
        #[timed(function = "required")]
        fn required(self: Box<Self>) -> u8 {
            self.0.into()
        }
    }

    impl<T: Clone> Own<T> {
        #[timed(function = "associated")]
        pub(crate) fn associated(value: T) -> Self {
            Self(value)
        }

        #[timed(function = "by_value")]
        pub(crate) fn by_value(self) -> T {
            self.0
        }

        #[timed(function = "by_mut")]
        pub(crate) fn by_mut(&mut self, value: T) -> &mut T {
            self.0 = value;
            &mut self.0
        }

        #[timed(function = "by_pin")]
        pub(crate) fn by_pin(self: Pin<&mut Self>) -> T {
            self.0.clone()
        }

        #[timed(function = "by_future")]
        pub(crate) async fn by_future(&self, pauses: u8) -> T {
            for _ in 0..pauses {
                super::pause().await;
            }
            self.0.clone()
        }
    }

    macro_rules! made {
        ($item:item $visibility:vis $name:ident $body:block) => {
            #[timed(function = "item")]
            $item

            #[timed(function = "block")]
            $visibility fn $name() -> u8 $body
        };
    }
    made! {
        pub(crate) fn item() -> u8 {
            use std::convert::identity;
            identity(1)
        }
        pub(crate) block { 2 }
    }
}

#[test]
fn every_form_is_timed_and_does_what_it_did() {
    use forms::{Own, Receiver};

    assert_eq!(forms::generic("text", [0; 3]), ("text", 3));
    assert_eq!(forms::impl_trait(3_u8).sum::<u64>(), 3);
    let byte = 7;
    // SAFETY: `byte` lives until the end of this function.
    assert_eq!(unsafe { forms::unsafe_extern(&raw const byte) }, 7);
    assert!(catch_unwind(|| forms::never()).is_err());
    assert_eq!(forms::coerced(true).to_string() + &forms::coerced(false).to_string(), "1coerced");
    assert_eq!(forms::question("2"), Ok(3));
    assert!(forms::question("x").is_err());
    assert_eq!(forms::patterns((1, 0), [2, 0]), (4, line!()));
    assert_eq!(forms::recursion(2), 2);
    let mut own = Own::associated(1_u8);
    *own.by_mut(2) += 1;
    assert_eq!(std::pin::Pin::new(&mut own).by_pin(), 3);
    assert_eq!(poll_once(own.by_future(0)), Poll::Ready(3));
    assert_eq!(own.provided().0, 3);
    assert_eq!(Own(own.by_value()).0 + Box::new(Own(4)).required(), 7);
    assert_eq!(forms::item() + forms::block(), 3);

    for (function, expected) in [
        ("generic", 1),
        ("impl_trait", 1),
        ("unsafe_extern", 1),
        ("never", 1),
        ("coerced", 2),
        ("question", 2),
        ("patterns", 1),
        ("recursion", 3),
        ("nested", 3),
        ("provided", 1),
        ("required", 1),
        ("associated", 1),
        ("by_value", 1),
        ("by_mut", 1),
        ("by_pin", 1),
        ("by_future", 1),
        ("item", 1),
        ("block", 1),
    ] {
        assert_eq!(calls(function), expected, "{function}");
    }
}

#[test]
fn panic_is_recorded_once_and_unwinds_as_before() {
    #[timed(function = "panics")]
    fn panics(payload: &'static str) -> u32 {
        std::panic::resume_unwind(Box::new(payload))
    }
    let payload = catch_unwind(|| panics("as before")).unwrap_err();
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"as before"));
    assert_eq!(calls("panics"), 1);
}

#[test]
fn future_is_recorded_when_it_ends_and_only_if_it_was_polled() {
    #[timed(function = "future")]
    async fn future() {
        pause().await;
    }
    drop(future());
    assert_eq!(calls("future"), 0);
    assert!(poll_once(future()).is_pending());
    assert_eq!(calls("future"), 1, "dropped after its first poll");
    let mut whole = pin!(future());
    let mut context = Context::from_waker(Waker::noop());
    assert!(whole.as_mut().poll(&mut context).is_pending());
    assert_eq!(calls("future"), 1);
    assert!(whole.as_mut().poll(&mut context).is_ready());
    assert_eq!(calls("future"), 2);
}

#[test]
fn future_is_sent_and_shared_as_before_and_holds_no_argument_twice() {
    async fn plain(bytes: [u8; 256]) -> usize {
        pause().await;
        bytes.len()
    }
    #[timed(function = "annotated")]
    async fn annotated(bytes: [u8; 256]) -> usize {
        pause().await;
        bytes.len()
    }
    fn size<F: Future + Send + Sync>(future: &F) -> usize {
        size_of_val(future)
    }
    assert!(size(&annotated([0; 256])) <= size(&plain([0; 256])) + 64);
}

/// Says its name when it is dropped.
struct Said(&'static str);

static SAID: Mutex<Vec<&str>> = Mutex::new(Vec::new());

impl Drop for Said {
    fn drop(&mut self) {
        SAID.lock().unwrap().push(self.0);
    }
}

impl Said {
    fn len(&self) -> usize {
        self.0.len()
    }
}

/// The same function with and without `#[timed]`.
macro_rules! drops {
    ($($attribute:meta)? => $name:ident) => {
        $(#[$attribute])?
        fn $name(first: Said, _: Said, (third, _): (Said, Said)) -> usize {
            let _one = Said("one");
            let _ = Said("at once");
            let two = Said("two");
            drop(third);
            match Said("in a match").len() {
                0 => first.len(),
                _ => two.len() + Said("in the last expression").len(),
            }
        }
    };
}
drops!(=> plain_drops);
drops!(timed(function = "drops") => timed_drops);

#[test]
fn drops_keep_their_order() {
    let said = [plain_drops, timed_drops].map(|function| {
        function(Said("first"), Said("second"), (Said("third"), Said("fourth")));
        std::mem::take(&mut *SAID.lock().unwrap())
    });
    assert!(said[0].len() == 9 && said[0] == said[1], "{said:?}");
    assert_eq!(calls("drops"), 1);
}

#[test]
fn body_sees_no_name_of_ours_and_ours_meet_none_of_its() {
    #[allow(non_upper_case_globals)]
    mod outer {
        use std::cell::Cell;

        pub(crate) static SITE: &str = "site";
        pub(crate) const SLOT: u8 = 1;
        pub(crate) fn here() -> u8 {
            2
        }
        pub(crate) fn path() -> u8 {
            3
        }
        thread_local!(pub(crate) static guarded: Cell<u8> = const { Cell::new(4) });
    }
    #[timed(function = "names")]
    fn names() -> (usize, u8) {
        use outer::{SITE, SLOT, guarded, here, path};
        (SITE.len(), SLOT + here() + path() + guarded.get())
    }
    #[timed(function = "argument")]
    #[allow(clippy::used_underscore_binding)]
    fn argument(_guard: u8) -> u8 {
        _guard
    }
    assert_eq!(names(), (4, 10));
    assert_eq!(argument(5), 5);
}

#[test]
fn neither_prelude_nor_crate_names_in_scope_are_needed() {
    #[no_implicit_prelude]
    mod bare {
        mod core {}
        mod std {}
        mod tachograph {}

        #[::tachograph::timed(function = "bare")]
        pub(crate) fn bare(text: &str) -> usize {
            ::tachograph::counter!("bare_total", "text" => text).increment(1);
            ::tachograph::counter!(text).increment(1);
            text.len()
        }
    }
    #[no_implicit_prelude]
    mod bare_options {
        mod core {}
        mod std {}
        mod tachograph {}

        #[::tachograph::timed(function = "bare_options", labels("text" => text), outcome, in_flight, sample = 2)]
        pub(crate) fn sync(text: &str) -> ::std::result::Result<usize, ()> {
            ::std::result::Result::Ok(text.len())
        }

        #[::tachograph::timed(function = "bare_options", labels("text" => text), outcome, busy)]
        pub(crate) async fn wait(parts: u8, call: u8, result: u8, future: u8, text: &str) -> u8 {
            let value = parts + call + result + future;
            let _ = text;
            value
        }
    }
    assert!(bare_options::sync("a").is_ok());
    assert_eq!(poll_once(bare_options::wait(1, 2, 3, 4, "a")), Poll::Ready(10));
    assert_eq!(bare::bare("bare_name_total"), 15);
    assert_eq!(calls("bare"), 1);
    let snapshot = tachograph::registry().snapshot();
    assert_eq!(snapshot.counter("bare_total", &[("text", "bare_name_total")]), Some(1));
    assert_eq!(snapshot.counter("bare_name_total", &[]), Some(1));
}

#[test]
fn family_of_its_own_has_no_function_label_and_is_described_by_the_doc_comment() {
    /// Reads a file.
    ///
    /// All of it.
    #[timed("read_seconds", labels("source" => "disk", "level" => 2))]
    fn read() {}

    /// Not a description of what all functions share.
    #[timed(function = "shared")]
    fn shared() {}

    read();
    shared();
    let snapshot = tachograph::registry().snapshot();
    let read = snapshot.timer("read_seconds", &[("source", "disk"), ("level", "2")]);
    assert_eq!(read.unwrap().count(), 1);
    let described = |name: &str| {
        let series = snapshot.series();
        let of_name = series.iter().find(|series| *series.name() == *name).unwrap();
        of_name.description().map(str::to_owned)
    };
    assert_eq!(described("read_seconds").as_deref(), Some("Reads a file."));
    assert_ne!(
        described("function_duration_seconds").as_deref(),
        Some("Not a description of what all functions share.")
    );
}

#[test]
fn borrows_of_the_body_end_where_they_ended() {
    #[timed(function = "borrows")]
    fn borrows(cell: &RefCell<Vec<u8>>) -> usize {
        cell.borrow_mut().push(1);
        let first = cell.borrow();
        let count = first.len();
        drop(first);
        cell.borrow_mut().push(2);
        cell.borrow().len() + count
    }
    assert_eq!(borrows(&RefCell::default()), 3);
    assert_eq!(calls("borrows"), 1);
}

/// Bodies of which clippy asks that they be nothing but this.
mod canonical {
    use std::cmp::Ordering;

    use tachograph::timed;

    #[timed(function = "canonical_empty")]
    pub(crate) fn is_send<T: Send>() {}

    #[expect(dead_code, reason = "it is still known to be never called")]
    #[timed(function = "canonical_dead")]
    fn dead() {}

    #[derive(PartialEq, Eq, Debug)]
    pub(crate) struct Number(pub(crate) u8);

    impl PartialOrd for Number {
        #[timed(function = "canonical_partial_cmp")]
        fn partial_cmp(&self, other: &Number) -> Option<Ordering> {
            Some(self.cmp(other))
        }
    }

    impl Ord for Number {
        #[timed(function = "canonical_cmp")]
        fn cmp(&self, other: &Number) -> Ordering {
            self.0.cmp(&other.0)
        }
    }

    #[derive(Copy, PartialEq, Debug)]
    pub(crate) struct Letter(pub(crate) char);

    #[allow(clippy::expl_impl_clone_on_copy)]
    impl Clone for Letter {
        #[timed(function = "canonical_clone")]
        fn clone(&self) -> Letter {
            *self
        }
    }
}

#[test]
fn bodies_of_one_expression_are_so_still_for_lints() {
    canonical::is_send::<u8>();
    assert!(canonical::Number(1) < canonical::Number(2));
    let letters = vec![canonical::Letter('a')];
    assert_eq!(letters.clone(), letters);
    for function in ["canonical_empty", "canonical_partial_cmp", "canonical_cmp", "canonical_clone"]
    {
        assert_eq!(calls(function), 1, "{function}");
    }
}

#[test]
fn blocks_time_each_of_their_functions_under_its_own_path() {
    #[timed]
    mod counted {
        pub(crate) const fn at_compile_time() -> u8 {
            1
        }

        pub(crate) struct Stack(pub(crate) Vec<u8>);

        impl Stack {
            pub(crate) fn push(&mut self, byte: u8) -> usize {
                self.0.push(byte);
                self.len()
            }

            #[timed(skip)]
            pub(crate) fn len(&self) -> usize {
                self.0.len()
            }
        }

        pub(crate) trait Doubled {
            fn value(&self) -> u8;

            fn doubled(&self) -> u8 {
                self.value() * 2
            }
        }

        impl Doubled for u8 {
            fn value(&self) -> u8 {
                *self
            }
        }

        pub(crate) mod inner {
            #[timed(function = "counted_named")]
            pub(crate) fn named() {}

            use tachograph::timed;
        }

        use tachograph::timed;
    }
    use counted::Doubled;

    assert_eq!(counted::Stack(Vec::new()).push(counted::at_compile_time()), 1);
    assert_eq!(3_u8.doubled(), 6);
    counted::inner::named();
    let path = |end: &str| {
        let of = "blocks_time_each_of_their_functions_under_its_own_path";
        format!("timed::{of}::counted::{end}")
    };
    for (end, count) in [("Stack::push", 1), ("Stack::len", 0), ("at_compile_time", 0)] {
        assert_eq!(calls(&path(end)), count, "{end}");
    }
    assert_eq!(calls("counted_named"), 1);
    let doubled = calls(&path("Doubled::doubled"));
    assert_eq!(doubled, 1);
}
