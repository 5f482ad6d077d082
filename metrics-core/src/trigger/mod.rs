//! Triggers: what a program does when a metric has been above or below a bound for some time.
//!
//! A trigger is looked at by each tick of its registry's history, by the thread that ticks. `builder` makes one, `condition`
//! says what is measured, `state` when it fires and resolves, by the time that the history has watched; `callbacks` calls what
//! the program gave, on a thread of the trigger's own; `rules` writes all of them for Prometheus, `status` tells how they stand. Nothing is looked at
//! between ticks, and nothing where nobody ticks.

mod builder;
mod callbacks;
mod condition;
mod rules;
mod state;
mod status;

use std::fmt;
use std::ptr;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::SystemTime;

use once_cell::race::OnceBox;

pub use builder::{NoData, TriggerBuilder};
pub use condition::{Condition, Measure, aggregate, quantile, rate, value};
pub use rules::rules;
pub use status::TriggerStatus;

use crate::arena::{self, PerProcess};
use crate::handle::Gauge;
use crate::history::{Metric, Watch};
use crate::registry::{Own, Registry, Series};
use callbacks::Callbacks;
use state::{Change, HoldTimes, State};

/// Says of each trigger whether it fires: 1 or 0.
const FIRING: Own = Own {
    name: "tachograph_trigger_firing",
    description: "Triggers: 1 while one fires, and else 0.",
};

impl Registry {
    /// Begins to describe a trigger: what happens when a metric of this registry has been above or below a bound for some time.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::mpsc;
    /// use std::time::{Duration, SystemTime};
    /// use tachograph::when::quantile;
    /// use tachograph::{History, Registry};
    ///
    /// let registry = Registry::new();
    /// let start = SystemTime::now();
    /// let history = History::builder().registry(&registry).clock(move || start).build()?;
    /// let queries = registry.timer("db_query_duration_seconds", &[("table", "users")])?;
    ///
    /// let (told, events) = mpsc::channel();
    /// let slow = registry
    ///     .trigger("slow_queries")
    ///     .metric("db_query_duration_seconds", &[("table", "users")])
    ///     .when(quantile(0.99).over(Duration::from_secs(60)).above(0.2))
    ///     .lasting(Duration::from_secs(30))
    ///     .on_fire(move |event| told.send(event.value()).unwrap())
    ///     .start()?;
    /// for second in 1..=31 {
    ///     queries.record(Duration::from_millis(500));
    ///     history.tick(start + Duration::from_secs(second));
    ///     assert_eq!(slow.is_firing(), second == 31);
    /// }
    /// let p99 = events.recv_timeout(Duration::from_secs(30))?.unwrap();
    /// assert!((p99 / 0.5 - 1.0).abs() < 0.011);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn trigger(&self, name: &str) -> TriggerBuilder {
        TriggerBuilder::new(self, name)
    }
}

/// A trigger that is looked at, until it is dropped.
///
/// It keeps its history, which somebody must tick. A forked child has none of its parent's triggers: they do not change there.
#[must_use = "it is looked at no more when it is dropped; keep it, or write `.detach()`"]
pub struct Trigger {
    inner: Arc<Inner>,
}

struct Inner {
    registry: Registry,
    name: String,
    metric: Metric,
    condition: Condition,
    hold_times: HoldTimes,
    no_data: NoData,
    /// With the tick that changed it last.
    state: Mutex<(State, Option<SystemTime>)>,
    is_firing: AtomicBool,
    /// Nobody looks any more. Who has changed it takes the state once, and so waits for who looked before.
    has_ended: AtomicBool,
    /// What says whether it fires, and its series.
    gauge: Gauge,
    shown: &'static Series,
    callbacks: Option<Callbacks>,
    /// The fork generation that it was started in.
    generation: u32,
}

