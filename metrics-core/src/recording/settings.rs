//! What `init()` says of the global registry: limits, buckets by name, and how names are shown.
//!
//! All of it stays when the guard is dropped, and a later `start` changes what it says anew. What cannot be
//! is left out, told on standard error, and kept as a lint: no run is lost for it. Environment variables
//! change nothing of it.

use std::time::Duration;

use crate::presentation::Naming;
use crate::recording::{Init, exit};
use crate::registry::registry;

impl Init {
    /// How many series each name may have whose labels are known only at run time; 2,000 without it.
    /// Further labels are recorded in one series labelled `otel_metric_overflow="true"`, and a
    /// [lint](crate::Registry::lints) names the labels that took the places.
    ///
    /// It holds for metrics that are older than [`start`](Init::start), too: series that exist already stay.
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::counter;
    ///
    /// let recording = tachograph::init().max_series(1).max_series_of("http_*", 3).start();
    /// for user in ["a", "b", "c"] {
    ///     counter!("logins_total", "user" => user).increment(1);
    ///     counter!("http_requests_total", "user" => user).increment(1);
    /// }
    /// let snapshot = recording.snapshot();
    /// let overflow = [("otel_metric_overflow", "true")];
    /// assert_eq!(snapshot.counter("logins_total", &overflow), Some(2));
    /// assert_eq!(snapshot.counter("http_requests_total", &overflow), None);
    /// ```
    pub fn max_series(mut self, max_series: u32) -> Init {
        self.wishes.max_series(max_series);
        self
    }

    /// As [`max_series`](Init::max_series), for one name, or for all that fit a pattern, in which a `*`
    /// stands for any number of characters. May be given several times; the last that fits a name counts.
    pub fn max_series_of(mut self, pattern: &str, max_series: u32) -> Init {
        self.wishes.max_series_of(pattern, max_series);
        self
    }

    /// Declares bounds at which counts are exact, for the histograms and timers of one name, or of all
    /// names that fit a pattern, in which a `*` stands for any number of characters. May be given several
    /// times; the last that fits a name counts.
    ///
    /// What is declared for exactly one name comes before what the code says where it records, and that
    /// comes before what is declared for a pattern. It holds for metrics that are registered later; a
    /// [lint](crate::Registry::lints) names those that were there before and have other bounds.
    ///
    /// # Units
    ///
    /// Those of the values: of a timer its own unit, which is seconds unless told otherwise.
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::histogram;
    ///
    /// let recording = tachograph::init().buckets("*_bytes", &[512.0, 4096.0]).start();
    /// histogram!("body_bytes").record(512);
    /// let snapshot = recording.snapshot();
    /// assert_eq!(snapshot.histogram("body_bytes", &[]).unwrap().count_at_most(512.0), 1);
    /// ```
    pub fn buckets(mut self, pattern: &str, bounds: &[f64]) -> Init {
        self.wishes.buckets(pattern, bounds);
        self
    }

    /// Leaves a series out of snapshots, and so out of every export, when nothing was recorded to it for so
    /// long; its place under the [cap](Init::max_series) is free then. Never without it.
    ///
    /// It is for labels whose values come and go, and so for series only whose labels are known at run time:
    /// those of literal labels and of sets stay. A series that is recorded to again comes back with all
    /// that it ever held, as handles never lead to another series. Time passes from snapshot to
    /// snapshot: who looks once a minute sees a series leave up to a minute late. A gauge that has the same
    /// value whenever somebody looks, whatever happened in between, counts as one that nothing was recorded to.
    /// [`Duration::MAX`] takes it back.
    ///
    /// # Limits
    ///
    /// The places of a name are given out ten times over in the life of a process, since what left is kept
    /// for its handles: so many series there are at most if all come back. Labels beyond that are recorded in
    /// the overflow series.
    pub fn idle_timeout(mut self, timeout: Duration) -> Init {
        self.wishes.idle_timeout(timeout);
        self
    }

