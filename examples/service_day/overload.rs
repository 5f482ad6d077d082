//! What the service does when too many wait: a collector tells how many that are, and a trigger sheds load while it fires.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use tachograph::when::value;
use tachograph::{Error, Kind, Registry, Trigger, TriggerEvent};

use crate::service::WAITING;

/// The length of the queue, as the queue itself knows it. Nothing records it: who reads the registry asks.
#[derive(Clone, Default)]
pub(crate) struct Queue(Arc<AtomicU32>);

impl Queue {
    pub(crate) fn is(&self, waiting: u32) {
        self.0.store(waiting, Relaxed);
    }

    pub(crate) fn collect(&self, registry: &Registry) -> Result<(), Error> {
        let queue = self.clone();
        registry.add_collector("queue", move |collect| {
            collect.gauge(WAITING, &[], queue.0.load(Relaxed));
        })
    }
}

/// Fires when more than 300 have waited for 15 seconds, and until they have been fewer for 30.
pub(crate) fn trigger(registry: &Registry) -> Result<(Trigger, Receiver<TriggerEvent>), Error> {
    let (tell, events) = mpsc::channel();
    let tell_resolved = tell.clone();
    let trigger = registry
        .trigger("overload")
        .new_metric(Kind::Gauge, WAITING, &[])
        .when(value().above(300.0))
        .lasting(Duration::from_secs(15))
        .keep_firing_for(Duration::from_secs(30))
        // Whoever listened may be gone.
        .on_fire(move |event| drop(tell.send(event.clone())))
        .on_resolve(move |event| drop(tell_resolved.send(event.clone())))
        .start()?;
    Ok((trigger, events))
}
