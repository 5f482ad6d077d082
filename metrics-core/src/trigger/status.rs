//! All triggers of a registry as they stand, for who shows them.

use std::sync::Weak;
use std::time::SystemTime;

use super::{Condition, all};
use crate::history::Metric;
use crate::registry::Registry;

/// How a trigger stands.
///
/// # Examples
///
/// ```
/// use tachograph::when::value;
/// use tachograph::{History, Kind, Registry};
///
/// let registry = Registry::new();
/// let history = History::builder().registry(&registry).build()?;
/// let full = registry.trigger("full").new_metric(Kind::Gauge, "depth", &[]);
/// let _full = full.when(value().above(10.0)).start()?;
/// registry.gauge("depth", &[])?.set(3);
///
/// let triggers = registry.triggers();
/// assert_eq!((triggers[0].name(), triggers[0].is_firing()), ("full", false));
/// assert_eq!((triggers[0].metric().name(), triggers[0].value()), ("depth", Some(3.0)));
/// assert_eq!(triggers[0].condition().to_string(), "value above 10");
/// # Ok::<(), tachograph::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct TriggerStatus {
    name: String,
    metric: Metric,
    condition: Condition,
    is_firing: bool,
    since: Option<SystemTime>,
    value: Option<f64>,
}

impl TriggerStatus {
    /// The name of the trigger.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it watches.
    pub fn metric(&self) -> &Metric {
        &self.metric
    }

    /// What lets it fire.
    pub fn condition(&self) -> Condition {
        self.condition
    }

    /// Whether it fires, as of the last tick.
    pub fn is_firing(&self) -> bool {
        self.is_firing
    }

    /// The tick that last saw it fire or resolve; `None` where it never did.
    pub fn since(&self) -> Option<SystemTime> {
        self.since
    }

    /// What it measures at the moment, if there is a value.
    pub fn value(&self) -> Option<f64> {
        self.value
    }
}

impl Registry {
    /// All triggers of this registry that are looked at, in the order in which they started.
    #[must_use]
    pub fn triggers(&self) -> Vec<TriggerStatus> {
        // Without the lock of all: a measurement takes its time, and the last one of a trigger may go here.
        let triggers: Vec<_> = all().iter().filter_map(Weak::upgrade).collect();
        let own = triggers.iter().filter(|one| one.registry.number() == self.number());
        own.map(|trigger| {
            let (is_firing, since) = trigger.standing();
            TriggerStatus {
                name: trigger.name.clone(),
                metric: trigger.metric.clone(),
                condition: trigger.condition,
                is_firing,
                since,
                value: trigger.condition.measure(&trigger.metric),
            }
        })
        .collect()
    }
}
