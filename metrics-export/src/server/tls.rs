//! TLS around a connection, by rustls.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::server::listener::Stream;

impl Endpoint {
    /// Speaks HTTPS, with the certificates and the key in these two PEM files: the server's own certificate first, then
    /// those that signed it.
    ///
    /// The files are read here, once; a program that wants others starts another server. Clients are not asked for
    /// certificates: [`tls_config`](Endpoint::tls_config) can.
    ///
    /// # Errors
    ///
    /// When a file cannot be read, holds nothing of its kind, or the key is none of the certificate.
    pub fn tls(
        self,
        certificates: impl AsRef<Path>,
        key: impl AsRef<Path>,
    ) -> Result<Endpoint, Error> {
        let (certificates, key) = (certificates.as_ref(), key.as_ref());
        let refused = |path: &Path, error: &dyn fmt::Display| {
            Error::invalid(format!("cannot use `{}` for TLS: {error}", path.display()))
        };
        let chain = CertificateDer::pem_file_iter(certificates)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| refused(certificates, &error))?;
        if chain.is_empty() {
            return Err(refused(certificates, &"it holds no certificate in PEM"));
        }
        let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| refused(key, &error))?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, secret))
            .map_err(|error| refused(key, &error))?;
        Ok(self.tls_config(Arc::new(config)))
    }

    /// Speaks HTTPS as a configuration of rustls has it, which may ask clients for certificates, or take new certificates
    /// while it runs. Of the protocols that it offers clients a choice of, HTTP/1.1 is left, which is all that is spoken.
    pub fn tls_config(mut self, mut config: Arc<ServerConfig>) -> Endpoint {
        if !config.alpn_protocols.is_empty() {
            Arc::make_mut(&mut config).alpn_protocols = vec![b"http/1.1".to_vec()];
        }
        self.listening.tls = Some(config);
        self
    }
}

/// The connection inside, when both sides have agreed.
pub(super) async fn accept(
    config: &Arc<ServerConfig>,
    stream: Box<dyn Stream>,
) -> io::Result<Box<dyn Stream>> {
    Ok(Box::new(TlsAcceptor::from(Arc::clone(config)).accept(stream).await?))
}
