//! Triggers as rules: promtool takes the file, and Prometheus' own engine fires when the triggers do.

#[path = "history/clock.rs"]
mod clock;
#[path = "support/engines.rs"]
mod engines;
#[path = "support/promtool.rs"]
mod promtool;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use tachograph::when::{Condition, aggregate, quantile, rate, value};
use tachograph::{Aggregation, Format, History, Kind, NoData, Registry, Trigger};

use clock::{Clock, HOUR, SECOND, nanos, time};
use engines::finish;
use promtool::promtool;

/// Between two ticks, which are scrapes and evaluations, too.
const STEP: u64 = 10;

const MINUTE: Duration = Duration::from_secs(60);

/// A trigger, and what its alert has.
struct Watched {
    trigger: Trigger,
    label: Option<(&'static str, &'static str)>,
    summary: String,
    /// Whether it fired, by tick.
    fired: Vec<bool>,
}

struct Scene {
    clock: Clock,
    registry: Registry,
    history: History,
    watched: Vec<Watched>,
    /// Each line's numbers, by tick.
    samples: BTreeMap<String, Vec<String>>,
}

impl Scene {
    fn new() -> Scene {
        let registry = Registry::builder().prefix("shop").label("region", "e\"u\\").build();
        let clock = Clock::new();
        let builder = clock.builder(&registry).interval(Duration::from_secs(STEP));
        let history = builder.build().unwrap();
        Scene { clock, registry, history, watched: Vec::new(), samples: BTreeMap::new() }
    }

    fn watch(
        &mut self,
        name: &str,
        kind: Kind,
        label: Option<(&'static str, &'static str)>,
        condition: Condition,
        keep: u64,
    ) {
        let metric = format!("{name}_watched");
        let trigger = self.registry.trigger(name).new_metric(kind, &metric, label.as_slice());
        let trigger = trigger.when(condition).lasting(Duration::from_secs(30));
        let trigger = trigger.keep_firing_for(Duration::from_secs(keep)).start().unwrap();
        let summary = format!("{metric} {condition}");
        self.watched.push(Watched { trigger, label, summary, fired: Vec::new() });
    }

    /// What Prometheus scrapes.
    fn scrape(&mut self) {
        for line in self.registry.render(Format::Prometheus).lines() {
            if let Some((series, number)) = line.rsplit_once(' ').filter(|_| !line.starts_with('#'))
            {
                self.samples.entry(series.to_owned()).or_default().push(number.to_owned());
            }
        }
        for watched in &mut self.watched {
            watched.fired.push(watched.trigger.is_firing());
        }
    }

    /// A test for promtool: these samples, and that an alert fires wherever its trigger does.
    fn test(&self, rules: &Path) -> String {
        let mut test = format!(
            "rule_files: [{:?}]\nevaluation_interval: {STEP}s\ntests:\n  - interval: {STEP}s\n    input_series:\n",
            rules.display().to_string()
        );
        for (series, numbers) in &self.samples {
            let (series, numbers) = (quoted(series), numbers.join(" "));
            writeln!(test, "      - series: {series}\n        values: \"{numbers}\"").unwrap();
        }
        test.push_str("    alert_rule_test:\n");
        for watched in &self.watched {
            for (tick, is_firing) in watched.fired.iter().enumerate() {
                let (at, name) = (tick as u64 * STEP, watched.trigger.name());
                writeln!(test, "      - eval_time: {at}s\n        alertname: {name}").unwrap();
                if !is_firing {
                    test.push_str("        exp_alerts: []\n");
                    continue;
                }
                let region = quoted("e\"u\\");
                writeln!(test, "        exp_alerts:\n          - exp_labels:").unwrap();
                writeln!(test, "              region: {region}").unwrap();
                if let Some((key, value)) = watched.label {
                    writeln!(test, "              {key}: {value}").unwrap();
                }
                let summary = quoted(&watched.summary);
                writeln!(test, "            exp_annotations:\n              summary: {summary}")
                    .unwrap();
            }
        }
        test
    }
}

