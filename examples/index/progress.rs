//! The progress bar, for eyes only.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar on stderr over so many files; it draws nothing where stderr is no terminal.
pub(crate) fn bar(files: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} files, {eta} left");
    ProgressBar::new(files as u64).with_style(style.expect("the template is a constant"))
}
