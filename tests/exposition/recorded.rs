//! Random registries full of hostile names and labels, shown in random ways, and what was recorded to them in a form
//! that shares no code with the encoders.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::time::Duration;

use tachograph::{Buckets, Format, Kind, Naming, Registry, Unit};

use super::random::Random;

/// What a test recorded, and the registry that it recorded to.
pub(super) struct Recorded {
    registry: Registry,
    presentation: Presentation,
    series: Vec<Series>,
    about: BTreeMap<String, (Option<Unit>, &'static str)>,
}

/// What names and labels are shown with.
#[derive(Default)]
struct Presentation {
    prefix: &'static str,
    labels: BTreeMap<String, String>,
    naming: Naming,
}

struct Series {
    name: String,
    labels: BTreeMap<String, String>,
    values: Values,
}

enum Values {
    Counter(u64),
    Gauge(f64),
    Histogram(Vec<f64>),
    Timer(Vec<Duration>),
    Rate(u64),
    Summary(Vec<f64>),
}

const NAMES: &[&str] = &[
    "jobs",
    "job.s",
    "job-s",
    "job s",
    "jobs_total",
    "job.s_total",
    "jobs_created",
    "jobs_count",
    "jobs_sum",
    "jobs_bucket",
    "jobs_seconds",
    "jobs_duration",
    "jobs_duration_seconds",
    "jobs_self_seconds_total",
    "jobs_self_seconds",
    "jobs_self_seconds_created",
    "jobs_created_total",
    "jobs_count_total",
    "jobs_bucket_sum",
    "jobs_count_count",
    "jobs_bytes",
    "jobs_bytes_total",
    "x:y",
    "x.y",
    "_",
    "__",
    "9lives",
    "größe",
    "gr__e",
    "🦀",
    "# HELP jobs",
    "jobs{le=\"1\"}",
    "total",
    "_total",
    "_count",
    "jobs\u{202e}",
    "NaN",
    "tachograph_series",
];

const KEYS: &[&str] = &[
    "le",
    "quantile",
    "quantile",
    "exported_le",
    "code",
    "a.b",
    "a_b",
    "a-b",
    "a_b_",
    "__name__",
    "__x",
    "größe",
    "9",
    "tachograph_conflict",
    "{",
    "a=\"b\"",
    "job",
    "l e",
    "\u{feff}",
    "A",
];

const VALUES: &[&str] = &[
    "",
    "plain",
    "\"",
    "\\",
    "\\\\",
    "\\n",
    "\n",
    "a\nb",
    "\"} 1\n# EOF\nx 2",
    "\r\n",
    "\0",
    "\u{1b}[31m",
    "🦀",
    "\u{202e}txt.exe",
    "<img src=x onerror=alert(1)>",
    "{a=\"b\"}",
    ",",
    " ",
    "\t",
    "größe",
    "\u{2028}",
    "\u{85}",
    "\u{feff}",
    "# TYPE x counter",
    "trailing\\",
    "a,b=\"c\"",
    "\u{10ffff}",
];

const DESCRIPTIONS: &[&str] = &[
    "",
    "Plain.",
    "With \"quotes\"",
    "C:\\new",
    "two\nlines",
    "\"",
    "  around  ",
    "ends in \\",
    "größe 🦀",
];

const UNITS: &[Unit] =
    &[Unit::Seconds, Unit::Bytes, Unit::Count, Unit::Percent, Unit::CountPerSecond];

const PREFIXES: &[&str] =
    &["", "jobs", "job.", "j b", "x:", "x_", "9", "größe", "🦀", "_", "jobs_bytes"];

const KINDS: [Kind; 6] =
    [Kind::Counter, Kind::Gauge, Kind::Histogram, Kind::Timer, Kind::Rate, Kind::Summary];

/// Bounds of histograms whose registry has an even seed.
const BOUNDS: &[f64] = &[0.001, 0.1, 0.25, 1.0, 1.5, 1_000.0];

impl Presentation {
    fn random(random: &mut Random) -> Presentation {
        let prefix = *random.one_of(PREFIXES);
        let count = random.below(4);
        let labels = (0..count).map(|_| ((*random.one_of(KEYS)).to_owned(), random.text()));
        let labels = labels.collect();
        Presentation {
            prefix,
            labels,
            naming: *random.one_of(&[Naming::AsWritten, Naming::Recommended]),
        }
    }

