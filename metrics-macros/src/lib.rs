//! The macros of the `tachograph` crate: use them from there.
//!
//! [`#[timed]`](macro@timed) times a function, or all functions of a block, and
//! [`#[derive(LabelSet)]`](derive@LabelSet) makes a type a set of labels. `counter!`, `gauge!`,
//! `histogram!` and `timer!` give a handle for the place where they stand, and `describe_counter!` and its
//! siblings describe a metric: users call macros of the same names in the core crate, where they are
//! documented, and which only write the way to that crate before the user's tokens. This crate holds no
//! more than these entry points: what a user wrote is read by `parse`, checked by `model`, and turned into
//! code by `expand`. It knows the paths of the recorder, and nothing about recording.

mod expand;
mod kind;
mod model;
mod parse;
mod refusals;

use proc_macro::TokenStream;

use crate::kind::Kind;

/// See `counter!` in the core crate.
#[proc_macro]
pub fn counter(call: TokenStream) -> TokenStream {
    expand::call(Kind::Counter, call.into()).into()
}

/// See `gauge!` in the core crate.
#[proc_macro]
pub fn gauge(call: TokenStream) -> TokenStream {
    expand::call(Kind::Gauge, call.into()).into()
}

/// See `histogram!` in the core crate.
#[proc_macro]
pub fn histogram(call: TokenStream) -> TokenStream {
    expand::call(Kind::Histogram, call.into()).into()
}

/// See `timer!` in the core crate.
#[proc_macro]
pub fn timer(call: TokenStream) -> TokenStream {
    expand::call(Kind::Timer, call.into()).into()
}

/// See `rate!` in the core crate.
#[proc_macro]
pub fn rate(call: TokenStream) -> TokenStream {
    expand::call(Kind::Rate, call.into()).into()
}

/// See `summary!` in the core crate.
#[proc_macro]
pub fn summary(call: TokenStream) -> TokenStream {
    expand::call(Kind::Summary, call.into()).into()
}

/// See `describe_counter!` in the core crate.
#[proc_macro]
pub fn describe_counter(call: TokenStream) -> TokenStream {
    expand::describe(Kind::Counter, call.into()).into()
}

/// See `describe_gauge!` in the core crate.
#[proc_macro]
pub fn describe_gauge(call: TokenStream) -> TokenStream {
    expand::describe(Kind::Gauge, call.into()).into()
}

/// See `describe_histogram!` in the core crate.
#[proc_macro]
pub fn describe_histogram(call: TokenStream) -> TokenStream {
    expand::describe(Kind::Histogram, call.into()).into()
}

/// See `describe_timer!` in the core crate.
#[proc_macro]
pub fn describe_timer(call: TokenStream) -> TokenStream {
    expand::describe(Kind::Timer, call.into()).into()
}

/// See `describe_rate!` in the core crate.
#[proc_macro]
pub fn describe_rate(call: TokenStream) -> TokenStream {
    expand::describe(Kind::Rate, call.into()).into()
}

/// See `describe_summary!` in the core crate.
#[proc_macro]
pub fn describe_summary(call: TokenStream) -> TokenStream {
    expand::describe(Kind::Summary, call.into()).into()
}

