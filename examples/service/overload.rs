//! Sheds what is slow while answers are slow.

use std::time::Duration;

use tachograph::when::quantile;
use tachograph::{Error, Kind, Registry, Trigger};

/// Fires while one answer in a hundred took longer than 50 ms for some time.
pub(crate) fn trigger(registry: &Registry) -> Result<Trigger, Error> {
    let function = [("function", "service::protocol::answer")];
    registry
        .trigger("slow_answers")
        .new_metric(Kind::Timer, "function_duration_seconds", &function)
        .when(quantile(0.99).over(Duration::from_secs(60)).above(0.05))
        .lasting(Duration::from_secs(10))
        .on_fire(|event| eprintln!("slow: p99 is {:?} s", event.value()))
        .on_resolve(|_| eprintln!("fast again"))
        .start()
}
