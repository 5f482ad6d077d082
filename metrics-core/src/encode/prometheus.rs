//! The text format 0.0.4 of Prometheus: what stands above a family, and nothing below the last one.
//!
//! # Source
//!
//! [Exposition formats](https://prometheus.io/docs/instrumenting/exposition_formats/)

use crate::encode::exposition::{Head, push_escaped};

/// Appends `# HELP` and `# TYPE`. Units have no line of their own here.
pub(super) fn push_head(head: Head<'_>, out: &mut String) {
    if !head.help.is_empty() {
        out.push_str("# HELP ");
        out.push_str(head.name);
        out.push(' ');
        push_escaped(head.help, false, out);
        out.push('\n');
    }
    out.push_str("# TYPE ");
    out.push_str(head.name);
    out.push_str(head.metric_type.line_end(" untyped\n"));
}
