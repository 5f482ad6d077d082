//! Every number of a histogram against a naive twin: the sorted values themselves.

use super::*;

/// The values, and the same values as cells.
struct Twins {
    sorted: Vec<f64>,
    histogram: HistogramSnapshot,
}

impl Twins {
    fn new(layout: &Arc<Layout>, values: &[f64]) -> Twins {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        Twins { histogram: recorded(layout, values), sorted }
    }

    /// The value of nearest rank.
    fn quantile(&self, q: f64) -> f64 {
        let rank = (q * self.sorted.len() as f64).ceil() as usize;
        self.sorted[rank.max(1) - 1]
    }

    fn mean(&self) -> f64 {
        self.sorted.iter().sum::<f64>() / self.sorted.len() as f64
    }

    fn stddev(&self) -> f64 {
        let mean = self.mean();
        let squares: f64 = self.sorted.iter().map(|value| (value - mean).powi(2)).sum();
        (squares / self.sorted.len() as f64).sqrt()
    }
}

fn recorded(layout: &Arc<Layout>, values: &[f64]) -> HistogramSnapshot {
    let mut counts = vec![0; layout.cells() as usize];
    for value in values {
        counts[layout.cell(*value).unwrap() as usize] += 1;
    }
    let min = values.iter().copied().fold(f64::INFINITY, f64::min);
    let max = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum = values.iter().sum();
    HistogramSnapshot::new(Arc::clone(layout), 0, counts, sum, Extremes::Exact(min, max))
}

/// Uniform numbers in 0..1, always the same ones.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Box-Muller.
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.next()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.next()).cos()
    }
}

fn samples() -> Vec<(&'static str, Vec<f64>)> {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut many = |value: &mut dyn FnMut(&mut Random) -> f64| -> Vec<f64> {
        (0..500).map(|_| value(&mut random)).collect()
    };
    vec![
        ("uniform", many(&mut |random| 1.0 + 999.0 * random.next())),
        ("log-normal", many(&mut |random| (2.0 * random.normal() - 3.0).exp())),
        ("constant", vec![0.1; 1_000]),
        (
            "bimodal",
            many(&mut |random| {
                let center = if random.next() < 0.3 { 1e-3 } else { 50.0 };
                center * (0.1 * random.normal()).exp()
            }),
        ),
        ("one value", vec![42.0]),
        ("two values", vec![3.0, 1e6]),
        (
            "out of range",
            many(&mut |random| match random.next() {
                choice if choice < 0.2 => -100.0 * random.next(),
                choice if choice < 0.4 => 0.0,
                choice if choice < 0.5 => 1e-12 * random.next(),
                choice if choice < 0.6 => 1e12 * (1.0 + random.next()),
                _ => random.next(),
            }),
        ),
        ("below zero only", vec![-5.0, -3.0, -1.0]),
        ("beyond the range only", vec![1e300, 1e301]),
        ("zero only", vec![0.0, 0.0, -0.0]),
    ]
}

fn layouts() -> Vec<Arc<Layout>> {
    let declared: &[f64] = &[0.001, 0.1, 0.3, 1.0, 50.0];
    let of = |schema, bounds| Arc::new(Layout::new(schema, -30, 34, bounds).unwrap());
    vec![of(5, &[]), of(5, declared), of(8, &[]), of(3, declared), of(0, &[]), of(-4, declared)]
}

const QUANTILES: [f64; 12] = [0.0, 1e-9, 0.01, 0.1, 0.25, 0.3, 0.5, 0.75, 0.95, 0.99, 0.999, 1.0];

