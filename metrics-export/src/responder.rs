//! From a request's head to a response: who may ask, what there is, and in which format.
//!
//! It has no socket and no runtime. A request's body is never looked at, and nothing of a request is recorded.

#[cfg(feature = "serve")]
mod page;
mod refusal;

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, REFERRER_POLICY, TRANSFER_ENCODING, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, Version};

use crate::access::{Credentials, Hosts};
use crate::exposition;
use crate::negotiate;
use crate::protobuf::Protobuf;
use crate::source::Source;
use refusal::Refusal;

/// Of everything that is no part of the page.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";

/// Answers requests, whatever they come by: for who has an HTTP server that is none of tower's or axum's.
///
/// # Examples
///
/// ```
/// use tachograph_export::Endpoint;
///
/// let registry = tachograph::Registry::new();
/// registry.counter("orders_total", &[])?.increment(3);
/// let responder = Endpoint::new().responder(&registry)?;
///
/// let request = http::Request::get("/metrics").header("accept", "application/openmetrics-text");
/// let response = responder.respond(&request.body(())?.into_parts().0);
/// assert_eq!(response.status(), 200);
/// assert!(response.body().starts_with(b"# TYPE orders counter\norders_total 3\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Responder {
    pub(crate) source: Arc<Source>,
    pub(crate) protobuf: Protobuf,
    /// None where everybody may ask.
    pub(crate) credentials: Option<Credentials>,
    /// None where a request may name any host.
    pub(crate) hosts: Option<Hosts>,
    pub(crate) routes: Routes,
}

/// What there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Routes {
    /// Metrics, at every path.
    Anywhere,
    /// Metrics at `/metrics`, and nothing else.
    #[cfg(feature = "serve")]
    Metrics,
    /// Beside them the page, and what it asks for.
    #[cfg(feature = "serve")]
    Page,
}

/// What a path means.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Route {
    Metrics,
    #[cfg(feature = "serve")]
    Page,
}

/// What becomes of a request.
pub(crate) enum Step {
    /// It took no time: why it is refused, or a file of the page.
    Done(Response<Bytes>),
    /// The response is to be [put together](Responder::put_together).
    Work(Route),
}

impl Responder {
    /// The response to a request with that head. It takes as long as collectors and encoders do.
    pub fn respond(&self, request: &Parts) -> Response<Bytes> {
        match self.begin(request) {
            Step::Done(response) => response,
            Step::Work(route) => self.put_together(request, route),
        }
    }

    /// All that takes no time.
    pub(crate) fn begin(&self, request: &Parts) -> Step {
        match self.admit(request) {
            #[cfg(feature = "serve")]
            Ok(Route::Page) if page::is_file(request.uri.path()) && !self.compresses(request) => {
                Step::Done(self.put_together(request, Route::Page))
            }
            Ok(route) => Step::Work(route),
            Err(refusal) => Step::Done(careful(refusal.response(has_body(request)))),
        }
    }

    /// The response to a request that is for that.
    pub(crate) fn put_together(&self, request: &Parts, route: Route) -> Response<Bytes> {
        careful(match route {
            Route::Metrics => self.metrics(request),
            #[cfg(feature = "serve")]
            Route::Page => self.page(request),
        })
    }

    /// What is asked for, or why it is refused, from who may know least to who may know most.
    fn admit(&self, request: &Parts) -> Result<Route, Refusal> {
        if let Some(hosts) = &self.hosts {
            check_host(hosts, request)?;
        }
        if let Some(credentials) = &self.credentials {
            let given = text(&request.headers, AUTHORIZATION);
            if !given.is_some_and(|given| credentials.are_in(given)) {
                return Err(Refusal::Unknown(credentials.challenge()));
            }
        }
        let route = self.route(request.uri.path())?;
        if request.method != Method::GET && request.method != Method::HEAD {
            return Err(Refusal::Method);
        }
        if has_body(request) {
            return Err(Refusal::Body);
        }
        Ok(route)
    }

    #[cfg(feature = "serve")]
    fn page(&self, request: &Parts) -> Response<Bytes> {
        let (path, query) = (request.uri.path(), request.uri.query().unwrap_or(""));
        page::response(self.source.api(), path, query, self.compresses(request))
    }

