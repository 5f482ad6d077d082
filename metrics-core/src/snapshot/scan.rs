//! Reading a registry, or one handle, into the plain data of this module.
//!
//! This is the only place where snapshots touch the recorder. Series that were removed stay out until
//! something was recorded to them again. Snapshots of the global registry also hold what the crate
//! says about itself, under names that begin with `tachograph_`.

use std::sync::Arc;
use std::time::Duration;

use crate::arena::{self, Capture, Distribution, Reading, Request, Seen, Tally, Values};
use crate::clock;
use crate::handle::{Histogram, Summary, Timer};
use crate::kind::Kind;
use crate::registry::{self, Registry};
use crate::snapshot::{
    Extremes, HistogramSnapshot, Overhead, Parts, Series, Snapshot, SummarySnapshot, TimerSnapshot,
    Value, cost, own,
};

impl Registry {
    /// Everything that was recorded so far, as plain, sorted, owned data.
    ///
    /// Recording goes on meanwhile. No total, count, bucket or sum is ever below what an earlier
    /// snapshot gave, unless the metric was reset; at rest all is exact.
    ///
    /// # Examples
    ///
    /// ```
    /// let registry = tachograph::Registry::new();
    /// registry.gauge("queue_depth", &[])?.set(3);
    /// assert_eq!(registry.snapshot().gauge("queue_depth", &[]), Some(3.0));
    /// # Ok::<(), tachograph::Error>(())
    /// ```
    pub fn snapshot(&self) -> Snapshot {
        self.snapshot_at(clock::steady())
    }

    /// A snapshot, with `now` of the steady clock.
    pub(super) fn snapshot_at(&self, now: Duration) -> Snapshot {
        self.snapshot_with_list(now).1
    }

    /// The same, and the series that it was made of, sorted as it is.
    pub(super) fn snapshot_with_list(
        &self,
        now: Duration,
    ) -> (Vec<&'static registry::Series>, Snapshot) {
        let idle_timeout = self.settings().idle_timeout;
        // What is read under the lock is not older than what another snapshot has judged by.
        let _idle = idle_timeout.map(|_| self.index().lock_idle());
        let list = self.index().list();
        let requests: Vec<Request<'_>> = list.iter().map(|series| series.request()).collect();
        // Asked before the totals are read: what was removed by then was also reset by then, so that
        // a total that is not zero came after.
        let removals: Vec<u32> = list.iter().map(|series| series.removals()).collect();
        let readings = arena::read(&requests);
        let mut found = Vec::with_capacity(list.len());
        let all = list.iter().zip(&requests).zip(removals).zip(readings);
        for (((series, request), removals), reading) in all {
            let is_out = registry::is_out(removals);
            if is_out && (series.still_holds(&reading) || !series.bring_back(removals)) {
                continue;
            }
            if idle_timeout.is_some_and(|timeout| series.retire_if_idle(&reading, now, timeout)) {
                continue;
            }
            found.push(plain(series, value_of(series.kind(), request, reading, None)));
        }
        let overhead = self.overhead(&found);
        if self.is_global() {
            found.extend(own::series(&overhead, self.index().created()));
        }
        let snapshot = Snapshot::new(Parts {
            series: found,
            taken_at: clock::wall(),
            elapsed: self.index().age(),
            overhead,
            lints: self.lints(),
            presentation: Arc::clone(&self.settings().presentation),
        });
        (list, snapshot)
    }

    /// What a capture recorded in this registry within `elapsed`. The capture ends with that.
    pub(crate) fn captured(&self, capture: Capture, elapsed: Duration) -> Snapshot {
        let list = self.index().list();
        let requests: Vec<Request<'_>> = list.iter().map(|series| series.request()).collect();
        let all = list.iter().zip(&requests).zip(capture.end(&requests));
        let found: Vec<Series> = all
            .filter_map(|((series, request), seen)| {
                let Seen { reading, values } = seen?;
                Some(plain(series, value_of(series.kind(), request, reading, Some(values))))
            })
            .collect();
        Snapshot::new(Parts {
            taken_at: clock::wall(),
            elapsed,
            overhead: Overhead {
                series: found.len() as u64,
                clock: clock::source(),
                ..Overhead::default()
            },
            series: found,
            lints: Vec::new(),
            presentation: Arc::clone(&self.settings().presentation),
        })
    }

    /// What every series of the registry holds, as one reading of the arena gives it, for readers that keep
    /// what they read.
    pub(crate) fn read_all(&self) -> Vec<Found> {
        // Nothing is reset meanwhile.
        let _idle = self.index().lock_idle();
        let list = self.index().list();
        let requests: Vec<Request<'_>> = list.iter().map(|series| series.request()).collect();
        let readings = arena::read(&requests);
        list.into_iter()
            .zip(readings)
            .map(|(series, reading)| Found::new(series, reading))
            .collect()
    }

