//! The macros that people call. Each writes the way to this crate before what was written, and leaves
//! the rest to its namesake among the procedural macros: so they work whatever a program calls this
//! crate, and from inside of other macros.

mod describe;

/// The counter of this name and these labels: a `u64` that only grows.
///
/// `counter!(NAME, "key" => VALUE, …)` is an expression of type [`Counter`](crate::Counter), a small `Copy`
/// handle. With a literal name and literal labels it is resolved at the first call, and is free
/// afterwards. What is known at run time is looked up at each call, in a table without locks.
///
/// # Grammar
///
/// Names, labels and options are separated by commas, and one more may stand at the end. The name is the
/// first argument that is neither a label nor an option; options may stand anywhere.
///
/// ```text
/// name     "literal"               resolved once
///          expression              anything that is `AsRef<str>`: constants, `String`, `format!(…)`,
///                                  `Arc<str>`, `Cow<str>`; compared at each call
///
/// labels   "key" => "literal"      also an integer, a bool or a char; resolved with the name
///          "key" => expression     text of every kind and lifetime, integers, bool, char, enums that
///                                  derive `LabelSet`
///          "key" => %expression    anything that is `Display`
///          expression => …         a key that is `AsRef<str>`
///
///          expression              instead of single labels, all of them: what can be iterated and gives
///                                  pairs, references to pairs or `Label`s, such as `&[("key", value)]`,
///                                  `&vec`, `&hash_map`, `&btree_map`, a `Vec<Label>` or an iterator
///
///          ..expression            labels of a type that derives `LabelSet`: found by their place, and
///                                  all of them exist, at zero, from the first use on. Literal labels may
///                                  stand beside it
///
/// option   description: text       the first description of a name wins
///          unit: Unit::Bytes       so does the first unit
///          schema: -4..=8          of histograms, timers, summaries: 2^schema buckets for each factor of two
///          buckets: [0.1, 0.3, 1]  of histograms, timers, summaries: bounds at which counts are exact
///          target: "part"          for calls that were written for the `metrics` crate: checked, and not
///          level: Level::DEBUG     used
///          crate: path             where the `tachograph` crate is, if not where the macro comes from
/// ```
///
/// An option may also be written with `=`. The expressions are evaluated once for each call, in the order
/// of names and labels, in the scope of the caller; a description or a unit that is no literal, beside a
/// literal name, is evaluated until it was said.
///
/// # Limits
///
/// Series whose labels are known only at run time are at most 2,000 for each name, which
/// [`Init::max_series`](crate::Init::max_series) changes. Beyond that there is one series, labelled
/// `otel_metric_overflow="true"`. Series of literal labels and of sets are bounded by the program, and do
/// not count.
///
/// Names that are known only at run time are at most 10,000, those of [`Registry`](crate::Registry)'s methods
/// included: a name that differs from call to call belongs into a label. What is recorded beyond them is dropped
/// and counted (`no_room`), and a lint says so.
///
/// # Errors
///
/// Refused by the compiler, at the token to change, all mistakes of a call together: a name or key that is empty, has control characters
/// or is longer than 512 bytes, a literal value longer than 4096 bytes, a label that is given twice or
/// has no value, more than 64 labels, labels of more than one of the forms above, an unknown option, an
/// option that is given twice or has no value or one out of range. What is found wrong at run time is a
/// [lint](crate::Registry::lints), and what is recorded to it is dropped and counted.
///
/// # Examples
///
/// ```
/// use tachograph::{Unit, counter};
///
/// for extension in ["rs", "md", "rs"] {
///     counter!("files_total").increment(1);
///     counter!("files_by_extension_total", "extension" => extension, "tool" => "index").increment(1);
///     counter!(
///         description: "What was read.", unit: Unit::Bytes, "read_bytes_total",
///         &[("extension", extension)],
///     )
///     .increment(512);
/// }
///
/// let snapshot = tachograph::registry().snapshot();
/// assert_eq!(snapshot.counter("files_total", &[]), Some(3));
/// let labels = [("extension", "rs"), ("tool", "index")];
/// assert_eq!(snapshot.counter("files_by_extension_total", &labels), Some(2));
/// assert_eq!(snapshot.counter("read_bytes_total", &[("extension", "md")]), Some(512));
/// ```
///
/// Labels of which all values are known:
///
/// ```
/// use tachograph::{LabelSet, counter};
///
/// #[derive(LabelSet)]
/// #[label(rename_all = "UPPERCASE")]
/// enum Method {
///     Get,
///     Put,
/// }
///
/// #[derive(LabelSet)]
/// enum Status {
///     #[label("2xx")]
///     Success,
///     #[label("5xx")]
///     Failure,
/// }
///
/// #[derive(LabelSet)]
/// struct Request {
///     method: Method,
///     status: Status,
/// }
///
/// const _: () = assert!(Request::SERIES == 4);
/// let request = Request { method: Method::Get, status: Status::Success };
/// counter!("http_requests_total", ..request).increment(1);
///
/// let snapshot = tachograph::registry().snapshot();
/// let of = |method, status| {
///     snapshot.counter("http_requests_total", &[("method", method), ("status", status)])
/// };
/// assert_eq!((of("GET", "2xx"), of("PUT", "5xx")), (Some(1), Some(0)));
/// ```
///
/// A name from an expression, a value that is shown by its `Display`, and labels that are put together
/// before:
///
/// ```
/// use tachograph::{Label, counter};
///
/// let (stage, version) = ("parse", std::num::NonZeroU8::MIN);
/// counter!(format!("{stage}_total"), "version" => %version).increment(2);
/// counter!("stages_total", vec![Label::new("stage", stage)]).increment(1);
///
/// let snapshot = tachograph::registry().snapshot();
/// assert_eq!(snapshot.counter("parse_total", &[("version", "1")]), Some(2));
/// assert_eq!(snapshot.counter("stages_total", &[("stage", "parse")]), Some(1));
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
/// and what it becomes, where `::tachograph` is this crate:
///
/// ```text
/// {
///     static __SITE: ::tachograph::__private::CellSlot = ::tachograph::__private::CellSlot::deferred(
///         || ::tachograph::__private::literal(
///             ::tachograph::__private::Kind::Counter,
///             "files_total",
///             &[("tool", "index")]
///         )
///     );
///     ::tachograph::__private::counter(&__SITE)
/// }
/// ```
#[macro_export]
macro_rules! counter {
    ($($call:tt)*) => { $crate::__private::macros::counter!(@ $crate; $($call)*) };
}

