//! The binary format, against prost and what a reader asks of a native histogram.
#![no_main]

#[path = "../../src/protobuf/message.rs"]
#[allow(dead_code)]
mod message;
#[path = "recorded.rs"]
mod recorded;

use std::collections::HashSet;

use libfuzzer_sys::fuzz_target;
use message::{BucketSpan, Histogram, MetricFamily};
use prost::Message;
use recorded::Program;
use tachograph::Format;
use tachograph_export::Protobuf;

fuzz_target!(|input: (Program, u8)| {
    let (program, max_buckets) = input;
    let snapshot = program.run().snapshot();
    let mut body = Vec::new();
    Protobuf::new().max_buckets(max_buckets.into()).encode(&snapshot, &mut body);
    let (mut rest, mut names) = (body.as_slice(), HashSet::new());
    while !rest.is_empty() {
        let family = MetricFamily::decode_length_delimited(&mut rest).unwrap();
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
        assert!(names.insert(family.name));
    }
    // The same families as in text.
    let text = snapshot.render(Format::Prometheus);
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let in_text: HashSet<String> =
        types.filter_map(|line| Some(line.split_once(' ')?.0.to_owned())).collect();
    assert_eq!(names, in_text);
});

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
