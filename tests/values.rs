//! Every kind against every hostile value: what counts, what is dropped, and under which reason.
//!
//! Histograms and conflicts are in this file, the other kinds beside it. Drops are counted for the whole process, so the tests of this file take turns.

#[path = "values/counter.rs"]
mod counter;
#[path = "values/gauge.rs"]
mod gauge;
#[path = "values/summary.rs"]
mod summary;
#[path = "values/timer.rs"]
mod timer;

use std::sync::{Barrier, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tachograph::{HistogramSnapshot, Registry};

static TURN: Mutex<()> = Mutex::new(());

fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What was dropped since `before`, by reason, without the zeros.
struct Drops(Vec<(&'static str, u64)>);

impl Drops {
    fn now() -> Drops {
        Drops(Registry::new().snapshot().overhead().dropped().to_vec())
    }

    fn since(&self) -> Vec<(&'static str, u64)> {
        let now = Drops::now().0;
        let more =
            now.iter().zip(&self.0).map(|((reason, now), (_, before))| (*reason, now - before));
        more.filter(|(_, count)| *count > 0).collect()
    }
}

fn assert_dropped(before: &Drops, expected: &[(&'static str, u64)], what: &str) {
    assert_eq!(before.since(), expected, "{what}");
}

const NOT_NUMBERS: [f64; 4] = [f64::NAN, -f64::NAN, f64::INFINITY, f64::NEG_INFINITY];

/// Numbers of every sort, in ascending order; the range of a histogram is 2^-30 to 2^34.
const NUMBERS: [f64; 19] = [
    f64::MIN,
    -1e300,
    -1.0,
    -f64::MIN_POSITIVE,
    -5e-324,
    -0.0,
    0.0,
    5e-324,
    f64::MIN_POSITIVE,
    1.0 / (1_u64 << 31) as f64,
    1.0 / (1_u64 << 30) as f64,
    1e-9,
    0.1,
    1.0,
    1_500.0,
    (1_u64 << 34) as f64,
    (1_u64 << 35) as f64,
    u64::MAX as f64,
    f64::MAX,
];

/// What every histogram of numbers must satisfy.
fn assert_sane(seen: &HistogramSnapshot, what: &str) {
    assert!(seen.sum().is_finite(), "{what}: sum {}", seen.sum());
    assert_eq!(seen.buckets().map(|bucket| bucket.count).sum::<u64>(), seen.count(), "{what}");
    assert_eq!(seen.count_at_most(f64::INFINITY), seen.count(), "{what}");
    let numbers = [seen.min(), seen.max(), seen.mean(), seen.stddev()];
    let quantiles = [0.0, 0.01, 0.5, 0.99, 1.0].map(|q| seen.quantile(q));
    for number in numbers.into_iter().chain(quantiles) {
        let number = number.unwrap_or_else(|| panic!("{what}: not known"));
        assert!(number.is_finite(), "{what}: {number}");
    }
    assert!(seen.min() <= seen.max(), "{what}");
    for pair in quantiles.windows(2) {
        assert!(pair[0] <= pair[1], "{what}: {quantiles:?}");
    }
}

#[test]
fn a_histogram_takes_every_number_where_it_belongs() {
    let _turn = turn();
    let registry = Registry::new();
    let before = Drops::now();
    for value in NUMBERS {
        let what = format!("{value:?}");
        let histogram = registry.histogram("number", &[("value", what.as_str())]).unwrap();
        // The first record of a site goes another way than the second.
        histogram.record(value);
        histogram.record(value);
        histogram.record_many(value, 3);
        let seen = histogram.snapshot();
        assert_eq!(seen.count(), 5, "{what}");
        assert_sane(&seen, &what);
        assert_eq!((seen.min(), seen.max()), (Some(value), Some(value)), "{what}");
        assert!(seen.is_range_exact());
        let bucket = seen.buckets().next().unwrap();
        assert_eq!(bucket.count, 5);
        assert!(bucket.lower <= value && value <= bucket.upper, "{what} in {bucket:?}");
        if value.abs() < 1e300 {
            // Each step is exact or rounds like this one.
            assert_eq!(seen.sum(), value + value + value * 3.0, "{what}");
        }
    }
    // Twice and three times the two ends have no place in an f64; 5 * 1e300 has.
    assert_dropped(&before, &[("sum_overflow", 4)], "the sums at both ends");
}

#[test]
fn a_histogram_of_all_numbers_is_exact_in_every_count() {
    let _turn = turn();
    let registry = Registry::new();
    let before = Drops::now();
    let histogram = registry.histogram("all", &[]).unwrap();
    for round in 1..=3_u64 {
        NUMBERS.iter().for_each(|value| histogram.record(*value));
        NOT_NUMBERS.iter().for_each(|value| histogram.record(*value));
        let seen = histogram.snapshot();
        assert_sane(&seen, "all");
        assert_eq!(seen.count(), round * NUMBERS.len() as u64);
        assert_eq!((seen.min(), seen.max()), (Some(f64::MIN), Some(f64::MAX)));
        let counts: Vec<u64> = seen.buckets().map(|bucket| bucket.count).collect();
        // Negatives; zero and what is not above 2^-30; five of its own; above 2^34.
        assert_eq!(counts, [5, 6, 1, 1, 1, 1, 1, 3].map(|count| count * round));
        assert_eq!(seen.count_at_most(1.0 / (1_u64 << 30) as f64), 11 * round);
        assert_eq!(seen.count_at_most((1_u64 << 34) as f64), 16 * round);
    }
    // The least number leaves no room for -1e300; the greatest one makes room again.
    assert_dropped(&before, &[("not_finite", 12), ("sum_overflow", 3)], "all");
}

#[test]
fn what_is_no_number_changes_no_histogram_and_is_counted() {
    let _turn = turn();
    let registry = Registry::new();
    let histogram = registry.histogram("hurt", &[]).unwrap();
    histogram.record(2.0);
    for (place, value) in NOT_NUMBERS.into_iter().enumerate() {
        let before = Drops::now();
        histogram.record(value);
        histogram.record(value as f32);
        histogram.record_many(value, 1_000);
        assert_dropped(&before, &[("not_finite", 3)], &format!("{value}"));
        assert_eq!(
            (histogram.count(), histogram.snapshot().sum()),
            (1 + place as u64, 2.0 * (1 + place) as f64)
        );
        histogram.record(2.0);
        assert_sane(&histogram.snapshot(), "hurt");
    }
}

#[test]
fn the_sum_of_a_histogram_stays_at_the_ends_of_the_numbers() {
    let _turn = turn();
    let registry = Registry::new();
    let histogram = registry.histogram("far", &[]).unwrap();
    // Two threads at once, so that two shards hold a sum of half of all numbers each.
    let together = Barrier::new(2);
    let before = Drops::now();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                histogram.record(f64::MAX);
                histogram.record(f64::MAX);
                histogram.record(1.0);
                together.wait();
            });
        }
    });
    assert_dropped(&before, &[("sum_overflow", 2)], "one in each thread");
    let seen = histogram.snapshot();
    assert_eq!((seen.count(), seen.sum()), (6, f64::MAX));
    assert_sane(&seen, "far");
    registry.reset("far");
    assert_eq!((histogram.count(), histogram.snapshot().sum()), (0, 0.0));
    histogram.record(1.0);
    assert_sane(&histogram.snapshot(), "far, after a reset");
}

