//! All triggers as a rule file of Prometheus, for whoever wants to be called by that, too.
//!
//! # Source
//!
//! [Alerting rules](https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/)

use std::fmt::Write;
use std::sync::Weak;
use std::time::Duration;

use super::condition::{Measure, Of, Side};
use super::{Condition, Inner, NoData, all};
use crate::encode::{Exported, exported, push_json_string};
use crate::history::Aggregation;
use crate::kind::Kind;
use crate::label::Labels;
use crate::registry::{Registry, registry};
use crate::snapshot::Snapshot;

const HEAD: &str = "\
# Written by tachograph. Each rule is one trigger of the program, over what Prometheus scrapes of it. A trigger looks at each
# tick, a rule at each evaluation, and what has no value resolves here.
";

/// The triggers of the global registry, as a rule file of Prometheus: [`Registry::rules`].
///
/// # Examples
///
/// ```
/// assert!(tachograph::rules().contains("groups:"));
/// ```
#[must_use]
pub fn rules() -> String {
    registry().rules()
}

impl Registry {
    /// All triggers that are looked at, as a rule file of Prometheus: each is an alert of its name, over the names and labels
    /// that the registry's text has.
    ///
    /// What Prometheus cannot tell is a comment in the place of the rule: the extremes and the standard deviation of a
    /// distribution or of rates, the quantiles of a summary or of rates, and how many ticks saw a gauge. A histogram or
    /// timer is asked for in both forms, as a native histogram and by its classic lines, whichever was scraped. A quantile
    /// of classic buckets is told from the bounds that the text has; where the trigger's bound is none of these, a comment
    /// says how to declare it. It takes Prometheus 2.40 or later.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use tachograph::when::rate;
    /// use tachograph::{History, Kind, Registry};
    ///
    /// let registry = Registry::new();
    /// let history = History::builder().registry(&registry).build()?;
    /// let _errors = registry
    ///     .trigger("errors")
    ///     .new_metric(Kind::Counter, "errors_total", &[("part", "mail")])
    ///     .when(rate().over(Duration::from_secs(300)).above(0.5))
    ///     .lasting(Duration::from_secs(60))
    ///     .start()?;
    /// let rules = registry.rules();
    /// assert!(rules.contains(r#"expr: "rate(errors_total{part=\"mail\"}[300s]) > 0.5""#), "{rules}");
    /// assert!(rules.contains("for: 60s"));
    /// # Ok::<(), tachograph::Error>(())
    /// ```
    #[must_use]
    pub fn rules(&self) -> String {
        let triggers: Vec<_> = all().iter().filter_map(Weak::upgrade).collect();
        let (snapshot, mut list) = (self.snapshot(), String::new());
        let own = triggers.iter().filter(|one| one.registry.number() == self.number());
        let told = own.filter(|trigger| push_rule(trigger, &snapshot, &mut list)).count();
        // A list without entries has to be written as one.
        let empty = if told == 0 { " []" } else { "" };
        format!("{HEAD}groups:\n  - name: tachograph\n    rules:{empty}\n{list}")
    }
}

impl Registry {
    /// What is measured of a series as an expression of PromQL, over the name and the labels that the registry's text has.
    /// A histogram or timer is asked for as a native histogram `or` by its classic lines, whichever was scraped.
    ///
    /// `None` where there is no such series, and where Prometheus cannot tell it: see [`rules`](Registry::rules).
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::Registry;
    /// use tachograph::when::{quantile, rate};
    ///
    /// let registry = Registry::new();
    /// registry.counter("jobs.done", &[("queue", "mail")])?;
    /// assert_eq!(
    ///     registry.promql("jobs.done", &[("queue", "mail")], rate()).unwrap(),
    ///     r#"rate(jobs_done{queue="mail"}[60s])"#
    /// );
    /// assert_eq!(registry.promql("jobs.done", &[("queue", "mail")], quantile(0.5)), None);
    /// # Ok::<(), tachograph::Error>(())
    /// ```
    #[must_use]
    pub fn promql(&self, name: &str, labels: &[(&str, &str)], measure: Measure) -> Option<String> {
        let labels = Labels::new(labels).ok()?;
        let snapshot = self.snapshot();
        let found =
            snapshot.series().iter().find(|one| one.name() == name && *one.labels() == labels)?;
        expression(found.kind(), &exported(&snapshot, name, &labels)?, measure)
    }
}

