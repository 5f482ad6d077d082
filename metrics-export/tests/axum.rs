//! Metrics in a program's own server.

use std::net::SocketAddr;

use axum::Router;
use axum::routing::get;
use tachograph::Registry;
use tachograph_export::Endpoint;

#[path = "support/ask.rs"]
mod ask;
#[path = "support/client.rs"]
mod client;

/// Serves a router on a thread of its own.
fn serve(router: Router) -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            axum::serve(listener, router).await.unwrap();
        });
    });
    address
}

#[test]
fn a_handler_answers_as_the_server_does() {
    tachograph::counter!("handled_total").increment(3);
    let address = serve(Router::new().route("/metrics", get(tachograph_export::axum::metrics)));
    let response = ask::get(address, "/metrics?name[]=handled_total", &["host: any.example"]);
    let expected = "# TYPE handled_total counter\nhandled_total 3\n";
    assert_eq!((response.status, response.text()), (200, expected));
    let packed = ask::get(
        address,
        "/metrics",
        &["accept: application/openmetrics-text", "accept-encoding: gzip"],
    );
    let body = String::from_utf8(ask::unpacked(&packed.body)).unwrap();
    assert!(body.contains("handled_total 3\n") && body.ends_with("# EOF\n"));
    let head = ask::ask(address, "HEAD", "/metrics", &[]);
    assert_eq!((head.status, head.body.len()), (200, 0));
}

#[test]
fn a_service_has_its_registry_and_its_token_at_whatever_path() {
    let registry = Registry::new();
    registry.counter("own_total", &[]).unwrap().increment(1);
    let service = Endpoint::new().bearer_token("abc").service(&registry).unwrap();
    let router = Router::new()
        .route_service("/internal/prometheus", service.clone())
        .nest_service("/nested", service);
    let address = serve(router);
    for target in ["/internal/prometheus", "/nested/deeper"] {
        let response = ask::get(address, target, &["authorization: Bearer abc"]);
        assert_eq!(response.text(), "# TYPE own_total counter\nown_total 1\n", "{target}");
        assert_eq!(ask::get(address, target, &[]).status, 401);
        let posted = ask::ask(address, "POST", target, &["authorization: Bearer abc"]);
        assert_eq!((posted.status, posted.header("allow")), (405, Some("GET, HEAD")));
    }
}
