//! Metrics as a service of tower, for who has a server already.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tower_service::Service;

use crate::bodies::Bodies;
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::responder::{self, Responder, Step};
use crate::served::Served;

/// Answers every request with metrics: a service to mount at `/metrics`.
///
/// The body is put together on a thread of its own, two at once; where no thread can be had it is a 503. It has no
/// other limits of its own: those of the server that it is part of hold. Requests may name any host, as that server lets them.
///
/// # Examples
///
/// ```
/// use http::Request;
/// use tachograph_export::Endpoint;
/// use tower_service::Service;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// tachograph::counter!("orders_total").increment(3);
/// let mut metrics = Endpoint::new().service(tachograph::registry())?;
/// // router.route_service("/metrics", metrics)
///
/// let request = Request::get("/metrics").body(()).unwrap();
/// let response = metrics.call(request).await.unwrap();
/// assert_eq!(response.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
/// # Ok::<(), tachograph_export::Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct MetricsService {
    bodies: Arc<Bodies>,
}

impl Endpoint {
    /// A service that answers with the metrics of a recording or registry, with the settings that make sense there: formats
    /// and credentials.
    ///
    /// # Errors
    ///
    /// When a setting makes no sense.
    pub fn service(&self, served: &impl Served) -> Result<MetricsService, Error> {
        Ok(MetricsService::new(self.responder(served)?))
    }
}

impl MetricsService {
    pub(crate) fn new(responder: Responder) -> MetricsService {
        MetricsService { bodies: Arc::new(Bodies::new(responder)) }
    }

    /// The response to a request, of which only the head counts.
    pub(crate) async fn respond(self, request: http::request::Parts) -> Response<Full<Bytes>> {
        let response = match self.bodies.begin(&request) {
            Step::Done(response) => response,
            Step::Work(route) => match self.bodies.turn().await {
                Some(turn) => self.bodies.put_together(request, route, turn).await,
                None => responder::busy(),
            },
        };
        response.map(Full::new)
    }
}

impl<B> Service<Request<B>> for MetricsService {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (service, head) = (self.clone(), request.into_parts().0);
        Box::pin(async move { Ok(service.respond(head).await) })
    }
}

impl fmt::Debug for MetricsService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MetricsService").finish_non_exhaustive()
    }
}
