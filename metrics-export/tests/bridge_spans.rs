//! Spans are timed, whatever is done with them.

#![cfg(feature = "tracing")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::Duration;

use tachograph::{Registry, Unit};
use tachograph_export::SpanLayer;
use tracing::subscriber::with_default;
use tracing::{Instrument, Level, Subscriber, info_span, trace_span};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

const DURATION: &str = "span_duration_seconds";
const BUSY: &str = "span_busy_seconds";

fn count_of(registry: &Registry, name: &str, span: &str) -> Option<u64> {
    registry.snapshot().timer(name, &[("span", span)]).map(|timer| timer.count())
}

fn total_of(registry: &Registry, name: &str, span: &str) -> Duration {
    registry.snapshot().timer(name, &[("span", span)]).unwrap().total()
}

fn with_layer(layer: SpanLayer, work: impl FnOnce()) {
    with_default(tracing_subscriber::registry().with(layer), work);
}

#[test]
fn a_span_is_recorded_once_when_it_closes() {
    let registry = Registry::new();
    with_layer(SpanLayer::of(&registry), || {
        for _ in 0..10 {
            let span = info_span!("load", path = "ignored");
            span.in_scope(|| ());
            span.in_scope(|| ());
            let clone = span.clone();
            drop(span);
            let before = count_of(&registry, DURATION, "load").unwrap_or(0);
            drop(clone);
            assert_eq!(count_of(&registry, DURATION, "load"), Some(before + 1));
        }
    });
    assert_eq!(count_of(&registry, DURATION, "load"), Some(10));
    assert_eq!(count_of(&registry, BUSY, "load"), None);
    let snapshot = registry.snapshot();
    let series = snapshot.series().iter().find(|series| series.name() == DURATION).unwrap();
    assert_eq!(series.unit(), Some(Unit::Seconds));
}

#[test]
fn a_duration_holds_that_of_its_children_and_the_time_in_between() {
    let registry = Registry::new();
    with_layer(SpanLayer::of(&registry).busy(true), || {
        let outer = info_span!("outer");
        outer.in_scope(|| {
            let inner = info_span!("inner");
            // A child that lives longer keeps its parent open.
            drop(outer.clone());
            thread::scope(|scope| {
                scope.spawn(|| inner.in_scope(thread::yield_now));
            });
        });
    });
    for name in [DURATION, BUSY] {
        assert!(total_of(&registry, name, "outer") >= total_of(&registry, name, "inner"));
    }
    for span in ["outer", "inner"] {
        assert!(total_of(&registry, DURATION, span) >= total_of(&registry, BUSY, span));
    }
}

#[test]
fn a_parent_closes_after_its_children() {
    let registry = Registry::new();
    with_layer(SpanLayer::of(&registry), || {
        let parent = info_span!("parent");
        let child = info_span!(parent: &parent, "child");
        drop(parent);
        assert_eq!(count_of(&registry, DURATION, "parent"), Some(0));
        drop(child);
        assert_eq!(count_of(&registry, DURATION, "parent"), Some(1));
    });
}

#[test]
fn time_that_threads_are_in_a_span_at_once_adds_up() {
    let registry = Registry::new();
    with_layer(SpanLayer::of(&registry).busy(true), || {
        let span = info_span!("shared");
        let dispatch = tracing::dispatcher::get_default(Clone::clone);
        thread::scope(|scope| {
            for _ in 0..4 {
                let (span, dispatch) = (&span, &dispatch);
                scope.spawn(move || {
                    tracing::dispatcher::with_default(dispatch, || {
                        for _ in 0..500 {
                            span.in_scope(|| span.in_scope(|| ()));
                        }
                    });
                });
            }
        });
    });
    assert_eq!(count_of(&registry, DURATION, "shared"), Some(1));
    assert_eq!(count_of(&registry, BUSY, "shared"), Some(1));
}

#[test]
fn a_span_that_was_never_entered_was_never_busy() {
    let registry = Registry::new();
    with_layer(SpanLayer::of(&registry).busy(true), || drop(info_span!("idle")));
    assert_eq!(count_of(&registry, BUSY, "idle"), Some(1));
    assert_eq!(total_of(&registry, BUSY, "idle"), Duration::ZERO);
}

