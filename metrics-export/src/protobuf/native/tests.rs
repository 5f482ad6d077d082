//! Native histograms read back, against a twin that puts each value into a bucket by a logarithm.

use std::collections::BTreeMap;

use tachograph::{Buckets, Registry, Snapshot};

use super::*;

/// Values on both sides of native and of declared bounds, of zero and of the range.
fn values(seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let count = [0, 1, 3, 40, 700][next() as usize % 5];
    let mut value = || {
        let power = 2_f64.powi((next() % 44) as i32 - 22);
        match next() % 8 {
            0 => power,
            1 => f64::from_bits(power.to_bits() + 1),
            2 => f64::from_bits(power.to_bits() - 1),
            3 => 0.0,
            4 => -power,
            5 => [0.1, 0.3, 1.5, 1.6][next() as usize % 4],
            _ => power * (1.0 + (next() % 1_000) as f64 / 1_000.0),
        }
    };
    (0..count).map(|_| value()).collect()
}

fn recorded(buckets: Buckets, values: &[f64]) -> Snapshot {
    let registry = Registry::new();
    let histogram = registry.histogram_with("x", &[], buckets).unwrap();
    values.iter().for_each(|value| histogram.record(*value));
    registry.snapshot()
}

/// The buckets that spans and deltas tell.
fn read(spans: &[BucketSpan], deltas: &[i64]) -> BTreeMap<i32, u64> {
    let mut deltas = deltas.iter();
    let (mut index, mut count) = (0, 0_i64);
    let mut found = BTreeMap::new();
    for (place, span) in spans.iter().enumerate() {
        assert!(span.length > 0 && (place == 0 || span.offset > GAP_MAX), "{spans:?}");
        index += span.offset;
        for _ in 0..span.length {
            count += deltas.next().unwrap();
            found.insert(index, u64::try_from(count).unwrap());
            index += 1;
        }
    }
    assert!(deltas.next().is_none());
    found.retain(|_, count| *count > 0);
    found
}

/// The bucket of a value above zero. Values of the tests are bounds exactly, or not near any.
fn index_of(value: f64, schema: i8) -> i32 {
    let exact = value.log2() * 2_f64.powi(i32::from(schema));
    let nearest = exact.round();
    let bound = 2_f64.powf(nearest / 2_f64.powi(i32::from(schema)));
    if (exact - nearest).abs() < 1e-9 {
        return nearest as i32 + i32::from(value > bound);
    }
    exact.ceil() as i32
}

struct Twin {
    positive: BTreeMap<i32, u64>,
    negative: BTreeMap<i32, u64>,
    zero: u64,
}

impl Twin {
    fn new(values: &[f64], schema: i8, range: (f64, f64)) -> Twin {
        let (mut positive, mut negative, mut zero) = (BTreeMap::new(), BTreeMap::new(), 0);
        for value in values {
            if *value < 0.0 {
                *negative.entry(index_of(range.0, schema) + 1).or_default() += 1;
            } else if *value <= range.0 {
                zero += 1;
            } else if *value > range.1 {
                *positive.entry(index_of(range.1, schema) + 1).or_default() += 1;
            } else {
                *positive.entry(index_of(*value, schema)).or_default() += 1;
            }
        }
        Twin { positive, negative, zero }
    }

    /// Each bucket is a part of one of the coarser schema.
    fn coarser(&self) -> Twin {
        let halved = |buckets: &BTreeMap<i32, u64>| {
            let mut sums = BTreeMap::new();
            for (index, count) in buckets {
                *sums.entry((f64::from(*index) / 2.0).ceil() as i32).or_default() += count;
            }
            sums
        };
        Twin { positive: halved(&self.positive), negative: halved(&self.negative), zero: self.zero }
    }
}

