//! Entries that are put together, against the readings that they lie between and the values themselves.

use std::collections::BTreeMap;
use std::time::Duration;

use super::*;
use crate::arena::Reading;
use crate::history::random::Random;
use crate::registry::Registry;
use crate::snapshot::Found;

const READINGS: usize = 150;

fn read(registry: &Registry) -> Found {
    registry.read_all().remove(0)
}

fn tally(found: &Found) -> &Tally {
    match &found.reading {
        Reading::Histogram(tally) | Reading::Timer(tally) => tally,
        Reading::Counter(_) | Reading::Gauge(_) => panic!("it is a distribution"),
    }
}

fn begun(is_timer: bool) -> Spread {
    let mut spread = Spread::default();
    spread.begin(is_timer);
    spread
}

/// What a spread holds, in cells that hold something.
fn cells(spread: &Spread) -> BTreeMap<u32, u64> {
    let (first, counts) = spread.copy().into_counts();
    (first..).zip(counts).filter(|(_, count)| *count > 0).collect()
}

/// Records at random and reads now and then; then holds the entries of any readings, put together, against the difference
/// of the outer two and against the values between them. `record` says into which cell a value went, and what it is.
fn hold_against_readings(
    registry: &Registry,
    is_timer: bool,
    mut record: impl FnMut(&mut Random) -> (u32, f64),
) {
    let mut random = Random::new(41);
    let mut readings = vec![read(registry)];
    let mut between: Vec<Vec<(u32, f64)>> = Vec::new();
    let mut entries: Vec<Vec<u8>> = Vec::new();
    for _ in 0..READINGS {
        let times = [0, 1, 2, 30][random.below(4) as usize];
        between.push((0..times).map(|_| record(&mut random)).collect());
        let (now, mut out) = (read(registry), Vec::new());
        let before = &readings[readings.len() - 1];
        let is_new = put_difference(&mut out, is_timer, tally(&now), Some(tally(before)));
        assert_eq!(is_new, times > 0);
        let expected = if times > 0 { Growth::Some } else { Growth::None };
        assert_eq!(growth(tally(&now), tally(before)), expected);
        if !is_new {
            out.clear();
        }
        entries.push(out);
        readings.push(now);
    }
    // One room for all that is put together, as a history has it.
    let mut merged = Spread::default();
    for _ in 0..300 {
        let [one, other] = [0, 0].map(|_| random.below(READINGS as u64 + 1) as usize);
        let (from, to) = (one.min(other), one.max(other));
        merged.begin(is_timer);
        for entry in entries[from..to].iter().filter(|entry| !entry.is_empty()) {
            merged.add_payload(entry).expect("it was written so");
        }
        let mut difference = begun(is_timer);
        difference.add_difference(tally(&readings[to]), Some(tally(&readings[from])));
        // And once more through an entry of their own.
        let (mut out, mut again) = (Vec::new(), begun(is_timer));
        let values = between[from..to].concat();
        assert_eq!(merged.put(&mut out), !values.is_empty());
        again.add_payload(&out).expect("it was written so");

        let mut expected = BTreeMap::new();
        values.iter().for_each(|(cell, _)| *expected.entry(*cell).or_insert(0) += 1);
        let sum: f64 = values.iter().map(|(_, value)| value).sum();
        for found in [&merged, &merged.copy(), &difference, &again] {
            assert_eq!(cells(found), expected, "{from}..{to}");
            if is_timer {
                assert_eq!((found.ticks, found.own_ticks), (merged.ticks, merged.own_ticks));
                assert_eq!(found.ticks, found.own_ticks, "nothing was timed inside");
                assert_eq!(found.ticks > 0, !values.is_empty());
            } else {
                // A total is rounded once for each value, to 53 bits of what all of them add up to.
                let rounding = 30.0 * READINGS as f64 * 5e6 * f64::EPSILON;
                assert!((found.sum - sum).abs() <= rounding, "{} not {sum}", found.sum);
            }
        }
    }
}

#[test]
fn entries_of_a_histogram_put_together_are_the_difference_of_its_readings() {
    let registry = Registry::new();
    let histogram = registry.histogram("size_bytes", &[]).unwrap();
    let layout = histogram.snapshot().layout().clone();
    hold_against_readings(&registry, false, |random| {
        let value = match random.below(8) {
            // Cells that are none of the native ones, and both ends of these.
            0 => -3.5,
            1 => 0.0,
            2 => 2_f64.powi(-30),
            3 => 40.0,
            _ => random.below(1_000_000) as f64 / 1_024.0,
        };
        histogram.record(value);
        (layout.cell(value).unwrap(), value)
    });
}