/// The gauge of this name and these labels: an `f64` that goes up and down.
///
/// `gauge!(NAME, "key" => VALUE, …)` is an expression of type [`Gauge`](crate::Gauge). All that is said of
/// [`counter!`](crate::counter) holds here: the grammar, the cost, what is refused.
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
/// and what it becomes, where `::tachograph` is this crate:
///
/// ```text
/// {
///     let __handle = match (&(shard),) {
///         (__value0,) => {
///             static __SITE: ::tachograph::__private::Family<1> = ::tachograph::__private::Family::new(
///                 ::tachograph::__private::Kind::Gauge,
///                 "queue_depth",
///                 &[],
///                 ["shard"]
///             );
///             __SITE.find([
///                 ::core::ops::Deref::deref(&::tachograph::__private::LabelValue::text(__value0))
///             ])
///             .gauge()
///         }
///     };
///     __handle
/// }
/// ```
#[macro_export]
macro_rules! gauge {
    ($($call:tt)*) => { $crate::__private::macros::gauge!(@ $crate; $($call)*) };
}

/// The histogram of this name and these labels: a distribution of `f64` values.
///
/// `histogram!(NAME, "key" => VALUE, …)` is an expression of type [`Histogram`](crate::Histogram). All that
/// is said of [`counter!`](crate::counter) holds here: the grammar, the cost, what is refused.
///
/// # Examples
///
/// ```
/// use tachograph::{Unit, histogram};
///
/// for line in ["one", "three"] {
///     histogram!("line_bytes", unit: Unit::Bytes, buckets: [4, 80]).record(line.len());
/// }
///
/// let snapshot = tachograph::registry().snapshot();
/// let lines = snapshot.histogram("line_bytes", &[]).unwrap();
/// assert_eq!((lines.count(), lines.sum(), lines.count_at_most(4.0)), (2, 8.0, 1));
/// ```
///
/// # Expansion
///
/// What is written:
///
/// ```text
/// histogram!(name, unit: Unit::Bytes)
/// ```
///
/// and what it becomes, where `::tachograph` is this crate:
///
/// ```text
/// {
///     let __handle = match (&(name),) {
///         (__name,) => {
///             static __SITE: ::tachograph::__private::DynamicSite =
///                 ::tachograph::__private::DynamicSite::saying(
///                     ::tachograph::__private::Kind::Histogram,
///                     ::tachograph::__private::Said::new().unit(Unit::Bytes)
///                 );
///             __SITE.find(::core::convert::AsRef::<str>::as_ref(__name), &[]).histogram()
///         }
///     };
///     __handle
/// }
/// ```
#[macro_export]
macro_rules! histogram {
    ($($call:tt)*) => { $crate::__private::macros::histogram!(@ $crate; $($call)*) };
}

