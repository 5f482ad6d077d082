//! The page that people look at, and the JSON that it asks for.

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY};
use http::{HeaderValue, Response, StatusCode};

use crate::{api, exposition, page};

/// What the page may do: run its own files, and ask where it came from.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// From so many bytes on an answer is compressed, for who takes that.
const WORTH_COMPRESSING: usize = 2 << 10;

/// What stands before the paths of the JSON.
const API: &str = "/api/";

/// True where the page or its JSON is at that path.
pub(super) fn is_at(path: &str) -> bool {
    path.starts_with(API) || is_file(path)
}

/// True where one of the page's own files is.
pub(super) fn is_file(path: &str) -> bool {
    page::file(path).is_some()
}

/// What is there. `takes_gzip` says whether to compress it.
pub(super) fn response(
    source: &api::Source,
    path: &str,
    query: &str,
    takes_gzip: bool,
) -> Response<Bytes> {
    let (status, media_type, body) = if let Some(path) = path.strip_prefix(API) {
        let answer = source.answer(path, query);
        let status = StatusCode::from_u16(answer.status);
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, "application/json", Bytes::from(answer.body))
    } else {
        match page::file(path) {
            Some(file) => (StatusCode::OK, file.media_type, Bytes::from_static(file.body)),
            None => (StatusCode::NOT_FOUND, "text/plain; charset=utf-8", Bytes::new()),
        }
    };
    let is_page = media_type.starts_with("text/html");
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if is_page {
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    }
    if takes_gzip && response.body().len() >= WORTH_COMPRESSING {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        *response.body_mut() = exposition::compress(response.body());
    }
    response
}
