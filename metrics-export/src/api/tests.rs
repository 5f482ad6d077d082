//! The JSON as a parser reads it: what was recorded, the fields that the documentation lists, and refusals.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, UNIX_EPOCH};

use serde_json::{Value, json};
use tachograph::when::value;
use tachograph::{History, Kind, Registry, Trigger};

use super::*;

const HOSTILE: &str = "<img src=x onerror=\"alert(1)\">&=%\\\n\u{1b}[2J\u{2028}";

/// At a round time, so that parts are full ones.
const BEGIN: u64 = 1_800_000_000;

struct Scene {
    registry: Registry,
    history: History,
    now: Arc<AtomicU64>,
    source: Source,
}

impl Scene {
    fn new() -> Scene {
        let (registry, now) = (Registry::new(), Arc::new(AtomicU64::new(BEGIN * 1_000)));
        let clock = Arc::clone(&now);
        let clock = move || UNIX_EPOCH + Duration::from_millis(clock.load(SeqCst));
        let history = History::builder().registry(&registry).clock(clock).build().unwrap();
        let source = Source::new(registry.clone(), Some(history.clone()));
        Scene { registry, history, now, source }
    }

    fn tick(&self) {
        let now = self.now.fetch_add(999, SeqCst) + 999;
        assert!(self.history.tick(UNIX_EPOCH + Duration::from_millis(now)));
    }

    /// A minute of every kind, and then the trigger fires.
    fn minute() -> (Scene, Trigger) {
        let scene = Scene::new();
        let registry = &scene.registry;
        let jobs = registry.counter("jobs_total", &[("queue", HOSTILE)]).unwrap();
        let mails = registry.rate("mails", &[]).unwrap();
        let depth = registry.gauge("depth", &[]).unwrap();
        let sizes = registry.histogram("size_bytes", &[]).unwrap();
        registry.summary("order_euros", &[]).unwrap();
        let orders = scene.history.metric("order_euros", &[]).unwrap();
        let labels = [("function", "shop::pay"), ("bank", "north")];
        let calls = registry.timer("function_duration_seconds", &labels).unwrap();
        let busy = registry.timer("function_busy_seconds", &labels).unwrap();
        registry.gauge("function_in_flight", &labels).unwrap().set(3);
        let with = |outcome| [labels[0], labels[1], ("outcome", outcome)];
        let ok = registry.counter("function_outcomes_total", &with("ok")).unwrap();
        let err = registry.counter("function_outcomes_total", &with("err")).unwrap();
        registry
            .describe("size_bytes", Some(tachograph::Unit::Bytes), "How large they were.")
            .unwrap();
        let trigger = registry.trigger("deep").new_metric(Kind::Gauge, "depth", &[]);
        let trigger = trigger.when(value().above(50.0)).start().unwrap();
        for second in 0..60_u64 {
            // What is dated by the very tick belongs to the slot before.
            scene.now.fetch_add(1, SeqCst);
            jobs.increment(2);
            mails.increment(1);
            depth.set(second);
            sizes.record(100 + second);
            orders.record((5 + second % 3) as f64).unwrap();
            calls.record(Duration::from_millis(20));
            busy.record(Duration::from_millis(5));
            ok.increment(3);
            err.increment(1);
            scene.tick();
        }
        (scene, trigger)
    }

    fn ask(&self, path: &str, query: &str) -> Value {
        let answer = self.source.answer(path, query);
        assert_eq!(answer.status, 200, "{path}?{query}: {}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }
}

fn series<'a>(body: &'a Value, name: &str) -> &'a Value {
    let series = body["series"].as_array().unwrap();
    series.iter().find(|series| series["name"] == name).unwrap()
}

fn hostile_query(path: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(path.to_owned());
    query.append_pair("label.queue", HOSTILE);
    query.finish()
}

fn near(value: &Value, expected: f64) {
    let found = value.as_f64().unwrap_or(f64::NAN);
    assert!((found / expected - 1.0).abs() < 0.012, "{found} and not {expected}");
}

