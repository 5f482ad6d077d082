//! What is said of a trigger before it starts, and what of that cannot be.

use std::fmt;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use super::callbacks::{Callbacks, Calls};
use super::condition::Condition;
use super::state::HoldTimes;
use super::{FIRING, Inner, Trigger, TriggerEvent, all};
use crate::arena;
use crate::error::Error;
use crate::history::{History, Metric};
use crate::kind::Kind;
use crate::name::Name;
use crate::registry::Registry;

/// What counts where the metric has no value: nothing was recorded in the window, or the gauge is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum NoData {
    /// It is a sign of nothing: what fires goes on, and what does not, does not begin. A condition that had begun to hold has to
    /// last anew.
    #[default]
    Ignored,
    /// As if the condition held.
    Fires,
    /// As if it did not.
    Resolves,
}

/// Describes a trigger. Nothing happens before [`start`](TriggerBuilder::start).
#[must_use = "there is no trigger before `.start()`"]
pub struct TriggerBuilder {
    registry: Registry,
    name: String,
    metric: Option<Watched>,
    condition: Option<Condition>,
    hold_times: HoldTimes,
    no_data: NoData,
    deadline: Duration,
    calls: Calls,
}

/// Which series it is.
struct Watched {
    name: String,
    labels: Vec<(String, String)>,
    /// As what it is registered where it is new.
    kind: Option<Kind>,
}

impl TriggerBuilder {
    pub(super) fn new(registry: &Registry, name: &str) -> TriggerBuilder {
        TriggerBuilder {
            registry: registry.clone(),
            name: name.to_owned(),
            metric: None,
            condition: None,
            hold_times: HoldTimes::default(),
            no_data: NoData::Ignored,
            deadline: Duration::from_secs(1),
            calls: Calls::default(),
        }
    }

    /// The series that it watches, by its name and labels, in any order. It must be registered when the trigger starts.
    pub fn metric(self, name: &str, labels: &[(&str, &str)]) -> TriggerBuilder {
        self.watching(None, name, labels)
    }

    /// The same of a series that may be new: it is registered then. So a metric can be made with its threshold.
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::when::value;
    /// use tachograph::{History, Kind, Registry};
    ///
    /// let registry = Registry::new();
    /// let history = History::builder().registry(&registry).build()?;
    /// let full = registry
    ///     .trigger("queue_full")
    ///     .new_metric(Kind::Gauge, "queue_depth", &[("queue", "mail")])
    ///     .when(value().above(100.0))
    ///     .start()?;
    /// assert_eq!(registry.snapshot().gauge("queue_depth", &[("queue", "mail")]), Some(0.0));
    /// assert!(!full.is_firing());
    /// # Ok::<(), tachograph::Error>(())
    /// ```
    pub fn new_metric(self, kind: Kind, name: &str, labels: &[(&str, &str)]) -> TriggerBuilder {
        self.watching(Some(kind), name, labels)
    }

    fn watching(
        mut self,
        kind: Option<Kind>,
        name: &str,
        labels: &[(&str, &str)],
    ) -> TriggerBuilder {
        let labels = labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        self.metric = Some(Watched { name: name.to_owned(), labels: labels.collect(), kind });
        self
    }

    /// What lets it fire, looked at by each tick.
    pub fn when(mut self, condition: Condition) -> TriggerBuilder {
        self.condition = Some(condition);
        self
    }

    /// How long the condition must have held, at all ticks; it fires at the first tick without it. Time that the history has not
    /// watched, since the machine slept or nobody ticked, does not count.
    pub fn lasting(mut self, lasting: Duration) -> TriggerBuilder {
        self.hold_times.lasting = lasting;
        self
    }

    /// How long it must have held no more, at all ticks, before the trigger resolves; it does at the first tick without it.
    pub fn keep_firing_for(mut self, time: Duration) -> TriggerBuilder {
        self.hold_times.keep_firing_for = time;
        self
    }

    /// What counts where there is no value; without it that is [ignored](NoData::Ignored).
    pub fn when_no_data(mut self, no_data: NoData) -> TriggerBuilder {
        self.no_data = no_data;
        self
    }

    /// What is called when it fires, once each time, on a thread of the trigger's own, `tachograph-trigger`.
    ///
    /// A panic, more time than the [deadline](TriggerBuilder::callback_deadline), and an event for which no room is left behind 64
    /// others, are counted in `tachograph_trigger_callback_failures_total{reason, trigger}`; the trigger goes on.
    pub fn on_fire(mut self, call: impl FnMut(&TriggerEvent) + Send + 'static) -> TriggerBuilder {
        self.calls.on_fire = Some(Box::new(call));
        self
    }

    /// What is called when it resolves; see [`on_fire`](TriggerBuilder::on_fire). It is not when the trigger is dropped.
    pub fn on_resolve(
        mut self,
        call: impl FnMut(&TriggerEvent) + Send + 'static,
    ) -> TriggerBuilder {
        self.calls.on_resolve = Some(Box::new(call));
        self
    }