#[test]
fn quantiles_keep_their_error_bound() {
    for layout in layouts() {
        let half_a_bucket = 2_f64.powf(0.5 / 2_f64.powi(layout.schema().into())) - 1.0;
        let (lower, upper) = layout.range();
        for (what, values) in samples() {
            let twins = Twins::new(&layout, &values);
            let mut last = f64::NEG_INFINITY;
            for q in QUANTILES {
                let truth = twins.quantile(q);
                let guess = twins.histogram.quantile(q).unwrap();
                let close = match truth {
                    _ if truth < 0.0 => guess <= truth && guess >= twins.sorted[0],
                    _ if truth <= lower => (0.0..=lower).contains(&guess),
                    _ if truth > upper => guess == truth || Some(guess) == twins.histogram.max(),
                    _ => (guess / truth - 1.0).abs() <= half_a_bucket * (1.0 + 1e-9),
                };
                let at_end = q > 0.0 && q < 1.0 || guess == truth;
                assert!(
                    close && at_end,
                    "{what}, schema {}, q {q}: {guess:?} for {truth:?}",
                    layout.schema()
                );
                assert!(guess >= last, "{what}: quantiles fall at {q}");
                last = guess;
            }
        }
    }
}

#[test]
fn mean_is_exact_and_stddev_near() {
    for layout in layouts() {
        for (what, values) in samples() {
            let twins = Twins::new(&layout, &values);
            let (mean, truth) = (twins.histogram.mean().unwrap(), twins.mean());
            assert!((mean - truth).abs() <= truth.abs() * 1e-12, "{what}: mean {mean} for {truth}");
            let (min, max) = (twins.sorted[0], twins.sorted[values.len() - 1]);
            assert!((min..=max).contains(&mean), "{what}: mean {mean} outside {min}..={max}");
            let deviation = twins.histogram.stddev().unwrap();
            let in_range = min > 0.0 && max < layout.range().1;
            if in_range && layout.schema() >= 3 {
                let truth = twins.stddev();
                let near = (deviation - truth).abs() <= truth * 0.02 + mean * 1e-3;
                assert!(near, "{what}, schema {}: stddev {deviation} for {truth}", layout.schema());
            }
            assert!(deviation.is_finite() && deviation >= 0.0);
        }
    }
}

#[test]
fn constant_values_are_given_back_exactly() {
    for value in [0.1, 1e-12, 1e13, -7.5, 0.0, f64::MAX, f64::MIN_POSITIVE] {
        let histogram = recorded(&Arc::new(Layout::histogram()), &[value; 7]);
        for q in QUANTILES {
            assert_eq!(histogram.quantile(q), Some(value));
        }
        assert_eq!((histogram.mean(), histogram.stddev()), (Some(value), Some(0.0)), "{value}");
        assert_eq!((histogram.min(), histogram.max()), (Some(value), Some(value)));
        assert!(histogram.is_range_exact());
    }
}

#[test]
fn nothing_recorded_gives_nothing() {
    let layout = Arc::new(Layout::timer());
    let empty = HistogramSnapshot::new(layout, 0, vec![0; 9], 3.5, Extremes::Exact(1.0, 2.0));
    assert_eq!((empty.count(), empty.sum()), (0, 0.0));
    assert_eq!((empty.min(), empty.max(), empty.mean(), empty.stddev()), (None, None, None, None));
    assert_eq!(
        (empty.quantile(0.5), empty.count_at_most(1.0), empty.buckets().count()),
        (None, 0, 0)
    );
}

#[test]
fn no_quantile_outside_of_zero_to_one() {
    let histogram = recorded(&Arc::new(Layout::timer()), &[1.0, 2.0]);
    for q in [f64::NAN, -0.1, 1.000_001, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(histogram.quantile(q), None, "{q}");
    }
    assert_eq!(histogram.quantile(-0.0), Some(1.0));
}

#[test]
fn buckets_are_the_filled_ones_in_order() {
    let layout = Arc::new(Layout::new(0, -2, 3, &[3.0]).unwrap());
    let histogram = recorded(&layout, &[-1.0, 0.25, 0.0, 2.5, 3.0, 3.5, 3.6, 4.0, 9.0]);
    let bucket = |lower, upper, count| Bucket { lower, upper, count };
    assert_eq!(
        histogram.buckets().collect::<Vec<_>>(),
        [
            bucket(f64::NEG_INFINITY, 0.0, 1),
            bucket(0.0, 0.25, 2),
            bucket(2.0, 3.0, 2),
            bucket(3.0, 4.0, 3),
            bucket(8.0, f64::INFINITY, 1),
        ]
    );
}

