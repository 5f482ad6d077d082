//! JSON as a parser reads it: the values that were recorded, and the fields that the documentation lists.

use std::collections::BTreeSet;
use std::path::Path;
use std::process;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tachograph::{Format, Registry, Unit};

/// One series of each kind, and names and labels that need escaping.
fn registry() -> Registry {
    let registry = Registry::new();
    registry.counter("lines_total", &[("file", HOSTILE)]).unwrap().increment(u64::MAX);
    registry.gauge(HOSTILE_NAME, &[(HOSTILE_NAME, "")]).unwrap().set(f64::NEG_INFINITY);
    let sizes = registry.histogram("sizes", &[]).unwrap();
    for size in [-1.0, 0.0, 3.0, 1e300] {
        sizes.record(size);
    }
    registry.histogram("never", &[]).unwrap();
    let timer = registry.timer("work_seconds", &[("function", "a")]).unwrap();
    timer.record(Duration::from_millis(20));
    registry.rate("jobs", &[]).unwrap().increment(15);
    let euros = registry.summary("euros", &[]).unwrap();
    [19.95, 7.5, 7.0].iter().for_each(|value| euros.record(*value));
    registry.describe("lines_total", Some(Unit::Bytes), HOSTILE).unwrap();
    registry
}

const HOSTILE: &str = "\"\\\0\n\u{1b}[31m\u{7f}\u{9b}\u{2028}\u{202e}<img onerror> 🦀";

const HOSTILE_NAME: &str = "größe \"\\ 🦀";

fn parsed(registry: &Registry) -> Value {
    serde_json::from_str(&registry.render(Format::Json)).unwrap()
}

fn series<'a>(body: &'a Value, name: &str) -> &'a Value {
    let series = body["series"].as_array().unwrap();
    series.iter().find(|series| series["name"] == name).unwrap()
}

#[test]
fn values_come_back_as_they_were_recorded() {
    let body = parsed(&registry());
    assert_eq!(body["schema_version"], 1);
    assert_eq!(body["process_id"], process::id());
    let counter = series(&body, "lines_total");
    assert_eq!(counter["kind"], "counter");
    assert_eq!(counter["labels"], json!({ "file": HOSTILE }));
    assert_eq!((&counter["unit"], &counter["description"]), (&json!("bytes"), &json!(HOSTILE)));
    assert_eq!(counter["value"].as_u64(), Some(u64::MAX));
    let gauge = series(&body, HOSTILE_NAME);
    assert_eq!((&gauge["kind"], &gauge["value"]), (&json!("gauge"), &json!("-Infinity")));
    assert_eq!(gauge["labels"], json!({ HOSTILE_NAME: "" }));
    let timer = series(&body, "work_seconds");
    assert_eq!((&timer["kind"], &timer["value"]["count"]), (&json!("timer"), &json!(1)));
    for field in ["total_seconds", "self_seconds", "min", "max", "mean"] {
        let seconds = timer["value"][field].as_f64().unwrap();
        assert!((seconds / 0.02 - 1.0).abs() < 1e-3, "{field}: {seconds}");
    }
    assert_eq!(timer["value"]["quantiles"]["0.99"], timer["value"]["max"]);
    let rate = series(&body, "jobs");
    assert_eq!((&rate["kind"], &rate["value"]["total"]), (&json!("rate"), &json!(15)));
    let elapsed = body["elapsed_seconds"].as_f64().unwrap();
    let per_second = rate["value"]["per_second"].as_f64().unwrap();
    assert!((per_second * elapsed / 15.0 - 1.0).abs() < 1e-9, "{per_second} in {elapsed} s");
    let summary = series(&body, "euros");
    assert_eq!((&summary["kind"], &summary["value"]["kept"]), (&json!("summary"), &json!(3)));
    let quantiles = &summary["value"]["quantiles"];
    assert_eq!((&quantiles["0.5"], &quantiles["0.99"]), (&json!(7.5), &json!(19.95)));
}

#[test]
fn distribution_is_there_with_its_range_and_its_special_buckets() {
    let body = parsed(&registry());
    let sizes = &series(&body, "sizes")["value"];
    assert_eq!(
        (&sizes["count"], &sizes["min"], &sizes["max"]),
        (&json!(4), &json!(-1), &json!(1e300))
    );
    assert_eq!(sizes["is_range_exact"], true);
    let buckets = sizes["buckets"].as_array().unwrap();
    assert_eq!(buckets.len(), 4);
    assert_eq!(buckets[0], json!(["-Infinity", 0, 1]));
    assert_eq!((&buckets[1][0], &buckets[1][2]), (&json!(0), &json!(1)));
    assert!(buckets[2][0].as_f64().unwrap() < 3.0 && 3.0 <= buckets[2][1].as_f64().unwrap());
    assert_eq!(buckets[3][1], "Infinity");
    let never = &series(&body, "never")["value"];
    assert_eq!(
        (&never["count"], &never["min"], &never["mean"]),
        (&json!(0), &Value::Null, &Value::Null)
    );
    assert_eq!((&never["quantiles"]["0.5"], &never["buckets"]), (&Value::Null, &json!([])));
}

#[test]
fn no_control_character_stands_in_a_body() {
    let body = registry().render(Format::Json);
    let control = body.chars().find(|c| c.is_control() && *c != '\n');
    assert_eq!(control, None);
}

#[test]
fn fields_are_those_of_the_documentation() {
    let body = parsed(&registry());
    let mut histogram = fields(&series(&body, "sizes")["value"]);
    histogram.extend(fields(&series(&body, "work_seconds")["value"]));
    assert_eq!(fields(&body), documented("## The object"));
    assert_eq!(fields(&body["series"][0]), documented("## A series"));
    histogram.extend(fields(&series(&body, "euros")["value"]));
    assert_eq!(histogram, documented("The value of a histogram, a timer or a summary."));
    assert_eq!(fields(&series(&body, "jobs")["value"]), documented("The value of a rate."));
    assert_eq!(fields(&body["overhead"]), documented("## The overhead"));
}

#[test]
fn example_of_the_documentation_has_all_fields() {
    let text = documentation();
    let example = text.split("```json\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let example: Value = serde_json::from_str(example).unwrap();
    let body = parsed(&registry());
    assert_eq!(fields(&example), fields(&body));
    assert_eq!(fields(&example["series"][0]), fields(&body["series"][0]));
    assert_eq!(fields(&example["overhead"]), fields(&body["overhead"]));
}

fn fields(value: &Value) -> BTreeSet<String> {
    value.as_object().map(Map::keys).unwrap().cloned().collect()
}

fn documentation() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/json.md");
    std::fs::read_to_string(path).unwrap()
}

/// The first column of the first table after `heading`.
fn documented(heading: &str) -> BTreeSet<String> {
    let text = documentation();
    let section = text.split(heading).nth(1).unwrap();
    let rows = section
        .lines()
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'));
    rows.filter_map(|row| row.strip_prefix("| `")?.split('`').next()).map(str::to_owned).collect()
}