/// Times every call of a function, with self time, into `function_duration_seconds{function="…"}`.
///
/// It stands on any function that has a body: free functions, methods, associated and nested functions, in
/// impl blocks as well as in traits; on `async`, `unsafe`, `extern` and generic ones; and on whole impl
/// blocks, traits and modules, where it means every function that it could stand on. The label's value is the
/// path, as `crate::module::Type::name`, taken at the first call; type arguments in it are `_`. A call that
/// panics is recorded, too.
///
/// A guard becomes the first statement, and the body stays what it is: neither its drops nor its borrows,
/// its types nor its lints change. Of an `async fn` the guard is within the future: it starts with the
/// first poll, and records the time until the future is done or dropped, as wall time. So it is for a function
/// whose last expression is `async move { … }` or `Box::pin(async move { … })`, which is what
/// `async_trait` makes of a method; what such a function does before that is not timed.
///
/// # Grammar
///
/// ```text
/// #[timed]
/// #[timed(OPTION, …)]
///
/// OPTION   "name"  or  name = "name"    a family of the function's own, in place of
///                                       `function_duration_seconds`, without the label `function`; the
///                                       first line of the doc comment describes it
///          unit = Unit::Milliseconds    the unit of that family, of time; seconds without it
///          description = "…"            its description, in place of the doc comment's first line
///          function = "value"           the label `function`, where the path would not be stable
///          labels("key" => VALUE, …)    further labels, as in `counter!`: literals, or expressions over
///                                       the arguments
///          schema = -4..=8              2^schema buckets for each factor of two; 5 without it
///          buckets = [0.1, 0.3, 1.0]    bounds at which counts are exact, in the unit
///          sample = N                   counts every call, and times one in N
///          in_flight                    counts the calls that have begun and not ended
///          outcome  or  outcome(all)    counts how calls end
///          busy                         of async functions: counts polls, and times them
///          skip                         nothing is recorded: for functions of a block
///          crate = path                 where the `tachograph` crate is, if not at `::tachograph`
/// ```
///
/// # Options
///
/// **`labels`** are evaluated once for each call, before the body: the expressions may use what the arguments
/// bind, and borrow it for no longer than that. Of an async function that is at the call, before its future is
/// polled.
///
/// **`sample = N`** is the way below the price of two clock reads. `function_calls_total{function}` counts every
/// call; of those that a thread's part of the memory counts, the first and then every N-th one is timed, so that the histogram's count is that of
/// the timed calls. Calls that are not timed count as the time of the timed call around them.
///
/// **`in_flight`** is a gauge, `function_in_flight{function}`; it goes back to zero whether a call returns, panics
/// or is a future that is dropped. A call that is in flight when the gauge is reset, or in a child that was forked
/// within it, ends below where the gauge began anew.
///
/// **`outcome`** counts in `function_outcomes_total{function, outcome}`, where `outcome` is `err` for a `Result` that
/// is an `Err`, `ok` for every other value, `panic`, or `cancelled` for a future that is dropped before its end.
/// Together they are the calls that have begun, less those in flight. Only calls that return a value are in the
/// histogram of durations; `outcome(all)` times the others, too. Of a type that is `impl Trait` or a type
/// parameter nothing is known: it is `ok`.
///
/// This option alone changes the body of a function that is not async, which moves into a closure: `#[track_caller]`
/// is refused, as the closure would be its own caller, and what remains of an argument that a pattern
/// takes apart is dropped after all others; the compiler says of no argument then that it is unused. That a trait
/// declares `#[track_caller]` for its methods cannot be seen; the body stays where it is where the standard library
/// does (`index`, `index_mut`), and where an `impl Trait` is returned. Such a call is told to have panicked by the
/// thread, which panics when it ends and did not when it began.
///
/// **`busy`** tells what an async function did from what it waited for: `function_polls_total{function}` counts the
/// polls, and `function_busy_seconds{function}` holds the time inside of them, one sample a call beside the one in
/// the durations. The function then has self time, as functions have that are not async.
///
/// With `outcome`, `busy` or labels known at run time, an `async fn` becomes what the compiler makes of one: a function
/// that returns `impl Future`, into which its arguments move. It is larger by some hundred bytes at most, sent as it
/// was, and drops in the same order; its docs show the function; a closure that it returns as `impl Fn` needs the types of its arguments
/// written out. Where labels are known at run time and an argument is a pattern, where `#[must_use]` stands on it, or
/// another attribute macro comes after this one, such as
/// `tokio::main`, or stands on the block, such as `async_trait`, it stays an `async fn`: its body then becomes a
/// future inside its future, an argument that is dropped before the first wait may be stored twice, and
/// labels are taken at the first poll.
///
/// All of these are labelled with `function`, also where the durations are in a family of their own, and
/// with the `labels`.
///
/// # Blocks
///
/// On an impl block, a trait or a module that stands in the same file, the options are those of all functions
/// in it, nested modules and blocks included. Functions that have a `#[timed]` of their own follow that, also
/// where it stands in a `cfg_attr`, and `#[timed(skip)]` leaves one out. Left as they are: `const` functions, those without a body,
/// and functions in other functions.
///
/// # Errors
///
/// Refused by the compiler, at the token to change: `const fn` and naked functions, a function without a
/// body, what is neither a function nor a block of them; an unknown option, one that is given twice or has no
/// value or one out of range; two names; a name or `function` on a block; an empty `function`; `unit` or
/// `description` of a family that is shared; a unit that is not of time; bounds that do not rise (one outside the range, which a timer's 2^15 seconds end, is found
/// at run time: the registry says so, and the function's durations are dropped); a label
/// that is added anyway; `busy` on a function that is not async; `outcome` beside `#[track_caller]`;
/// labels known at run time for a future that is no `async move`; and all that
/// [`counter!`](macro@counter) refuses in a name or a label. The function stays as it is then, so that
/// one mistake is one error.
///
/// # Examples
///
/// ```
/// use tachograph::timed;
///
/// struct Index;
///
/// impl Index {
///     #[timed(function = "lookup", labels("stage" => "query"))]
///     fn lookup(&self, word: &str) -> Option<usize> {
///         word.find('x')
///     }
/// }
///
/// /// Splits a text into words.
/// #[timed("tokenise_seconds")]
/// fn tokenise(text: &str) -> Vec<&str> {
///     text.split(' ').collect()
/// }
///
/// for word in tokenise("a box of six") {
///     Index.lookup(word);
/// }
///
/// let snapshot = tachograph::registry().snapshot();
/// let lookups = [("function", "lookup"), ("stage", "query")];
/// assert_eq!(snapshot.timer("function_duration_seconds", &lookups).unwrap().count(), 4);
/// assert_eq!(snapshot.timer("tokenise_seconds", &[]).unwrap().count(), 1);
/// ```
///
/// Labels from the arguments, and how calls end:
///
/// ```
/// use std::num::ParseIntError;
/// use tachograph::timed;
///
/// #[timed(function = "read", labels("column" => column), outcome, in_flight)]
/// fn read(column: &str, text: &str) -> Result<u32, ParseIntError> {
///     text.parse()
/// }
///
/// assert!(read("age", "41").is_ok() && read("age", "?").is_err());
///
/// let snapshot = tachograph::registry().snapshot();
/// for outcome in ["ok", "err"] {
///     let labels = [("function", "read"), ("column", "age"), ("outcome", outcome)];
///     assert_eq!(snapshot.counter("function_outcomes_total", &labels), Some(1));
/// }
/// let in_flight = [("function", "read"), ("column", "age")];
/// assert_eq!(snapshot.gauge("function_in_flight", &in_flight), Some(0.0));
/// ```
///
/// All functions of a block but one:
///
/// ```
/// use tachograph::timed;
///
/// pub struct Stack(Vec<u8>);
///
/// #[timed(sample = 100)]
/// impl Stack {
///     pub fn push(&mut self, byte: u8) {
///         self.0.push(byte);
///     }
///
///     #[timed(skip)]
///     pub fn len(&self) -> usize {
///         self.0.len()
///     }
/// }
///
/// let mut stack = Stack(Vec::new());
/// (0..250).for_each(|byte| stack.push(byte));
/// assert_eq!(stack.len(), 250);
///
/// let snapshot = tachograph::registry().snapshot();
/// let all = snapshot.series().iter().filter(|series| series.name().starts_with("function_"));
/// let labels: Vec<_> = all.map(|series| (series.name(), series.labels().get("function"))).collect();
/// # assert_eq!(labels.len(), 2);
/// let pushes = [("function", labels[0].1.unwrap())];
/// assert!(pushes[0].1.ends_with("Stack::push"));
/// assert_eq!(snapshot.counter("function_calls_total", &pushes), Some(250));
/// assert_eq!(snapshot.timer("function_duration_seconds", &pushes).unwrap().count(), 3);
/// ```
///
/// # Expansion
///
/// What is written:
///
/// ```text
/// #[timed]
/// fn parse(line: &str) -> usize {
///     line.len()
/// }
/// ```
///
/// and what it becomes:
///
/// ```text
/// fn parse(line: &str) -> usize {
///     let _guard = {
///         static __SITE: ::tachograph::__private::DistributionSlot =
///             ::tachograph::__private::function(|| ());
///         ::tachograph::__private::timed(&__SITE)
///     };
///     line.len()
/// }
/// ```
///
/// With options that need more:
///
/// ```text
/// #[timed(busy)]
/// async fn load(mut path: PathBuf) -> usize {
///     path.push("rows");
///     read(path).await
/// }
/// ```
///
/// becomes
///
/// ```text
/// fn load(path: PathBuf) -> impl ::core::future::Future<Output = usize> {
///     let parts = {
///         static __SITE: ::tachograph::__private::FunctionSite<0> =
///             ::tachograph::__private::FunctionSite::new(
///                 || ::tachograph::__private::About::function(|| ()).busy(),
///                 []
///             );
///         __SITE.parts([])
///     };
///     #[allow(clippy::async_yields_async)]
///     let future = async move {
///         let mut path = path;
///         {
///             if false {
///                 #[allow(clippy::use_self)]
///                 let value = ::tachograph::__private::never::<usize>();
///                 return value;
///             }
///             path.push("rows");
///             read(path).await
///         }
///     };
///     parts.future().busy().watch(future, |_result| false)
/// }
/// ```
///
/// and
///
/// ```text
/// #[timed(labels("table" => table), outcome)]
/// fn rows(table: &str) -> Result<usize, Error> {
///     Ok(query(table)?.len())
/// }
/// ```
///
/// becomes
///
/// ```text
/// fn rows(table: &str) -> Result<usize, Error> {
///     let parts = {
///         let __handle = match (&(table),) {
///             (__value0,) => {
///                 static __SITE: ::tachograph::__private::FunctionSite<1> =
///                     ::tachograph::__private::FunctionSite::new(
///                         || ::tachograph::__private::About::function(|| ()).outcomes(),
///                         ["table"]
///                     );
///                 __SITE.parts([
///                     ::core::ops::Deref::deref(&::tachograph::__private::LabelValue::text(__value0))
///                 ])
///             }
///         };
///         __handle
///     };
///     let call = parts.call(parts.start());
///     let result = call.run(move || {
///         let _ = (&table,);
///         {
///             if false {
///                 #[allow(clippy::use_self)]
///                 let value = ::tachograph::__private::never::<Result<usize, Error>>();
///                 return value;
///             }
///             Ok(query(table)?.len())
///         }
///     });
///     call.returned({
///         use ::tachograph::__private::Told as _;
///         ::tachograph::__private::Tell(&result).is_err()
///     });
///     result
/// }
/// ```
#[proc_macro_attribute]
pub fn timed(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::timed(arguments.into(), item.into()).into()
}

