//! HTTPS.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, StreamOwned};
use tachograph::Registry;
use tachograph_export::Endpoint;

#[path = "support/client.rs"]
mod client;

/// A certificate for `localhost`, and the files that hold it and its key.
struct Identity {
    folder: PathBuf,
    certificate: rcgen::Certificate,
}

impl Identity {
    fn new(test: &str) -> Identity {
        let folder =
            std::env::temp_dir().join(format!("tachograph-tls-{test}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
        fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        Identity { folder, certificate: made.cert }
    }

    fn endpoint(&self) -> Endpoint {
        let (cert, key) = (self.folder.join("cert.pem"), self.folder.join("key.pem"));
        Endpoint::new().quiet(true).tls(cert, key).unwrap()
    }
}

impl Drop for Identity {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn a_client_that_trusts_the_certificate_is_answered() {
    let identity = Identity::new("trusts");
    let registry = Registry::new();
    registry.counter("orders_total", &[]).unwrap().increment(3);
    let server = identity.endpoint().serve(&registry, "127.0.0.1:0").unwrap();
    let address = server.address().unwrap();

    let mut roots = RootCertStore::empty();
    roots.add(identity.certificate.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = StreamOwned::new(connection, client::connect(address));
    for _ in 0..2 {
        write!(stream, "GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
        let response = client::read(&mut stream, false);
        assert_eq!(response.text(), "# TYPE orders_total counter\norders_total 3\n");
    }
    write!(stream, "GET /metrics HTTP/1.1\r\nhost: evil.example\r\n\r\n").unwrap();
    assert_eq!(client::read(&mut stream, false).status, 403);
}

#[test]
fn who_speaks_no_tls_or_says_nothing_keeps_nobody_out() {
    let identity = Identity::new("plain");
    let timeout = std::time::Duration::from_millis(200);
    let endpoint = identity.endpoint().request_timeout(timeout);
    let server = endpoint.serve(&Registry::new(), "127.0.0.1:0").unwrap();
    let address = server.address().unwrap();
    let mut plain = client::connect(address);
    plain.write_all(b"GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    let mut silent = client::connect(address);
    for stream in [&mut plain, &mut silent] {
        let mut came = Vec::new();
        let _ = std::io::Read::read_to_end(stream, &mut came);
        assert!(!came.starts_with(b"HTTP"), "{came:?}");
    }
    server.stop();
}

#[test]
fn files_that_will_not_do_are_named() {
    let identity = Identity::new("files");
    let (cert, key) = (identity.folder.join("cert.pem"), identity.folder.join("key.pem"));
    let empty = identity.folder.join("empty.pem");
    fs::write(&empty, "").unwrap();
    for (cert, key, named) in [
        (&empty, &key, "empty.pem"),
        (&cert, &empty, "empty.pem"),
        (&identity.folder.join("none.pem"), &key, "none.pem"),
        (&cert, &identity.folder.join("none.pem"), "none.pem"),
        (&key, &key, "key.pem"),
    ] {
        let error = Endpoint::new().tls(cert, key).unwrap_err();
        assert!(error.is_invalid() && error.to_string().contains(named), "{error}");
    }
    // A key that belongs to another certificate.
    let other = Identity::new("other");
    let error = Endpoint::new().tls(&cert, other.folder.join("key.pem")).unwrap_err();
    assert!(error.is_invalid(), "{error}");
}

#[test]
fn a_client_that_could_speak_http_2_is_told_what_is_spoken() {
    let identity = Identity::new("alpn");
    let read = |file: &str| identity.folder.join(file);
    let chain = vec![CertificateDer::from_pem_file(read("cert.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_file(read("key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    // As a program has it for its own server.
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let endpoint = Endpoint::new().quiet(true).tls_config(Arc::new(config));
    let server = endpoint.serve(&Registry::new(), "127.0.0.1:0").unwrap();

    let mut roots = RootCertStore::empty();
    roots.add(identity.certificate.der().clone()).unwrap();
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let name = ServerName::try_from("localhost").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = StreamOwned::new(connection, client::connect(server.address().unwrap()));
    write!(stream, "GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    assert_eq!(client::read(&mut stream, false).status, 200);
    assert_eq!(stream.conn.alpn_protocol(), Some(&b"http/1.1"[..]));
}
