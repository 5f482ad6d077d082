//! Workers: each takes jobs from the queue, and does them one after the other.

use std::collections::HashMap;
use std::time::Instant;

use tachograph::{Label, Level, Unit, counter, gauge, histogram};

use crate::job::{ATTEMPTS_MAX, Job, Outcome};
use crate::ledger::Ledger;
use crate::queue::Queue;
use crate::store::Store;
use crate::telemetry::{JOBS_TOTAL, KIND};

/// What all workers have in common.
static LABELS: [Label; 1] = [Label::from_static_parts("queue", "main")];

/// What is done of a job, one after the other.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step {
    Decode,
    Transform,
    Store,
}

impl Step {
    pub(crate) const ALL: [Step; 3] = [Step::Decode, Step::Transform, Step::Store];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Step::Decode => "decode",
            Step::Transform => "transform",
            Step::Store => "store",
        }
    }
}

/// Works until the queue is closed and empty. Returns what became of the jobs.
pub(crate) fn run(number: usize, queue: &Queue, store: &Store) -> Ledger {
    gauge!(description: "Workers that run.", "workers", LABELS.iter()).increment(1.0);
    let busy = gauge!("worker_busy", "worker" => format!("worker-{number}"));
    let mut ledger = Ledger::default();
    while let Some(job) = queue.pop() {
        busy.set(1.0);
        let customer = HashMap::from([("customer", job.customer())]);
        counter!("customer_jobs_total", &customer).increment(1);
        for attempt in 1..=ATTEMPTS_MAX {
            let outcome = try_once(&job, attempt, store);
            ledger.add(job.kind, outcome);
            if outcome != Outcome::Retried {
                break;
            }
        }
        busy.set(0.0);
    }
    gauge!("workers", LABELS.iter()).decrement(1.0);
    ledger
}

/// One attempt.
fn try_once(job: &Job, attempt: u32, store: &Store) -> Outcome {
    let began = Instant::now();
    counter!("jobs_attempts_total", job.labels(attempt)).increment(1);
    counter!("jobs_bytes_total", KIND => job.kind.name()).increment(job.payload.len() as _);

    let decoded = timed(Step::Decode, || job.payload.iter().rev().copied().collect::<Vec<u8>>());
    let result = timed(Step::Transform, || transform(&decoded));
    let outcome = job.outcome(attempt);
    if outcome == Outcome::Done {
        timed(Step::Store, || store.put(&result));
    }

    let labels = [(KIND, job.kind.name().to_owned()), ("outcome", outcome.name().to_owned())];
    counter!(JOBS_TOTAL, &labels).increment(1);
    histogram!(
        description: "Sizes of what attempts made.",
        unit: Unit::Bytes,
        target: "worker",
        level: Level::TRACE,
        "job_result_bytes",
        KIND => job.kind.name(),
    )
    .record(result.len() as f64);
    histogram!("job_seconds", KIND => job.kind.name()).record(began.elapsed());
    outcome
}

/// Does a step, and records how long it took.
fn timed<T>(step: Step, work: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let done = work();
    histogram!(format!("job_{}_seconds", step.name())).record(began.elapsed().as_secs_f64());
    done
}

/// Some arithmetic on each byte, 16 bytes to one.
fn transform(bytes: &[u8]) -> Vec<u8> {
    let mix = |sum: u32, byte: &u8| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    bytes.chunks(16).map(|chunk| chunk.iter().fold(0x811c_9dc5, mix).to_le_bytes()[0]).collect()
}
