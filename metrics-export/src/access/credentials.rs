//! A bearer token, or a name and a password.
//!
//! They are compared in a time that depends on neither, up to their greatest length.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use subtle::ConstantTimeEq;

use crate::error::Error;

/// What all secrets are compared in.
const MAX_BYTES: usize = 512;

/// What a request must know.
#[derive(Clone)]
pub(crate) struct Credentials {
    /// What stands in the header behind the scheme: the token, or `name:password` before its encoding.
    secret: Padded,
    scheme: Scheme,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Bearer,
    Basic,
}

/// A text with its length, in as many bytes whatever its length is.
#[derive(Clone)]
struct Padded {
    bytes: [u8; MAX_BYTES],
    length: u64,
}

impl Credentials {
    pub(crate) fn bearer(token: &str) -> Result<Credentials, Error> {
        // RFC 6750, section 2.1.
        let is_of_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
        if token.is_empty() || !token.bytes().all(is_of_token) {
            return Err(Error::invalid(
                "a bearer token is letters, digits and `-._~+/=`, and not empty".to_owned(),
            ));
        }
        Credentials::new(token.as_bytes(), Scheme::Bearer)
    }

    pub(crate) fn basic(name: &str, password: &str) -> Result<Credentials, Error> {
        // RFC 7617, section 2.
        if name.contains(':') || name.chars().chain(password.chars()).any(char::is_control) {
            return Err(Error::invalid(format!(
                "the user `{}` or its password has a control character, or the user a colon",
                name.escape_debug()
            )));
        }
        if name.is_empty() && password.is_empty() {
            return Err(Error::invalid("a user and a password are not both empty"));
        }
        Credentials::new(format!("{name}:{password}").as_bytes(), Scheme::Basic)
    }

    fn new(secret: &[u8], scheme: Scheme) -> Result<Credentials, Error> {
        let secret = Padded::new(secret).ok_or_else(|| {
            let bytes = secret.len();
            Error::invalid(format!(
                "a token or password takes {bytes} bytes, and {MAX_BYTES} at most"
            ))
        })?;
        Ok(Credentials { secret, scheme })
    }

    /// True for the header `Authorization` of who knows them.
    pub(crate) fn are_in(&self, authorization: &str) -> bool {
        let Some((scheme, given)) = authorization.split_once(' ') else { return false };
        if !scheme.eq_ignore_ascii_case(self.scheme.as_str()) {
            return false;
        }
        let given = match self.scheme {
            Scheme::Bearer => Padded::new(given.trim().as_bytes()),
            Scheme::Basic => STANDARD.decode(given.trim()).ok().and_then(|text| Padded::new(&text)),
        };
        given.is_some_and(|given| given.is(&self.secret))
    }

    /// What a refusal asks for, as a header `WWW-Authenticate`.
    pub(crate) const fn challenge(&self) -> &'static str {
        match self.scheme {
            Scheme::Bearer => "Bearer realm=\"metrics\"",
            Scheme::Basic => "Basic realm=\"metrics\", charset=\"UTF-8\"",
        }
    }
}

impl Scheme {
    const fn as_str(self) -> &'static str {
        match self {
            Scheme::Bearer => "Bearer",
            Scheme::Basic => "Basic",
        }
    }
}

impl Padded {
    /// None for what is longer than all can be.
    fn new(text: &[u8]) -> Option<Padded> {
        let mut bytes = [0; MAX_BYTES];
        bytes.get_mut(..text.len())?.copy_from_slice(text);
        Some(Padded { bytes, length: text.len() as u64 })
    }

    fn is(&self, other: &Padded) -> bool {
        (self.bytes.ct_eq(&other.bytes) & self.length.ct_eq(&other.length)).into()
    }
}

impl fmt::Debug for Credentials {
    /// Without what nobody shall read in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("scheme", &self.scheme).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_knows_the_token_is_known() {
        let token = Credentials::bearer("abc123").unwrap();
        for known in ["Bearer abc123", "bearer abc123", "BEARER  abc123 "] {
            assert!(token.are_in(known), "{known}");
        }
        for unknown in [
            "",
            "Bearer",
            "Bearer ",
            "Bearer abc12",
            "Bearer abc1234",
            "Bearer ABC123",
            "Basic abc123",
        ] {
            assert!(!token.are_in(unknown), "{unknown}");
        }
        let zeros = format!("Bearer abc123{}", "\0".repeat(8));
        assert!(!token.are_in(&zeros));
        assert!(!token.are_in(&format!("Bearer {}", "x".repeat(4_000))));
    }

    #[test]
    fn only_who_knows_the_password_is_known() {
        let user = Credentials::basic("Aladdin", "open sesame").unwrap();
        assert!(user.are_in("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
        for unknown in [
            "Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ",
            "Basic QWxhZGRpbjo=",
            "Basic ====",
            "Basic",
        ] {
            assert!(!user.are_in(unknown), "{unknown}");
        }
        // A colon belongs to the password.
        assert!(Credentials::basic("a", "b:c").unwrap().are_in("Basic YTpiOmM="));
    }

    #[test]
    fn what_no_header_can_carry_is_refused_without_being_told() {
        for token in ["", "two words", "größe", "a\n", &"x".repeat(513)] {
            let error = Credentials::bearer(token).unwrap_err();
            assert!(error.is_invalid() && (token.is_empty() || !error.to_string().contains(token)));
        }
        assert!(Credentials::basic("a:b", "").unwrap_err().to_string().contains("`a:b`"));
        let error = Credentials::basic("name", "secret\n").unwrap_err();
        assert!(error.is_invalid() && !error.to_string().contains("secret"));
        assert!(Credentials::basic("", &"x".repeat(512)).is_err());
        // As two variables give that are not set.
        assert!(Credentials::basic("", "").unwrap_err().is_invalid());
        let shown = format!("{:?}", Credentials::bearer("abc123").unwrap());
        assert!(shown.contains("Bearer") && !shown.contains("abc123"), "{shown}");
    }
}
