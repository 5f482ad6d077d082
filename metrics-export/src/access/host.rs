//! Which hosts a request may name.
//!
//! What listens on loopback alone is out of reach for everybody else, except by way of a browser on the same machine: a
//! page of theirs whose name is made to mean 127.0.0.1 is of the same origin as the server then, and may read what it
//! says. The host that such a request names gives it away, since that is the page's own.

use std::net::{IpAddr, Ipv6Addr};

/// The hosts that are answered.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hosts {
    /// Lower case. Beside these are all that mean this machine, and all addresses.
    more: Vec<String>,
}

impl Hosts {
    /// One more, as it stands in requests, with or without a port, which is not looked at. What is none allows nobody.
    pub(crate) fn push(&mut self, host: &str) {
        self.more.extend(name_of(host));
    }

    /// True for a host as a request names it: `localhost`, an address, or one that was allowed, with or without a port.
    pub(crate) fn allow(&self, authority: &str) -> bool {
        let Some(host) = name_of(authority) else { return false };
        // An address is what it says; only names can be made to mean another.
        let is_address = host.parse::<IpAddr>().is_ok() || is_bracketed_address(&host);
        let is_local = host == "localhost" || host.ends_with(".localhost");
        is_address || is_local || self.more.contains(&host)
    }
}

/// The host of `host:port` as it is compared: in lower case, and without the dot at its end.
fn name_of(authority: &str) -> Option<String> {
    let host = host_of(authority)?.trim_end_matches('.').to_ascii_lowercase();
    (!host.is_empty()).then_some(host)
}

/// The host of `host:port`, where the port makes sense.
fn host_of(authority: &str) -> Option<&str> {
    let (host, port) = match authority.rfind(']') {
        Some(end) => authority.split_at(end + 1),
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let is_port = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let has_port = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
    (has_port && !host.is_empty()).then_some(host)
}

fn is_bracketed_address(host: &str) -> bool {
    let address = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    address.is_some_and(|text| text.parse::<Ipv6Addr>().is_ok())
}

/// True for an address that only this machine reaches.
#[cfg(feature = "serve")]
pub(crate) fn is_loopback_address(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_whose_name_means_this_machine_is_told_by_that_name() {
        let mut hosts = Hosts::default();
        hosts.push("Metrics.Example.");
        hosts.push("proxy.example:8080");
        hosts.push("");
        for own in [
            "localhost",
            "LOCALHOST:9464",
            "localhost.",
            "app.localhost:80",
            "127.0.0.1:9464",
            "127.0.0.1",
            "[::1]:9464",
            "[::1]",
            "10.0.0.7:9464",
            "metrics.example",
            "metrics.example.:443",
            "proxy.example",
            "proxy.example:80",
        ] {
            assert!(hosts.allow(own), "{own}");
        }
        for foreign in [
            "",
            ".",
            ":9464",
            "evil.example",
            "evil.example:9464",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "notlocalhost",
            "localhost:80:80",
            "localhost:port",
            "[::1].evil.example",
            "[evil.example]",
            "user@localhost",
            "127.0.0.1@evil.example",
        ] {
            assert!(!hosts.allow(foreign), "{foreign}");
        }
    }

    #[cfg(feature = "serve")]
    #[test]
    fn loopback_is_told_from_what_others_reach() {
        for own in ["127.0.0.1", "127.3.2.1", "::1", "::ffff:127.0.0.1"] {
            assert!(is_loopback_address(own.parse().unwrap()), "{own}");
        }
        for other in ["0.0.0.0", "::", "10.0.0.1", "128.0.0.1", "::ffff:10.0.0.1"] {
            assert!(!is_loopback_address(other.parse().unwrap()), "{other}");
        }
    }
}
