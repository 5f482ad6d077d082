//! Bodies that are put together on threads of their own, a few at once, so that no runtime waits for collectors and encoders.
//!
//! The threads are none of a runtime's pool: one that cannot be had is an answer here, and a panic there.

use std::sync::Arc;
use std::thread;

use bytes::Bytes;
use http::Response;
use http::request::Parts;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::responder::{self, Responder, Route, Step};

/// Bodies that are put together at once.
const AT_ONCE: usize = 2;

/// The name of the threads.
pub(crate) const THREAD: &str = "tachograph-serve";

/// Held while a body is put together.
pub(crate) type Turn = OwnedSemaphorePermit;

/// A responder, and whose turn it is to be answered by it.
#[derive(Debug)]
pub(crate) struct Bodies {
    responder: Arc<Responder>,
    turns: Arc<Semaphore>,
}

impl Bodies {
    pub(crate) fn new(responder: Responder) -> Bodies {
        Bodies { responder: Arc::new(responder), turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// The response to a request where that takes no time; otherwise what there is to be done for it.
    pub(crate) fn begin(&self, request: &Parts) -> Step {
        self.responder.begin(request)
    }

    /// When it is the caller's turn.
    pub(crate) async fn turn(&self) -> Option<Turn> {
        // It is never closed.
        Arc::clone(&self.turns).acquire_owned().await.ok()
    }

    /// What there is to be done for a request.
    pub(crate) async fn put_together(
        &self,
        request: Parts,
        route: Route,
        turn: Turn,
    ) -> Response<Bytes> {
        let (tell, told) = oneshot::channel();
        let responder = Arc::clone(&self.responder);
        let work = move || {
            let response = responder.put_together(&request, route);
            drop(turn);
            // It fails where nobody waits for it any more.
            let _ = tell.send(response);
        };
        match thread::Builder::new().name(THREAD.to_owned()).spawn(work) {
            // Nothing is told where it panicked.
            Ok(_) => told.await.unwrap_or_else(|_| responder::failed()),
            Err(_) => responder::busy(),
        }
    }
}
