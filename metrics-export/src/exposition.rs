//! The formats of a scrape, and a body in one of them.
//!
//! What was recorded so far and what is wanted of it become bytes.

use std::borrow::Cow;
use std::collections::HashSet;
use std::io::Write;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use tachograph::{Format, Renderer};

use crate::protobuf::Protobuf;

/// A format that a scrape is answered in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exposition {
    Text,
    OpenMetrics,
    Protobuf,
    Json,
}

impl Exposition {
    /// In the order in which they are offered to who takes whatever comes.
    pub(crate) const ALL: [Exposition; 4] =
        [Exposition::Text, Exposition::OpenMetrics, Exposition::Protobuf, Exposition::Json];

    /// Type and subtype.
    pub(crate) const fn media_type(self) -> (&'static str, &'static str) {
        match self {
            Exposition::Text => ("text", "plain"),
            Exposition::OpenMetrics => ("application", "openmetrics-text"),
            Exposition::Protobuf => ("application", "vnd.google.protobuf"),
            Exposition::Json => ("application", "json"),
        }
    }

    /// The parameters that tell it from other formats of the same media type.
    pub(crate) const fn parameters(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Exposition::Text => &[("version", "0.0.4")],
            Exposition::OpenMetrics => &[("version", "1.0.0")],
            Exposition::Protobuf => {
                &[("proto", "io.prometheus.client.MetricFamily"), ("encoding", "delimited")]
            }
            Exposition::Json => &[],
        }
    }

    /// As a header `Content-Type` has it.
    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Exposition::Text => Format::Prometheus.content_type(),
            Exposition::OpenMetrics => Format::OpenMetrics.content_type(),
            Exposition::Protobuf => Protobuf::CONTENT_TYPE,
            Exposition::Json => Format::Json.content_type(),
        }
    }
}

/// Appends the body in that format: all families, or those of which `names` has the name or that of a sample.
pub(crate) fn encode(
    renderer: &mut Renderer,
    exposition: Exposition,
    protobuf: Protobuf,
    names: &HashSet<Cow<'_, str>>,
    room: Vec<u8>,
) -> Vec<u8> {
    let is_asked = |name: &str| names.is_empty() || names.contains(name);
    let format = match exposition {
        Exposition::Text => Format::Prometheus,
        Exposition::OpenMetrics => Format::OpenMetrics,
        Exposition::Json => Format::Json,
        Exposition::Protobuf => {
            let mut body = room;
            protobuf.encode_matching(renderer.read(), &is_asked, &mut body);
            return body;
        }
    };
    // It is empty.
    let mut body = String::from_utf8(room).unwrap_or_default();
    if names.is_empty() {
        renderer.write_to(format, &mut body);
    } else {
        renderer.read().write_matching(format, &is_asked, &mut body);
    }
    body.into_bytes()
}

/// As gzip, with the least effort: a body is sent every few seconds, and mostly to the next machine.
pub(crate) fn compress(body: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    // Writing to memory does not fail.
    let _ = encoder.write_all(body);
    encoder.finish().unwrap_or_default().into()
}
