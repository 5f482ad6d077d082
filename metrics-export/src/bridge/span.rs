//! A layer for `tracing-subscriber` that times spans.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use tachograph::__private::bridge::{Bridged, Pieces, bridged, refused};
use tachograph::{DetachedGuard, Kind, Registry, Timer, Unit};
use tracing_core::span::{Attributes, Id};
use tracing_core::{Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::bridge::cache::Cache;

/// Stands in messages where macros have a line of the source.
const CALLER: &str = "a layer for spans of `tracing`";

const DURATION: &str = "span_duration_seconds";
const BUSY: &str = "span_busy_seconds";

/// How long spans take, as timers of a registry: `span_duration_seconds{span="name"}`.
///
/// A span's duration is the time from its creation to its close, which is when its last handle is dropped and
/// its last child has closed: what the `time.busy` and `time.idle` of `tracing-subscriber` are together, and what
/// OpenTelemetry shows. It takes no part in the self time of timers. Spans that are never closed are not recorded.
///
/// Which spans are timed is the affair of filters: of all layers, or of this one by
/// [`with_filter`](tracing_subscriber::Layer::with_filter). Fields of spans make no labels.
///
/// # What it costs
///
/// A span that is created takes one lookup by its callsite's address, without a lock or a hash of texts, and
/// what `tracing-subscriber` takes for an extension: its lock, and one allocation. Entering and leaving cost nothing
/// without [`busy`](SpanLayer::busy). It remembers 16,384 callsites, and asks the registry for others each time.
/// A name that has 2,000 series has no place for more: those of further spans are in one labelled
/// `otel_metric_overflow="true"`.
///
/// # Panics
///
/// It never does by itself; `tracing-subscriber` does where another layer has panicked while it held a span's
/// extensions.
///
/// # Examples
///
/// ```
/// use tachograph::Registry;
/// use tachograph_export::SpanLayer;
/// use tracing_subscriber::layer::SubscriberExt;
///
/// let registry = Registry::new();
/// let subscriber = tracing_subscriber::registry().with(SpanLayer::of(&registry));
/// tracing::subscriber::with_default(subscriber, || {
///     tracing::info_span!("load").in_scope(|| ());
/// });
///
/// let snapshot = registry.snapshot();
/// assert_eq!(snapshot.timer("span_duration_seconds", &[("span", "load")]).unwrap().count(), 1);
/// ```
#[derive(Debug)]
pub struct SpanLayer {
    registry: Registry,
    /// Several layers may time the same span.
    number: u64,
    is_busy_timed: bool,
    has_target: bool,
    /// By the address of a callsite's metadata, which live as long as the process.
    callsites: Cache<usize, Timers>,
}

/// What the spans of one callsite are recorded into.
#[derive(Debug, Clone, Copy)]
struct Timers {
    duration: Timer,
    busy: Option<Timer>,
}

impl SpanLayer {
    /// A layer that records into the global registry.
    pub fn new() -> SpanLayer {
        SpanLayer::of(tachograph::registry())
    }

    /// A layer that records into a registry of one's own.
    pub fn of(registry: &Registry) -> SpanLayer {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        describe(registry, DURATION, "How long spans took, from their creation to their close.");
        SpanLayer {
            registry: registry.clone(),
            // Relaxed: all that matters is that no two are the same.
            number: NEXT.fetch_add(1, Relaxed),
            is_busy_timed: false,
            has_target: false,
            callsites: Cache::new(),
        }
    }

    /// Whether there is a second timer, `span_busy_seconds`: the time that a span was entered, added up and
    /// recorded once, at its close. Where a span is entered twice at once, on two threads or on one, that time
    /// counts twice. False by default, since each entry and exit then reads a clock and takes the lock of the
    /// span's extensions.
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::Registry;
    /// use tachograph_export::SpanLayer;
    /// use tracing_subscriber::layer::SubscriberExt;
    ///
    /// let registry = Registry::new();
    /// let layer = SpanLayer::of(&registry).busy(true);
    /// tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
    ///     let span = tracing::info_span!("poll");
    ///     span.in_scope(|| ());
    ///     span.in_scope(|| ());
    /// });
    ///
    /// let snapshot = registry.snapshot();
    /// let of = |name| snapshot.timer(name, &[("span", "poll")]).unwrap();
    /// let (duration, busy) = (of("span_duration_seconds"), of("span_busy_seconds"));
    /// assert_eq!((duration.count(), busy.count()), (1, 1));
    /// ```
    pub fn busy(mut self, is_timed: bool) -> SpanLayer {
        if is_timed {
            describe(&self.registry, BUSY, "How long spans were entered.");
        }
        self.is_busy_timed = is_timed;
        self.callsites = Cache::new();
        self
    }

    /// Whether the span's target, by default the module that it stands in, is a second label. False by default.
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::Registry;
    /// use tachograph_export::SpanLayer;
    /// use tracing_subscriber::layer::SubscriberExt;
    ///
    /// let registry = Registry::new();
    /// let layer = SpanLayer::of(&registry).target(true);
    /// tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
    ///     tracing::info_span!(target: "cache", "load").in_scope(|| ());
    /// });
    ///
    /// let labels = [("span", "load"), ("target", "cache")];
    /// assert_eq!(registry.snapshot().timer("span_duration_seconds", &labels).unwrap().count(), 1);
    /// ```
    pub fn target(mut self, is_label: bool) -> SpanLayer {
        self.has_target = is_label;
        self.callsites = Cache::new();
        self
    }

    #[inline]
    fn timers(&self, metadata: &'static Metadata<'static>) -> Timers {
        let address = std::ptr::from_ref(metadata).addr();
        match self.callsites.find(address as u64, |known| *known == address) {
            Some(timers) => *timers,
            None => self.ask(address, metadata),
        }
    }

    #[cold]
    fn ask(&self, address: usize, metadata: &'static Metadata<'static>) -> Timers {
        let labels = [("span", metadata.name()), ("target", metadata.target())];
        let labels = if self.has_target { &labels[..] } else { &labels[..1] };
        let mut lasts = true;
        let mut find = |name| {
            let found = bridged(&self.registry, Kind::Timer, name, labels, CALLER);
            lasts &= matches!(found, Bridged::Series(_));
            match found {
                Bridged::Series(found) | Bridged::Overflow(found) => found.timer(),
                Bridged::Refused(reason) => refused()[reason].timer(),
            }
        };
        let duration = find(DURATION);
        let busy = self.is_busy_timed.then(|| find(BUSY));
        let timers = Timers { duration, busy };
        if lasts {
            self.callsites.insert(address as u64, || (address, timers));
        }
        timers
    }

    /// Does something with what this layer keeps of a span's entries; nothing where it knows nothing of it.
    fn with_entries<S>(&self, id: &Id, context: &Context<'_, S>, work: impl FnOnce(&mut Pieces))
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let Some(span) = context.span(id) else { return };
        let mut extensions = span.extensions_mut();
        let timing = extensions.get_mut::<Timings>().and_then(|all| all.get_mut(self.number));
        if let Some((_, entries)) = timing.and_then(|timing| timing.busy.as_mut()) {
            work(entries);
        }
    }
}

impl Default for SpanLayer {
    fn default() -> SpanLayer {
        SpanLayer::new()
    }
}

impl<S> Layer<S> for SpanLayer
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let timers = self.timers(attributes.metadata());
        let timing = Timing {
            layer: self.number,
            duration: Some(timers.duration.start_detached()),
            busy: timers.busy.map(|timer| (timer, Pieces::default())),
        };
        let mut extensions = span.extensions_mut();
        match extensions.get_mut::<Timings>() {
            Some(timings) => timings.others.push(timing),
            None => extensions.insert(Timings { first: Some(timing), others: Vec::new() }),
        }
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        if self.is_busy_timed {
            self.with_entries(id, &context, Pieces::begin);
        }
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        if self.is_busy_timed {
            self.with_entries(id, &context, Pieces::end);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        // Recorded when the lock is free again.
        let timing =
            span.extensions_mut().get_mut::<Timings>().and_then(|all| all.take(self.number));
        if let Some(timing) = timing {
            timing.record();
        }
    }
}

