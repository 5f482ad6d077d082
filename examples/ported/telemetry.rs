//! What the metrics of this program are, and those that are read elsewhere.

use tachograph::{Unit, counter, describe_counter, describe_gauge, describe_histogram};

use crate::store::Store;
use crate::worker::Step;

pub(crate) const JOBS_TOTAL: &str = "jobs_total";
pub(crate) const KIND: &str = "kind";

const STORED_TOTAL: &str = "store_bytes_total";

/// Describes what the places that record do not describe themselves.
pub(crate) fn describe() {
    describe_counter!(JOBS_TOTAL, "Attempts, by kind of job and outcome.");
    describe_counter!("jobs_attempts_total", "Attempts, by their number after the first.");
    describe_counter!("jobs_bytes_total", Unit::Bytes, "What was worked on.");
    describe_counter!("customer_jobs_total", Unit::Count, "Jobs, by who asked for them.");
    describe_counter!(STORED_TOTAL, Unit::Bytes, "What was stored.");
    describe_gauge!("queue_capacity", "Jobs that can wait.");
    describe_gauge!("queue_depth", Unit::Count, "Jobs that wait.");
    describe_histogram!("queue_wait_seconds", Unit::Seconds, "How long jobs waited.");
    describe_histogram!("job_seconds", Unit::Seconds, "How long attempts took.");
    for step in Step::ALL {
        let text = format!("How long jobs took to {}.", step.name());
        describe_histogram!(format!("job_{}_seconds", step.name()), Unit::Seconds, text);
    }
}

/// Takes over what the store counted.
pub(crate) fn collect(store: &Store) {
    counter!("store_objects_total", "store" => "results").absolute(store.objects());
    counter!(STORED_TOTAL, "store" => "results").absolute(store.bytes());
}
