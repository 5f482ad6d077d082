//! What the crate says about itself, as series of the global registry: `tachograph_…`.

use std::sync::Arc;
use std::time::SystemTime;

use crate::label::Labels;
use crate::name::Name;
use crate::snapshot::kept::{self, Kept};
use crate::snapshot::{Overhead, Series, Value};
use crate::unit::Unit;

/// The series of the crate itself, which exist since `created`.
pub(super) fn series(overhead: &Overhead, created: SystemTime) -> Vec<Series> {
    let gauge = |value: u64| Value::Gauge(value as f64);
    let mut own = vec![
        Own {
            name: "tachograph_series",
            description: "Series in the registry.",
            unit: None,
            value: gauge(overhead.series),
        },
        Own {
            name: "tachograph_shards",
            description: "Shards: at most as many as threads and captures of tests that recorded at once.",
            unit: None,
            value: gauge(overhead.shards),
        },
        Own {
            name: "tachograph_shards_refused_total",
            description: "Threads that could not have a shard and record at a higher price.",
            unit: None,
            value: Value::Counter(overhead.shards_refused),
        },
        Own {
            name: "tachograph_abandoned_series",
            description: "Series of registries that were dropped.",
            unit: None,
            value: gauge(overhead.abandoned),
        },
        Own {
            name: "tachograph_reserved_bytes",
            description: "Address space reserved; it takes no memory until it is used.",
            unit: Some(Unit::Bytes),
            value: gauge(overhead.reserved_bytes),
        },
        Own {
            name: "tachograph_accessible_bytes",
            description: "The part of the reserved address space that can be recorded into.",
            unit: Some(Unit::Bytes),
            value: gauge(overhead.accessible_bytes),
        },
        Own {
            name: "tachograph_cost_seconds",
            description: "What timers and histograms took, estimated: the cost of a call times the calls.",
            unit: Some(Unit::Seconds),
            value: Value::Gauge(overhead.cost().as_secs_f64()),
        },
    ]
    .into_iter()
    .filter_map(|own| own.series(&[], created))
    .collect::<Vec<Series>>();
    for (name, description, reasons) in [
        (
            "tachograph_overflowed_total",
            "Times that an overflow series was taken for one that could not be had.",
            &overhead.overflowed,
        ),
        ("tachograph_dropped_total", "Records that were dropped.", &overhead.dropped),
    ] {
        own.extend(reasons.iter().filter_map(|(reason, count)| {
            let value = Value::Counter(*count);
            Own { name, description, unit: None, value }.series(&[("reason", reason)], created)
        }));
    }
    own.extend(Kept::reported().into_iter().flat_map(|kept| of_history(kept, created)));
    own
}

/// Those of a history, where there is one.
fn of_history(kept: Kept, created: SystemTime) -> impl Iterator<Item = Series> {
    let all = [
        Own {
            name: "tachograph_history_bytes",
            description: "Memory that the history takes.",
            unit: Some(Unit::Bytes),
            value: Value::Gauge(kept.bytes as f64),
        },
        Own {
            name: "tachograph_history_ticks_total",
            description: "Times that the history took down what was recorded.",
            unit: None,
            value: Value::Counter(kept.ticks),
        },
        Own {
            name: "tachograph_history_refused_series",
            description: "Series that the history has no memory for.",
            unit: None,
            value: Value::Gauge(kept.refused as f64),
        },
    ];
    let thinned = kept::RINGS.into_iter().zip(kept.thinned).map(|(ring, slots)| {
        let own = Own {
            name: "tachograph_history_thinned_slots_total",
            description: "Slots that the history forgot before their time, to keep its limit of memory.",
            unit: None,
            value: Value::Counter(slots),
        };
        (own, Some(("ring", ring)))
    });
    let all = all.into_iter().map(|own| (own, None)).chain(thinned);
    all.filter_map(move |(own, label)| own.series(label.as_slice(), created))
}

/// One of them.
struct Own {
    name: &'static str,
    description: &'static str,
    unit: Option<Unit>,
    value: Value,
}

impl Own {
    /// The names and labels are valid, so there always is one.
    fn series(self, labels: &[(&str, &str)], created: SystemTime) -> Option<Series> {
        let (name, labels) = (Name::new(self.name).ok()?, Labels::new(labels).ok()?);
        let description = Some(Arc::from(self.description));
        Some(Series::new(name, labels, self.unit, description, self.value).registered(created))
    }
}
