//! For programs with a router of axum: the metrics of the whole program, as a handler.
//!
//! It is not tied to a version of axum: of a request it takes what `http` has types for.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, Uri};
use http_body_util::Full;

use crate::endpoint::Endpoint;
use crate::responder::Routes;
use crate::service::MetricsService;
use crate::source::Source;

/// A handler: `Router::new().route("/metrics", get(tachograph_export::axum::metrics))`.
///
/// It answers with the global registry, in whatever format is asked for, as [`Serve::serve`](crate::Serve::serve) does.
/// For a registry of one's own, or with a token, there is [`Endpoint::service`].
pub async fn metrics(method: Method, uri: Uri, headers: HeaderMap) -> Response<Full<Bytes>> {
    static SERVICE: OnceLock<MetricsService> = OnceLock::new();
    let service = SERVICE.get_or_init(|| {
        let source = Arc::new(Source::new(tachograph::registry().clone(), None));
        MetricsService::new(Endpoint::new().respond_with(source, Routes::Anywhere, None, false))
    });
    let mut request = Request::new(()).into_parts().0;
    (request.method, request.uri, request.headers) = (method, uri, headers);
    service.clone().respond(request).await
}
