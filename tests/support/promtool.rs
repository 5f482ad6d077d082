//! Prometheus' promtool: `TACHOGRAPH_PROMTOOL` names it, or else `promtool` is tried.

use crate::engines::engine;

pub(crate) fn promtool() -> Option<String> {
    engine("TACHOGRAPH_PROMTOOL", "promtool", &["--version"], "promtool")
}