    /// The same of one series.
    pub(crate) fn read_one(&self, series: &'static registry::Series) -> Found {
        let _idle = self.index().lock_idle();
        Found::new(series, arena::read_one(series.request()))
    }

    /// What recording cost, for the series that were found.
    pub(crate) fn overhead(&self, found: &[Series]) -> Overhead {
        let mut recorded = Recorded::of(found.len());
        for series in found {
            match series.value() {
                Value::Timer(timer) => recorded.add(Kind::Timer, timer.count()),
                Value::Histogram(histogram) => recorded.add(Kind::Histogram, histogram.count()),
                Value::Summary(summary) => recorded.add(Kind::Summary, summary.count()),
                _ => {}
            }
        }
        self.overhead_of(recorded)
    }

    /// The same, for so many series and values.
    pub(crate) fn overhead_of(&self, recorded: Recorded) -> Overhead {
        let Recorded { series, timers, histograms, summaries } = recorded;
        let usage = arena::usage();
        // Nothing is measured for calls that there are none of.
        let ns_of = |calls: u64, cost: fn() -> f64| if calls == 0 { 0.0 } else { cost() };
        Overhead {
            series,
            clock: clock::source(),
            shards: usage.shards,
            shards_refused: usage.shards_refused,
            abandoned: registry::abandoned(),
            reserved_bytes: usage.reserved_bytes,
            accessible_bytes: usage.accessible_bytes,
            dropped: arena::drop_counts()
                .iter()
                .map(|(why, count)| (why.as_str(), *count))
                .collect(),
            overflowed: self.index().overflowed().to_vec(),
            timer_calls: timers,
            histogram_calls: histograms,
            summary_calls: summaries,
            timer_ns: ns_of(timers, cost::of_a_timer),
            histogram_ns: ns_of(histograms, cost::of_a_histogram),
            summary_ns: ns_of(summaries, cost::of_a_summary),
        }
    }
}

/// A series and what it holds.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) series: &'static registry::Series,
    pub(crate) reading: Reading,
    /// How often it was reset.
    pub(crate) resets: u32,
    /// True where snapshots leave it out.
    pub(crate) is_out: bool,
}

impl Found {
    /// The caller holds the lock for idle series, and has read since it holds it.
    fn new(series: &'static registry::Series, reading: Reading) -> Found {
        let is_out = registry::is_out(series.removals()) && series.still_holds(&reading);
        Found { series, reading, resets: series.resets(), is_out }
    }

    /// Of a histogram or timer, what it holds.
    pub(crate) fn distribution(&self) -> Option<HistogramSnapshot> {
        match (self.series.request(), self.reading.clone()) {
            (Request::Histogram(distribution), Reading::Histogram(tally)) => {
                Some(histogram_of(distribution, tally))
            }
            (Request::Timer(distribution), Reading::Timer(tally)) => {
                Some(timer_of(distribution, tally).histogram().clone())
            }
            _ => None,
        }
    }
}

/// How many series there are, and how many values were recorded into those that cost more than a counter.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Recorded {
    series: u64,
    timers: u64,
    histograms: u64,
    summaries: u64,
}

impl Recorded {
    /// So many series, and no values yet.
    pub(crate) fn of(series: usize) -> Recorded {
        Recorded { series: series as u64, ..Recorded::default() }
    }

    /// Adds the values of a series.
    pub(crate) fn add(&mut self, kind: Kind, values: u64) {
        let of_kind = match kind {
            Kind::Timer => &mut self.timers,
            Kind::Histogram => &mut self.histograms,
            Kind::Summary => &mut self.summaries,
            Kind::Counter | Kind::Rate | Kind::Gauge => return,
        };
        *of_kind = of_kind.saturating_add(values);
    }
}

impl Histogram {
    /// How many values were recorded.
    pub fn count(&self) -> u64 {
        self.snapshot().count()
    }

    /// The distribution at this moment, over all threads.
    ///
    /// # Examples
    ///
    /// ```
    /// let sizes = tachograph::histogram!("packet_bytes");
    /// sizes.record_many(1500, 10);
    /// assert_eq!(sizes.snapshot().sum(), 15_000.0);
    /// ```
    pub fn snapshot(&self) -> HistogramSnapshot {
        match self.holder().resolve() {
            Ok(distribution) => {
                let request = Request::Histogram(distribution);
                match arena::read_one(request) {
                    Reading::Histogram(tally) => histogram_of(distribution, tally),
                    _ => empty_histogram(),
                }
            }
            Err(_) => empty_histogram(),
        }
    }
}

impl Summary {
    /// How many values were recorded, those that are no longer kept included.
    pub fn count(&self) -> u64 {
        Histogram::new(self.holder()).count()
    }

    /// The distribution at this moment, over all threads, and the values that are kept.
    pub fn snapshot(&self) -> SummarySnapshot {
        let histogram = Histogram::new(self.holder()).snapshot();
        summary_of(self.holder().known(), histogram)
    }
}

