//! Functions whose meaning depends on the edition, plain and annotated: they do the same.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use tachograph::timed;

thread_local!(static SAID: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) });

/// Says its name when it is dropped.
struct Said(&'static str);

impl Drop for Said {
    fn drop(&mut self) {
        SAID.with(|said| said.borrow_mut().push(self.0));
    }
}

impl Said {
    fn len(&self) -> usize {
        self.0.len()
    }
}

fn said() -> Vec<&'static str> {
    SAID.with(|said| said.borrow_mut().drain(..).collect())
}

fn run<F: Future>(future: F) -> F::Output {
    let mut future = Box::pin(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return value;
        }
    }
}

macro_rules! twice {
    ($($attribute:meta),*; $sync:ident $kept:ident $lowered:ident $elided:ident $boxed:ident) => {
        $(#[$attribute])*
        fn $sync(argument: Said) -> usize {
            let _local = Said("local");
            Said("in the last expression").len() + argument.len()
        }

        $(#[$attribute])*
        #[must_use]
        async fn $kept(argument: Said) -> usize {
            let _local = Said("local");
            Said("in the last expression").len() + argument.len()
        }

        $(#[$attribute])*
        async fn $lowered(argument: Said) -> usize {
            let _local = Said("local");
            Said("in the last expression").len() + argument.len()
        }

        $(#[$attribute])*
        async fn $elided(one: &mut Vec<u8>, other: &[u8]) -> usize {
            one.extend_from_slice(other);
            one.len()
        }

        $(#[$attribute])*
        fn $boxed() -> Pin<Box<dyn Future<Output = u8>>> {
            Box::pin(async { 3 })
        }
    };
}
twice!(; plain_sync plain_kept plain_lowered plain_elided plain_boxed);
twice!(timed; timed_sync timed_kept timed_lowered timed_elided timed_boxed);
twice!(timed(outcome, in_flight); outcome_sync outcome_kept outcome_lowered outcome_elided outcome_boxed);
twice!(timed(in_flight, sample = 2); sample_sync sample_kept sample_lowered sample_elided sample_boxed);

fn main() {
    let all = [plain_sync, timed_sync, outcome_sync, sample_sync].map(|function| {
        function(Said("argument"));
        said()
    });
    assert_eq!(all[0].len(), 3);
    assert!(all.iter().all(|one| *one == all[0]), "{:?}", all);

    macro_rules! order {
        ($($name:ident)*) => {
            [$({
                run($name(Said("argument")));
                said()
            }),*]
        };
    }
    let all = order!(
        plain_kept timed_kept outcome_kept sample_kept
        plain_lowered timed_lowered outcome_lowered sample_lowered
    );
    assert!(all.iter().all(|one| *one == all[0]), "{:?}", all);

    let mut bytes = vec![1];
    assert_eq!(run(plain_elided(&mut bytes, &[2])), 2);
    assert_eq!(run(timed_elided(&mut bytes, &[2])), 3);
    assert_eq!(run(outcome_elided(&mut bytes, &[2])), 4);
    assert_eq!(run(sample_elided(&mut bytes, &[2])), 5);
    assert_eq!(run(plain_boxed()) + run(timed_boxed()) + run(outcome_boxed()) + run(sample_boxed()), 12);
    in_this_edition();
}