#[test]
fn spans_follow_their_futures_over_threads() {
    let registry = Registry::new();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let subscriber = tracing_subscriber::registry().with(SpanLayer::of(&registry).busy(true));
    let dispatch = tracing::Dispatch::new(subscriber);
    runtime.block_on(async {
        use tracing::instrument::WithSubscriber;
        let tasks: Vec<_> = (0..50)
            .map(|_| {
                let work = async {
                    for _ in 0..5 {
                        tokio::task::yield_now().await;
                    }
                };
                let span = tracing::dispatcher::with_default(&dispatch, || info_span!("task"));
                tokio::spawn(work.instrument(span).with_subscriber(dispatch.clone()))
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert_eq!(count_of(&registry, DURATION, "task"), Some(50));
    assert_eq!(count_of(&registry, BUSY, "task"), Some(50));
    assert!(total_of(&registry, DURATION, "task") >= total_of(&registry, BUSY, "task"));
}

#[test]
fn spans_close_in_panics() {
    let registry = Registry::new();
    with_layer(SpanLayer::of(&registry).busy(true), || {
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            let _entered = info_span!("panics").entered();
            std::panic::resume_unwind(Box::new("on purpose"));
        }));
        assert!(panicked.is_err());
    });
    assert_eq!(count_of(&registry, DURATION, "panics"), Some(1));
    assert_eq!(count_of(&registry, BUSY, "panics"), Some(1));
}

#[test]
fn spans_that_are_never_closed_are_not_recorded() {
    let registry = Registry::new();
    with_layer(SpanLayer::of(&registry).busy(true), || {
        std::mem::forget(info_span!("open"));
        std::mem::forget(info_span!("entered").entered());
    });
    for span in ["open", "entered"] {
        assert_eq!(count_of(&registry, DURATION, span).unwrap_or(0), 0);
        assert_eq!(count_of(&registry, BUSY, span).unwrap_or(0), 0);
    }
}

#[test]
fn filters_decide_which_spans_are_timed() {
    let registry = Registry::new();
    let layer = SpanLayer::of(&registry).busy(true).with_filter(LevelFilter::INFO);
    // The other layer wants all of them, so that the spans exist.
    let subscriber = tracing_subscriber::registry().with(Everything).with(layer);
    with_default(subscriber, || {
        trace_span!("fine").in_scope(|| info_span!("coarse").in_scope(|| ()));
    });
    assert_eq!(count_of(&registry, DURATION, "fine"), None);
    assert_eq!(count_of(&registry, DURATION, "coarse"), Some(1));
}

/// A layer that does nothing, for spans of all levels.
struct Everything;

impl<S: Subscriber> Layer<S> for Everything {}

#[test]
fn several_layers_time_the_same_spans() {
    let registries = [(); 3].map(|()| Registry::new());
    let [first, second, third] = registries.each_ref().map(SpanLayer::of);
    let subscriber = tracing_subscriber::registry()
        .with(first.busy(true))
        .with(Everything)
        .with(second.with_filter(LevelFilter::INFO))
        .with(third.target(true));
    with_default(subscriber, || {
        for _ in 0..3 {
            info_span!("all").in_scope(|| trace_span!("not_all").in_scope(|| ()));
        }
    });
    let [first, second, third] = &registries;
    assert_eq!(count_of(first, DURATION, "all"), Some(3));
    assert_eq!(count_of(first, BUSY, "not_all"), Some(3));
    assert_eq!(count_of(second, DURATION, "all"), Some(3));
    assert_eq!(count_of(second, DURATION, "not_all"), None);
    let labels = [("span", "not_all"), ("target", module_path!())];
    assert_eq!(third.snapshot().timer(DURATION, &labels).unwrap().count(), 3);
}

#[test]
fn the_layer_is_found_in_its_subscriber_and_may_be_boxed() {
    fn boxed<S: Subscriber + for<'a> LookupSpan<'a>>(
        layer: SpanLayer,
    ) -> Box<dyn Layer<S> + Send + Sync> {
        layer.boxed()
    }
    let registry = Registry::new();
    let subscriber =
        tracing_subscriber::registry().with(boxed(SpanLayer::of(&registry))).with(Everything);
    let dispatch = tracing::Dispatch::new(subscriber);
    assert!(dispatch.downcast_ref::<SpanLayer>().is_some());
    tracing::dispatcher::with_default(&dispatch, || drop(info_span!("boxed")));
    assert_eq!(count_of(&registry, DURATION, "boxed"), Some(1));
}

#[test]
fn callsites_of_one_name_are_one_series() {
    let registry = Registry::new();
    with_layer(SpanLayer::of(&registry), || {
        drop(info_span!("same"));
        drop(tracing::span!(Level::ERROR, "same"));
    });
    assert_eq!(count_of(&registry, DURATION, "same"), Some(2));
}

#[test]
fn a_name_of_another_kind_is_no_reason_to_panic() {
    let registry = Registry::new();
    registry.counter(DURATION, &[]).unwrap().increment(1);
    with_layer(SpanLayer::of(&registry).busy(true), || {
        for _ in 0..2 {
            info_span!("dropped").in_scope(|| ());
        }
    });
    assert_eq!(registry.snapshot().counter(DURATION, &[]), Some(1));
    assert_eq!(count_of(&registry, BUSY, "dropped"), Some(2));
    assert!(!registry.lints().is_empty());
}