impl Timer {
    /// How many durations were recorded.
    pub fn count(&self) -> u64 {
        self.snapshot().count()
    }

    /// The durations at this moment, over all threads.
    pub fn snapshot(&self) -> TimerSnapshot {
        match self.holder().resolve() {
            Ok(distribution) => match arena::read_one(Request::Timer(distribution)) {
                Reading::Timer(tally) => timer_of(distribution, tally),
                _ => TimerSnapshot::new(empty_histogram(), 1.0, Duration::ZERO),
            },
            Err(_) => TimerSnapshot::new(empty_histogram(), 1.0, Duration::ZERO),
        }
    }
}

/// A series as a snapshot has it.
fn plain(series: &'static registry::Series, value: Value) -> Series {
    let about = series.family().about();
    let (name, labels) = (series.name().clone(), series.labels().clone());
    let made = Series::new(name, labels, about.unit, about.description, value);
    let mut made = made.registered(series.created());
    made.set_kept_elsewhere(is_kept_elsewhere(&series.request()));
    made
}

/// True for a counter of whose total somebody else kept a part.
pub(super) fn is_kept_elsewhere(request: &Request<'_>) -> bool {
    matches!(*request, Request::Counter(slot) if arena::absolute_base(slot) > 0)
}

/// A value as a snapshot has it; `values` are those of a summary, where they are not all that it keeps.
fn value_of(kind: Kind, request: &Request<'_>, reading: Reading, values: Option<Values>) -> Value {
    match (request, reading) {
        (Request::Timer(distribution), Reading::Timer(tally)) => {
            Value::Timer(timer_of(distribution, tally))
        }
        (Request::Histogram(distribution), Reading::Histogram(tally)) => {
            let histogram = histogram_of(distribution, tally);
            if kind == Kind::Summary {
                return Value::Summary(match values {
                    Some(values) => SummarySnapshot::new(histogram, values),
                    None => summary_of(distribution, histogram),
                });
            }
            Value::Histogram(histogram)
        }
        (_, Reading::Counter(total)) if kind == Kind::Rate => Value::Rate(total),
        (_, Reading::Counter(total)) => Value::Counter(total),
        (_, Reading::Gauge(level)) => Value::Gauge(level.value()),
        // The arena answers each request with its own kind.
        (_, Reading::Histogram(_) | Reading::Timer(_)) => Value::Histogram(empty_histogram()),
    }
}

fn histogram_of(distribution: &Distribution, tally: Tally) -> HistogramSnapshot {
    let (sum, extremes) = of_values(&tally);
    let layout = distribution.shared_layout();
    HistogramSnapshot::new(layout, tally.first, tally.counts, sum, extremes)
}

/// The sum of a histogram's values, and what is known of the smallest and the greatest.
pub(super) fn of_values(tally: &Tally) -> (f64, Extremes) {
    (tally.sum.value(), extremes(tally.value_range(), tally.rebased))
}

/// A summary's values are read after its buckets; what comes in between is among the values alone.
pub(super) fn summary_of(
    distribution: &Distribution,
    histogram: HistogramSnapshot,
) -> SummarySnapshot {
    let values = distribution.samples().map(arena::Samples::values);
    SummarySnapshot::new(histogram, values.unwrap_or_default())
}

fn timer_of(distribution: &Distribution, tally: Tally) -> TimerSnapshot {
    let (sum, extremes) = of_ticks(distribution, &tally);
    let layout = distribution.shared_layout();
    let histogram = HistogramSnapshot::new(layout, tally.first, tally.counts, sum, extremes);
    TimerSnapshot::new(histogram, distribution.per_second(), clock::duration(tally.own_ticks))
}

/// The sum of a timer's values, and what is known of the smallest and the greatest, in its unit.
pub(super) fn of_ticks(distribution: &Distribution, tally: &Tally) -> (f64, Extremes) {
    let range = tally.tick_range();
    let values = range.map(|(min, max)| (distribution.value_of(min), distribution.value_of(max)));
    (distribution.value_of(tally.ticks), extremes(values, tally.rebased))
}

/// The range of a distribution; after a reset only that of what was ever recorded is known.
fn extremes(range: Option<(f64, f64)>, rebased: bool) -> Extremes {
    match range {
        Some((min, max)) if rebased => Extremes::Within(min, max),
        Some((min, max)) => Extremes::Exact(min, max),
        None => Extremes::Within(f64::NEG_INFINITY, f64::INFINITY),
    }
}

fn empty_histogram() -> HistogramSnapshot {
    let layout = Arc::new(crate::bucket::Layout::histogram());
    HistogramSnapshot::new(layout, 0, Vec::new(), 0.0, extremes(None, false))
}

#[cfg(test)]
mod tests;
