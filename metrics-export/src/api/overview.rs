//! All series in one window, and how each went: what the tables of the page show.

use tachograph::{Aggregation, Kind, Surveyed, Window};

use super::course::write_course;
use super::json::Json;
use super::query::Query;
use super::{Answer, Source, WINDOW};

/// The quantiles that are told of each distribution.
const QUANTILES: [(&str, f64); 3] = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)];

pub(super) fn answer(source: &Source, query: &str) -> Result<Answer, Answer> {
    let query = Query::read(query, &["window", "parts"])?;
    let (window, parts) = (query.window(WINDOW)?, query.parts(0)?);
    let history = source.history()?;
    let window = window.unwrap_or(history.retention());
    let survey = history.survey(window, parts);
    let triggers = source.registry.triggers();
    Ok(Answer::of(|json| {
        source.write_process(&history, json);
        json.key("at").time(survey.at());
        json.key("window_seconds").number(window.as_secs_f64());
        let windows = survey.series().iter().filter_map(Surveyed::window);
        let covered = windows.map(|window| window.span().covered()).max().unwrap_or_default();
        json.key("covered_seconds").number(covered.as_secs_f64());
        json.key("grid");
        let grid = survey.grid();
        if grid.is_empty() {
            json.null();
        } else {
            json.object(|json| {
                json.key("begin").time(grid.begin());
                json.key("part_seconds").number(grid.length().as_secs_f64());
                json.key("parts").whole(grid.len() as u64);
            });
        }
        json.key("triggers").array(|json| {
            for trigger in &triggers {
                json.object(|json| {
                    json.key("name").text(trigger.name());
                    json.key("series").text(trigger.metric().name());
                    json.key("labels").labels(trigger.metric().labels().iter());
                    json.key("unit").option_text(trigger.metric().unit().map(|unit| unit.as_str()));
                    json.key("condition").text(&trigger.condition().to_string());
                    json.key("is_firing").truth(trigger.is_firing());
                    json.key("since").option_time(trigger.since());
                    json.key("value").option(trigger.value());
                });
            }
        });
        json.key("overhead").object(|json| {
            let overhead = survey.overhead();
            json.key("series").whole(overhead.series());
            json.key("shards").whole(overhead.shards());
            json.key("accessible_bytes").whole(overhead.accessible_bytes());
            json.key("reserved_bytes").whole(overhead.reserved_bytes());
            json.key("timer_calls").whole(overhead.timer_calls());
            json.key("values")
                .whole(overhead.histogram_calls().saturating_add(overhead.summary_calls()));
            json.key("cost_seconds").number(overhead.cost().as_secs_f64());
            let dropped = overhead.dropped().iter().map(|(_, count)| *count);
            json.key("dropped").whole(dropped.fold(0, u64::saturating_add));
        });
        json.key("series").array(|json| {
            survey.series().iter().for_each(|series| {
                json.object(|json| write_series(series, parts > 0, json));
            });
        });
    }))
}

fn write_series(series: &Surveyed, has_courses: bool, json: &mut Json) {
    let metric = series.metric();
    let kind = metric.kind();
    json.key("name").text(metric.name());
    json.key("kind").text(kind.as_str());
    json.key("labels").labels(metric.labels().iter());
    json.key("unit").option_text(metric.unit().map(|unit| unit.as_str()));
    let window = series.window();
    match kind {
        Kind::Gauge => {
            json.key("value").option(series.level());
            let of = |which| window.and_then(|window| window.aggregate(which));
            json.key("mean").option(of(Aggregation::Average));
            json.key("min").option(of(Aggregation::Min));
            json.key("max").option(of(Aggregation::Max));
        }
        Kind::Counter | Kind::Rate => {
            json.key("total").whole(series.count().unwrap_or(0));
            json.key("rate").option(window.and_then(Window::rate));
            let increase = window.and_then(|window| window.aggregate(Aggregation::Sum));
            json.key("count").option(increase);
        }
        // Histograms, timers and summaries.
        _ => {
            json.key("total").whole(series.count().unwrap_or(0));
            json.key("rate").option(window.and_then(Window::rate));
            write_distribution(window, json);
        }
    }
    if has_courses {
        if kind != Kind::Gauge {
            write_course(series.rates(), json.key("rates"));
        }
        if !matches!(kind, Kind::Counter | Kind::Rate) {
            write_course(series.means(), json.key("means"));
        }
    }
}

/// What came in the window; `null` where nothing is known of it, and where nothing came.
fn write_distribution(window: Option<&Window>, json: &mut Json) {
    let histogram = window.and_then(Window::histogram);
    let count = histogram.map(|histogram| histogram.count() as f64);
    json.key("count").option(count);
    if let Some(timer) = window.and_then(Window::timer) {
        json.key("total_seconds").number(timer.total().as_secs_f64());
        json.key("self_seconds").number(timer.self_total().as_secs_f64());
    }
    json.key("mean").option(histogram.and_then(|histogram| histogram.mean()));
    for (key, q) in QUANTILES {
        json.key(key).option(window.and_then(|window| window.quantile(q)));
    }
    json.key("max").option(histogram.and_then(|histogram| histogram.max()));
}
