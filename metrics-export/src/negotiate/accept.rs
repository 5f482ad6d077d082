//! `Accept`: which of our formats a client wants most.
//!
//! Of each format the most specific range that covers it tells how much it is wanted. The one wanted most is sent; of
//! those wanted alike the one whose range comes first, and behind a range that covers several, text comes before the
//! others. Who accepts none of them gets text.
//!
//! # Source
//!
//! [RFC 9110](https://www.rfc-editor.org/rfc/rfc9110#name-accept), section 12.5.1; what Prometheus sends stands in its
//! [content negotiation](https://prometheus.io/docs/instrumenting/content_negotiation/).

use std::cmp::Reverse;

use crate::exposition::Exposition;
use crate::negotiate::list::{Element, elements};

/// The format for a header `Accept`; empty where there is none.
pub(crate) fn choose(accept: &str) -> Exposition {
    let wanted = |exposition: &Exposition| {
        let ranges = elements(accept).enumerate().filter_map(|(place, range)| {
            let covers = covers(range, *exposition)?;
            Some((covers, Reverse(place), range.weight()))
        });
        // The most specific; of several the first.
        let (_, Reverse(place), weight) =
            ranges.max_by_key(|(covers, place, _)| (*covers, *place))?;
        (weight > 0).then_some((Reverse(weight), place))
    };
    let offers = Exposition::ALL.into_iter().enumerate();
    let wanted =
        offers.filter_map(|(place, exposition)| Some((wanted(&exposition)?, place, exposition)));
    wanted
        .min_by_key(|(wanted, place, _)| (*wanted, *place))
        .map_or(Exposition::Text, |best| best.2)
}

/// How specifically a range covers a format; None where it does not.
fn covers(range: Element<'_>, exposition: Exposition) -> Option<u8> {
    let (own_type, own_subtype) = exposition.media_type();
    let (wanted_type, wanted_subtype) = range.name.split_once('/')?;
    let is_all = wanted_type == "*" && wanted_subtype == "*";
    if is_all {
        return Some(0);
    }
    if !wanted_type.eq_ignore_ascii_case(own_type) {
        return None;
    }
    if wanted_subtype == "*" {
        return Some(1);
    }
    if !wanted_subtype.eq_ignore_ascii_case(own_subtype) {
        return None;
    }
    // A parameter that we know must be ours; others (`charset`, `escaping`) say nothing against it.
    let mut matching = 0;
    for (key, value) in range.parameters() {
        let own = exposition.parameters().iter().find(|(own, _)| key.eq_ignore_ascii_case(own));
        match own {
            Some((_, own)) if value.eq_ignore_ascii_case(own) => matching += 1,
            Some(_) => return None,
            None => {}
        }
    }
    Some(2 + matching)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Exposition::{Json, OpenMetrics, Protobuf, Text};

    const PROTOBUF: &str = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";

    #[test]
    fn what_prometheus_sends_is_answered_as_it_wants() {
        // 2.42 without and with native histograms.
        let text_first = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
        assert_eq!(choose(text_first), OpenMetrics);
        let protobuf_first = format!(
            "{PROTOBUF},application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
        );
        assert_eq!(choose(&protobuf_first), Protobuf);
        // 3.x, with protocols in the order of the configuration.
        let third = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1";
        assert_eq!(choose(third), OpenMetrics);
        let only_text = "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.4";
        assert_eq!(choose(only_text), Text);
        let protobuf = format!("{PROTOBUF};escaping=allow-utf-8;q=0.6,text/plain;q=0.5");
        assert_eq!(choose(&protobuf), Protobuf);
    }

    #[test]
    fn every_range_has_its_format() {
        let cases = [
            ("", Text),
            ("*/*", Text),
            ("text/*", Text),
            ("application/*", OpenMetrics),
            ("application/json", Json),
            ("APPLICATION/JSON, text/plain", Json),
            ("application/json;q=0.1, text/plain", Text),
            ("text/plain;version=0.0.4", Text),
            ("text/plain; version=\"0.0.4\"; charset=utf-8", Text),
            ("application/openmetrics-text", OpenMetrics),
            ("application/openmetrics-text; version=0.0.1", Text),
            ("application/openmetrics-text; version=2.0.0, text/plain; q=0.1", Text),
            // A browser.
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Text),
            // Forms of protobuf that are not ours.
            ("application/vnd.google.protobuf;encoding=text", Text),
            ("application/vnd.google.protobuf;proto=other;encoding=delimited", Text),
            // The most specific range decides, wherever it stands.
            ("*/*, text/plain;q=0", OpenMetrics),
            ("text/plain;q=0.1, */*;q=0.9", OpenMetrics),
            ("application/*;q=0.2, text/*;q=0.1, application/json;q=0.3", Json),
            // Wanted alike: the first.
            ("application/json, application/openmetrics-text", Json),
            ("application/openmetrics-text, application/json", OpenMetrics),
            // Nothing that we have, and nothing that makes sense.
            ("image/png", Text),
            ("text/plain;q=0", Text),
            ("*/*;q=0", Text),
            ("*", Text),
            (";;,/,q=1", Text),
        ];
        for (accept, expected) in cases {
            assert_eq!(choose(accept), expected, "{accept}");
        }
    }
}
