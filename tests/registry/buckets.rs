//! Buckets of one's own, from the record to the snapshot.

use std::thread;
use std::time::Duration;

use tachograph::{Buckets, HistogramSnapshot, Labels, Registry};

use super::{Pairs, Random, lints_about};

/// Counts up to each declared bound against the values themselves.
fn assert_exact_at(seen: &HistogramSnapshot, bounds: &[f64], values: &[f64]) {
    assert_eq!(seen.count(), values.len() as u64);
    for bound in bounds {
        let exact = values.iter().filter(|value| *value <= bound).count() as u64;
        assert_eq!(seen.count_at_most(*bound), exact, "at most {bound}");
    }
    for bucket in seen.buckets() {
        let exact =
            values.iter().filter(|value| bucket.lower < **value && **value <= bucket.upper).count();
        // The zero bucket begins with zero, and the first one with the least number.
        let edge = values.iter().filter(|value| bucket.lower == 0.0 && **value == 0.0).count();
        assert_eq!(bucket.count, (exact + edge) as u64, "{bucket:?}");
    }
}

#[test]
fn counts_up_to_declared_bounds_are_exact_from_record_to_snapshot() {
    let registry = Registry::new();
    let bounds = [0.1, 0.3, 0.300001, 1.0, 2.5, 2.6, 64.0, 777.7];
    for schema in [-4, -1, 0, 3, 5, 8] {
        let buckets = Buckets::new().schema(schema).range(1e-3, 1e3).bounds(&bounds);
        let labels = schema.to_string();
        let histogram = registry.histogram_with(&format!("exact_{labels}"), &[], buckets).unwrap();
        let mut random = Random(u64::from_le_bytes([7, schema as u8, 1, 1, 1, 1, 1, 1]));
        let mut values = vec![0.0, -0.0, 5e-4, 1e-3, 2e3, 1e9];
        for bound in bounds {
            values.extend(
                [-1, 0, 0, 1].map(|step| f64::from_bits(bound.to_bits().wrapping_add_signed(step))),
            );
        }
        values.extend((0..2_000).map(|_| (random.fraction() * 14.0 - 7.0).exp()));
        thread::scope(|scope| {
            for half in values.chunks(values.len() / 2 + 1) {
                scope.spawn(|| half.iter().for_each(|value| histogram.record(*value)));
            }
        });
        assert_exact_at(&histogram.snapshot(), &bounds, &values);
        assert_eq!(histogram.snapshot().layout().bounds(), bounds);
        // The same after a reset, and for what came since a snapshot.
        let before = registry.snapshot();
        values.iter().for_each(|value| histogram.record(*value));
        let name = format!("exact_{labels}");
        let since = registry.snapshot().since(&before);
        assert_exact_at(since.histogram(&name, &[]).unwrap(), &bounds, &values);
        registry.reset(&name);
        values.iter().rev().for_each(|value| histogram.record(*value));
        assert_exact_at(registry.snapshot().histogram(&name, &[]).unwrap(), &bounds, &values);
    }
}

#[test]
fn a_timer_has_exact_counts_up_to_declared_bounds_in_seconds() {
    let registry = Registry::new();
    let bounds = [0.005, 0.1, 0.3, 1.0];
    let timer =
        registry.timer_with("latency_seconds", &[], Buckets::new().bounds(&bounds)).unwrap();
    // A tick is shorter than a microsecond, so these are on the side of the bound that they say.
    let values: Vec<Duration> = bounds
        .iter()
        .flat_map(|bound| {
            let bound = Duration::from_secs_f64(*bound);
            [bound - Duration::from_micros(1), bound + Duration::from_micros(1), bound / 2]
        })
        .collect();
    values.iter().for_each(|value| timer.record(*value));
    let seen = timer.snapshot();
    for bound in bounds {
        let exact = values.iter().filter(|value| value.as_secs_f64() < bound).count() as u64;
        assert_eq!(seen.histogram().count_at_most(bound), exact, "{bound}");
    }
}

#[test]
fn the_first_buckets_win_and_others_are_noted() {
    let registry = Registry::new();
    let first = Buckets::new().bounds(&[0.1, 1.0]);
    registry.histogram_with("sizes", &[], first.clone()).unwrap().record(0.5);
    // The same again, also without saying so, is nothing to note.
    registry.histogram_with("sizes", &[], first.clone()).unwrap().record(0.5);
    registry.histogram_with("sizes", &[("k", "v")], first).unwrap().record(0.5);
    registry.histogram("sizes", &[]).unwrap().record(0.5);
    assert_eq!(lints_about(&registry, "sizes"), [""; 0]);
    // Others are: for a series that exists, and for a new one.
    for labels in [&[] as Pairs<'_>, &[("k", "w")]] {
        let registry = Registry::new();
        registry.histogram_with("sizes", &[], Buckets::new().schema(3)).unwrap();
        let other = registry.histogram_with("sizes", labels, Buckets::new().schema(2)).unwrap();
        other.record(1.0);
        assert_eq!(other.snapshot().layout().schema(), 3);
        let lints = lints_about(&registry, "sizes");
        assert_eq!(lints.len(), 1, "{labels:?}: {lints:?}");
        assert!(lints[0].contains("the first are kept"), "{lints:?}");
        assert_eq!(lints[0].matches(file!()).count(), 2, "{lints:?}");
    }
    assert_eq!(registry.snapshot().histogram("sizes", &[]).unwrap().count_at_most(0.1), 0);
    assert_eq!(registry.snapshot().histogram("sizes", &[]).unwrap().count_at_most(1.0), 3);
}

#[test]
fn buckets_that_cannot_be_are_refused_by_their_values() {
    let registry = Registry::new();
    registry.histogram("known", &[]).unwrap();
    for (buckets, message) in [
        (Buckets::new().schema(9), "schema 9 is unknown"),
        (Buckets::new().range(1.0, 0.5), "range 1.0 to 0.5"),
        (Buckets::new().bounds(&[0.3, 0.1]), "bucket bound 0.1 follows 0.3"),
        (Buckets::new().bounds(&[f64::NAN]), "bucket bound NaN is not finite"),
        (Buckets::new().bounds(&[0.0]), "bucket bound 0.0 is not above zero"),
        (Buckets::new().bounds(&[1e300]), "bucket bound 1e300 is above the range"),
        (Buckets::new().schema(8).range(1e-300, 1e260), "cells"),
    ] {
        for name in ["new", "known"] {
            let error = registry.histogram_with(name, &[], buckets.clone()).unwrap_err();
            assert!(error.is_invalid() && error.to_string().contains(message), "{name}: {error}");
        }
        assert!(registry.timer_with("new", &[], buckets).unwrap_err().is_invalid());
    }
    assert_eq!(registry.snapshot().series().len(), 1);
}

#[test]
fn a_known_series_is_itself_at_the_cap_too() {
    let registry = Registry::builder().max_series(1).build();
    let buckets = || Buckets::new().schema(2).bounds(&[0.1]);
    registry.histogram_with("capped", &[("k", "v")], buckets()).unwrap().record(1.0);
    registry.histogram_with("capped", &[("k", "w")], buckets()).unwrap().record(1.0);
    registry.histogram_with("capped", &[("k", "v")], buckets()).unwrap().record(1.0);
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.histogram("capped", &[("k", "v")]).unwrap().count(), 2);
    assert_eq!(snapshot.histogram("capped", &[Labels::OVERFLOW]).unwrap().count(), 1);
}
