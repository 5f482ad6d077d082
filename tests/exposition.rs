//! The text formats as their consumers read them: registries full of hostile names and labels, read back
//! by the strict parsers of PyPI's prometheus_client and by promtool.
//!
//! `TACHOGRAPH_PYTHON` names a Python interpreter that has prometheus_client 0.26.0, `TACHOGRAPH_PROMTOOL`
//! the promtool; without them `python3` and `promtool` are tried. Where there is none, a test says so and
//! checks nothing, unless `TACHOGRAPH_REQUIRE_ENGINES=1`.

#[path = "support/random.rs"]
mod random;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tachograph::{Buckets, Format, Kind, Registry, Unit};

use random::Random;

/// More than any engine takes for one body.
const PATIENCE: Duration = Duration::from_secs(120);

const REGISTRIES: u64 = 80;

#[test]
fn strict_parsers_read_back_what_was_recorded() {
    let Some(python) = python() else { return };
    let root = folder("strict");
    let mut check = Command::new(python);
    check.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/check.py"));
    for seed in 1..=REGISTRIES {
        let folder = root.join(seed.to_string());
        fs::create_dir_all(&folder).unwrap();
        Recorded::random(seed).write(&folder);
        check.arg(&folder);
    }
    let output = finish(check.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(
        output.stdout.starts_with(format!("{REGISTRIES} registries, ").as_bytes()),
        "{output:?}"
    );
    fs::remove_dir_all(root).unwrap();
}

#[test]
fn promtool_reads_hostile_names() {
    let Some(promtool) = promtool() else { return };
    let root = folder("hostile");
    for seed in 1..=REGISTRIES / 4 {
        Recorded::random(seed).write(&root);
        let output = check_metrics(&promtool, &root.join("prometheus.txt"));
        // 1 is a body that it cannot read, 3 are names that break a convention.
        assert!(matches!(output.status.code(), Some(0 | 3)), "seed {seed}: {output:?}");
    }
    fs::remove_dir_all(root).unwrap();
}

#[test]
fn promtool_has_nothing_to_say_about_described_metrics() {
    let Some(promtool) = promtool() else { return };
    let registry = Registry::new();
    registry.counter("lines_total", &[("file", "C:\\new\"\nline")]).unwrap().increment(3);
    registry.gauge("queue_depth", &[]).unwrap().set(2);
    registry.histogram("line_bytes", &[]).unwrap().record(120);
    registry.timer("parse_duration_seconds", &[]).unwrap().record(Duration::from_micros(40));
    for (name, unit) in [
        ("lines_total", None),
        ("queue_depth", None),
        ("line_bytes", Some(Unit::Bytes)),
        ("parse_duration_seconds", Some(Unit::Seconds)),
    ] {
        registry.describe(name, unit, "What it is.").unwrap();
    }
    let root = folder("described");
    let body = root.join("prometheus.txt");
    fs::write(&body, registry.render(Format::Prometheus)).unwrap();
    let output = check_metrics(&promtool, &body);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!((output.stdout, output.stderr), (Vec::new(), Vec::new()));
    fs::remove_dir_all(root).unwrap();
}

#[test]
fn buckets_stay_the_same_whatever_is_recorded() {
    let bounds = |registry: &Registry| -> Vec<String> {
        let body = registry.render(Format::Prometheus);
        let lines = body.lines().filter(|line| line.contains("_bucket{"));
        lines.map(|line| line.rsplit_once(' ').unwrap().0.to_owned()).collect()
    };
    let registry = Registry::new();
    let sizes = registry.histogram("sizes", &[]).unwrap();
    let waits = registry.timer("wait_seconds", &[]).unwrap();
    let before = bounds(&registry);
    assert_eq!(before.len(), 24);
    let mut random = Random(7);
    for _ in 0..1_000 {
        sizes.record(random.value());
        waits.record(Duration::from_nanos(random.next() >> random.below(60)));
        registry.describe("sizes", Some(Unit::Seconds), "Which came late.").unwrap();
    }
    assert_eq!(bounds(&registry), before);
}

#[test]
fn text_is_appended_to_what_is_there() {
    let registry = Registry::new();
    registry.counter("lines_total", &[]).unwrap().increment(3);
    let snapshot = registry.snapshot();
    for format in [Format::Table, Format::Json, Format::Prometheus, Format::OpenMetrics] {
        let mut text = String::from("before\n");
        snapshot.write_to(format, &mut text);
        assert_eq!(text, format!("before\n{}", snapshot.render(format)), "{format}");
    }
}

/// What a test recorded, and the registry that it recorded to.
struct Recorded {
    registry: Registry,
    series: Vec<Series>,
    about: BTreeMap<String, (Option<Unit>, &'static str)>,
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

const UNITS: &[Unit] = &[Unit::Seconds, Unit::Bytes, Unit::Count];

const KINDS: [Kind; 4] = [Kind::Counter, Kind::Gauge, Kind::Histogram, Kind::Timer];

/// Bounds of histograms whose registry has an even seed.
const BOUNDS: &[f64] = &[0.001, 0.1, 0.25, 1.0, 1.5, 1_000.0];

impl Recorded {
    fn random(seed: u64) -> Recorded {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let bounds = if seed % 2 == 0 { BOUNDS } else { &[] };
        let mut recorded =
            Recorded { registry: Registry::new(), series: Vec::new(), about: BTreeMap::new() };
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

    fn write(&self, folder: &Path) {
        let snapshot = self.registry.snapshot();
        fs::write(folder.join("prometheus.txt"), snapshot.render(Format::Prometheus)).unwrap();
        fs::write(folder.join("openmetrics.txt"), snapshot.render(Format::OpenMetrics)).unwrap();
        fs::write(folder.join("snapshot.json"), snapshot.render(Format::Json)).unwrap();
        fs::write(folder.join("recorded.json"), self.json(&snapshot)).unwrap();
    }

    /// Plain ASCII, and numbers as the standard library writes them: nothing that the encoders do.
    fn json(&self, snapshot: &tachograph::Snapshot) -> String {
        let mut out = String::from("[");
        for (place, series) in self.series.iter().enumerate() {
            let mut labels = String::new();
            for (key, value) in &series.labels {
                let comma = if labels.is_empty() { "" } else { "," };
                write!(labels, "{comma}{}:{}", quoted(key), quoted(value)).unwrap();
            }
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
            };
            let (unit, description) = self.about.get(&series.name).copied().unwrap_or_default();
            // A timer's unit is known before anything is described.
            let unit = if kind == Kind::Timer { Some(Unit::Seconds) } else { unit };
            write!(
                out,
                "{}\n{{\"name\":{},\"kind\":\"{kind}\",\"labels\":{{{labels}}},\"unit\":\"{}\",\"description\":{},\"value\":{value}}}",
                if place == 0 { "" } else { "," },
                quoted(&series.name),
                unit.map_or("", Unit::as_str),
                quoted(description),
            )
            .unwrap();
        }
        out + "\n]\n"
    }
}

fn quoted(text: &str) -> String {
    let units: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    format!("\"{units}\"")
}

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn one_of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }

    /// Of any size that a histogram takes, powers of two and their neighbours among them.
    fn value(&mut self) -> f64 {
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

/// An empty folder of this run.
fn folder(name: &str) -> PathBuf {
    let name = format!("exposition-{name}-{}", std::process::id());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn python() -> Option<String> {
    const IS_THERE: &str =
        "import importlib.metadata as m; assert m.version('prometheus_client') == '0.26.0'";
    engine("TACHOGRAPH_PYTHON", "python3", &["-c", IS_THERE], "prometheus_client 0.26.0")
}

fn promtool() -> Option<String> {
    engine("TACHOGRAPH_PROMTOOL", "promtool", &["--version"], "promtool")
}

/// A program that runs with these arguments.
fn engine(variable: &str, usual: &str, arguments: &[&str], what: &str) -> Option<String> {
    let program = std::env::var(variable).unwrap_or_else(|_| usual.to_owned());
    let output = Command::new(&program).args(arguments).stdin(Stdio::null()).output();
    if output.as_ref().is_ok_and(|output| output.status.success()) {
        return Some(program);
    }
    assert!(!is_required(), "`{program}` has no {what}: {output:?}");
    eprintln!("skipped: `{program}` has no {what}; {variable} may name another one");
    None
}

fn is_required() -> bool {
    std::env::var("TACHOGRAPH_REQUIRE_ENGINES").is_ok_and(|value| value == "1")
}

fn check_metrics(promtool: &str, body: &Path) -> Output {
    let mut command = Command::new(promtool);
    command.args(["check", "metrics"]).stdin(File::open(body).unwrap());
    finish(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
}

/// Waits for a child, but not for ever.
fn finish(child: Child) -> Output {
    let (sender, receiver) = mpsc::channel();
    let waiting = thread::spawn(move || sender.send(child.wait_with_output()));
    let output = receiver.recv_timeout(PATIENCE).expect("the engine does not end").unwrap();
    waiting.join().unwrap().unwrap();
    output
}
