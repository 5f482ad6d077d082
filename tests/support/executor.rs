//! Two small executors: one future on this thread, and many on several.

use std::collections::VecDeque;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

/// Polls a future on this thread until it is done.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return value;
        }
        thread::park();
    }
}

/// Is pending once, and woken at once: by then another thread may be the one that polls.
pub(crate) async fn pause() {
    let mut was_polled = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut was_polled, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

type Task = Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>;

/// Several threads that poll what is spawned, the oldest first.
pub(crate) struct Executor(Arc<Queue>);

#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    ready: VecDeque<Arc<Spawned>>,
    /// Tasks that are not done.
    running: usize,
}

struct Spawned {
    task: Task,
    queue: Arc<Queue>,
}

impl Wake for Spawned {
    fn wake(self: Arc<Self>) {
        let queue = Arc::clone(&self.queue);
        queue.state.lock().unwrap().ready.push_back(self);
        queue.changed.notify_all();
    }
}

impl Executor {
    pub(crate) fn new() -> Executor {
        Executor(Arc::default())
    }

    pub(crate) fn handle(&self) -> Executor {
        Executor(Arc::clone(&self.0))
    }

    /// Begins at the next `run`, or during it. A panic ends the task and nothing else.
    pub(crate) fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        self.0.state.lock().unwrap().running += 1;
        let task = Mutex::new(Some(Box::pin(future) as Pin<Box<_>>));
        Arc::new(Spawned { task, queue: Arc::clone(&self.0) }).wake();
    }

    /// Works on so many threads until all tasks are done.
    pub(crate) fn run(&self, threads: usize) {
        thread::scope(|scope| {
            (0..threads).for_each(|_| drop(scope.spawn(|| self.work())));
        });
    }

    fn work(&self) {
        let Queue { state, changed } = &*self.0;
        loop {
            let mut queue = state.lock().unwrap();
            let spawned = loop {
                match queue.ready.pop_front() {
                    Some(spawned) => break spawned,
                    None if queue.running == 0 => return,
                    None => queue = changed.wait(queue).unwrap(),
                }
            };
            drop(queue);
            let waker = Waker::from(Arc::clone(&spawned));
            let mut task = spawned.task.lock().unwrap();
            let Some(future) = task.as_mut() else { continue };
            let poll = || future.as_mut().poll(&mut Context::from_waker(&waker));
            let polled = catch_unwind(AssertUnwindSafe(poll));
            if !matches!(polled, Ok(Poll::Pending)) {
                *task = None;
                state.lock().unwrap().running -= 1;
                changed.notify_all();
            }
        }
    }
}
