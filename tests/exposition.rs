//! The text formats as their consumers read them: registries full of hostile names and labels, read back
//! by the strict parsers of PyPI's prometheus_client and by promtool.
//! `support/engines.rs` says which these are.

#[path = "support/engines.rs"]
mod engines;
#[path = "exposition/families.rs"]
mod families;
#[path = "support/promtool.rs"]
mod promtool;
#[path = "support/random.rs"]
mod random;
#[path = "exposition/recorded.rs"]
mod recorded;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use tachograph::{Format, Registry, Unit};

use engines::{engine, finish};
use promtool::promtool;
use random::Random;
use recorded::Recorded;

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
    registry.rate("mails_total", &[]).unwrap().increment(2);
    registry.summary("order_bytes", &[("shop", "n")]).unwrap().record(120);
    for (name, unit) in [
        ("lines_total", None),
        ("mails_total", None),
        ("order_bytes", Some(Unit::Bytes)),
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

fn check_metrics(promtool: &str, body: &Path) -> Output {
    let mut command = Command::new(promtool);
    command.args(["check", "metrics"]).stdin(File::open(body).unwrap());
    finish(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
}
