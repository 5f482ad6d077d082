//! Prometheus' formats as their readers take them: binary bodies against the text, by prost and by Google's own Python
//! package, and all of them as a real Prometheus scrapes them. `support/engines.rs` says which programs these are.

#[path = "prometheus/binary.rs"]
mod binary;
#[path = "support/engines.rs"]
mod engines;
#[path = "prometheus/hostile.rs"]
mod hostile;
#[path = "prometheus/messages.rs"]
mod messages;
#[path = "support/prometheus.rs"]
mod prometheus;
#[path = "support/random.rs"]
mod random;
#[path = "exposition/recorded.rs"]
mod recorded;
#[path = "support/responder.rs"]
mod responder;
#[path = "prometheus/scraped.rs"]
mod scraped;
#[path = "prometheus/served.rs"]
mod served;

use tachograph::{Format, Snapshot};
use tachograph_export::Protobuf;

/// A body, and its media type.
fn body(format: &str, snapshot: &Snapshot) -> (String, Vec<u8>) {
    let text = match format {
        "protobuf" => {
            let mut body = Vec::new();
            Protobuf::new().encode(snapshot, &mut body);
            return (Protobuf::CONTENT_TYPE.to_owned(), body);
        }
        "openmetrics" => Format::OpenMetrics,
        _ => Format::Prometheus,
    };
    (text.content_type().to_owned(), snapshot.render(text).into_bytes())
}

const FORMATS: [&str; 3] = ["text", "openmetrics", "protobuf"];
