//! One series over time: its rates and quantiles, its heat map, and what is recorded beside it of a timed function.

use std::time::Duration;

use tachograph::when::{Measure, aggregate, quantile, rate, value};
use tachograph::{Aggregation, History, Kind, Metric, Window};

use super::heat::write_heat;
use super::json::Json;
use super::query::Query;
use super::window::write_span;
use super::{Answer, Source, WINDOW};

/// Parts of a window that nobody gave a number for.
const PARTS: usize = 60;

/// What is told of each part, by the key that it stands under.
const COLUMNS: [(&str, Aggregation); 6] = [
    ("mean", Aggregation::Average),
    ("min", Aggregation::Min),
    ("max", Aggregation::Max),
    ("p50", Aggregation::Median),
    ("p95", Aggregation::P95),
    ("p99", Aggregation::P99),
];

/// What `#[timed]` records beside durations, under the function's own labels, by the key that it stands under here.
const BESIDE: [(&str, &str); 4] = [
    ("in_flight", "function_in_flight"),
    ("busy", "function_busy_seconds"),
    ("polls", "function_polls_total"),
    ("calls", "function_calls_total"),
];
const OUTCOMES: &str = "function_outcomes_total";
const OUTCOME: [&str; 4] = ["ok", "err", "panic", "cancelled"];

pub(super) fn answer(source: &Source, query: &str) -> Result<Answer, Answer> {
    let query = Query::read(query, &["name", "label.", "window", "parts"])?;
    let (window, most) = (query.window(WINDOW)?, query.parts(PARTS)?);
    let (history, metric) = source.metric(&query)?;
    let window = window.unwrap_or(history.retention());
    let (grid, parts) = metric.parts_on_grid(window, most);
    let whole = metric.window(window);
    Ok(Answer::of(|json| {
        source.write_process(&history, json);
        json.key("at").time(std::time::SystemTime::now());
        json.key("name").text(metric.name());
        json.key("kind").text(metric.kind().as_str());
        json.key("labels").labels(metric.labels().iter());
        json.key("unit").option_text(metric.unit().map(|unit| unit.as_str()));
        json.key("description").option_text(metric.description().as_deref());
        json.key("created_at").time(metric.created_at());
        json.key("updated_at").option_time(metric.updated_at());
        json.key("current").option(metric.current());
        json.key("total").option(metric.total());
        json.key("whole").object(|json| write_whole(whole.as_ref(), json));
        json.key("grid").object(|json| {
            json.key("begin").time(grid.begin());
            json.key("part_seconds").number(grid.length().as_secs_f64());
            json.key("parts").whole(grid.len() as u64);
        });
        json.key("parts").object(|json| write_parts(&parts, json));
        write_heat(&parts, json.key("heat"));
        json.key("beside").object(|json| write_beside(&history, &metric, window, most, json));
    }))
}

fn write_whole(window: Option<&Window>, json: &mut Json) {
    write_span(window.map(Window::span), json);
    json.key("rate").option(window.and_then(Window::rate));
    for aggregation in Aggregation::ALL {
        let value = window.and_then(|window| window.aggregate(aggregation));
        json.key(&aggregation.to_string()).option(value);
    }
    if let Some(timer) = window.and_then(Window::timer) {
        json.key("total_seconds").number(timer.total().as_secs_f64());
        json.key("self_seconds").number(timer.self_total().as_secs_f64());
    }
}

/// An array for each column, with a value for each part.
fn write_parts(parts: &[Option<Window>], json: &mut Json) {
    let mut column = |key: &str, value: &dyn Fn(&Window) -> Option<f64>| {
        json.key(key).array(|json| {
            parts.iter().for_each(|part| json.option(part.as_ref().and_then(value)));
        });
    };
    column("covered_seconds", &|window| Some(window.span().covered().as_secs_f64()));
    column("rate", &Window::rate);
    let kind = parts.iter().flatten().map(Window::kind).next();
    if matches!(kind, Some(Kind::Counter | Kind::Rate)) {
        return;
    }
    for (key, aggregation) in COLUMNS {
        column(key, &|window| window.aggregate(aggregation));
    }
    if kind == Some(Kind::Timer) {
        let share = |window: &Window, time: Duration| {
            let covered = window.span().covered().as_secs_f64();
            (covered > 0.0).then(|| time.as_secs_f64() / covered)
        };
        column("total_share", &|window| share(window, window.timer()?.total()));
        column("self_share", &|window| share(window, window.timer()?.self_total()));
    }
}

/// What `#[timed]` records of the same function; nothing beside a series that has no label `function`.
fn write_beside(
    history: &History,
    metric: &Metric,
    window: Duration,
    most: usize,
    json: &mut Json,
) {
    if metric.kind() != Kind::Timer || metric.labels().get("function").is_none() {
        return;
    }
    let labels: Vec<(&str, &str)> = metric.labels().iter().collect();
    let mut write = |key: &str, name: &str, labels: &[(&str, &str)]| {
        let Some(found) = history.metric(name, labels) else { return };
        if found.name() == metric.name() {
            return;
        }
        let (_, parts) = found.parts_on_grid(window, most);
        json.key(key).object(|json| {
            json.key("current").option(found.current());
            json.key("total").option(found.total());
            write_parts(&parts, json);
        });
    };
    for (key, name) in BESIDE {
        write(key, name, &labels);
    }
    for outcome in OUTCOME {
        let with: Vec<_> = labels.iter().copied().chain([("outcome", outcome)]).collect();
        write(outcome, OUTCOMES, &with);
    }
}

/// What is asked of which kinds as an expression, by its title.
fn questions(kind: Kind, window: Duration) -> Vec<(&'static str, Measure)> {
    let mean = aggregate(Aggregation::Average).over(window);
    match kind {
        Kind::Counter | Kind::Rate => vec![("rate", rate().over(window))],
        Kind::Gauge => vec![("value", value()), ("mean", mean)],
        // Histograms, timers and summaries.
        _ => vec![
            ("p99", quantile(0.99).over(window)),
            ("p95", quantile(0.95).over(window)),
            ("p50", quantile(0.5).over(window)),
            ("mean", mean),
            ("rate", rate().over(window)),
        ],
    }
}

/// The expressions of PromQL that ask a Prometheus for the same, over five minutes unless told otherwise.
pub(super) fn promql(source: &Source, query: &str) -> Result<Answer, Answer> {
    let query = Query::read(query, &["name", "label.", "window"])?;
    let window = query.window(WINDOW)?;
    let (history, metric) = source.metric(&query)?;
    let labels = query.labels()?;
    let questions = questions(metric.kind(), window.unwrap_or(history.retention()));
    let told = questions.into_iter().filter_map(|(title, measure)| {
        Some((title, source.registry.promql(metric.name(), &labels, measure)?))
    });
    let told: Vec<(&str, String)> = told.collect();
    Ok(Answer::of(|json| {
        json.key("name").text(metric.name());
        json.key("labels").labels(metric.labels().iter());
        json.key("expressions").array(|json| {
            for (title, expression) in &told {
                json.object(|json| {
                    json.key("title").text(title);
                    json.key("expression").text(expression);
                });
            }
        });
    }))
}