    /// True where what belongs to the page is compressed: on the same machine that would only take the program's time.
    #[cfg(feature = "serve")]
    fn compresses(&self, request: &Parts) -> bool {
        self.hosts.is_none() && negotiate::takes_gzip(&all_of(&request.headers, ACCEPT_ENCODING))
    }

    fn route(&self, path: &str) -> Result<Route, Refusal> {
        match (self.routes, path) {
            (Routes::Anywhere, _) => Ok(Route::Metrics),
            #[cfg(feature = "serve")]
            (Routes::Metrics | Routes::Page, "/metrics") => Ok(Route::Metrics),
            #[cfg(feature = "serve")]
            (Routes::Page, path) if page::is_at(path) => Ok(Route::Page),
            #[cfg(feature = "serve")]
            (Routes::Metrics | Routes::Page, _) => Err(Refusal::Path),
        }
    }

    fn metrics(&self, request: &Parts) -> Response<Bytes> {
        let exposition = negotiate::choose(&all_of(&request.headers, ACCEPT));
        let names = names_of(request.uri.query().unwrap_or(""));
        let body = self.source.encoded(|renderer, room| {
            exposition::encode(renderer, exposition, self.protobuf, &names, room)
        });
        let mut response = Response::new(Bytes::new());
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(exposition.content_type()));
        headers.insert(VARY, HeaderValue::from_static("accept, accept-encoding"));
        *response.body_mut() = if negotiate::takes_gzip(&all_of(&request.headers, ACCEPT_ENCODING))
        {
            response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            exposition::compress(&body)
        } else {
            body.into()
        };
        response
    }
}

/// The response where putting one together panicked.
#[cfg(any(feature = "serve", feature = "tower"))]
pub(crate) fn failed() -> Response<Bytes> {
    careful(Refusal::Panicked.response(false))
}

/// The response where nobody can put one together at the moment.
#[cfg(any(feature = "serve", feature = "tower"))]
pub(crate) fn busy() -> Response<Bytes> {
    careful(Refusal::Busy.response(false))
}

/// With what keeps a browser from making something else of it.
fn careful(mut response: Response<Bytes>) -> Response<Bytes> {
    for (name, value) in [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
        (CONTENT_SECURITY_POLICY, NOTHING),
    ] {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// The families that a query `name[]=a&name[]=b` asks for; none where it asks for all.
fn names_of(query: &str) -> HashSet<Cow<'_, str>> {
    let pairs = form_urlencoded::parse(query.as_bytes());
    pairs.filter(|(key, _)| key == "name[]").map(|(_, name)| name).collect()
}

/// Refuses a request whose host is not ours.
fn check_host(hosts: &Hosts, request: &Parts) -> Result<(), Refusal> {
    let mut said = request.headers.get_all(HOST).iter();
    let host = match (said.next(), said.next()) {
        // The whole address in the first line goes before the header.
        _ if request.uri.authority().is_some() => request.uri.authority().map(|it| it.as_str()),
        (Some(host), None) => host.to_str().ok(),
        // Before 1.1, nobody had to name one, and no browser is so old.
        (None, _) if request.version < Version::HTTP_11 => return Ok(()),
        _ => return Err(Refusal::NoHost),
    };
    if host.is_some_and(|host| hosts.allow(host)) { Ok(()) } else { Err(Refusal::ForeignHost) }
}

/// True for a request that announces a body.
fn has_body(request: &Parts) -> bool {
    let length = request.headers.get(CONTENT_LENGTH).map(HeaderValue::as_bytes);
    request.headers.contains_key(TRANSFER_ENCODING) || length.is_some_and(|length| length != b"0")
}

/// The value of a header that is text.
fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// All values of a header that is a list, as one list.
fn all_of(headers: &HeaderMap, name: HeaderName) -> String {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.collect::<Vec<_>>().join(",")
}

#[cfg(all(test, feature = "serve"))]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_put_together_is_as_careful_as_the_rest() {
        for (response, status) in [(failed(), 500), (busy(), 503)] {
            assert_eq!(response.status(), status);
            assert_eq!(response.headers()[X_CONTENT_TYPE_OPTIONS], "nosniff");
            assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
        }
    }
}
