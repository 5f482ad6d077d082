//! Any `Accept` and `Accept-Encoding`: one of our formats, the one that it says, and gzip only where it is named.
#![no_main]

use std::sync::OnceLock;

use http::{HeaderValue, Request};
use libfuzzer_sys::fuzz_target;
use tachograph::{Format, Registry};
use tachograph_export::{Endpoint, Responder};

fn responder() -> &'static Responder {
    static RESPONDER: OnceLock<Responder> = OnceLock::new();
    RESPONDER.get_or_init(|| {
        let registry = Registry::new();
        registry.counter("orders_total", &[]).unwrap().increment(3);
        Endpoint::new().responder(&registry).unwrap()
    })
}

fuzz_target!(|said: (&[u8], &[u8])| {
    let (accept, encoding) = said;
    let values = (HeaderValue::from_bytes(accept), HeaderValue::from_bytes(encoding));
    let (Ok(accept), Ok(encoding)) = values else { return };
    let mut request = Request::new(()).into_parts().0;
    request.headers.insert("accept", accept.clone());
    request.headers.insert("accept-encoding", encoding.clone());
    let response = responder().respond(&request);
    assert_eq!(response.status(), 200);
    let found = response.headers()["content-type"].to_str().unwrap();
    let (media_type, _) = found.split_once(';').unwrap_or((found, ""));
    let offers = [
        Format::Prometheus.content_type(),
        Format::OpenMetrics.content_type(),
        Format::Json.content_type(),
    ];
    assert!(offers.contains(&found) || media_type == "application/vnd.google.protobuf", "{found}");
    // Text may be a last resort; anything else was asked for, by its name or by a range.
    let said = accept.to_str().unwrap_or("").to_ascii_lowercase();
    let is_ranged = said.contains("*/*") || said.contains("application/*");
    assert!(
        media_type == "text/plain" || is_ranged || said.contains(media_type),
        "{said:?}: {found}"
    );
    if response.headers().contains_key("content-encoding") {
        let said = encoding.to_str().unwrap().to_ascii_lowercase();
        assert!(said.contains("gzip") || said.contains('*'), "{said:?}");
        assert!(response.body().starts_with(&[0x1f, 0x8b]));
    }
});
