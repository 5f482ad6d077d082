//! Reads a body of Prometheus' binary format, and holds it to what its readers ask of it.

use std::collections::HashSet;

use prost::Message;

use crate::message::{BucketSpan, Histogram, MetricFamily};

/// All families of a body.
///
/// # Panics
///
/// Where a reader would refuse it.
pub(crate) fn families(mut body: &[u8]) -> Vec<MetricFamily> {
    let (mut families, mut names) = (Vec::new(), HashSet::new());
    while !body.is_empty() {
        let family = MetricFamily::decode_length_delimited(&mut body).unwrap();
        let mut series = HashSet::new();
        for metric in &family.metric {
            let labels: Vec<_> = metric.label.iter().map(|it| (&it.name, &it.value)).collect();
            let keys: HashSet<_> = labels.iter().map(|(key, _)| key).collect();
            assert_eq!(keys.len(), labels.len(), "a key twice in {family:?}");
            assert!(series.insert(labels), "a series twice in {family:?}");
            if let Some(histogram) = &metric.histogram {
                check(histogram);
            }
        }
        assert!(names.insert(family.name.clone()), "twice: {}", family.name);
        families.push(family);
    }
    families
}

/// What Prometheus refuses a whole scrape for, and what its readers rely on.
fn check(histogram: &Histogram) {
    assert!((-4..=8).contains(&histogram.schema), "{histogram:?}");
    assert!(histogram.zero_threshold > 0.0, "{histogram:?}");
    let positive = total(&histogram.positive_span, &histogram.positive_delta);
    let negative = total(&histogram.negative_span, &histogram.negative_delta);
    assert_eq!(positive + negative + histogram.zero_count, histogram.sample_count, "{histogram:?}");
    let classic = histogram.bucket.windows(2).all(|two| {
        two[0].upper_bound < two[1].upper_bound
            && two[0].cumulative_count <= two[1].cumulative_count
    });
    assert!(classic, "{histogram:?}");
    assert!(
        histogram.bucket.last().is_none_or(|last| last.cumulative_count <= histogram.sample_count)
    );
}

/// The sum of some buckets, none of which is below zero, one for each place of a span.
fn total(spans: &[BucketSpan], deltas: &[i64]) -> u64 {
    let places: usize = spans.iter().map(|span| span.length as usize).sum();
    assert_eq!(places, deltas.len(), "{spans:?} {deltas:?}");
    assert!(spans.iter().skip(1).all(|span| span.offset >= 0), "{spans:?}");
    let mut count = 0_i64;
    let counts = deltas.iter().map(|delta| {
        count += delta;
        u64::try_from(count).unwrap()
    });
    counts.sum()
}
