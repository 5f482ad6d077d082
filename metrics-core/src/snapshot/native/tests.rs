//! Native buckets, against those that a logarithm tells.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::bucket::Layout;
use crate::snapshot::{Extremes, HistogramSnapshot};

/// Powers of two and their neighbours, and what lies between.
fn values() -> Vec<f64> {
    let powers = (-40..=40).map(|exponent| 2_f64.powi(exponent));
    let around = powers.flat_map(|power| {
        let beside = [power.to_bits() - 1, power.to_bits() + 1].map(f64::from_bits);
        [power, beside[0], beside[1], power * 1.3, power * 1.41, -power]
    });
    around.chain([0.0, 0.1, 0.25, 1.5, 1e300]).collect()
}

fn recorded(layout: Layout, values: &[f64]) -> HistogramSnapshot {
    let mut counts = vec![0; layout.cells() as usize];
    values.iter().for_each(|value| counts[layout.cell(*value).unwrap() as usize] += 1);
    let extremes = Extremes::Within(f64::NEG_INFINITY, f64::INFINITY);
    HistogramSnapshot::new(Arc::new(layout), 0, counts, 1.0, extremes)
}

#[test]
fn native_buckets_are_those_of_a_logarithm() {
    for schema in -4..=8 {
        for bounds in [&[][..], &[0.1, 0.25, 1.5]] {
            for (low, high) in [(-30, 34), (-5, 3), (-1_000, 900)] {
                // The widest range has not room for the finest schemas.
                let Ok(layout) = Layout::new(schema, low, high, bounds) else { continue };
                check(&recorded(layout.clone(), &values()), schema);
                check(&recorded(layout, &[]), schema);
            }
        }
    }
}

fn check(histogram: &HistogramSnapshot, schema: i8) {
    let range = histogram.layout().range();
    let per_octave = 2_f64.powi(i32::from(schema));
    let mut expected: BTreeMap<i32, u64> = BTreeMap::new();
    let mut special = [0; 3];
    for bucket in histogram.buckets() {
        if bucket.lower < 0.0 {
            special[0] += bucket.count;
        } else if bucket.lower == 0.0 {
            special[1] += bucket.count;
        } else if bucket.upper > range.1 {
            special[2] += bucket.count;
        } else {
            // Bounds are rounded down, and a part that was cut off ends below its bucket's.
            let index = (bucket.upper.log2() * per_octave - 1e-6).ceil() as i32;
            *expected.entry(index).or_default() += bucket.count;
        }
    }
    assert!(histogram.native_buckets().eq(expected), "{:?}", histogram.layout());
    let (below, zero, above) =
        (histogram.count_below_zero(), histogram.zero_count(), histogram.count_above_range());
    assert_eq!([below, zero, above], special);
    let native: u64 = histogram.native_buckets().map(|(_, count)| count).sum();
    assert_eq!(native + below + zero + above, histogram.count());
}

#[test]
fn counts_at_several_bounds_are_those_at_each() {
    let some = values();
    let bounds = [f64::NEG_INFINITY, -1.0, -0.0, 0.0, 1e-12, 0.1, 0.25, 0.3, 2.0, 1e10, 1e300];
    for schema in [-2, 0, 5] {
        let layout = Layout::new(schema, -10, 10, &[0.1, 0.25]).unwrap();
        for histogram in [recorded(layout.clone(), &some), recorded(layout.clone(), &[])] {
            let each = bounds.map(|bound| histogram.count_at_most(bound));
            assert!(histogram.counts_at_most(&bounds).eq(each), "{schema}");
        }
    }
}