#[test]
fn an_overview_says_of_every_kind_what_came_in_the_window() {
    let (scene, _trigger) = Scene::minute();
    let body = scene.ask("v1/overview", "window=60&parts=6");
    assert_eq!((&body["window_seconds"], &body["covered_seconds"]), (&json!(60), &json!(60)));
    assert_eq!(body["at"].as_f64(), Some((BEGIN + 60) as f64));
    assert_eq!(body["grid"], json!({"begin": BEGIN as f64, "part_seconds": 10, "parts": 6}));
    let jobs = series(&body, "jobs_total");
    assert_eq!(jobs["labels"], json!({ "queue": HOSTILE }));
    assert_eq!(
        (&jobs["total"], &jobs["count"], &jobs["rate"], &jobs["rates"]),
        (&json!(120), &json!(120), &json!(2), &json!(2))
    );
    let depth = series(&body, "depth");
    assert_eq!(
        (&depth["value"], &depth["min"], &depth["max"]),
        (&json!(59), &json!(0), &json!(59))
    );
    assert_eq!(depth["means"], json!([4.5, 54.5, [0, 51, 102, 153, 204, 255]]));
    let sizes = series(&body, "size_bytes");
    assert_eq!((&sizes["count"], &sizes["unit"]), (&json!(60), &json!("bytes")));
    near(&sizes["p50"], 129.0);
    near(&sizes["mean"], 129.5);
    let calls = series(&body, "function_duration_seconds");
    near(&calls["total_seconds"], 1.2);
    near(&calls["self_seconds"], 1.2);
    near(&calls["p99"], 0.02);
    assert_eq!(series(&body, "order_euros")["p50"], json!(6));
    assert_eq!(series(&body, "mails")["rate"], json!(1));
    let deep = &body["triggers"][0];
    assert_eq!((&deep["name"], &deep["is_firing"]), (&json!("deep"), &json!(true)));
    assert_eq!(deep["condition"], json!("value above 50"));
    assert_eq!(deep["since"].as_f64(), Some((BEGIN + 52) as f64));
    assert_eq!(body["history"]["is_of_the_program"], json!(true));
    assert_eq!(scene.ask("v1/overview", "")["grid"], Value::Null);
}

#[test]
fn a_series_has_its_course_its_heat_map_and_what_is_beside_it() {
    let (scene, _trigger) = Scene::minute();
    let query = "name=function_duration_seconds&label.function=shop::pay&label.bank=north&window=60&parts=6";
    let body = scene.ask("v1/series", query);
    assert_eq!(body["grid"]["parts"], json!(6));
    for part in 0..6 {
        assert_eq!(body["parts"]["rate"][part], json!(1), "{body}");
        near(&body["parts"]["p99"][part], 0.02);
        near(&body["parts"]["total_share"][part], 0.02);
        let counts = body["heat"]["counts"][part].as_array().unwrap();
        assert_eq!(counts.iter().filter_map(Value::as_u64).sum::<u64>(), 10);
        assert_eq!(body["beside"]["ok"]["rate"][part], json!(3));
        assert_eq!(body["beside"]["in_flight"]["max"][part], json!(3));
        near(&body["beside"]["busy"]["total_share"][part], 0.005);
    }
    let bounds = body["heat"]["bounds"].as_array().unwrap();
    let (low, high) = (bounds[0].as_f64().unwrap(), bounds.last().unwrap().as_f64().unwrap());
    assert!(low < 0.02 && 0.02 <= high, "{bounds:?}");
    assert_eq!(body["beside"]["err"]["total"], json!(60));
    assert_eq!(body["whole"]["count"], json!(60));
    assert_eq!(body["whole"]["has_gap"], json!(false));

    let counter = scene.ask("v1/series", &hostile_query("name=jobs_total&window=60"));
    assert_eq!((&counter["heat"], &counter["beside"]), (&Value::Null, &json!({})));
    assert_eq!(counter["labels"]["queue"], json!(HOSTILE));
    let size = scene.ask("v1/series", "name=size_bytes");
    assert_eq!(size["description"], json!("How large they were."));
}