fn describe(registry: &Registry, name: &str, text: &str) {
    // Both names are possible; where the program has described them otherwise, that stays.
    let _ = registry.describe(name, Some(Unit::Seconds), text);
}

/// What all layers keep of one span: mostly there is one of them.
#[derive(Debug)]
struct Timings {
    first: Option<Timing>,
    others: Vec<Timing>,
}

impl Timings {
    fn get_mut(&mut self, layer: u64) -> Option<&mut Timing> {
        self.first.iter_mut().chain(&mut self.others).find(|timing| timing.layer == layer)
    }

    fn take(&mut self, layer: u64) -> Option<Timing> {
        if let Some(first) = self.first.take_if(|timing| timing.layer == layer) {
            return Some(first);
        }
        let place = self.others.iter().position(|timing| timing.layer == layer)?;
        Some(self.others.swap_remove(place))
    }
}

/// What one layer keeps of one span. Dropped without having been recorded, it leaves nothing behind: that is
/// what happens to open spans with their subscriber.
#[derive(Debug)]
struct Timing {
    layer: u64,
    duration: Option<DetachedGuard>,
    busy: Option<(Timer, Pieces)>,
}

impl Timing {
    fn record(mut self) {
        // Its drop records.
        drop(self.duration.take());
        if let Some((timer, entered)) = self.busy.take() {
            entered.record(timer);
        }
    }
}

impl Drop for Timing {
    fn drop(&mut self) {
        if let Some(open) = self.duration.take() {
            open.discard();
        }
    }
}