/// Appends the rule of a trigger, or a comment and false.
fn push_rule(trigger: &Inner, snapshot: &Snapshot, out: &mut String) -> bool {
    let (metric, condition) = (&trigger.metric, trigger.condition);
    let exported = exported(snapshot, metric.name(), metric.labels());
    let measured =
        exported.as_ref().and_then(|series| expression(metric.kind(), series, condition.measure));
    // Writing to a string does not fail, here and below.
    let Some(measured) = measured else {
        let name = trigger.name.escape_debug();
        let _ = writeln!(
            out,
            "      # `{name}` ({condition}) cannot be told from what is scraped, or its series is not there at the moment."
        );
        return false;
    };
    let remedy = exported.as_ref().and_then(|series| remedy(series, condition));
    let side = match condition.side {
        Side::Above => ">",
        // A quantile within the bucket that ends at the bound is told as that bound.
        Side::Below if is_of_buckets(metric.kind(), condition) && remedy.is_none() => "<=",
        Side::Below => "<",
    };
    let bound = promql_number(condition.bound);
    // Two forms with an `or` between them bind less than what follows.
    let is_either = matches!(metric.kind(), Kind::Histogram | Kind::Timer);
    let measured = if is_either { format!("({measured})") } else { measured };
    let mut expr = format!("{measured} {side} {bound}");
    if trigger.no_data == NoData::Fires {
        // Without values a quantile or a quotient is NaN, which differs from itself.
        expr = format!("({expr}) or absent({measured}) or ({measured} != {measured})");
    }
    if let Some(remedy) = remedy {
        let _ = writeln!(out, "      # {remedy}");
    }
    out.push_str("      - alert: ");
    push_json_string(&trigger.name, out);
    out.push_str("\n        expr: ");
    push_json_string(&expr, out);
    let hold_times = [
        ("for", trigger.hold_times.lasting),
        ("keep_firing_for", trigger.hold_times.keep_firing_for),
    ];
    for (key, time) in hold_times.into_iter().filter(|(_, time)| !time.is_zero()) {
        let _ = write!(out, "\n        {key}: {}", promql_duration(time));
    }
    out.push_str("\n        annotations:\n          summary: ");
    // What is in braces is a template there.
    let summary = format!("{} {condition}", metric.name()).replace("{{", "{{\"{{\"}}");
    push_json_string(&summary, out);
    out.push('\n');
    true
}

/// What is measured, as an expression; None where Prometheus cannot tell it.
fn expression(kind: Kind, series: &Exported, measure: Measure) -> Option<String> {
    let classic = in_lines(kind, series, measure)?;
    Some(match native(kind, series, measure) {
        Some(native) => format!("{native} or {classic}"),
        None => classic,
    })
}

/// Of what is scraped as a native histogram, which has no lines with suffixes.
fn native(kind: Kind, series: &Exported, measure: Measure) -> Option<String> {
    let Exported { name, labels, .. } = series;
    if !matches!(kind, Kind::Histogram | Kind::Timer) {
        return None;
    }
    let window = window_of(measure);
    let of = |part: &str, function: &str| {
        format!("histogram_{part}({function}({name}{labels}[{window}]))")
    };
    Some(match measure.of {
        Of::Rate => of("count", "rate"),
        Of::Value | Of::Aggregate(Aggregation::Average) => {
            format!("{} / {}", of("sum", "rate"), of("count", "rate"))
        }
        Of::Aggregate(Aggregation::Count) => of("count", "increase"),
        Of::Aggregate(Aggregation::Sum) => of("sum", "increase"),
        Of::Aggregate(aggregation) => {
            let q = promql_number(aggregation.as_quantile()?);
            format!("histogram_quantile({q}, rate({name}{labels}[{window}]))")
        }
    })
}

