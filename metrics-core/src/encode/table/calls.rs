//! What the options of `#[timed]` count of a function, in one row: calls, how they ended, those that have
//! not, polls and the time in them.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::encode::grid::{Align, Column};
use crate::encode::human;
use crate::encode::text::title_of;
use crate::snapshot::{Series, Value};

pub(super) const COLUMNS: &[Column] = &[
    number("calls", 8),
    number("ok", 5),
    number("err", 9),
    number("panic", 7),
    number("cancelled", 6),
    number("in flight", 4),
    number("polls", 2),
    number("busy", 3),
];

const fn number(title: &'static str, importance: u8) -> Column {
    Column { title, importance, align: Align::Right }
}

/// The functions of which anything is counted, by their title.
#[derive(Debug, Default)]
pub(super) struct Calls {
    functions: BTreeMap<String, Function>,
}

#[derive(Debug, Default)]
struct Function {
    calls: Option<u64>,
    ok: Option<u64>,
    err: Option<u64>,
    panicked: Option<u64>,
    cancelled: Option<u64>,
    in_flight: Option<f64>,
    polls: Option<u64>,
    busy: Option<Duration>,
}

impl Calls {
    /// Takes a series, where it is one of those that the options make.
    pub(super) fn take(&mut self, series: &Series) -> bool {
        let Some(function) = series.labels().get("function") else { return false };
        let outcome = series.labels().get("outcome");
        let title = title_of(series, Some(function), &["function", "outcome"]);
        match (series.name(), series.value(), outcome) {
            ("function_calls_total", Value::Counter(total), _) => {
                self.row(title).calls = Some(*total)
            }
            ("function_outcomes_total", Value::Counter(total), Some(outcome)) => {
                let row = self.row(title);
                let cell = match outcome {
                    "err" => &mut row.err,
                    "panic" => &mut row.panicked,
                    "cancelled" => &mut row.cancelled,
                    _ => &mut row.ok,
                };
                *cell = Some(*total);
            }
            ("function_in_flight", Value::Gauge(level), _) => {
                self.row(title).in_flight = Some(*level)
            }
            ("function_polls_total", Value::Counter(total), _) => {
                self.row(title).polls = Some(*total)
            }
            ("function_busy_seconds", Value::Timer(timer), _) => {
                self.row(title).busy = Some(timer.total());
            }
            _ => return false,
        }
        true
    }

    fn row(&mut self, title: String) -> &mut Function {
        self.functions.entry(title).or_default()
    }

    /// A title and a text for each column, empty where nothing is counted.
    pub(super) fn rows(&self) -> Vec<(String, Vec<String>)> {
        let count = |count: Option<u64>| count.map(human::count).unwrap_or_default();
        let texts = |row: &Function| {
            vec![
                count(row.calls),
                count(row.ok),
                count(row.err),
                count(row.panicked),
                count(row.cancelled),
                row.in_flight.map(human::whole).unwrap_or_default(),
                count(row.polls),
                row.busy.map(|busy| human::duration(busy.as_secs_f64())).unwrap_or_default(),
            ]
        };
        self.functions.iter().map(|(title, row)| (title.clone(), texts(row))).collect()
    }
}
