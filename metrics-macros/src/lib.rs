//! The macros of the `tachograph` crate, which re-exports them: use them from there.
//!
//! [`counter!`], [`gauge!`], [`histogram!`] and [`timer!`] give a handle for the place where they stand;
//! [`#[timed]`](macro@timed) times a function. This crate holds no more than these entry points: what a
//! user wrote is read by `parse`, checked by `model`, and turned into code by `expand`. It knows the
//! paths of the recorder, and nothing about recording.
//!
//! # Grammar
//!
//! The call macros take a name, labels and options, separated by commas:
//!
//! ```text
//! name     "literal"             resolved once, at the first call
//!          expression            anything that is `AsRef<str>`, compared at each call
//! label    "key" => "literal"    also an integer, a bool or a char; resolved with the name
//!          "key" => expression   strings of every kind, integers, bool, char
//!          "key" => %expression  anything that is `Display`
//! option   crate = path          where the `tachograph` crate is, if not at `::tachograph`;
//!                                `crate: path` says the same
//! ```
//!
//! The name is the first argument that is no option. Options may stand anywhere. The expressions are
//! evaluated once for each call, in the order of writing, in the scope of the caller.

mod expand;
mod kind;
mod model;
mod parse;
mod refusals;

use proc_macro::TokenStream;

use crate::kind::Kind;

/// The counter of this name and these labels: a `u64` that only grows.
///
/// `counter!(NAME, "key" => VALUE, …)` is an expression of type `Counter`, a small `Copy` handle. With a
/// literal name and literal labels it is resolved at the first call, and is free afterwards. Labels that
/// are known at run time are looked up at each call, in a table of the names and keys that stand here.
/// See the [grammar](crate#grammar) for all that may be written.
///
/// # Errors
///
/// Refused by the compiler, at the token to change: a name or key that is empty, has control characters
/// or is longer than 512 bytes, a literal value longer than 4096 bytes, a label that is given twice or
/// has no value, more than 64 labels, an unknown option, an option that is given twice.
///
/// # Examples
///
/// ```
/// use tachograph::counter;
///
/// for extension in ["rs", "md", "rs"] {
///     counter!("files_total").increment(1);
///     counter!("files_by_extension_total", "extension" => extension, "tool" => "index").increment(1);
/// }
///
/// let snapshot = tachograph::registry().snapshot();
/// assert_eq!(snapshot.counter("files_total", &[]), Some(3));
/// let labels = [("extension", "rs"), ("tool", "index")];
/// assert_eq!(snapshot.counter("files_by_extension_total", &labels), Some(2));
/// ```
///
/// A name from an expression, a value that is shown by its `Display`, and the crate under another path:
///
/// ```
/// mod toolkit {
///     pub use tachograph;
/// }
/// use tachograph::counter;
///
/// let (stage, version) = ("parse", std::num::NonZeroU8::MIN);
/// let name = format!("{stage}_total");
/// counter!(name, "version" => %version, crate = toolkit::tachograph).increment(2);
///
/// let snapshot = tachograph::registry().snapshot();
/// assert_eq!(snapshot.counter("parse_total", &[("version", "1")]), Some(2));
/// ```
///
/// # Expansion
///
/// What is written:
///
/// ```text
/// counter!("files_total", "tool" => "index")
/// ```
///
/// and what it becomes:
///
/// ```text
/// {
///     static SITE: ::tachograph::__private::Site = ::tachograph::__private::Site::new(
///         ::tachograph::__private::Kind::Counter,
///         "files_total",
///         &[("tool", "index")],
///         ::tachograph::__private::Place::new(::core::file!(), ::core::line!())
///     );
///     static SLOT: ::tachograph::__private::CellSlot =
///         ::tachograph::__private::CellSlot::deferred(&SITE);
///     ::tachograph::__private::counter(&SLOT)
/// }
/// ```
#[proc_macro]
pub fn counter(call: TokenStream) -> TokenStream {
    expand::call(Kind::Counter, call.into()).into()
}

/// The gauge of this name and these labels: an `f64` that goes up and down.
///
/// `gauge!(NAME, "key" => VALUE, …)` is an expression of type `Gauge`. All that is said of
/// [`counter!`](macro@counter) holds here: the [grammar](crate#grammar), the cost, what is refused.
///
/// # Examples
///
/// ```
/// use tachograph::gauge;
///
/// for shard in 0..2_u32 {
///     gauge!("queue_depth", "shard" => shard).set(f64::from(shard) + 0.5);
/// }
///
/// let snapshot = tachograph::registry().snapshot();
/// assert_eq!(snapshot.gauge("queue_depth", &[("shard", "1")]), Some(1.5));
/// ```
///
/// # Expansion
///
/// What is written:
///
/// ```text
/// gauge!("queue_depth", "shard" => shard)
/// ```
///
/// and what it becomes:
///
/// ```text
/// {
///     let handle = match (&(shard),) {
///         (value0,) => {
///             static FAMILY: ::tachograph::__private::Family<1> = ::tachograph::__private::Family::new(
///                 ::tachograph::__private::Kind::Gauge,
///                 "queue_depth",
///                 &[],
///                 ["shard"],
///                 ::tachograph::__private::Place::new(::core::file!(), ::core::line!())
///             );
///             ::tachograph::__private::gauge_of(
///                 &FAMILY,
///                 [::core::ops::Deref::deref(&::tachograph::__private::LabelValue::text(value0))]
///             )
///         }
///     };
///     handle
/// }
/// ```
#[proc_macro]
pub fn gauge(call: TokenStream) -> TokenStream {
    expand::call(Kind::Gauge, call.into()).into()
}