impl Trigger {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// Whether it fires, as of the last tick. Reading it is one load: a hot path may ask, and shed load.
    pub fn is_firing(&self) -> bool {
        // Relaxed: it stands alone.
        self.inner.is_firing.load(Relaxed)
    }

    /// Lets it be looked at for as long as the process lives, and its history with it.
    pub fn detach(self) {
        // Who looks holds it weakly: this count is never given back.
        std::mem::forget(self);
    }
}

impl fmt::Debug for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trigger")
            .field("name", &self.inner.name)
            .field("condition", &self.inner.condition.to_string())
            .field("is_firing", &self.is_firing())
            .finish_non_exhaustive()
    }
}

/// A change of a trigger.
#[derive(Debug, Clone, PartialEq)]
pub struct TriggerEvent {
    trigger: String,
    is_firing: bool,
    value: Option<f64>,
    time: SystemTime,
}

impl TriggerEvent {
    /// The name of the trigger.
    pub fn trigger(&self) -> &str {
        &self.trigger
    }

    /// True where it fires, false where it resolves.
    pub fn is_firing(&self) -> bool {
        self.is_firing
    }

    /// What was measured; `None` where there was no value, and [that counts](NoData).
    pub fn value(&self) -> Option<f64> {
        self.value
    }

    /// The tick that saw it.
    pub fn time(&self) -> SystemTime {
        self.time
    }
}

impl Inner {
    /// Whether it fires, and which tick saw that last.
    fn standing(&self) -> (bool, Option<SystemTime>) {
        let state = lock(&self.state);
        // Relaxed: changed under the lock.
        (self.is_firing.load(Relaxed), state.1)
    }
}

impl Watch for Inner {
    fn ticked(&self, watched: u64, time: SystemTime) {
        let value = self.condition.measure(&self.metric);
        let holds = match (value, self.no_data) {
            (Some(value), _) => Some(self.condition.holds(value)),
            (None, NoData::Ignored) => None,
            (None, no_data) => Some(no_data == NoData::Fires),
        };
        // Held for what follows, so that of two who look the later one has the last word. None of it waits.
        let mut state = lock(&self.state);
        // Relaxed: ordered by the lock.
        if self.has_ended.load(Relaxed) {
            return;
        }
        if let Some(change) = state.0.look(holds, watched, self.hold_times) {
            state.1 = Some(time);
            let is_firing = change == Change::Fired;
            // Relaxed: it stands alone.
            self.is_firing.store(is_firing, Relaxed);
            self.gauge.set(u8::from(is_firing));
            if let Some(callbacks) = &self.callbacks {
                let trigger = self.name.clone();
                callbacks.call(TriggerEvent { trigger, is_firing, value, time });
            }
        }
        if let Some(callbacks) = &self.callbacks {
            callbacks.check();
        }
    }
}

impl Drop for Trigger {
    fn drop(&mut self) {
        let inner = &self.inner;
        if inner.generation != arena::generation() {
            return;
        }
        // Who looks at this moment is waited for; nobody does from then on.
        inner.has_ended.store(true, Relaxed);
        drop(lock(&inner.state));
        // Under the lock of all: who takes the name next shows its own.
        let mut all = all();
        all.retain(|known| !ptr::eq(known.as_ptr(), Arc::as_ptr(inner)));
        inner.registry.remove_series(inner.shown);
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if self.generation != arena::generation() {
            // The channel of a parent's thread may be locked by that thread, which does not exist here: it stays behind.
            std::mem::forget(self.callbacks.take());
        }
    }
}

/// All triggers of this process, in the order in which they started.
type All = PerProcess<Mutex<Vec<Weak<Inner>>>>;

fn all() -> MutexGuard<'static, Vec<Weak<Inner>>> {
    static ALL: OnceBox<All> = OnceBox::new();
    let all = ALL.get_or_init(|| Box::new(PerProcess::new(Mutex::default())));
    lock(all.get(Mutex::default))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Poison is ignored: each look leaves a whole state, and a list is whole after whatever panicked.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
