//! What a reader checks of the snapshots that it takes, one after the other.

use tachograph::{HistogramSnapshot, Series, Snapshot, TimerSnapshot, Value};

/// Looks at the snapshots that one reader takes, one after the other.
pub(super) struct Watch {
    /// What the names that it looks at begin with.
    prefix: &'static str,
    last: Option<Snapshot>,
    /// How often it looked.
    pub(super) looks: u64,
}

impl Watch {
    pub(super) fn new(prefix: &'static str) -> Watch {
        Watch { prefix, last: None, looks: 0 }
    }

    pub(super) fn look(&mut self, now: Snapshot) {
        if let Some(before) = &self.last {
            assert!(now.elapsed() >= before.elapsed());
            assert_not_below(&now, before, self.prefix);
            assert_difference(&now, before, self.prefix);
        }
        self.last = Some(now);
        self.looks += 1;
    }
}

/// The series whose names begin with a prefix.
pub(super) fn series_of<'a>(
    snapshot: &'a Snapshot,
    prefix: &'a str,
) -> impl Iterator<Item = &'a Series> {
    snapshot.series().iter().filter(move |series| series.name().starts_with(prefix))
}

fn assert_not_below(now: &Snapshot, before: &Snapshot, prefix: &str) {
    let mut present = now.series().iter();
    for old in series_of(before, prefix) {
        let what = format!("{}{:?}", old.name(), old.labels());
        // Both are sorted, so what was there is found on the way through.
        let new = present
            .find(|new| (new.name(), new.labels()) == (old.name(), old.labels()))
            .unwrap_or_else(|| panic!("{what} is gone"));
        match (new.value(), old.value()) {
            (Value::Counter(new), Value::Counter(old)) => {
                assert!(new >= old, "{what}: {new} after {old}")
            }
            (Value::Gauge(new), Value::Gauge(old)) => {
                assert!(!what.starts_with("growing") || new >= old, "{what}: {new} after {old}");
            }
            (Value::Histogram(new), Value::Histogram(old)) => {
                assert_histogram_not_below(new, old, &what)
            }
            (Value::Timer(new), Value::Timer(old)) => assert_timer_not_below(new, old, &what),
            (new, old) => panic!("{what}: {new:?} after {old:?}"),
        }
    }
}

fn assert_histogram_not_below(new: &HistogramSnapshot, old: &HistogramSnapshot, what: &str) {
    assert!(new.count() >= old.count(), "{what}: count {} after {}", new.count(), old.count());
    assert!(new.sum() >= old.sum(), "{what}: sum {} after {}", new.sum(), old.sum());
    let (mut all, mut up_to_here, mut up_to_there) = (new.buckets(), 0, 0);
    for old in old.buckets() {
        let new = loop {
            let bucket = all.next().unwrap_or_else(|| panic!("{what}: {old:?} is empty again"));
            up_to_here += bucket.count;
            if bucket.lower >= old.lower {
                break bucket;
            }
        };
        up_to_there += old.count;
        assert_eq!((new.lower, new.upper), (old.lower, old.upper), "{what}");
        assert!(new.count >= old.count, "{what}: {new:?} after {old:?}");
        assert!(
            up_to_here >= up_to_there,
            "{what}: up to {new:?}, {up_to_here} after {up_to_there}"
        );
    }
    up_to_here += all.map(|bucket| bucket.count).sum::<u64>();
    assert_eq!(up_to_here, new.count(), "{what}: the count is that of the buckets");
    if new.is_range_exact() && old.is_range_exact() {
        assert!(new.min() <= old.min() && new.max() >= old.max(), "{what}: the range shrank");
    }
}

pub(super) fn assert_timer_not_below(new: &TimerSnapshot, old: &TimerSnapshot, what: &str) {
    assert_histogram_not_below(new.histogram(), old.histogram(), what);
    assert!(new.total() >= old.total(), "{what}: {:?} after {:?}", new.total(), old.total());
    assert!(
        new.self_total() >= old.self_total(),
        "{what}: {:?} after {:?}",
        new.self_total(),
        old.self_total()
    );
    assert!(new.self_total() <= new.total(), "{what}: {:?} of {:?}", new.self_total(), new.total());
}

/// The difference of two snapshots is that of their numbers: nothing looks as if it had been reset.
fn assert_difference(now: &Snapshot, before: &Snapshot, prefix: &str) {
    let since = now.since(before);
    let count = |snapshot: &Snapshot| -> u64 {
        let counts = series_of(snapshot, prefix).map(|series| match series.value() {
            Value::Counter(total) => *total,
            Value::Histogram(histogram) => histogram.count(),
            Value::Timer(timer) => timer.count(),
            _ => 0,
        });
        counts.sum()
    };
    assert_eq!(count(&since), count(now) - count(before), "since the snapshot before");
}
