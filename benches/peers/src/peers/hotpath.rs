//! `hotpath`: timed functions, whose durations a thread in the background adds up.
//!
//! A batch is a run of its profiler, from the guard to the report, so that all the work that the calls
//! leave to that thread is counted.

use std::cell::{Cell, RefCell};
use std::fs;
use std::path::Path;
use std::rc::Rc;

use hotpath::{Format, HotpathGuard, HotpathGuardBuilder};

use crate::case::{Case, Column, Peer, nothing};

pub fn peer() -> Peer {
    let report = std::env::temp_dir().join(format!("tachograph-peers-{}.json", std::process::id()));
    let guard: Rc<RefCell<Option<HotpathGuard>>> = Rc::default();
    let calls = Rc::new(Cell::new(0));
    let start = {
        let (guard, report) = (guard.clone(), report.clone());
        move || {
            let builder = HotpathGuardBuilder::new("batch").format(Format::Json);
            *guard.borrow_mut() = Some(builder.output_path(&report).build());
        }
    };
    let finish = {
        let calls = calls.clone();
        move || {
            *guard.borrow_mut() = None;
            calls.set(calls.get() + calls_in(&report));
        }
    };
    let case = Case::new(Column::Timer, |_| timed_call(), move || calls.get());
    let cases = vec![case.around(start, finish)];
    Peer { title: "hotpath", packages: &["hotpath"], cases, exposition: None }
}

#[hotpath::measure]
fn timed_call() {
    nothing();
}

/// How often `timed_call` was called, as a report says, which is removed.
fn calls_in(report: &Path) -> u64 {
    let text = fs::read_to_string(report).expect("a report");
    fs::remove_file(report).expect("the report to be removable");
    let report: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let functions = report["functions_timing"]["data"].as_array().expect("functions");
    let name = |function: &serde_json::Value| function["name"].as_str().map(str::to_owned);
    let own = functions.iter().find(|f| name(f).is_some_and(|name| name.ends_with("timed_call")));
    own.unwrap_or_else(|| panic!("no function in {text}"))["calls"].as_u64().expect("a number")
}
