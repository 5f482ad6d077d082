//! A job queue that was written for the `metrics` crate, and runs with `tachograph`.
//!
//! ```text
//! cargo run --release --example ported
//! ```
//!
//! It uses what programs use of `metrics` 0.24: names that are literals, constants or made by `format!`,
//! labels in every shape that `metrics` takes, descriptions with units, levels and targets. On the way here
//! `use metrics::` became `use tachograph::`, and nothing else changed; `tests/ported.rs` changes that back
//! and hands the files to the compiler together with `metrics` itself. Only `output.rs` is of
//! `tachograph`: it stands where an exporter was installed.
//!
//! What became of the jobs goes to stdout and is the same in every run. What was recorded goes to stderr.

mod job;
mod ledger;
mod output;
mod queue;
mod store;
mod telemetry;
mod worker;

use std::thread;

use crate::job::Job;
use crate::ledger::Ledger;
use crate::queue::Queue;
use crate::store::Store;

const JOBS: u32 = 3_000;
const WORKERS: usize = 4;
const CAPACITY: usize = 64;

fn main() {
    let _output = output::begin();
    telemetry::describe();

    let queue = Queue::new(CAPACITY);
    let store = Store::default();
    let ledger = thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS)
            .map(|number| {
                let (queue, store) = (&queue, &store);
                scope.spawn(move || worker::run(number, queue, store))
            })
            .collect();
        for number in 0..JOBS {
            queue.push(Job::new(number));
        }
        queue.close();
        let mut ledger = Ledger::default();
        for worker in workers {
            ledger.absorb(&worker.join().expect("a worker does not panic"));
        }
        ledger
    });
    telemetry::collect(&store);
    print!("{ledger}");
}