/// As YAML and JSON write it; there is nothing in these but quotes and backslashes.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn ask(promtool: &str, what: [&str; 2], file: &Path) -> Output {
    let mut command = Command::new(promtool);
    command.args(what).arg(file).stdin(Stdio::null());
    finish(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
}

fn folder(name: &str) -> PathBuf {
    let name = format!("rules-{name}-{}", std::process::id());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn an_alert_fires_exactly_when_its_trigger_does() {
    let mut scene = Scene::new();
    let buckets = tachograph::Buckets::new().bounds(&[0.05, 0.2, 1.0]);
    scene.registry.timer_with("slow_watched", &[("part", "db")], buckets.clone()).unwrap();
    scene.registry.timer_with("quick_watched", &[], buckets).unwrap();
    // Others of the name, which no rule is about.
    scene.registry.counter("busy_watched", &[]).unwrap();
    let others = scene.registry.gauge("high_watched", &[("part", "other")]).unwrap();
    others.set(99);
    let per_second = rate().over(MINUTE).above(0.55);
    let (increase, mean) = (aggregate(Aggregation::Sum), aggregate(Aggregation::Average));
    let (db, none) = (Some(("part", "db")), None);
    scene.watch("busy", Kind::Counter, db, per_second, 0);
    scene.watch("idle", Kind::Rate, none, increase.over(MINUTE).below(20.0), 0);
    scene.watch("slow", Kind::Timer, db, quantile(0.9).over(MINUTE).above(0.2), 0);
    scene.watch("quick", Kind::Timer, none, quantile(0.5).over(MINUTE).below(0.05), 0);
    scene.watch("calls", Kind::Timer, none, rate().over(MINUTE).above(0.75), 60);
    scene.watch("sizes", Kind::Histogram, none, mean.over(MINUTE).above(30.0), 0);
    scene.watch("full", Kind::Gauge, db, value().above(75.0), 40);
    // Versions of Prometheus differ in whether a sample at the very beginning of a window is in it: none is there.
    let nearly = MINUTE - Duration::from_secs(5);
    scene.watch("high", Kind::Gauge, none, mean.over(nearly).above(50.0), 0);
    scene.watch("top", Kind::Gauge, none, aggregate(Aggregation::Max).over(nearly).above(90.0), 0);
    let labels: &[(&str, &str)] = &[("part", "db")];
    let registry = scene.registry.clone();
    let busy = registry.counter("busy_watched", labels).unwrap();
    let idle = registry.rate("idle_watched", &[]).unwrap();
    let slow = registry.timer("slow_watched", labels).unwrap();
    let quick = registry.timer("quick_watched", &[]).unwrap();
    let calls = registry.timer("calls_watched", &[]).unwrap();
    let sizes = registry.histogram("sizes_watched", &[]).unwrap();
    let gauges = [("full", labels), ("high", &[]), ("top", &[])];
    let gauges =
        gauges.map(|(name, labels)| registry.gauge(&format!("{name}_watched"), labels).unwrap());
    let file = folder("fires");
    let rules = file.join("rules.yml");
    fs::write(&rules, registry.rules()).unwrap();

    // A window of Prometheus begins with a sample, as ours does with a tick, once both know all of it. So it begins quiet.
    for step in 0..120_u64 {
        if step > 0 {
            let is_loud = (40..70).contains(&step);
            let load = if is_loud { 10 } else { 1 };
            busy.increment(load);
            idle.increment(if is_loud { 1 } else { 10 });
            for call in 0..load {
                // One in five is slow.
                let milliseconds = if is_loud && call % 5 == 0 { 400 } else { 20 };
                slow.record(Duration::from_millis(milliseconds));
                calls.record(Duration::from_millis(3));
                quick.record(Duration::from_millis(if is_loud { 300 } else { 30 }));
                sizes.record(if is_loud { 40 } else { 8 });
            }
            let level = if is_loud && step % 13 != 0 { 95.0 } else { 20.0 };
            gauges.iter().for_each(|gauge| gauge.set(level));
            assert!(scene.clock.tick(&scene.history, STEP * SECOND));
        }
        scene.scrape();
    }
    for watched in &scene.watched {
        let changes = watched.fired.windows(2).filter(|pair| pair[0] != pair[1]).count();
        assert!(changes >= 2, "{} does not fire and resolve", watched.trigger.name());
    }

    let Some(promtool) = promtool() else { return };
    let checked = ask(&promtool, ["check", "rules"], &rules);
    assert!(checked.status.success(), "{checked:?}\n{}", registry.rules());
    let test = file.join("test.yml");
    fs::write(&test, scene.test(&rules)).unwrap();
    let tested = ask(&promtool, ["test", "rules"], &test);
    let said = String::from_utf8_lossy(&tested.stdout) + String::from_utf8_lossy(&tested.stderr);
    assert!(tested.status.success(), "{said}\n{}", registry.rules());
    // The test can fail: one expectation that is none is told.
    let wrong =
        scene.test(&rules).replacen("exp_alerts: []", "exp_alerts: [{exp_labels: {a: b}}]", 1);
    fs::write(&test, wrong).unwrap();
    assert!(!ask(&promtool, ["test", "rules"], &test).status.success());
    fs::remove_dir_all(file).unwrap();
}

#[test]
fn promtool_takes_rules_of_hostile_names_and_of_no_triggers() {
    let registry = Registry::new();
    let none = registry.rules();
    let clock = Clock::new();
    let history = clock.builder(&registry).build().unwrap();
    let hostile = "a \"b\" {{c}}: #d\\ 'é\u{ffff}";
    let mut triggers = Vec::new();
    let conditions = [
        value().above(f64::INFINITY),
        rate().below(-1e-9),
        aggregate(Aggregation::Count).above(1e21),
        aggregate(Aggregation::StdDev).above(0.5),
        aggregate(Aggregation::Min).over(Duration::from_micros(1)).below(f64::NEG_INFINITY),
        quantile(0.999).over(Duration::from_millis(1_500)).above(0.1),
    ];
    let kinds =
        [Kind::Counter, Kind::Gauge, Kind::Histogram, Kind::Timer, Kind::Rate, Kind::Summary];
    for (kind, condition) in kinds.iter().flat_map(|kind| conditions.map(|c| (*kind, c))) {
        let name = format!("{hostile} {}", triggers.len());
        let trigger =
            registry.trigger(&name).new_metric(kind, &format!("m {kind}"), &[(hostile, hostile)]);
        let trigger = trigger.lasting(Duration::MAX).keep_firing_for(Duration::MAX);
        triggers.push(trigger.when(condition).when_no_data(NoData::Fires).start().unwrap());
    }
    assert!(history.tick(time(nanos(time(clock.now() + HOUR)))));
    let rules = registry.rules();
    // Of 36, what Prometheus cannot tell: of counters and rates three each, of gauges one, of distributions two, of summaries three.
    let told = rules.matches("- alert: ").count();
    let untold = rules.matches("cannot be told").count();
    assert_eq!((told, untold), (36 - 14, 14), "{rules}");
    let apart = Registry::new();
    let history = clock.builder(&apart).build().unwrap();
    let untold = apart.trigger("untold").new_metric(Kind::Histogram, "sizes", &[]);
    let untold = untold.when(aggregate(Aggregation::StdDev).above(1.0)).start().unwrap();
    let comment = apart.rules();
    assert!(comment.contains("`untold`") && comment.contains("rules: []"), "{comment}");
    drop((untold, history));
    let Some(promtool) = promtool() else { return };
    let file = folder("hostile");
    for (name, text) in [("none.yml", none), ("comment.yml", comment), ("all.yml", rules)] {
        let path = file.join(name);
        fs::write(&path, &text).unwrap();
        let checked = ask(&promtool, ["check", "rules"], &path);
        assert!(checked.status.success(), "{checked:?}\n{text}");
    }
    fs::remove_dir_all(file).unwrap();
}