#[test]
fn counts_up_to_every_bound_of_the_layout_are_exact() {
    for layout in layouts().into_iter().filter(|layout| layout.schema() < 8) {
        for (what, mut values) in samples() {
            values.sort_by(f64::total_cmp);
            let histogram = recorded(&layout, &values);
            // From the zero bucket on; below it there is no bound.
            for cell in 1..layout.cells() {
                let (_, bound) = layout.cell_bounds(cell);
                let truth = values.partition_point(|value| *value <= bound) as u64;
                assert_eq!(histogram.count_at_most(bound), truth, "{what} up to {bound}");
            }
            assert_eq!(histogram.count_at_most(f64::NAN), 0);
            assert_eq!(histogram.count_at_most(f64::NEG_INFINITY), 0);
        }
    }
}

#[test]
fn a_merge_is_the_histogram_of_all_values() {
    for layout in layouts() {
        for (one, some) in samples() {
            for (two, others) in samples() {
                let together = recorded(&layout, &[some.as_slice(), &others].concat());
                let mut merged = recorded(&layout, &some);
                merged.merge(&recorded(&layout, &others)).unwrap();
                assert_same(&merged, &together, &format!("{one} and {two}"));
                assert_eq!((merged.min(), merged.max()), (together.min(), together.max()));
                assert!(merged.is_range_exact());
            }
        }
    }
}

#[test]
fn a_difference_has_the_counts_of_what_came_between() {
    for layout in layouts() {
        for (one, some) in samples() {
            for (two, others) in samples() {
                let together = recorded(&layout, &[some.as_slice(), &others].concat());
                let between = together.since(&recorded(&layout, &some));
                let truth = recorded(&layout, &others);
                let what = format!("{two} after {one}");
                assert_eq!(
                    between.cells().collect::<Vec<_>>(),
                    truth.cells().collect::<Vec<_>>(),
                    "{what}"
                );
                assert_eq!(between.count(), truth.count(), "{what}");
                assert!(!between.is_range_exact());
                assert!(between.min() <= truth.min() && between.min() >= together.min(), "{what}");
                assert!(between.max() >= truth.max() && between.max() <= together.max(), "{what}");
            }
        }
    }
}

#[test]
fn a_difference_to_nothing_keeps_the_exact_range() {
    let layout = Arc::new(Layout::timer());
    let now = recorded(&layout, &[0.3, 0.7]);
    let between = now.since(&recorded(&layout, &[]));
    assert_same(&between, &now, "since nothing");
    assert_eq!(
        (between.min(), between.max(), between.is_range_exact()),
        (Some(0.3), Some(0.7), true)
    );
    let none = now.since(&now);
    assert_eq!((none.count(), none.sum(), none.min()), (0, 0.0, None));
}

#[test]
fn a_reset_in_between_gives_the_present_values() {
    let layout = Arc::new(Layout::timer());
    let before = recorded(&layout, &[1.0, 1.0, 4.0]);
    for values in [&[1.0][..], &[2.0, 2.0, 2.0, 2.0], &[1.0, 1.0, 2.0, 2.0], &[8.0; 5], &[]] {
        let now = recorded(&layout, values);
        assert_same(&now.since(&before), &now, &format!("{values:?}"));
    }
    let coarser = recorded(&Arc::new(Layout::histogram()), &[1.0, 1.0, 4.0, 4.0]);
    assert_same(&coarser.since(&before), &coarser, "another layout");
}

