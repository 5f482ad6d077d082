//! `Accept-Encoding`: whether gzip is taken.

use crate::negotiate::list::elements;

/// True when gzip is wanted at least as much as the body as it is. Nothing said means no.
pub(crate) fn takes_gzip(accept_encoding: &str) -> bool {
    let weight = |name: &str| {
        let found = elements(accept_encoding).find(|one| one.name.eq_ignore_ascii_case(name));
        found.map(|one| one.weight())
    };
    let all = weight("*");
    let gzip = weight("gzip").or(weight("x-gzip")).or(all).unwrap_or(0);
    // The body as it is can always be sent, and need not be named.
    let identity = weight("identity").unwrap_or(1);
    gzip > 0 && gzip >= identity
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_to_who_asks_for_it() {
        let takers = ["gzip", "GZIP", "deflate, gzip;q=0.5", "*", "gzip, identity;q=0.5", "x-gzip"];
        for header in takers {
            assert!(takes_gzip(header), "{header}");
        }
        let others =
            ["", "identity", "br", "gzip;q=0", "*;q=0", "gzip;q=0, *", "gzip;q=0.1, identity"];
        for header in others {
            assert!(!takes_gzip(header), "{header}");
        }
    }
}
