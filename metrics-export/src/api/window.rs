//! Any aggregates of one series over any window.

use tachograph::{Span, Window};

use super::json::Json;
use super::query::Query;
use super::{Answer, Source, WINDOW};

pub(super) fn answer(source: &Source, query: &str) -> Result<Answer, Answer> {
    let query = Query::read(query, &["name", "label.", "window", "from", "to", "aggregate"])?;
    let (window, between) = (query.window(WINDOW)?, query.between()?);
    let aggregates = query.aggregates()?;
    let (history, metric) = source.metric(&query)?;
    let window = match between {
        Some((from, to)) => metric.between(from, to),
        None => metric.window(window.unwrap_or(history.retention())),
    };
    Ok(Answer::of(|json| {
        source.write_process(&history, json);
        json.key("name").text(metric.name());
        json.key("kind").text(metric.kind().as_str());
        json.key("labels").labels(metric.labels().iter());
        json.key("unit").option_text(metric.unit().map(|unit| unit.as_str()));
        write_span(window.as_ref().map(Window::span), json);
        json.key("rate").option(window.as_ref().and_then(Window::rate));
        json.key("values").object(|json| {
            let mut told: Vec<String> = Vec::new();
            for aggregation in &aggregates {
                let name = aggregation.to_string();
                // No key may be there twice.
                if !told.contains(&name) {
                    let value = window.as_ref().and_then(|window| window.aggregate(*aggregation));
                    json.key(&name).option(value);
                    told.push(name);
                }
            }
        });
    }))
}

/// What a window really covers; `null`s where nothing is known of it.
pub(super) fn write_span(span: Option<Span>, json: &mut Json) {
    json.key("from").option_time(span.map(|span| span.from()));
    json.key("to").option_time(span.map(|span| span.to()));
    json.key("covered_seconds").option(span.map(|span| span.covered().as_secs_f64()));
    json.key("has_gap").truth(span.is_some_and(|span| span.has_gap()));
}