/// Of what is scraped as numbers, a line each.
fn in_lines(kind: Kind, series: &Exported, measure: Measure) -> Option<String> {
    let Exported { name, labels, .. } = series;
    let window = window_of(measure);
    let over =
        |function: &str, suffix: &str| format!("{function}({name}{suffix}{labels}[{window}])");
    let mean = || Some(format!("{} / {}", over("rate", "_sum"), over("rate", "_count")));
    match (kind, measure.of) {
        (Kind::Counter | Kind::Gauge, Of::Value) => Some(format!("{name}{labels}")),
        (
            Kind::Counter | Kind::Rate,
            Of::Rate | Of::Value | Of::Aggregate(Aggregation::Average),
        ) => Some(over("rate", "")),
        (Kind::Counter | Kind::Rate, Of::Aggregate(Aggregation::Sum | Aggregation::Count)) => {
            Some(over("increase", ""))
        }
        (Kind::Counter | Kind::Rate, _) => None,
        (Kind::Gauge, Of::Rate) => {
            let seconds = promql_number(measure.window()?.as_secs_f64());
            Some(format!("{} / {seconds}", over("delta", "")))
        }
        (Kind::Gauge, Of::Aggregate(aggregation)) => match (aggregation, aggregation.as_quantile())
        {
            (Aggregation::Average, _) => Some(over("avg_over_time", "")),
            (Aggregation::Min, _) => Some(over("min_over_time", "")),
            (Aggregation::Max, _) => Some(over("max_over_time", "")),
            (Aggregation::StdDev, _) => Some(over("stddev_over_time", "")),
            (_, Some(q)) => {
                Some(format!("quantile_over_time({}, {name}{labels}[{window}])", promql_number(q)))
            }
            _ => None,
        },
        (_, Of::Rate) => Some(over("rate", "_count")),
        (_, Of::Value | Of::Aggregate(Aggregation::Average)) => mean(),
        (_, Of::Aggregate(Aggregation::Count)) => Some(over("increase", "_count")),
        (_, Of::Aggregate(Aggregation::Sum)) => Some(over("increase", "_sum")),
        (Kind::Histogram | Kind::Timer, Of::Aggregate(aggregation)) => {
            let q = promql_number(aggregation.as_quantile()?);
            Some(format!("histogram_quantile({q}, {})", over("rate", "_bucket")))
        }
        (Kind::Summary, Of::Aggregate(_)) => None,
    }
}

fn is_of_buckets(kind: Kind, condition: Condition) -> bool {
    let is_quantile =
        matches!(condition.measure.of, Of::Aggregate(one) if one.as_quantile().is_some());
    is_quantile && matches!(kind, Kind::Histogram | Kind::Timer)
}

/// How a quantile is told exactly on which side of the bound it is.
fn remedy(series: &Exported, condition: Condition) -> Option<String> {
    let Of::Aggregate(aggregation) = condition.measure.of else { return None };
    aggregation.as_quantile()?;
    let bounds = series.bounds.as_ref()?;
    let bound = condition.bound;
    // Beyond the last bound Prometheus takes a quantile for that bound.
    let is_exact = bounds.contains(&bound) && bounds.iter().any(|other| *other > bound);
    (!is_exact).then(|| {
        format!(
            "The text lacks a bucket that ends at {bound}, or one beyond: where both are declared, the rule is exact for classic buckets."
        )
    })
}

fn window_of(measure: Measure) -> String {
    promql_duration(measure.window().unwrap_or(Duration::from_secs(60)))
}

/// In whole milliseconds, at least one, and no more than Prometheus can count.
fn promql_duration(duration: Duration) -> String {
    const MAX: u128 = i64::MAX as u128 / 1_000_000_000 * 1_000;
    let milliseconds = duration.as_nanos().div_ceil(1_000_000).clamp(1, MAX);
    if milliseconds % 1_000 == 0 {
        format!("{}s", milliseconds / 1_000)
    } else {
        format!("{milliseconds}ms")
    }
}

fn promql_number(number: f64) -> String {
    if number.is_infinite() {
        return if number > 0.0 { "+Inf".to_owned() } else { "-Inf".to_owned() };
    }
    number.to_string()
}