    /// A registry that shows its metrics so.
    fn registry(&self) -> Registry {
        let mut builder = Registry::builder().naming(self.naming);
        if !self.prefix.is_empty() {
            builder = builder.prefix(self.prefix);
        }
        for (key, value) in &self.labels {
            builder = builder.label(key, value);
        }
        let registry = builder.build();
        assert_eq!(registry.lints(), [], "nothing is refused");
        registry
    }

    fn json(&self) -> String {
        let is_recommended = self.naming == Naming::Recommended;
        format!(
            "{{\"prefix\":{},\"labels\":{},\"is_recommended\":{is_recommended}}}",
            quoted(self.prefix),
            object(&self.labels)
        )
    }
}

impl Recorded {
    pub(super) fn random(seed: u64) -> Recorded {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let bounds = if seed % 2 == 0 { BOUNDS } else { &[] };
        // Of the registries with bounds, and of those without, one half each.
        let presentation = match seed % 4 {
            1 | 2 => Presentation::random(&mut random),
            _ => Presentation::default(),
        };
        let registry = presentation.registry();
        let mut recorded =
            Recorded { registry, presentation, series: Vec::new(), about: BTreeMap::new() };
        for _ in 0..10 + random.below(40) {
            let (name, kind) = (*random.one_of(NAMES), *random.one_of(&KINDS));
            for _ in 0..1 + random.below(3) {
                recorded.record(name, kind, bounds, &mut random);
            }
        }
        let names: Vec<String> = recorded.series.iter().map(|series| series.name.clone()).collect();
        for name in names {
            if random.below(2) == 0 && !recorded.about.contains_key(&name) {
                let unit = (random.below(2) == 0).then(|| *random.one_of(UNITS));
                let description = *random.one_of(DESCRIPTIONS);
                recorded.registry.describe(&name, unit, description).unwrap();
                recorded.about.insert(name, (unit, description));
            }
        }
        recorded
    }

    /// One more series, unless the name is another kind's or the series is there.
    fn record(&mut self, name: &str, kind: Kind, bounds: &[f64], random: &mut Random) {
        let count = random.below(4);
        let labels: BTreeMap<String, String> =
            (0..count).map(|_| ((*random.one_of(KEYS)).to_owned(), random.text())).collect();
        if self.series.iter().any(|series| series.name == name && series.labels == labels) {
            return;
        }
        let pairs: Vec<(&str, &str)> =
            labels.iter().map(|(key, value)| (&**key, &**value)).collect();
        let Some(values) = self.values(name, &pairs, kind, bounds, random) else { return };
        self.series.push(Series { name: name.to_owned(), labels, values });
    }

    fn values(
        &self,
        name: &str,
        labels: &[(&str, &str)],
        kind: Kind,
        bounds: &[f64],
        random: &mut Random,
    ) -> Option<Values> {
        let count = if random.below(4) == 0 { 0 } else { random.below(30) };
        Some(match kind {
            Kind::Counter => {
                let total = random.next() >> random.below(64);
                self.registry.counter(name, labels).ok()?.increment(total);
                Values::Counter(total)
            }
            Kind::Rate => {
                let total = random.next() >> random.below(64);
                self.registry.rate(name, labels).ok()?.increment(total);
                Values::Rate(total)
            }
            Kind::Gauge => {
                let value = f64::from_bits(random.next());
                let value = *random.one_of(&[
                    value,
                    value.trunc(),
                    f64::NAN,
                    f64::INFINITY,
                    -f64::INFINITY,
                    -0.0,
                ]);
                self.registry.gauge(name, labels).ok()?.set(value);
                Values::Gauge(value)
            }
            Kind::Histogram => {
                let buckets = Buckets::new().bounds(bounds);
                let histogram = self.registry.histogram_with(name, labels, buckets).ok()?;
                let mut values = Vec::new();
                for _ in 0..count {
                    let value =
                        if random.below(3) == 0 { *random.one_of(BOUNDS) } else { random.value() };
                    histogram.record(value);
                    values.push(value);
                }
                Values::Histogram(values)
            }
            Kind::Summary => {
                let summary = self.registry.summary(name, labels).ok()?;
                let values: Vec<f64> = (0..count).map(|_| random.value()).collect();
                values.iter().for_each(|value| summary.record(*value));
                Values::Summary(values)
            }
            _ => {
                let timer = self.registry.timer(name, labels).ok()?;
                let mut values = Vec::new();
                for _ in 0..count {
                    let value = Duration::from_nanos(random.next() >> (24 + random.below(40)));
                    timer.record(value);
                    values.push(value);
                }
                Values::Timer(values)
            }
        })
    }

