use std::time::Instant;

use super::*;

/// Lengths of a tick: 4 GHz, 3 GHz, nanoseconds, and the 24 MHz of many aarch64 machines.
const RATES: [f64; 4] = [0.25e-9, 1.0 / 3e9, 1e-9, 1.0 / 24e6];

#[test]
#[cfg_attr(all(target_family = "wasm", target_os = "unknown"), ignore = "there is no time")]
fn ticks_pass_as_the_standard_clock_does() {
    let outer = Instant::now();
    let start = now();
    let inner = Instant::now();
    while inner.elapsed() < Duration::from_millis(20) {
        std::hint::spin_loop();
    }
    let longest_inside = inner.elapsed().as_secs_f64();
    let ticks = elapsed(start, now());
    let shortest_outside = outer.elapsed().as_secs_f64();
    // The counter was read between those of the standard clock: what else ran meanwhile cannot matter.
    let seconds = ticks as f64 * seconds_per_tick();
    assert!(
        seconds >= longest_inside * 0.99,
        "{seconds} s by ticks, at least {longest_inside} s passed"
    );
    assert!(
        seconds <= shortest_outside * 1.01,
        "{seconds} s by ticks, at most {shortest_outside} s passed"
    );
}

#[test]
fn the_rate_and_the_source_are_fixed_once() {
    let (rate, source_before) = (seconds_per_tick(), source());
    assert!(rate.is_normal() && rate > 0.0, "{rate}");
    let threads: Vec<_> =
        (0..4).map(|_| std::thread::spawn(|| (seconds_per_tick(), source()))).collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), (rate, source_before));
    }
    // Whoever measures again, a little differently, still takes the first result.
    assert_eq!(fix_seconds_per_tick(), rate);
    assert!(["tsc", "cntvct", "monotonic", "none"].contains(&source_before));
}

#[test]
fn a_clock_that_steps_back_gives_no_time() {
    for (start, now, expected) in
        [(5, 12, 7), (5, 5, 0), (12, 5, 0), (u64::MAX, 0, 0), (0, u64::MAX, u64::MAX)]
    {
        assert_eq!(elapsed(start, now), expected);
    }
}

#[test]
fn durations_come_back_from_their_ticks() {
    for rate in RATES {
        let tick = Duration::from_secs_f64(rate).max(Duration::from_nanos(1));
        for duration in [0, 1, 41, 42, 1_000, 123_456_789, 1_000_000_007, 86_400_000_000_000] {
            let duration = Duration::from_nanos(duration);
            let back = duration_at(ticks_at(duration, rate).unwrap(), rate);
            assert!(back.abs_diff(duration) <= tick, "{duration:?} became {back:?} at {rate:e}");
        }
        for ticks in [0, 1, 2, 1_000, 1 << 40, 1 << 50] {
            let back = ticks_at(duration_at(ticks, rate), rate).unwrap();
            // Half a nanosecond was rounded away, which is up to two ticks.
            assert!(back.abs_diff(ticks) <= 2, "{ticks} became {back} at {rate:e}");
        }
    }
}

#[test]
fn conversions_are_exact_where_a_tick_is_a_nanosecond() {
    for nanos in [0, 1, 999, 1_000_000_001, 1 << 52] {
        assert_eq!(ticks_at(Duration::from_nanos(nanos), 1e-9), Some(nanos));
        assert_eq!(duration_at(nanos, 1e-9), Duration::from_nanos(nanos));
    }
}

#[test]
fn conversions_round_to_the_nearest() {
    for (nanos, seconds_per_tick, ticks) in
        [(1, 0.4e-9, 3), (1, 0.625e-9, 2), (1, 0.8e-9, 1), (7, 4e-9, 2)]
    {
        assert_eq!(ticks_at(Duration::from_nanos(nanos), seconds_per_tick), Some(ticks));
    }
    for (ticks, seconds_per_tick, nanos) in [(3, 0.4e-9, 1), (2, 0.8e-9, 2), (1, 0.4e-9, 0)] {
        assert_eq!(duration_at(ticks, seconds_per_tick), Duration::from_nanos(nanos));
    }
}

#[test]
fn durations_beyond_the_limit_have_no_ticks() {
    for rate in RATES {
        let limit = duration_at(TICKS_MAX, rate);
        assert!(ticks_at(limit / 1_000 * 999, rate).is_some_and(|ticks| ticks <= TICKS_MAX));
        assert_eq!(ticks_at(limit / 1_000 * 1_001, rate), None);
        assert_eq!(ticks_at(Duration::MAX, rate), None);
    }
    assert_eq!(ticks(Duration::MAX), None);
}

#[test]
fn any_number_of_ticks_is_a_duration() {
    assert_eq!(duration_at(1 << 63, 1.0), Duration::from_secs(1 << 63));
    assert_eq!(duration_at(u64::MAX, 1.0), Duration::MAX);
    assert_eq!(duration_at(u64::MAX, 1e9), Duration::MAX);
    assert_eq!(duration(0), Duration::ZERO);
    assert!(duration(u64::MAX) > Duration::from_secs(1 << 30));
}
