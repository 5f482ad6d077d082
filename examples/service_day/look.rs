//! The questions that somebody asks who is on call, each checked against the ledger.

use std::time::Duration;

use tachograph::{
    Aggregation, Error, HistogramSnapshot, History, Metric, Registry, Sample, Snapshot, Span,
    SystemMetrics, Window,
};

use crate::clock::{Clock, DAY, HOUR, MINUTE, SECOND};
use crate::ledger::Ledger;
use crate::service::{DURATIONS, ORDER_EUROS, REQUESTS, Route, Status, WAITING};

/// What the service did in some time.
pub(crate) struct Traffic {
    pub(crate) span: Span,
    pub(crate) requests: u64,
    pub(crate) failed: u64,
    pub(crate) shed: u64,
    /// Seconds.
    pub(crate) p50: Option<f64>,
    pub(crate) p99: Option<f64>,
    /// The most that waited at the end of any second.
    pub(crate) waiting: Option<f64>,
}

impl Traffic {
    /// For each second that was watched.
    pub(crate) fn per_second(&self) -> f64 {
        self.requests as f64 / self.span.covered().as_secs_f64()
    }

    pub(crate) fn failed_share(&self) -> f64 {
        self.failed as f64 / self.requests.max(1) as f64
    }

    pub(crate) fn shed_share(&self) -> f64 {
        self.shed as f64 / self.requests.max(1) as f64
    }
}

/// A moment at which somebody looked.
pub(crate) struct Look {
    pub(crate) second: u32,
    pub(crate) why: &'static str,
    pub(crate) windows: [(&'static str, Traffic); 3],
}

/// The last minute, five minutes and hour.
pub(crate) fn at(clock: &Clock, history: &History, ledger: &Ledger, why: &'static str) -> Look {
    let windows = [("last minute", MINUTE), ("last 5 minutes", 5 * MINUTE), ("last hour", HOUR)];
    let windows = windows.map(|(name, seconds)| {
        let window = |metric: &Metric| metric.window(Duration::from_secs(seconds.into()));
        (name, traffic(history, ledger, window).expect("there is a past"))
    });
    Look { second: clock.second(), why, windows }
}

/// Each hour of the day.
pub(crate) fn hours(clock: &Clock, history: &History, ledger: &Ledger) -> Vec<Traffic> {
    let day = clock.now() - DAY * SECOND;
    let hour = |number: u32| {
        let (from, to) = (day + number * HOUR * SECOND, day + (number + 1) * HOUR * SECOND);
        traffic(history, ledger, |metric| metric.between(from, to)).expect("a day is kept")
    };
    (0..24).map(hour).collect()
}

/// Counts and quantiles of all routes together: histograms merge exactly.
fn traffic(
    history: &History,
    ledger: &Ledger,
    window: impl Fn(&Metric) -> Option<Window>,
) -> Option<Traffic> {
    let count = |status: Status| -> Option<u64> {
        let of_route = |route: Route| {
            let labels = [("route", route.path()), ("status", status.code())];
            window(&history.metric(REQUESTS, &labels)?)?.aggregate(Aggregation::Count)
        };
        Route::ALL.into_iter().map(of_route).sum::<Option<f64>>().map(|count| count as u64)
    };
    let [answered, failed, shed] = Status::ALL.map(count);
    let mut all: Option<(Span, HistogramSnapshot)> = None;
    for route in Route::ALL {
        let window = window(&history.metric(DURATIONS, &[("route", route.path())])?)?;
        let durations = window.histogram()?;
        match &mut all {
            Some((_, all)) => all.merge(durations).expect("the routes have the same buckets"),
            None => all = Some((window.span(), durations.clone())),
        }
    }
    let (span, all) = all?;
    let (answered, failed, shed) = (answered?, failed?, shed?);
    ledger.check_counts(span, [answered, failed, shed]);
    let requests = answered + failed + shed;
    let [p50, p99] = [0.5, 0.99].map(|q| {
        let found = all.quantile(q);
        ledger.check_quantile(span, q, found);
        found
    });
    let waiting = window(&history.metric(WAITING, &[])?)?.aggregate(Aggregation::Max);
    Some(Traffic { span, requests, failed, shed, p50, p99, waiting })
}

/// What the machine and this process are at, in a registry of its own: it is not part of the simulated day.
pub(crate) fn machine() -> Result<Snapshot, Error> {
    let registry = Registry::new();
    SystemMetrics::builder().registry(&registry).build()?.collect();
    Ok(registry.snapshot())
}

/// The durations of one route in the last hour: all aggregates that have a name.
pub(crate) fn aggregates(history: &History) -> Vec<(Aggregation, f64)> {
    let metric = history.metric(DURATIONS, &[("route", Route::Checkout.path())]);
    let window = metric.and_then(|metric| metric.window(HOUR * SECOND));
    let all = Aggregation::ALL.into_iter();
    all.filter_map(|one| Some((one, window.as_ref()?.aggregate(one)?))).collect()
}

/// The largest orders of the last hour, which a summary knows one by one.
pub(crate) fn largest_orders(history: &History, ledger: &Ledger) -> Vec<Sample> {
    const COUNT: usize = 3;
    let metric = history.metric(ORDER_EUROS, &[]).expect("something was ordered");
    let window = metric.window(HOUR * SECOND).expect("there is a past");
    let mut samples = window.samples().expect("an hour is kept").to_vec();
    samples.sort_by(|one, other| other.value().total_cmp(&one.value()));
    samples.truncate(COUNT);
    let values: Vec<f64> = samples.iter().map(Sample::value).collect();
    assert_eq!(values, ledger.largest_orders(window.span(), COUNT));
    samples
}
