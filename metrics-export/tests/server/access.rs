//! Who is answered.

use tachograph_export::Endpoint;

use crate::ask::get;
use crate::{serve, shop};

#[test]
fn a_foreign_page_cannot_read_what_only_this_machine_reaches() {
    let (_server, address) = serve(&shop(), &Endpoint::new().allow_host("metrics.example"));
    for host in ["localhost", "localhost:1234", "127.0.0.1", "[::1]:80", "metrics.example"] {
        assert_eq!(get(address, "/metrics", &[&format!("host: {host}")]).status, 200, "{host}");
    }
    for host in ["evil.example", "evil.example:9464", "localhost.evil.example", "\u{e9}vil"] {
        let response = get(address, "/metrics", &[&format!("Host: {host}")]);
        assert_eq!(response.status, 403, "{host}");
        assert!(response.text().contains("allow_host") && !response.text().contains("orders"));
    }
    assert_eq!(get(address, "/metrics", &["host: a", "host: localhost"]).status, 400);
    assert_eq!(get(address, "http://evil.example/metrics", &[]).status, 403);
    assert_eq!(get(address, "http://localhost/metrics", &["host: evil.example"]).status, 200);
}

#[test]
fn old_clients_name_no_host_and_new_ones_must() {
    use std::io::Write;
    let (_server, address) = serve(&shop(), &Endpoint::new());
    for (version, status) in [("1.0", 200), ("1.1", 400)] {
        let mut stream = crate::client::connect(address);
        write!(stream, "GET /metrics HTTP/{version}\r\n\r\n").unwrap();
        let mut told = String::new();
        std::io::Read::read_to_string(&mut std::io::Read::take(&mut stream, 12), &mut told)
            .unwrap();
        assert_eq!(told, format!("HTTP/{version} {status}"));
    }
}

#[test]
fn a_token_opens_every_path_and_its_lack_none() {
    let (_server, address) = serve(&shop(), &Endpoint::new().bearer_token("c2VjcmV0"));
    let with = ["authorization: Bearer c2VjcmV0"];
    assert_eq!(get(address, "/metrics", &with).status, 200);
    assert_eq!(get(address, "/nowhere", &with).status, 404);
    for wrong in ["x: y", "authorization: Bearer c2VjcmV", "authorization: Basic c2VjcmV0"] {
        for target in ["/metrics", "/nowhere"] {
            let response = get(address, target, &[wrong]);
            assert_eq!(response.status, 401, "{wrong}");
            assert_eq!(response.header("www-authenticate"), Some("Bearer realm=\"metrics\""));
            assert!(!response.text().contains("c2VjcmV0"));
        }
    }
}

#[test]
fn a_password_opens_it_and_nothing_else_does() {
    let (_server, address) = serve(&shop(), &Endpoint::new().basic_auth("Aladdin", "open sesame"));
    let with = ["Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="];
    assert_eq!(get(address, "/metrics", &with).status, 200);
    let without = get(address, "/metrics", &[]);
    assert_eq!(without.status, 401);
    assert_eq!(
        without.header("www-authenticate"),
        Some("Basic realm=\"metrics\", charset=\"UTF-8\"")
    );
}

#[test]
fn a_setting_that_makes_no_sense_is_an_error_of_serving() {
    let error =
        Endpoint::new().bearer_token("two words").serve(&shop(), "127.0.0.1:0").unwrap_err();
    assert!(error.is_invalid(), "{error}");
    let error = Endpoint::new().serve(&shop(), "127.0.0.1").unwrap_err();
    assert!(error.is_invalid() && error.to_string().contains("`127.0.0.1`"), "{error}");
}

#[test]
fn beyond_this_machine_any_host_may_be_named() {
    let server = Endpoint::new().serve(&shop(), "0.0.0.0:0").unwrap();
    let mut address = server.address().unwrap();
    address.set_ip([127, 0, 0, 1].into());
    assert_eq!(get(address, "/metrics", &["host: node7.example"]).status, 200);
    // There is no page, as nobody said that there shall be one.
    assert_eq!(get(address, "/", &["host: node7.example"]).status, 404);
    assert_eq!(get(address, "/api/v1/snapshot", &["host: node7.example"]).status, 404);
}
