//! What really happened, kept as plainly as can be, so that every figure that is shown can be checked.

use std::ops::Range;

use tachograph::Span;

use crate::clock::{DAY, second_of};
use crate::service::{Request, Status};

/// Half a bucket: by as much a quantile may be off.
const HALF_A_BUCKET: f64 = 0.0109;

/// Of each second of the day, all requests.
pub(crate) struct Ledger {
    requests: Vec<Vec<Request>>,
}

impl Ledger {
    pub(crate) fn new() -> Ledger {
        Ledger { requests: vec![Vec::new(); DAY as usize] }
    }

    pub(crate) fn note(&mut self, second: u32, request: &Request) {
        self.requests[second as usize].push(request.clone());
    }

    /// What a tick ends with belongs to the second before it.
    fn seconds(span: Span) -> Range<usize> {
        second_of(span.from()) as usize..second_of(span.to()) as usize
    }

    fn within(&self, span: Span) -> impl Iterator<Item = &Request> {
        self.requests[Ledger::seconds(span)].iter().flatten()
    }

    /// Checks how many requests there were, by how they went.
    pub(crate) fn check_counts(&self, span: Span, found: [u64; 3]) {
        let count = |status| self.within(span).filter(|one| one.status == status).count() as u64;
        assert_eq!(found, Status::ALL.map(count), "{span:?}");
    }

    /// Checks a quantile of all durations, in seconds.
    pub(crate) fn check_quantile(&self, span: Span, q: f64, found: Option<f64>) {
        let mut all: Vec<f64> = self.within(span).map(|one| one.took.as_secs_f64()).collect();
        all.sort_by(f64::total_cmp);
        let rank = ((q * all.len() as f64 - 1e-9).ceil() as usize).max(1);
        let exact = all.get(rank - 1).copied();
        let is_near = match (found, exact) {
            // A timer counts in ticks of the processor's clock, some tens of nanoseconds at most.
            (Some(found), Some(exact)) => (found - exact).abs() <= HALF_A_BUCKET * exact + 1e-7,
            (None, None) => true,
            _ => false,
        };
        assert!(is_near, "{span:?}: {q} is {found:?}, and was {exact:?}");
    }

    /// What the largest orders were, the largest one first.
    pub(crate) fn largest_orders(&self, span: Span, count: usize) -> Vec<f64> {
        let mut all: Vec<f64> = self.within(span).filter_map(|one| one.euros).collect();
        all.sort_by(|one, other| other.total_cmp(one));
        all.truncate(count);
        all
    }
}