    /// How long a callback may take before it is counted as slow, 1 s by default. It runs to its end all the same.
    pub fn callback_deadline(mut self, deadline: Duration) -> TriggerBuilder {
        self.deadline = deadline;
        self
    }

    /// Starts it: it is looked at by each tick from now on, of the history of the registry that began last.
    ///
    /// # Errors
    ///
    /// When the name breaks the [rules of names](crate::Name::new) or is that of another trigger of the registry
    /// ([`Error::is_conflict`]); when nothing was said of the metric or of the condition; when the registry has no such series, or
    /// no history; when the window is longer than the history's [retention](History::retention) or 0; when the bound is NaN; and
    /// where no thread can be had for the callbacks.
    pub fn start(self) -> Result<Trigger, Error> {
        let TriggerBuilder {
            registry,
            name,
            metric,
            condition,
            hold_times,
            no_data,
            deadline,
            calls,
        } = self;
        let _ = Name::new(&name)?;
        let refuse = |why: String| Error::invalid(format!("trigger `{name}` {why}"));
        let watched = metric
            .ok_or_else(|| refuse("watches nothing: say what, by `.metric(…)`".to_owned()))?;
        let condition = condition
            .ok_or_else(|| refuse("has no condition: give it one, by `.when(…)`".to_owned()))?;
        let history = History::of(&registry).ok_or_else(|| {
            refuse(
                "needs a history of its registry: begin one first, by `init().history(…)`, or build one and tick it"
                    .to_owned(),
            )
        })?;
        if let Some(objection) = condition.objection(history.retention()) {
            return Err(refuse(objection));
        }
        let metric = watched.find(&registry, &history)?.ok_or_else(|| {
            if watched.kind.is_some() {
                return Error::overflow(format!(
                    "trigger `{name}` watches {watched}, for which its name has no place left: allow more by `max_series`"
                ));
            }
            refuse(format!(
                "watches {watched}, which is not registered: register it first, or name its kind, by `.new_metric(…)`"
            ))
        })?;
        let mut all = all();
        let is_taken =
            |known: &Arc<Inner>| known.registry.number() == registry.number() && known.name == name;
        if all.iter().filter_map(Weak::upgrade).any(|known| is_taken(&known)) {
            return Err(Error::conflict(format!(
                "there is a trigger `{name}` already: drop it first, or choose another name"
            )));
        }
        let has_calls = calls.on_fire.is_some() || calls.on_resolve.is_some();
        let callbacks = if has_calls {
            let started = Callbacks::start(&registry, &name, deadline, calls);
            let started = started.map_err(|error| {
                Error::overflow(format!(
                    "trigger `{name}` has no thread for its callbacks: {error}"
                ))
            });
            Some(started?)
        } else {
            None
        };
        let (gauge, shown) = registry.own_gauge(FIRING, &[("trigger", &name)])?;
        gauge.set(0);
        let inner = Arc::new(Inner {
            registry,
            name,
            metric,
            condition,
            hold_times,
            no_data,
            state: Mutex::default(),
            is_firing: AtomicBool::new(false),
            has_ended: AtomicBool::new(false),
            gauge,
            shown,
            callbacks,
            generation: arena::generation(),
        });
        all.push(Arc::downgrade(&inner));
        drop(all);
        let watch: Weak<Inner> = Arc::downgrade(&inner);
        history.watch(watch);
        Ok(Trigger { inner })
    }
}

impl Watched {
    fn find(&self, registry: &Registry, history: &History) -> Result<Option<Metric>, Error> {
        let labels: Vec<(&str, &str)> =
            self.labels.iter().map(|(key, value)| (&**key, &**value)).collect();
        match self.kind {
            None => {}
            Some(Kind::Counter) => drop(registry.counter(&self.name, &labels)?),
            Some(Kind::Gauge) => drop(registry.gauge(&self.name, &labels)?),
            Some(Kind::Histogram) => drop(registry.histogram(&self.name, &labels)?),
            Some(Kind::Timer) => drop(registry.timer(&self.name, &labels)?),
            Some(Kind::Rate) => drop(registry.rate(&self.name, &labels)?),
            Some(Kind::Summary) => drop(registry.summary(&self.name, &labels)?),
        }
        Ok(history.metric(&self.name, &labels))
    }
}

impl fmt::Display for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}", self.name)?;
        for (place, (key, value)) in self.labels.iter().enumerate() {
            write!(f, "{}{key}={value:?}", if place == 0 { "{" } else { ", " })?;
        }
        f.write_str(if self.labels.is_empty() { "`" } else { "}`" })
    }
}

impl fmt::Debug for TriggerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TriggerBuilder").field("name", &self.name).finish_non_exhaustive()
    }
}
