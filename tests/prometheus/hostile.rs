//! Registries full of hostile names and labels: Prometheus takes each of them in every format, and stores the same series.

use std::collections::BTreeMap;

use crate::prometheus::{Prometheus, Sample, Value, job};
use crate::recorded::Recorded;
use crate::responder::{Bodies, Responder};
use crate::{FORMATS, body};

const REGISTRIES: u64 = 12;

/// Names and labels, and how large the numbers are that go with them.
type Stored = BTreeMap<BTreeMap<String, String>, u64>;

#[test]
fn prometheus_stores_the_same_of_every_format() {
    let mut bodies = Bodies::new();
    for seed in 1..=REGISTRIES {
        let snapshot = Recorded::random(seed).snapshot();
        for format in FORMATS {
            bodies.insert(format!("/{format}/{seed}"), body(format, &snapshot));
        }
    }
    let responder = Responder::start(bodies);
    let each = (1..=REGISTRIES).flat_map(|seed| FORMATS.map(|format| (format, seed)));
    let jobs = each.map(|(format, seed)| {
        job(&format!("{format}-{seed}"), responder.address(), &format!("/{format}/{seed}"))
    });
    let Some(server) = Prometheus::start("hostile", &jobs.collect::<String>()) else { return };
    server.wait_until_up(3 * REGISTRIES as usize);
    for seed in 1..=REGISTRIES {
        let [text, openmetrics, protobuf] = FORMATS.map(|format| {
            server.query(&format!("{{__name__!~\"up|scrape_.*\",job=\"{format}-{seed}\"}}"))
        });
        let (text, native) = (stored(&text), stored_as_natives(&protobuf));
        assert!(text.len() > 10, "{text:?}");
        assert_eq!(stored(&openmetrics), text, "seed {seed}");
        // What is no distribution in text is the same in protobuf, and of the others the counts are there.
        let numbers = stored(&protobuf);
        assert!(numbers.iter().all(|(series, value)| text.get(series) == Some(value)), "{seed}");
        for (mut series, count) in native.clone() {
            let name = series["__name__"].clone();
            series.insert("__name__".to_owned(), format!("{name}_count"));
            assert_eq!(text.get(&series), Some(&count), "seed {seed}: {series:?}");
        }
        let is_of_native = |series: &BTreeMap<String, String>| {
            let name = &series["__name__"];
            let stem = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
            let mut family = series.clone();
            family.remove("le");
            family.insert("__name__".to_owned(), stem.unwrap_or_default().to_owned());
            native.contains_key(&family)
        };
        let missing: Vec<_> = text
            .keys()
            .filter(|series| !numbers.contains_key(*series) && !is_of_native(series))
            .collect();
        assert!(missing.is_empty(), "seed {seed}: {missing:?}");
    }
}

/// The series that are numbers, without the job that asked for them.
fn stored(samples: &[Sample]) -> Stored {
    let numbers = samples.iter().filter_map(|sample| match sample.value {
        Value::Number(value) if value.is_nan() => Some((without_job(sample), u64::MAX)),
        Value::Number(value) => Some((without_job(sample), value.to_bits())),
        Value::Native { .. } => None,
    });
    numbers.collect()
}

/// The native histograms, by their counts.
fn stored_as_natives(samples: &[Sample]) -> Stored {
    let natives = samples.iter().filter_map(|sample| match sample.value {
        Value::Native { count, .. } => Some((without_job(sample), count.to_bits())),
        Value::Number(_) => None,
    });
    natives.collect()
}

fn without_job(sample: &Sample) -> BTreeMap<String, String> {
    let mut labels = sample.labels.clone();
    labels.remove("job");
    labels.remove("instance");
    labels
}
