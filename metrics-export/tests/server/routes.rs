//! What there is, in which format, and what is said of the rest.

use tachograph::Format;
use tachograph_export::Endpoint;

use crate::ask::{ask, get, unpacked};
use crate::{serve, shop};

#[test]
fn metrics_come_in_the_format_that_is_asked_for() {
    let registry = shop();
    let (_server, address) = serve(&registry, &Endpoint::new());
    let text = Format::Prometheus;
    for (accept, format) in [
        ("accept: */*", text),
        ("accept: text/plain;version=0.0.4;q=0.5,*/*;q=0.1", text),
        (
            "accept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5",
            Format::OpenMetrics,
        ),
        ("accept: application/json", Format::Json),
        ("x: y", text),
    ] {
        let response = get(address, "/metrics", &[accept]);
        assert_eq!(response.status, 200);
        assert_eq!(response.header("content-type"), Some(format.content_type()), "{accept}");
        assert_eq!(response.header("vary"), Some("accept, accept-encoding"));
        assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(response.header("cache-control"), Some("no-store"));
        if format != Format::Json {
            assert_eq!(response.text(), registry.render(format));
        }
    }
    // Two fields are one list.
    let response = get(address, "/metrics", &["accept: image/png", "accept: application/json"]);
    assert_eq!(response.header("content-type"), Some("application/json"));
}

#[test]
fn gzip_is_for_who_takes_it() {
    let registry = shop();
    let (_server, address) = serve(&registry, &Endpoint::new());
    let packed = get(address, "/metrics", &["accept-encoding: gzip"]);
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert_eq!(unpacked(&packed.body), registry.render(Format::Prometheus).into_bytes());
    let plain = get(address, "/metrics", &["accept-encoding: br, gzip;q=0"]);
    assert_eq!(plain.header("content-encoding"), None);
}

#[test]
fn a_head_is_that_of_the_body() {
    let registry = shop();
    let (_server, address) = serve(&registry, &Endpoint::new());
    let (head, whole) = (ask(address, "HEAD", "/metrics", &[]), get(address, "/metrics", &[]));
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), whole.header("content-length"));
    assert_eq!(head.header("content-type"), whole.header("content-type"));
}

#[test]
fn some_families_alone_can_be_asked_for() {
    let registry = shop();
    let (_server, address) = serve(&registry, &Endpoint::new());
    let part = get(address, "/metrics?name[]=orders_total&name%5B%5D=queue_depth&x=y", &[]);
    let expected = "# TYPE orders_total counter\norders_total{shop=\"north\"} 3\n\
                    # TYPE queue_depth gauge\nqueue_depth 4\n";
    assert_eq!(part.text(), expected);
    let many: String = (0..1_000).map(|number| format!("name[]=a{number}&")).collect();
    let last = get(address, &format!("/metrics?{many}name[]=queue_depth"), &[]);
    assert_eq!(last.text(), "# TYPE queue_depth gauge\nqueue_depth 4\n");
    // By the name of one of its samples.
    let histogram = get(address, "/metrics?name[]=basket_euros_sum", &[]);
    assert!(histogram.text().starts_with("# TYPE basket_euros histogram\n"));
    assert!(!histogram.text().contains("orders"));
    assert_eq!(get(address, "/metrics?name[]=unknown", &[]).text(), "");
    let openmetrics = ["accept: application/openmetrics-text"];
    assert_eq!(get(address, "/metrics?name[]=unknown", &openmetrics).text(), "# EOF\n");
}

#[test]
fn the_rest_is_refused_with_what_would_do() {
    let (_server, address) = serve(&shop(), &Endpoint::new().page(false));
    for target in
        ["/", "/metric", "/metrics/", "/METRICS", "/metrics/../x", "/api/v1/snapshot", "/%00"]
    {
        let response = get(address, target, &[]);
        assert_eq!(response.status, 404, "{target}");
        assert!(response.text().contains("/metrics"));
        assert_eq!(response.header("content-type"), Some("text/plain; charset=utf-8"));
    }
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW"] {
        let response = ask(address, method, "/metrics", &[]);
        assert_eq!(response.status, 405, "{method}");
        assert_eq!(response.header("allow"), Some("GET, HEAD"));
        assert_eq!(
            response.header("content-security-policy").map(|it| &it[..18]),
            Some("default-src 'none'")
        );
    }
}