#[test]
fn record_many_is_many_records_and_none_is_none() {
    let _turn = turn();
    let registry = Registry::new();
    let before = Drops::now();
    let (one, many) =
        (registry.histogram("one", &[]).unwrap(), registry.histogram("many", &[]).unwrap());
    for value in [1.0, 250.0, 0.0, -3.0, 1e12] {
        (0..7).for_each(|_| one.record(value));
        many.record_many(value, 7);
        // No record at all, also of what was never seen.
        many.record_many(value, 0);
        many.record_many(value * 1e3 + 1e6, 0);
        many.record_many(-1e9, 0);
        many.record_many(f64::NAN, 0);
    }
    let (one, many) = (one.snapshot(), many.snapshot());
    assert_eq!(one.buckets().collect::<Vec<_>>(), many.buckets().collect::<Vec<_>>());
    assert_eq!((one.sum(), one.min(), one.max()), (many.sum(), many.min(), many.max()));
    assert_dropped(&before, &[], "nothing was recorded, so nothing was dropped");

    let none = registry.histogram("none", &[]).unwrap();
    none.record_many(5.0, 0);
    none.record_many(5.0, 0);
    assert_eq!((none.count(), none.snapshot().max()), (0, None));
    none.record(1.0);
    assert_eq!((none.snapshot().min(), none.snapshot().max()), (Some(1.0), Some(1.0)));
}