#[test]
fn every_value_is_in_its_bucket_at_every_schema() {
    let mut checked = 0;
    for seed in 1..=20 {
        let values = values(seed);
        for schema in -4..=8 {
            for bounds in [&[][..], &[0.1, 0.3, 1.5]] {
                let (low, high) = [(1e-6, 1e6), (0.01, 8.0)][seed as usize % 2];
                let buckets = Buckets::new().schema(schema).range(low, high).bounds(bounds);
                let snapshot = recorded(buckets, &values);
                let distribution = snapshot.histogram("x", &[]).unwrap();
                let mut twin = Twin::new(&values, schema, distribution.layout().range());
                for expected in (-4..=schema).rev() {
                    checked += u32::from(check(distribution, &twin, expected));
                    twin = twin.coarser();
                }
            }
        }
    }
    assert!(checked > 1_000, "{checked}");
}

/// As many buckets as the twin has give its schema and its buckets; false where a finer schema has no more.
fn check(distribution: &HistogramSnapshot, twin: &Twin, schema: i8) -> bool {
    let mut message = Histogram::default();
    let most = written(&twin.positive) + written(&twin.negative);
    NativeBuckets::default().fill(distribution, most, &mut message);
    if message.schema > i32::from(schema) {
        return false;
    }
    assert_eq!(message.schema, i32::from(schema));
    assert_eq!(read(&message.positive_span, &message.positive_delta), twin.positive);
    assert_eq!(read(&message.negative_span, &message.negative_delta), twin.negative);
    assert_eq!(message.zero_count, twin.zero);
    assert_eq!(message.zero_threshold, distribution.layout().range().0);
    let count = twin.positive.values().chain(twin.negative.values()).sum::<u64>() + twin.zero;
    assert_eq!(count, distribution.count());
    assert_eq!(message.positive_delta.len() + message.negative_delta.len(), most);
    true
}

/// How many buckets are between the first and the last, without gaps of more than two.
fn written(buckets: &BTreeMap<i32, u64>) -> usize {
    let indices: Vec<i32> = buckets.keys().copied().collect();
    let gaps = indices.windows(2).map(|two| (two[1] - two[0] - 1) as usize);
    indices.len() + gaps.filter(|gap| *gap <= 2).sum::<usize>()
}

#[test]
fn more_values_never_make_the_schema_finer() {
    for seed in 1..=20 {
        let registry = Registry::new();
        let buckets = Buckets::new().schema(8).range(1e-4, 1e4);
        let histogram = registry.histogram_with("x", &[], buckets).unwrap();
        let mut before = i32::MAX;
        for value in values(seed) {
            histogram.record(value);
            let snapshot = registry.snapshot();
            let mut message = Histogram::default();
            let distribution = snapshot.histogram("x", &[]).unwrap();
            NativeBuckets::default().fill(distribution, 20, &mut message);
            assert!(message.positive_delta.len() + message.negative_delta.len() <= 20);
            assert!(message.schema <= before);
            before = message.schema;
        }
    }
}

#[test]
fn the_coarsest_schema_is_never_left() {
    let buckets = Buckets::new().schema(2).range(2_f64.powi(-100), 2_f64.powi(100));
    let powers: Vec<f64> = (-99..=100).map(|power| 2_f64.powi(power)).collect();
    let snapshot = recorded(buckets, &powers);
    let mut message = Histogram::default();
    NativeBuckets::default().fill(snapshot.histogram("x", &[]).unwrap(), 0, &mut message);
    assert_eq!(message.schema, -4);
    let read = read(&message.positive_span, &message.positive_delta);
    assert_eq!(read.values().sum::<u64>(), 200);
    assert_eq!(read.first_key_value(), Some((&-6, &4)));
    assert_eq!(read.last_key_value(), Some((&7, &4)));
}

#[test]
fn an_empty_one_is_told_by_its_threshold() {
    let snapshot = recorded(Buckets::new(), &[]);
    let mut message = Histogram::default();
    NativeBuckets::default().fill(snapshot.histogram("x", &[]).unwrap(), 160, &mut message);
    assert_eq!((message.schema, message.zero_threshold), (5, 2_f64.powi(-30)));
    assert_eq!((message.positive_span.len(), message.negative_span.len()), (0, 0));
}
