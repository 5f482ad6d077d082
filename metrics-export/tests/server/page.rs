//! The page and its JSON, as a browser gets them.

use tachograph_export::Endpoint;

use crate::ask::{ask, get, unpacked};
use crate::{serve, shop};

#[test]
fn the_page_may_run_its_own_files_and_nothing_else() {
    let (_server, address) = serve(&shop(), &Endpoint::new());
    let page = get(address, "/", &[]);
    assert_eq!(page.status, 200);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    let policy = page.header("content-security-policy").unwrap();
    for part in
        ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"]
    {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    for (path, media_type) in [
        ("/main.js", "text/javascript; charset=utf-8"),
        ("/page.css", "text/css; charset=utf-8"),
        ("/icon.svg", "image/svg+xml"),
        ("/api/v1/overview", "application/json"),
    ] {
        let response = get(address, path, &[]);
        assert_eq!((response.status, response.header("content-type")), (200, Some(media_type)));
        assert_eq!(response.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(response.header("cache-control"), Some("no-store"), "{path}");
        let policy = response.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("script"), "{path}");
    }
}

#[test]
fn the_json_answers_questions_and_changes_nothing() {
    let registry = shop();
    let (_server, address) = serve(&registry, &Endpoint::new());
    let known = get(address, "/api/v1/window?name=orders_total&label.shop=north", &[]);
    assert!(known.text().contains("\"kind\":\"counter\""), "{}", known.text());
    assert_eq!(get(address, "/api/v1/window?name=orders_total", &[]).status, 404);
    let refused = get(address, "/api/v1/overview?window=-1", &[]);
    assert_eq!((refused.status, refused.header("content-type")), (400, Some("application/json")));
    assert!(refused.text().contains("`-1` is no window"), "{}", refused.text());
    for method in ["POST", "PUT", "DELETE"] {
        assert_eq!(ask(address, method, "/api/v1/overview", &[]).status, 405, "{method}");
    }
    let head = ask(address, "HEAD", "/api/v1/overview", &[]);
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(get(address, "/api/v1/overview", &["host: evil.example"]).status, 403);
    let series = registry.snapshot().series().len();
    assert_eq!(series, 3, "nothing that was asked is a series");
}

#[test]
fn there_is_no_page_where_it_is_not_wanted() {
    let (_server, address) = serve(&shop(), &Endpoint::new().page(false));
    for path in ["/", "/main.js", "/api/v1/overview"] {
        assert_eq!(get(address, path, &[]).status, 404, "{path}");
    }
    assert_eq!(get(address, "/metrics", &[]).status, 200);
}

#[test]
fn answers_are_compressed_for_who_comes_from_elsewhere() {
    let registry = shop();
    for number in 0..100 {
        let number = number.to_string();
        registry.counter("pages_total", &[("page", &number)]).unwrap().increment(1);
    }
    let (_server, address) = serve(&registry, &Endpoint::new());
    let near = get(address, "/api/v1/overview", &["accept-encoding: gzip"]);
    assert_eq!(near.header("content-encoding"), None, "that would only take time");
    let everywhere = Endpoint::new().page(true).quiet(true);
    let server = everywhere.serve(&registry, "0.0.0.0:0").unwrap();
    let port = server.address().unwrap().port();
    let far = get(([127, 0, 0, 1], port).into(), "/api/v1/overview", &["accept-encoding: gzip"]);
    assert_eq!(far.header("content-encoding"), Some("gzip"));
    let text = String::from_utf8(unpacked(&far.body)).unwrap();
    assert!(text.starts_with("{\"instance\":"), "{text}");
}
