//! Programs of others that tests ask: Prometheus and its promtool, Python with packages of PyPI, node with playwright-core, and
//! Chromium.
//!
//! A variable of the environment may name each of them (`TACHOGRAPH_PYTHON`, `TACHOGRAPH_PROMTOOL`, `TACHOGRAPH_PROMETHEUS`,
//! `TACHOGRAPH_NODE`, `TACHOGRAPH_PLAYWRIGHT`, `TACHOGRAPH_CHROMIUM`); without it the usual name is tried. Where there is none, a test says so and checks nothing,
//! unless `TACHOGRAPH_REQUIRE_ENGINES=1`.

use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// More than any engine takes for one body.
const PATIENCE: Duration = Duration::from_secs(120);

/// A program that runs with these arguments.
pub(crate) fn engine(
    variable: &str,
    usual: &str,
    arguments: &[&str],
    what: &str,
) -> Option<String> {
    let program = std::env::var(variable).unwrap_or_else(|_| usual.to_owned());
    let output = Command::new(&program).args(arguments).stdin(Stdio::null()).output();
    if output.as_ref().is_ok_and(|output| output.status.success()) {
        return Some(program);
    }
    assert!(!is_required(), "`{program}` has no {what}: {output:?}");
    eprintln!("skipped: `{program}` has no {what}; {variable} may name another one");
    None
}

fn is_required() -> bool {
    std::env::var("TACHOGRAPH_REQUIRE_ENGINES").is_ok_and(|value| value == "1")
}

/// Waits for a child, but not for ever.
pub(crate) fn finish(child: Child) -> Output {
    let (sender, receiver) = mpsc::channel();
    let waiting = thread::spawn(move || sender.send(child.wait_with_output()));
    let output = receiver.recv_timeout(PATIENCE).expect("the engine does not end").unwrap();
    waiting.join().unwrap().unwrap();
    output
}