/// The timer of this name and these labels: a distribution of durations, with total and self time.
///
/// `timer!(NAME, "key" => VALUE, …)` is an expression of type [`Timer`](crate::Timer). All that is said of
/// [`counter!`](crate::counter) holds here: the grammar, the cost, what is refused; a `unit` has to be one of
/// time. To time whole functions see [`#[timed]`](macro@crate::timed); this macro is for parts of them.
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
/// timer!("query_seconds", ..query)
/// ```
///
/// and what it becomes, where `::tachograph` is this crate:
///
/// ```text
/// {
///     let __handle = match (&(query),) {
///         (__set,) => {
///             static __SITE: ::tachograph::__private::SetSite = ::tachograph::__private::SetSite::new(
///                 ::tachograph::__private::Kind::Timer,
///                 "query_seconds",
///                 &[]
///             );
///             __SITE.find(__set).timer()
///         }
///     };
///     __handle
/// }
/// ```
#[macro_export]
macro_rules! timer {
    ($($call:tt)*) => { $crate::__private::macros::timer!(@ $crate; $($call)*) };
}

/// The rate of this name and these labels: a `u64` that only grows, and is read by how fast it does.
///
/// `rate!(NAME, "key" => VALUE, …)` is an expression of type [`Rate`](crate::Rate). All that is said of
/// [`counter!`](crate::counter) holds here: the grammar, the cost, what is refused. In the formats of Prometheus it is a counter.
///
/// # Examples
///
/// ```
/// use tachograph::rate;
///
/// for queue in ["mail", "print", "mail"] {
///     rate!("jobs", "queue" => queue).increment(1);
/// }
///
/// let snapshot = tachograph::registry().snapshot();
/// assert_eq!(snapshot.rate_total("jobs", &[("queue", "mail")]), Some(2));
/// assert!(snapshot.rate_per_second("jobs", &[("queue", "mail")]).unwrap() > 0.0);
/// ```
///
/// # Expansion
///
/// What is written:
///
/// ```text
/// rate!("jobs")
/// ```
///
/// and what it becomes, where `::tachograph` is this crate:
///
/// ```text
/// {
///     static __SITE: ::tachograph::__private::CellSlot = ::tachograph::__private::CellSlot::deferred(
///         || ::tachograph::__private::literal(::tachograph::__private::Kind::Rate, "jobs", &[])
///     );
///     ::tachograph::__private::rate(&__SITE)
/// }
/// ```
#[macro_export]
macro_rules! rate {
    ($($call:tt)*) => { $crate::__private::macros::rate!(@ $crate; $($call)*) };
}

/// The summary of this name and these labels: a distribution of values that also keeps the last of them as they are.
///
/// `summary!(NAME, "key" => VALUE, …)` is an expression of type [`Summary`](crate::Summary). All that is said of
/// [`counter!`](crate::counter) holds here, the grammar and what is refused, but not the cost: this is the slow kind. It
/// takes what [`histogram!`](crate::histogram) takes besides.
///
/// # Examples
///
/// ```
/// use tachograph::{Sample, summary};
///
/// for (order, euros) in [(17, 19.95), (18, 7.5)] {
///     summary!("order_euros").record_sample(Sample::new(euros).metadata("order", order));
/// }
///
/// let snapshot = tachograph::registry().snapshot();
/// let orders = snapshot.summary("order_euros", &[]).unwrap();
/// assert_eq!((orders.count(), orders.kept()), (2, &[19.95, 7.5][..]));
/// ```
///
/// # Expansion
///
/// What is written:
///
/// ```text
/// summary!("order_euros")
/// ```
///
/// and what it becomes, where `::tachograph` is this crate:
///
/// ```text
/// {
///     static __SITE: ::tachograph::__private::DistributionSlot =
///         ::tachograph::__private::DistributionSlot::deferred(
///             || ::tachograph::__private::literal(
///                 ::tachograph::__private::Kind::Summary,
///                 "order_euros",
///                 &[]
///             )
///         );
///     ::tachograph::__private::summary(&__SITE)
/// }
/// ```
#[macro_export]
macro_rules! summary {
    ($($call:tt)*) => { $crate::__private::macros::summary!(@ $crate; $($call)*) };
}
