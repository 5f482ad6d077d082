//! What the page is made of, as far as that can be seen without a browser: `tests/page.rs` of the workspace drives one.

use std::collections::BTreeSet;

use super::*;

/// The most that all files take together, in bytes.
const ROOM: usize = 150 << 10;

fn texts() -> impl Iterator<Item = (&'static str, &'static str)> {
    FILES.iter().map(|(path, _, body)| (*path, std::str::from_utf8(body).unwrap()))
}

#[test]
fn the_page_is_small() {
    let all: usize = FILES.iter().map(|(_, _, body)| body.len()).sum();
    assert!(all < ROOM, "{all} bytes");
}

#[test]
fn every_file_that_a_file_names_is_served_and_every_one_served_is_named() {
    let mut named = BTreeSet::from(["/".to_owned()]);
    for (path, text) in texts() {
        for quote in text.split('"').skip(1).step_by(2) {
            let name = quote.strip_prefix("./").unwrap_or(quote);
            let is_file = [".js", ".css", ".svg"].iter().any(|end| name.ends_with(end));
            if is_file && !name.contains(' ') {
                let name = format!("/{name}");
                assert!(file(&name).is_some(), "{path} names {name}");
                named.insert(name);
            }
        }
    }
    let served: BTreeSet<String> = FILES.iter().map(|(path, ..)| (*path).to_owned()).collect();
    assert_eq!(named, served);
    assert_eq!(file("/nothing"), None);
    assert_eq!(file("/index.html"), None, "one address for one page");
    assert_eq!(file("/page.css").unwrap().media_type, "text/css; charset=utf-8");
}

#[test]
fn nothing_comes_from_elsewhere_and_no_text_becomes_markup() {
    for (path, text) in texts() {
        let addresses = text.match_indices("://").map(|(at, _)| {
            let start = text[..at].rfind(['"', '\'', '(', ' ']).map_or(0, |quote| quote + 1);
            text[start..].split(['"', '\'', ')', ' ', '\n']).next().unwrap()
        });
        for address in addresses {
            assert_eq!(address, "http://www.w3.org/2000/svg", "{path}");
        }
        for way in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "Function(",
            "DOMParser",
            "setHTML",
            "srcdoc",
            "createContextualFragment",
            "cssText",
            "WebSocket",
            "localStorage",
            "sendBeacon",
        ] {
            assert!(!text.contains(way), "{path} has {way}");
        }
    }
    let (_, html) = texts().next().unwrap();
    // The policy under which it is served refuses both.
    assert!(!html.contains("style=") && !html.contains(" on"), "styles and handlers in markup");
    assert!(!html.contains("<style"));
    assert_eq!(html.matches("<script").count(), 1);
    assert!(html.contains("<script type=\"module\" src=\"main.js\"></script>"));
}

#[test]
fn no_file_is_long() {
    for (path, text) in texts() {
        assert!(text.lines().count() < 500, "{path}");
        assert!(text.ends_with('\n') && !text.contains('\r') && !text.contains('\t'), "{path}");
    }
}
