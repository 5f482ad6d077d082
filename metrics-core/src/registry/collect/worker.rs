//! The thread that runs the collectors of a registry.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use super::{Collector, Failed, FailureReason};
use crate::registry::Registry;

/// A thread that runs one collector after the other, until this is dropped; it ends then by itself, since whoever drops it may be
/// a collector.
#[derive(Debug)]
pub(super) struct Worker {
    jobs: Sender<(Registry, Arc<Collector>)>,
    done: Receiver<Result<(), Failed>>,
}

impl Worker {
    pub(super) fn start() -> io::Result<Worker> {
        let (jobs, asked) = mpsc::channel::<(Registry, Arc<Collector>)>();
        let (answer, done) = mpsc::channel();
        thread::Builder::new().name("tachograph-collect".to_owned()).spawn(move || {
            for (registry, collector) in asked {
                let result = collector.run(&registry);
                // Before anybody goes on: these may be the last ones.
                drop((registry, collector));
                // Nobody listens any more to who was too late.
                let _ = answer.send(result);
            }
        })?;
        Ok(Worker { jobs, done })
    }

    /// Runs a collector. The thread comes back unless it is left behind in it.
    pub(super) fn run(
        self,
        registry: &Registry,
        collector: &Arc<Collector>,
        deadline: Duration,
    ) -> (Option<Worker>, Option<Failed>) {
        let lost = |message: String| (None, Some((FailureReason::Deadline, message)));
        if self.jobs.send((registry.clone(), Arc::clone(collector))).is_err() {
            return lost("its thread has ended".to_owned());
        }
        match self.done.recv_timeout(deadline) {
            Ok(result) => (Some(self), result.err()),
            Err(RecvTimeoutError::Timeout) => lost(format!("it took longer than {deadline:?}")),
            Err(RecvTimeoutError::Disconnected) => lost("its thread has ended".to_owned()),
        }
    }
}
