//! Summaries: what is kept is what was recorded, with its time and what was said of it.

use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tachograph::{Registry, Sample, Unit};

use super::{Drops, NOT_NUMBERS, NUMBERS, assert_dropped, turn};

#[test]
fn every_number_is_kept_as_it_is_and_nothing_else() {
    let _turn = turn();
    let registry = Registry::new();
    let summary = registry.summary("s", &[]).unwrap();
    let before = Drops::now();
    NOT_NUMBERS.iter().for_each(|value| summary.record(*value));
    NOT_NUMBERS.iter().for_each(|value| summary.record_sample(Sample::new(*value).tag("a", 1)));
    assert_dropped(&before, &[("not_finite", 8)], "no numbers");
    assert_eq!((summary.count(), summary.samples().len()), (0, 0));

    NUMBERS.iter().for_each(|value| summary.record(*value));
    let snapshot = registry.snapshot();
    let found = snapshot.summary("s", &[]).unwrap();
    let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(found.kept()), bits(&NUMBERS));
    assert_eq!(found.count(), NUMBERS.len() as u64);
    for (place, value) in NUMBERS.iter().enumerate() {
        let q = (place + 1) as f64 / NUMBERS.len() as f64;
        assert_eq!(found.quantile(q), Some(*value), "{q}");
    }
    assert_eq!((found.quantile(0.0), found.quantile(1.1)), (Some(NUMBERS[0]), None));
}

#[test]
fn samples_have_their_time_and_what_was_said_of_them() {
    let registry = Registry::new();
    let summary = registry.summary("s", &[]).unwrap();
    let before = SystemTime::now();
    summary.record_sample(Sample::new(1).tag("a", "x"));
    let after = SystemTime::now();
    let old = UNIX_EPOCH + Duration::from_nanos(1_234_567_891_234_567_891);
    summary.record_sample(Sample::new(2).at(old).tag("a", 'y').metadata("b", 3));
    let kept = summary.samples();
    assert_eq!(kept.iter().map(Sample::value).collect::<Vec<_>>(), [2.0, 1.0], "by their time");
    assert_eq!(kept[0].time(), Some(old));
    assert_eq!((kept[0].get_tag("a"), kept[0].metadata_of("b")), (Some("y"), Some("3")));
    assert!((before..=after).contains(&kept[1].time().unwrap()));
    assert_eq!((kept[1].get_tag("a"), kept[1].metadata_of("b")), (Some("x"), None));
}

#[test]
fn durations_are_in_the_unit_of_the_summary() {
    let registry = Registry::new();
    registry.describe("wait_ms", Some(Unit::Milliseconds), "").unwrap();
    for (name, expected) in [("wait_ms", 1_500.0), ("wait_seconds", 1.5)] {
        let summary = registry.summary(name, &[]).unwrap();
        summary.record(Duration::from_millis(1_500));
        assert_eq!(summary.samples()[0].value(), expected, "{name}");
        assert_eq!(summary.snapshot().sum(), expected, "{name}");
    }
}

#[test]
fn the_last_10_000_of_all_threads_are_kept_and_the_rest_is_counted() {
    let registry = Registry::new();
    let summary = registry.summary("s", &[]).unwrap();
    thread::scope(|scope| {
        for thread in 0..3 {
            scope.spawn(move || {
                (0..5_000).for_each(|number| summary.record(f64::from(thread * 5_000 + number)));
            });
        }
    });
    let found = summary.snapshot();
    assert_eq!((found.count(), found.sum()), (15_000, (0..15_000).sum::<i32>().into()));
    assert_eq!(found.kept().len() as u64 + summary.left_out().min(5_000), 10_000);
    assert_eq!((found.min(), found.max()), (Some(0.0), Some(14_999.0)));
}

#[test]
fn a_difference_holds_what_came_in_between_and_a_reset_starts_anew() {
    let registry = Registry::new();
    let summary = registry.summary("s", &[]).unwrap();
    let kept =
        |snapshot: &tachograph::Snapshot| snapshot.summary("s", &[]).unwrap().kept().to_vec();
    [1, 2, 3].iter().for_each(|value| summary.record(*value));
    let one = registry.snapshot();
    [4, 5].iter().for_each(|value| summary.record(*value));
    let two = registry.snapshot();
    let window = two.since(&one);
    assert_eq!(kept(&window), [4.0, 5.0]);
    assert_eq!(window.summary("s", &[]).unwrap().quantile(0.5), Some(4.0));

    registry.reset("s");
    summary.record(6);
    let three = registry.snapshot();
    assert_eq!((kept(&three), kept(&three.since(&two))), (vec![6.0], vec![6.0]));
    assert_eq!(summary.samples().len(), 1);
}

#[test]
fn two_summaries_merge_as_their_values_do() {
    let registry = Registry::new();
    let all = [[1.0, 5.0], [2.0, 3.0]];
    let [mut one, other] = [0, 1].map(|place| {
        let summary = registry.summary("s", &[("k", ["a", "b"][place])]).unwrap();
        all[place].iter().for_each(|value| summary.record(*value));
        summary.snapshot()
    });
    one.merge(&other).unwrap();
    assert_eq!((one.count(), one.sum(), one.kept()), (4, 11.0, &[1.0, 5.0, 2.0, 3.0][..]));
    assert_eq!(one.quantiles([0.25, 0.5, 0.75, 1.0]), [1.0, 2.0, 3.0, 5.0].map(Some));
}
