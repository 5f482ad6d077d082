//! Labels of a function beyond the cap. In a process of its own, as caps are those of families that all functions
//! share.

use tachograph::timed;

#[test]
fn no_series_is_registered_at_a_cap_that_no_call_uses() {
    #[timed("empty_at_cap_seconds", labels("id" => id), outcome, in_flight)]
    fn at_cap(id: u32) -> u32 {
        id
    }
    for id in 0..2_500 {
        at_cap(id);
    }
    let snapshot = tachograph::registry().snapshot();
    let durations: Vec<u64> = snapshot
        .series()
        .iter()
        .filter(|series| series.name() == "empty_at_cap_seconds")
        .map(|series| match series.value() {
            tachograph::Value::Timer(timer) => timer.count(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(durations.iter().sum::<u64>(), 2_500);
    assert!(durations.iter().all(|count| *count > 0), "{durations:?}");
}