    /// How long each [collector](crate::Registry::add_collector) may take, 1 s by default; 1 ms to 60 s. One that takes longer is
    /// left behind and counted, and is not called again before it has come back.
    pub fn collector_deadline(mut self, deadline: Duration) -> Init {
        self.wishes.collector_deadline(deadline);
        self
    }

    /// Shows the name of every metric with this before it, joined by `_` unless it ends in `_`, `.` or `:`.
    ///
    /// It is shown by the formats for machines, Prometheus, OpenMetrics and JSON, also for metrics that are older than
    /// [`start`](Init::start). Tables, which are for people, show names as the program wrote them, and so they are
    /// looked up in a [`Snapshot`](crate::Snapshot). The recorder's own metrics, `tachograph_…`, are the same in every program and get
    /// no prefix. It stays when the guard is dropped; a later `start` with another prefix replaces it. Environment
    /// variables change neither this nor labels nor the style of names.
    ///
    /// A prefix that is empty, longer than 512 bytes, or holds control characters is left out, and so is
    /// `tachograph`. A line on standard error says so, and a [lint](crate::Registry::lints).
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::{Format, counter};
    ///
    /// counter!("lines_total").increment(3);
    /// let recording = tachograph::init().prefix("myapp").start();
    ///
    /// let snapshot = recording.snapshot();
    /// assert!(snapshot.render(Format::Prometheus).contains("\nmyapp_lines_total 3\n"));
    /// assert!(snapshot.render(Format::Json).contains("\"myapp_lines_total\""));
    /// assert_eq!(snapshot.counter("lines_total", &[]), Some(3));
    /// ```
    pub fn prefix(mut self, prefix: &str) -> Init {
        self.wishes.prefix(prefix);
        self
    }

    /// Shows every series with this label, as [`prefix`](Init::prefix) shows every name; the recorder's own series,
    /// too. May be given several times, for up to 64 keys; the last value of a key counts.
    ///
    /// A series that has a label of that key itself keeps it. Labels are shown in the order of their keys. All that
    /// is said of labels replaces what an earlier `start` said of them. What breaks the
    /// [rules of labels](crate::Labels::new) is left out and told like a prefix.
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::{Format, counter};
    ///
    /// let recording = tachograph::init().label("region", "eu").label("host", "a1").start();
    /// counter!("jobs_total", "queue" => "mail").increment(1);
    /// counter!("jobs_total", "region" => "us").increment(2);
    ///
    /// let snapshot = recording.snapshot();
    /// let body = snapshot.render(Format::Prometheus);
    /// assert!(body.contains("\njobs_total{host=\"a1\",queue=\"mail\",region=\"eu\"} 1\n"));
    /// assert!(body.contains("\njobs_total{host=\"a1\",region=\"us\"} 2\n"));
    /// assert_eq!(snapshot.counter("jobs_total", &[("queue", "mail")]), Some(1));
    /// ```
    pub fn label(mut self, key: &str, value: &str) -> Init {
        self.wishes.label(key, value);
        self
    }

    /// Shows names in this style, wherever [`prefix`](Init::prefix) is shown; as they are written by default.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use tachograph::{Format, Naming, timer};
    ///
    /// let recording = tachograph::init().naming(Naming::Recommended).start();
    /// timer!("http.server.duration", "http.method" => "GET").record(Duration::from_millis(20));
    ///
    /// let body = recording.snapshot().render(Format::Prometheus);
    /// assert!(body.contains("\nhttp_server_duration_seconds_count{http_method=\"GET\"} 1\n"));
    /// ```
    pub fn naming(mut self, naming: Naming) -> Init {
        self.wishes.naming(naming);
        self
    }

    /// Lets the global registry know, and tells what cannot be.
    pub(super) fn settle(&self) {
        for lint in self.wishes.refused() {
            exit::say(&format!("{}; it is left out", lint.message()));
        }
        registry().fulfil(&self.wishes);
    }
}