    pub(super) fn snapshot(&self) -> tachograph::Snapshot {
        self.registry.snapshot()
    }

    pub(super) fn write(&self, folder: &Path) {
        let snapshot = self.registry.snapshot();
        fs::write(folder.join("prometheus.txt"), snapshot.render(Format::Prometheus)).unwrap();
        fs::write(folder.join("openmetrics.txt"), snapshot.render(Format::OpenMetrics)).unwrap();
        fs::write(folder.join("snapshot.json"), snapshot.render(Format::Json)).unwrap();
        fs::write(folder.join("recorded.json"), self.json(&snapshot)).unwrap();
    }

    /// Plain ASCII, and numbers as the standard library writes them: nothing that the encoders do.
    fn json(&self, snapshot: &tachograph::Snapshot) -> String {
        let mut out = format!("{{\"presentation\":{},\"series\":[", self.presentation.json());
        for (place, series) in self.series.iter().enumerate() {
            let (kind, value) = match &series.values {
                Values::Counter(total) => (Kind::Counter, total.to_string()),
                Values::Gauge(value) => (Kind::Gauge, format!("\"{value:e}\"")),
                Values::Histogram(values) => {
                    let pairs: Vec<_> =
                        series.labels.iter().map(|(key, value)| (&**key, &**value)).collect();
                    let bounds =
                        snapshot.histogram(&series.name, &pairs).unwrap().layout().bounds();
                    (Kind::Histogram, format!("{{\"values\":{values:?},\"bounds\":{bounds:?}}}"))
                }
                Values::Timer(values) => {
                    let seconds: Vec<f64> = values.iter().map(Duration::as_secs_f64).collect();
                    (Kind::Timer, format!("{{\"values\":{seconds:?},\"bounds\":[]}}"))
                }
                Values::Rate(total) => (Kind::Rate, total.to_string()),
                Values::Summary(values) => {
                    (Kind::Summary, format!("{{\"values\":{values:?},\"bounds\":[]}}"))
                }
            };
            let (unit, description) = self.about.get(&series.name).copied().unwrap_or_default();
            // A timer's unit is known before anything is described.
            let unit = if kind == Kind::Timer { Some(Unit::Seconds) } else { unit };
            write!(
                out,
                "{}\n{{\"name\":{},\"kind\":\"{kind}\",\"labels\":{},\"unit\":\"{}\",\"description\":{},\"value\":{value}}}",
                if place == 0 { "" } else { "," },
                quoted(&series.name),
                object(&series.labels),
                unit.map_or("", Unit::as_str),
                quoted(description),
            )
            .unwrap();
        }
        out + "\n]}\n"
    }
}

fn object(labels: &BTreeMap<String, String>) -> String {
    let pairs = labels.iter().map(|(key, value)| format!("{}:{}", quoted(key), quoted(value)));
    format!("{{{}}}", pairs.collect::<Vec<String>>().join(","))
}

fn quoted(text: &str) -> String {
    let units: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    format!("\"{units}\"")
}

impl Random {
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub(super) fn one_of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }

    /// Of any size that a histogram takes, powers of two and their neighbours among them.
    pub(super) fn value(&mut self) -> f64 {
        let power = 2_f64.powi(self.below(80) as i32 - 40);
        let around = [
            power,
            f64::from_bits(power.to_bits() + 1),
            f64::from_bits(power.to_bits() - 1),
            power * 1.3,
            0.0,
            -0.0,
            -power,
        ];
        *self.one_of(&around)
    }

    fn text(&mut self) -> String {
        let count = 1 + self.below(2);
        (0..count).map(|_| *self.one_of(VALUES)).collect()
    }
}