#[test]
fn a_window_has_the_aggregates_that_were_asked_for() {
    let (scene, _trigger) = Scene::minute();
    let body = scene.ask("v1/window", "name=depth&window=10&aggregate=max,p50,median,p99.9,count");
    assert_eq!(
        body["values"],
        json!({"max": 59, "p50": body["values"]["median"], "median": body["values"]["median"], "p99.9": 59, "count": 10})
    );
    near(&body["values"]["median"], 54.0);
    assert_eq!((&body["kind"], &body["covered_seconds"]), (&json!("gauge"), &json!(10)));
    let all = scene.ask("v1/window", "name=size_bytes");
    assert_eq!(all["values"].as_object().unwrap().len(), 9);
    let (from, to) = (BEGIN + 10, BEGIN + 20);
    let query = format!("name=size_bytes&from={from}&to={to}.0&aggregate=sum");
    let body = scene.ask("v1/window", &query);
    assert_eq!(body["values"]["sum"], json!((110..120).sum::<u64>()));
    assert_eq!(body["from"].as_f64(), Some(from as f64));
    let before = format!("name=size_bytes&from=5&to={}", BEGIN - 5);
    assert_eq!(scene.ask("v1/window", &before)["values"]["sum"], Value::Null, "nothing is known");
}

#[test]
fn promql_asks_prometheus_for_the_same() {
    let (scene, _trigger) = Scene::minute();
    let body = scene.ask("v1/promql", "name=size_bytes&window=60");
    let expressions = body["expressions"].as_array().unwrap();
    let p99 = "histogram_quantile(0.99, rate(size_bytes[60s])) or histogram_quantile(0.99, rate(size_bytes_bucket[60s]))";
    assert_eq!(expressions[0], json!({"title": "p99", "expression": p99}));
    let body = scene.ask("v1/promql", &hostile_query("name=jobs_total"));
    let expression = body["expressions"][0]["expression"].as_str().unwrap();
    assert!(expression.starts_with("rate(jobs_total{queue=\"<img"), "{expression}");
    // A summary has no quantiles in what is scraped that a window could be made of.
    let body = scene.ask("v1/promql", "name=order_euros");
    let titles = body["expressions"].as_array().unwrap().iter().map(|one| one["title"].clone());
    assert_eq!(titles.collect::<Vec<_>>(), ["mean", "rate"]);
}

#[test]
fn refusals_name_the_value_and_the_remedy() {
    let (scene, _trigger) = Scene::minute();
    let long = format!("name={}", "x".repeat(40_000));
    let labels: String = (0..65).map(|place| format!("&label.k{place}=v")).collect();
    let many = vec!["p1"; 17].join(",");
    for (path, query, status, says) in [
        ("v1/nothing", "", 404, "`/api/v1/nothing`: ask for /api/v1/snapshot"),
        ("", "", 404, "`/api/`: ask for"),
        ("v2/overview", "", 404, "`/api/v2/overview`"),
        (
            "v1/overview",
            "windows=5",
            400,
            "unknown parameter `windows`: there are `window`, `parts`",
        ),
        ("v1/overview", "label.a=b", 400, "unknown parameter `label.a`"),
        ("v1/snapshot", "x=", 400, "unknown parameter `x`: there are none here"),
        (
            "v1/overview",
            "window=0",
            400,
            "`0` is no window: give seconds from 1 to 2678400, or `retention`",
        ),
        ("v1/overview", "window=inf", 400, "`inf` is no window"),
        ("v1/overview", "window=1e3", 400, "`1e3` is no window"),
        ("v1/overview", "window=-5", 400, "`-5` is no window"),
        ("v1/overview", "window=60&window=60", 400, "`window` is there twice"),
        ("v1/overview", "parts=401", 400, "`401` is no number of parts: give one from 0 to 400"),
        ("v1/series", "", 400, "which series?"),
        ("v1/series", "label.=", 400, "which series?"),
        ("v1/series", "name=none", 404, "there is no series `none`: the overview lists"),
        ("v1/series", "name=depth&label.a=b", 404, "there is no series `depth` with these labels"),
        ("v1/series", &long, 400, "the query has 40005 bytes: ask with no more than 32768"),
        ("v1/series", &format!("name=depth{labels}"), 400, "65 labels are more than a series has"),
        (
            "v1/window",
            "name=depth&aggregate=mean",
            400,
            "unknown aggregation `mean`: expected one of sum",
        ),
        ("v1/window", &format!("name=depth&aggregate={many}"), 400, "17 aggregates are too many"),
        ("v1/window", "name=depth&from=1", 400, "`from` and `to` belong together"),
        ("v1/window", "name=depth&from=9&to=3", 400, "`to` is not after `from`"),
        ("v1/window", "name=depth&from=1&to=2&window=5", 400, "give one of both"),
        ("v1/window", "name=depth&from=x&to=2", 400, "`x` is no moment for `from`"),
    ] {
        let answer = scene.source.answer(path, query);
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        let error = body["error"].as_str().unwrap();
        assert_eq!(answer.status, status, "{path}?{query}: {error}");
        assert!(error.contains(says), "{path}?{query}: {error}");
        assert!(error.len() < 400, "a refusal repeats little of what was asked: {error}");
    }
}

