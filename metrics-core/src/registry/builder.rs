//! Settings for a registry of one's own, before it is made.

use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use crate::presentation::Naming;
use crate::registry::Registry;
use crate::registry::settings::Settings;
use crate::registry::wishes::Wishes;

/// The number of the next registry; the global one is 0.
static NEXT: AtomicU32 = AtomicU32::new(1);

/// Settings for a [`Registry`] of one's own.
///
/// They are those that [`Init`](crate::Init) has for the global one. What cannot be is left out, and a
/// [lint](Registry::lints) says so.
#[derive(Debug, Clone, Default)]
#[must_use = "there is no registry before `.build()`"]
pub struct RegistryBuilder {
    wishes: Wishes,
}

impl RegistryBuilder {
    /// The default of [`max_series`](RegistryBuilder::max_series).
    pub const DEFAULT_MAX_SERIES: u32 = Settings::DEFAULT_MAX_SERIES;

    /// How many series each name may have; further labels are recorded in one series labelled
    /// `otel_metric_overflow="true"`.
    pub fn max_series(mut self, max_series: u32) -> RegistryBuilder {
        self.wishes.max_series(max_series);
        self
    }

    /// How many series each name may have that fits a pattern:
    /// [`Init::max_series_of`](crate::Init::max_series_of) for a registry of one's own.
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::Registry;
    ///
    /// let registry = Registry::builder().max_series_of("http_*", 1).build();
    /// for path in ["/", "/index"] {
    ///     registry.counter("http_requests_total", &[("path", path)])?.increment(1);
    /// }
    /// let overflow = [("otel_metric_overflow", "true")];
    /// assert_eq!(registry.snapshot().counter("http_requests_total", &overflow), Some(1));
    /// # Ok::<(), tachograph::Error>(())
    /// ```
    pub fn max_series_of(mut self, pattern: &str, max_series: u32) -> RegistryBuilder {
        self.wishes.max_series_of(pattern, max_series);
        self
    }

    /// Declares bounds at which counts are exact, for histograms and timers whose name fits a pattern:
    /// [`Init::buckets`](crate::Init::buckets) for a registry of one's own.
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::Registry;
    ///
    /// let registry = Registry::builder().buckets("*_bytes", &[512.0, 4096.0]).build();
    /// registry.histogram("body_bytes", &[])?.record(512);
    /// let snapshot = registry.snapshot();
    /// assert_eq!(snapshot.histogram("body_bytes", &[]).unwrap().count_at_most(512.0), 1);
    /// # Ok::<(), tachograph::Error>(())
    /// ```
    pub fn buckets(mut self, pattern: &str, bounds: &[f64]) -> RegistryBuilder {
        self.wishes.buckets(pattern, bounds);
        self
    }

    /// Leaves series out of snapshots to which nothing is recorded any more:
    /// [`Init::idle_timeout`](crate::Init::idle_timeout) for a registry of one's own.
    pub fn idle_timeout(mut self, timeout: Duration) -> RegistryBuilder {
        self.wishes.idle_timeout(timeout);
        self
    }

    /// How long each [collector](Registry::add_collector) may take, 1 s by default; 1 ms to 60 s.
    /// [`Init::collector_deadline`](crate::Init::collector_deadline) for a registry of one's own.
    pub fn collector_deadline(mut self, deadline: Duration) -> RegistryBuilder {
        self.wishes.collector_deadline(deadline);
        self
    }

    /// Shows every name with this before it, joined by `_`: [`Init::prefix`](crate::Init::prefix) for a
    /// registry of one's own.
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::{Format, Registry};
    ///
    /// let registry = Registry::builder().prefix("myapp").build();
    /// registry.counter("lines_total", &[])?.increment(3);
    /// let snapshot = registry.snapshot();
    /// assert!(snapshot.render(Format::Prometheus).ends_with("\nmyapp_lines_total 3\n"));
    /// assert_eq!(snapshot.counter("lines_total", &[]), Some(3));
    /// # Ok::<(), tachograph::Error>(())
    /// ```
    pub fn prefix(mut self, prefix: &str) -> RegistryBuilder {
        self.wishes.prefix(prefix);
        self
    }

    /// Shows every series with this label: [`Init::label`](crate::Init::label) for a registry of one's own.
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::{Format, Registry};
    ///
    /// let registry = Registry::builder().label("region", "eu").build();
    /// registry.gauge("jobs", &[("queue", "mail")])?.set(2);
    /// let body = registry.render(Format::Prometheus);
    /// assert!(body.ends_with("\njobs{queue=\"mail\",region=\"eu\"} 2\n"));
    /// # Ok::<(), tachograph::Error>(())
    /// ```
    pub fn label(mut self, key: &str, value: &str) -> RegistryBuilder {
        self.wishes.label(key, value);
        self
    }

    /// Shows names in this style: [`Init::naming`](crate::Init::naming) for a registry of one's own.
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::{Format, Naming, Registry};
    ///
    /// let registry = Registry::builder().naming(Naming::Recommended).build();
    /// registry.counter("http.requests", &[])?.increment(3);
    /// assert!(registry.render(Format::OpenMetrics).contains("\nhttp_requests_total 3\n"));
    /// # Ok::<(), tachograph::Error>(())
    /// ```
    pub fn naming(mut self, naming: Naming) -> RegistryBuilder {
        self.wishes.naming(naming);
        self
    }

    /// The registry.
    pub fn build(self) -> Registry {
        // Relaxed: a number that stands alone.
        let registry = Registry::with_number(NEXT.fetch_add(1, Relaxed), Settings::default());
        registry.fulfil(&self.wishes);
        registry
    }
}
