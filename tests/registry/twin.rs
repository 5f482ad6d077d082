//! Random use of a registry against a naive twin.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use tachograph::{HistogramSnapshot, Kind, Labels, Registry, Snapshot, Value};

use super::{Pairs, Random};

/// What one series holds, kept as plainly as can be.
#[derive(Debug, Default, Clone)]
struct Twin {
    removed: bool,
    ever_reset: bool,
    counter: u64,
    added: f64,
    set: Option<f64>,
    values: Vec<f64>,
}

impl Twin {
    fn start_anew(&mut self) {
        *self = Twin { removed: self.removed, ever_reset: true, ..Twin::default() };
    }

    fn check(&self, kind: Kind, value: &Value, what: &str) {
        match value {
            Value::Counter(total) | Value::Rate(total) => {
                assert_eq!(*total, self.counter, "{what}")
            }
            Value::Gauge(value) => assert_eq!(*value, self.set.unwrap_or(self.added), "{what}"),
            Value::Histogram(seen) => {
                self.check_distribution(seen, what);
                assert_eq!(seen.sum(), self.values.iter().sum::<f64>(), "{what}");
            }
            Value::Timer(seen) => {
                self.check_distribution(seen.histogram(), what);
                let exact = self.values.iter().sum::<f64>();
                assert!(
                    (seen.total().as_secs_f64() - exact).abs() < 1e-6,
                    "{what}: {:?}",
                    seen.total()
                );
                assert_eq!(seen.self_total(), seen.total(), "{what}");
            }
            Value::Summary(seen) => {
                self.check_distribution(seen.histogram(), what);
                assert_eq!(seen.kept(), self.values, "{what}");
                assert_eq!(seen.sum(), self.values.iter().sum::<f64>(), "{what}");
            }
            other => panic!("{what}: {other:?} for a {kind}"),
        }
    }

    fn check_distribution(&self, seen: &HistogramSnapshot, what: &str) {
        assert_eq!(seen.count(), self.values.len() as u64, "{what}");
        let mut inside = 0;
        for bucket in seen.buckets() {
            // The durations are not near a bound, so a tick does not matter.
            let exact = self
                .values
                .iter()
                .filter(|value| bucket.lower < **value && **value <= bucket.upper);
            let zeros = self.values.iter().filter(|value| bucket.lower == 0.0 && **value == 0.0);
            let exact = (exact.count() + zeros.count()) as u64;
            assert_eq!(bucket.count, exact, "{what}: {bucket:?}");
            inside += exact;
        }
        assert_eq!(inside, self.values.len() as u64, "{what}");
        let least = self.values.iter().copied().min_by(f64::total_cmp);
        let (Some(least), Some(min), Some(max)) = (least, seen.min(), seen.max()) else { return };
        let greatest = self.values.iter().copied().max_by(f64::total_cmp).unwrap_or(least);
        assert_eq!(seen.is_range_exact(), !self.ever_reset, "{what}");
        assert!(
            min <= least + 1e-6 && max >= greatest - 1e-6,
            "{what}: {min}..{max} for {least}..{greatest}"
        );
        if !self.ever_reset {
            assert!((min - least).abs() < 1e-6 && (max - greatest).abs() < 1e-6, "{what}");
        }
    }
}

const NAMES: [(&str, Kind); 9] = [
    ("a_total", Kind::Counter),
    ("b", Kind::Gauge),
    ("c", Kind::Histogram),
    ("d", Kind::Timer),
    ("e", Kind::Counter),
    ("ab", Kind::Histogram),
    ("é", Kind::Gauge),
    ("f", Kind::Rate),
    ("g", Kind::Summary),
];

const LABELS: [Pairs<'static>; 5] = [
    &[],
    &[("k", "v")],
    &[("k", "w")],
    &[("z", "1"), ("k", "v")],
    &[("l", "v"), ("k", "v"), ("a", "\n")],
];

type Key = (usize, usize);

