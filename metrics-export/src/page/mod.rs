//! The live page: files that are part of the program, and ask for nothing from elsewhere.
//!
//! They are written as they are served: no build step, and no code of others. `index.html` is what is there without data,
//! `page.css` how it looks, and the modules of `main.js` ask `/api/v1` and show what it says, as text.

/// One file of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct File {
    /// What HTTP calls its content type.
    pub(crate) media_type: &'static str,
    pub(crate) body: &'static [u8],
}

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// Every file by the path that it is served at.
const FILES: &[(&str, &str, &[u8])] = &[
    ("/", HTML, include_bytes!("index.html")),
    ("/page.css", CSS, include_bytes!("page.css")),
    ("/icon.svg", SVG, include_bytes!("icon.svg")),
    ("/main.js", JS, include_bytes!("main.js")),
    ("/feed.js", JS, include_bytes!("feed.js")),
    ("/strip.js", JS, include_bytes!("strip.js")),
    ("/view.js", JS, include_bytes!("view.js")),
    ("/rows.js", JS, include_bytes!("rows.js")),
    ("/table.js", JS, include_bytes!("table.js")),
    ("/charts.js", JS, include_bytes!("charts.js")),
    ("/detail.js", JS, include_bytes!("detail.js")),
    ("/kept.js", JS, include_bytes!("kept.js")),
    ("/human.js", JS, include_bytes!("human.js")),
];

/// The file at that path.
pub(crate) fn file(path: &str) -> Option<File> {
    let (_, media_type, body) = FILES.iter().find(|(known, ..)| *known == path)?;
    Some(File { media_type, body })
}

#[cfg(test)]
mod tests;
