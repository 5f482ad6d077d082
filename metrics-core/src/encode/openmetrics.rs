//! OpenMetrics 1.0.0 as text: what stands above a family, and the mark of the end.
//!
//! A family of counters is called by their name without `_total`; so a counter without it has the type
//! `unknown`. Comments are not allowed.
//!
//! # Source
//!
//! [The specification](https://prometheus.io/docs/specs/om/open_metrics_spec/)

use crate::encode::exposition::{Head, MetricType, push_escaped};
use crate::unit::Unit;

/// The last line of a body.
pub(super) const END: &str = "# EOF\n";

/// What the family of a counter is called; `None` where the format does not take it for a counter.
pub(super) fn family_of_counter(name: &str) -> Option<&str> {
    name.strip_suffix("_total").filter(|family| !family.is_empty())
}

/// Appends `# TYPE`, `# UNIT` where the name ends in the unit, and `# HELP`.
pub(super) fn push_head(head: Head<'_>, out: &mut String) {
    let family = match head.metric_type {
        MetricType::Counter => family_of_counter(head.name).unwrap_or(head.name),
        _ => head.name,
    };
    out.push_str("# TYPE ");
    out.push_str(family);
    out.push_str(head.metric_type.line_end(" unknown\n"));
    if let Some(unit) = head.unit.map(Unit::as_str).filter(|unit| ends_in(family, unit)) {
        push_line("# UNIT ", family, unit, out);
    }
    if !head.help.is_empty() {
        push_line("# HELP ", family, head.help, out);
    }
}

fn push_line(keyword: &str, family: &str, text: &str, out: &mut String) {
    out.push_str(keyword);
    out.push_str(family);
    out.push(' ');
    push_escaped(text, true, out);
    out.push('\n');
}

/// True when the last words of a name are the unit.
pub(super) fn ends_in(name: &str, unit: &str) -> bool {
    name.strip_suffix(unit).is_some_and(|stem| stem.ends_with('_'))
}