#[test]
fn different_layouts_do_not_merge() {
    let mut timer = recorded(&Arc::new(Layout::timer()), &[1.0]);
    let other = recorded(&Arc::new(Layout::new(3, -4, 4, &[0.3]).unwrap()), &[2.0]);
    let error = timer.merge(&other).unwrap_err();
    assert!(error.is_invalid());
    assert_eq!(
        error.to_string(),
        "a histogram of schema 5 over 2^-30..=2^15 cannot take one of schema 3 over 2^-4..=2^4 \
         with the bounds [0.3]: record both with one schema, range and bounds"
    );
    assert_eq!((timer.count(), timer.sum()), (1, 1.0));
}

#[test]
fn without_exact_extremes_the_filled_cells_tell_the_range() {
    let layout = Arc::new(Layout::new(0, -2, 3, &[]).unwrap());
    let unknown = Extremes::Within(f64::NEG_INFINITY, f64::INFINITY);
    let of = |counts: &[u64], extremes| {
        HistogramSnapshot::new(Arc::clone(&layout), 0, counts.to_vec(), 5.0, extremes)
    };
    // Cells: below zero, zero, (0.25, 0.5], (0.5, 1], (1, 2], (2, 4], (4, 8], above.
    let inside = of(&[0, 0, 1, 0, 0, 1], unknown);
    assert_eq!(
        (inside.min(), inside.max(), inside.is_range_exact()),
        (Some(0.25), Some(4.0), false)
    );
    let narrowed = of(&[0, 0, 1, 0, 0, 1], Extremes::Within(0.3, 5.0));
    assert_eq!((narrowed.min(), narrowed.max()), (Some(0.3), Some(4.0)));
    let open = of(&[1, 0, 0, 0, 0, 0, 0, 1], unknown);
    assert_eq!((open.min(), open.max()), (None, None));
    assert_eq!((open.quantile(0.1), open.quantile(0.9)), (Some(0.0), Some(8.0)));
    assert!(open.stddev().unwrap().is_finite());
    // Extremes that do not reach the filled cells cannot be those of the values in them.
    for torn in [
        Extremes::Exact(f64::INFINITY, f64::NEG_INFINITY),
        Extremes::Exact(0.3, 1.0),
        Extremes::Exact(1.0, 4.0),
        Extremes::Within(6.0, 7.0),
    ] {
        let torn = of(&[0, 0, 1, 0, 0, 1], torn);
        assert_eq!((torn.min(), torn.max(), torn.is_range_exact()), (Some(0.25), Some(4.0), false));
    }
}

#[test]
fn counts_and_sums_stop_at_their_ends() {
    let layout = Arc::new(Layout::histogram());
    let of = |sum| {
        let extremes = Extremes::Exact(0.7, 3.0);
        HistogramSnapshot::new(
            Arc::clone(&layout),
            960,
            vec![u64::MAX, 0, 0, u64::MAX],
            sum,
            extremes,
        )
    };
    let mut full = of(f64::INFINITY);
    assert_eq!((full.count(), full.sum()), (u64::MAX, f64::MAX));
    assert_eq!(full.mean(), Some(3.0));
    assert!(full.quantile(0.5).is_some() && full.quantile(1.0).is_some());
    full.merge(&of(f64::MAX)).unwrap();
    assert_eq!((full.count(), full.sum()), (u64::MAX, f64::MAX));
    assert_eq!(full.since(&of(f64::MAX)).sum(), 0.0);
}

/// Equal in every count, and in the sum up to the order of additions.
fn assert_same(one: &HistogramSnapshot, other: &HistogramSnapshot, what: &str) {
    assert_eq!(one.cells().collect::<Vec<_>>(), other.cells().collect::<Vec<_>>(), "{what}");
    assert_eq!(one.count(), other.count(), "{what}");
    let tolerance = 1e-9 * one.sum().abs().max(1.0);
    assert!(
        (one.sum() - other.sum()).abs() <= tolerance,
        "{what}: {} and {}",
        one.sum(),
        other.sum()
    );
}
