//! Binary bodies of hostile registries say what the text says: read back, and written as lines, they are the same.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use tachograph::{Format, Snapshot};
use tachograph_export::Protobuf;

use crate::engines::{engine, finish};
use crate::messages::{Histogram, Metric, MetricFamily, Span, decoded};
use crate::recorded::Recorded;

const REGISTRIES: u64 = 80;

/// Names of types, by their numbers.
const TYPES: [&str; 5] = ["counter", "gauge", "summary", "untyped", "histogram"];

fn encoded(snapshot: &Snapshot, options: Protobuf) -> Vec<u8> {
    let mut body = Vec::new();
    options.encode(snapshot, &mut body);
    body
}

#[test]
fn binary_bodies_say_what_the_text_says() {
    for seed in 1..=REGISTRIES {
        let snapshot = Recorded::random(seed).snapshot();
        let families = decoded(&encoded(&snapshot, Protobuf::new().all_classic_buckets()));
        let mut lines = Vec::new();
        families.iter().for_each(|family| push_lines(family, &mut lines));
        let text = snapshot.render(Format::Prometheus);
        let expected: Vec<Line> = text.lines().map(read).collect();
        assert_eq!(lines, expected, "seed {seed}");
        // The samples of OpenMetrics are the same; which stand where is its own.
        let samples = |body: &str| -> Vec<String> {
            let mut lines: Vec<String> =
                body.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect();
            lines.sort_unstable();
            lines
        };
        assert_eq!(samples(&snapshot.render(Format::OpenMetrics)), samples(&text));
    }
}

/// A line of text: a comment, or what stands before a number and the bits of that.
#[derive(Debug, PartialEq)]
enum Line {
    Comment(String),
    Sample(String, u64),
}

fn read(line: &str) -> Line {
    if line.starts_with('#') {
        return Line::Comment(line.to_owned());
    }
    let (identity, number) = line.rsplit_once(' ').unwrap();
    sample(identity.to_owned(), number.parse().unwrap())
}

fn sample(identity: String, value: f64) -> Line {
    // One NaN is like another.
    Line::Sample(identity, if value.is_nan() { u64::MAX } else { value.to_bits() })
}

