//! Gauges against a twin that keeps what every tick saw.

use super::*;
use crate::history::random::Random;

/// Of all sizes and both signs, and often what it was before.
fn value(random: &mut Random, before: Option<f64>) -> Option<f64> {
    match random.below(8) {
        0 => None,
        1..=3 => before,
        4 => Some(0.0),
        5 => Some(-(random.below(1_000) as f64)),
        6 => Some(1e-12 * random.below(1_000) as f64),
        _ => Some(random.below(1 << 40) as f64 / 7.0),
    }
}

fn check(found: &Levels, mut values: Vec<f64>, what: &str) {
    assert_eq!(found.ticks, values.len() as u64, "{what}");
    let (Some(first), Some(last)) = (values.first(), values.last()) else { return };
    assert_eq!((found.first, found.last), (*first, *last), "{what}");
    let size: f64 = values.iter().map(|value| value.abs()).sum();
    assert!((found.sum - values.iter().sum::<f64>()).abs() <= 1e-12 * size, "{what}");
    values.sort_by(f64::total_cmp);
    assert_eq!((found.min, found.max), (values[0], values[values.len() - 1]), "{what}");
    for percent in [0, 1, 25, 50, 75, 95, 99, 100] {
        let rank = (percent * values.len()).div_ceil(100).max(1);
        let (exact, q) = (values[rank - 1], percent as f64 / 100.0);
        let near = found.quantile(q).unwrap();
        // What is below the range of a histogram counts as zero.
        let off = if exact.abs() < 1e-9 { 1e-9 } else { 0.0109 * exact.abs() };
        let is_in_range = exact.abs() < 1.7e10;
        assert!(!is_in_range || (near - exact).abs() <= off, "{what}: {near}, not {exact}");
    }
}

#[test]
fn slots_of_a_gauge_hold_what_their_ticks_saw_whatever_was_forgotten() {
    for seed in 1..=30_u64 {
        let mut random = Random::new(seed);
        let (mut log, mut out) = (LevelLog::default(), Vec::new());
        let (mut seen, mut first): (Vec<Option<f64>>, u32) = (Vec::new(), 0);
        for slot in 0..400_u32 {
            let value = value(&mut random, seen.last().copied().flatten());
            seen.push(value);
            log.push_value(slot, value, &mut out);
            if random.below(20) == 0 {
                first = slot.saturating_sub(random.below(100) as u32).max(first);
                while log.forget_one(first) {}
            }
            if random.below(10) == 0 {
                log.shrink();
            }
            let begin = first + random.below(u64::from(slot + 1 - first)) as u32;
            let end = begin + random.below(u64::from(slot + 2 - begin)) as u32;
            let mut found = Levels::default();
            log.gather(begin..end, |_| 1, &mut found);
            let values = seen[begin as usize..end as usize].iter().flatten().copied();
            check(&found, values.collect(), &format!("seed {seed}, {begin}..{end}"));
        }
    }
}

#[test]
fn slots_that_were_put_together_hold_the_same() {
    let mut random = Random::new(42);
    let (mut fine, mut coarse) = (LevelLog::default(), LevelLog::default());
    let (mut seen, mut out) = (Vec::new(), Vec::new());
    for slot in 0..1_000_u32 {
        // A gauge that is there all the time: one that leaves within a slot is taken for one that stays.
        let value =
            value(&mut random, seen.last().copied()).or(seen.last().copied()).unwrap_or(1.0);
        seen.push(value);
        fine.push_value(slot, Some(value), &mut out);
        if slot % 10 == 9 {
            let mut together = Levels::default();
            fine.gather(slot - 9..slot + 1, |_| 1, &mut together);
            coarse.push(slot / 10, &together, 10, &mut out);
        }
    }
    for (begin, end) in [(0, 100), (0, 1), (17, 93), (99, 100)] {
        let mut found = Levels::default();
        coarse.gather(begin..end, |_| 10, &mut found);
        let values = seen[10 * begin as usize..10 * end as usize].to_vec();
        check(&found, values, &format!("{begin}..{end}"));
    }
}

#[test]
fn a_gauge_that_stands_still_takes_nothing() {
    let (mut log, mut out) = (LevelLog::default(), Vec::new());
    log.push_value(0, Some(7.5), &mut out);
    let bytes = log.bytes();
    (1..10_000).for_each(|slot| log.push_value(slot, Some(7.5), &mut out));
    assert_eq!(log.bytes(), bytes);
    let mut found = Levels::default();
    log.gather(0..10_000, |_| 1, &mut found);
    assert_eq!((found.ticks, found.min, found.max), (10_000, 7.5, 7.5));
}