/// The histogram of this name and these labels: a distribution of `f64` values.
///
/// `histogram!(NAME, "key" => VALUE, …)` is an expression of type `Histogram`. All that is said of
/// [`counter!`](macro@counter) holds here: the [grammar](crate#grammar), the cost, what is refused.
///
/// # Examples
///
/// ```
/// use tachograph::histogram;
///
/// for line in ["one", "three"] {
///     histogram!("line_bytes").record(line.len() as f64);
/// }
///
/// let snapshot = tachograph::registry().snapshot();
/// let lines = snapshot.histogram("line_bytes", &[]).unwrap();
/// assert_eq!((lines.count(), lines.sum()), (2, 8.0));
/// ```
///
/// # Expansion
///
/// What is written:
///
/// ```text
/// histogram!(name)
/// ```
///
/// and what it becomes:
///
/// ```text
/// {
///     let handle = match (&(name),) {
///         (name,) => {
///             static CACHE: ::tachograph::__private::NameCache = ::tachograph::__private::NameCache::new(
///                 ::tachograph::__private::Kind::Histogram,
///                 ::tachograph::__private::Place::new(::core::file!(), ::core::line!())
///             );
///             ::tachograph::__private::histogram_named(
///                 &CACHE,
///                 ::core::convert::AsRef::<str>::as_ref(name),
///                 &[]
///             )
///         }
///     };
///     handle
/// }
/// ```
#[proc_macro]
pub fn histogram(call: TokenStream) -> TokenStream {
    expand::call(Kind::Histogram, call.into()).into()
}

/// The timer of this name and these labels: a distribution of durations, with total and self time.
///
/// `timer!(NAME, "key" => VALUE, …)` is an expression of type `Timer`. All that is said of
/// [`counter!`](macro@counter) holds here: the [grammar](crate#grammar), the cost, what is refused. To
/// time whole functions see [`#[timed]`](macro@timed); this macro is for parts of them, and for labels
/// that are known at run time.
///
/// # Examples
///
/// ```
/// use tachograph::timer;
///
/// fn rows(table: &str) -> usize {
///     let _running = timer!("query_seconds", "table" => table).start();
///     table.len()
/// }
///
/// assert_eq!(rows("users") + timer!("parse_seconds").time(|| 2), 7);
///
/// let snapshot = tachograph::registry().snapshot();
/// assert_eq!(snapshot.timer("query_seconds", &[("table", "users")]).unwrap().count(), 1);
/// assert_eq!(snapshot.timer("parse_seconds", &[]).unwrap().count(), 1);
/// ```
///
/// # Expansion
///
/// What is written:
///
/// ```text
/// timer!("parse_seconds")
/// ```
///
/// and what it becomes:
///
/// ```text
/// {
///     static SITE: ::tachograph::__private::Site = ::tachograph::__private::Site::new(
///         ::tachograph::__private::Kind::Timer,
///         "parse_seconds",
///         &[],
///         ::tachograph::__private::Place::new(::core::file!(), ::core::line!())
///     );
///     static SLOT: ::tachograph::__private::DistributionSlot =
///         ::tachograph::__private::DistributionSlot::deferred(&SITE);
///     ::tachograph::__private::timer(&SLOT)
/// }
/// ```
#[proc_macro]
pub fn timer(call: TokenStream) -> TokenStream {
    expand::call(Kind::Timer, call.into()).into()
}

/// Times every call of a function, with self time, into `function_duration_seconds{function="…"}`.
///
/// It stands on free functions, methods and associated functions, in impl blocks as well as on trait
/// methods that have a body; on `async`, `unsafe`, `extern` and generic ones. The label's value is the
/// path, as `crate::module::Type::name`, taken at the first call. A call that panics is recorded, too.
///
/// A guard becomes the first statement, and the body stays what it is: neither its drops nor its borrows,
/// its types nor its lints change. Of an `async fn` the guard is within the future: it starts with the
/// first poll, and records the time until the future is done or dropped, as wall time.
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
///          function = "value"           the label `function`, where the path would not be stable
///          labels("key" => LITERAL, …)  further labels; for values known at run time use `timer!`
///          crate = path                 where the `tachograph` crate is, if not at `::tachograph`
/// ```
///
/// # Errors
///
/// Refused by the compiler, at the token to change: `const fn` and naked functions, a function without a
/// body, what is no function; an unknown option, one that is given twice or has no value; two names; an
/// empty `function`; a label value that is no literal; a label `function` beside the one that is added;
/// and all that [`counter!`](macro@counter) refuses in a name or a label. The function stays as it is
/// then, so that one mistake is one error.
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
///         fn here() {}
///         fn path() -> &'static str {
///             ::tachograph::__private::type_path(&here)
///         }
///         static SITE: ::tachograph::__private::Site = ::tachograph::__private::Site::new(
///             ::tachograph::__private::Kind::Timer,
///             "function_duration_seconds",
///             &[],
///             ::tachograph::__private::Place::new(::core::file!(), ::core::line!())
///         )
///         .function_path(path);
///         static SLOT: ::tachograph::__private::DistributionSlot =
///             ::tachograph::__private::DistributionSlot::deferred(&SITE);
///         ::tachograph::__private::timed(&SLOT)
///     };
///     line.len()
/// }
/// ```
#[proc_macro_attribute]
pub fn timed(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::timed(arguments.into(), item.into()).into()
}