#[test]
fn entries_of_a_timer_put_together_are_the_difference_of_its_readings() {
    let registry = Registry::new();
    let timer = registry.timer("wait_seconds", &[]).unwrap();
    let layout = timer.snapshot().histogram().layout().clone();
    hold_against_readings(&registry, true, |random| {
        // In the middle of a cell, so that a tick of the processor's clock does not matter.
        let octave = random.below(20) as i32 - 18;
        let seconds = 2_f64.powi(octave) * 2_f64.powf(0.5 / 32.0);
        timer.record(Duration::from_secs_f64(seconds));
        (layout.cell(seconds).unwrap(), seconds)
    });
}

#[test]
fn a_spread_begins_anew_whatever_it_held() {
    let registry = Registry::new();
    let wide = registry.histogram("a_wide", &[]).unwrap();
    let narrow = registry.histogram("b_narrow", &[]).unwrap();
    (0..60).for_each(|octave| wide.record(2_f64.powi(octave - 30)));
    narrow.record(3.0);
    let found = registry.read_all();
    let mut spread = begun(false);
    spread.add_difference(tally(&found[0]), None);
    assert_eq!(cells(&spread).len(), 60);
    spread.begin(true);
    assert_eq!((cells(&spread).len(), spread.sum, spread.ticks), (0, 0.0, 0));
    spread.begin(false);
    spread.add_difference(tally(&found[1]), None);
    assert_eq!((cells(&spread).into_values().collect::<Vec<_>>(), spread.sum), (vec![1], 3.0));
}

#[test]
fn a_smaller_cell_is_a_reset_whatever_came_after_it() {
    for after in [&[][..], &[5.0], &[5.0, 5.0], &[900.0, 900.0, 900.0], &[0.1]] {
        let registry = Registry::new();
        let histogram = registry.histogram("size_bytes", &[]).unwrap();
        [5.0, 5.0, 70.0].iter().for_each(|value| histogram.record(*value));
        let before = read(&registry);
        assert_eq!(registry.reset("size_bytes"), 1);
        after.iter().for_each(|value| histogram.record(*value));
        let now = read(&registry);
        assert_ne!(now.resets, before.resets);
        assert_eq!(growth(tally(&now), tally(&before)), Growth::Reset, "{after:?}");
        let mut spread = begun(false);
        spread.add_difference(tally(&now), None);
        assert!((spread.sum - after.iter().sum::<f64>()).abs() < 1e-9, "{after:?}");
        assert_eq!(cells(&spread).into_values().sum::<u64>(), after.len() as u64);
    }
}

#[test]
fn a_payload_that_was_cut_off_is_no_entry() {
    let registry = Registry::new();
    let histogram = registry.histogram("size_bytes", &[]).unwrap();
    (1..50).for_each(|value| histogram.record(f64::from(value) * 1.7));
    let now = read(&registry);
    let mut out = Vec::new();
    assert!(put_difference(&mut out, false, tally(&now), None));
    assert_eq!(begun(false).add_payload(&out), Some(()));
    // Before the sum, and in the middle of it.
    for length in [0, 1] {
        assert_eq!(begun(false).add_payload(&out[..length]), None, "{length} bytes");
    }
}

/// A reading with those counts.
fn counted(first: u32, counts: &[u64]) -> Tally {
    let mut tally = Tally::default();
    (tally.first, tally.counts) = (first, counts.to_vec());
    tally
}

#[test]
fn growth_is_that_of_any_cell_and_less_in_one_is_a_reset() {
    let mut random = Random::new(11);
    let mut seen = [0; 3];
    for _ in 0..20_000 {
        let mut some = || {
            let counts: Vec<u64> = (0..random.below(4)).map(|_| random.below(3)).collect();
            counted(random.below(4) as u32, &counts)
        };
        let (before, now) = (some(), some());
        let cells = || (0..8).map(|cell| (count_of(&before, cell), count_of(&now, cell)));
        let expected = if cells().any(|(before, now)| now < before) {
            Growth::Reset
        } else if cells().any(|(before, now)| now > before) {
            Growth::Some
        } else {
            Growth::None
        };
        let is_shorter = before.counts.iter().any(|count| *count > 0)
            && (before.first < now.first
                || before.first as usize + before.counts.len()
                    > now.first as usize + now.counts.len());
        // A range that shrank is that of one which began anew, whatever lies in its cells.
        let expected = if is_shorter { Growth::Reset } else { expected };
        assert_eq!(growth(&now, &before), expected, "{before:?} {now:?}");
        seen[expected as usize] += 1;
    }
    assert!(seen.iter().all(|times| *times > 500), "{seen:?}");
}