/// Does the same to a registry and to its twin.
fn step(registry: &Registry, twins: &mut BTreeMap<Key, Twin>, random: &mut Random) {
    let key = (random.below(NAMES.len() as u64) as usize, random.below(5) as usize);
    let (name, kind) = NAMES[key.0];
    let mut labels = LABELS[key.1].to_vec();
    if random.below(2) == 0 {
        labels.reverse();
    }
    let of_name =
        |twins: &BTreeMap<Key, Twin>| twins.keys().filter(|other| other.0 == key.0).count();
    match random.below(100) {
        0..=2 => {
            assert_eq!(registry.reset(name), of_name(twins));
            twins
                .iter_mut()
                .filter(|(other, _)| other.0 == key.0)
                .for_each(|(_, twin)| twin.start_anew());
        }
        3..=5 => {
            let mut gone = 0;
            for (_, twin) in twins.iter_mut().filter(|(other, _)| other.0 == key.0) {
                gone += usize::from(!twin.removed);
                twin.start_anew();
                twin.removed = true;
            }
            assert_eq!(registry.remove(name), gone);
        }
        draw => {
            let twin = twins.entry(key).or_default();
            twin.removed = false;
            let whole = random.below(1_000) as f64 + 1.0;
            let sets = draw < 20;
            let record = || match kind {
                Kind::Counter => registry.counter(name, &labels).unwrap().increment(whole as u64),
                Kind::Rate => registry.rate(name, &labels).unwrap().increment(whole as u64),
                Kind::Summary => registry.summary(name, &labels).unwrap().record(whole - 1.0),
                Kind::Gauge if sets => registry.gauge(name, &labels).unwrap().set(whole - 500.0),
                Kind::Gauge => registry.gauge(name, &labels).unwrap().increment(whole),
                Kind::Histogram => registry.histogram(name, &labels).unwrap().record(whole - 1.0),
                _ => registry
                    .timer(name, &labels)
                    .unwrap()
                    .record(Duration::from_millis(whole as u64 * 3)),
            };
            // Now and then in a thread that ends right away.
            if draw > 90 {
                thread::scope(|scope| scope.spawn(record).join().unwrap())
            } else {
                record()
            }
            match kind {
                Kind::Counter | Kind::Rate => twin.counter += whole as u64,
                Kind::Gauge if sets => twin.set = Some(whole - 500.0),
                Kind::Gauge => match &mut twin.set {
                    Some(value) => *value += whole,
                    None => twin.added += whole,
                },
                Kind::Histogram | Kind::Summary => twin.values.push(whole - 1.0),
                _ => twin.values.push(whole * 3.0 * 1e-3),
            }
        }
    }
}

fn assert_same(snapshot: &Snapshot, twins: &BTreeMap<Key, Twin>, what: &str) {
    let mut expected: Vec<(&str, Labels, Key)> = twins
        .iter()
        .filter(|(_, twin)| !twin.removed)
        .map(|(key, _)| (NAMES[key.0].0, Labels::new(LABELS[key.1]).unwrap(), *key))
        .collect();
    expected.sort();
    let found: Vec<(&str, &Labels)> =
        snapshot.series().iter().map(|series| (series.name(), series.labels())).collect();
    assert_eq!(
        found,
        expected.iter().map(|(name, labels, _)| (*name, labels)).collect::<Vec<_>>(),
        "{what}"
    );
    for (series, (name, labels, key)) in snapshot.series().iter().zip(&expected) {
        assert_eq!(series.kind(), NAMES[key.0].1);
        twins[key].check(series.kind(), series.value(), &format!("{what}: {name}{labels:?}"));
    }
}

#[test]
fn random_use_of_a_registry_is_that_of_a_naive_twin() {
    let (seeds, steps) = if cfg!(debug_assertions) { (12, 400) } else { (40, 1_000) };
    for seed in 1..=seeds {
        let mut random = Random((seed as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let (registry, mut twins) = (Registry::new(), BTreeMap::new());
        for number in 0..steps {
            step(&registry, &mut twins, &mut random);
            if random.below(12) == 0 {
                assert_same(&registry.snapshot(), &twins, &format!("seed {seed}, step {number}"));
            }
        }
        assert_same(&registry.snapshot(), &twins, &format!("seed {seed}, at the end"));
    }
}