#[test]
fn nothing_that_is_asked_becomes_a_series() {
    let (scene, _trigger) = Scene::minute();
    let before = scene.registry.snapshot().series().len();
    for query in [
        "name=evil",
        "name=depth&label.evil=1",
        "name=%FF%FE%00",
        "name=depth&label.%3Cb%3E=%3Cb%3E",
    ] {
        for path in ["v1/series", "v1/window", "v1/promql"] {
            assert_eq!(scene.source.answer(path, query).status, 404, "{path}?{query}");
        }
    }
    assert_eq!(scene.registry.snapshot().series().len(), before);
}

#[test]
fn a_program_without_a_history_has_one_while_somebody_asks() {
    let registry = Registry::new();
    registry.counter("jobs_total", &[]).unwrap().increment(4);
    let source = Source::new(registry.clone(), None);
    let ask = || -> Value {
        let answer = source.answer("v1/overview", "parts=30");
        assert_eq!(answer.status, 200, "{}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    };
    for (path, query) in [
        ("overview", "window=x"),
        ("overview", "parts=-1"),
        ("series", ""),
        ("series", "name=jobs_total&window=0"),
        ("window", "name=jobs_total&aggregate=none"),
        ("window", "name=jobs_total&from=1"),
        ("promql", "label.a=b"),
    ] {
        let answer = source.answer(&format!("v1/{path}"), query);
        assert_eq!(answer.status, 400, "{path}?{query}: {}", answer.body);
    }
    assert!(!source.borrowed.is_lent(), "no question made sense so far");
    let first = ask();
    assert!(source.borrowed.is_lent());
    assert_eq!(first["history"]["is_of_the_program"], json!(false));
    assert_eq!(series(&first, "jobs_total")["total"], json!(4));
    assert_eq!(ask()["instance"], first["instance"]);
    assert!(registry.history().is_none(), "no trigger shall rest on it");
    let own = History::builder().registry(&registry).build().unwrap();
    assert_eq!(ask()["history"]["is_of_the_program"], json!(true), "once the program has one");
    drop(own);
    let other = Source::new(registry.clone(), None).answer("v1/overview", "");
    let other: Value = serde_json::from_str(&other.body).unwrap();
    assert_ne!(other["instance"], first["instance"]);
}

#[test]
fn the_snapshot_is_the_documented_one() {
    let (scene, _trigger) = Scene::minute();
    assert_eq!(scene.ask("v1/snapshot", "")["schema_version"], json!(1));
}

/// The texts in backticks of the documentation.
fn documented() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/api.md");
    let text = std::fs::read_to_string(path).unwrap();
    let texts = text.split('`').skip(1).step_by(2);
    texts.flat_map(|text| text.split(['.', ' '])).map(str::to_owned).collect()
}

/// All keys of an answer, but those that are the program's own.
fn keys(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                found.push(key.clone());
                if key != "labels" && key != "values" {
                    keys(value, found);
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| keys(value, found)),
        _ => {}
    }
}

#[test]
fn every_field_is_documented() {
    let (scene, _trigger) = Scene::minute();
    let (documented, mut found) = (documented(), Vec::new());
    let timer = "name=function_duration_seconds&label.function=shop::pay&label.bank=north";
    for (path, query) in [
        ("v1/overview", "parts=6"),
        ("v1/series", timer),
        ("v1/series", "name=depth"),
        ("v1/window", "name=depth"),
        ("v1/promql", "name=depth"),
    ] {
        keys(&scene.ask(path, query), &mut found);
    }
    assert!(found.len() > 200);
    for key in found {
        assert!(documented.contains(&key), "`{key}` stands nowhere in docs/api.md");
    }
}
