//! Why a request is not answered: a status, and a line for who reads it.

use bytes::Bytes;
use http::header::{ALLOW, CONNECTION, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, Response, StatusCode};

/// What stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    NoHost,
    ForeignHost,
    /// Who asks, of whom this is asked.
    Unknown(&'static str),
    #[cfg(feature = "serve")]
    Path,
    Method,
    Body,
    #[cfg(any(feature = "serve", feature = "tower"))]
    Panicked,
    #[cfg(any(feature = "serve", feature = "tower"))]
    Busy,
}

impl Refusal {
    fn status(self) -> StatusCode {
        match self {
            Refusal::NoHost => StatusCode::BAD_REQUEST,
            Refusal::ForeignHost => StatusCode::FORBIDDEN,
            Refusal::Unknown(_) => StatusCode::UNAUTHORIZED,
            #[cfg(feature = "serve")]
            Refusal::Path => StatusCode::NOT_FOUND,
            Refusal::Method => StatusCode::METHOD_NOT_ALLOWED,
            Refusal::Body => StatusCode::PAYLOAD_TOO_LARGE,
            #[cfg(any(feature = "serve", feature = "tower"))]
            Refusal::Panicked => StatusCode::INTERNAL_SERVER_ERROR,
            #[cfg(any(feature = "serve", feature = "tower"))]
            Refusal::Busy => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn reason(self) -> &'static str {
        match self {
            Refusal::NoHost => "a request names one host\n",
            Refusal::ForeignHost => {
                "this server answers to `localhost` and to addresses; \
                 the program can allow other hosts, with `Endpoint::allow_host`\n"
            }
            Refusal::Unknown(_) => {
                "the token or password that this server asks for is missing or wrong\n"
            }
            #[cfg(feature = "serve")]
            Refusal::Path => "there is nothing here; metrics are at /metrics\n",
            Refusal::Method => "metrics can be read, and nothing else\n",
            Refusal::Body => "a request for metrics has no body\n",
            #[cfg(any(feature = "serve", feature = "tower"))]
            Refusal::Panicked => "the metrics could not be put together\n",
            #[cfg(any(feature = "serve", feature = "tower"))]
            Refusal::Busy => {
                "others are being answered for too long, or the program can have no more threads; ask again later\n"
            }
        }
    }

    /// What a client needs to know beside the reason.
    fn header(self) -> Option<(HeaderName, &'static str)> {
        match self {
            Refusal::Unknown(challenge) => Some((WWW_AUTHENTICATE, challenge)),
            Refusal::Method => Some((ALLOW, "GET, HEAD")),
            _ => None,
        }
    }

    /// The response. After it the connection ends where a body stands in the way of the next request.
    pub(super) fn response(self, has_body: bool) -> Response<Bytes> {
        let mut response = Response::new(Bytes::from_static(self.reason().as_bytes()));
        *response.status_mut() = self.status();
        let mut set = |name, value| {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        };
        set(CONTENT_TYPE, "text/plain; charset=utf-8");
        if let Some((name, value)) = self.header() {
            set(name, value);
        }
        if has_body {
            set(CONNECTION, "close");
        }
        response
    }
}
