//! Whatever can be a request's head: it has a response, of a status that is meant, and nothing of it is recorded.
#![no_main]

use std::sync::OnceLock;

use http::{Method, Request, Uri, Version};
use libfuzzer_sys::fuzz_target;
use tachograph::Registry;
use tachograph_export::{Endpoint, Responder};

fn registry() -> &'static Registry {
    static REGISTRY: OnceLock<Registry> = OnceLock::new();
    REGISTRY.get_or_init(|| {
        let registry = Registry::new();
        registry.counter("orders_total", &[("shop", "north")]).unwrap().increment(3);
        registry.histogram("basket_euros", &[]).unwrap().record(19.5);
        registry
    })
}

/// One that answers everybody, and two that ask for a secret.
fn responders() -> &'static [Responder; 3] {
    static RESPONDERS: OnceLock<[Responder; 3]> = OnceLock::new();
    RESPONDERS.get_or_init(|| {
        [Endpoint::new(), Endpoint::new().bearer_token("abc"), Endpoint::new().basic_auth("a", "b")]
            .map(|endpoint| endpoint.responder(registry()).unwrap())
    })
}

fuzz_target!(|bytes: &[u8]| {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut parsed = httparse::Request::new(&mut headers);
    if !parsed.parse(bytes).is_ok_and(|status| status.is_complete()) {
        return;
    }
    let mut request = Request::new(()).into_parts().0;
    let Ok(method) = Method::try_from(parsed.method.unwrap_or("")) else { return };
    let Ok(uri) = Uri::try_from(parsed.path.unwrap_or("")) else { return };
    request.method = method;
    request.uri = uri;
    request.version = if parsed.version == Some(0) { Version::HTTP_10 } else { Version::HTTP_11 };
    for header in parsed.headers.iter() {
        let name = http::HeaderName::from_bytes(header.name.as_bytes());
        let value = http::HeaderValue::from_bytes(header.value);
        if let (Ok(name), Ok(value)) = (name, value) {
            request.headers.append(name, value);
        }
    }
    for (place, responder) in responders().iter().enumerate() {
        let response = responder.respond(&request);
        let is_known = match response.status().as_u16() {
            200 | 405 | 413 => true,
            401 => place > 0,
            _ => false,
        };
        assert!(is_known, "{} for {request:?}", response.status());
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    }
    assert_eq!(registry().snapshot().series().len(), 2);
});