/// A set of labels whose values are all known before the program runs.
///
/// Each combination of values is a number that takes a few instructions to find, so that a series is found
/// by that number, and neither its labels nor their texts are looked at when something is recorded: that is
/// `counter!("requests_total", ..request)`.
///
/// On an **enum** of unit variants: the values of one label. Such an enum is a set by itself, a field of
/// other sets, and the value of a label in every macro: `counter!("jobs_total", "method" => method)`.
///
/// On a **struct** with named fields: one label for each field, whose type is such an enum, `bool`, or a
/// reference to one of them. It may have parameters.
///
/// # Grammar
///
/// ```text
/// #[label(WORD, …)]         on an enum or a struct
/// #[label("value", other)]  on a variant; either of them
/// #[label("key")]           on a field
///
/// WORD     rename_all = "CASE"   how values, or keys, are made from names; as they are without it
///          key = "key"           of an enum: its key as a set by itself; its name in snake_case without it
///          crate = path          where the `tachograph` crate is, if not at `::tachograph`
/// CASE     lowercase, UPPERCASE, PascalCase, camelCase, snake_case, SCREAMING_SNAKE_CASE, kebab-case or
///          SCREAMING-KEBAB-CASE
/// ```
///
/// The cases are those of serde: a capital letter begins a word. What is given in quotes stays as it is.
///
/// **`other`** on a variant implements `FromStr` for the enum: the text of each variant becomes that variant, and
/// every other text the one with `other`. It cannot fail, so `let Ok(method) = text.parse();` is enough.
///
/// # Errors
///
/// Refused by the compiler, at the token to change: a tuple struct, a union, a variant with fields, an item
/// with neither variants nor fields; two variants of the same value, two fields of the same key; a key that
/// is empty, has control characters or is longer than 512 bytes; a value longer than 4096 bytes; more than
/// 64 fields; `other` on two variants; an unknown word, or one that is given twice. Also a field that is no
/// label, such as an `Option`, and more than 16,384 combinations; those of a struct with parameters are
/// counted where it is used.
///
/// # Examples
///
/// ```
/// use tachograph::{LabelSet, counter};
///
/// #[derive(LabelSet, Clone, Copy, Debug, PartialEq)]
/// #[label(rename_all = "UPPERCASE")]
/// enum Method {
///     Get,
///     Post,
///     #[label("other", other)]
///     Unknown,
/// }
///
/// #[derive(LabelSet)]
/// struct Request {
///     method: Method,
///     #[label("from_cache")]
///     cached: bool,
/// }
///
/// const _: () = assert!(Method::SERIES == 3);
/// const _: () = assert!(Request::SERIES == 6);
///
/// let methods = ["GET", "BREW"].map(|text| {
///     let Ok(method) = text.parse::<Method>();
///     method
/// });
/// assert_eq!(methods, [Method::Get, Method::Unknown]);
///
/// counter!("requests_total", ..Request { method: methods[1], cached: true }).increment(1);
/// counter!("methods_total", "method" => methods[0]).increment(1);
///
/// let snapshot = tachograph::registry().snapshot();
/// let labels = [("method", "other"), ("from_cache", "true")];
/// assert_eq!(snapshot.counter("requests_total", &labels), Some(1));
/// assert_eq!(snapshot.counter("methods_total", &[("method", "GET")]), Some(1));
/// ```
///
/// # Expansion
///
/// What is written:
///
/// ```text
/// #[derive(LabelSet)]
/// struct Request {
///     method: Method,
///     cached: bool,
/// }
/// ```
///
/// and what is added to it:
///
/// ```text
/// #[automatically_derived]
/// impl ::tachograph::__private::LabelSet for Request {
///     const SERIES: usize = ::tachograph::__private::series(
///         <Self as ::tachograph::__private::LabelSet>::FIELDS
///     );
///     const FIELDS: &'static [::tachograph::__private::LabelField] = ::tachograph::__private::fields!(
///         2;
///         ::tachograph::__private::LabelField {
///             key: "method",
///             values: <Method as ::tachograph::__private::LabelVariants>::VALUES
///         },
///         ::tachograph::__private::LabelField {
///             key: "cached",
///             values: <bool as ::tachograph::__private::LabelVariants>::VALUES
///         }
///     );
///
///     #[inline]
///     fn index(&self) -> usize {
///         let index = 0;
///         let index = <Method as ::tachograph::__private::LabelVariants>::after(&self.method, index);
///         let index = <bool as ::tachograph::__private::LabelVariants>::after(&self.cached, index);
///         index
///     }
/// }
/// const _: usize = <Request as ::tachograph::__private::LabelSet>::SERIES;
/// ```
///
/// An enum is more:
///
/// ```text
/// #[derive(LabelSet)]
/// #[label(rename_all = "UPPERCASE")]
/// enum Method {
///     Get,
///     #[label("other", other)]
///     Unknown,
/// }
/// ```
///
/// to which is added
///
/// ```text
/// #[automatically_derived]
/// impl ::tachograph::__private::LabelVariants for Method {
///     const VALUES: &'static [&'static str] = &["GET", "other"];
///
///     #[inline]
///     fn place(&self) -> usize {
///         match self {
///             Self::Get => 0,
///             Self::Unknown => 1
///         }
///     }
/// }
/// #[automatically_derived]
/// impl ::tachograph::__private::LabelValue for Method {
///     type Text<'a> = &'static str where Self: 'a;
///
///     #[inline]
///     fn text(&self) -> &'static str {
///         match self {
///             Self::Get => "GET",
///             Self::Unknown => "other"
///         }
///     }
/// }
/// #[automatically_derived]
/// impl ::tachograph::__private::LabelSet for Method {
///     const SERIES: usize = ::tachograph::__private::series(
///         <Self as ::tachograph::__private::LabelSet>::FIELDS
///     );
///     const FIELDS: &'static [::tachograph::__private::LabelField] = ::tachograph::__private::fields!(
///         1;
///         ::tachograph::__private::LabelField {
///             key: "method",
///             values: <Method as ::tachograph::__private::LabelVariants>::VALUES
///         }
///     );
///
///     #[inline]
///     fn index(&self) -> usize {
///         <Method as ::tachograph::__private::LabelVariants>::place(self)
///     }
/// }
/// #[automatically_derived]
/// impl ::core::str::FromStr for Method {
///     type Err = ::core::convert::Infallible;
///
///     fn from_str(text: &str) -> ::core::result::Result<Self, ::core::convert::Infallible> {
///         ::core::result::Result::Ok(match text {
///             "GET" => Self::Get,
///             _ => Self::Unknown
///         })
///     }
/// }
/// const _: usize = <Method as ::tachograph::__private::LabelSet>::SERIES;
/// ```
#[proc_macro_derive(LabelSet, attributes(label))]
pub fn label_set(item: TokenStream) -> TokenStream {
    expand::label_set(item.into()).into()
}
