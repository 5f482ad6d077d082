//! The macros that say what a metric is.

/// Says what a counter is: `describe_counter!(NAME, "text")`, or with its unit between the two.
///
/// Name and text are anything that is `AsRef<str>`. It may be said before the metric exists, or
/// afterwards; the first description and the first unit of a name win, and others are noted as a
/// [lint](crate::Registry::lints). [`describe_gauge!`](crate::describe_gauge),
/// [`describe_histogram!`](crate::describe_histogram), [`describe_timer!`](crate::describe_timer),
/// [`describe_rate!`](crate::describe_rate) and [`describe_summary!`](crate::describe_summary) do the same for
/// other kinds.
///
/// # Errors
///
/// Refused by the compiler, at the token to change: a literal name that breaks the rules of
/// [`counter!`](crate::counter), labels, a text that is missing.
///
/// # Examples
///
/// ```
/// use tachograph::{Unit, counter, describe_counter};
///
/// describe_counter!("sent_bytes_total", Unit::Bytes, "What was sent.");
/// counter!("sent_bytes_total").increment(512);
///
/// let snapshot = tachograph::registry().snapshot();
/// let sent = snapshot.series().iter().find(|series| series.name() == "sent_bytes_total").unwrap();
/// assert_eq!((sent.unit(), sent.description()), (Some(Unit::Bytes), Some("What was sent.")));
/// ```
///
/// # Expansion
///
/// What is written:
///
/// ```text
/// describe_counter!("sent_bytes_total", Unit::Bytes, "What was sent.")
/// ```
///
/// and what it becomes, where `::tachograph` is this crate:
///
/// ```text
/// {
///     ::tachograph::__private::describe(
///         ::tachograph::__private::Kind::Counter,
///         "sent_bytes_total",
///         ::core::option::Option::Some(Unit::Bytes),
///         ::core::convert::AsRef::<str>::as_ref(&("What was sent."))
///     );
/// }
/// ```
#[macro_export]
macro_rules! describe_counter {
    ($($call:tt)*) => { $crate::__private::macros::describe_counter!(@ $crate; $($call)*) };
}

/// Says what a gauge is: see [`describe_counter!`](crate::describe_counter).
///
/// # Examples
///
/// ```
/// tachograph::describe_gauge!("queue_depth", "Jobs that wait.");
/// ```
#[macro_export]
macro_rules! describe_gauge {
    ($($call:tt)*) => { $crate::__private::macros::describe_gauge!(@ $crate; $($call)*) };
}

/// Says what a histogram is: see [`describe_counter!`](crate::describe_counter).
///
/// # Examples
///
/// ```
/// tachograph::describe_histogram!("line_bytes", tachograph::Unit::Bytes, "How long lines are.");
/// ```
#[macro_export]
macro_rules! describe_histogram {
    ($($call:tt)*) => { $crate::__private::macros::describe_histogram!(@ $crate; $($call)*) };
}

/// Says what a timer is: see [`describe_counter!`](crate::describe_counter). A unit of time that is said
/// before the timer is registered is the one that it is recorded in.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tachograph::{Unit, describe_timer, timer};
///
/// describe_timer!("query_milliseconds", Unit::Milliseconds, "How long queries take.");
/// timer!("query_milliseconds").record(Duration::from_secs(2));
///
/// let snapshot = tachograph::registry().snapshot();
/// let queries = snapshot.timer("query_milliseconds", &[]).unwrap();
/// assert!((queries.histogram().sum() - 2_000.0).abs() < 1e-3);
/// ```
#[macro_export]
macro_rules! describe_timer {
    ($($call:tt)*) => { $crate::__private::macros::describe_timer!(@ $crate; $($call)*) };
}

/// Says what a rate is: see [`describe_counter!`](crate::describe_counter).
///
/// # Examples
///
/// ```
/// tachograph::describe_rate!("jobs", "Jobs that were done.");
/// ```
#[macro_export]
macro_rules! describe_rate {
    ($($call:tt)*) => { $crate::__private::macros::describe_rate!(@ $crate; $($call)*) };
}

/// Says what a summary is: see [`describe_counter!`](crate::describe_counter).
///
/// # Examples
///
/// ```
/// tachograph::describe_summary!("order_euros", "What was ordered.");
/// ```
#[macro_export]
macro_rules! describe_summary {
    ($($call:tt)*) => { $crate::__private::macros::describe_summary!(@ $crate; $($call)*) };
}