fn push_lines(family: &MetricFamily, lines: &mut Vec<Line>) {
    let name = family.name.as_deref().unwrap();
    if let Some(help) = &family.help {
        let help = help.replace('\\', "\\\\").replace('\n', "\\n");
        lines.push(Line::Comment(format!("# HELP {name} {help}")));
    }
    let kind = TYPES[family.r#type.unwrap() as usize];
    lines.push(Line::Comment(format!("# TYPE {name} {kind}")));
    for metric in &family.metric {
        let mut push = |suffix: &str, own: Option<(&str, String)>, value: f64| {
            lines.push(sample(format!("{name}{suffix}{}", labels(metric, own)), value));
        };
        match (kind, &metric.histogram, &metric.summary) {
            ("histogram", Some(histogram), None) => {
                check_native(histogram);
                for bucket in &histogram.bucket {
                    let le = ("le", bound(bucket.upper_bound.unwrap()));
                    push("_bucket", Some(le), bucket.cumulative_count.unwrap() as f64);
                }
                let count = histogram.sample_count.unwrap() as f64;
                push("_bucket", Some(("le", "+Inf".to_owned())), count);
                push("_sum", None, histogram.sample_sum.unwrap());
                push("_count", None, count);
            }
            ("summary", None, Some(summary)) => {
                for one in &summary.quantile {
                    let own = ("quantile", one.quantile.unwrap().to_string());
                    push("", Some(own), one.value.unwrap());
                }
                push("_sum", None, summary.sample_sum.unwrap());
                push("_count", None, summary.sample_count.unwrap() as f64);
            }
            _ => push("", None, number(kind, metric)),
        }
    }
}

/// The value that a metric of that type has, and no other.
fn number(kind: &str, metric: &Metric) -> f64 {
    let all =
        [("counter", &metric.counter), ("gauge", &metric.gauge), ("untyped", &metric.untyped)];
    let there: Vec<&str> =
        all.iter().filter(|(_, value)| value.is_some()).map(|(name, _)| *name).collect();
    assert_eq!(there, [kind], "{metric:?}");
    all.iter().find_map(|(_, value)| value.as_ref()).and_then(|one| one.value).unwrap()
}

fn labels(metric: &Metric, own: Option<(&str, String)>) -> String {
    let escaped =
        |value: &str| value.replace('\\', "\\\\").replace('\n', "\\n").replace('"', "\\\"");
    let pairs = metric.label.iter().map(|pair| {
        format!("{}=\"{}\"", pair.name.as_deref().unwrap(), escaped(pair.value.as_deref().unwrap()))
    });
    let own = own.map(|(key, value)| format!("{key}=\"{value}\""));
    let pairs: Vec<String> = pairs.chain(own).collect();
    if pairs.is_empty() { String::new() } else { format!("{{{}}}", pairs.join(",")) }
}

/// A bound of the registries here, as a label has it.
fn bound(value: f64) -> String {
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap();
    match exponent.parse::<i32>().unwrap() {
        -4..6 => format!("{value:?}"),
        exponent => format!("{mantissa}e{exponent:+03}"),
    }
}

/// What Prometheus asks of a native histogram, and that the declared bounds agree with its buckets.
fn check_native(histogram: &Histogram) {
    assert!((-4..=8).contains(&histogram.schema.unwrap()));
    assert!(histogram.zero_threshold.unwrap() > 0.0);
    let positive = counts(&histogram.positive_span, &histogram.positive_delta);
    let negative = counts(&histogram.negative_span, &histogram.negative_delta);
    let below: u64 = negative.iter().map(|(_, count)| count).sum();
    let sum = below
        + histogram.zero_count.unwrap()
        + positive.iter().map(|(_, count)| count).sum::<u64>();
    assert_eq!(sum, histogram.sample_count.unwrap());
    assert!(positive.len() + negative.len() <= Protobuf::MAX_BUCKETS);
    let base = 2_f64.powf(2_f64.powi(-histogram.schema.unwrap()));
    for bucket in &histogram.bucket {
        let bound = bucket.upper_bound.unwrap();
        let wholly = |index: i32| base.powi(index) <= bound * (1.0 + 1e-9);
        let partly = |index: i32| base.powi(index - 1) < bound * (1.0 + 1e-9);
        let up_to = |is_in: &dyn Fn(i32) -> bool| -> u64 {
            let inside = positive.iter().filter(|(index, _)| is_in(*index));
            below + histogram.zero_count.unwrap() + inside.map(|(_, count)| count).sum::<u64>()
        };
        let range = up_to(&wholly)..=up_to(&partly);
        assert!(range.contains(&bucket.cumulative_count.unwrap()), "{bound} {range:?}");
    }
}

/// Indices and counts.
fn counts(spans: &[Span], deltas: &[i64]) -> Vec<(i32, u64)> {
    let (mut index, mut count, mut found) = (0, 0, Vec::new());
    let mut deltas = deltas.iter();
    for span in spans {
        index += span.offset.unwrap();
        for _ in 0..span.length.unwrap() {
            count += deltas.next().unwrap();
            found.push((index, u64::try_from(count).unwrap()));
            index += 1;
        }
    }
    assert!(deltas.next().is_none());
    found
}

#[test]
fn googles_package_reads_every_binary_body() {
    const IS_THERE: &str = "import importlib.metadata as m, google.protobuf.descriptor_pb2; \
                            assert m.version('prometheus_client') == '0.26.0'";
    let what = "prometheus_client 0.26.0 and protobuf";
    let Some(python) = engine("TACHOGRAPH_PYTHON", "python3", &["-c", IS_THERE], what) else {
        return;
    };
    let root =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("binary-{}", std::process::id()));
    let mut check = Command::new(python);
    check.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/binary.py"));
    for seed in 1..=REGISTRIES {
        let folder = root.join(seed.to_string());
        fs::create_dir_all(&folder).unwrap();
        let recorded = Recorded::random(seed);
        recorded.write(&folder);
        let body = encoded(&recorded.snapshot(), Protobuf::new().all_classic_buckets());
        fs::write(folder.join("prometheus.pb"), body).unwrap();
        check.arg(&folder);
    }
    let output = finish(check.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let expected = format!("{REGISTRIES} registries, ");
    assert!(output.stdout.starts_with(expected.as_bytes()), "{output:?}");
    fs::remove_dir_all(root).unwrap();
}
