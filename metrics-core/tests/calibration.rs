//! What recording costs is measured in a registry that is nobody's, and of which nothing is told.

use std::time::Duration;

use tachograph::{histogram, registry, summary, timer};

#[test]
fn what_the_recorder_measures_itself_with_is_not_told_as_the_programs() {
    timer!("job_seconds").record(Duration::from_millis(1));
    histogram!("size_bytes").record(1);
    summary!("order_euros").record(1);
    let snapshot = registry().snapshot();
    // All three were measured.
    assert!(snapshot.overhead().cost() > Duration::ZERO);
    assert_eq!(snapshot.overhead().abandoned(), 0);
    assert_eq!(
        snapshot.series().iter().filter(|one| one.name().contains("calibration")).count(),
        0
    );
}