#[test]
fn the_largest_count_is_kept() {
    let _turn = turn();
    let registry = Registry::new();
    let histogram = registry.histogram("most", &[]).unwrap();
    for value in [1.0, -1.0, 1e-12, (1_u64 << 34) as f64] {
        registry.reset("most");
        histogram.record_many(value, usize::MAX);
        let seen = histogram.snapshot();
        assert_eq!(seen.count(), usize::MAX as u64, "{value}");
        assert_sane(&seen, "most");
        assert!(
            (seen.sum() / (value * usize::MAX as f64) - 1.0).abs() < 1e-9,
            "{value}: {}",
            seen.sum()
        );
        // Another bucket: the count is a sum of two, and stays where it is.
        histogram.record(3.0);
        assert_eq!(histogram.count(), (usize::MAX as u64).saturating_add(1));
    }
}

#[test]
fn integers_and_durations_are_the_numbers_that_they_name() {
    let _turn = turn();
    let registry = Registry::new();
    let histogram = registry.histogram("integers", &[]).unwrap();
    let mut sum = 0.0;
    macro_rules! record {
        ($($value:expr => $number:expr),* $(,)?) => {$(
            histogram.record($value);
            sum += $number;
            assert_eq!(histogram.snapshot().sum(), sum, stringify!($value));
        )*};
    }
    record! {
        u8::MAX => 255.0, i8::MIN => -128.0, u16::MAX => 65_535.0, i16::MIN => -32_768.0,
        u32::MAX => 4_294_967_295.0, i32::MIN => -2_147_483_648.0, 7_usize => 7.0, -7_isize => -7.0,
        0.5_f32 => 0.5, Duration::from_millis(1_500) => 1.5, Duration::ZERO => 0.0,
    }
    let wide = registry.histogram("wide", &[]).unwrap();
    wide.record(u64::MAX);
    wide.record(i64::MIN);
    assert_eq!(wide.snapshot().sum(), 18_446_744_073_709_551_616.0 - 9_223_372_036_854_775_808.0);
    let long = registry.histogram("long", &[]).unwrap();
    long.record(Duration::MAX);
    assert_eq!(long.snapshot().max(), Some(Duration::MAX.as_secs_f64()));
}

#[test]
fn records_of_a_name_of_another_kind_are_dropped_as_conflicts() {
    let _turn = turn();
    tachograph::gauge!("values_conflict").set(1.0);
    let before = Drops::now();
    tachograph::counter!("values_conflict").increment(1);
    tachograph::histogram!("values_conflict").record(1.0);
    tachograph::timer!("values_conflict").record(Duration::from_secs(1));
    tachograph::counter!("values_conflict", "label" => 7).increment(1);
    assert_dropped(&before, &[("conflict", 4)], "one gauge, four others");
    let label_key = "k".repeat(600);
    let before = Drops::now();
    tachograph::counter!(label_key.as_str()).increment(1);
    assert_dropped(&before, &[("invalid", 1)], "a name that is too long");
    assert_eq!(tachograph::registry().snapshot().gauge("values_conflict", &[]), Some(1.0));
}
